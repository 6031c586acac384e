/**
 * Shortest way from every cell to a goal, over the moves of a body, in tenths of a metre: integers on every engine. This is the plain reference;
 * `geodesic-gpujs.ts` relaxes the same graph on gpu.js, and both are equal.
 * @source (algorithm) Dial, "Algorithm 360: shortest-path forest with topological ordering", CACM 12 (1969): Dijkstra with a bucket per cost.
 */
import { type CellRegion, cellIndex, type Field, type SolidGrid } from './grid.js';
import { type MoveSet, moveEdges, moveOffsets, WALK_MOVES } from './moves.js';
import { FIXED_CELL } from './stencil.js';

/** Cells from which no way leads to the goal, and cells that cannot be stood in; ways are shorter than this, 838 km. */
export const UNREACHED = 2 ** 23;

/** Values in tenths of a metre; 0 in the goal's cells that can be stood in. */
export function geodesicField(grid: SolidGrid, goals: readonly CellRegion[], set: MoveSet = WALK_MOVES): Field {
  const edges = moveEdges(grid, set);
  const values = geodesicStart(grid, goals, edges);
  const offsets = moveOffsets(grid.size, set);
  const mostCost = set.moves.reduce((most, { cost }) => Math.max(most, cost), 0);
  // Open costs span no more than one move, so buckets are used in a ring.
  const buckets: number[][] = Array.from({ length: mostCost + 1 }, () => []);
  let open = 0;
  for (let i = 0; i < values.length; i++) if (values[i] === 0) open = buckets[0].push(i);
  for (let cost = 0; open > 0; cost++) {
    const bucket = buckets[cost % buckets.length];
    for (let cell = bucket.pop(); cell !== undefined; cell = bucket.pop()) {
      open--;
      if (values[cell] !== cost) continue;
      for (let n = 0; n < offsets.length; n++) {
        const from = cell - offsets[n];
        if (from < 0 || from >= values.length || edges[from] === FIXED_CELL || ((edges[from] >> n) & 1) === 0) continue;
        const through = cost + set.moves[n].cost;
        if (through >= values[from]) continue;
        values[from] = through;
        buckets[through % buckets.length].push(from);
        open++;
      }
    }
  }
  return { size: grid.size, values };
}

/**
 * `[Y, Z, X]` the cell that a shortest way of a `geodesicField` goes to next, by its index; a goal's own in the goal, -1 where no way leads.
 * Of several shortest ways the one whose move comes first in the set. @param values of the field, from the same grid and moves.
 */
export function geodesicOnward(grid: SolidGrid, { values }: Field, set: MoveSet = WALK_MOVES): Int32Array {
  const edges = moveEdges(grid, set);
  const offsets = moveOffsets(grid.size, set);
  return Int32Array.from(values, (left, cell) => {
    if (left === 0) return cell;
    if (left >= UNREACHED) return -1;
    const move = set.moves.findIndex(({ cost }, n) => ((edges[cell] >> n) & 1) === 1 && values[cell + offsets[n]] + cost === left);
    return cell + offsets[move];
  });
}

/** 0 in the goals' cells that can be stood in, UNREACHED elsewhere. Parts of a region outside the grid are left out. */
export function geodesicStart({ size }: SolidGrid, goals: readonly CellRegion[], edges: Float32Array): Float32Array {
  const values = new Float32Array(edges.length).fill(UNREACHED);
  for (const [from, to] of goals)
    for (let y = Math.max(0, from[1]); y <= Math.min(size[1] - 1, to[1]); y++)
      for (let z = Math.max(0, from[2]); z <= Math.min(size[2] - 1, to[2]); z++)
        for (let x = Math.max(0, from[0]); x <= Math.min(size[0] - 1, to[0]); x++) {
          const cell = cellIndex(size, x, y, z);
          if (edges[cell] !== FIXED_CELL) values[cell] = 0;
        }
  return values;
}
