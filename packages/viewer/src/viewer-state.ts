/** What tests and curious people can read of the page, in `window.__kinovox`. */
import type { Plans } from '@kinovox/world';
import type { CameraMode } from './scene/cameras.js';
import type { PlanCounts } from './scene/plan-overlay.js';

export interface ViewerState {
  readonly connected: boolean;
  /** Tick of the newest frame, or -1. */
  readonly tick: number;
  /** Tick that is drawn, with its fraction, or -1. */
  readonly shownTick: number;
  readonly world: number;
  readonly episode: number;
  readonly stream: number;
  /** Chunks meshed since the page loaded. */
  readonly meshedChunks: number;
  /** Whether every chunk is up to date. */
  readonly settled: boolean;
  readonly totalEdits: number;
  readonly camera: CameraMode;
  readonly numAgents: number;
  /** Position of the camera in metres. */
  readonly cameraPosition: readonly number[];
  /** Mobs drawn, dying ones included. */
  readonly numMobs: number;
  /** Lights of pushes drawn now. */
  readonly numFlashes: number;
  /** Whether what collides is outlined. */
  readonly colliders: boolean;
  /** The plans that are drawn, as the host sent them, and what is drawn of them. */
  readonly plans: { data: Plans; drawn: PlanCounts } | undefined;
  /** Slot of the agent that is played from this page, or -1. */
  readonly played: number;
  /** Time of day drawn, as a share from sunrise; -1 where it is always noon. */
  readonly dayShare: number;
  /** Draw calls of the last picture. */
  readonly drawCalls: number;
  /** Pictures drawn since the page loaded. */
  readonly pictures: number;
}
