/**
 * How far a body is from obstacles and from other bodies, for searching and repairing: signed gaps between boxes and balls, by the best of the axes of the
 * boxes (a lower bound of the distance at corners). Bodies in the plane may be boxes or balls, bodies in space balls. Planners' own; the validator has its own.
 */
import type { Dynamics, Part } from '../dynamics/dynamics.js';
import type { ContinuousProblem, Obstacle } from '../problem/problem.js';

/** Where the parts of a robot are, per step: `[steps + 1, numParts, 5]` as x, y, z, cos yaw, sin yaw; it stays at the last. */
export interface Track {
  readonly parts: readonly Part[];
  readonly steps: number;
  readonly poses: Float64Array;
  /** Steps, both inclusive, at which it counts; undefined = always. */
  readonly during?: readonly [from: number, to: number];
}

/** Steps after which nothing moves any more and no track begins or ceases to count. */
export function horizonOf(tracks: readonly Track[]): number {
  return tracks.reduce((most, { steps, during }) => {
    const [from, to] = during ?? [0, Infinity];
    return Math.max(most, to === Infinity ? Math.max(from, steps) : to + 1);
  }, 0);
}

export interface Clearance {
  /** The least gap to an obstacle, or to another robot's track at this step, metres; negative inside. Beyond `reach` it may be any larger number. */
  gap(state: Float64Array, step: number): number;
  /** The gaps whose least `gap` is, where several count at once: each is pushed open by itself. */
  readonly gaps?: readonly PartialGap[];
}

export interface PartialGap {
  /** Components of the state that change it. */
  readonly movers: readonly number[];
  gap(state: Float64Array, step: number): number;
}

const POSE = 5;

/** An obstacle as a part, and its pose `[5]`, as in a track. */
export function obstacleBody({ center, ...shape }: Obstacle): { readonly part: Part; readonly pose: Float64Array } {
  const part: Part =
    shape.shape === 'ball'
      ? { shape: 'ball', radius: shape.radius }
      : { shape: 'box', half: [shape.size[0] / 2, shape.size[1] / 2, shape.size[2] / 2] };
  return { part, pose: Float64Array.of(...center, 1, 0) };
}

/** @param others tracks to keep clear of, with the same length of step. */
export function createClearance(problem: ContinuousProblem, dynamics: Dynamics, others: readonly Track[] = []): Clearance {
  const { parts } = dynamics;
  const obstacles = problem.obstacles.map(obstacleBody);
  const places = new Float64Array(7 * parts.length);
  const poses = new Float64Array(POSE * parts.length);
  return {
    gap(state, step) {
      posesInto(poses, places, dynamics, state);
      let least = Infinity;
      for (let p = 0; p < parts.length; p++) {
        for (const { part, pose } of obstacles)
          least = Math.min(least, gapBetween(parts[p], poses, POSE * p, part, pose, 0, problem.space));
        for (const other of others) {
          if (other.during !== undefined && (step < other.during[0] || step > other.during[1])) continue;
          const row = Math.min(step, other.steps) * other.parts.length * POSE;
          for (let q = 0; q < other.parts.length; q++)
            least = Math.min(least, gapBetween(parts[p], poses, POSE * p, other.parts[q], other.poses, row + POSE * q, problem.space));
        }
      }
      return least;
    },
  };
}

/** @param states `[steps + 1, numStates]` */
export function createTrack(dynamics: Dynamics, states: Float64Array): Track {
  const nx = dynamics.stateNames.length;
  const steps = states.length / nx - 1;
  const row = POSE * dynamics.parts.length;
  const poses = new Float64Array((steps + 1) * row);
  const places = new Float64Array(7 * dynamics.parts.length);
  for (let k = 0; k <= steps; k++)
    posesInto(poses.subarray(k * row, (k + 1) * row), places, dynamics, states.subarray(k * nx, (k + 1) * nx));
  return { parts: dynamics.parts, steps, poses };
}

function posesInto(out: Float64Array, places: Float64Array, dynamics: Dynamics, state: Float64Array): void {
  dynamics.placeInto(places, state);
  for (let p = 0; p < dynamics.parts.length; p++) {
    const [sine, cosine] = [places[7 * p + 5], places[7 * p + 6]];
    for (let axis = 0; axis < 3; axis++) out[POSE * p + axis] = places[7 * p + axis];
    out[POSE * p + 3] = cosine * cosine - sine * sine;
    out[POSE * p + 4] = 2 * sine * cosine;
  }
}

/** Of two parts at rows `[x, y, z, cos yaw, sin yaw]` that begin at i and j. */
export function gapBetween(a: Part, as: Float64Array, i: number, b: Part, bs: Float64Array, j: number, space: 2 | 3): number {
  const dx = bs[j] - as[i];
  const dy = bs[j + 1] - as[i + 1];
  const dz = space === 3 ? bs[j + 2] - as[i + 2] : 0;
  if (a.shape === 'ball') {
    if (b.shape === 'ball') return Math.sqrt(dx * dx + dy * dy + dz * dz) - a.radius - b.radius;
    return ballToBox(a.radius, -dx, -dy, -dz, b.half, bs[j + 3], bs[j + 4], space);
  }
  if (b.shape === 'ball') return ballToBox(b.radius, dx, dy, dz, a.half, as[i + 3], as[i + 4], space);
  return boxToBox(dx, dy, a.half, as[i + 3], as[i + 4], b.half, bs[j + 3], bs[j + 4]);
}

/** d: from the box's middle to the ball's. */
function ballToBox(
  radius: number,
  dx: number,
  dy: number,
  dz: number,
  half: readonly number[],
  c: number,
  s: number,
  space: 2 | 3,
): number {
  const x = Math.abs(dx * c + dy * s) - half[0];
  const y = Math.abs(dy * c - dx * s) - half[1];
  const z = space === 3 ? Math.abs(dz) - half[2] : -Infinity;
  const inside = Math.max(x, y, z);
  if (inside <= 0) return inside - radius;
  const [px, py, pz] = [Math.max(0, x), Math.max(0, y), Math.max(0, z)];
  return Math.sqrt(px * px + py * py + pz * pz) - radius;
}

function boxToBox(
  dx: number,
  dy: number,
  [ax, ay]: readonly number[],
  ac: number,
  as: number,
  [bx, by]: readonly number[],
  bc: number,
  bs: number,
): number {
  // Cosine and sine of the turn between the two.
  const c = Math.abs(ac * bc + as * bs);
  const s = Math.abs(as * bc - ac * bs);
  const alongA = Math.abs(dx * ac + dy * as) - ax - (bx * c + by * s);
  const acrossA = Math.abs(dy * ac - dx * as) - ay - (bx * s + by * c);
  const alongB = Math.abs(dx * bc + dy * bs) - bx - (ax * c + ay * s);
  const acrossB = Math.abs(dy * bc - dx * bs) - by - (ax * s + ay * c);
  return Math.max(alongA, acrossA, alongB, acrossB);
}
