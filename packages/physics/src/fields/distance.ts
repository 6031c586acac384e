/**
 * Distance from every cell to the nearest solid one, between cell centres, in metres. Squares (Euclidean) and steps (Manhattan) are integers; one
 * root at the end. Cells outside the grid count as nothing: no distance is measured to the world's walls or floor.
 * @source (algorithm) Saito and Toriwaki, "New algorithms for Euclidean distance transformation of an n-dimensional digitized picture", Pattern
 *   Recognition 27 (1994): one pass per axis, each the least over a line of the cells' values plus the distance along it.
 */
import { ShapeError } from '@kinovox/world';
import { assertGrid, type Field, type GridSize, type SolidGrid, strideOf } from './grid.js';

export interface DistanceOptions {
  /** Default euclidean. */
  metric?: 'euclidean' | 'manhattan';
  /** Longest distance that is told apart, metres, a whole number in [1, 1024]; default 64. Farther cells, and all without a solid one, have it. */
  farM?: number;
  /** Measure within each layer, along x and z only: for bodies that stay on the ground, which is always near. */
  level?: boolean;
  /** Solid cells get the distance to the nearest free one, negative; otherwise 0. */
  signed?: boolean;
}

/** The plain reference. Cost: cells times the distance found, per axis. @throws ShapeError for a grid or `farM` out of range. */
export function distanceField(grid: SolidGrid, options: DistanceOptions = {}): Field {
  const { metric, farM, signed, level } = distanceSettings(grid, options);
  const outside = metresTo(grid, 1, metric, farM, level);
  if (!signed) return { size: grid.size, values: outside };
  const inside = metresTo(grid, 0, metric, farM, level);
  return { size: grid.size, values: outside.map((metres, i) => metres - inside[i]) };
}

export function distanceSettings(grid: SolidGrid, options: DistanceOptions): Required<DistanceOptions> {
  assertGrid(grid.size, grid.solid.length, 'solid');
  const { metric = 'euclidean', farM = 64, signed = false, level = false } = options;
  if (!Number.isInteger(farM) || farM < 1 || farM > 1024)
    throw new ShapeError('distance-far', `farM must be a whole number of metres in [1, 1024]; got ${farM}.`);
  return { metric, farM, signed, level };
}

/** Where the passes start: 0 in cells of `target`, elsewhere the distance (or its square) that counts as far. */
export function seeds(grid: SolidGrid, target: 0 | 1, metric: 'euclidean' | 'manhattan', farM: number): Float32Array {
  const far = metric === 'euclidean' ? farM * farM : farM;
  return Float32Array.from(grid.solid, (solid) => (solid === target ? 0 : far));
}

/** The axes in the order of the passes. */
export function passesOf(level: boolean): readonly (0 | 1 | 2)[] {
  return level ? [0, 2] : [0, 2, 1];
}

/** `[Y, Z, X]` coordinate of each cell along an axis. */
export function coordinates(size: GridSize, axis: 0 | 1 | 2): Float32Array {
  const out = new Float32Array(size[0] * size[1] * size[2]);
  const stride = strideOf(size, axis);
  for (let i = 0; i < out.length; i++) out[i] = Math.floor(i / stride) % size[axis];
  return out;
}

function metresTo(grid: SolidGrid, target: 0 | 1, metric: 'euclidean' | 'manhattan', farM: number, level: boolean): Float32Array {
  let values = seeds(grid, target, metric, farM);
  for (const axis of passesOf(level)) values = passAlong(grid.size, axis, values, metric);
  return metric === 'euclidean' ? values.map((square) => Math.sqrt(square)) : values;
}

/** Looks outwards from each cell along its line, and no farther than what it has found. */
function passAlong(size: GridSize, axis: 0 | 1 | 2, values: Float32Array, metric: 'euclidean' | 'manhattan'): Float32Array {
  const stride = strideOf(size, axis);
  const length = size[axis];
  const out = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const at = Math.floor(i / stride) % length;
    let best = values[i];
    for (let k = 1; k < length; k++) {
      const far = metric === 'euclidean' ? k * k : k;
      if (far >= best) break;
      if (k <= at) best = Math.min(best, values[i - k * stride] + far);
      if (at + k < length) best = Math.min(best, values[i + k * stride] + far);
    }
    out[i] = best;
  }
  return out;
}
