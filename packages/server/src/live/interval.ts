/** Something that happens at most every so often. */
export class Interval {
  readonly #periodMs: number;
  #nextMs = 0;

  constructor(periodMs: number) {
    this.#periodMs = periodMs;
  }

  /** Whether it is due; if so, it counts as done now. */
  isDue(nowMs: number): boolean {
    if (nowMs < this.#nextMs) return false;
    this.#nextMs = nowMs + this.#periodMs;
    return true;
  }

  waitMs(nowMs: number): number {
    return Math.max(0, this.#nextMs - nowMs);
  }
}
