/** The bar at the top: what is watched, how the line is, and which panels are open. */
import type { Welcome } from '@kinovox/world';
import type { LinkState } from '../connection.js';
import { element, iconButton, setText } from './element.js';

export interface TopBarActions {
  toggleWorlds(): void;
  toggleDetails(): void;
  toggleSettings(): void;
  toggleHelp(): void;
}

const STATE_WORDS: Readonly<Record<LinkState, string>> = {
  connecting: 'Connecting…',
  connected: 'Connected',
  lost: 'Reconnecting…',
  refused: 'Refused',
};

export class TopBar {
  readonly root: HTMLElement;
  readonly #title = element('strong', { class: 'scenario' }, 'Kinovox');
  readonly #facts = element('span', { class: 'muted facts' });
  readonly #state = element('span', { class: 'link-state' });
  readonly #buttons: Record<'worlds' | 'details', HTMLButtonElement>;

  constructor(actions: TopBarActions) {
    this.#buttons = {
      worlds: iconButton('worlds', 'Worlds (W)', actions.toggleWorlds),
      details: iconButton('details', 'Task, reward and events (D)', actions.toggleDetails),
    };
    this.root = element(
      'header',
      { class: 'top-bar' },
      this.#buttons.worlds,
      element('span', { class: 'brand' }, 'Kinovox'),
      this.#title,
      this.#facts,
      element('span', { class: 'spacer' }),
      this.#state,
      iconButton('settings', 'Display settings (S)', actions.toggleSettings),
      iconButton('help', 'Keys (H)', actions.toggleHelp),
      this.#buttons.details,
    );
    this.setState('connecting');
  }

  setWelcome({ scenario, engine, policy, mode }: Welcome): void {
    setText(this.#title, scenario.title);
    this.#title.title = scenario.description;
    const facts = [scenario.id, mode === 'recording' ? 'recording' : `engine ${engine}`, policy === '' ? '' : `policy ${policy}`];
    setText(this.#facts, facts.filter((fact) => fact !== '').join(' · '));
    document.title = `${scenario.title} · Kinovox`;
  }

  setState(state: LinkState): void {
    setText(this.#state, STATE_WORDS[state]);
    this.#state.dataset.state = state;
  }

  setOpen(panel: 'worlds' | 'details', open: boolean): void {
    this.#buttons[panel].ariaPressed = String(open);
  }
}
