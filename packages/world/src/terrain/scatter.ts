/**
 * Scatters a block over a box: ores in rock, caves of air, grass and flowers on the ground.
 * A place is drawn until it fits, at most `TRIES` times; a cluster is a random walk from there, which counts only the cells that fit.
 * Random words are keyed by the edit and the place, so a change to one edit moves no other.
 */
import { PURPOSE, randomBelow, randomU32 } from '../numbers/random.js';
import type { Cell, VoxelGrid } from '../voxels/grid.js';

export interface Scatter {
  readonly block: string;
  /** Block that a cell must hold to be set. */
  readonly into: string;
  /** Block that must lie below; undefined: any. */
  readonly on: string | undefined;
  readonly from: Cell;
  readonly to: Cell;
  readonly count: number;
  /** Cells of each cluster. */
  readonly cluster: number;
}

/** First stream of edits; smaller ones belong to the generators. */
const FIRST_STREAM = 256;
const TRIES = 32;
/** Steps of a walk per cell that is still to be set. */
const STEPS_PER_CELL = 4;
/** Draws of a place that its tries leave to its walk. */
const WALK_DRAWS = 4096;
/** The sides, on the ground only the first four. */
const SIDES: readonly Cell[] = [
  [1, 0, 0],
  [-1, 0, 0],
  [0, 0, 1],
  [0, 0, -1],
  [0, 1, 0],
  [0, -1, 0],
];

/** @param edit number of the edit in the scenario. */
export function scatter(grid: VoxelGrid, spec: Scatter, edit: number, seedLow: number, seedHigh: number): void {
  const block = grid.palette.indexOfName(spec.block);
  for (let k = 0; k < spec.count; k++) {
    const draw = (n: number) => randomU32(seedLow, seedHigh, FIRST_STREAM + edit, k, PURPOSE.terrain, n);
    const start = drawPlace(grid, spec, draw);
    if (start !== undefined) grow(grid, spec, block, start, draw);
  }
}

function drawPlace(grid: VoxelGrid, spec: Scatter, draw: (n: number) => number): Cell | undefined {
  const { from, to } = spec;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const along = (axis: 0 | 1 | 2) => from[axis] + randomBelow(draw(3 * attempt + axis), to[axis] - from[axis] + 1);
    const [x, z] = [along(0), along(2)];
    const y = spec.on === undefined ? along(1) : groundAt(grid, spec, x, z);
    if (y >= 0 && fits(grid, spec, x, y, z)) return [x, y, z];
  }
  return undefined;
}

function grow(grid: VoxelGrid, spec: Scatter, block: number, start: Cell, draw: (n: number) => number): void {
  let [x, y, z] = start;
  let left = spec.cluster;
  for (let step = 0; left > 0 && step < STEPS_PER_CELL * spec.cluster; step++) {
    if (fits(grid, spec, x, y, z)) {
      grid.set(x, y, z, block);
      left--;
    }
    const [dx, dy, dz] = SIDES[randomBelow(draw(WALK_DRAWS + step), spec.on === undefined ? 6 : 4)];
    const [nx, ny, nz] = [x + dx, y + dy, z + dz];
    if (!isInside(spec, nx, ny, nz)) continue;
    const level = spec.on === undefined ? ny : groundAt(grid, spec, nx, nz);
    if (level >= 0) [x, y, z] = [nx, level, nz];
  }
}

/** Height of the highest cell of a column that fits; -1 for none. */
function groundAt(grid: VoxelGrid, spec: Scatter, x: number, z: number): number {
  for (let y = spec.to[1]; y >= spec.from[1]; y--) if (fits(grid, spec, x, y, z)) return y;
  return -1;
}

function fits(grid: VoxelGrid, { into, on }: Scatter, x: number, y: number, z: number): boolean {
  return grid.nameAt(x, y, z) === into && (on === undefined || (y > 0 && grid.nameAt(x, y - 1, z) === on));
}

function isInside({ from, to }: Scatter, x: number, y: number, z: number): boolean {
  return x >= from[0] && y >= from[1] && z >= from[2] && x <= to[0] && y <= to[1] && z <= to[2];
}
