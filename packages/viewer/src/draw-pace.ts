/** Whether a picture is due: every time while the picture changes and for a moment after, seldom while it stands still. Without a DOM. */

/** How long pictures follow each other after the last change, so that what fades or settles ends smoothly. */
const LINGER_MS = 500;
/** Between pictures that nothing is known to change. They catch what nobody announced. */
const STILL_MS = 250;
/** The longest rest after a picture, also where frames of the screen are late all the time. */
const LONGEST_REST_MS = 1500;
/** A frame of the screen this long after the one before is late, by a picture that takes long as a rule. */
const LATE_MS = 60;

export class DrawPace {
  #wokenMs = 0;
  #drawnMs = Number.NEGATIVE_INFINITY;
  /** Of the last frame; before the first no frame is late. */
  #frameMs = Number.POSITIVE_INFINITY;
  /** When a frame was late for the first time since the picture. */
  #lateMs: number | undefined;
  /** Until when a machine that draws slowly rests: as long as the picture took. */
  #restedMs = 0;

  /** Notes that something changes the picture. */
  wake(nowMs: number): void {
    this.#wokenMs = Math.max(this.#wokenMs, nowMs);
  }

  /** Whether to draw now; the caller then draws. To be asked for every frame of the screen. */
  isDue(nowMs: number): boolean {
    const frameMs = nowMs - this.#frameMs;
    this.#frameMs = nowMs;
    if (frameMs > LATE_MS) {
      this.#lateMs ??= nowMs;
      this.#restedMs = Math.min(nowMs + Math.max(frameMs, STILL_MS), this.#lateMs + LONGEST_REST_MS);
    }
    const isRested = nowMs - this.#drawnMs >= STILL_MS && nowMs >= this.#restedMs;
    if (nowMs - this.#wokenMs > LINGER_MS && !isRested) return false;
    this.#drawnMs = nowMs;
    this.#lateMs = undefined;
    return true;
  }
}
