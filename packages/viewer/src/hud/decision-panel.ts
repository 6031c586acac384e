/**
 * What language agents were told, thought and called: lanes along the ticks of the episode, and a list, newest first, whose chosen entry is shown whole.
 * Everything that models wrote goes in as text and never as markup. Hidden while there is nothing to show.
 */
import type { DecisionNote, ScenarioInfo } from '@kinovox/world';
import type { DecisionLog, Moment } from '../decision-log.js';
import { DECISION_TONES, decisionHeadline, spendingWords, wordsSaid } from '../decision-sentences.js';
import { DecisionLanes } from './decision-lanes.js';
import { element, setText } from './element.js';

/** Value of the choice of everybody. */
const EVERYBODY = 'all';

/** What people do in it. */
export interface DecisionActions {
  choose(entry: DecisionNote): void;
  /** Somebody wants to say something to the agents. */
  speak(): void;
}

export class DecisionPanel {
  readonly root: HTMLElement;
  /** Whether it is wanted; it is shown where there is something to show, too. */
  isOn = true;
  readonly #log: DecisionLog;
  readonly #actions: DecisionActions;
  readonly #who = element('select', { ariaLabel: 'Whose decisions', title: 'Whose decisions', on: { change: () => (this.#drawn = '') } });
  readonly #speak = element(
    'button',
    { type: 'button', class: 'text-button', title: 'Speak to language agents (M)', on: { click: () => this.#actions.speak() } },
    'Speak',
  );
  readonly #lanes = new DecisionLanes((entry) => this.#choose(entry));
  readonly #remark = element('p', { class: 'muted' });
  readonly #list = element('ol', { class: 'events' });
  /** By entry and not by number: a copy of a world goes on with numbers that its row uses, too. */
  #lines = new WeakMap<DecisionNote, HTMLElement>();
  #starts = new Map<number, HTMLElement>();
  #info: ScenarioInfo | undefined;
  /** Key of the entry that is shown whole. */
  #chosen: string | undefined;
  /** What the list shows. */
  #drawn = '';
  #numPast = -1;

  constructor(log: DecisionLog, actions: DecisionActions) {
    this.#log = log;
    this.#actions = actions;
    this.#speak.hidden = true;
    this.root = element(
      'section',
      { class: 'panel decisions' },
      element('header', {}, element('h2', {}, 'Decisions'), this.#speak, this.#who),
      this.#lanes.root,
      this.#remark,
      this.#list,
    );
    this.root.hidden = true;
  }

  /** Whether a person may speak to the agents. */
  set canSpeak(may: boolean) {
    this.#speak.hidden = !may;
  }

  setScenario(info: ScenarioInfo): void {
    this.#info = info;
    const choices = info.agents.map(({ id }, slot) => element('option', { value: String(slot) }, id));
    this.#who.replaceChildren(element('option', { value: EVERYBODY }, 'everybody'), ...choices);
    this.reset();
  }

  /** Another world is watched, or another line of time. */
  reset(): void {
    this.#lines = new WeakMap();
    this.#starts.clear();
    this.#list.replaceChildren();
    this.#chosen = undefined;
    this.#drawn = '';
  }

  /** Call a few times a second. @param moment that is shown. @returns whether the panel has come or gone. */
  draw(moment: Moment): boolean {
    const info = this.#info;
    const { entries, revision, remark } = this.#log;
    const isHidden = !this.isOn || info === undefined || entries.length === 0;
    const hasChanged = isHidden !== this.root.hidden;
    this.root.hidden = isHidden;
    if (isHidden) return hasChanged;
    // A live world is drawn a moment behind its entries; only in recordings is anything to come.
    const numPast = entries[0].frame === undefined ? entries.length : this.#log.numPast(moment);
    const state = `${revision} ${this.#who.value} ${this.#chosen} ${numPast}`;
    const shown = this.#who.value === EVERYBODY ? entries : entries.filter(({ slot }) => slot === Number(this.#who.value));
    if (state !== this.#drawn) {
      this.#drawn = state;
      setText(this.#remark, remark);
      this.#remark.hidden = remark === '';
      this.#drawList(shown, entries.length === numPast ? undefined : entries[numPast].id);
      if (numPast !== this.#numPast) this.#showPast(entries[numPast - 1]);
      this.#numPast = numPast;
    }
    const ofEpisode = shown.filter(({ episode }) => episode === moment.episode);
    const chosen = shown.find((entry) => keyOf(entry) === this.#chosen);
    this.#lanes.draw(ofEpisode, info, moment.tick, Math.max(moment.tick, ofEpisode.at(-1)?.tick ?? 0), chosen);
    return hasChanged;
  }

  /** @param firstLater number of the first entry that is still to come. */
  #drawList(shown: readonly DecisionNote[], firstLater: number | undefined): void {
    const lines: HTMLElement[] = [];
    let episode: number | undefined;
    for (const entry of shown) {
      if (entry.episode !== episode) lines.unshift(this.#startOf(entry.episode));
      episode = entry.episode;
      const line = this.#lineOf(entry);
      const isChosen = keyOf(entry) === this.#chosen;
      line.classList.toggle('later', firstLater !== undefined && entry.id >= firstLater);
      if (isChosen !== line.classList.contains('chosen')) {
        line.classList.toggle('chosen', isChosen);
        line.firstElementChild!.ariaExpanded = String(isChosen);
        line.querySelector('.details')?.remove();
        if (isChosen) line.append(detailsOf(entry));
      }
      lines.unshift(line);
    }
    // Lines that stay keep their place, so that focus and scrolling do.
    for (const [i, line] of lines.entries())
      if (this.#list.children[i] !== line) this.#list.insertBefore(line, this.#list.children[i] ?? null);
    while (this.#list.childElementCount > lines.length) this.#list.lastElementChild!.remove();
  }

  #startOf(episode: number): HTMLElement {
    const line = this.#starts.get(episode) ?? element('li', { class: 'episode' }, `start of episode ${episode + 1}`);
    this.#starts.set(episode, line);
    return line;
  }

  #lineOf(entry: DecisionNote): HTMLElement {
    const existing = this.#lines.get(entry);
    if (existing !== undefined) return existing;
    const agent = this.#info?.agents[entry.slot];
    const swatch = element('i', {});
    swatch.style.background = `#${(agent?.color ?? 0xffffff).toString(16).padStart(6, '0')}`;
    const head = element(
      'button',
      { type: 'button', ariaExpanded: 'false', on: { click: () => this.#choose(entry) } },
      element('time', {}, String(entry.tick)),
      swatch,
      element('b', {}, agent?.id ?? String(entry.slot)),
      element('span', {}, decisionHeadline(entry)),
      element('em', { class: DECISION_TONES[entry.outcome] }, entry.outcome),
    );
    const told = [entry.decision?.thought ?? '', entry.sentence ?? ''].filter((text) => text !== '');
    const heard = (entry.decision?.heard ?? []).map(({ from, text }) => element('p', { class: 'message' }, `${from}: “${text}”`));
    const spoken = entry.spoken === undefined ? [] : [element('p', { class: 'message person' }, `“${entry.spoken}”`)];
    const said = wordsSaid(entry).map((text) => element('p', { class: 'message' }, `says “${text}”`));
    const line = element('li', {}, head, ...spoken, ...heard, ...told.map((text) => element('p', { class: 'thought' }, text)), ...said);
    this.#lines.set(entry, line);
    return line;
  }

  /** Chooses an entry, or, where it is chosen, no longer. */
  #choose(entry: DecisionNote): void {
    const isNew = keyOf(entry) !== this.#chosen;
    this.#chosen = isNew ? keyOf(entry) : undefined;
    if (!isNew) return;
    this.#lines.get(entry)?.scrollIntoView({ block: 'nearest' });
    this.#actions.choose(entry);
  }

  /** Scrolls to the latest past entry, unless somebody reads. */
  #showPast(entry: DecisionNote | undefined): void {
    const line = entry === undefined ? undefined : this.#lines.get(entry);
    if (line === undefined || !line.isConnected || this.#list.matches(':hover') || this.#list.contains(document.activeElement)) return;
    this.#list.scrollTop = line.offsetTop - this.#list.offsetTop;
  }
}

function keyOf({ id, slot, episode, tick }: DecisionNote): string {
  return `${id} ${slot} ${episode} ${tick}`;
}

function detailsOf({ decision, sentence, code, profile, spoken }: DecisionNote): HTMLElement {
  const parts: [string, string][] =
    decision === undefined
      ? []
      : [
          ['Told', decision.turn],
          ['Thought', decision.thought],
          ...decision.calls.map(({ name, arguments: text }): [string, string] => ['Call', `${name} ${text}`]),
        ];
  if (spoken !== undefined) parts.push(['Said', spoken]);
  parts.push(['Answer', [code ?? '', sentence ?? ''].filter((part) => part !== '').join(': ')]);
  parts.push(['Profile', profile]);
  if (decision !== undefined) parts.push(['Tokens', spendingWords(decision)]);
  const rows = parts.filter(([, text]) => text !== '').flatMap(([name, text]) => [element('dt', {}, name), element('dd', {}, text)]);
  return element('dl', { class: 'details' }, ...rows);
}
