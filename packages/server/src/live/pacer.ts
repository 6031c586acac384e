/** How many ticks are due on a wall clock. A host that falls behind does not catch up by a rush: lost time is dropped. */

/** Ticks owed at most: after a stall the world goes on from where it is. */
const MOST_OWED = 4;

export class Pacer {
  #ticksPerSecond: number;
  #nextMs: number | undefined;

  /** @param ticksPerSecond 0 = as fast as possible. */
  constructor(ticksPerSecond: number) {
    this.#ticksPerSecond = ticksPerSecond;
  }

  get ticksPerSecond(): number {
    return this.#ticksPerSecond;
  }

  set ticksPerSecond(value: number) {
    this.#ticksPerSecond = value;
    this.#nextMs = undefined;
  }

  /** Forgets the time that passed, as after a pause. */
  restart(): void {
    this.#nextMs = undefined;
  }

  /** Ticks to run now; infinite without a pace. Each call counts them as run. */
  ticksDue(nowMs: number): number {
    if (this.#ticksPerSecond === 0) return Number.POSITIVE_INFINITY;
    const periodMs = 1000 / this.#ticksPerSecond;
    this.#nextMs ??= nowMs;
    if (nowMs < this.#nextMs) return 0;
    const owed = Math.floor((nowMs - this.#nextMs) / periodMs) + 1;
    const due = Math.min(owed, MOST_OWED);
    this.#nextMs = owed > MOST_OWED ? nowMs + periodMs : this.#nextMs + due * periodMs;
    return due;
  }

  /** Time until the next tick is due; 0 without a pace. */
  waitMs(nowMs: number): number {
    return this.#ticksPerSecond === 0 || this.#nextMs === undefined ? 0 : Math.max(0, this.#nextMs - nowMs);
  }
}
