/** Draws the world: only when a picture is due, and no better than the machine draws fluently. */
import { DrawPace } from '../draw-pace.js';
import { FrameRate, type Quality } from '../frame-rate.js';
import type { FrameSample } from '../frame-timeline.js';
import type { Cameras } from './cameras.js';
import type { Stage } from './stage.js';
import type { WorldScene } from './world-scene.js';

export interface PainterOptions {
  /** Whether to begin at the lowest quality, as where no graphics processor draws. */
  isSlow: boolean;
  /** Told that quality changed, before the picture that has it; undefined: it never changes. */
  onQuality: (() => void) | undefined;
}

export class Painter {
  readonly #stage: Stage;
  readonly #scene: WorldScene;
  readonly #cameras: Cameras;
  readonly #rate: FrameRate;
  readonly #onQuality: (() => void) | undefined;
  readonly #pace = new DrawPace();
  /** When the frame before this one was drawn; undefined where it was not. */
  #drawnMs: number | undefined;
  #drawnTick: number | undefined;

  constructor(stage: Stage, scene: WorldScene, cameras: Cameras, { isSlow, onQuality }: PainterOptions) {
    this.#stage = stage;
    this.#scene = scene;
    this.#cameras = cameras;
    this.#rate = new FrameRate(isSlow);
    this.#onQuality = onQuality;
  }

  get quality(): Quality {
    return this.#rate.quality;
  }

  /** Something changes the picture, though time may stand still. */
  wake(): void {
    this.#pace.wake(performance.now());
  }

  /** Draws the moment of the sample, if a picture is due. Called for every frame of the screen. */
  draw(sample: FrameSample | undefined, nowMs: number): void {
    if (sample?.tick !== this.#drawnTick || this.#scene.isChanging) this.wake();
    const beforeMs = this.#drawnMs;
    this.#drawnMs = undefined;
    if (!this.#pace.isDue(nowMs)) return;
    this.#drawnMs = nowMs;
    this.#drawnTick = sample?.tick;
    // Pictures that do not follow each other say nothing about the rate.
    if (beforeMs !== undefined && this.#onQuality !== undefined && this.#rate.note(nowMs - beforeMs)) this.#onQuality();
    this.#scene.update(sample, nowMs);
    const pose = sample === undefined ? undefined : this.#scene.poseOf(this.#cameras.slot);
    const seconds = beforeMs === undefined ? 0.016 : Math.min(0.2, (nowMs - beforeMs) / 1000);
    if (this.#cameras.update(pose, seconds)) this.wake();
    this.#scene.goals.update(this.#stage.camera);
    this.#scene.chunks.update(this.#cameras.focus);
    this.#stage.render(this.#cameras.focus);
  }
}
