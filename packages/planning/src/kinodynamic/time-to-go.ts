/**
 * Least time to a goal, for the search's heuristic: the way of a disc that fits into the body around the obstacles, by Dijkstra from the goal on a grid, at top
 * speed; and the turn that is left at the top rate of each angle.
 */
import { angleDifference } from '../dynamics/angles.js';
import { type Dynamics, numControls, numStates } from '../dynamics/dynamics.js';
import { OpenList } from '../grid/open-list.js';
import type { Spending } from '../mapf/spending.js';
import type { ContinuousProblem, Robot } from '../problem/problem.js';

export interface TimeToGo {
  /** Seconds; Infinity where the goal cannot be reached even by a disc that fits into the body. */
  of(state: Float64Array): number;
}

const MAX_CELLS = 400_000;
/** Cells between two looks at the clock. */
const LOOK = 4096;
/** A way over cells is up to this much longer than the straight one, by number of dimensions: 8 and 26 ways. */
const DETOUR = { 2: 1.0824, 3: 1.129 } as const;

/** @returns undefined where the budget was spent meanwhile. */
export function createTimeToGo(problem: ContinuousProblem, { dynamics, goal }: Robot, spending: Spending): TimeToGo | undefined {
  const { space } = problem;
  const extent = [0, 1, 2].map((axis) => problem.max[axis] - problem.min[axis]);
  const volume = extent.slice(0, space).reduce((product, length) => product * Math.max(0.1, length), 1);
  const side = Math.max(space === 2 ? 0.05 : 0.1, (volume / MAX_CELLS) ** (1 / space));
  const size = extent.map((length, axis) => (axis < space ? Math.max(1, Math.ceil(length / side)) : 1));
  const cellOf = (state: Float64Array): number => {
    let cell = 0;
    for (let axis = space - 1; axis >= 0; axis--)
      cell = cell * size[axis] + Math.max(0, Math.min(size[axis] - 1, Math.floor((state[axis] - problem.min[axis]) / side)));
    return cell;
  };
  const positions = Array.from({ length: space }, (_, axis) => axis);
  const speed = Math.max(...topRates(dynamics, positions));
  // Where each axis has its own top speed, the longest axis says how long a way takes, and ways over cells are no detours.
  const isSquare = dynamics.maxSpeed > 1.001 * speed;
  const distances = distancesFrom(problem, dynamics, cellOf(goal), size, side, isSquare, spending);
  if (distances === undefined) return undefined;
  const rates = topRates(dynamics, dynamics.angles);
  const perMetre = 1 / (speed * (isSquare ? 1 : DETOUR[space]));
  return {
    of(state) {
      const far = distances[cellOf(state)];
      if (far === Infinity) return Infinity;
      // Within a cell, and to the next ones, the straight way says more.
      let squares = 0;
      let longest = 0;
      for (let axis = 0; axis < space; axis++) {
        const along = Math.abs(state[axis] - goal[axis]);
        squares += along ** 2;
        longest = Math.max(longest, along);
      }
      let time = Math.max((far - 2 * side) * perMetre, (isSquare ? longest : Math.sqrt(squares)) / speed);
      for (const [i, angle] of dynamics.angles.entries())
        time = Math.max(time, Math.abs(angleDifference(state[angle], goal[angle])) / rates[i]);
      return time;
    },
  };
}

/** Dijkstra over the cells whose middle an inscribed disc can stand on, generously. */
function distancesFrom(
  problem: ContinuousProblem,
  dynamics: Dynamics,
  goal: number,
  size: readonly number[],
  side: number,
  isSquare: boolean,
  spending: Spending,
): Float64Array | undefined {
  const [nx, ny, nz] = size;
  const part = dynamics.parts[0];
  const disc = part.shape === 'ball' ? part.radius : Math.min(...part.half.slice(0, problem.space));
  // Half of a cell's diagonal, so that no way of the disc is lost.
  const radius = disc - (side * Math.sqrt(problem.space)) / 2;
  const blocked = new Uint8Array(nx * ny * nz);
  for (const obstacle of problem.obstacles) {
    if (spending.look()) return undefined;
    const reach = obstacle.shape === 'box' ? radius : radius + obstacle.radius;
    if (reach <= 0) continue;
    // Only cells that it can cover, and one more on each side against rounding.
    const [low, high] = [-1, 1].map((sign) =>
      size.map((count, axis) => {
        if (axis >= problem.space) return 0;
        const half = obstacle.shape === 'box' ? obstacle.size[axis] / 2 + reach : reach;
        const cell = Math.floor((obstacle.center[axis] + sign * half - problem.min[axis]) / side) + sign;
        return sign < 0 ? Math.max(0, cell) : Math.min(count - 1, cell);
      }),
    );
    const awayAlong = (axis: number, at: number): number => {
      const away = Math.abs(problem.min[axis] + (at + 0.5) * side - obstacle.center[axis]);
      return obstacle.shape === 'box' ? Math.max(0, away - obstacle.size[axis] / 2) ** 2 : away ** 2;
    };
    for (let z = low[2]; z <= high[2]; z++) {
      const alongZ = problem.space === 3 ? awayAlong(2, z) : 0;
      for (let y = low[1]; y <= high[1]; y++) {
        const alongY = awayAlong(1, y);
        for (let x = low[0]; x <= high[0]; x++) if (awayAlong(0, x) + alongY + alongZ < reach * reach) blocked[x + nx * (y + ny * z)] = 1;
      }
    }
  }
  const distances = new Float64Array(blocked.length).fill(Infinity);
  const open = new OpenList(blocked.length);
  distances[goal] = 0;
  open.push(goal, 0, 0);
  for (let popped = 1; open.pop(); popped++) {
    if (popped % LOOK === 0 && spending.look()) return undefined;
    const { id: cell, f: distance } = open;
    const x = cell % nx;
    const y = Math.floor(cell / nx) % ny;
    const z = Math.floor(cell / (nx * ny));
    for (let dz = z > 0 ? -1 : 0; dz <= (z < nz - 1 ? 1 : 0); dz++)
      for (let dy = y > 0 ? -1 : 0; dy <= (y < ny - 1 ? 1 : 0); dy++)
        for (let dx = x > 0 ? -1 : 0; dx <= (x < nx - 1 ? 1 : 0); dx++) {
          const next = cell + dx + nx * (dy + ny * dz);
          if (next === cell || blocked[next] === 1) continue;
          const longer = distance + (isSquare ? side : side * Math.sqrt(dx * dx + dy * dy + dz * dz));
          if (longer >= distances[next] - 1e-12) continue;
          // g as f, so that h is 0 and a shorter way found later moves f with it.
          if (distances[next] === Infinity) open.push(next, longer, longer);
          else open.decrease(next, longer);
          distances[next] = longer;
        }
  }
  return distances;
}

/** The top rate of each of these components, m/s or rad/s, over the corners of controls and bounded components. */
function topRates(dynamics: Dynamics, components: readonly number[]): number[] {
  const nx = numStates(dynamics);
  const nu = numControls(dynamics);
  const bounded = Array.from({ length: nx }, (_, i) => i).filter((i) => Number.isFinite(dynamics.stateHigh[i]));
  const rates = components.map(() => 1e-9);
  const state = new Float64Array(nx);
  const next = new Float64Array(nx);
  const control = new Float64Array(nu);
  const bits = nu + bounded.length + dynamics.angles.length;
  for (let corner = 0; corner < 2 ** bits; corner++) {
    const bit = (i: number): boolean => Math.floor(corner / 2 ** i) % 2 === 1;
    for (let u = 0; u < nu; u++) control[u] = bit(u) ? dynamics.controlHigh[u] : dynamics.controlLow[u];
    for (const [i, component] of bounded.entries())
      state[component] = bit(nu + i) ? dynamics.stateHigh[component] : dynamics.stateLow[component];
    for (const [i, angle] of dynamics.angles.entries()) state[angle] = bit(nu + bounded.length + i) ? Math.PI / 2 : 0;
    dynamics.stepInto(next, state, control);
    for (const [i, one] of components.entries()) rates[i] = Math.max(rates[i], Math.abs(next[one] - state[one]) / dynamics.dt);
  }
  return rates;
}
