/** The line in which a person writes to agents: `M` opens it, Enter sends, Escape closes. What is refused stays in it, with the reason. */
import { CHAT_LIMITS, type Chat, type Reply, type ScenarioInfo } from '@kinovox/world';
import { element, setText } from './element.js';

/** Value of the choice of everybody. */
const EVERYBODY = 'all';
const HINT = 'Enter sends, Escape closes';

export class ChatLine {
  readonly root: HTMLFormElement;
  readonly #send: (words: Pick<Chat, 'slot' | 'text'>) => Promise<Reply>;
  readonly #who = element('select', { ariaLabel: 'Who is spoken to', title: 'Who is spoken to' });
  readonly #text = element('input', {
    type: 'text',
    maxLength: CHAT_LIMITS.text,
    autocomplete: 'off',
    placeholder: 'What do you say to the agents?',
    ariaLabel: 'What you say to the agents',
  });
  readonly #hint = element('small', {}, HINT);
  #isSending = false;

  /** @param send to the host; answered when the words are on their way to the agents. */
  constructor(send: (words: Pick<Chat, 'slot' | 'text'>) => Promise<Reply>) {
    this.#send = send;
    this.root = element('form', { class: 'chat' }, this.#who, this.#text, this.#hint);
    this.root.hidden = true;
    this.root.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#submit();
    });
    // Nothing that is typed here is a key of the page.
    this.root.addEventListener('keydown', (event) => {
      event.stopPropagation();
      if (event.key === 'Escape') this.close();
    });
    this.#text.addEventListener('input', () => this.#tell(HINT, false));
  }

  /** @param listeners slots of agents who hear people. */
  setAgents(info: ScenarioInfo, listeners: readonly number[]): void {
    const choices = listeners.map((slot) => element('option', { value: String(slot) }, info.agents[slot]?.id ?? String(slot)));
    this.#who.replaceChildren(element('option', { value: EVERYBODY }, 'to everybody'), ...choices);
    this.#who.hidden = listeners.length < 2;
  }

  open(): void {
    this.root.hidden = false;
    this.#tell(HINT, false);
    this.#text.focus();
  }

  close(): void {
    this.root.hidden = true;
    this.#text.blur();
  }

  async #submit(): Promise<void> {
    const text = this.#text.value.trim();
    if (text === '') return this.close();
    if (this.#isSending) return;
    this.#isSending = true;
    const reply = await this.#send({ text, ...(this.#who.value === EVERYBODY ? {} : { slot: Number(this.#who.value) }) });
    this.#isSending = false;
    if (!reply.ok) return this.#tell(reply.sentence, true);
    this.#text.value = '';
    this.close();
  }

  #tell(sentence: string, isRefusal: boolean): void {
    setText(this.#hint, sentence);
    this.#hint.classList.toggle('bad', isRefusal);
  }
}
