/**
 * Smooth motion between frames. Each new frame is approached in the time that frames take to arrive, so the picture runs one frame
 * behind the host and never ahead of it, at any speed of the host.
 */
import type { Frame } from '@kinovox/world';

export interface FrameSample {
  before: Frame;
  after: Frame;
  /** 0 = before, 1 = after. */
  mix: number;
  /** Tick shown, with its fraction. */
  tick: number;
}

const MAX_FRAMES = 12;
/** Longer waits are pauses and say nothing about the rate of frames. */
const LONGEST_INTERVAL_MS = 400;
/** Weight of the newest interval in the running mean. */
const WEIGHT = 0.2;

export class FrameTimeline {
  #frames: Frame[] = [];
  #intervalMs = 50;
  #arrivedMs = 0;
  /** The picture goes from this tick, at `#arrivedMs`, to the newest frame's. */
  #fromTick = 0;

  reset(): void {
    this.#frames = [];
  }

  push(frame: Frame, nowMs: number): void {
    const shown = this.sample(nowMs);
    const waitedMs = nowMs - this.#arrivedMs;
    if (shown !== undefined && waitedMs <= LONGEST_INTERVAL_MS) this.#intervalMs += (Math.max(waitedMs, 8) - this.#intervalMs) * WEIGHT;
    this.#fromTick = shown === undefined ? frame.tick : shown.tick;
    this.#arrivedMs = nowMs;
    const last = this.#frames[this.#frames.length - 1];
    if (last !== undefined && last.tick === frame.tick) this.#frames.pop();
    this.#frames.push(frame);
    if (this.#frames.length > MAX_FRAMES) this.#frames.shift();
  }

  /** What to draw now; undefined before the first frame. */
  sample(nowMs: number): FrameSample | undefined {
    const frames = this.#frames;
    if (frames.length === 0) return undefined;
    const newest = frames[frames.length - 1];
    const share = Math.min(1, Math.max(0, (nowMs - this.#arrivedMs) / this.#intervalMs));
    const tick = Math.max(frames[0].tick, this.#fromTick + (newest.tick - this.#fromTick) * share);
    let i = frames.length - 1;
    while (i > 0 && frames[i - 1].tick > tick) i--;
    const after = frames[i];
    const before = frames[Math.max(0, i - 1)];
    const span = after.tick - before.tick;
    return { before, after, mix: span === 0 ? 1 : Math.min(1, Math.max(0, (tick - before.tick) / span)), tick };
  }
}
