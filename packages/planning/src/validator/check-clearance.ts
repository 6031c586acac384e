/** Bodies against obstacles and against each other, in continuous time. The first violation per robot, and per pair of robots. */
import type { Part } from '../dynamics/dynamics.js';
import { numControls, numStates } from '../dynamics/dynamics.js';
import type { ContinuousProblem, Obstacle, Robot } from '../problem/problem.js';
import type { StateTrajectory } from '../trajectory.js';
import { seconds, short } from './check-states.js';
import { type Contact, firstContact, type Moving, placeAt } from './closest-approach.js';
import { outerRadius } from './separation.js';
import type { Tolerances } from './tolerances.js';
import type { Violation } from './verdict.js';

export function checkClearance(problem: ContinuousProblem, plans: readonly StateTrajectory[], { contact }: Tolerances): Violation[] {
  const motions = plans.map((plan, index) => motionOf(problem.robots[index], plan));
  const found: Violation[] = [];
  const obstacles = problem.obstacles.map(still);
  for (const motion of motions) {
    const violation = firstObstacle(motion, obstacles, problem.space, contact);
    if (violation !== undefined) found.push(violation);
  }
  for (let i = 0; i < motions.length; i++)
    for (let j = i + 1; j < motions.length; j++) {
      const violation = firstMeeting(motions[i], motions[j], problem.space, contact);
      if (violation !== undefined) found.push(violation);
    }
  return found;
}

/** Where the parts of a robot are at its steps; before them it stands at the first, after them at the last. */
interface Motion {
  readonly name: string;
  readonly start: number;
  readonly dt: number;
  readonly steps: number;
  readonly parts: readonly Part[];
  /** `[steps + 1, numParts, 7]` */
  readonly places: Float64Array;
}

function motionOf({ name, dynamics }: Robot, plan: StateTrajectory): Motion {
  const nx = numStates(dynamics);
  const steps = plan.controls.length / numControls(dynamics);
  const row = 7 * dynamics.parts.length;
  const places = new Float64Array((steps + 1) * row);
  for (let k = 0; k <= steps; k++) dynamics.placeInto(places.subarray(k * row, (k + 1) * row), plan.states.subarray(k * nx, (k + 1) * nx));
  return { name, start: plan.start, dt: plan.dt, steps, parts: dynamics.parts, places };
}

function still(obstacle: Obstacle): Moving {
  const place = Float64Array.from([...obstacle.center, 0, 0, 0, 1]);
  const part: Part =
    obstacle.shape === 'ball'
      ? { shape: 'ball', radius: obstacle.radius }
      : { shape: 'box', half: [obstacle.size[0] / 2, obstacle.size[1] / 2, obstacle.size[2] / 2] };
  return { part, from: place, to: place };
}

function firstObstacle(motion: Motion, obstacles: readonly Moving[], space: 2 | 3, tolerance: number): Violation | undefined {
  // A plan of one state stands still.
  for (let k = 0; k < Math.max(1, motion.steps); k++) {
    let first: { index: number; contact: Contact } | undefined;
    for (let part = 0; part < motion.parts.length; part++) {
      const moving = movingPart(motion, part, k, Math.min(k + 1, motion.steps));
      for (const [index, obstacle] of obstacles.entries()) {
        if (clearlyApart(moving, obstacle, space)) continue;
        const contact = firstContact(moving, obstacle, space, tolerance);
        if (contact !== undefined && (first === undefined || contact.share < first.contact.share)) first = { index, contact };
      }
    }
    if (first === undefined) continue;
    const time = motion.start + (k + first.contact.share) * motion.dt;
    return {
      constraint: 'obstacle',
      robot: motion.name,
      other: `obstacle ${first.index}`,
      step: k,
      time,
      size: first.contact.depth,
      sentence: `${motion.name} is ${short(first.contact.depth)} m deep in obstacle ${first.index} at step ${k} (${seconds(time)}).`,
    };
  }
  return undefined;
}

function firstMeeting(a: Motion, b: Motion, space: 2 | 3, tolerance: number): Violation | undefined {
  const times = breakpoints(a, b);
  const rowsA = [scratch(a), scratch(a)];
  const rowsB = [scratch(b), scratch(b)];
  placesAt(a, times[0], rowsA[0]);
  placesAt(b, times[0], rowsB[0]);
  for (let k = 0; k < times.length; k++) {
    const [fromA, toA] = [rowsA[k % 2], rowsA[(k + 1) % 2]];
    const [fromB, toB] = [rowsB[k % 2], rowsB[(k + 1) % 2]];
    const begin = times[k];
    // Behind the last breakpoint both stand still.
    const end = times[k + 1] ?? begin;
    placesAt(a, end, toA);
    placesAt(b, end, toB);
    let first: Contact | undefined;
    for (let p = 0; p < a.parts.length; p++)
      for (let q = 0; q < b.parts.length; q++) {
        const one = { part: a.parts[p], from: fromA.subarray(7 * p, 7 * p + 7), to: toA.subarray(7 * p, 7 * p + 7) };
        const other = { part: b.parts[q], from: fromB.subarray(7 * q, 7 * q + 7), to: toB.subarray(7 * q, 7 * q + 7) };
        if (clearlyApart(one, other, space)) continue;
        const contact = firstContact(one, other, space, tolerance);
        if (contact !== undefined && (first === undefined || contact.share < first.share)) first = contact;
      }
    if (first === undefined) continue;
    const time = begin + first.share * (end - begin);
    const step = Math.max(0, Math.min(a.steps, Math.floor((time - a.start) / a.dt + 1e-9)));
    return {
      constraint: 'pair',
      robot: a.name,
      other: b.name,
      step,
      time,
      size: first.depth,
      sentence: `${a.name} and ${b.name} overlap by ${short(first.depth)} m at step ${step} (${seconds(time)}).`,
    };
  }
  return undefined;
}

/** All steps of both, in order. */
function breakpoints(a: Motion, b: Motion): number[] {
  const all = [a, b].flatMap(({ start, dt, steps }) => Array.from({ length: steps + 1 }, (_, k) => start + k * dt)).sort((x, y) => x - y);
  return all.filter((time, index) => index === 0 || time - all[index - 1] > 1e-9);
}

function scratch({ parts }: Motion): Float64Array {
  return new Float64Array(7 * parts.length);
}

function placesAt({ start, dt, steps, parts, places }: Motion, time: number, out: Float64Array): void {
  const at = Math.max(0, Math.min(steps, (time - start) / dt));
  const near = Math.round(at);
  const row = 7 * parts.length;
  if (Math.abs(at - near) < 1e-6) {
    out.set(places.subarray(near * row, (near + 1) * row));
    return;
  }
  const k = Math.floor(at);
  for (let part = 0; part < parts.length; part++) {
    const from = k * row + 7 * part;
    placeAt(places.subarray(from, from + 7), places.subarray(from + row, from + row + 7), at - k, out.subarray(7 * part, 7 * part + 7));
  }
}

function movingPart({ parts, places }: Motion, part: number, k: number, next: number): Moving {
  const row = 7 * parts.length;
  return {
    part: parts[part],
    from: places.subarray(k * row + 7 * part, k * row + 7 * part + 7),
    to: places.subarray(next * row + 7 * part, next * row + 7 * part + 7),
  };
}

/** By balls around the shapes: too far apart to meet on the way. */
function clearlyApart(a: Moving, b: Moving, space: 2 | 3): boolean {
  let [apart, wayA, wayB] = [0, 0, 0];
  for (let axis = 0; axis < space; axis++) {
    apart += (b.from[axis] - a.from[axis]) ** 2;
    wayA += (a.to[axis] - a.from[axis]) ** 2;
    wayB += (b.to[axis] - b.from[axis]) ** 2;
  }
  return Math.sqrt(apart) - Math.sqrt(wayA) - Math.sqrt(wayB) > outerRadius(a.part) + outerRadius(b.part) + 1e-9;
}
