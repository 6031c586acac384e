/** How often an agent is asked again after replies that cannot be used, and after calls without one. */
import { EngineError } from '@kinovox/world';

/** Ticks for which an agent idles that has nothing to do. */
export const IDLE_TICKS = 20;
/** Replies in a row that cannot be used, after which the agent idles. */
const MOST_INVALID = 3;
/** Replies in a row that cannot be used, after which the agent is asked no more in its episode. */
const MOST_USELESS = 15;
/** Failed calls in a row that end the run. */
const MOST_FAILURES = 5;

export class ReplyPatience {
  #invalidInARow = 0;
  #uselessInARow = 0;
  #failuresInARow = 0;

  /** An episode begins. */
  reset(): void {
    this.#invalidInARow = 0;
    this.#uselessInARow = 0;
    this.#failuresInARow = 0;
  }

  /** A reply came, whatever it is worth. */
  answered(): void {
    this.#failuresInARow = 0;
  }

  /** A reply could be used. */
  used(): void {
    this.#invalidInARow = 0;
    this.#uselessInARow = 0;
  }

  /** A reply could not be used: asks again after `restTicks`, or, in a sentence, no more. */
  rejected(): { readonly restTicks: number } | { readonly giveUp: string } {
    if (++this.#uselessInARow >= MOST_USELESS)
      return { giveUp: `${MOST_USELESS} replies in a row could not be used: nothing is asked any more in this episode.` };
    if (++this.#invalidInARow < MOST_INVALID) return { restTicks: 0 };
    this.#invalidInARow = 0;
    return { restTicks: IDLE_TICKS };
  }

  /** No reply came. @throws EngineError where that was so too often in a row. */
  failed(profile: string, sentence: string): void {
    if (++this.#failuresInARow >= MOST_FAILURES)
      throw new EngineError(
        'model-failed',
        `The model of the profile "${profile}" must answer; got ${MOST_FAILURES} failures in a row, the last: ${sentence}`,
      );
  }
}
