/**
 * Seconds from a body at rest to its goal among obstacles, as if nobody else were there: Dijkstra from the goal over positions and, for bodies that turn, 16
 * headings, and even between the nodes. It turns on the spot or drives straight, at top speed at once: a guide, no bound.
 */
import type { Dynamics } from '../dynamics/dynamics.js';
import { OpenList } from '../grid/open-list.js';
import { gapBetween, obstacleBody } from '../kinodynamic/clearance.js';
import type { Spending } from '../mapf/spending.js';
import type { ContinuousProblem } from '../problem/problem.js';
import { burden, type Traffic } from './traffic.js';

export interface Guide {
  /** Seconds; beyond all ways the straight one and a large constant. */
  of(state: Float64Array): number;
  /** Positions `[N, 3]` on the way from the node nearest to a state; that one alone where there is no way. */
  wayFrom(state: Float64Array): Float64Array;
}

/** What of a lattice is the same for all robots of a kind. */
export interface Lattice {
  readonly dynamics: Dynamics;
  readonly side: number;
  readonly size: readonly number[];
  readonly headings: number;
  readonly min: readonly number[];
  /** `[cells * headings]` 1 = the body is in an obstacle there, or nearly. */
  readonly blocked: Uint8Array;
  /** Per heading the ways to go, or all ways for bodies that do not turn: cells per axis, and seconds. */
  readonly ways: readonly (readonly { readonly step: readonly number[]; readonly time: number }[])[];
  /** Seconds of a turn from a heading to the next. */
  readonly turnTime: number;
}

const HEADINGS = 16;
const MAX_NODES = 120_000;
const MIN_SIDE = { 2: 0.1, 3: 0.15 } as const;
/** Gap to obstacles on the nodes, metres. */
const MARGIN = 0.02;
/** Seconds that no way of ours takes. */
const NO_WAY = 1e5;
const LOOK = 4096;
/** Straight ways in the plane, by heading: every second one is that of a knight. */
const COMPASS = [
  [1, 0],
  [2, 1],
  [1, 1],
  [1, 2],
  [0, 1],
  [-1, 2],
  [-1, 1],
  [-2, 1],
  [-1, 0],
  [-2, -1],
  [-1, -1],
  [-1, -2],
  [0, -1],
  [1, -2],
  [1, -1],
  [2, -1],
] as const;

/** @returns undefined where the budget was spent meanwhile. */
export function createLattice(problem: ContinuousProblem, dynamics: Dynamics, spending: Spending): Lattice | undefined {
  const { space, min, max } = problem;
  const turning = dynamics.angles.length > 0;
  const headings = turning ? HEADINGS : 1;
  const extent = [0, 1, 2].map((axis) => max[axis] - min[axis]);
  const volume = extent.slice(0, space).reduce((product, length) => product * Math.max(0.1, length), 1);
  const side = Math.max(MIN_SIDE[space], ((volume * headings) / MAX_NODES) ** (1 / space));
  // Nodes lie on the low bounds and within a side of the high ones.
  const size = extent.map((length, axis) => (axis < space ? Math.floor(length / side + 1e-9) + 1 : 1));
  const lattice: Lattice = {
    dynamics,
    side,
    size,
    headings,
    min,
    blocked: new Uint8Array(size[0] * size[1] * size[2] * headings),
    ways: waysOf(dynamics, space, side, headings),
    turnTime: turning ? (2 * Math.PI) / HEADINGS / topTurnRate(dynamics) : 0,
  };
  return block(problem, lattice, spending) ? lattice : undefined;
}

/** @param traffic of the others, which makes ways longer. */
export function createGuide(lattice: Lattice, goal: Float64Array, spending: Spending, traffic?: Traffic): Guide | undefined {
  const { dynamics, side, size, headings, min } = lattice;
  const space = dynamics.space;
  const times = timesTo(lattice, goal, spending, traffic);
  if (times === undefined) return undefined;
  const base = new Int32Array(3);
  const share = new Float64Array(4);
  return {
    of(state) {
      let straight = 0;
      for (let axis = 0; axis < space; axis++) {
        const at = Math.max(0, Math.min(size[axis] - 1, (state[axis] - min[axis]) / side));
        base[axis] = Math.min(Math.max(0, size[axis] - 2), Math.floor(at));
        share[axis] = at - base[axis];
        straight += (state[axis] - goal[axis]) ** 2;
      }
      const turn = headings === 1 ? 0 : (state[space] / (2 * Math.PI)) * headings;
      const heading = Math.floor(turn);
      share[3] = turn - heading;
      let sum = 0;
      let weight = 0;
      for (let corner = 0; corner < 2 ** space * (headings === 1 ? 1 : 2); corner++) {
        let part = 1;
        let cell = 0;
        for (let axis = space - 1; axis >= 0; axis--) {
          const up = (corner >> axis) & 1;
          part *= up === 1 ? share[axis] : 1 - share[axis];
          cell = cell * size[axis] + Math.min(size[axis] - 1, base[axis] + up);
        }
        const up = (corner >> space) & 1;
        if (headings > 1) part *= up === 1 ? share[3] : 1 - share[3];
        const time = times[cell * headings + ((((heading + up) % headings) + headings) % headings)];
        if (part === 0 || time === Infinity) continue;
        sum += part * time;
        weight += part;
      }
      return weight > 0 ? sum / weight : NO_WAY + Math.sqrt(straight) / dynamics.maxSpeed;
    },
    wayFrom(state) {
      const way: number[] = [];
      for (let node = nearestNode(lattice, state); node >= 0; node = nextNode(lattice, times, node)) {
        let cell = Math.floor(node / headings);
        for (let axis = 0; axis < 3; axis++) {
          way.push(min[axis] + side * (cell % size[axis]));
          cell = Math.floor(cell / size[axis]);
        }
      }
      return Float64Array.from(way);
    },
  };
}

function nearestNode({ dynamics, side, size, headings, min }: Lattice, state: Float64Array): number {
  let cell = 0;
  for (let axis = dynamics.space - 1; axis >= 0; axis--)
    cell = cell * size[axis] + Math.max(0, Math.min(size[axis] - 1, Math.round((state[axis] - min[axis]) / side)));
  const heading = headings === 1 ? 0 : Math.round((state[dynamics.space] / (2 * Math.PI)) * headings);
  return cell * headings + (((heading % headings) + headings) % headings);
}

/** The neighbour with the least time, or -1 where none has less than this node. */
function nextNode(lattice: Lattice, times: Float64Array, node: number): number {
  let best = -1;
  forNeighbours(lattice, node, (next) => {
    if (times[next] < times[best < 0 ? node : best]) best = next;
  });
  return best;
}

/** Where a straight way or a turn leads from a node, blocked or not: `step` is undefined for turns. */
function forNeighbours(
  { size, headings, ways, turnTime }: Lattice,
  node: number,
  visit: (next: number, time: number, step?: readonly number[]) => void,
): void {
  const [nx, ny, nz] = size;
  const heading = node % headings;
  const cell = (node - heading) / headings;
  const x = cell % nx;
  const y = Math.floor(cell / nx) % ny;
  const z = Math.floor(cell / (nx * ny));
  for (const { step, time } of ways[heading]) {
    const [toX, toY, toZ] = [x + step[0], y + step[1], z + step[2]];
    if (toX < 0 || toY < 0 || toZ < 0 || toX >= nx || toY >= ny || toZ >= nz) continue;
    visit((toX + nx * (toY + ny * toZ)) * headings + heading, time, step);
  }
  if (headings === 1) return;
  visit(cell * headings + ((heading + 1) % headings), turnTime);
  visit(cell * headings + ((heading + headings - 1) % headings), turnTime);
}

function waysOf(dynamics: Dynamics, space: 2 | 3, side: number, headings: number): { step: number[]; time: number }[][] {
  const speed = dynamics.angles.length > 0 ? dynamics.maxSpeed : dynamics.maxSpeed / Math.sqrt(space);
  if (headings > 1) {
    const time = ([x, y]: readonly number[]): number => (side * Math.hypot(x, y)) / speed;
    return COMPASS.map(([x, y]) => [
      { step: [x, y, 0], time: time([x, y]) },
      { step: [-x, -y, 0], time: time([x, y]) },
    ]);
  }
  const ways: { step: number[]; time: number }[] = [];
  for (let z = space === 3 ? -1 : 0; z <= (space === 3 ? 1 : 0); z++)
    for (let y = -1; y <= 1; y++)
      for (let x = -1; x <= 1; x++)
        if (x !== 0 || y !== 0 || z !== 0) ways.push({ step: [x, y, z], time: (side * Math.hypot(x, y, z)) / speed });
  return [ways];
}

/** rad/s; the last component that is commanded or the last speed. */
function topTurnRate({ controlHigh, stateHigh }: Dynamics): number {
  const speed = stateHigh[stateHigh.length - 1];
  return Number.isFinite(speed) ? speed : controlHigh[controlHigh.length - 1];
}

function block(problem: ContinuousProblem, { dynamics, side, size, headings, min, blocked }: Lattice, spending: Spending): boolean {
  const [part] = dynamics.parts;
  const pose = new Float64Array(5);
  const bodies = problem.obstacles.map(obstacleBody);
  for (let node = 0; node < blocked.length; node++) {
    if (node % LOOK === 0 && spending.look()) return false;
    const heading = ((node % headings) / headings) * 2 * Math.PI;
    let cell = Math.floor(node / headings);
    for (let axis = 0; axis < 3; axis++) {
      pose[axis] = min[axis] + side * (cell % size[axis]);
      cell = Math.floor(cell / size[axis]);
    }
    pose[3] = Math.cos(heading);
    pose[4] = Math.sin(heading);
    blocked[node] = bodies.some((body) => gapBetween(part, pose, 0, body.part, body.pose, 0, problem.space) < MARGIN) ? 1 : 0;
  }
  return true;
}

function timesTo(lattice: Lattice, goal: Float64Array, spending: Spending, traffic?: Traffic): Float64Array | undefined {
  const { dynamics, side, size, headings, min, blocked, turnTime } = lattice;
  const { space } = dynamics;
  const times = new Float64Array(blocked.length).fill(Infinity);
  const open = new OpenList(blocked.length);
  const reach = (node: number, time: number): void => {
    if (time >= times[node] - 1e-12) return;
    if (times[node] === Infinity) open.push(node, time, time);
    else open.decrease(node, time);
    times[node] = time;
  };
  // The goal lies between nodes: those around it are as far as they are, wherever obstacles are.
  const turn = headings === 1 ? 0 : (goal[space] / (2 * Math.PI)) * headings;
  for (let corner = 0; corner < 2 ** space * (headings === 1 ? 1 : 2); corner++) {
    let cell = 0;
    let away = 0;
    for (let axis = space - 1; axis >= 0; axis--) {
      const at = (goal[axis] - min[axis]) / side;
      const index = Math.max(0, Math.min(size[axis] - 1, Math.floor(at) + ((corner >> axis) & 1)));
      away += (side * (at - index)) ** 2;
      cell = cell * size[axis] + index;
    }
    const heading = Math.floor(turn) + ((corner >> space) & 1);
    const time = Math.sqrt(away) / dynamics.maxSpeed + Math.abs(turn - heading) * turnTime;
    reach(cell * headings + (((heading % headings) + headings) % headings), time);
  }
  for (let popped = 1; open.pop(); popped++) {
    if (popped % LOOK === 0 && spending.look()) return undefined;
    const { id: node, f: time } = open;
    forNeighbours(lattice, node, (next, more, step) => {
      if (blocked[next] === 1) return;
      // The robot comes the other way.
      const load =
        traffic === undefined || step === undefined ? 1 : burden(traffic, Math.floor(next / headings), [-step[0], -step[1], -step[2]]);
      reach(next, time + more * load);
    });
  }
  return times;
}
