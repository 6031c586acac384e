/**
 * Sentences over the picture: one in its middle while there is nothing to see, one in a banner while the line is down, notices that pass,
 * and achievements as they come.
 */
import { element, setText } from './element.js';

const NOTICE_MS = 6000;
const TOAST_MS = 4500;
/** A fast world brings more than anybody can read. */
const MOST_TOASTS = 3;

export class Messages {
  readonly root: HTMLElement;
  readonly #cover = element('div', { class: 'cover' });
  readonly #banner = element('div', { class: 'banner', role: 'status' });
  readonly #notices = element('div', { class: 'notices', role: 'status' });
  readonly #toasts = element('div', { class: 'toasts', role: 'status' });

  constructor() {
    this.root = element('div', { class: 'messages' }, this.#cover, this.#banner, this.#notices, this.#toasts);
    this.cover('');
    this.banner('');
  }

  /** Says why there is no picture; an empty sentence takes it away. */
  cover(sentence: string): void {
    setText(this.#cover, sentence);
    this.#cover.hidden = sentence === '';
  }

  banner(sentence: string): void {
    setText(this.#banner, sentence);
    this.#banner.hidden = sentence === '';
  }

  /** An achievement: its name, and what was done for it. */
  toast(name: string, goal: string): void {
    const toast = element('div', { class: 'toast' }, element('b', {}, `✓ ${name}`), element('span', {}, goal));
    this.#toasts.append(toast);
    while (this.#toasts.childElementCount > MOST_TOASTS) this.#toasts.firstElementChild!.remove();
    setTimeout(() => toast.remove(), TOAST_MS);
  }

  notice(sentence: string): void {
    for (const old of this.#notices.children) if (old.textContent === sentence) old.remove();
    const line = element('div', { class: 'notice' }, sentence);
    this.#notices.append(line);
    setTimeout(() => line.remove(), NOTICE_MS);
  }
}
