/** Rows of a context as snapshots, and back: the same on every engine whose rows lie, or are mirrored, in the host's memory. */
import { ShapeError } from '@kinovox/world';
import type { WorldSnapshot } from '../engine.js';
import type { TickContext } from '../stages/context.js';
import { loadLevel } from '../stages/reset.js';
import { rebuildIndex } from '../stages/survival/level-index.js';
import { setCell } from '../stages/voxel-edits.js';

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

/** Puts row w back to a snapshot of any row of the same scenario, with what is derived from it. @throws ShapeError for one of another shape or a variant that does not exist. */
export function restoreSnapshot(c: TickContext, w: number, snapshot: WorldSnapshot): void {
  const { state, program } = c;
  const numWords = state.layout.fields.reduce((sum, field) => sum + field.wordsPerWorld, 0);
  if (numWords !== snapshot.words.length || snapshot.voxels.length !== state.cellsPerWorld) {
    throw new ShapeError(
      'snapshot-shape',
      `A snapshot of ${program.id} must hold ${numWords} words and ${state.cellsPerWorld} cells; got ${snapshot.words.length} and ${snapshot.voxels.length}. It is from another scenario or version: take it anew.`,
    );
  }
  const { variant } = snapshot;
  if (!Number.isInteger(variant) || variant < 0 || variant >= program.numVariants) {
    throw new ShapeError(
      'snapshot-variant',
      `The variant of a snapshot of ${program.id} must be in 0..${program.numVariants - 1}; got ${variant}. It is from another scenario or was changed: take it anew.`,
    );
  }
  let at = 0;
  for (const field of state.layout.fields) {
    state.arena.set(snapshot.words.subarray(at, at + field.wordsPerWorld), field.base + w * field.wordsPerWorld);
    at += field.wordsPerWorld;
  }
  // The level gives the constants; the cells are the snapshot's own, most of which are the level's.
  loadLevel(c, w, variant);
  putCells(c, w, snapshot.voxels);
  if (c.index !== undefined) rebuildIndex(c, c.index, w);
  // Who had left before the snapshot stays out of observations.
  for (let i = w * c.numAgents; i < (w + 1) * c.numAgents; i++) c.acted[i] = state.flags[i];
  c.buffers.eventCount[w] = 0;
  c.buffers.editCount[w] = -1;
}

/** Brings row w from its level to these cells, with what is derived from them. */
function putCells(c: TickContext, w: number, voxels: Uint8Array): void {
  const { state, buffers } = c;
  const level = state.variants[w].voxels;
  buffers.editCount[w] = 0;
  const put = (from: number, to: number) => {
    for (let cell = from; cell < to; cell++) setCell(c, w, cell, voxels[cell]);
  };
  // Four cells at once: a fork compares all of them before any code is warm.
  const those = wordsOf(voxels);
  const these = wordsOf(level);
  const words = those === undefined || these === undefined ? 0 : Math.min(those.length, these.length);
  for (let k = 0; k < words; k++) if (those![k] !== these![k]) put(4 * k, 4 * k + 4);
  put(4 * words, state.cellsPerWorld);
}

/** The same memory by four bytes, without what is left over at its end; undefined where it does not lie on a multiple of four. */
function wordsOf({ buffer, byteOffset, length }: Uint8Array): Uint32Array | undefined {
  return (byteOffset & 3) === 0 ? new Uint32Array(buffer, byteOffset, length >> 2) : undefined;
}
