/**
 * The `cpu` engine: one thread, all worlds in one set of arrays. The reference for every other engine.
 * A step: stages of the tick -> final observations and reset of ended rows -> observations.
 */
import { ACTION_FIELDS, ShapeError, UsageError } from '@kinovox/world';
import { type BatchState, createBatchState, createTickBuffers, hashVoxelsInto } from '../batch-state.js';
import type { Engine, EngineOptions, WorldSnapshot } from '../engine.js';
import { actionMaskInto, actionMaskSize } from '../observe/action-mask.js';
import { createObservationBuffers } from '../observe/observe.js';
import { createTickContext, type TickContext } from '../stages/context.js';
import { decodeActions } from '../stages/decode.js';
import { loadLevel } from '../stages/reset.js';
import { rebuildIndex } from '../stages/survival/level-index.js';
import type { Stage } from '../tick.js';
import { createOutputs } from './outputs.js';
import { createRowObserver, createRowStep, type RowOptions, seedRow, startRow } from './rows.js';

/** What an engine may add to the plain tick. */
export interface CpuEngineParts {
  name?: string;
  stages?: readonly Stage[];
  /** Called after a row's episode began, before it is observed. */
  afterStart?(c: TickContext, w: number): void;
  saveRigid?(c: TickContext, w: number): Uint8Array;
  /** Called after the words and cells of a row were restored; `bytes` is undefined when the snapshot holds no rigid bodies. */
  restoreRigid?(c: TickContext, w: number, bytes: Uint8Array | undefined): void;
  /** Called before any row starts; may move arrays of the context elsewhere. */
  prepare?(c: TickContext): void;
  /** Called when every row stands at its first tick. @returns what steps all worlds from then on, in place of this thread alone. */
  takeOver?(c: TickContext, rows: RowOptions): () => void;
  /** The state as callers of the engine see it; by default the context's own. */
  readableState?(c: TickContext): BatchState;
  /** Looked at before anything is asked of the engine; throws when it can give nothing any more. */
  assertUsable?(): void;
  dispose?(): void;
}

/** Creates the engine and starts the first episode of every row. @throws UsageError when the scenario has props, which need the rigid tier. */
export function createCpuEngine(options: EngineOptions, parts: CpuEngineParts = {}): Engine {
  const { program, numWorlds } = options;
  if (program.numProps > 0 && parts.saveRigid === undefined) {
    throw new UsageError(
      'props-on-cpu',
      `Props need the rigid tier; got ${program.numProps} in ${program.id} on the engine "${parts.name ?? 'cpu'}". Use engine "rigid" or "auto".`,
    );
  }
  const autoreset = options.autoreset ?? true;
  const observing = options.observe ?? true;
  const c = createTickContext({
    program,
    variants: options.variants,
    state: createBatchState(program, numWorlds),
    buffers: createTickBuffers(numWorlds, program),
    outputs: createOutputs(program, numWorlds),
    observations: createObservationBuffers(program, observing ? numWorlds : 0, autoreset),
  });
  parts.prepare?.(c);
  const { state, buffers, outputs, observations } = c;
  const rows: RowOptions = { autoreset, observing, stages: parts.stages, afterStart: parts.afterStart?.bind(parts) };
  const maskSize = actionMaskSize(program);
  let invalidActions = 0;

  for (let w = 0; w < numWorlds; w++) {
    seedRow(c, w, options.seed + w);
    startRow(c, w, rows);
  }
  const observer = observing ? createRowObserver(c) : undefined;
  observer?.observe(0, numWorlds);
  const step = parts.takeOver?.(c, rows) ?? createRowStep(c, 0, numWorlds, rows);

  return {
    name: parts.name ?? 'cpu',
    program,
    numWorlds,
    state: parts.readableState?.(c) ?? state,
    buffers,
    outputs,
    observations,
    actionMaskSize: maskSize,
    get invalidActions() {
      return invalidActions;
    },
    reset(mask, seeds) {
      parts.assertUsable?.();
      for (let w = 0; w < numWorlds; w++) {
        if (mask !== undefined && mask[w] === 0) continue;
        if (seeds !== undefined) seedRow(c, w, seeds[w]);
        else state.episode[w]++;
        buffers.eventCount[w] = 0;
        startRow(c, w, rows);
        observer?.observe(w, w + 1);
      }
    },
    decode(actions) {
      const agents = numWorlds * program.numAgents;
      if (actions.length !== agents * ACTION_FIELDS) {
        throw new ShapeError(
          'action-shape',
          `Actions must hold ${numWorlds} worlds x ${program.numAgents} agents x ${ACTION_FIELDS} fields = ${agents * ACTION_FIELDS} numbers; got ${actions.length}. Make the array anew for this engine.`,
        );
      }
      invalidActions += decodeActions(actions, buffers.actionWords, 0, agents);
    },
    step,
    snapshot(w) {
      parts.assertUsable?.();
      return takeSnapshot(c, w, parts);
    },
    restore(w, snapshot) {
      parts.assertUsable?.();
      restoreSnapshot(c, w, snapshot, parts);
      observer?.observe(w, w + 1);
    },
    actionMask(w, a) {
      const mask = new Uint8Array(maskSize);
      actionMaskInto(mask, 0, maskSize, c, w, a);
      return mask;
    },
    actionMasksInto(out) {
      const { numAgents } = program;
      if (out.length !== numWorlds * numAgents * maskSize) {
        throw new ShapeError(
          'mask-shape',
          `Action masks must hold ${numWorlds} worlds x ${numAgents} agents x ${maskSize} choices = ${numWorlds * numAgents * maskSize} bytes; got ${out.length}. Make the array anew for this engine.`,
        );
      }
      for (let w = 0, at = 0; w < numWorlds; w++)
        for (let a = 0; a < numAgents; a++, at += maskSize) actionMaskInto(out, at, maskSize, c, w, a);
    },
    dispose() {
      parts.dispose?.();
    },
  };
}

function takeSnapshot(c: TickContext, w: number, parts: CpuEngineParts): WorldSnapshot {
  const { state } = c;
  const words = new Int32Array(state.layout.fields.reduce((sum, field) => sum + field.wordsPerWorld, 0));
  let at = 0;
  for (const field of state.layout.fields) {
    const start = field.base + w * field.wordsPerWorld;
    words.set(state.arena.subarray(start, start + field.wordsPerWorld), at);
    at += field.wordsPerWorld;
  }
  const voxels = state.voxels.slice(w * state.cellsPerWorld, (w + 1) * state.cellsPerWorld);
  const rigid = parts.saveRigid?.(c, w);
  return { words, voxels, variant: state.variant[w], ...(rigid === undefined ? {} : { rigid }) };
}

function restoreSnapshot(c: TickContext, w: number, snapshot: WorldSnapshot, parts: CpuEngineParts): void {
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
  parts.restoreRigid?.(c, w, snapshot.rigid);
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
