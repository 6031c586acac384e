/** Keeps the picture fluent: measures how long pictures take and gives up sharpness, then shadows, while they take too long. Without a DOM. */

export interface Quality {
  /** Factor on the pixel ratio, 0.5..1. */
  scale: number;
  shadows: boolean;
}

export const BEST_QUALITY: Quality = { scale: 1, shadows: true };
const LEVELS: readonly Quality[] = [
  BEST_QUALITY,
  { scale: 0.8, shadows: true },
  { scale: 0.8, shadows: false },
  { scale: 0.6, shadows: false },
];
/** Pictures that are judged together: so many, or fewer where they take this long. */
const WINDOW = 30;
const WINDOW_MS = 1500;
const FEWEST = 4;
const SLOW_MS = 45;
const FAST_MS = 18;
/** Windows in a row that must be fast before quality is raised again; a level that proved slow is not tried twice. */
const FAST_WINDOWS = 6;
/** A longer gap is a tab that was hidden, not a slow picture. */
const HIDDEN_MS = 3000;

export class FrameRate {
  #level: number;
  #best = 0;
  #sumMs = 0;
  #count = 0;
  #fastWindows = 0;

  /** @param isSlow whether to begin at the lowest quality and rise, as where no graphics processor draws. */
  constructor(isSlow: boolean) {
    this.#level = isSlow ? LEVELS.length - 1 : 0;
  }

  get quality(): Quality {
    return LEVELS[this.#level];
  }

  /** Notes the time since the last picture; true when the quality changed. */
  note(elapsedMs: number): boolean {
    if (elapsedMs > HIDDEN_MS) return false;
    this.#sumMs += elapsedMs;
    this.#count++;
    if (this.#count < WINDOW && (this.#sumMs < WINDOW_MS || this.#count < FEWEST)) return false;
    const meanMs = this.#sumMs / this.#count;
    this.#sumMs = this.#count = 0;
    this.#fastWindows = meanMs < FAST_MS ? this.#fastWindows + 1 : 0;
    if (meanMs > SLOW_MS && this.#level < LEVELS.length - 1) {
      this.#level++;
      this.#best = this.#level;
      return true;
    }
    if (this.#fastWindows < FAST_WINDOWS || this.#level <= this.#best) return false;
    this.#fastWindows = 0;
    this.#level--;
    return true;
  }
}
