/** Whether a picture is due: every time while the picture changes and for a moment after, seldom while it stands still. Without a DOM. */

/** How long pictures follow each other after the last change, so that what fades or settles ends smoothly. */
const LINGER_MS = 500;
/** Between pictures that nothing is known to change. They catch what nobody announced. */
const STILL_MS = 250;

export class DrawPace {
  #wokenMs = 0;
  #drawnMs = Number.NEGATIVE_INFINITY;

  /** Notes that something changes the picture. */
  wake(nowMs: number): void {
    this.#wokenMs = Math.max(this.#wokenMs, nowMs);
  }

  /** Whether to draw now; the caller then draws. */
  isDue(nowMs: number): boolean {
    if (nowMs - this.#wokenMs > LINGER_MS && nowMs - this.#drawnMs < STILL_MS) return false;
    this.#drawnMs = nowMs;
    return true;
  }
}
