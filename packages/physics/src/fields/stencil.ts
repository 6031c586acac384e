/**
 * Stencils: every cell's next value from its own and its neighbours' present ones, step after step, until nothing changes or a number of steps.
 * What a stencil does is data: offsets, factors, how they combine, and which neighbours each cell may look at. This is the plain reference in f64;
 * `stencil-gpujs.ts` runs the same data on gpu.js.
 */
import { ShapeError } from '@kinovox/world';
import { assertGrid, type GridSize, numCells } from './grid.js';

export interface StencilNeighbour {
  /** Cells to the neighbour, x y z. */
  offset: readonly [number, number, number];
  /** The neighbour counts as `value * times + plus` (defaults 1 and 0). */
  times?: number;
  plus?: number;
}

export interface Stencil {
  /** At most 24, so that a cell's edges are one exact f32. */
  neighbours: readonly StencilNeighbour[];
  /** `least` and `greatest` leave a cell without neighbours as it is; `sum` of none is 0. */
  combine: 'least' | 'greatest' | 'sum';
  /** The cell's own value is one more candidate, or summand. */
  keepOwn: boolean;
}

/** Arrays are `[Y, Z, X]`. */
export interface StencilProblem {
  size: GridSize;
  start: Float32Array;
  /** Bit n: this cell looks at neighbour n, which must lie in the grid. FIXED_CELL: this cell keeps its value. `allEdges` looks at all. */
  edges: Float32Array;
  /** Added to what the neighbours combine to; 0 when absent. */
  bias?: Float32Array;
}

export interface StencilOptions {
  maxSteps: number;
  /** Stop when no cell changed by more than this in the last step; absent: run all steps. */
  tolerance?: number;
}

export interface StencilResult {
  values: Float32Array;
  /** Steps that ran; on gpu.js, with a tolerance, up to STEPS_PER_PLAN - 1 more than needed. */
  steps: number;
  /** Whether the last step changed no cell by more than the tolerance; false without one. */
  settled: boolean;
}

export const MAX_NEIGHBOURS = 24;
export const FIXED_CELL = -1;

/** The plain reference. Values are f32 between steps, as on every mode of gpu.js. */
export function runStencil(stencil: Stencil, problem: StencilProblem, options: StencilOptions): StencilResult {
  assertStencil(stencil, problem);
  const { size, edges, bias } = problem;
  const { neighbours, combine, keepOwn } = stencil;
  const offsets = neighbours.map(({ offset: [x, y, z] }) => x + size[0] * (z + size[2] * y));
  let now = Float32Array.from(problem.start);
  let next = new Float32Array(now.length);
  for (let step = 1; step <= options.maxSteps; step++) {
    let change = 0;
    for (let i = 0; i < now.length; i++) {
      const own = now[i];
      let value = own;
      if (edges[i] !== FIXED_CELL) {
        let gathered: number | undefined;
        for (let n = 0; n < offsets.length; n++) {
          if (((edges[i] >> n) & 1) === 0) continue;
          const candidate = now[i + offsets[n]] * (neighbours[n].times ?? 1) + (neighbours[n].plus ?? 0);
          gathered = gathered === undefined ? candidate : joined(combine, gathered, candidate);
        }
        if (gathered === undefined && combine === 'sum') gathered = 0;
        if (gathered !== undefined) {
          gathered += bias?.[i] ?? 0;
          value = keepOwn ? joined(combine, own, gathered) : gathered;
        }
      }
      next[i] = value;
      const moved = Math.abs(next[i] - own);
      if (moved > change) change = moved;
    }
    [now, next] = [next, now];
    if (options.tolerance !== undefined && change <= options.tolerance) return { values: now, steps: step, settled: true };
  }
  return { values: now, steps: options.maxSteps, settled: false };
}

/** Edges of a grid whose cells look at every neighbour that lies in it. */
export function allEdges(size: GridSize, stencil: Pick<Stencil, 'neighbours'>): Float32Array {
  const edges = new Float32Array(numCells(size));
  for (let y = 0, i = 0; y < size[1]; y++) {
    for (let z = 0; z < size[2]; z++) {
      for (let x = 0; x < size[0]; x++, i++) {
        let bits = 0;
        stencil.neighbours.forEach(({ offset: [dx, dy, dz] }, n) => {
          const inside = x + dx >= 0 && x + dx < size[0] && y + dy >= 0 && y + dy < size[1] && z + dz >= 0 && z + dz < size[2];
          if (inside) bits += 2 ** n;
        });
        edges[i] = bits;
      }
    }
  }
  return edges;
}

/** @throws ShapeError when arrays do not fit the grid, there are too many neighbours, or an edge leads out of the grid. */
export function assertStencil(stencil: Stencil, { size, start, edges, bias }: StencilProblem): void {
  assertGrid(size, start.length, 'start');
  assertGrid(size, edges.length, 'edges');
  if (bias !== undefined) assertGrid(size, bias.length, 'bias');
  if (stencil.neighbours.length > MAX_NEIGHBOURS)
    throw new ShapeError(
      'stencil-neighbours',
      `A stencil must have at most ${MAX_NEIGHBOURS} neighbours; got ${stencil.neighbours.length}.`,
    );
  const inside = allEdges(size, stencil);
  for (let i = 0; i < edges.length; i++) {
    if (edges[i] === FIXED_CELL || (Number.isInteger(edges[i]) && edges[i] >= 0 && (edges[i] & ~inside[i]) === 0)) continue;
    throw new ShapeError(
      'stencil-edges',
      `edges[${i}] must be FIXED_CELL or bits of neighbours inside the grid, within ${inside[i]}; got ${edges[i]}. Start from allEdges(size, stencil).`,
    );
  }
}

function joined(combine: Stencil['combine'], a: number, b: number): number {
  return combine === 'sum' ? a + b : combine === 'least' ? (b < a ? b : a) : b > a ? b : a;
}
