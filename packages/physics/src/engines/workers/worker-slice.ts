/** One worker of the `workers` engine: the slice of a batch that a thread steps, turn after turn, until the thread is ended. */
import { invariant } from '@kinovox/world';
import { createBatchState, createTickBuffers } from '../../batch-state.js';
import type { Show } from '../../engine.js';
import { createObservationBuffers } from '../../observe/observe.js';
import type { ScenarioProgram, VariantSource } from '../../program.js';
import { createTickContext, type TickContext } from '../../stages/context.js';
import { decodeActions } from '../../stages/decode.js';
import { Containment } from '../containment.js';
import { createOutputs } from '../outputs.js';
import { createRowStep } from '../rows.js';
import {
  awaitNextTurn,
  type Control,
  finishTurn,
  noteCrashes,
  noteFailure,
  noteInvalid,
  noteProgress,
  TASK,
  taskOfTurn,
} from './control.js';
import { adoptShared, type SharedArrays } from './shared-context.js';

/** What a worker is handed: the batch's arrays and its part of them. Plain data over shared memory. */
export interface SharedBatch {
  arrays: SharedArrays;
  /** `[B, A, F]` actions that all threads decode together. */
  actions: Float32Array;
  /** `[B]` marks of worlds that have failed, see `Containment`. */
  failed: Uint8Array;
  numWorlds: number;
  /** `[workers, 2]` first world of each worker and the one behind its last. */
  slices: readonly (readonly [number, number])[];
  autoreset: boolean;
  observing: boolean;
  /** What each worker compiles for itself comes to this. */
  plays: Played;
}

/** What tells one compiled scenario from another: one with other props has the same hash. */
export interface Played {
  scenarioHash: string;
  numProps: number;
  /** Of all worlds. */
  stateWords: number;
}

/** A context of B worlds on arrays of its own. */
export function createBatchContext(
  program: ScenarioProgram,
  variants: VariantSource,
  numWorlds: number,
  observing: boolean,
  autoreset: boolean,
): TickContext {
  return createTickContext({
    program,
    variants,
    state: createBatchState(program, numWorlds),
    buffers: createTickBuffers(numWorlds, program),
    outputs: createOutputs(program, numWorlds),
    observations: createObservationBuffers(program, observing ? numWorlds : 0, autoreset),
  });
}

export function playedIn({ program, state }: TickContext): Played {
  return { scenarioHash: program.scenarioHash, numProps: program.numProps, stateWords: state.layout.length };
}

/** A worker's context `c` must be of what its batch plays. @throws InvariantError */
export function assertPlays(c: TickContext, plays: Played): void {
  const wanted = wordingOf(plays);
  const got = wordingOf(playedIn(c));
  invariant(wanted === got, `A worker must compile the scenario that its batch plays, ${wanted}; got ${got}.`);
}

function wordingOf({ scenarioHash, numProps, stateWords }: Played): string {
  return `${scenarioHash} with ${numProps} props in ${stateWords} words of state`;
}

/** Levels come and go with `state.variant`, which all threads see; the level itself is each thread's own. */
export function refreshLevels(c: TickContext, w0: number, w1: number): void {
  const { variant, variants } = c.state;
  for (let w = w0; w < w1; w++)
    if (variants[w] === undefined || variants[w].variant !== variant[w]) variants[w] = c.variants.get(variant[w]);
}

/** What a worker makes for itself, since functions cannot travel between threads. */
export interface SliceSource {
  program: ScenarioProgram;
  variants: VariantSource;
}

/** Steps slice k for ever. What goes wrong, in `load` too, is told through `control`, and the worker then does nothing more. */
export function runSlice(control: Control, k: number, load: () => SliceSource, batch: SharedBatch): void {
  const [w0, w1] = batch.slices[k];
  let act = (_task: number) => {};
  for (let turn = 0; ; finishTurn(control, k, turn)) {
    turn = awaitNextTurn(control, turn);
    noteProgress(control, k);
    try {
      // The first turn makes ready; a worker that failed only keeps the turns.
      if (turn === 1) act = prepareSlice(control, k, load(), batch, w0, w1);
      else act(taskOfTurn(control));
    } catch (error) {
      noteFailure(control, k, error);
      act = () => {};
    }
  }
}

function prepareSlice(
  control: Control,
  k: number,
  { program, variants }: SliceSource,
  batch: SharedBatch,
  w0: number,
  w1: number,
): (task: number) => void {
  const levels: VariantSource = {
    get(variant) {
      noteProgress(control, k);
      return variants.get(variant);
    },
  };
  const c = createBatchContext(program, levels, batch.numWorlds, batch.observing, batch.autoreset);
  assertPlays(c, batch.plays);
  adoptShared(c, batch.arrays);
  const { autoreset, observing, failed } = batch;
  const containment = new Containment(failed);
  const step = createRowStep(c, w0, w1, { autoreset, observing, containment });
  refreshLevels(c, w0, w1);
  const { numAgents } = program;
  return (task) => {
    if (task === TASK.decode) {
      noteInvalid(control, k, decodeActions(batch.actions, c.buffers.actionWords, w0 * numAgents, w1 * numAgents));
      return;
    }
    refreshLevels(c, w0, w1);
    step(task as Show);
    noteCrashes(control, k, containment.take());
  };
}
