/** Whether a picture is due: every time while the picture changes and for a moment after, seldom while it stands still. Without a DOM. */

/** How long pictures follow each other after the last change, so that what fades or settles ends smoothly. */
const LINGER_MS = 500;
/** Between pictures that nothing is known to change. They catch what nobody announced. */
const STILL_MS = 250;
/** The same where frames of the screen are late all the time. */
const LONGEST_STILL_MS = 1500;
/** A frame of the screen this long after the one before is late, by a picture that takes long as a rule. */
const LATE_MS = 60;

export class DrawPace {
  #wokenMs = 0;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #frameMs = 0;
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
    if (frameMs > LATE_MS) this.#restedMs = nowMs + Math.min(Math.max(frameMs, STILL_MS), LONGEST_STILL_MS);
    if (nowMs - this.#wokenMs > LINGER_MS && !this.#isStillDue(nowMs)) return false;
    this.#drawnMs = nowMs;
    return true;
  }

  #isStillDue(nowMs: number): boolean {
    const sinceDrawnMs = nowMs - this.#drawnMs;
    return sinceDrawnMs >= LONGEST_STILL_MS || (sinceDrawnMs >= STILL_MS && nowMs >= this.#restedMs);
  }
}
