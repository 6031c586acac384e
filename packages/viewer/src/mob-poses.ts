/**
 * Mobs at the moment that is drawn: where they are between two frames, how far they have walked, whether they were just hurt or have just died.
 * All of it follows the tick that is shown, so that pausing freezes it and seeking forgets it. Without a DOM.
 */
import { FRAME_MOB, FRAME_MOB_WORDS } from '@kinovox/world';
import type { FrameSample } from './frame-timeline.js';

export interface MobPose {
  x: number;
  y: number;
  z: number;
  /** Heading, 0 looks to -z, counter-clockwise seen from above. */
  yaw: number;
  /** Horizontal speed in m/s. */
  speed: number;
  /** Metres walked since it appeared: the phase of its gait. */
  walked: number;
  /** Half hearts left. */
  health: number;
  /** MOB_MOOD. */
  mood: number;
  /** 1 just hurt .. 0 not lately. */
  flash: number;
  /** Share of its dying done, 0..1; -1 while it lives. */
  dying: number;
}

interface Known {
  pose: MobPose;
  /** Ticks shown when it was last hurt and when it died; negative infinity and -1 before. */
  hurtTick: number;
  deathTick: number;
  seen: boolean;
}

/** Ticks that the red flash and the dying last. */
const FLASH_TICKS = 8;
export const DYING_TICKS = 22;
const METRES = 1 / 65536;
const RADIANS = (2 * Math.PI) / 4294967296;
const TICKS_PER_SECOND = 20;
/** Faster than this, in blocks per tick, is another mob in the slot, or a jump in time. */
const TELEPORT = 4;
/** Ticks that may lie between two pictures before everything is taken as new. */
const LONGEST_GAP = 100;

export class MobPoses {
  readonly #bySlot = new Map<number, Known>();
  #tick = Number.NEGATIVE_INFINITY;

  /** The living and the dying. */
  get size(): number {
    return this.#bySlot.size;
  }

  forEach(visit: (slot: number, pose: MobPose) => void): void {
    for (const [slot, { pose }] of this.#bySlot) visit(slot, pose);
  }

  reset(): void {
    this.#bySlot.clear();
    this.#tick = Number.NEGATIVE_INFINITY;
  }

  update({ before, after, mix, tick }: FrameSample): void {
    if (tick < this.#tick || tick > this.#tick + LONGEST_GAP) this.#bySlot.clear();
    this.#tick = tick;
    const is = after.survival?.mobs ?? NOBODY;
    const was = before.survival?.mobs ?? NOBODY;
    const ticks = Math.max(1, after.tick - before.tick);
    for (const known of this.#bySlot.values()) known.seen = false;
    for (let at = 0; at < is.length; at += FRAME_MOB_WORDS) {
      const from = offsetOf(was, is[at + FRAME_MOB.slot]);
      this.#show(is, at, from < 0 ? is : was, from < 0 ? at : from, mix, ticks, tick);
    }
    for (const [slot, known] of this.#bySlot) if (!known.seen) this.#die(slot, known, tick);
  }

  #die(slot: number, known: Known, tick: number): void {
    if (known.deathTick < 0) known.deathTick = tick;
    const { pose } = known;
    pose.dying = (tick - known.deathTick) / DYING_TICKS;
    pose.flash = Math.max(0, 1 - pose.dying * 2);
    pose.speed = 0;
    if (pose.dying >= 1) this.#bySlot.delete(slot);
  }

  #show(is: Int32Array, at: number, was: Int32Array, from: number, mix: number, ticks: number, tick: number): void {
    const slot = is[at + FRAME_MOB.slot];
    const old = this.#bySlot.get(slot);
    // Whoever appears where another died is a new mob.
    const known = old !== undefined && old.deathTick < 0 ? old : createKnown();
    this.#bySlot.set(slot, known);
    known.seen = true;
    const { pose } = known;
    const dx = is[at + FRAME_MOB.posX] - was[from + FRAME_MOB.posX];
    const dy = is[at + FRAME_MOB.posY] - was[from + FRAME_MOB.posY];
    const dz = is[at + FRAME_MOB.posZ] - was[from + FRAME_MOB.posZ];
    const leaps = Math.max(Math.abs(dx), Math.abs(dy), Math.abs(dz)) * METRES > TELEPORT * ticks;
    const t = leaps ? 1 : mix;
    const x = (was[from + FRAME_MOB.posX] + dx * t) * METRES;
    const z = (was[from + FRAME_MOB.posZ] + dz * t) * METRES;
    const step = Math.hypot(x - pose.x, z - pose.z);
    if (Number.isFinite(step) && step < TELEPORT) pose.walked += step;
    pose.x = x;
    pose.y = (was[from + FRAME_MOB.posY] + dy * t) * METRES;
    pose.z = z;
    // Differences of angles wrap in i32, which is the short way round.
    pose.yaw = (was[from + FRAME_MOB.yaw] + ((is[at + FRAME_MOB.yaw] - was[from + FRAME_MOB.yaw]) | 0) * t) * RADIANS;
    pose.speed = leaps ? 0 : (Math.hypot(dx, dz) * METRES * TICKS_PER_SECOND) / ticks;
    const health = is[at + FRAME_MOB.health];
    if (health < pose.health) known.hurtTick = tick;
    pose.health = health;
    pose.mood = is[at + FRAME_MOB.mood];
    pose.flash = Math.max(0, 1 - (tick - known.hurtTick) / FLASH_TICKS);
    pose.dying = -1;
  }
}

const NOBODY = new Int32Array(0);

function createKnown(): Known {
  const pose = { x: Number.NaN, y: 0, z: Number.NaN, yaw: 0, speed: 0, walked: 0, health: 0, mood: 0, flash: 0, dying: -1 };
  return { pose, hurtTick: Number.NEGATIVE_INFINITY, deathTick: -1, seen: true };
}

function offsetOf(mobs: Int32Array, slot: number): number {
  for (let at = 0; at < mobs.length; at += FRAME_MOB_WORDS) if (mobs[at + FRAME_MOB.slot] === slot) return at;
  return -1;
}
