/**
 * Stage `settle`: what lost its support in this tick falls to the next one at once: loose blocks, what lay on them, and items on the ground.
 * Only cells near an edit are looked at, so a level may hold loose blocks in the air until something touches them. A body stops the fall of a block above it.
 */
import { EVENT } from '@kinovox/world';
import { MAX_EDITS_PER_TICK } from '../../batch-state.js';
import type { SurvivalTables } from '../../survival/tables.js';
import { enterWorld, type TickContext } from '../context.js';
import { pushEvent } from '../events.js';
import { cellOccupied } from '../interact.js';
import { setCell } from '../voxel-edits.js';
import { fallPiles } from './piles.js';

/** Falls in worlds [w0, w1), after all that edits cells; nothing in programs without survival. */
export function settleAll(c: TickContext, w0: number, w1: number): void {
  const s = c.program.survival;
  if (s === undefined) return;
  for (let w = w0; w < w1; w++) {
    enterWorld(c, w);
    if (c.buffers.editCount[w] > 0) settle(c, s, w);
  }
}

/** Falls in world w. Edits that they make are looked at in the same pass; beyond MAX_EDITS_PER_TICK they wait for the next edit beside them. */
function settle(c: TickContext, s: SurvivalTables, w: number): void {
  const { buffers } = c;
  const layer = c.sizeX * c.sizeZ;
  for (let k = 0; k < Math.min(buffers.editCount[w], MAX_EDITS_PER_TICK); k++) {
    const cell = buffers.edits[(w * MAX_EDITS_PER_TICK + k) * 2];
    if (c.hasLoose) {
      fallBlock(c, s, w, cell);
      fallBlock(c, s, w, cell + layer);
    }
    fallPiles(c, s, w, cell + layer);
  }
}

/** Lets the block in a cell fall, if it is loose and has room below. */
function fallBlock(c: TickContext, s: SurvivalTables, w: number, cell: number): void {
  const { state } = c;
  const { replaceable, registryId } = c.program.blocks;
  if (cell >= state.cellsPerWorld) return;
  const base = w * state.cellsPerWorld;
  const block = state.voxels[base + cell];
  if (s.falls[block] === 0) return;
  const layer = c.sizeX * c.sizeZ;
  const y = Math.trunc(cell / layer);
  const rest = cell - y * layer;
  const z = Math.trunc(rest / c.sizeX);
  const x = rest - z * c.sizeX;
  let to = y;
  while (to > 0 && replaceable[state.voxels[base + (to - 1) * layer + rest]] === 1 && !cellOccupied(c, w, x, to - 1, z)) to--;
  if (to === y) return;
  setCell(c, w, cell, 0);
  setCell(c, w, to * layer + rest, block);
  pushEvent(state, c.buffers, w, EVENT.fell, -1, to * layer + rest, registryId[block], 0);
}
