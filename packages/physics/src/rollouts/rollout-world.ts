/**
 * The static world that rollouts cross: distances to solid cells, 0 exactly in solid ones, and, if given, the way left to a goal. Walls of one
 * solid cell close it at the sides and below, as in the rules of motion, and HEADROOM free cells above its top also above.
 */
import { ShapeError } from '@kinovox/world';
import { distanceField } from '../fields/distance.js';
import { UNREACHED } from '../fields/geodesic.js';
import { assertGrid, cellIndex, type Field, type GridSize, type SolidGrid } from '../fields/grid.js';

export interface RolloutWorld {
  /** Cells of the world that this was made of. */
  size: GridSize;
  /** Cells with walls and headroom around them. */
  padded: GridSize;
  /** Distances are those along the ground, and read in the layer of the body's middle. */
  level: boolean;
  /** `[Y, Z, X]` of `padded`, metres between cell centres. */
  distance: Float32Array;
  /** `[Y, Z, X]` of `padded`, metres; undefined without a guide. */
  guide: Float32Array | undefined;
}

export interface RolloutWorldOptions {
  /** Measure distances along the ground only: for walkers and rovers, which are always near the ground. */
  level?: boolean;
  /** A geodesic field of the same size, for costs by the way left. Cells that it does not reach take the value of the reached cell below them, else UNREACHED_DETOUR_M more than the farthest. */
  guide?: Field;
}

export const HEADROOM = 4;
export const UNREACHED_DETOUR_M = 100;
/** Longest distance that is told apart, metres. */
const FAR_M = 32;

/** @throws ShapeError for a guide of another size, or a world wider than 250 blocks. */
export function createRolloutWorld(grid: SolidGrid, options: RolloutWorldOptions = {}): RolloutWorld {
  assertGrid(grid.size, grid.solid.length, 'solid');
  const padded = paddedSize(grid.size);
  const solid = new Uint8Array(padded[0] * padded[1] * padded[2]).fill(1);
  for (let y = 0; y < grid.size[1] + HEADROOM; y++)
    for (let z = 0; z < grid.size[2]; z++)
      for (let x = 0; x < grid.size[0]; x++)
        solid[cellIndex(padded, x + 1, y + 1, z + 1)] = y < grid.size[1] ? grid.solid[cellIndex(grid.size, x, y, z)] : 0;
  const { level = false } = options;
  const distance = distanceField({ size: padded, solid }, { farM: FAR_M, level }).values;
  return { size: grid.size, padded, level, distance, guide: options.guide && guideOf(grid.size, padded, solid, options.guide) };
}

/** @throws ShapeError for a world wider or higher than 250 blocks: positions would leave exact f32. */
export function paddedSize(size: GridSize): GridSize {
  if (size.some((cells) => cells > 250))
    throw new ShapeError('rollout-world', `A world for rollouts must be at most 250 blocks along each axis; got [${size.join(', ')}].`);
  return [size[0] + 2, size[1] + 2 + HEADROOM, size[2] + 2];
}

function guideOf(size: GridSize, padded: GridSize, solid: Uint8Array, guide: Field): Float32Array {
  if (guide.size.join() !== size.join())
    throw new ShapeError('rollout-guide', `The guide must have the world's size [${size.join(', ')}]; got [${guide.size.join(', ')}].`);
  let farthest = 0;
  for (const way of guide.values) if (way < UNREACHED && way > farthest) farthest = way;
  const out = new Float32Array(solid.length).fill(farthest / 10 + UNREACHED_DETOUR_M);
  for (let z = 0; z < size[2]; z++)
    for (let x = 0; x < size[0]; x++) {
      let below = UNREACHED;
      for (let y = 0; y < size[1] + HEADROOM; y++) {
        const cell = cellIndex(padded, x + 1, y + 1, z + 1);
        const way = y < size[1] ? guide.values[cellIndex(size, x, y, z)] : UNREACHED;
        below = solid[cell] === 1 ? UNREACHED : way < UNREACHED ? way : below;
        if (below < UNREACHED) out[cell] = below / 10;
      }
    }
  return out;
}
