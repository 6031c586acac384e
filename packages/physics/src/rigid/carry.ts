/**
 * Hands: walkers pick props up, carry them before them, put them down and throw them. Only in scenarios with `carrying`.
 * Data flow: `reach`, between `sweep` and `interact`, reads the keys, grips and lets go, and blanks the keys of hands that are full or have just acted;
 * `steer`, before Rapier's tick, gives the keys back and moves what is carried.
 * A carried prop stays a dynamic body that collides with everything: each tick it is given the velocity that brings it to where it is held, within what hands
 * can do, and no weight. So it enters nothing, it pushes and is stopped, and the walker meets it as any other prop. Who carries what is in state words.
 * It is held upright, turned as it was when it was gripped, and swings around its carrier, never through it.
 */
import type { Collider, RigidBody } from '@dimforge/rapier3d';
import {
  ACTION_WORD,
  ACTION_WORDS,
  AGENT_FLAG,
  cosQ14,
  EVENT,
  INTERACT,
  PROP_WORDS,
  raycastVoxels,
  sinQ14,
  TICKS_PER_SECOND,
} from '@kinovox/world';
import { EYE_Q16, EYE_SNEAKING_Q16, HALF_WIDTH_Q16, HEIGHT_Q16 } from '../bodies/walker.js';
import type { CarryTables, PropTables } from '../program.js';
import { ALIVE, type TickContext } from '../stages/context.js';
import { pushEvent } from '../stages/events.js';
import { clampTo, roundShift } from '../stages/rounding.js';
import {
  CARRY_CLEARANCE,
  CARRY_DISTANCE,
  CARRY_HEIGHT,
  CARRY_LIFT,
  HAND_FORCE,
  HAND_SPEED,
  HAND_SPIN,
  SKIN,
  STUCK_DISTANCE,
  STUCK_SPEED,
  SWING_COS,
  SWING_SIN,
  THROW_SPEED,
  WALKER_MASS_KG,
} from './constants.js';
import { halfReach, POSE } from './prop-bounds.js';
import { type PropHull, propHull } from './prop-shapes.js';
import type { Rapier } from './rapier.js';
import type { RigidWorld } from './rigid-world.js';

/** Why a prop is carried no more: data1 of the event `putDown`. */
export const LET_GO = { byHand: 0, stuck: 1, carrierLeft: 2 } as const;

const METRE = 1 / 65536;
const Q14 = 1 / 16384;
/** Q16 block/tick in m/s. */
const SPEED = TICKS_PER_SECOND / 65536;
/** A prop whose highest point is at most this far above the feet may be what one stands on, Q16. */
const STANDING_Q16 = 8192;
/** Shortest quaternion, or way, that has a direction. */
const NOWHERE = 1e-6;

interface Vector {
  x: number;
  y: number;
  z: number;
}

export class Hands {
  readonly #rapier: Rapier;
  readonly #props: PropTables;
  readonly #rules: CarryTables;
  readonly #hulls: readonly PropHull[];
  /** `[B, A]` the key that each agent pressed, while its word is blank. */
  readonly #keys: Int32Array;
  /** `[A]` prop + 1 that each agent reaches for in this tick. */
  readonly #wanted: Int32Array;

  constructor(rapier: Rapier, props: PropTables, rules: CarryTables, numWorlds: number, numAgents: number) {
    this.#rapier = rapier;
    this.#props = props;
    this.#rules = rules;
    this.#hulls = props.ids.map((_, p) => propHull(props, p));
    this.#keys = new Int32Array(numWorlds * numAgents);
    this.#wanted = new Int32Array(numAgents);
  }

  /** The stage between `sweep` and `interact`: everyone reads the props and hands of the start of the stage, then grips are contested. */
  reach(c: TickContext, w: number, world: RigidWorld): void {
    const { state, numAgents } = c;
    const words = c.buffers.actionWords;
    this.#wanted.fill(0);
    for (let a = 0; a < numAgents; a++) {
      const i = w * numAgents + a;
      const word = i * ACTION_WORDS + ACTION_WORD.interact;
      const kind = words[word];
      this.#keys[i] = kind;
      if ((state.flags[i] & ALIVE) === 0) continue;
      const isHand = kind === INTERACT.use || kind === INTERACT.attack;
      if (!isHand) state.carryLatch[i] = 0;
      if (state.carriedProp[i] !== 0) {
        words[word] = INTERACT.none;
        continue;
      }
      if (isHand && state.carryLatch[i] !== 0) words[word] = INTERACT.none;
      else if (kind === INTERACT.use) this.#wanted[a] = this.#aimedAt(c, w, i, world) + 1;
    }
    for (let a = 0; a < numAgents; a++) if (this.#wanted[a] !== 0) this.#grip(c, w, a, world);
    for (let a = 0; a < numAgents; a++) {
      const i = w * numAgents + a;
      // What was gripped in this stage is let go in a later one: its key is latched.
      if (state.carriedProp[i] === 0 || (state.flags[i] & ALIVE) === 0 || this.#wanted[a] !== 0) continue;
      if (this.#isStuck(c, i, world)) this.#letGo(c, w, a, world, LET_GO.stuck);
      else if (state.carryLatch[i] === 0) this.#useFull(c, w, a, this.#keys[i], world);
    }
  }

  /** Before Rapier's tick, when walkers stand where this tick put them. */
  steer(c: TickContext, w: number, world: RigidWorld): void {
    const { state, numAgents } = c;
    for (let a = 0; a < numAgents; a++) {
      const i = w * numAgents + a;
      c.buffers.actionWords[i * ACTION_WORDS + ACTION_WORD.interact] = this.#keys[i];
      if (state.carriedProp[i] === 0) continue;
      if ((state.flags[i] & ALIVE) === 0) this.#letGo(c, w, a, world, LET_GO.carrierLeft);
      else this.#move(c, i, world.props[state.carriedProp[i] - 1], world.terrain);
    }
  }

  /** The least (slot - tick) mod A of those who reach for a prop takes it. */
  #grip(c: TickContext, w: number, a: number, world: RigidWorld): void {
    const { state, buffers, numAgents } = c;
    const i = w * numAgents + a;
    const p = this.#wanted[a] - 1;
    buffers.actionWords[i * ACTION_WORDS + ACTION_WORD.interact] = INTERACT.none;
    const winner = this.#winnerOf(p + 1, state.tick[w]);
    if (winner !== a) {
      pushEvent(state, buffers, w, EVENT.outreached, a, p, winner, 0);
      return;
    }
    const body = world.props[p];
    const turn = body.rotation();
    const yaw = bearingTurn(0 - sinQ14(state.yaw[i]) * Q14, 0 - cosQ14(state.yaw[i]) * Q14);
    // What is left of the prop's turn about the upright axis when the carrier's own is taken away.
    const y = yaw.w * turn.y - yaw.y * turn.w;
    const rest = yaw.w * turn.w + yaw.y * turn.y;
    const length = Math.sqrt(y * y + rest * rest);
    state.carriedProp[i] = p + 1;
    state.carryLatch[i] = 1;
    state.carryGrip[2 * i] = length < NOWHERE ? 0 : nearest((y / length) * 16384);
    state.carryGrip[2 * i + 1] = length < NOWHERE ? 16384 : nearest((rest / length) * 16384);
    body.setGravityScale(0, true);
    pushEvent(state, buffers, w, EVENT.pickedUp, a, p, 0, 0);
  }

  #winnerOf(wanted: number, tick: number): number {
    const numAgents = this.#wanted.length;
    const first = tick % numAgents;
    for (let k = 0; k < numAgents; k++) {
      const a = first + k < numAgents ? first + k : first + k - numAgents;
      if (this.#wanted[a] === wanted) return a;
    }
    return -1;
  }

  /** What full hands do: put down, or throw. */
  #useFull(c: TickContext, w: number, a: number, kind: number, world: RigidWorld): void {
    const { state, buffers, numAgents } = c;
    const i = w * numAgents + a;
    if (kind === INTERACT.use) {
      const body = world.props[state.carriedProp[i] - 1];
      body.setLinvel({ x: 0, y: 0, z: 0 }, true);
      body.setAngvel({ x: 0, y: 0, z: 0 }, true);
      this.#letGo(c, w, a, world, LET_GO.byHand);
    } else if (kind === INTERACT.attack) {
      const p = state.carriedProp[i] - 1;
      const body = world.props[p];
      const amount = Math.min(this.#rules.throwImpulse, this.#props.massKg[p] * THROW_SPEED);
      const look = lookOf(c, i);
      body.setGravityScale(1, true);
      body.applyImpulse({ x: look.x * Q14 * amount, y: look.y * Q14 * amount, z: look.z * Q14 * amount }, true);
      // The carrier's own share of the momentum; the ground takes the upright part.
      const lost = amount / WALKER_MASS_KG / SPEED;
      state.velX[i] = clampTo(state.velX[i] - nearest(lost * look.x * Q14), MAX_RECOIL_Q16);
      state.velZ[i] = clampTo(state.velZ[i] - nearest(lost * look.z * Q14), MAX_RECOIL_Q16);
      pushEvent(state, buffers, w, EVENT.threw, a, p, nearest(amount / SPEED), 0);
      this.#empty(c, i);
    }
  }

  #letGo(c: TickContext, w: number, a: number, world: RigidWorld, why: number): void {
    const { state, buffers, numAgents } = c;
    const i = w * numAgents + a;
    const p = state.carriedProp[i] - 1;
    world.props[p].setGravityScale(1, true);
    pushEvent(state, buffers, w, EVENT.putDown, a, p, why, 0);
    this.#empty(c, i);
  }

  /** Hands without a prop; the key that emptied them must be let go before it acts again. */
  #empty({ state }: TickContext, i: number): void {
    state.carriedProp[i] = 0;
    state.carryLatch[i] = 1;
    state.carryGrip[2 * i] = 0;
    state.carryGrip[2 * i + 1] = 0;
  }

  /** The nearest prop in the middle of the view that agent i can pick up, or -1. */
  #aimedAt(c: TickContext, w: number, i: number, world: RigidWorld): number {
    const { state } = c;
    const { maxMassKg, reachMetres } = this.#rules;
    const eye = state.posY[i] + ((state.flags[i] & AGENT_FLAG.sneaking) !== 0 ? EYE_SNEAKING_Q16 : EYE_Q16);
    const look = lookOf(c, i);
    const origin = { x: state.posX[i] * METRE, y: eye * METRE, z: state.posZ[i] * METRE };
    const ray = new this.#rapier.Ray(origin, { x: look.x * Q14, y: look.y * Q14, z: look.z * Q14 });
    let first = reachMetres;
    let met = -1;
    for (let p = 0; p < world.props.length; p++) {
      const place = world.props[p].translation();
      const far = reachMetres + this.#hulls[p].reach;
      if (Math.abs(place.x - origin.x) > far || Math.abs(place.y - origin.y) > far || Math.abs(place.z - origin.z) > far) continue;
      const distance = world.props[p].collider(0).castRay(ray, first, true);
      if (distance < 0 || distance >= first) continue;
      first = distance;
      met = p;
    }
    // Nobody carries an agent's vehicle.
    if (met >= (c.program.vehicles?.firstProp ?? Infinity)) return -1;
    if (met < 0 || this.#props.massKg[met] > maxMassKg || isCarried(c, w, met) || isUnderFoot(c, w, i, met)) return -1;
    const blocked = raycastVoxels(
      c.program.blocks.targetable,
      state.voxels,
      w * state.cellsPerWorld,
      c.sizeX,
      c.sizeY,
      c.sizeZ,
      state.posX[i],
      eye,
      state.posZ[i],
      look.x,
      look.y,
      look.z,
      Math.max(1, Math.floor(first * 65536)),
      c.ray,
    );
    return blocked === 1 ? -1 : met;
  }

  /** Whether what agent i carries is off where it is held and does not move, or has been left far behind. */
  #isStuck(c: TickContext, i: number, world: RigidWorld): boolean {
    const body = world.props[c.state.carriedProp[i] - 1];
    const held = this.#heldAt(c, i, body.translation());
    const off = lengthOf(held.off);
    if (off <= STUCK_DISTANCE) return false;
    return off > this.#rules.reachMetres + held.radius || lengthOf(body.linvel()) < STUCK_SPEED;
  }

  /** Velocity and spin of what agent i carries, for the tick to come. */
  #move(c: TickContext, i: number, body: RigidBody, terrain: Collider): void {
    const { off, turn } = this.#heldAt(c, i, body.translation());
    const way = lengthOf(off);
    const most = HAND_FORCE * body.invMass();
    // Hands slow down in time: from the speed sqrt(2 a s) they can stop within s.
    const speed = Math.min(way * TICKS_PER_SECOND, Math.sqrt(2 * most * way), HAND_SPEED);
    const share = way < NOWHERE ? 0 : speed / way;
    const was = body.linvel();
    const change = { x: off.x * share - was.x, y: off.y * share - was.y, z: off.z * share - was.z };
    const part = Math.min(1, most / TICKS_PER_SECOND / Math.max(NOWHERE, lengthOf(change)));
    const v = { x: was.x + change.x * part, y: was.y + change.y * part, z: was.z + change.z * part };
    keepOut(v, body, terrain);
    body.setLinvel(v, true);
    body.setAngvel(spinTowards(turn, body.rotation()), true);
  }

  /**
   * Where agent i holds what it carries in this tick: on the arc around it, at most a swing from where the prop is now.
   * @returns the way there, the turn about the upright axis that it is to have, and the radius of the arc.
   */
  #heldAt(c: TickContext, i: number, place: Vector): { off: Vector; turn: { y: number; w: number }; radius: number } {
    const { state } = c;
    const p = state.carriedProp[i] - 1;
    const x = state.posX[i] * METRE;
    const z = state.posZ[i] * METRE;
    const ahead = level(0 - sinQ14(state.yaw[i]) * Q14, 0 - cosQ14(state.yaw[i]) * Q14);
    const bearing = swung(level(place.x - x, place.z - z), ahead);
    const y = state.carryGrip[2 * i] * Q14;
    const w = state.carryGrip[2 * i + 1] * Q14;
    const radius = CARRY_DISTANCE + backReach(this.#hulls[p], y, w);
    const lift = CARRY_HEIGHT + CARRY_LIFT * sinQ14(state.pitch[i]) * Q14;
    const height = Math.max(lift, this.#props.halfExtentsQ16[3 * p + 1] * METRE + CARRY_CLEARANCE);
    const off = {
      x: x + bearing.x * radius - place.x,
      y: state.posY[i] * METRE + height - place.y,
      z: z + bearing.z * radius - place.z,
    };
    const yaw = bearingTurn(bearing.x, bearing.z);
    return { off, turn: { y: yaw.y * w + yaw.w * y, w: yaw.w * w - yaw.y * y }, radius };
  }
}

/** Most speed that a recoil leaves, Q16 block/tick: that of bodies. */
const MAX_RECOIL_Q16 = 1 << 18;

/** Takes from a velocity what would press a body into terrain within the tick: solvers give way to what presses, tick after tick. */
function keepOut(v: Vector, body: RigidBody, terrain: Collider): void {
  const { shape } = body.collider(0);
  for (let round = 0; round < KEEP_OUT_ROUNDS; round++) {
    const motion = { x: v.x / TICKS_PER_SECOND, y: v.y / TICKS_PER_SECOND, z: v.z / TICKS_PER_SECOND };
    const hit = terrain.castShape(AT_REST, shape, body.translation(), body.rotation(), motion, SKIN, 1, false);
    if (hit === null) return;
    const { x, y, z } = hit.normal1;
    const into = v.x * x + v.y * y + v.z * z;
    if (into >= 0) return;
    const taken = into * (1 - hit.time_of_impact);
    v.x -= x * taken;
    v.y -= y * taken;
    v.z -= z * taken;
  }
}

/** Floor and two walls of a corner. */
const KEEP_OUT_ROUNDS = 3;
const AT_REST = { x: 0, y: 0, z: 0 };

/** Whether anyone carries prop p of world w. */
export function isCarried({ state, numAgents }: TickContext, w: number, p: number): boolean {
  for (let i = w * numAgents; i < (w + 1) * numAgents; i++) if (state.carriedProp[i] === p + 1) return true;
  return false;
}

/** Whether agent i may be standing on prop p: hands do not lift their own ground. */
function isUnderFoot(c: TickContext, w: number, i: number, p: number): boolean {
  const { state, program } = c;
  const at = (w * program.numProps + p) * PROP_WORDS;
  const pose = state.prop;
  const gap = (axis: number, centre: number) => Math.abs(pose[at + axis] - centre) - halfReach(program.props, pose, at, p, axis);
  if (gap(POSE.x, state.posX[i]) >= HALF_WIDTH_Q16 || gap(POSE.z, state.posZ[i]) >= HALF_WIDTH_Q16) return false;
  return gap(POSE.y, state.posY[i] + HEIGHT_Q16 / 2) < HEIGHT_Q16 / 2 + STANDING_Q16;
}

/** Where agent i looks, Q14. */
function lookOf({ state }: TickContext, i: number): Vector {
  const cosPitch = cosQ14(state.pitch[i]);
  return {
    x: (0 - roundShift(Math.imul(sinQ14(state.yaw[i]), cosPitch), 14)) | 0,
    y: sinQ14(state.pitch[i]),
    z: (0 - roundShift(Math.imul(cosQ14(state.yaw[i]), cosPitch), 14)) | 0,
  };
}

/** (x, z) at length 1; the north where it has no direction. */
function level(x: number, z: number): { x: number; z: number } {
  const length = Math.sqrt(x * x + z * z);
  return length < NOWHERE ? { x: 0, z: -1 } : { x: x / length, z: z / length };
}

/** From one direction towards another, at most a swing. */
function swung(from: { x: number; z: number }, to: { x: number; z: number }): { x: number; z: number } {
  if (from.x * to.x + from.z * to.z >= SWING_COS) return to;
  const side = from.x * to.z - from.z * to.x >= 0 ? SWING_SIN : -SWING_SIN;
  return level(from.x * SWING_COS - from.z * side, from.z * SWING_COS + from.x * side);
}

/** The turn about the upright axis that takes -z to the level direction (x, z): y and w of a quaternion. */
function bearingTurn(x: number, z: number): { y: number; w: number } {
  // cos of the angle is -z and its sine -x; halves by (1 + cos) / 2.
  const w = Math.sqrt(Math.max(0, (1 - z) / 2));
  if (w < 0.01) return { y: 1, w: 0 };
  const y = (0 - x) / (2 * w);
  const length = Math.sqrt(y * y + w * w);
  return { y: y / length, w: w / length };
}

/** How far a hull, turned by (y, w) about the upright axis, reaches toward +z: back to who holds it ahead. */
function backReach({ points, radius }: PropHull, y: number, w: number): number {
  const sin = 2 * y * w;
  const cos = w * w - y * y;
  let most = 0;
  for (let k = 0; k < points.length; k += 3) most = Math.max(most, points[k + 2] * cos - points[k] * sin);
  return most + radius;
}

/** Spin that takes a body's turn to one about the upright axis, rad/s: half of the way in a tick, so that none is overshot. */
function spinTowards(to: { y: number; w: number }, from: { x: number; y: number; z: number; w: number }): Vector {
  // to * conj(from), with to = (0, y, 0, w).
  const ex = to.y * (0 - from.z) - to.w * from.x;
  const ey = to.y * from.w - to.w * from.y;
  const ez = to.y * from.x - to.w * from.z;
  const ew = to.w * from.w + to.y * from.y;
  const gain = (ew < 0 ? -1 : 1) * TICKS_PER_SECOND;
  const spin = { x: ex * gain, y: ey * gain, z: ez * gain };
  const part = Math.min(1, HAND_SPIN / Math.max(NOWHERE, lengthOf(spin)));
  return { x: spin.x * part, y: spin.y * part, z: spin.z * part };
}

function lengthOf({ x, y, z }: Vector): number {
  return Math.sqrt(x * x + y * y + z * z);
}

/** Nearest integer, odd in v. */
function nearest(v: number): number {
  return v < 0 ? -Math.floor(0.5 - v) : Math.floor(v + 0.5);
}
