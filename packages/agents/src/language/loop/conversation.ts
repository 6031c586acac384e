/**
 * The messages of one agent in one episode. They only grow, so that a prompt has the one before as its prefix; when they are too long for the profile,
 * the older ones go at once, and the next observation tells everything anew.
 * Every call that the model made gets one result, as endpoints demand.
 */
import { imagesOf, type ModelImage, type ModelMessage, type ModelReply, type ModelToolCall, messageLength } from '../model.js';
import type { Feedback } from '../profile.js';
import type { Refusal } from '../skill.js';

/** Facts may be missing. */
type Why = Pick<Refusal, 'code' | 'sentence'> & Partial<Refusal>;

const LEFT_OUT = 'Earlier turns are left out here. What follows tells everything anew.';
/** Longest reply that is repeated to the model, characters. */
const MAX_ECHO = 4000;

export class Conversation {
  readonly #system: ModelMessage;
  readonly #maxCharacters: number;
  readonly #maxImages: number;
  readonly #isBlind: boolean;
  #messages: ModelMessage[];
  #length: number;
  #numImages = 0;
  #calls = 0;
  /** The call whose action is under way or has just ended. */
  #open: ModelToolCall | undefined;
  /** Added since the last prompt. */
  #fresh: string[] = [];
  #freshImages: ModelImage[] = [];

  /** @param maxTokens estimated, a quarter of the characters. @param maxImages of a prompt. @param feedback whether it tells why calls are refused. */
  constructor(system: string, maxTokens: number, maxImages = Number.POSITIVE_INFINITY, feedback: Feedback = 'full') {
    this.#system = { role: 'system', text: system };
    this.#maxCharacters = 4 * maxTokens;
    this.#maxImages = maxImages;
    this.#isBlind = feedback === 'blind';
    this.#messages = [this.#system];
    this.#length = messageLength(this.#system);
  }

  /** A copy: what is asked must not change while the model thinks. */
  get messages(): readonly ModelMessage[] {
    return [...this.#messages];
  }

  /** What was added since this was last asked for. */
  takeFresh(): { readonly text: string; readonly images: readonly ModelImage[] } {
    return { text: this.#fresh.splice(0).join('\n'), images: this.#freshImages.splice(0) };
  }

  /** Whether the profile asks for a new beginning, for which there must be something to leave out. */
  get isTooLong(): boolean {
    return (this.#length > this.#maxCharacters || this.#numImages >= this.#maxImages) && this.#messages.length > 2;
  }

  /** Drops all turns but what was added since the last prompt; the next must tell everything. */
  begin(): void {
    const kept = this.#fresh.splice(0);
    this.#messages = [this.#system];
    this.#length = messageLength(this.#system);
    this.#numImages = 0;
    this.#open = undefined;
    for (const text of [LEFT_OUT, ...kept]) this.tell(text);
  }

  /** The result of the open call; where none is open, the same as a user's words. */
  result(value: object): void {
    const text = JSON.stringify(value);
    const call = this.#open;
    this.#open = undefined;
    if (call === undefined) this.tell(text);
    else this.#add({ role: 'tool', callId: call.id, name: call.name, text });
    if (call !== undefined) this.#fresh.push(text);
  }

  /** The result of the open call where it was refused, or could not be used (`error`). */
  refuse(status: 'refused' | 'error', why: Why): void {
    this.result(this.#refusal(status, why));
  }

  /** @param image what is seen with the words. */
  tell(text: string, image?: ModelImage): void {
    this.#add({ role: 'user', text, ...(image === undefined ? {} : { images: [image] }) });
    this.#fresh.push(text);
    if (image !== undefined) this.#freshImages.push(image);
  }

  /** The model's words and calls; the first call is open from now on, others are answered at once. */
  reply({ text, toolCalls }: ModelReply): void {
    const calls = toolCalls.slice(0, MAX_CALLS).map(({ name, arguments: args }) => ({
      id: `call_${this.#calls++}`,
      // Endpoints take names of letters, digits, - and _ only, and refuse all that follows otherwise.
      name: name.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64) || '_',
      // Servers that write prompts from templates read them as JSON; what was wrong is quoted in the result.
      arguments: isObject(args) ? args : '{}',
    }));
    const words = text.slice(0, MAX_ECHO);
    this.#add({ role: 'assistant', text: words.trim() === '' && calls.length === 0 ? '(nothing)' : words, toolCalls: calls });
    this.#open = calls[0];
    for (const { id, name } of calls.slice(1))
      this.#add({
        role: 'tool',
        callId: id,
        name,
        text: JSON.stringify(this.#refusal('error', { code: 'one-call', sentence: 'Only the first call of a turn is done.' })),
      });
  }

  #refusal(status: 'refused' | 'error', why: Why): object {
    return this.#isBlind ? { status } : { status, ...why };
  }

  #add(message: ModelMessage): void {
    this.#messages.push(message);
    this.#length += messageLength(message);
    this.#numImages += imagesOf(message).length;
  }
}

/** Most calls of one reply that are repeated to the model. */
const MAX_CALLS = 8;

function isObject(text: string): boolean {
  if (text.length > MAX_ECHO) return false;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
