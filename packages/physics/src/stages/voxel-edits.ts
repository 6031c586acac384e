/** Changing a cell: voxel, solidity bit, hash lanes, survival's index and the tick's edit list together, so that they never disagree. */
import { hashWord0, hashWord1, VOXEL_FIELD_ID } from '@kinovox/world';
import { MAX_EDITS_PER_TICK } from '../batch-state.js';
import type { TickContext } from './context.js';
import { noteCell } from './survival/level-index.js';

/** Sets cell `cell` of world w to a palette index. */
export function setCell(c: TickContext, w: number, cell: number, paletteIndex: number): void {
  const { state, buffers } = c;
  const { registryId, solid } = c.program.blocks;
  const at = w * state.cellsPerWorld + cell;
  const before = state.voxels[at];
  if (before === paletteIndex) return;
  state.voxels[at] = paletteIndex;
  const row = Math.trunc(cell / c.sizeX);
  const x = cell - row * c.sizeX;
  const word = w * state.rowsPerWorld + row * c.rowWords + (x >> 5);
  const bit = 1 << (x & 31);
  if (solid[paletteIndex] === 1) state.rows[word] |= bit;
  else state.rows[word] &= ~bit;
  const oldId = registryId[before];
  const newId = registryId[paletteIndex];
  let lane0 = state.voxelHash[2 * w];
  let lane1 = state.voxelHash[2 * w + 1];
  if (oldId !== 0) {
    lane0 -= hashWord0(VOXEL_FIELD_ID, cell, oldId);
    lane1 -= hashWord1(VOXEL_FIELD_ID, cell, oldId);
  }
  if (newId !== 0) {
    lane0 += hashWord0(VOXEL_FIELD_ID, cell, newId);
    lane1 += hashWord1(VOXEL_FIELD_ID, cell, newId);
  }
  state.voxelHash[2 * w] = lane0;
  state.voxelHash[2 * w + 1] = lane1;
  if (c.index !== undefined) noteCell(c, c.index, w, cell, before, paletteIndex);
  const count = buffers.editCount[w]++;
  if (count < MAX_EDITS_PER_TICK) {
    const slot = (w * MAX_EDITS_PER_TICK + count) * 2;
    buffers.edits[slot] = cell;
    buffers.edits[slot + 1] = paletteIndex;
  }
}

/** Cell index of x, y, z inside the world. */
export function cellIndex(c: TickContext, x: number, y: number, z: number): number {
  return (y * c.sizeZ + z) * c.sizeX + x;
}

/** Whether the level forbids digging the cell. */
export function isProtected(c: TickContext, w: number, cell: number): boolean {
  return hasBit(c.state.variants[w].protectedCells, cell);
}

/** Whether the level forbids placing a block in the cell. */
export function isUnbuildable(c: TickContext, w: number, cell: number): boolean {
  return hasBit(c.state.variants[w].unbuildableCells, cell);
}

function hasBit(bits: Uint32Array | undefined, cell: number): boolean {
  return bits !== undefined && (bits[cell >> 5] & (1 << (cell & 31))) !== 0;
}
