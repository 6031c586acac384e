/** Rows of a context as snapshots, and back: the same on every engine whose rows lie, or are mirrored, in the host's memory. */
import { ShapeError } from '@kinovox/world';
import { hashVoxelsInto } from '../batch-state.js';
import type { WorldSnapshot } from '../engine.js';
import type { TickContext } from '../stages/context.js';
import { loadLevel } from '../stages/reset.js';
import { rebuildIndex } from '../stages/survival/level-index.js';

/** A copy of row w: every word of its state, its cells and its level; `rigid` is kept with it. */
export function takeSnapshot(c: TickContext, w: number, rigid?: Uint8Array): WorldSnapshot {
  const { state } = c;
  const words = new Int32Array(state.layout.fields.reduce((sum, field) => sum + field.wordsPerWorld, 0));
  let at = 0;
  for (const field of state.layout.fields) {
    const start = field.base + w * field.wordsPerWorld;
    words.set(state.arena.subarray(start, start + field.wordsPerWorld), at);
    at += field.wordsPerWorld;
  }
  const voxels = state.voxels.slice(w * state.cellsPerWorld, (w + 1) * state.cellsPerWorld);
  return { words, voxels, variant: state.variant[w], ...(rigid === undefined ? {} : { rigid }) };
}

/** Puts row w back to a snapshot of any row of the same scenario, with what is derived from it. @throws ShapeError for one of another shape. */
export function restoreSnapshot(c: TickContext, w: number, snapshot: WorldSnapshot): void {
  const { state, program } = c;
  const numWords = state.layout.fields.reduce((sum, field) => sum + field.wordsPerWorld, 0);
  if (numWords !== snapshot.words.length || snapshot.voxels.length !== state.cellsPerWorld) {
    throw new ShapeError(
      'snapshot-shape',
      `A snapshot of ${program.id} must hold ${numWords} words and ${state.cellsPerWorld} cells; got ${snapshot.words.length} and ${snapshot.voxels.length}. It is from another scenario or version: take it anew.`,
    );
  }
  let at = 0;
  for (const field of state.layout.fields) {
    state.arena.set(snapshot.words.subarray(at, at + field.wordsPerWorld), field.base + w * field.wordsPerWorld);
    at += field.wordsPerWorld;
  }
  // The level gives the constants; the cells are the snapshot's own.
  loadLevel(c, w, snapshot.variant);
  state.voxels.set(snapshot.voxels, w * state.cellsPerWorld);
  rebuildRows(c, w);
  if (c.index !== undefined) rebuildIndex(c, c.index, w);
  hashVoxelsInto(state.voxelHash.subarray(2 * w, 2 * w + 2), state, program, w);
  // Who had left before the snapshot stays out of observations.
  for (let i = w * c.numAgents; i < (w + 1) * c.numAgents; i++) c.acted[i] = state.flags[i];
  c.buffers.eventCount[w] = 0;
  c.buffers.editCount[w] = -1;
}

function rebuildRows(c: TickContext, w: number): void {
  const { state } = c;
  const { solid } = c.program.blocks;
  const lines = state.cellsPerWorld / c.sizeX;
  for (let line = 0; line < lines; line++) {
    for (let word = 0; word < c.rowWords; word++) {
      let bits = 0;
      for (let x = word << 5; x < Math.min(c.sizeX, (word + 1) << 5); x++)
        if (solid[state.voxels[w * state.cellsPerWorld + line * c.sizeX + x]] === 1) bits |= 1 << (x & 31);
      state.rows[w * state.rowsPerWorld + line * c.rowWords + word] = bits;
    }
  }
}
