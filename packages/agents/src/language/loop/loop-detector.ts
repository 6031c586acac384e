/**
 * Recognises that an agent goes round in circles: the same calls with the same results, and nothing about its body that has changed, over and over.
 * Data flow: each call that has ended -> `note` -> how often the last calls repeat. It keeps what the longest cycle needs, and nothing else.
 */
/** Longest cycle that is looked for, calls. */
export const MOST_PERIOD = 6;
/** Rounds after which calls are a loop. */
export const LOOP_ROUNDS = 3;

/** One call and what came of it. */
export interface Step {
  /** The verb with its arguments, for sentences. */
  readonly call: string;
  /** `done`, `refused no-way`, ... */
  readonly result: string;
  /** As much of the result as the model knows, for sentences. */
  readonly told: string;
  /** Facts of the result, and what the agent knows of itself: equal in a loop. */
  readonly facts: string;
  /** Whether it only lets time pass: a cycle of nothing else is waiting, and no loop. */
  readonly waits: boolean;
  readonly fromTick: number;
  readonly toTick: number;
}

/** A round that has just been completed, the third or a later one. */
export interface Loop {
  /** Calls of a round, 1..MOST_PERIOD. */
  readonly period: number;
  readonly rounds: number;
  /** Ticks that have passed in it and were not yet counted: of all rounds in the third, of one in later ones. */
  readonly ticks: number;
  readonly sentence: string;
}

export class LoopDetector {
  #steps: Step[] = [];
  /** How many steps in a row equal the one `period` before, by period. */
  #matches = new Int32Array(MOST_PERIOD + 1);

  reset(): void {
    this.#steps = [];
    this.#matches.fill(0);
  }

  /** The loop of which this call ends a round; undefined: it ends none. The shortest period counts. */
  note(step: Step): Loop | undefined {
    this.#steps.push(step);
    if (this.#steps.length > LOOP_ROUNDS * MOST_PERIOD) this.#steps.shift();
    const last = this.#steps.length - 1;
    let found: Loop | undefined;
    let isCovered = false;
    for (let period = 1; period <= MOST_PERIOD; period++) {
      const before = this.#steps[last - period];
      this.#matches[period] = before !== undefined && isSame(before, step) ? this.#matches[period] + 1 : 0;
      const rounds = this.#matches[period] / period + 1;
      // Within a round of a shorter loop a longer one says nothing new.
      if (isCovered || rounds < LOOP_ROUNDS) continue;
      isCovered = true;
      if (Number.isInteger(rounds)) found = this.#loopOf(period, rounds);
    }
    return found;
  }

  #loopOf(period: number, rounds: number): Loop | undefined {
    const round = this.#steps.slice(-period);
    if (round.every(({ waits }) => waits)) return undefined;
    const counted = this.#steps.slice(rounds === LOOP_ROUNDS ? -LOOP_ROUNDS * period : -period);
    const ticks = round[period - 1].toTick - counted[0].fromTick;
    const calls = round.map(({ call, told }) => `${call} (${told})`).join(', then ');
    return {
      period,
      rounds,
      ticks,
      sentence: `You go round in circles: ${rounds} times in a row ${calls}, each time with the same result and nothing about you changed. Try something else.`,
    };
  }
}

function isSame(a: Step, b: Step): boolean {
  return a.call === b.call && a.result === b.result && a.facts === b.facts;
}
