/** Where two motions meet: their bodies at quarters of steps, with the gaps that searching and repairing use. */
import { bodyRadius } from '../pibt-dynamic/reservation.js';
import type { ContinuousProblem, Robot } from '../problem/problem.js';
import { createClearance, createTrack, type Track } from './clearance.js';
import type { Motion } from './repair.js';

/** Two robots of a problem nearer than allowed, during these steps, both inclusive. */
export interface Conflict {
  readonly a: number;
  readonly b: number;
  readonly from: number;
  readonly to: number;
}

/** A motion as conflicts are looked for: its states at quarters of steps, and its poses there. */
export interface FineMotion {
  readonly robot: Robot;
  readonly motion: Motion;
  readonly track: Track;
  /** `[quarters + 1, numStates]` */
  readonly quarters: Float64Array;
  readonly quarterTrack: Track;
  /** Metres that no point of a body exceeds between two quarters. */
  readonly maxMove: number;
}

/** Components of a pose in a track. */
const POSE = 5;
/** Parts of a step that are looked at. */
const PARTS = 4;
/** The gap that two robots keep, metres: half of what repairs keep, so that what they leave never counts. */
const LEAST = 0.002;

export function createFineMotion(robot: Robot, motion: Motion): FineMotion {
  const nx = robot.start.length;
  const steps = motion.states.length / nx - 1;
  const quarters = new Float64Array((PARTS * steps + 1) * nx);
  for (let k = 0; k < steps; k++)
    for (let part = 0; part < PARTS; part++)
      for (let i = 0; i < nx; i++) {
        const here = motion.states[k * nx + i];
        quarters[(PARTS * k + part) * nx + i] = here + ((motion.states[(k + 1) * nx + i] - here) * part) / PARTS;
      }
  quarters.set(motion.states.subarray(steps * nx), PARTS * steps * nx);
  const { dynamics } = robot;
  const quarterTrack = createTrack(dynamics, quarters);
  return { robot, motion, track: createTrack(dynamics, motion.states), quarters, quarterTrack, maxMove: maxMoveOf(quarterTrack) };
}

/** The first time that two motions meet, until they part; undefined where they never do. Robots that have arrived stay. */
export function firstConflict(problem: ContinuousProblem, fine: readonly FineMotion[], a: number, b: number): Conflict | undefined {
  const { robot, quarters, quarterTrack } = fine[a];
  const other = fine[b];
  const nx = robot.start.length;
  const clearance = createClearance({ ...problem, obstacles: [] }, robot.dynamics, [other.quarterTrack]);
  const last = Math.max(quarterTrack.steps, other.quarterTrack.steps);
  const gapAt = (quarter: number): number => {
    const row = Math.min(quarter, quarterTrack.steps) * nx;
    return clearance.gap(quarters.subarray(row, row + nx), quarter);
  };
  // Far apart, the next meeting is some steps off. Where neither moves, there is none.
  const nearing = fine[a].maxMove + other.maxMove;
  for (let quarter = 0; quarter <= last; ) {
    const gap = gapAt(quarter);
    if (gap >= LEAST) {
      quarter += Math.max(1, Math.floor((gap - LEAST) / nearing));
      continue;
    }
    let end = quarter;
    while (end < last && gapAt(end + 1) < LEAST) end++;
    return { a, b, from: Math.floor(quarter / PARTS), to: Math.ceil(end / PARTS) };
  }
  return undefined;
}

/** Of the middles of the parts, and of the corners as they turn about them. */
function maxMoveOf({ parts, poses, steps }: Track): number {
  const row = POSE * parts.length;
  let most = 0;
  for (const [p, part] of parts.entries()) {
    const radius = part.shape === 'box' ? bodyRadius(part) : 0;
    for (let k = 0; k < steps; k++) {
      const [i, j] = [k * row + POSE * p, (k + 1) * row + POSE * p];
      const [c, s] = [poses[i + 3] * poses[j + 3] + poses[i + 4] * poses[j + 4], poses[i + 3] * poses[j + 4] - poses[i + 4] * poses[j + 3]];
      const turn = radius * Math.abs(Math.atan2(s, c));
      most = Math.max(most, Math.hypot(poses[j] - poses[i], poses[j + 1] - poses[i + 1], poses[j + 2] - poses[i + 2]) + turn);
    }
  }
  return most;
}
