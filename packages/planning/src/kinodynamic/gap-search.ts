/**
 * db-A*: A* over a library of motion primitives that are laid beside each other with gaps. A primitive follows a state from which its start is at most `alpha` times
 * `delta` away, moved to the state's position; a state within `(1 - alpha) delta` of one that is known counts as that one. Every path is a guess that
 * the repair must close.
 * @source Hoenig, Ortiz-Haro, Toussaint: db-A*, IROS 2022; with time in the state where others move, as in db-CBS (Moldagalieva et al., ICRA 2024).
 */
import { numControls, numStates } from '../dynamics/dynamics.js';
import { OpenList } from '../grid/open-list.js';
import type { ContinuousProblem, Robot } from '../problem/problem.js';
import type { Clearance } from './clearance.js';
import { createNearby } from './nearby.js';
import type { PrimitiveLibrary } from './primitives.js';
import type { Motion } from './repair.js';
import type { TimeToGo } from './time-to-go.js';

export interface GapSearchOptions {
  /** Largest gap between a state and what follows it, by the metric of the dynamics. */
  readonly delta: number;
  /** Steps after which nothing moves any more; before that, time is a part of the state. */
  readonly horizon: number;
  /** At least this gap to obstacles on the way, metres. */
  readonly gap: number;
  /** Weight of the heuristic, >= 1. */
  readonly greed: number;
}

export interface GapSearch {
  /**
   * Goes on until the next path to within `delta` of the goal.
   * @param spend called per node; true ends the search.
   * @returns a path with gaps, `'exhausted'`, or `'spent'`.
   */
  next(spend: () => boolean): Motion | 'exhausted' | 'spent';
}

/** Share of the gap that lies before a primitive; the rest is that between states which count as one. */
const ALPHA = 0.5;
/** Steps that count as one time. */
const TIME_STEPS = 5;

interface Node {
  readonly state: Float64Array;
  readonly time: number;
  parent: number;
  motion: number;
  /** Steps from the start. */
  steps: number;
}

export function createGapSearch(
  problem: ContinuousProblem,
  { dynamics, start, goal }: Robot,
  clearance: Clearance,
  toGo: TimeToGo,
  { motions }: PrimitiveLibrary,
  { delta, horizon, gap, greed }: GapSearchOptions,
): GapSearch {
  const nx = numStates(dynamics);
  const nu = numControls(dynamics);
  const { space } = problem;
  const positions = Array.from({ length: space }, (_, i) => i);
  const others = Array.from({ length: nx - space }, (_, i) => space + i);
  const starts = createNearby(dynamics, others, ALPHA * delta);
  for (const [id, { states }] of motions.entries()) starts.add(id, states.subarray(0, nx));
  const known = createNearby(dynamics, positions, (1 - ALPHA) * delta);
  const low = dynamics.stateLow.map((bound, i) => (i < space ? problem.min[i] : bound) - 1e-10);
  const high = dynamics.stateHigh.map((bound, i) => (i < space ? problem.max[i] : bound) + 1e-10);
  const firstGap = Math.min(gap, clearance.gap(start, 0));

  const nodes: Node[] = [];
  let capacity = 4096;
  const open = new OpenList(capacity);
  const waiting = new Set<number>();
  const timeOf = (steps: number): number => (horizon > 0 ? Math.floor(Math.min(steps, horizon + TIME_STEPS) / TIME_STEPS) : 0);
  const push = (id: number): void => {
    if (id >= capacity) {
      capacity *= 2;
      open.reserve(capacity);
    }
    const g = nodes[id].steps * dynamics.dt;
    open.push(id, g + greed * toGo.of(nodes[id].state), g);
    waiting.add(id);
  };
  const reach = (state: Float64Array, parent: number, motion: number, steps: number): void => {
    if (toGo.of(state) === Infinity) return;
    const time = timeOf(steps);
    const same = known.find(state, (id) => nodes[id].time === time && dynamics.distance(nodes[id].state, state) <= (1 - ALPHA) * delta);
    if (same < 0) {
      const id = nodes.length;
      nodes.push({ state: state.slice(), time, parent, motion, steps });
      known.add(id, state);
      push(id);
    } else if (steps < nodes[same].steps && !isAncestor(same, parent)) {
      Object.assign(nodes[same], { parent, motion, steps });
      if (waiting.has(same)) open.decrease(same, steps * dynamics.dt);
      else push(same);
    }
  };
  const isAncestor = (id: number, of: number): boolean => {
    for (let at = of; at >= 0; at = nodes[at].parent) if (at === id) return true;
    return false;
  };

  nodes.push({ state: start.slice(), time: timeOf(0), parent: -1, motion: -1, steps: 0 });
  known.add(0, start);
  push(0);

  const state = new Float64Array(nx);
  const atOrigin = new Float64Array(nx);
  /** Lays a primitive beside a node; `state` is then its end. */
  const follow = ({ state: from, steps }: Node, { states }: Motion): boolean => {
    const least = steps === 0 ? firstGap : gap;
    for (let k = 1; k < states.length / nx; k++) {
      for (let i = 0; i < nx; i++) {
        state[i] = states[k * nx + i] + (i < space ? from[i] : 0);
        if (state[i] < low[i] || state[i] > high[i]) return false;
      }
      if (clearance.gap(state, steps + k) < least) return false;
    }
    return true;
  };
  const expand = (id: number): void => {
    const node = nodes[id];
    for (let i = 0; i < nx; i++) atOrigin[i] = i < space ? 0 : node.state[i];
    starts.find(atOrigin, (motion) => {
      const primitive = motions[motion];
      if (dynamics.distance(primitive.states.subarray(0, nx), atOrigin) <= ALPHA * delta && follow(node, primitive))
        reach(state, id, motion, node.steps + primitive.controls.length / nu);
      return false;
    });
  };
  const pathTo = (id: number): Motion => {
    const path: number[] = [];
    for (let at = id; at > 0; at = nodes[at].parent) path.unshift(at);
    const states: number[] = [];
    const controls: number[] = [];
    for (const at of path) {
      const from = nodes[nodes[at].parent].state;
      const primitive = motions[nodes[at].motion];
      for (let k = 0; k < primitive.states.length - nx; k++) states.push(primitive.states[k] + (k % nx < space ? from[k % nx] : 0));
      controls.push(...primitive.controls);
    }
    states.push(...nodes[id].state);
    return { states: Float64Array.from(states), controls: Float64Array.from(controls) };
  };

  const done = new Set<number>();
  return {
    next(spend) {
      while (open.pop()) {
        const { id } = open;
        waiting.delete(id);
        if (spend()) return 'spent';
        expand(id);
        if (done.has(id) || dynamics.distance(nodes[id].state, goal) > delta) continue;
        done.add(id);
        let parked = true;
        for (let step = nodes[id].steps; step <= horizon && parked; step++) parked = clearance.gap(goal, step) >= 0;
        if (parked) return pathTo(id);
      }
      return 'exhausted';
    },
  };
}
