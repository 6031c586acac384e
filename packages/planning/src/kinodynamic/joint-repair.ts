/**
 * A team's motions in fewer steps, all at once: the robots as one body whose state is all their states, so that two who hinder each other both give way. One robot
 * at a time gets stuck where only both together can gain.
 */
import { type Dynamics, numControls, numStates, type Part } from '../dynamics/dynamics.js';
import type { Spending } from '../mapf/spending.js';
import type { ContinuousProblem, Robot } from '../problem/problem.js';
import { type Clearance, createClearance, createTrack, type PartialGap } from './clearance.js';
import { REPAIR_COST, resampled } from './plan-robot.js';
import { type Motion, repairMotion } from './repair.js';

/** The effort of a repair grows with the cube of its states. */
const MOST_STATES = 20;

/**
 * Only the last arrivals are hastened; who arrives before may take until then.
 * @returns the motions as they were where nothing is gained, the team is too large, or somebody cannot wait at the goal.
 */
export function shortenJointly(problem: ContinuousProblem, motions: readonly Motion[], spending: Spending): readonly Motion[] {
  const { robots } = problem;
  const joint = createJointRobot(problem);
  if (robots.length < 2 || joint.start.length > MOST_STATES || robots.some(({ dynamics }) => !dynamics.canRest)) return motions;
  const clearance = createJointClearance(problem);
  let best = motions;
  let cut = 0.1;
  while (cut > 0.01 && !spending.spent) {
    const steps = Math.max(...best.map(({ controls }, index) => controls.length / numControls(robots[index].dynamics)));
    const fewer = Math.min(steps - 1, Math.round(steps * (1 - cut)));
    if (fewer < 1) break;
    spending.expand(REPAIR_COST * robots.length);
    const guess = jointControls(robots, best, fewer);
    const repaired = repairMotion(problem, joint, clearance, guess, 0, spending);
    if (repaired === undefined) cut /= 2;
    else best = split(robots, repaired, fewer);
  }
  return best;
}

function createJointRobot({ robots, space, min, max }: ContinuousProblem): Robot {
  const all = robots.map(({ dynamics }) => dynamics);
  const placed = (bounds: (one: Dynamics) => Float64Array, ofSpace: readonly number[]): Float64Array =>
    Float64Array.from(all.flatMap((one) => [...bounds(one)].map((bound, i) => (i < space ? ofSpace[i] : bound))));
  const joined = (values: (one: Dynamics) => Float64Array): Float64Array => Float64Array.from(all.flatMap((one) => [...values(one)]));
  const stateOffsets = offsetsOf(all.map(numStates));
  const controlOffsets = offsetsOf(all.map(numControls));
  const states = all.map((one) => new Float64Array(numStates(one)));
  const controls = all.map((one) => new Float64Array(numControls(one)));
  const parts: Part[] = all.flatMap((one) => [...one.parts]);
  const read = (from: Float64Array, index: number): Float64Array => {
    const state = states[index];
    for (let i = 0; i < state.length; i++) state[i] = from[stateOffsets[index] + i];
    return state;
  };
  const dynamics: Dynamics = {
    name: 'joint',
    dt: all[0].dt,
    space,
    stateNames: robots.flatMap((robot) => robot.dynamics.stateNames.map((name) => `${robot.name}.${name}`)),
    controlNames: robots.flatMap((robot) => robot.dynamics.controlNames.map((name) => `${robot.name}.${name}`)),
    angles: all.flatMap((one, index) => one.angles.map((angle) => stateOffsets[index] + angle)),
    quaternion: undefined,
    stateLow: placed((one) => one.stateLow, min),
    stateHigh: placed((one) => one.stateHigh, max),
    controlLow: joined((one) => one.controlLow),
    controlHigh: joined((one) => one.controlHigh),
    neutral: joined((one) => one.neutral),
    canRest: true,
    maxSpeed: Math.max(...all.map(({ maxSpeed }) => maxSpeed)),
    parts,
    stepInto(out, state, control) {
      for (let index = 0; index < all.length; index++) {
        const own = read(state, index);
        const push = controls[index];
        for (let u = 0; u < push.length; u++) push[u] = control[controlOffsets[index] + u];
        all[index].stepInto(own, own, push);
        out.set(own, stateOffsets[index]);
      }
    },
    distance(a, b) {
      return all.reduce((sum, one, index) => {
        const [from, to] = [stateOffsets[index], stateOffsets[index] + numStates(one)];
        return sum + one.distance(a.subarray(from, to), b.subarray(from, to));
      }, 0);
    },
    placeInto(out, state) {
      let row = 0;
      for (const [index, one] of all.entries()) {
        one.placeInto(out.subarray(row, row + 7 * one.parts.length), read(state, index));
        row += 7 * one.parts.length;
      }
    },
  };
  return {
    name: 'team',
    dynamics,
    start: Float64Array.from(robots.flatMap(({ start }) => [...start])),
    goal: Float64Array.from(robots.flatMap(({ goal }) => [...goal])),
  };
}

/** Each robot to its obstacles, and each pair to each other. */
function createJointClearance(problem: ContinuousProblem): Clearance {
  const { robots } = problem;
  const offsets = offsetsOf(robots.map(({ start }) => start.length));
  const own = (state: Float64Array, index: number): Float64Array =>
    state.subarray(offsets[index], offsets[index] + robots[index].start.length);
  const movers = robots.map(({ dynamics, start }, index) =>
    [...start.keys()].filter((i) => i < dynamics.space || dynamics.angles.includes(i)).map((i) => offsets[index] + i),
  );
  const gaps: PartialGap[] = robots.map((robot, index) => {
    const clearance = createClearance(problem, robot.dynamics);
    return { movers: movers[index], gap: (state) => clearance.gap(own(state, index), 0) };
  });
  for (let b = 0; b < robots.length; b++) {
    for (let a = 0; a < b; a++) {
      const track = createTrack(robots[b].dynamics, robots[b].start);
      const clearance = createClearance({ ...problem, obstacles: [] }, robots[a].dynamics, [track]);
      gaps.push({
        movers: [...movers[a], ...movers[b]],
        gap: (state) => {
          track.poses.set(createTrack(robots[b].dynamics, own(state, b)).poses);
          return clearance.gap(own(state, a), 0);
        },
      });
    }
  }
  return { gap: (state, step) => gaps.reduce((least, { gap }) => Math.min(least, gap(state, step)), Infinity), gaps };
}

/** `[steps, all controls]`: who takes longer is hastened, who is there before waits. */
function jointControls(robots: readonly Robot[], motions: readonly Motion[], steps: number): Float64Array {
  const widths = robots.map(({ dynamics }) => numControls(dynamics));
  const offsets = offsetsOf(widths);
  const row = widths.reduce((sum, width) => sum + width, 0);
  const out = new Float64Array(steps * row);
  for (const [index, { controls }] of motions.entries()) {
    const nu = widths[index];
    const from = controls.length / nu;
    const own = from > steps ? resampled(controls, nu, steps) : controls;
    for (let k = 0; k < steps; k++)
      for (let u = 0; u < nu; u++) out[k * row + offsets[index] + u] = k < from ? own[k * nu + u] : robots[index].dynamics.neutral[u];
  }
  return out;
}

function split(robots: readonly Robot[], { states, controls }: Motion, steps: number): Motion[] {
  const nx = states.length / (steps + 1);
  const nu = controls.length / steps;
  let [x, u] = [0, 0];
  return robots.map(({ dynamics }) => {
    const [n, m] = [numStates(dynamics), numControls(dynamics)];
    const own = { states: new Float64Array((steps + 1) * n), controls: new Float64Array(steps * m) };
    for (let k = 0; k <= steps; k++) own.states.set(states.subarray(k * nx + x, k * nx + x + n), k * n);
    for (let k = 0; k < steps; k++) own.controls.set(controls.subarray(k * nu + u, k * nu + u + m), k * m);
    x += n;
    u += m;
    return own;
  });
}

function offsetsOf(lengths: readonly number[]): number[] {
  let at = 0;
  return lengths.map((length) => {
    at += length;
    return at - length;
  });
}
