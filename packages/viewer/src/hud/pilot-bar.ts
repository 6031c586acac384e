/** Says of the agents for whom people decide who plays them, and which keys play; a mark in the middle of the picture shows where one aims. */
import type { ScenarioInfo } from '@kinovox/world';
import { element } from './element.js';

const KEYS = [
  ['W A S D', 'walk'],
  ['arrows or mouse', 'look'],
  ['space', 'jump'],
  ['F', 'dig, hit'],
  ['E', 'use, place'],
  ['1–9', 'slot'],
  ['Esc', 'leave'],
] as const;

export class PilotBar {
  readonly root = element('section', { class: 'pilot', ariaLabel: 'Agents that people play' });
  readonly aim = element('div', { class: 'aim' });
  readonly #toggle: (slot: number) => void;
  #info: ScenarioInfo | undefined;
  #played: readonly number[] = [];
  #canControl = false;
  #drawn = '';

  /** @param toggle told the agent that somebody wants to take, or to let go. */
  constructor(toggle: (slot: number) => void) {
    this.#toggle = toggle;
    this.root.hidden = this.aim.hidden = true;
  }

  /** @param played agents for whom people decide; none: nothing is shown. */
  setAgents(info: ScenarioInfo, played: readonly number[], canControl: boolean): void {
    this.#info = info;
    this.#played = played;
    this.#canControl = canControl;
    this.#drawn = '';
    this.draw([], undefined);
  }

  /** @param taken agents that a person plays now. @param own the one that is played from this page. */
  draw(taken: readonly number[], own: number | undefined): void {
    const state = `${taken} ${own}`;
    if (state === this.#drawn) return;
    this.#drawn = state;
    this.root.hidden = this.#played.length === 0;
    this.aim.hidden = own === undefined;
    if (own !== undefined) this.root.replaceChildren(...this.#ownParts(own));
    else this.root.replaceChildren(...this.#played.map((slot) => this.#agentLine(slot, taken.includes(slot))));
  }

  #ownParts(slot: number): HTMLElement[] {
    const keys = KEYS.map(([key, does]) => element('span', {}, element('kbd', {}, key), ` ${does}`));
    return [
      element('div', { class: 'who' }, this.#swatch(slot), element('b', {}, `You play ${this.#nameOf(slot)}`), this.#button(slot, 'Leave')),
      element('div', { class: 'keys' }, ...keys),
    ];
  }

  #agentLine(slot: number, isTaken: boolean): HTMLElement {
    const name = this.#nameOf(slot);
    const words = isTaken ? `Somebody plays ${name}` : `Nobody plays ${name}: it idles`;
    const button = isTaken || !this.#canControl ? [] : [this.#button(slot, `Play ${name}`)];
    return element('div', { class: 'who' }, this.#swatch(slot), element('span', {}, words), ...button);
  }

  #button(slot: number, label: string): HTMLElement {
    return element(
      'button',
      { type: 'button', class: 'text-button', title: `${label} (J)`, on: { click: () => this.#toggle(slot) } },
      label,
    );
  }

  #nameOf(slot: number): string {
    return this.#info?.agents[slot]?.id ?? String(slot);
  }

  #swatch(slot: number): HTMLElement {
    const swatch = element('i', {});
    swatch.style.background = `#${(this.#info?.agents[slot]?.color ?? 0xffffff).toString(16).padStart(6, '0')}`;
    return swatch;
  }
}
