/**
 * The first contact of two shapes that move between two places each: straight, and turning at an even rate the short way round. Two balls: the quadratic of
 * their distance. Otherwise conservative advancement: along the axis that parts them best the gap shrinks no faster than the middles approach along it plus the
 * turning corners, so no contact can come before gap / rate.
 * @source Mirtich, Impulse-based dynamic simulation, 1996 (conservative advancement); the axis is held fixed for the bound, which makes it hold for any turn.
 */
import type { Part } from '../dynamics/dynamics.js';
import { createSeparation, outerRadius, type Placed, type Separation, separate } from './separation.js';

/** A part that moves from one place to another in a unit of time. */
export interface Moving {
  part: Part;
  /** `[7]` each: x, y, z, quaternion. */
  readonly from: Float64Array;
  readonly to: Float64Array;
}

export interface Contact {
  /** Share of the motion, 0 to 1, at which the overlap first exceeds the tolerance. */
  readonly share: number;
  /** Deepest overlap in the rest of this motion, metres. */
  readonly depth: number;
}

/**
 * @returns the first overlap deeper than `tolerance`, or undefined. An overlap of up to twice the tolerance may go unseen where it lasts for an instant.
 */
export function firstContact(a: Moving, b: Moving, space: 2 | 3, tolerance: number): Contact | undefined {
  if (a.part.shape === 'ball' && b.part.shape === 'ball') return ballContact(a, b, space, a.part.radius + b.part.radius, tolerance);
  const velocity = [0, 1, 2].map((axis) => b.to[axis] - b.from[axis] - (a.to[axis] - a.from[axis]));
  if (space === 2) velocity[2] = 0;
  const turning = turn(a) * outerRadius(a.part) + turn(b) * outerRadius(b.part);
  let share = 0;
  for (;;) {
    gapAt(a, b, share, space);
    const { gap, axis } = SEPARATION;
    if (gap < -tolerance) return { share, depth: deepest(a, b, share, space) };
    if (share >= 1) return undefined;
    const approach = Math.max(0, -(velocity[0] * axis[0] + velocity[1] * axis[1] + velocity[2] * axis[2])) + turning;
    if (approach === 0) return undefined;
    share = Math.min(1, share + Math.max(gap + tolerance, tolerance) / approach);
  }
}

const SEPARATION: Separation = createSeparation();
const PLACE_A = new Float64Array(7);
const PLACE_B = new Float64Array(7);
const PLACED_A: { part: Part; place: Float64Array } = { part: { shape: 'ball', radius: 0 }, place: PLACE_A };
const PLACED_B: { part: Part; place: Float64Array } = { part: { shape: 'ball', radius: 0 }, place: PLACE_B };

function gapAt(a: Moving, b: Moving, share: number, space: 2 | 3): void {
  placeAt(a.from, a.to, share, PLACE_A);
  placeAt(b.from, b.to, share, PLACE_B);
  PLACED_A.part = a.part;
  PLACED_B.part = b.part;
  separate(PLACED_A as Placed, PLACED_B as Placed, space, SEPARATION);
}

function ballContact(a: Moving, b: Moving, space: 2 | 3, radii: number, tolerance: number): Contact | undefined {
  // |p + v s|^2 over s in 0..1.
  let [pp, pv, vv] = [0, 0, 0];
  for (let axis = 0; axis < space; axis++) {
    const p = b.from[axis] - a.from[axis];
    const v = b.to[axis] - b.from[axis] - (a.to[axis] - a.from[axis]);
    pp += p * p;
    pv += p * v;
    vv += v * v;
  }
  const nearest = vv === 0 ? 0 : Math.max(0, Math.min(1, -pv / vv));
  const distance = Math.sqrt(Math.max(0, pp + 2 * pv * nearest + vv * nearest * nearest));
  if (distance >= radii - tolerance) return undefined;
  const limit = radii - tolerance;
  const root = pv * pv - vv * (pp - limit * limit);
  const share = vv === 0 || pp <= limit * limit ? 0 : Math.max(0, Math.min(1, (-pv - Math.sqrt(Math.max(0, root))) / vv));
  return { share, depth: radii - distance };
}

const DEPTH_SAMPLES = 64;

function deepest(a: Moving, b: Moving, from: number, space: 2 | 3): number {
  let depth = 0;
  for (let i = 0; i <= DEPTH_SAMPLES; i++) {
    gapAt(a, b, from + ((1 - from) * i) / DEPTH_SAMPLES, space);
    depth = Math.max(depth, -SEPARATION.gap);
  }
  return depth;
}

/** The angle between the two attitudes, radians, 0 for balls. */
function turn({ part, from, to }: Moving): number {
  return part.shape === 'ball'
    ? 0
    : 2 * Math.acos(Math.min(1, Math.abs(from[3] * to[3] + from[4] * to[4] + from[5] * to[5] + from[6] * to[6])));
}

/** The place at a share of the way: straight, and by spherical interpolation. */
export function placeAt(from: Float64Array, to: Float64Array, share: number, out: Float64Array): void {
  for (let axis = 0; axis < 3; axis++) out[axis] = from[axis] + (to[axis] - from[axis]) * share;
  let cosine = from[3] * to[3] + from[4] * to[4] + from[5] * to[5] + from[6] * to[6];
  const sign = cosine < 0 ? -1 : 1;
  cosine *= sign;
  // acos is blunt near 1: below a hundredth of a milliradian the straight line is exact to 1e-11.
  const angle = Math.acos(Math.min(1, cosine));
  const even = angle < 1e-5;
  const first = even ? 1 - share : Math.sin((1 - share) * angle) / Math.sin(angle);
  const second = sign * (even ? share : Math.sin(share * angle) / Math.sin(angle));
  let length = 0;
  for (let i = 3; i < 7; i++) {
    out[i] = first * from[i] + second * to[i];
    length += out[i] * out[i];
  }
  length = Math.sqrt(length);
  for (let i = 3; i < 7; i++) out[i] /= length;
}
