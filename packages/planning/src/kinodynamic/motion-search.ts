/**
 * A* over motions rolled out by the dynamics themselves, so that every path of the tree is a plan but for its goal. States that are near to each other count as
 * one, the first to arrive wins: the bounded discontinuity of db-A*, here only between a node and what it stands for, and at the goal, which the repair closes.
 * @source Hoenig, Ortiz-Haro, Toussaint: db-A*, IROS 2022; Dolgov et al.: hybrid A*, 2008. Differs from db-A*: motions are control sequences that are
 * rolled out from the node itself instead of stored states that are laid beside it.
 */
import { type Dynamics, numControls, numStates } from '../dynamics/dynamics.js';
import { OpenList } from '../grid/open-list.js';
import type { ContinuousProblem, Robot } from '../problem/problem.js';
import type { Clearance } from './clearance.js';
import type { TimeToGo } from './time-to-go.js';

export interface SearchOptions {
  /** Length of a motion, steps. */
  readonly motionSteps: number;
  /** Sides of the boxes within which states count as one: metres, radians, share of the range of other components. */
  readonly merge: { readonly position: number; readonly angle: number; readonly other: number };
  /** Distance by the metric of the dynamics within which a state counts as the goal. */
  readonly goalDistance: number;
  /** Steps after which nothing moves any more; before that, time is a part of the state. */
  readonly horizon: number;
  /** At least this gap on the way, metres. */
  readonly gap: number;
  /** Weight of the heuristic, >= 1. */
  readonly greed: number;
}

export interface MotionSearch {
  /**
   * Goes on until the next path to the goal's neighbourhood.
   * @param spend called per node; true ends the search.
   * @returns controls `[N, numControls]`, `'exhausted'`, or `'spent'`.
   */
  next(spend: () => boolean): Float64Array | 'exhausted' | 'spent';
}

const MAX_NODES = 4_000_000;
/** Overlap that counts as touching, metres. */
export const CONTACT = 1e-6;

export function createMotionSearch(
  problem: ContinuousProblem,
  robot: Robot,
  clearance: Clearance,
  toGo: TimeToGo,
  options: SearchOptions,
): MotionSearch {
  const { dynamics, start, goal } = robot;
  const nx = numStates(dynamics);
  const nu = numControls(dynamics);
  const motions = controlChoices(dynamics, options.motionSteps);
  const { motionSteps, horizon, greed } = options;
  const low = dynamics.stateLow.map((bound, i) => (i < problem.space ? problem.min[i] : bound) - 1e-10);
  const high = dynamics.stateHigh.map((bound, i) => (i < problem.space ? problem.max[i] : bound) + 1e-10);

  let capacity = 4096;
  let states = new Float64Array(capacity * nx);
  let parents = new Int32Array(capacity);
  let choices = new Int16Array(capacity);
  let depths = new Int32Array(capacity);
  let count = 0;
  const open = new OpenList(capacity);
  const best = new Map<string, number>();
  const keyOf = createKey(problem, dynamics, options);
  const state = new Float64Array(nx);
  // A start may be nearer to something than the way is allowed to be: its first motion keeps what it has.
  const firstGap = Math.min(options.gap, clearance.gap(start, 0));

  const add = (parent: number, choice: number, depth: number): void => {
    const toGoal = toGo.of(state);
    if (toGoal === Infinity) return;
    const key = keyOf(state, depth * motionSteps);
    const known = best.get(key);
    if (known !== undefined && depths[known] <= depth) return;
    if (count === capacity) {
      capacity *= 2;
      states = grown(states, new Float64Array(capacity * nx));
      parents = grown(parents, new Int32Array(capacity));
      choices = grown(choices, new Int16Array(capacity));
      depths = grown(depths, new Int32Array(capacity));
      open.reserve(capacity);
    }
    const id = count++;
    states.set(state, id * nx);
    parents[id] = parent;
    choices[id] = choice;
    depths[id] = depth;
    best.set(key, id);
    const g = depth * motionSteps * dynamics.dt;
    open.push(id, g + greed * toGoal, g);
  };

  state.set(start);
  add(-1, -1, 0);

  const pathTo = (id: number): Float64Array => {
    const controls = new Float64Array(depths[id] * motionSteps * nu);
    for (let node = id; parents[node] >= 0; node = parents[node])
      for (let k = 0; k < motionSteps; k++) controls.set(motions[choices[node]], ((depths[node] - 1) * motionSteps + k) * nu);
    return controls;
  };

  const expand = (id: number): void => {
    const depth = depths[id];
    const least = depth === 0 ? firstGap : options.gap;
    for (const [choice, control] of motions.entries()) {
      for (let i = 0; i < nx; i++) state[i] = states[id * nx + i];
      let clear = true;
      for (let k = 1; k <= motionSteps && clear; k++) {
        dynamics.stepInto(state, state, control);
        for (let i = 0; i < nx; i++) if (state[i] < low[i] || state[i] > high[i]) clear = false;
        if (clear && clearance.gap(state, depth * motionSteps + k) < least) clear = false;
      }
      if (clear) add(id, choice, depth + 1);
    }
  };

  return {
    next(spend) {
      while (open.pop()) {
        const { id } = open;
        const at = states.subarray(id * nx, (id + 1) * nx);
        // A better one has taken its place.
        if (best.get(keyOf(at, depths[id] * motionSteps)) !== id) continue;
        if (spend() || count > MAX_NODES) return 'spent';
        const near = dynamics.distance(at, goal) <= options.goalDistance;
        expand(id);
        if (near && parkedClear(clearance, goal, depths[id] * motionSteps, horizon)) return pathTo(id);
      }
      return 'exhausted';
    },
  };
}

function parkedClear(clearance: Clearance, goal: Float64Array, from: number, horizon: number): boolean {
  for (let step = from; step <= horizon; step++) if (clearance.gap(goal, step) < -CONTACT) return false;
  return true;
}

function grown<T extends Float64Array | Int32Array | Int16Array>(from: T, to: T): T {
  to.set(from as never);
  return to;
}

/** States with the same key count as one. */
function createKey(
  problem: ContinuousProblem,
  dynamics: Dynamics,
  { merge, horizon, motionSteps }: SearchOptions,
): (state: Float64Array, step: number) => string {
  const sides = Array.from(dynamics.stateNames, (_, i) => {
    if (i < problem.space) return merge.position;
    if (dynamics.angles.includes(i)) return (2 * Math.PI) / Math.round((2 * Math.PI) / merge.angle);
    return merge.other * (dynamics.stateHigh[i] - dynamics.stateLow[i]);
  });
  const codes = new Array<number>(sides.length);
  return (state, step) => {
    for (let i = 0; i < sides.length; i++) {
      const turn = dynamics.angles.includes(i) ? state[i] - 2 * Math.PI * Math.floor(state[i] / (2 * Math.PI)) : state[i];
      codes[i] = Math.round(turn / sides[i]);
    }
    const time = horizon > 0 ? Math.floor(Math.min(step, horizon + motionSteps) / motionSteps) : 0;
    return `${codes.join(',')};${time}`;
  };
}

/**
 * Constant controls, one row each: a product of levels per control. Controls that change a bounded component (a speed) are sized so that a motion moves it by a
 * whole share of its range; the others take their bounds and levels between them.
 */
export function controlChoices(dynamics: Dynamics, motionSteps: number): Float64Array[] {
  const nx = numStates(dynamics);
  const nu = numControls(dynamics);
  const levels = Array.from({ length: nu }, (_, u) => {
    const low = dynamics.controlLow[u];
    const high = dynamics.controlHigh[u];
    const driven = drivenComponent(dynamics, u);
    if (driven >= 0 && Number.isFinite(dynamics.stateHigh[driven])) {
      const half = (dynamics.stateHigh[driven] - dynamics.stateLow[driven]) / 2;
      // Seconds from rest to top speed, in motions, at full push; whole, so that speeds meet again.
      const motions = Math.max(1, Math.ceil(half / (high * dynamics.dt * motionSteps) - 1e-9));
      const push = half / motions / (dynamics.dt * motionSteps);
      return [-push, 0, push];
    }
    const middle = low < 0 && high > 0 ? [0] : [(low + high) / 2];
    const fine = low < 0 && high > 0 && nx > 2 && u === nu - 1 ? [low / 2, high / 2, low / 5, high / 5] : [];
    return [...new Set([low, ...middle, ...fine, high])];
  });
  let rows: number[][] = [[]];
  for (const values of levels) rows = rows.flatMap((row) => values.map((value) => [...row, value]));
  // Turning a steering wheel of a car that stands changes nothing: equal motions once.
  const seen = new Set<string>();
  const state = new Float64Array(nx).fill(0.1);
  return rows
    .map((row) => Float64Array.from(row))
    .filter((control) => {
      const next = new Float64Array(nx);
      dynamics.stepInto(next, state, control);
      const key = next.join();
      return seen.has(key) ? false : seen.add(key) !== undefined;
    });
}

/** The component whose rate is this control, as a force is that of a speed; -1 where the control moves several or none. */
function drivenComponent(dynamics: Dynamics, u: number): number {
  const nx = numStates(dynamics);
  const base = new Float64Array(nx);
  const moved = new Float64Array(nx);
  const control = new Float64Array(numControls(dynamics));
  const state = new Float64Array(nx).fill(0.1);
  dynamics.stepInto(base, state, control);
  control[u] = 1e-3;
  dynamics.stepInto(moved, state, control);
  const changed = [...moved.keys()].filter((i) => Math.abs(moved[i] - base[i]) > 1e-12);
  return changed.length === 1 ? changed[0] : -1;
}
