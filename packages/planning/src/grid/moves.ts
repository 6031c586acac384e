/**
 * The moves of a grid as tables: where each leads, how long it is, and which cells must be free for it.
 * Rule: a move goes straight from middle to middle, and every cell that this way touches, corners included, must be free. For the diagonals of 8 and 26
 * that is the whole box of 2^k cells; it is the rule of the Warframe and of the MovingAI benchmarks.
 * Lengths add up as whole numbers of 2^-32 cell, so that sums are exact in f64 up to 2 million cells, whatever their order; `LengthCounts` gives the length
 * of a path to the last bit.
 */
import type { GridMoves } from '../problem/problem.js';

/** Units of cost in one cell's side. */
export const COST_PER_CELL = 2 ** 32;

export interface MoveTable {
  readonly moves: GridMoves;
  /** M. */
  readonly count: number;
  /** `[M]` cells along x, y, z. */
  readonly dx: Int8Array;
  readonly dy: Int8Array;
  readonly dz: Int8Array;
  /** `[M]` length in cells. */
  readonly length: Float64Array;
  /** `[M]` length in units of 2^-32 cell, rounded to a whole number. */
  readonly cost: Float64Array;
  /** `[M]` the move back. */
  readonly reverse: Uint8Array;
  /** Per move: x, y, z of each cell that must be free, from the cell that is left; the target included, the start not. */
  readonly touched: readonly (readonly (readonly [number, number, number])[])[];
  /** Cells that a move reaches along x and z, and along y. */
  readonly reach: number;
  readonly reachY: number;
}

const KNIGHTS = [
  [1, 2],
  [1, 3],
  [2, 3],
];

export function createMoveTable(moves: GridMoves): MoveTable {
  const vectors = vectorsOf(moves);
  const reverse = vectors.map(([x, y, z]) => vectors.findIndex(([a, b, c]) => a === 0 - x && b === 0 - y && c === 0 - z));
  const squares = vectors.map(([x, y, z]) => x * x + y * y + z * z);
  return {
    moves,
    count: vectors.length,
    dx: Int8Array.from(vectors, ([x]) => x),
    dy: Int8Array.from(vectors, ([, y]) => y),
    dz: Int8Array.from(vectors, ([, , z]) => z),
    length: Float64Array.from(squares, Math.sqrt),
    cost: Float64Array.from(squares, (square) => Math.round(Math.sqrt(square) * COST_PER_CELL)),
    reverse: Uint8Array.from(reverse),
    touched: vectors.map(touchedCells),
    reach: moves === 32 ? 3 : 1,
    reachY: moves === 6 || moves === 26 ? 1 : 0,
  };
}

/** Moves counted by their squared length: the sum of square roots is rounded once per kind and not once per move. */
export class LengthCounts {
  private readonly counts = new Map<number, number>();

  add(dx: number, dy: number, dz: number): void {
    const square = dx * dx + dy * dy + dz * dz;
    this.counts.set(square, (this.counts.get(square) ?? 0) + 1);
  }

  /** Cells, by rising kind, so that equal counts give equal sums. */
  total(): number {
    let sum = 0;
    for (const square of [...this.counts.keys()].sort((a, b) => a - b)) sum += (this.counts.get(square) ?? 0) * Math.sqrt(square);
    return sum;
  }
}

type Vector = readonly [number, number, number];

/** Straight moves first, then diagonals by length; within a kind by y, z, x. */
function vectorsOf(moves: GridMoves): Vector[] {
  const found: Vector[] = [];
  const spread = moves === 6 || moves === 26 ? [-1, 0, 1] : [0];
  for (const y of spread) for (const z of [-1, 0, 1]) for (const x of [-1, 0, 1]) if (x !== 0 || y !== 0 || z !== 0) found.push([x, y, z]);
  const straight = moves === 4 || moves === 6;
  const chosen = found.filter(([x, y, z]) => !straight || Math.abs(x) + Math.abs(y) + Math.abs(z) === 1);
  if (moves === 32) {
    for (const [near, far] of KNIGHTS)
      for (const signX of [-1, 1])
        for (const signZ of [-1, 1]) {
          chosen.push([signX * near, 0, signZ * far]);
          chosen.push([signX * far, 0, signZ * near]);
        }
  }
  return chosen.sort((a, b) => norm(a) - norm(b));
}

function norm([x, y, z]: Vector): number {
  return x * x + y * y + z * z;
}

/** Cells whose closed box the way from the middle of the cell 0 to the middle of `vector` touches. In halves of a cell, so all is whole. */
function touchedCells(vector: Vector): Vector[] {
  const cells: Vector[] = [];
  const range = (length: number) => {
    const values: number[] = [];
    for (let at = Math.min(0, length); at <= Math.max(0, length); at++) values.push(at);
    return values;
  };
  for (const y of range(vector[1]))
    for (const z of range(vector[2]))
      for (const x of range(vector[0])) {
        if ((x !== 0 || y !== 0 || z !== 0) && touches([x, y, z], vector)) cells.push([x, y, z]);
      }
  return cells;
}

/** Whether a share t in [0, 1] exists with |t * vector - cell| <= 1/2 along each axis: exact, as fractions with whole parts. */
function touches(cell: Vector, vector: Vector): boolean {
  // low / denominator <= t <= high / denominator, per axis, over the common denominator.
  const denominator = 2 * vector.reduce((product, length) => product * Math.max(1, Math.abs(length)), 1);
  let low = 0;
  let high = denominator;
  for (let axis = 0; axis < 3; axis++) {
    const length = Math.abs(vector[axis]);
    const at = Math.abs(cell[axis]);
    if (length === 0) continue;
    const unit = denominator / (2 * length);
    low = Math.max(low, (2 * at - 1) * unit);
    high = Math.min(high, (2 * at + 1) * unit);
  }
  return low <= high;
}
