/** How many messages a watcher may send: a bucket that refills, so that short bursts pass and floods do not. */

/** Messages per second in the long run. */
const RATE = 30;
/** Messages at once. */
const BURST = 60;

export class RateLimit {
  /** Messages refused so far. */
  refused = 0;
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #filledMs: number;

  /** @param rate messages per second. @param burst messages at once. */
  constructor(nowMs: number, rate = RATE, burst = BURST) {
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
    this.#filledMs = nowMs;
  }

  /** Whether one more message is allowed now. */
  allows(nowMs: number): boolean {
    this.#fill(nowMs);
    if (this.#tokens < 1) {
      this.refused++;
      return false;
    }
    this.#tokens -= 1;
    return true;
  }

  /** Takes one message, and says how long it must wait, milliseconds: for those who wait instead of being refused. */
  waitMs(nowMs: number): number {
    this.#fill(nowMs);
    this.#tokens -= 1;
    return this.#tokens >= 0 ? 0 : (-this.#tokens * 1000) / this.#rate;
  }

  #fill(nowMs: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((nowMs - this.#filledMs) * this.#rate) / 1000);
    this.#filledMs = nowMs;
  }
}
