/**
 * Delay between actions and the bodies that carry them out: the last D ticks of every agent's native rows, and what comes out of them.
 * An agent's delay is drawn by its episode's seed; until its first action arrives it is idle. Words given to `say` are not held back.
 * B worlds, A agents, F = ACTION_FIELDS.
 */
import { type Drawn, drawnOf, type RowWords, type ScenarioProgram } from '@kinovox/physics';
import { ACTION_FIELDS, episodeSeed } from '@kinovox/world';

/** What an episode drew; undefined where the scenario declares no ranges. */
export function drawnInRow(program: ScenarioProgram, rows: RowWords, row: number): Drawn | undefined {
  if (program.randomisation === undefined) return undefined;
  const { low, high } = episodeSeed(rows.rowSeedLow[row], rows.rowSeedHigh[row], rows.episode[row]);
  return drawnOf(program.randomisation, program.numAgents, low, high);
}

/** @returns undefined where no agent's actions can be late. */
export function createActionDelay(program: ScenarioProgram, numWorlds: number): ActionDelay | undefined {
  const { randomisation } = program;
  return randomisation === undefined || randomisation.delayLow + randomisation.delaySpan <= 1
    ? undefined
    : new ActionDelay(program, numWorlds);
}

export class ActionDelay {
  readonly #program: ScenarioProgram;
  readonly #rowLength: number;
  /** D: the longest delay, in ticks. */
  readonly #longest: number;
  /** `[D + 1, B, A, F]`, the place of this tick at `#cursor`. */
  readonly #ring: Float32Array[];
  readonly #out: Float32Array;
  /** `[B, A]` ticks. */
  readonly #delays: Uint8Array;
  #cursor = 0;

  /** Use `createActionDelay`. */
  constructor(program: ScenarioProgram, numWorlds: number) {
    const { delayLow, delaySpan } = program.randomisation!;
    this.#program = program;
    this.#rowLength = program.numAgents * ACTION_FIELDS;
    this.#longest = delayLow + delaySpan - 1;
    this.#ring = Array.from({ length: this.#longest + 1 }, () => new Float32Array(numWorlds * this.#rowLength));
    this.#out = new Float32Array(numWorlds * this.#rowLength);
    this.#delays = new Uint8Array(numWorlds * program.numAgents);
  }

  /** An episode began in a row, or was restored: its delays are drawn. */
  begin(row: number, rows: RowWords): void {
    this.#delays.set(drawnInRow(this.#program, rows, row)!.actionDelayTicks, row * this.#program.numAgents);
  }

  /**
   * Takes the rows `[B, A, F]` decided in this tick.
   * @param tick `[B]` ticks that each episode has played.
   * @returns those that bodies carry out in it; valid until the next call.
   */
  pass(actions: Float32Array, tick: Int32Array): Float32Array {
    const { numAgents } = this.#program;
    this.#ring[this.#cursor].set(actions);
    for (let i = 0, at = 0; at < actions.length; i++, at += ACTION_FIELDS) {
      const delay = this.#delays[i];
      if (tick[(i / numAgents) | 0] < delay) this.#out.fill(0, at, at + ACTION_FIELDS);
      else {
        const from = this.#at(delay);
        for (let k = at; k < at + ACTION_FIELDS; k++) this.#out[k] = from[k];
      }
    }
    this.#cursor = (this.#cursor + 1) % this.#ring.length;
    return this.#out;
  }

  /** `[D, A, F]` rows that were decided and may still be under way, the latest first: part of a snapshot of the row. */
  pending(row: number): Float32Array {
    const out = new Float32Array(this.#longest * this.#rowLength);
    for (let k = 0; k < this.#longest; k++)
      out.set(this.#at(k + 1).subarray(row * this.#rowLength, (row + 1) * this.#rowLength), k * this.#rowLength);
    return out;
  }

  /** Puts back what `pending` gave. */
  restore(row: number, pending: Float32Array): void {
    for (let k = 0; k < this.#longest; k++)
      this.#at(k + 1).set(pending.subarray(k * this.#rowLength, (k + 1) * this.#rowLength), row * this.#rowLength);
  }

  /** The rows decided `ago` ticks before the place of the cursor. */
  #at(ago: number): Float32Array {
    return this.#ring[(this.#cursor - ago + this.#ring.length) % this.#ring.length];
  }
}
