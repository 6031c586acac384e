/**
 * G1: plans that know nothing of dynamics, drawn and given to the validator: paths over a grid at constant speed, for bodies that cannot change their speed or heading
 * at once. Starts and goals already move, so that nothing but the turns is wrong; the same plans without turns, which are right, are the control.
 */
import { type ContinuousProblem, createDynamics, type StateTrajectory, validatePlan } from '@kinovox/planning';
import { drawU32, randomStream } from '@kinovox/world';
import type { PlanningBench, PlanningRow } from './planning-row.js';

export const geometricBench: PlanningBench = { bars: ['G1'], needsData: false, run: () => geometricRows(500) };

const TYPES = ['integrator2_2d_v0', 'unicycle2_v0'];
/** m/s, below all top speeds; metres of a cell; steps of 0.1 s per cell. */
const SPEED = 0.4;
const CELL = 0.4;
const STEPS_PER_CELL = 10;

/** @param count instances per type */
export function geometricRows(count: number): PlanningRow[] {
  return TYPES.flatMap((type) => {
    let [refused, straight] = [0, 0];
    for (let instance = 0; instance < count; instance++) {
      if (!isValid(type, drawnPath(instance, true))) refused++;
      if (isValid(type, drawnPath(instance, false))) straight++;
    }
    const share = (part: number): number => Number(((100 * part) / count).toFixed(1));
    const row = { bar: 'G1', instance: `${type}, ${count} drawn grid paths at constant speed`, unit: '%' };
    return [
      { ...row, figure: 'refused, with turns', value: share(refused), limit: { least: 95 } },
      { ...row, figure: 'accepted, without turns (control)', value: share(straight), limit: { least: 100 } },
    ];
  });
}

/** Directions 0 to 3, a quarter turn each, one per cell; with at least one turn or none. */
function drawnPath(instance: number, turns: boolean): number[] {
  const stream = randomStream(instance, 0, 0, 0, 0);
  const below = (draw: number, n: number): number => drawU32(stream, draw) % n;
  const path = [below(0, 4)];
  const length = 3 + below(1, 10);
  const corner = 1 + below(2, length - 1);
  for (let k = 1; k < length; k++) {
    const turn = turns && (k === corner || below(2 * k + 3, 4) === 0) ? 2 * below(2 * k + 4, 2) - 1 : 0;
    path.push((path[k - 1] + turn + 4) % 4);
  }
  return path;
}

/** Controls are what the differences of the speeds ask for; a unicycle takes its heading from the direction. */
function isValid(type: string, path: readonly number[]): boolean {
  const dynamics = createDynamics(type);
  const turning = dynamics.angles.length > 0;
  const nx = dynamics.stateNames.length;
  const steps = path.length * STEPS_PER_CELL;
  const states = new Float64Array((steps + 1) * nx);
  const controls = new Float64Array(steps * 2);
  let [x, y] = [0, 0];
  for (let k = 0; k <= steps; k++) {
    const direction = path[Math.min(path.length - 1, Math.floor(k / STEPS_PER_CELL))];
    const yaw = (direction * Math.PI) / 2;
    const [vx, vy] = [SPEED * Math.cos(yaw), SPEED * Math.sin(yaw)];
    states.set(turning ? [x, y, yaw, SPEED, 0] : [x, y, vx, vy], k * nx);
    x += vx * dynamics.dt;
    y += vy * dynamics.dt;
    if (k === 0) continue;
    const speeds = nx - 2;
    for (let u = 0; u < 2; u++)
      controls[2 * (k - 1) + u] = turning ? 0 : (states[k * nx + speeds + u] - states[(k - 1) * nx + speeds + u]) / dynamics.dt;
  }
  const reach = CELL * (path.length + 1);
  const problem: ContinuousProblem = {
    kind: 'continuous',
    name: 'drawn path',
    space: 2,
    min: [-reach, -reach, 0],
    max: [reach, reach, 0],
    obstacles: [],
    robots: [{ name: 'robot', dynamics, start: states.slice(0, nx), goal: states.slice(-nx) }],
  };
  const plan: StateTrajectory = { kind: 'states', robot: 'robot', type, start: 0, dt: dynamics.dt, states, controls, tail: 'hold' };
  return validatePlan(problem, [plan]).valid;
}
