/** Ticks per second over the last moments, for people to read. */

const WINDOW_MS = 1000;

export class TickRate {
  #count = 0;
  #sinceMs = performance.now();
  #perSecond = 0;

  count(): void {
    this.#count++;
  }

  perSecond(): number {
    const now = performance.now();
    const passedMs = now - this.#sinceMs;
    if (passedMs >= WINDOW_MS) {
      this.#perSecond = (this.#count * 1000) / passedMs;
      this.#count = 0;
      this.#sinceMs = now;
    }
    return this.#perSecond;
  }
}
