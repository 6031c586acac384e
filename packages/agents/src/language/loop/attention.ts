/** When an agent is to be asked: it has nothing to do, something happened in the middle of what it does, or that has gone on for long. */
import type { AgentView } from '../../agent-view.js';
import { Interruptions } from './interruption.js';

/** Ticks between a decision and one that an event makes due. */
const REST_TICKS = 10;
/** Ticks after which an action that goes on is looked at again. */
const CHECK_TICKS = 600;

export class Attention {
  readonly #view: AgentView;
  readonly #interruptions = new Interruptions();
  /** Nothing is asked before. */
  #restsUntil = 0;
  /** Whether it rests since the model said so. */
  #waits = false;
  #why: string | undefined;
  #decidedAt = 0;

  constructor(view: AgentView) {
    this.#view = view;
  }

  /** An episode begins. */
  reset(): void {
    this.#interruptions.reset(this.#view);
    this.#restsUntil = 0;
    this.#waits = false;
    this.#why = undefined;
    this.#decidedAt = this.#view.tick;
  }

  /** Why an action is to be looked at before its end; undefined: it is not. */
  get why(): string | undefined {
    return this.#why;
  }

  /** @param isBusy whether an action is under way. */
  isDue(isBusy: boolean): boolean {
    return this.#view.tick >= this.#restsUntil && (!isBusy || this.#why !== undefined);
  }

  /**
   * Events since the last tick, and words: they end a rest, and interrupt what may be interrupted.
   * @param doing what is under way. @param hasWords whether a person has said something that is not yet told: unlike events, words that come too soon wait.
   */
  notice(doing: { readonly interruptible: boolean } | undefined, hasWords: boolean): void {
    const { tick } = this.#view;
    const news = this.#interruptions.take(this.#view) ?? (hasWords ? 'a spectator spoke to you' : undefined);
    const since = tick - this.#decidedAt;
    if (doing === undefined) {
      if (news !== undefined && this.#waits && since >= REST_TICKS) this.#restsUntil = tick;
      return;
    }
    if (!doing.interruptible) return;
    if (news !== undefined && since >= REST_TICKS) this.#why = news;
    else if (since >= CHECK_TICKS) this.#why = `it has gone on for ${since} ticks`;
  }

  /** The model is asked now. */
  decide(): void {
    this.#decidedAt = this.#view.tick;
    this.#waits = false;
  }

  /** What is under way needs no look. */
  settle(): void {
    this.#why = undefined;
  }

  /** Nothing is asked for so long. */
  rest(ticks: number): void {
    this.#restsUntil = this.#view.tick + ticks;
  }

  /** The same, since the model said so: news ends it. */
  wait(ticks: number): void {
    this.#waits = true;
    this.rest(ticks);
  }
}
