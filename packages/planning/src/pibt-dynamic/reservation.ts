/**
 * Where a robot is from a step on: states and controls that end at rest, and that are its own until others take their place. Two reservations meet when the
 * bodies touch at any time, between steps too: from gaps at both ends of a step and how far any point of the bodies moves in it, halved until it is certain.
 * Bodies of one part, its middle at the position.
 */
import { angleDifference } from '../dynamics/angles.js';
import { type Dynamics, numStates, type Part } from '../dynamics/dynamics.js';
import { createTrack, gapBetween, obstacleBody } from '../kinodynamic/clearance.js';
import type { ContinuousProblem } from '../problem/problem.js';

export interface Reservation {
  /** Step of the team at which it begins; before it the first pose counts, after its last step the last one. */
  readonly from: number;
  readonly steps: number;
  /** `[steps + 1, numStates]` */
  readonly states: Float64Array;
  /** `[steps, numControls]` */
  readonly controls: Float64Array;
  readonly part: Part;
  /** `[steps + 1, 5]` x, y, z, cos yaw, sin yaw */
  readonly poses: Float64Array;
  /** `[steps]` metres that no point of the body exceeds in this step. */
  readonly moves: Float64Array;
  readonly maxMove: number;
  /** `[low x, y, z, high x, y, z]` of the body over all steps. */
  readonly box: Float64Array;
}

const POSE = 5;
/** Overlap that counts as touching, metres; below what the validator lets pass. */
const TOUCH = 5e-7;
/** Halvings of a step after which two bodies that may meet are taken to meet. */
const MAX_HALVINGS = 7;

/** Radius of the ball around the position that holds the body, metres. */
export function bodyRadius(part: Part): number {
  return part.shape === 'ball' ? part.radius : Math.hypot(...part.half);
}

export function createReservation(dynamics: Dynamics, from: number, states: Float64Array, controls: Float64Array): Reservation {
  const { parts, poses, steps } = createTrack(dynamics, states);
  const nx = numStates(dynamics);
  const [part] = parts;
  const radius = bodyRadius(part);
  const moves = new Float64Array(steps);
  const box = Float64Array.of(Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity);
  for (let k = 0; k <= steps; k++) {
    for (let axis = 0; axis < 3; axis++) {
      box[axis] = Math.min(box[axis], poses[k * POSE + axis] - radius);
      box[3 + axis] = Math.max(box[3 + axis], poses[k * POSE + axis] + radius);
    }
    if (k === steps) break;
    const [a, b] = [k * POSE, (k + 1) * POSE];
    let turn = 0;
    if (part.shape === 'box')
      for (const i of dynamics.angles) turn += Math.abs(angleDifference(states[(k + 1) * nx + i], states[k * nx + i]));
    moves[k] = Math.hypot(poses[b] - poses[a], poses[b + 1] - poses[a + 1], poses[b + 2] - poses[a + 2]) + radius * turn;
  }
  return { from, steps, states, controls, part, poses, moves, maxMove: moves.reduce((most, one) => Math.max(most, one), 0), box };
}

/** The obstacles of a problem, as bodies that never move. */
export function obstacleReservations(problem: ContinuousProblem): Reservation[] {
  const none = new Float64Array(0);
  return problem.obstacles.map((obstacle) => {
    const { center } = obstacle;
    const { part, pose } = obstacleBody(obstacle);
    const reach = part.shape === 'ball' ? [part.radius, part.radius, part.radius] : part.half;
    const box = Float64Array.from([...center.map((c, axis) => c - reach[axis]), ...center.map((c, axis) => c + reach[axis])]);
    return { from: 0, steps: 0, states: none, controls: none, part, poses: pose, moves: none, maxMove: 0, box };
  });
}

/** Whether two bodies touch at any time from `step` on, for ever. */
export function meet(a: Reservation, b: Reservation, step: number, space: 2 | 3): boolean {
  for (let axis = 0; axis < space; axis++) if (a.box[axis] > b.box[3 + axis] || b.box[axis] > a.box[3 + axis]) return false;
  const end = Math.max(step, a.from + a.steps, b.from + b.steps);
  const together = a.maxMove + b.maxMove;
  for (let k = step; ; k++) {
    const i = at(a, k);
    const j = at(b, k);
    const gap = gapBetween(a.part, a.poses, i * POSE, b.part, b.poses, j * POSE, space);
    if (gap < -TOUCH) return true;
    if (k >= end) return false;
    // So many steps on they cannot have met yet.
    const stride = together === 0 ? end - k : Math.floor(gap / together);
    if (stride >= 1) {
      k = Math.min(end, k + stride) - 1;
      continue;
    }
    const move = (i < a.steps && k >= a.from ? a.moves[i] : 0) + (j < b.steps && k >= b.from ? b.moves[j] : 0);
    const [i1, j1] = [at(a, k + 1), at(b, k + 1)];
    const next = gapBetween(a.part, a.poses, i1 * POSE, b.part, b.poses, j1 * POSE, space);
    if (next < -TOUCH) return true;
    if (gap + next + TOUCH >= move) continue;
    const poses = (one: Reservation, row: number): Float64Array => one.poses.subarray(row * POSE, (row + 1) * POSE);
    if (meetBetween(a.part, b.part, [poses(a, i), poses(a, i1)], [poses(b, j), poses(b, j1)], gap, next, move, space, 0)) return true;
  }
}

function at({ from, steps }: Reservation, step: number): number {
  return Math.max(0, Math.min(steps, step - from));
}

type Span = readonly [from: Float64Array, to: Float64Array];

/** Whether they touch between two poses each; `move` is what no two points of theirs exceed towards each other. */
function meetBetween(
  a: Part,
  b: Part,
  [a0, a1]: Span,
  [b0, b1]: Span,
  gap0: number,
  gap1: number,
  move: number,
  space: 2 | 3,
  depth: number,
): boolean {
  if (gap0 + gap1 + TOUCH >= move) return false;
  if (depth === MAX_HALVINGS) return true;
  const aMid = midPose(a0, a1);
  const bMid = midPose(b0, b1);
  const gap = gapBetween(a, aMid, 0, b, bMid, 0, space);
  if (gap < -TOUCH) return true;
  return (
    meetBetween(a, b, [a0, aMid], [b0, bMid], gap0, gap, move / 2, space, depth + 1) ||
    meetBetween(a, b, [aMid, a1], [bMid, b1], gap, gap1, move / 2, space, depth + 1)
  );
}

function midPose(from: Float64Array, to: Float64Array): Float64Array {
  const c = from[3] + to[3];
  const s = from[4] + to[4];
  const length = Math.hypot(c, s);
  return Float64Array.of((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, (from[2] + to[2]) / 2, c / length, s / length);
}
