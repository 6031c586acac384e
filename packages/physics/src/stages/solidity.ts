/**
 * Questions about solid cells, answered from the bitboard. Outside the world: solid at the four sides and below, empty above.
 * Coordinates are block cells; `base` is the first row word of the world.
 */
import type { TickContext } from './context.js';

/** Whether any cell of the inclusive box [x0, x1] x [y0, y1] x [z0, z1] is solid. */
export function boxSolid(
  c: TickContext,
  rows: Uint32Array,
  base: number,
  x0: number,
  x1: number,
  y0: number,
  y1: number,
  z0: number,
  z1: number,
): boolean {
  if (x0 < 0 || z0 < 0 || y0 < 0 || x1 >= c.sizeX || z1 >= c.sizeZ) return true;
  if (y1 >= c.sizeY) y1 = c.sizeY - 1;
  const { sizeZ, rowWords } = c;
  const first = x0 >> 5;
  const last = x1 >> 5;
  if (first === last) {
    const mask = ((2 << (x1 - x0)) - 1) << (x0 & 31);
    for (let y = y0; y <= y1; y++) {
      for (let z = z0; z <= z1; z++) if ((rows[base + (y * sizeZ + z) * rowWords + first] & mask) !== 0) return true;
    }
    return false;
  }
  // Bodies are narrower than 32 cells, so a box spans two words at most.
  const low = -1 << (x0 & 31);
  const high = (2 << (x1 & 31)) - 1;
  for (let y = y0; y <= y1; y++) {
    for (let z = z0; z <= z1; z++) {
      const row = base + (y * sizeZ + z) * rowWords;
      if ((rows[row + first] & low) !== 0 || (rows[row + last] & high) !== 0) return true;
    }
  }
  return false;
}

/** Palette index at a cell; -1 outside the world. */
export function cellAt(c: TickContext, w: number, x: number, y: number, z: number): number {
  if (x < 0 || y < 0 || z < 0 || x >= c.sizeX || y >= c.sizeY || z >= c.sizeZ) return -1;
  return c.state.voxels[w * c.state.cellsPerWorld + (y * c.sizeZ + z) * c.sizeX + x];
}

/**
 * Palette index at the layer `y` under the point (x, z), Q16; -1 outside the world. A point on a cell boundary touches two or four cells: the one
 * with the highest value in `table` counts, so that no side is preferred and mirrored worlds agree.
 */
export function blockAtPoint(c: TickContext, w: number, table: Int32Array | Uint8Array, x: number, y: number, z: number): number {
  const cellX = x >> 16;
  const cellZ = z >> 16;
  let best = cellAt(c, w, cellX, y, cellZ);
  if ((x & 65535) !== 0 && (z & 65535) !== 0) return best;
  const fromX = (x & 65535) === 0 ? cellX - 1 : cellX;
  const fromZ = (z & 65535) === 0 ? cellZ - 1 : cellZ;
  for (let nearZ = fromZ; nearZ <= cellZ; nearZ++) {
    for (let nearX = fromX; nearX <= cellX; nearX++) {
      const block = cellAt(c, w, nearX, y, nearZ);
      if (block >= 0 && (best < 0 || table[block] > table[best])) best = block;
    }
  }
  return best;
}

/** Whether any cell of the inclusive box holds a block for which `table` is `value`. */
export function boxHolds(
  c: TickContext,
  w: number,
  table: Uint8Array,
  value: number,
  x0: number,
  x1: number,
  y0: number,
  y1: number,
  z0: number,
  z1: number,
): boolean {
  for (let y = y0; y <= y1; y++) {
    for (let z = z0; z <= z1; z++) {
      for (let x = x0; x <= x1; x++) {
        const block = cellAt(c, w, x, y, z);
        if (block >= 0 && table[block] === value) return true;
      }
    }
  }
  return false;
}
