/**
 * The stage between `push` and `sweep`: where props stand in the way of walkers, and what both give each other.
 * Data flow: motion that voxels leave -> casts of the walker's box against each near prop -> bounds of the motion for `sweep`, velocities after the
 * impulses. Every walker reads props and walkers as they were at the start of the stage; impulses are applied when all are known.
 *
 * Impulses: along the horizontal contact normal n, at the height of the prop's centre of mass and the middle of the faces that meet. One contact gives
 *   j = (1 + e) u / (1 / M + 1 / m + (r x n) . I^-1 (r x n))
 * for approach speed u, walker mass M, prop mass m and restitution e, so momentum is conserved. Contacts that share a walker or a prop are solved
 * together (projected Gauss-Seidel): two walkers side by side push like one of twice the mass.
 * A walker that lands on a prop or jumps into one from below gives it M m / (M + m) u along y.
 * Floats here are f64 sums, products, quotients and roots, the same on every platform; what walkers get is rounded to their integers.
 */
import type { RigidBody } from '@dimforge/rapier3d';
import { EVENT, MAX_VELOCITY_Q16, TICKS_PER_SECOND } from '@kinovox/world';
import { HALF_WIDTH_Q16, HEIGHT_Q16 } from '../bodies/walker.js';
import type { PropJoint, PropTables } from '../program.js';
import { ALIVE, type TickContext } from '../stages/context.js';
import { pushEvent } from '../stages/events.js';
import { moveX, moveY, moveZ } from '../stages/move-axis.js';
import { clampTo } from '../stages/rounding.js';
import type { Casts, Vector } from './casts.js';
import { IMPULSE_ROUNDS, SKIN, WALKER_MASS_KG } from './constants.js';
import { yieldOf } from './joints.js';
import { type PropHull, propHull } from './prop-shapes.js';
import type { RigidWorld } from './rigid-world.js';

const METRE = 1 / 65536;
const HALF_WIDTH = HALF_WIDTH_Q16 * METRE;
const HALF_HEIGHT_Q16 = HEIGHT_Q16 / 2;
const HALF_HEIGHT = HALF_HEIGHT_Q16 * METRE;
/** Q16 block/tick in m/s. */
const SPEED = TICKS_PER_SECOND / 65536;
/** No bound: more than any motion. */
const FREE_Q16 = 1 << 20;
/** Words per agent in `moveBounds`: least and most motion along x, y, z. */
export const BOUND_WORDS = 6;
/** Contacts steeper than this, as the horizontal length of their normal, belong to the vertical cast. */
const LEAST_HORIZONTAL = 0.5;
/** Part of a normal below which casts give noise. */
const NORMAL_NOISE = 0.001;
/** Props whose impact comes at most this part of a tick after the first are met together. */
const TOGETHER = 1 / 16;
/** Points of a hull this near to its farthest one, metres, belong to the face that meets the walker. */
const FACE_DEPTH = 0.02;

const THIN = HALF_WIDTH - 2 * SKIN;
const LOW = HALF_HEIGHT - 2 * SKIN;
/** The walker's box, thinner by twice the skin across a cast, so that what it slides along does not stop it; last its full size. */
export const WALKER_BOXES: readonly Vector[] = [
  { x: HALF_WIDTH, y: LOW, z: THIN },
  { x: THIN, y: HALF_HEIGHT, z: THIN },
  { x: THIN, y: LOW, z: HALF_WIDTH },
  { x: HALF_WIDTH, y: LOW, z: HALF_WIDTH },
  { x: HALF_WIDTH, y: HALF_HEIGHT, z: HALF_WIDTH },
];
export const WALKER_BOX = { alongX: 0, alongY: 1, alongZ: 2, level: 3, full: 4 } as const;

/** A walker meets a prop. Vertical contacts have nx = nz = 0 and ny = 1 (prop above) or -1 (below). */
interface Contact {
  agent: number;
  prop: number;
  nx: number;
  ny: number;
  nz: number;
  /** Middle of the walker, metres. */
  x: number;
  z: number;
  /** Motion of the walker in this tick as voxels leave it, m/s. */
  vx: number;
  vy: number;
  vz: number;
}

/** A contact with the impulse it gives the prop, N s, and where. */
interface Impulse {
  contact: Contact;
  amount: number;
  point: Vector;
}

export class WalkerContacts {
  readonly #props: PropTables;
  readonly #hulls: readonly PropHull[];
  /** By prop: the joint that ties it to the world. */
  readonly #tied: readonly (PropJoint | undefined)[];
  readonly #casts: Casts;
  /** What a prop's place and velocity are read into. */
  readonly #place = { x: 0, y: 0, z: 0 };
  readonly #velocity = { x: 0, y: 0, z: 0 };

  /** @param casts of `WALKER_BOXES`. */
  constructor(casts: Casts, props: PropTables) {
    this.#casts = casts;
    this.#props = props;
    this.#hulls = props.ids.map((_, p) => propHull(props, p));
    this.#tied = props.ids.map((_, p) => props.joints.find(({ prop, other }) => prop === p && other < 0));
  }

  /** Largest distance of prop p's surface from its centre, metres. */
  reach(p: number): number {
    return this.#hulls[p].reach;
  }

  /** The stage for world w. Writes `c.moveBounds` of its agents. */
  run(c: TickContext, w: number, world: RigidWorld): void {
    const { numAgents } = c;
    const bounds = c.moveBounds!;
    const contacts: Contact[] = [];
    for (let a = 0; a < numAgents; a++) {
      const i = w * numAgents + a;
      for (let k = 0; k < BOUND_WORDS; k += 2) {
        bounds[i * BOUND_WORDS + k] = -FREE_Q16;
        bounds[i * BOUND_WORDS + k + 1] = FREE_Q16;
      }
      if ((c.state.flags[i] & ALIVE) === 0) continue;
      const near = this.#near(c, i, world);
      if (near.length > 0) this.#meet(c, w, a, i, world, near, contacts);
    }
    if (contacts.length > 0) exchange(c, w, this.#impulses(contacts, world), world);
  }

  /** Props that walker i may meet in this tick, by index. */
  #near(c: TickContext, i: number, world: RigidWorld): number[] {
    const { state } = c;
    const x = state.posX[i] * METRE;
    const y = (state.posY[i] + HALF_HEIGHT_Q16) * METRE;
    const z = state.posZ[i] * METRE;
    // The corners of the walker's box, with the skin, are less than a metre from its middle.
    const own = 1 + (Math.abs(state.velX[i]) + Math.abs(state.velY[i]) + Math.abs(state.velZ[i])) * METRE;
    const near: number[] = [];
    for (let p = 0; p < world.props.length; p++) {
      const body = world.props[p];
      const place = body.translation(this.#place);
      const v = body.linvel(this.#velocity);
      const far = this.#hulls[p].reach + own + (Math.abs(v.x) + Math.abs(v.y) + Math.abs(v.z)) / TICKS_PER_SECOND;
      const [awayX, awayY, awayZ] = [place.x - x, place.y - y, place.z - z];
      if (awayX * awayX + awayY * awayY + awayZ * awayZ <= far * far) near.push(p);
    }
    return near;
  }

  /** Bounds the motion of walker i axis by axis, as `sweep` moves it, and collects what it meets. */
  #meet(c: TickContext, w: number, a: number, i: number, world: RigidWorld, near: readonly number[], contacts: Contact[]): void {
    const { state } = c;
    const { rows } = state;
    const base = w * state.rowsPerWorld;
    const bounds = c.moveBounds!;
    const at = i * BOUND_WORDS;
    const x = state.posX[i];
    const y = state.posY[i];
    const z = state.posZ[i];
    // What voxels leave of the motion: props behind a wall are not met.
    const wantY = moveY(c, rows, base, x, y, z, clampTo(state.velY[i], MAX_VELOCITY_Q16));
    const dy = this.#bound(bounds, at + 2, wantY, 'y', { x, y, z }, WALKER_BOX.alongY, world, near, (prop) =>
      contacts.push({
        agent: a,
        prop,
        nx: 0,
        ny: wantY < 0 ? -1 : 1,
        nz: 0,
        x: x * METRE,
        z: z * METRE,
        vx: 0,
        vy: state.velY[i] * SPEED,
        vz: 0,
      }),
    );
    const wantX = moveX(c, rows, base, x, y + dy, z, clampTo(state.velX[i], MAX_VELOCITY_Q16));
    const dx = this.#bound(bounds, at, wantX, 'x', { x, y: y + dy, z }, WALKER_BOX.alongX, world, near);
    const wantZ = moveZ(c, rows, base, x + dx, y + dy, z, clampTo(state.velZ[i], MAX_VELOCITY_Q16));
    this.#bound(bounds, at + 4, wantZ, 'z', { x: x + dx, y: y + dy, z }, WALKER_BOX.alongZ, world, near);
    this.#meetLevel(a, { x, y, z }, { x: wantX, y: dy, z: wantZ }, world, near, contacts);
  }

  /**
   * Casts the walker's box along one axis; a prop in the way bounds the motion (Q16) at the skin's distance.
   * @returns the motion that is left.
   */
  #bound(
    bounds: Int32Array,
    at: number,
    want: number,
    axis: 'x' | 'y' | 'z',
    feet: Vector,
    box: number,
    world: RigidWorld,
    near: readonly number[],
    onHit?: (prop: number) => void,
  ): number {
    if (want === 0) return 0;
    const place = { x: feet.x * METRE, y: (feet.y + HALF_HEIGHT_Q16) * METRE, z: feet.z * METRE };
    const motion = { x: 0, y: 0, z: 0, [axis]: want * METRE };
    let first = 2;
    let met = -1;
    for (const p of near) {
      if (!this.#casts.meets(world, p, box, place, motion, SKIN) || this.#casts.reach >= first) continue;
      first = this.#casts.reach;
      met = p;
    }
    if (met < 0) return want;
    const left = Math.floor(first * Math.abs(want));
    if (want < 0) bounds[at] = 0 - left;
    else bounds[at + 1] = left;
    onHit?.(met);
    return want < 0 ? 0 - left : left;
  }

  /** Collects the props that the walker and they, both moving, bring beside it within this tick. */
  #meetLevel(agent: number, feet: Vector, motionQ16: Vector, world: RigidWorld, near: readonly number[], contacts: Contact[]): void {
    const place = { x: feet.x * METRE, y: (feet.y + HALF_HEIGHT_Q16) * METRE, z: feet.z * METRE };
    const motion = { x: motionQ16.x * METRE, y: motionQ16.y * METRE, z: motionQ16.z * METRE };
    const met: { contact: Contact; time: number }[] = [];
    for (const p of near) {
      const body = world.props[p];
      const v = body.linvel();
      const propMotion = { x: v.x / TICKS_PER_SECOND, y: v.y / TICKS_PER_SECOND, z: v.z / TICKS_PER_SECOND };
      if (!this.#casts.meets(world, p, WALKER_BOX.level, place, motion, SKIN, propMotion)) continue;
      const n = horizontal(this.#casts.normal);
      if (n === undefined || (motion.x - propMotion.x) * n.x + (motion.z - propMotion.z) * n.z <= 0) continue;
      const contact = {
        agent,
        prop: p,
        nx: n.x,
        ny: 0,
        nz: n.z,
        x: place.x,
        z: place.z,
        vx: motion.x * TICKS_PER_SECOND,
        vy: 0,
        vz: motion.z * TICKS_PER_SECOND,
      };
      met.push({ contact, time: this.#casts.reach });
    }
    let first = 1;
    for (const { time } of met) first = Math.min(first, time);
    for (const { contact, time } of met) if (time <= first + TOGETHER) contacts.push(contact);
  }

  /** What each contact exchanges, from velocities that none has changed yet. */
  #impulses(contacts: readonly Contact[], world: RigidWorld): Impulse[] {
    const impulses: Impulse[] = [];
    const level: LevelContact[] = [];
    for (const contact of contacts) {
      const body = world.props[contact.prop];
      if (contact.ny !== 0) impulses.push(verticalImpulse(contact, body));
      else
        level.push(levelContact(contact, this.#hulls[contact.prop], body, this.#props.restitution[contact.prop], this.#tied[contact.prop]));
    }
    for (let round = 0; round < IMPULSE_ROUNDS; round++)
      for (const one of level) one.amount = Math.max(0, one.amount + residual(one, level) / coupling(one, one));
    return [...impulses, ...level].filter(({ amount }) => amount > 0);
  }
}

/** A contact beside a prop, as the equations of all impulses see it. */
interface LevelContact extends Impulse {
  /** Change of approach speed that the impulses must bring, m/s. */
  target: number;
  /** Lever of the impulse about the upright axis, m; inverse mass and inverse upright inertia of the prop. Of one that is tied to the world, those of its freedom. */
  lever: number;
  inverseMass: number;
  inverseInertia: number;
}

function levelContact(contact: Contact, hull: PropHull, body: RigidBody, restitution: number, tied: PropJoint | undefined): LevelContact {
  const { nx, nz } = contact;
  const centre = body.worldCom();
  const v = body.linvel();
  const spin = body.angvel();
  const point = facePoint(hull, body, contact, centre.y);
  const rx = point.x - centre.x;
  const rz = point.z - centre.z;
  const approach = (contact.vx - v.x - spin.y * rz) * nx + (contact.vz - v.z + spin.y * rx) * nz;
  // r and n are level, so r x n is upright; the fourth word of the symmetric inertia is its upright entry.
  const lever = rz * nx - rx * nz;
  return {
    contact,
    amount: 0,
    point,
    target: (1 + restitution) * Math.max(0, approach),
    lever,
    inverseMass: body.invMass(),
    inverseInertia: body.effectiveWorldInvInertia().elements[3],
    // What its joint takes from the push Rapier takes from the prop: the world bears it.
    ...(tied !== undefined && { inverseMass: 0, ...yieldOf(tied, body, point, nx, nz) }),
  };
}

/** What an impulse of 1 N s at `b` takes from the approach speed of `a`. */
function coupling(a: LevelContact, b: LevelContact): number {
  const along = a.contact.nx * b.contact.nx + a.contact.nz * b.contact.nz;
  const byWalker = a.contact.agent === b.contact.agent ? along / WALKER_MASS_KG : 0;
  const byProp = a.contact.prop === b.contact.prop ? along * a.inverseMass + a.lever * b.lever * a.inverseInertia : 0;
  return byWalker + byProp;
}

/** Approach speed of `one` that the impulses so far leave. */
function residual(one: LevelContact, level: readonly LevelContact[]): number {
  let left = one.target;
  for (const other of level) if (other.amount > 0) left -= coupling(one, other) * other.amount;
  return left;
}

/** Landing on a prop or jumping into it: inelastic, and without a lever, so that no one tips a crate by standing on its edge. */
function verticalImpulse(contact: Contact, body: RigidBody): Impulse {
  const approach = (contact.vy - body.linvel().y) * contact.ny;
  return { contact, amount: approach / (1 / WALKER_MASS_KG + body.invMass()), point: body.worldCom() };
}

/** Applies impulses to props, and their reactions to the velocities of walkers. */
function exchange(c: TickContext, w: number, impulses: readonly Impulse[], world: RigidWorld): void {
  const { state, buffers, numAgents } = c;
  for (const { contact, amount, point } of impulses) {
    const { agent, prop, nx, ny, nz } = contact;
    world.props[prop].applyImpulseAtPoint({ x: amount * nx, y: amount * ny, z: amount * nz }, point, true);
    if (ny === 0) {
      const i = w * numAgents + agent;
      const lost = amount / WALKER_MASS_KG / SPEED;
      state.velX[i] = clampTo(state.velX[i] - nearest(lost * nx), MAX_VELOCITY_Q16);
      state.velZ[i] = clampTo(state.velZ[i] - nearest(lost * nz), MAX_VELOCITY_Q16);
    }
    // Standing on a prop is no push: its weight would be an event in every tick.
    if (ny < 0) continue;
    buffers.pushedProps[(w * numAgents + agent) * ((c.program.numProps + 31) >> 5) + (prop >> 5)] |= 1 << (prop & 31);
    pushEvent(state, buffers, w, EVENT.pushed, agent, prop, nearest(amount / SPEED), 0);
  }
}

/** The horizontal part of a normal as a unit vector; undefined where it is too steep. */
function horizontal(normal: Vector): { x: number; z: number } | undefined {
  const length = Math.sqrt(normal.x * normal.x + normal.z * normal.z);
  if (!(length >= LEAST_HORIZONTAL)) return undefined;
  const x = normal.x / length;
  const z = normal.z / length;
  if (Math.abs(x) < NORMAL_NOISE) return { x: 0, z: z < 0 ? -1 : 1 };
  if (Math.abs(z) < NORMAL_NOISE) return { x: x < 0 ? -1 : 1, z: 0 };
  return { x, z };
}

/** Middle of where the walker's side and the prop's face overlap, at height y. */
function facePoint(hull: PropHull, body: RigidBody, { nx, nz, x, z }: Contact, y: number): Vector {
  const place = body.translation();
  const prop = faceOf(placedPoints(hull, body.rotation()), place.x, place.z, -nx, -nz);
  const walker = faceOf(WALKER_CORNERS, x, z, nx, nz);
  // Along the tangent (-nz, nx); a face toward -n has its ends the other way round.
  const low = Math.max(-prop.high, walker.low);
  const high = Math.min(-prop.low, walker.high);
  const side = (low + high) / 2;
  const depth = hull.radius - prop.depth;
  return { x: nx * depth - nz * side, y, z: nz * depth + nx * side };
}

/** Corners of the walker's ground plan, x y z triples. */
const WALKER_CORNERS = Float64Array.of(
  -HALF_WIDTH,
  0,
  -HALF_WIDTH,
  -HALF_WIDTH,
  0,
  HALF_WIDTH,
  HALF_WIDTH,
  0,
  -HALF_WIDTH,
  HALF_WIDTH,
  0,
  HALF_WIDTH,
);

/** The farthest points of a hull at (x, z) along (nx, nz): how far they are, and their span along the tangent (-nz, nx). */
function faceOf(points: Float64Array, x: number, z: number, nx: number, nz: number): { depth: number; low: number; high: number } {
  let depth = -Infinity;
  for (let k = 0; k < points.length; k += 3) depth = Math.max(depth, (x + points[k]) * nx + (z + points[k + 2]) * nz);
  let low = Infinity;
  let high = -Infinity;
  for (let k = 0; k < points.length; k += 3) {
    const px = x + points[k];
    const pz = z + points[k + 2];
    if (px * nx + pz * nz < depth - FACE_DEPTH) continue;
    const side = pz * nx - px * nz;
    low = Math.min(low, side);
    high = Math.max(high, side);
  }
  return { depth, low, high };
}

/** Points of a hull turned by a unit quaternion. */
function placedPoints({ points }: PropHull, { x, y, z, w }: { x: number; y: number; z: number; w: number }): Float64Array {
  const placed = new Float64Array(points.length);
  for (let k = 0; k < points.length; k += 3) {
    const px = points[k];
    const py = points[k + 1];
    const pz = points[k + 2];
    // q p q* = p + 2 w (q x p) + 2 q x (q x p)
    const tx = 2 * (y * pz - z * py);
    const ty = 2 * (z * px - x * pz);
    const tz = 2 * (x * py - y * px);
    placed[k] = px + w * tx + y * tz - z * ty;
    placed[k + 1] = py + w * ty + z * tx - x * tz;
    placed[k + 2] = pz + w * tz + x * ty - y * tx;
  }
  return placed;
}

/** Nearest integer, odd in v. */
function nearest(v: number): number {
  return v < 0 ? -Math.floor(0.5 - v) : Math.floor(v + 0.5);
}
