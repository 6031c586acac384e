/** Where walkers push props: a light where they meet, larger for a larger impulse, that fades within a moment. */
import { EVENT, PROP_WORDS } from '@kinovox/world';
import * as THREE from 'three';
import type { AgentPose } from '../agent-pose.js';
import type { FrameSample } from '../frame-timeline.js';
import type { WorldEvent } from '../world-model.js';

const METRES = 1 / 65536;
/** Impulses in events are Q16 kg block/tick: 20 of them per second. */
const NEWTON_SECONDS = 20 / 65536;
const FADE_MS = 420;
/** Half the width of a walker, and the heights over its feet between which it is met, metres. */
const HALF_WIDTH = 0.3;
const LOWEST = 0.15;
const HIGHEST = 1.65;
const COLOR = 0xffd27a;

interface Flash {
  sprite: THREE.Sprite;
  slot: number;
  prop: number;
  /** Metres across at its brightest. */
  size: number;
  bornMs: number;
}

export class ContactFlashes {
  readonly group = new THREE.Group();
  readonly #flashes = new Map<string, Flash>();
  #texture: THREE.Texture | undefined;

  /** Flashes seen now. */
  get numShown(): number {
    return this.#flashes.size;
  }

  reset(): void {
    for (const key of [...this.#flashes.keys()]) this.#drop(key);
  }

  /** Pushes among new events; a push that goes on keeps its light. */
  take(events: readonly WorldEvent[], nowMs: number): void {
    for (const { kind, slot, data0, data1 } of events) {
      if (kind !== EVENT.pushed || slot < 0) continue;
      const key = `${slot}/${data0}`;
      const known = this.#flashes.get(key);
      const size = sizeOf(data1);
      if (known === undefined) this.#flashes.set(key, { sprite: this.#createSprite(), slot, prop: data0, size, bornMs: nowMs });
      else Object.assign(known, { bornMs: nowMs, size: Math.max(size, known.size * 0.8) });
    }
  }

  update({ after }: FrameSample, poses: readonly AgentPose[], nowMs: number): void {
    for (const [key, flash] of this.#flashes) {
      const age = (nowMs - flash.bornMs) / FADE_MS;
      const pose = poses[flash.slot];
      const at = flash.prop * PROP_WORDS;
      if (age >= 1 || pose === undefined || at + PROP_WORDS > after.props.length) {
        this.#drop(key);
        continue;
      }
      const [x, y, z] = [0, 1, 2].map((k) => after.props[at + k] * METRES);
      // The point of the walker's side that is nearest to the prop's centre.
      flash.sprite.position.set(
        pose.x + clamp(x - pose.x, HALF_WIDTH),
        Math.max(pose.y + LOWEST, Math.min(pose.y + HIGHEST, y)),
        pose.z + clamp(z - pose.z, HALF_WIDTH),
      );
      flash.sprite.scale.setScalar(flash.size * (0.7 + 0.5 * age));
      flash.sprite.material.opacity = (1 - age) ** 2;
    }
  }

  #createSprite(): THREE.Sprite {
    this.#texture ??= glow();
    const sprite = new THREE.Sprite(
      new THREE.SpriteMaterial({
        map: this.#texture,
        color: COLOR,
        transparent: true,
        depthTest: false,
        depthWrite: false,
        blending: THREE.AdditiveBlending,
      }),
    );
    sprite.renderOrder = 3;
    this.group.add(sprite);
    return sprite;
  }

  #drop(key: string): void {
    const flash = this.#flashes.get(key);
    if (flash === undefined) return;
    this.group.remove(flash.sprite);
    flash.sprite.material.dispose();
    this.#flashes.delete(key);
  }
}

/** Metres across for an impulse: 0.45 for a nudge, at most 1.6. */
export function sizeOf(impulseQ16: number): number {
  return Math.min(1.6, 0.45 + 0.09 * Math.sqrt(Math.abs(impulseQ16) * NEWTON_SECONDS));
}

function clamp(value: number, most: number): number {
  return Math.max(-most, Math.min(most, value));
}

/** A soft disc with a bright ring. */
function glow(): THREE.Texture {
  const edge = 64;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = edge;
  const context = canvas.getContext('2d')!;
  const gradient = context.createRadialGradient(edge / 2, edge / 2, 0, edge / 2, edge / 2, edge / 2);
  gradient.addColorStop(0, 'rgba(255,255,255,0.95)');
  gradient.addColorStop(0.35, 'rgba(255,255,255,0.35)');
  gradient.addColorStop(0.62, 'rgba(255,255,255,0.55)');
  gradient.addColorStop(1, 'rgba(255,255,255,0)');
  context.fillStyle = gradient;
  context.fillRect(0, 0, edge, edge);
  return new THREE.CanvasTexture(canvas);
}
