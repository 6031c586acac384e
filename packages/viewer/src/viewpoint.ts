/**
 * From where the world is seen, and whose agent is followed. Without a picture (no WebGL) there is no viewpoint, and nothing happens.
 * Data flow: keys, buttons, panels -> viewpoint -> cameras; who shows what is followed is told by `onChange`.
 */
import type { LevelMessage } from '@kinovox/world';
import * as THREE from 'three';
import type { CameraMode, Cameras, Insets } from './scene/cameras.js';
import { surfaceBounds } from './world-bounds.js';

export interface ViewpointWishes {
  insets(): Insets;
  /** Called when the camera or the agent followed has changed. */
  onChange(mode: CameraMode, slot: number): void;
}

export class Viewpoint {
  readonly #cameras: Cameras | undefined;
  readonly #wishes: ViewpointWishes;

  constructor(cameras: Cameras | undefined, wishes: ViewpointWishes) {
    this.#cameras = cameras;
    this.#wishes = wishes;
  }

  get mode(): CameraMode {
    return this.#cameras?.mode ?? 'orbit';
  }

  /** The agent followed; 0 where there is no picture. */
  get slot(): number {
    return this.#cameras?.slot ?? 0;
  }

  setMode(mode: CameraMode): void {
    if (this.#cameras === undefined) return;
    if (this.#cameras.mode !== mode) this.#cameras.mode = mode;
    this.fit();
    this.#wishes.onChange(mode, this.#cameras.slot);
  }

  /** Follows an agent; from behind, where the whole world was looked at. */
  follow(slot: number): void {
    this.see(slot, this.mode === 'orbit' ? 'follow' : this.mode);
  }

  see(slot: number, mode: CameraMode): void {
    if (this.#cameras === undefined) return;
    this.#cameras.slot = slot;
    this.setMode(mode);
  }

  /** The whole world of a level. */
  frame({ info: { size }, voxels }: LevelMessage): void {
    const { low, high } = surfaceBounds(size, voxels);
    const [from, to] = [new THREE.Vector3(0, low * 0.5, 0), new THREE.Vector3(size[0], high, size[2])];
    this.#cameras?.frame(from, to, size, this.#wishes.insets(), viewport());
    this.setMode('orbit');
  }

  /** To be called when bars, columns or the window change their size. */
  fit(): void {
    this.#cameras?.fitView(this.#wishes.insets(), viewport());
  }
}

/** Pixels of the window. */
export function viewport(): [number, number] {
  return [window.innerWidth, window.innerHeight];
}
