/** The columns beside the picture, the list of keys and the settings: what is open, and how much of the picture they take. */
import type { Insets } from '../scene/cameras.js';
import { element } from './element.js';
import type { TopBar } from './top-bar.js';

/** Below this width the columns begin closed, and lie over the picture. */
const NARROW = 900;

export type PanelName = 'left' | 'right' | 'help';

export class SidePanels {
  readonly left: HTMLElement;
  readonly right: HTMLElement;
  readonly help: HTMLElement;
  readonly #topBar: TopBar;
  readonly #bottom: HTMLElement;

  /** @param bottom the bar below the picture. */
  constructor(topBar: TopBar, bottom: HTMLElement, help: HTMLElement, left: readonly HTMLElement[], right: readonly HTMLElement[]) {
    this.left = element('aside', { class: 'left' }, ...left);
    this.right = element('aside', { class: 'right' }, ...right);
    this.help = help;
    this.#topBar = topBar;
    this.#bottom = bottom;
    this.left.hidden = this.right.hidden = isNarrow();
    this.#showStates();
  }

  toggle(name: PanelName): void {
    this[name].hidden = !this[name].hidden;
    this.#showStates();
  }

  /** Pixels that bars and open columns take from the picture. */
  get insets(): Insets {
    const width = (panel: HTMLElement) => (isNarrow() || panel.hidden ? 0 : panel.offsetWidth);
    return { left: width(this.left), right: width(this.right), top: this.#topBar.root.offsetHeight, bottom: this.#bottom.offsetHeight };
  }

  #showStates(): void {
    this.#topBar.setOpen('worlds', !this.left.hidden);
    this.#topBar.setOpen('details', !this.right.hidden);
  }
}

function isNarrow(): boolean {
  return window.innerWidth < NARROW;
}
