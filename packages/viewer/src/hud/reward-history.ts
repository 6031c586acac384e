/** Reward of the running episode over its ticks, by term, thinned so that memory stays bounded. Without a DOM. */
import type { Frame } from '@kinovox/world';

const MOST_POINTS = 600;

export class RewardHistory {
  #ticks: number[] = [];
  #terms: number[][] = [];
  /** Ticks between points that are kept; doubles whenever there are too many. */
  #stride = 1;

  get length(): number {
    return this.#ticks.length;
  }

  /** Columns as a chart takes them: ticks, then one per term. */
  get columns(): number[][] {
    return [this.#ticks, ...this.#terms];
  }

  reset(numTerms: number): void {
    this.#ticks = [];
    this.#terms = Array.from({ length: numTerms }, () => []);
    this.#stride = 1;
  }

  /** Adds a frame's rewards. A frame sooner than the stride after the last point replaces it, so that the end is always exact. */
  push(frame: Frame): void {
    const n = this.#ticks.length;
    if (n > 0 && frame.tick < this.#ticks[n - 1]) this.reset(this.#terms.length);
    const isSoon = this.#ticks.length > 1 && frame.tick - this.#ticks[this.#ticks.length - 2] < this.#stride;
    if (isSoon) this.#pop();
    this.#ticks.push(frame.tick);
    this.#terms.forEach((term, i) => {
      term.push(frame.rewardTerms[i] ?? 0);
    });
    if (this.#ticks.length <= MOST_POINTS) return;
    this.#stride *= 2;
    const keep = (_: number, i: number) => i % 2 === 0;
    this.#ticks = this.#ticks.filter(keep);
    this.#terms = this.#terms.map((term) => term.filter(keep));
  }

  #pop(): void {
    this.#ticks.pop();
    for (const term of this.#terms) term.pop();
  }
}
