/**
 * The value of a walker's state: how far, in metres, it keeps from harm at the worst moment of braking to a stop, by rolling out the tick's own motion.
 * Harm is a fall of more than `maxFall` blocks, and lava; a landing counts with how little would have missed the ground. Below 0 braking does not avoid it. It is a lower bound of the value function over all controls,
 * and needs no grid: V(x) = max over brakes, min over block extremes, min over ticks of the distance to harm.
 * @source (backup rollouts as a value) Chen, Jankovic, Santillo & Ames, "Backup control barrier functions", CDC 2021.
 */
import { type BatchState, createWalkerMotion, type ScenarioProgram, type WalkerMotion } from '@kinovox/physics';
import { ACTION_FIELDS, ACTION_WORD, AGENT_FLAG, cosQ14, sinQ14 } from '@kinovox/world';
import { createMovingBlocks } from './moving-blocks.js';
import type { HarmKind, StateValue } from './state-value.js';

export interface WalkerHarm {
  /** Blocks that a body may fall. */
  readonly maxFall: number;
  /** Ticks in which it must have come to a stop. */
  readonly horizonTicks: number;
}

/** As any value; `brakeInto` writes the better brake of the last `valueAfter` without an action. */
export type WalkerValue = StateValue;

/** Values end here: what is further off does not count. */
export const CLEAR = 1;

/** Walking input that brakes fully does so over this speed, Q16 per tick, with and without sneaking. */
const FULL_BRAKE_Q16 = 6554;
const SNEAK_BRAKE_Q16 = 1966;
const AIR_BRAKE_Q16 = 1311;
/** Speeds up to this end a braking: `NEGLIGIBLE_Q16` of the walker. */
const REST_Q16 = 195;
/** Cells around a body in which lava counts. Part of the body that it reaches: 0.2 around its middle, from 0.4 above the feet to 0.4 below the top (`LAVA_INSET_*` of the walker). */
const LAVA_REACH = 8;
const LAVA_SIDE = 0.2;
const LAVA_LOW = 0.4;
const LAVA_HIGH = 1.4;
/** Half the width of a walker's feet. */
const FOOT = 0.3;

export function createWalkerValue(program: ScenarioProgram, { maxFall, horizonTicks }: WalkerHarm): WalkerValue {
  const motion = createWalkerMotion(program);
  const moving = createMovingBlocks(program);
  const { liquid } = program.blocks;
  const hasLava = liquid.includes(2);
  const [sizeX, sizeY, sizeZ] = program.size;
  const row = new Float32Array(ACTION_FIELDS);
  const harm: { kind: HarmKind; ticks: number } = { kind: 'none', ticks: 0 };
  const worst: { kind: HarmKind; ticks: number } = { kind: 'none', ticks: 0 };
  let world: { state: BatchState; w: number; slot: number; shiftX: number; shiftZ: number } | undefined;
  let present: Uint32Array = new Uint32Array(0);
  let ticks = 0;
  let sneaks = true;
  let switches = false;
  /** Solid cells that the body moves among now, and whether the action before the brake ended in a landing. */
  let rows: Uint32Array = present;
  let landsFirst = false;

  /** Lava that the body may come near: x y z triples. */
  const lava: number[] = [];
  function findLava(): void {
    lava.length = 0;
    if (!hasLava || world === undefined) return;
    const { voxels, cellsPerWorld } = world.state;
    const base = world.w * cellsPerWorld;
    const { posX, posY, posZ } = motion.words;
    const [cellX, cellY, cellZ] = [posX >> 16, posY >> 16, posZ >> 16];
    for (let y = Math.max(0, cellY - LAVA_REACH); y <= Math.min(sizeY - 1, cellY + LAVA_REACH); y++)
      for (let z = Math.max(0, cellZ - LAVA_REACH); z <= Math.min(sizeZ - 1, cellZ + LAVA_REACH); z++) {
        const line = base + (y * sizeZ + z) * sizeX;
        for (let x = Math.max(0, cellX - LAVA_REACH); x <= Math.min(sizeX - 1, cellX + LAVA_REACH); x++)
          if (liquid[voxels[line + x]] === 2) lava.push(x, y, z);
      }
  }

  /** Distance of the body to lava, metres, at most CLEAR. */
  function lavaDistance(): number {
    const x = motion.words.posX / 65536;
    const y = motion.words.posY / 65536;
    const z = motion.words.posZ / 65536;
    let least = CLEAR;
    for (let k = 0; k < lava.length; k += 3) {
      const apartX = Math.abs(lava[k] + 0.5 - x) - 0.5 - LAVA_SIDE;
      const apartZ = Math.abs(lava[k + 2] + 0.5 - z) - 0.5 - LAVA_SIDE;
      const apartY = Math.max(lava[k + 1] - (y + LAVA_HIGH), y + LAVA_LOW - (lava[k + 1] + 1));
      const apart = Math.max(apartX, apartY, apartZ);
      if (apart < least) least = apart;
    }
    return least;
  }

  /** The distance to harm now; notes the kind where it is the least so far. */
  function note(value: number): number {
    const fall = maxFall - motion.words.fallDistance / 65536;
    const toLava = lavaDistance();
    motion.land();
    let now = value;
    if (fall < now) {
      now = fall;
      worst.kind = 'fall';
      worst.ticks = ticks;
    }
    if (toLava < now) {
      now = toLava;
      worst.kind = 'lava';
      worst.ticks = ticks;
    }
    return now;
  }

  /** Metres of the feet that stand on the solid cell that carries most of them: what a landing may be off by. */
  function footing(): number {
    const x = motion.words.posX / 65536;
    const z = motion.words.posZ / 65536;
    const layer = (motion.words.posY >> 16) - 1;
    // Below the world it is solid.
    if (layer < 0) return CLEAR;
    let most = 0;
    for (let cz = Math.max(0, Math.floor(z - FOOT)); cz <= Math.min(sizeZ - 1, Math.floor(z + FOOT)); cz++)
      for (let cx = Math.max(0, Math.floor(x - FOOT)); cx <= Math.min(sizeX - 1, Math.floor(x + FOOT)); cx++) {
        if ((rows[(layer * sizeZ + cz) * program.rowWords + (cx >> 5)] & (1 << (cx & 31))) === 0) continue;
        const onX = Math.min(x + FOOT, cx + 1) - Math.max(x - FOOT, cx);
        const onZ = Math.min(z + FOOT, cz + 1) - Math.max(z - FOOT, cz);
        most = Math.max(most, Math.min(onX, onZ));
      }
    return most;
  }

  /** The distance to harm after a landing: how little would have missed the ground. */
  function noteLanding(value: number): number {
    const held = footing();
    if (held >= value) return value;
    worst.kind = 'fall';
    worst.ticks = ticks;
    return held;
  }

  /** Brakes until the body rests; the least distance to harm on the way, starting from `value`. */
  function brake(value: number): number {
    let least = value;
    for (; ticks < horizonTicks && least >= 0; ticks++) {
      const { flags, velX, velZ } = motion.words;
      const slow = velX <= REST_Q16 && velX >= -REST_Q16 && velZ <= REST_Q16 && velZ >= -REST_Q16;
      // Once around from here shows whether the ground holds.
      row.fill(0);
      writeBrake(row, motion, sneaks);
      motion.step(row);
      least = note(least);
      if ((flags & AGENT_FLAG.onGround) === 0 && (motion.words.flags & AGENT_FLAG.onGround) !== 0) least = noteLanding(least);
      if (slow && (flags & motion.words.flags & AGENT_FLAG.onGround) !== 0) return least;
    }
    if (least < 0) return least;
    // Who floats or hangs on a ladder is held.
    if ((motion.words.flags & (AGENT_FLAG.onGround | AGENT_FLAG.onLadder)) !== 0 || (motion.liquids() & AGENT_FLAG.inWater) !== 0)
      return least;
    worst.kind = 'unsettled';
    worst.ticks = ticks;
    return -CLEAR;
  }

  /** One extreme of the moving blocks: among `first` until the body rests, then with all of them gone. */
  function through(first: Uint32Array): number {
    motion.rewind();
    worst.kind = 'none';
    ticks = 1;
    rows = first;
    motion.among(rows);
    let value = note(CLEAR);
    if (landsFirst) value = noteLanding(value);
    value = brake(value);
    if (!switches || first === moving.gone || value < 0) return value;
    rows = moving.gone;
    motion.among(rows);
    ticks = Math.min(ticks, horizonTicks - 30);
    return brake(value);
  }

  /** Over all extremes, with the brake at hand. */
  function ofBrake(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const first of switches ? [moving.gone, present, moving.there] : [present]) {
      const value = through(first);
      if (value >= least) continue;
      least = value;
      harm.kind = worst.kind;
      harm.ticks = worst.ticks;
      if (first !== present && worst.kind === 'fall') harm.kind = 'blocks';
      if (least < 0) break;
    }
    return least;
  }

  return {
    harm,
    take(state, w, slot, shiftX = 0, shiftZ = 0) {
      world = { state, w, slot, shiftX, shiftZ };
    },
    valueAfter(action) {
      if (world === undefined) return Number.NaN;
      const { state, w, slot, shiftX, shiftZ } = world;
      motion.take(state, w, slot);
      motion.shift(shiftX, shiftZ);
      present = state.rows.subarray(w * state.rowsPerWorld, (w + 1) * state.rowsPerWorld);
      const flies = (motion.words.flags & AGENT_FLAG.onGround) === 0;
      if (action !== undefined) motion.step(action);
      landsFirst = action !== undefined && flies && (motion.words.flags & AGENT_FLAG.onGround) !== 0;
      switches = moving.around(state, w, motion.words);
      findLava();
      motion.mark();
      sneaks = true;
      const careful = ofBrake();
      if (careful > CLEAR / 2 || lava.length === 0) return careful;
      const { kind, ticks: after } = harm;
      sneaks = false;
      const quick = ofBrake();
      if (quick > careful) return quick;
      sneaks = true;
      harm.kind = kind;
      harm.ticks = after;
      return careful;
    },
    brakeInto(out) {
      if (world === undefined) return;
      motion.take(world.state, world.w, world.slot);
      motion.shift(world.shiftX, world.shiftZ);
      writeBrake(out, motion, sneaks);
    },
  };
}

/** Input against the speed, without turning; on ground sneaking, which stops at edges, where `sneaks`. */
function writeBrake(out: Float32Array, { words }: WalkerMotion, sneaks: boolean): void {
  const grounded = (words.flags & AGENT_FLAG.onGround) !== 0;
  const full = !grounded ? AIR_BRAKE_Q16 : sneaks ? SNEAK_BRAKE_Q16 : FULL_BRAKE_Q16;
  const sin = sinQ14(words.yaw) / 16384;
  const cos = cosQ14(words.yaw) / 16384;
  // The heading is (-sin, -cos), its right (cos, -sin).
  const alongX = -words.velX / full;
  const alongZ = -words.velZ / full;
  const length = Math.max(1, Math.hypot(alongX, alongZ));
  out[ACTION_WORD.forward] = (-sin * alongX - cos * alongZ) / length;
  out[ACTION_WORD.strafe] = (cos * alongX - sin * alongZ) / length;
  // The brake that is done is the one that was rolled out, to the last bit: a turn would round its input otherwise.
  out[ACTION_WORD.turn] = 0;
  out[ACTION_WORD.look] = 0;
  out[ACTION_WORD.jump] = 0;
  out[ACTION_WORD.sprint] = 0;
  out[ACTION_WORD.sneak] = grounded && sneaks ? 1 : 0;
}
