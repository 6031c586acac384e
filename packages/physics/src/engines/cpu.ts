/**
 * The `cpu` engine: one thread, all worlds in one set of arrays. The reference for every other engine.
 * A step: stages of the tick -> final observations and reset of ended rows -> observations.
 */
import { ACTION_FIELDS, ShapeError, UsageError } from '@kinovox/world';
import { type BatchState, createBatchState, createTickBuffers } from '../batch-state.js';
import type { Crash, Engine, EngineOptions, Show, WorkerRestart } from '../engine.js';
import { actionMaskInto, actionMaskSize } from '../observe/action-mask.js';
import { createObservationBuffers } from '../observe/observe.js';
import { createTickContext, type TickContext } from '../stages/context.js';
import { decodeActions } from '../stages/decode.js';
import type { Stage } from '../tick.js';
import { Containment } from './containment.js';
import { createOutputs } from './outputs.js';
import { createRowObserver, createRowStep, type RowOptions, seedRow, startRow, startRowOrNext } from './rows.js';
import { restoreSnapshot, takeSnapshot } from './snapshots.js';

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
  /** Starts the episodes of rows that have their seeds and episode numbers, in place of this thread; `mask` as in `Engine.reset`. */
  startRows?(c: TickContext, rows: RowOptions, mask: Uint8Array | undefined): void;
  /** Called when every row stands at its first tick. @returns what steps all worlds from then on, in place of this thread alone. */
  takeOver?(c: TickContext, rows: RowOptions): (show?: Show) => void;
  /** Whether what steps all worlds moves them at once, so that none can be held. */
  movesAll?: boolean;
  /** Decodes the actions of all worlds in place of this thread alone. @returns how many values were NaN or infinite. */
  decode?(c: TickContext, actions: Float32Array): number;
  /** The state as callers of the engine see it; by default the context's own. */
  readableState?(c: TickContext): BatchState;
  /** Looked at before anything is asked of the engine; throws when it can give nothing any more. */
  assertUsable?(): void;
  /** What keeps failures to their worlds, where other threads share its marks. */
  containment?: Containment;
  /** See `Engine.takeCrashes`. */
  takeCrashes?(): readonly Crash[];
  /** See `Engine.takeRestarts`. */
  takeRestarts?(): readonly WorkerRestart[];
  dispose?(): void;
}

/** Creates the engine and starts the first episode of every row, or goes on from a snapshot in all of them. @throws UsageError when the scenario has props, which need the rigid tier. */
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
  const containment = parts.containment ?? new Containment(new Uint8Array(numWorlds));
  const rows: RowOptions = { autoreset, observing, containment, stages: parts.stages, afterStart: parts.afterStart?.bind(parts) };
  const maskSize = actionMaskSize(program);
  let invalidActions = 0;

  for (let w = 0; w < numWorlds; w++) {
    seedRow(c, w, options.seed + w);
    if (parts.startRows === undefined && options.from === undefined) startRow(c, w, rows);
  }
  // Other threads make what their rows need before it is replaced.
  parts.startRows?.(c, rows, undefined);
  if (options.from !== undefined) {
    for (let w = 0; w < numWorlds; w++) {
      restoreSnapshot(c, w, options.from);
      parts.restoreRigid?.(c, w, options.from.rigid);
    }
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
    held: parts.movesAll ? undefined : c.held,
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
        containment.forget(w);
        buffers.eventCount[w] = 0;
        if (parts.startRows !== undefined) continue;
        startRowOrNext(c, w, rows);
        observer?.observe(w, w + 1);
      }
      if (parts.startRows === undefined) return;
      parts.startRows(c, rows, mask);
      for (let w = 0; w < numWorlds; w++) if (mask === undefined || mask[w] !== 0) observer?.observe(w, w + 1);
    },
    decode(actions) {
      const agents = numWorlds * program.numAgents;
      if (actions.length !== agents * ACTION_FIELDS) {
        throw new ShapeError(
          'action-shape',
          `Actions must hold ${numWorlds} worlds x ${program.numAgents} agents x ${ACTION_FIELDS} fields = ${agents * ACTION_FIELDS} numbers; got ${actions.length}. Make the array anew for this engine.`,
        );
      }
      invalidActions += parts.decode?.(c, actions) ?? decodeActions(actions, buffers.actionWords, 0, agents);
    },
    step,
    snapshot(w) {
      parts.assertUsable?.();
      return takeSnapshot(c, w, parts.saveRigid?.(c, w));
    },
    restore(w, snapshot) {
      parts.assertUsable?.();
      // Bodies may be refused when the words are in place already: then the row is what it was.
      const before = parts.restoreRigid === undefined ? undefined : takeSnapshot(c, w);
      restoreSnapshot(c, w, snapshot);
      try {
        parts.restoreRigid?.(c, w, snapshot.rigid);
      } catch (error) {
        restoreSnapshot(c, w, before!);
        throw error;
      }
      containment.forget(w);
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
    takeCrashes() {
      const own = containment.take();
      const others = parts.takeCrashes?.();
      return others === undefined || others.length === 0 ? own : [...own, ...others];
    },
    takeRestarts: () => parts.takeRestarts?.() ?? [],
    cutShort: (w, error) => containment.fail(w, error),
    dispose() {
      parts.dispose?.();
    },
  };
}
