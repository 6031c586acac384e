/**
 * Least cost between two cells of a grid without walls, in the units of `COST_PER_CELL` (timing `lengths`) or in steps: what A* adds to g. Exact where
 * moves take their length, so it is consistent. Between two neighbouring directions of the 32 moves every cell is a whole sum of the two (their
 * determinant is 1), which makes the distance linear there.
 */
import type { GridMoves } from '../problem/problem.js';
import { COST_PER_CELL } from './moves.js';

/** @param x cells along an axis, of either sign; likewise y and z. */
export type Heuristic = (x: number, y: number, z: number) => number;

export function createHeuristic(moves: GridMoves, timing: 'steps' | 'lengths'): Heuristic {
  if (timing === 'steps') return STEPS[moves];
  return moves === 4 || moves === 6 ? straight : moves === 32 ? knights : octile;
}

const root = (square: number) => Math.round(Math.sqrt(square) * COST_PER_CELL);
const ROOT2 = root(2);
const ROOT3 = root(3);
/** Directions by rising angle from the axis, with their costs. */
const SPOKES = [
  [1, 0, root(1)],
  [3, 1, root(10)],
  [2, 1, root(5)],
  [3, 2, root(13)],
  [1, 1, root(2)],
];

const abs = Math.abs;

function straight(x: number, y: number, z: number): number {
  return (abs(x) + abs(y) + abs(z)) * COST_PER_CELL;
}

function octile(x: number, y: number, z: number): number {
  const a = abs(x);
  const b = abs(y);
  const c = abs(z);
  const most = a > b ? (a > c ? a : c) : b > c ? b : c;
  const least = a < b ? (a < c ? a : c) : b < c ? b : c;
  const middle = a + b + c - most - least;
  return (most - middle) * COST_PER_CELL + (middle - least) * ROOT2 + least * ROOT3;
}

function knights(x: number, _y: number, z: number): number {
  const far = Math.max(abs(x), abs(z));
  const near = Math.min(abs(x), abs(z));
  for (let k = 1; k < SPOKES.length; k++) {
    const [lowFar, lowNear, lowCost] = SPOKES[k - 1];
    const [highFar, highNear, highCost] = SPOKES[k];
    if (near * highFar > far * highNear) continue;
    // (far, near) = low * count + high * other, by Cramer's rule with determinant 1.
    const count = far * highNear - near * highFar;
    const other = lowFar * near - lowNear * far;
    return count * lowCost + other * highCost;
  }
  return 0;
}

const STEPS: Record<GridMoves, Heuristic> = {
  4: (x, _y, z) => abs(x) + abs(z),
  6: (x, y, z) => abs(x) + abs(y) + abs(z),
  8: (x, _y, z) => Math.max(abs(x), abs(z)),
  26: (x, y, z) => Math.max(abs(x), abs(y), abs(z)),
  32: (x, _y, z) => Math.max(Math.ceil(Math.max(abs(x), abs(z)) / 3), Math.ceil((abs(x) + abs(z)) / 5)),
};
