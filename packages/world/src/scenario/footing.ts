/** Where a walker can stand and where a body fits: questions about a finished grid, asked when a level is built. */
import { BLOCK_BY_ID } from '../blocks/registry.js';
import { ONE_BLOCK_Q16 } from '../numbers/fixed-point.js';
import { isSolidAt, type VoxelGrid } from '../voxels/grid.js';
import type { Literal, Region } from './values.js';

/** Half the width of a walker, in Q16 blocks. Source: Minecraft 1.20 player, 0.6 wide; 0.3 = 19660.8 / 65536, rounded down. */
export const WALKER_HALF_WIDTH_Q16 = 19660;
/** Height of a walker, in Q16 blocks. Source: Minecraft 1.20 player, 1.8 high, rounded down. */
export const WALKER_HEIGHT_Q16 = 117964;

/** Cells of a region whose feet cell and head cell are free and harmless, and that have ground, a climbable block or a liquid; x, y, z triples in order of y, z, x. */
export function standingCells(grid: VoxelGrid, region: Literal<Region>): Int32Array {
  const kinds = createKinds(grid);
  const found: number[] = [];
  const [[x0, y0, z0], [x1, y1, z1]] = region;
  for (let y = y0; y <= y1; y++) {
    for (let z = z0; z <= z1; z++) {
      for (let x = x0; x <= x1; x++) {
        const feet = grid.get(x, y, z);
        if (kinds.free[feet] === 1 && kinds.free[grid.get(x, y + 1, z)] === 1 && (isSolidAt(grid, x, y - 1, z) || kinds.holds[feet] === 1))
          found.push(x, y, z);
      }
    }
  }
  return Int32Array.from(found);
}

/** Whether feet and head cell of a walker are free at a cell; it may fall. */
export function isRoomAt(grid: VoxelGrid, x: number, y: number, z: number): boolean {
  return !isSolidAt(grid, x, y, z) && !isSolidAt(grid, x, y + 1, z);
}

/** Whether no solid cell overlaps a box, given by its low and high corner in Q16 blocks; touching is no overlap. */
export function isBoxFree(grid: VoxelGrid, low: readonly number[], high: readonly number[]): boolean {
  const first = low.map((value) => Math.floor(value / ONE_BLOCK_Q16));
  const last = high.map((value) => Math.ceil(value / ONE_BLOCK_Q16) - 1);
  for (let y = first[1]; y <= last[1]; y++) {
    for (let z = first[2]; z <= last[2]; z++) {
      for (let x = first[0]; x <= last[0]; x++) if (isSolidAt(grid, x, y, z)) return false;
    }
  }
  return true;
}

/** Per palette index: whether a body may be in the block, and whether the block holds it up. */
function createKinds(grid: VoxelGrid): { free: Uint8Array; holds: Uint8Array } {
  const blocks = Array.from(grid.palette.registryIds, (id) => BLOCK_BY_ID.get(id)!);
  return {
    free: Uint8Array.from(blocks, (block) => (!block.solid && block.damagePerSecond === 0 ? 1 : 0)),
    holds: Uint8Array.from(blocks, (block) => (block.climbable || block.liquid === 'water' ? 1 : 0)),
  };
}
