/** The latest events in plain sentences, newest first, with a line where an episode begins. Hovering an event names its cause. */
import type { ScenarioInfo } from '@kinovox/world';
import { eventSentence } from '../event-sentences.js';
import type { WorldEvent } from '../world-model.js';
import { element } from './element.js';

const MOST_LINES = 60;

export class EventFeed {
  readonly root: HTMLElement;
  readonly #list = element('ol', { class: 'events', ariaLive: 'off' });
  #info: ScenarioInfo | undefined;
  /** Events, and numbers of episodes that begin, that wait for the next drawing: a fast batch brings more than a page should lay out. */
  #pending: (WorldEvent | number)[] = [];
  showQuiet = false;

  constructor() {
    this.root = element('section', { class: 'panel feed' }, element('header', {}, element('h2', {}, 'Events')), this.#list);
  }

  setScenario(info: ScenarioInfo): void {
    this.#info = info;
    this.reset([]);
  }

  /** Begins anew with these events, oldest first. */
  reset(events: readonly WorldEvent[]): void {
    this.#list.replaceChildren();
    this.#pending = events.slice(-MOST_LINES);
  }

  /** Marks that an episode begins; what came before stays, so that its end can be read. */
  beginEpisode(episode: number): void {
    this.#pending.push(episode);
  }

  push(events: readonly WorldEvent[]): void {
    this.#pending.push(...events);
    if (this.#pending.length > 4 * MOST_LINES) this.#pending = this.#pending.slice(-MOST_LINES);
  }

  /** Adds what has arrived; call a few times a second. */
  draw(): void {
    if (this.#info === undefined || this.#pending.length === 0) return;
    const lines: HTMLElement[] = [];
    for (const event of this.#pending) {
      if (typeof event === 'number') {
        // The newest is on top, so an episode's events stand above the line where it began.
        lines.unshift(element('li', { class: 'episode' }, `start of episode ${event + 1}`));
        continue;
      }
      const { text, tone } = eventSentence(event, this.#info);
      if (tone === 'quiet' && !this.showQuiet) continue;
      const line = element(
        'li',
        { class: tone, title: `Event ${event.id}${event.parent >= 0 ? `, caused by event ${event.parent}` : ''}` },
        element('time', {}, String(event.tick)),
        element('span', {}, text),
      );
      lines.unshift(line);
    }
    this.#pending = [];
    this.#list.prepend(...lines.slice(0, MOST_LINES));
    while (this.#list.childElementCount > MOST_LINES) this.#list.lastElementChild!.remove();
  }
}
