/** Checks of paths on grids, from docs/planning-validator.md. The first violation of each kind per agent, and of each pair. */
import type { GridProblem } from '../problem/problem.js';
import type { CellPath } from '../trajectory.js';
import { short } from './check-states.js';
import type { Tolerances } from './tolerances.js';
import type { Constraint, Violation } from './verdict.js';

/** Rounding of sums of lengths, cells. */
const TIME_SLACK = 1e-6;

export function checkCells(problem: GridProblem, paths: readonly CellPath[], tolerances: Tolerances): Violation[] {
  // Two diagonals of one step may cross, which neither cells nor swaps show.
  if (problem.timing === 'steps' && problem.agents.length > 1 && problem.moves !== 4 && problem.moves !== 6)
    return [
      {
        constraint: 'shape',
        robot: undefined,
        step: 0,
        time: 0,
        size: 0,
        sentence: `A team whose moves take one step each must have 4 or 6 ways; this problem has ${problem.moves}. Let moves take their length.`,
      },
    ];
  const shapes = paths.map((path) => checkShape(problem, path)).filter((found) => found !== undefined);
  if (shapes.length > 0) return shapes;
  const found = paths.flatMap((path, index) => checkPath(problem, path, index));
  const meeting = problem.timing === 'steps' ? firstInSteps(paths) : firstOfDiscs(paths, problem.radius, tolerances.contact);
  if (meeting !== undefined) found.push(meeting);
  return found;
}

function checkShape({ timing }: GridProblem, { robot, cells, times }: CellPath): Violation | undefined {
  const wrong = (sentence: string): Violation => ({ constraint: 'shape', robot, step: 0, time: 0, size: 0, sentence });
  if (times.length === 0 || cells.length !== 3 * times.length)
    return wrong(
      `${robot} must have at least one cell and a time for each; its plan has ${cells.length / 3} cells and ${times.length} times.`,
    );
  if (times[0] !== 0) return wrong(`${robot} must begin at time 0; it begins at ${times[0]}.`);
  for (let k = 0; k < times.length; k++) {
    if (!Number.isFinite(times[k]) || (k > 0 && times[k] <= times[k - 1]))
      return wrong(`Times of ${robot} must rise; time ${k} is ${times[k]}.`);
    if (timing === 'steps' && !Number.isInteger(times[k])) return wrong(`Times of ${robot} must be whole steps; time ${k} is ${times[k]}.`);
  }
  return undefined;
}

function checkPath(problem: GridProblem, { robot, cells, times }: CellPath, index: number): Violation[] {
  const found = new Map<Constraint, Violation>();
  const report = (constraint: Constraint, step: number, size: number, sentence: string): void => {
    if (!found.has(constraint))
      found.set(constraint, {
        constraint,
        robot,
        step,
        time: times[step],
        size,
        sentence: `${robot} ${sentence} at step ${step} (time ${short(times[step])}).`,
      });
  };
  const { start, goal } = problem.agents[index];
  const cell = (k: number): [number, number, number] => [cells[3 * k], cells[3 * k + 1], cells[3 * k + 2]];
  const last = times.length - 1;
  if (cell(0).some((value, axis) => value !== start[axis])) report('start', 0, 0, `must start in cell ${start}; it starts in ${cell(0)}`);
  if (blocked(problem, cell(0))) report('obstacle', 0, 0, `starts in the blocked cell ${cell(0)}`);
  for (let k = 1; k <= last; k++) {
    const from = cell(k - 1);
    const to = cell(k);
    const way = to.map((value, axis) => value - from[axis]);
    const length = Math.hypot(way[0], way[1], way[2]);
    const took = times[k] - times[k - 1];
    if (length === 0) continue;
    if (!isMove(problem, way)) report('move', k - 1, length, `may not go from ${from} to ${to} in one of ${problem.moves} moves`);
    else {
      const touched = touchedCells(from, way).find((at) => blocked(problem, at));
      if (touched !== undefined) report('obstacle', k - 1, 0, `goes from ${from} to ${to}, which touches the blocked cell ${touched},`);
    }
    const least = problem.timing === 'steps' ? 1 : length;
    if (took < least - TIME_SLACK)
      report('move', k - 1, least - took, `takes ${short(took)} from ${from} to ${to}, which takes ${short(least)},`);
  }
  if (cell(last).some((value, axis) => value !== goal[axis])) report('goal', last, 0, `must end in cell ${goal}; it ends in ${cell(last)}`);
  return [...found.values()];
}

function blocked({ grid }: GridProblem, [x, y, z]: readonly number[]): boolean {
  const [sizeX, sizeY, sizeZ] = grid.size;
  if (x < 0 || y < 0 || z < 0 || x >= sizeX || y >= sizeY || z >= sizeZ) return true;
  return grid.blocked[(y * sizeZ + z) * sizeX + x] !== 0;
}

function isMove({ moves }: GridProblem, [x, y, z]: readonly number[]): boolean {
  const [low, middle, high] = [Math.abs(x), Math.abs(y), Math.abs(z)].sort((a, b) => a - b);
  if (moves === 6) return high === 1 && middle === 0;
  if (moves === 26) return high === 1;
  if (y !== 0) return false;
  if (moves === 4) return high === 1 && middle === 0;
  if (moves === 8) return high === 1;
  // 32: no common divisor, and at most 3 the long way: 1 0, 1 1, 1 2, 1 3, 2 3.
  return low === 0 && ((high === 1 && middle <= 1) || (high === 2 && middle === 1) || (high === 3 && (middle === 1 || middle === 2)));
}

/** Cells whose closed box the straight way from the middle of `from` touches: shares t of the way with |t way - offset| <= 1/2 along each axis. */
function touchedCells(from: readonly number[], way: readonly number[]): number[][] {
  const cells: number[][] = [];
  const range = (length: number): number[] => Array.from({ length: Math.abs(length) + 1 }, (_, i) => i * Math.sign(length));
  for (const y of range(way[1]))
    for (const z of range(way[2]))
      for (const x of range(way[0])) {
        let [low, high] = [0, 1];
        for (const [offset, length] of [
          [x, way[0]],
          [y, way[1]],
          [z, way[2]],
        ]) {
          if (length === 0) continue;
          const [a, b] = [(offset - 0.5) / length, (offset + 0.5) / length];
          low = Math.max(low, Math.min(a, b));
          high = Math.min(high, Math.max(a, b));
        }
        if (low <= high + 1e-12) cells.push([from[0] + x, from[1] + y, from[2] + z]);
      }
  return cells;
}

/** One cell at one step, or changing places in one step. Looked at are only the steps at which somebody enters a cell: in between all stand. */
function firstInSteps(paths: readonly CellPath[]): Violation | undefined {
  const entered = Float64Array.from(new Set(paths.flatMap(({ times }) => [...times]))).sort();
  const at = new Int32Array(paths.length);
  const keys = paths.map(({ cells }) => keyOf(cells, 0));
  const before = keys.slice();
  const meet = (constraint: 'pair' | 'swap', i: number, j: number, step: number, what: string): Violation => ({
    constraint,
    robot: paths[i].robot,
    other: paths[j].robot,
    step,
    time: step,
    size: 1,
    sentence: `${paths[i].robot} and ${paths[j].robot} ${what} at step ${step}.`,
  });
  for (const t of entered) {
    for (const [i, { cells, times }] of paths.entries()) {
      before[i] = keys[i];
      while (at[i] + 1 < times.length && times[at[i] + 1] <= t) at[i]++;
      keys[i] = keyOf(cells, at[i]);
    }
    const here = new Map<string, number>();
    for (const [i, key] of keys.entries()) {
      const other = here.get(key);
      if (other !== undefined) return meet('pair', other, i, t, `are both in cell ${key}`);
      here.set(key, i);
    }
    for (const [i, key] of keys.entries()) {
      if (key === before[i]) continue;
      const other = here.get(before[i]);
      if (other !== undefined && other !== i && before[other] === key)
        return meet('swap', i, other, t - 1, `change places between ${before[i]} and ${key}`);
    }
  }
  return undefined;
}

function keyOf(cells: Int32Array, k: number): string {
  return `${cells[3 * k]},${cells[3 * k + 1]},${cells[3 * k + 2]}`;
}

/** Straight pieces of a path: rows of begin, end, x, y, z, vx, vy, vz. A piece without end stands. */
function piecesOf({ cells, times }: CellPath): number[][] {
  const pieces: number[][] = [];
  for (let k = 1; k < times.length; k++) {
    const [x, y, z] = [cells[3 * k - 3], cells[3 * k - 2], cells[3 * k - 1]];
    const way = [cells[3 * k] - x, cells[3 * k + 1] - y, cells[3 * k + 2] - z];
    const length = Math.hypot(way[0], way[1], way[2]);
    const leave = Math.max(times[k - 1], times[k] - length);
    if (leave > times[k - 1]) pieces.push([times[k - 1], leave, x, y, z, 0, 0, 0]);
    if (length > 0) pieces.push([leave, times[k], x, y, z, ...way.map((value) => value / (times[k] - leave))]);
  }
  const last = 3 * (times.length - 1);
  pieces.push([times[times.length - 1], Infinity, cells[last], cells[last + 1], cells[last + 2], 0, 0, 0]);
  return pieces;
}

function firstOfDiscs(paths: readonly CellPath[], radius: number, tolerance: number): Violation | undefined {
  const pieces = paths.map(piecesOf);
  let first: Violation | undefined;
  for (let i = 0; i < paths.length; i++)
    for (let j = i + 1; j < paths.length; j++) {
      const meeting = firstOfPair(pieces[i], pieces[j], 2 * radius, tolerance);
      if (meeting === undefined || (first !== undefined && first.time <= meeting.time)) continue;
      const step = Math.max(
        0,
        paths[i].times.findLastIndex((time) => time <= meeting.time),
      );
      first = {
        constraint: 'pair',
        robot: paths[i].robot,
        other: paths[j].robot,
        step,
        time: meeting.time,
        size: meeting.depth,
        sentence: `${paths[i].robot} and ${paths[j].robot} overlap by ${short(meeting.depth)} cells at time ${short(meeting.time)}.`,
      };
    }
  return first;
}

/** Two disc middles must keep `apart`; the least distance of two straight pieces is that of a quadratic in time. */
function firstOfPair(a: number[][], b: number[][], apart: number, tolerance: number): { time: number; depth: number } | undefined {
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const begin = Math.max(a[i][0], b[j][0]);
    const end = Math.min(a[i][1], b[j][1]);
    if (end >= begin) {
      let [pp, pv, vv] = [0, 0, 0];
      for (let axis = 0; axis < 3; axis++) {
        const p = b[j][2 + axis] + b[j][5 + axis] * (begin - b[j][0]) - (a[i][2 + axis] + a[i][5 + axis] * (begin - a[i][0]));
        const v = b[j][5 + axis] - a[i][5 + axis];
        pp += p * p;
        pv += p * v;
        vv += v * v;
      }
      const s = vv === 0 ? 0 : Math.max(0, Math.min(end - begin, -pv / vv));
      const distance = Math.sqrt(Math.max(0, pp + 2 * pv * s + vv * s * s));
      // Two points without extent must not meet either.
      if (distance < apart - tolerance || (apart === 0 && distance === 0)) {
        const limit = apart - tolerance;
        const root = Math.sqrt(Math.max(0, pv * pv - vv * (pp - limit * limit)));
        const enters = vv === 0 || pp <= limit * limit ? 0 : Math.max(0, Math.min(s, (-pv - root) / vv));
        return { time: begin + enters, depth: apart - distance };
      }
    }
    if (a[i][1] <= b[j][1]) i++;
    else j++;
  }
  return undefined;
}
