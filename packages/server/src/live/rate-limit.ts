/** How many messages a watcher may send: a bucket that refills, so that short bursts pass and floods do not. */

/** Messages per second in the long run. */
const RATE = 30;
/** Messages at once. */
const BURST = 60;

export class RateLimit {
  /** Messages refused so far. */
  refused = 0;
  #tokens = BURST;
  #filledMs: number;

  constructor(nowMs: number) {
    this.#filledMs = nowMs;
  }

  /** Whether one more message is allowed now. */
  allows(nowMs: number): boolean {
    this.#tokens = Math.min(BURST, this.#tokens + ((nowMs - this.#filledMs) * RATE) / 1000);
    this.#filledMs = nowMs;
    if (this.#tokens < 1) {
      this.refused++;
      return false;
    }
    this.#tokens -= 1;
    return true;
  }
}
