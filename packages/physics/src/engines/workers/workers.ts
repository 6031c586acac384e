/**
 * The `workers` engine: the worlds of a batch in fixed slices, a thread each, over shared arrays. The first thread is the caller's: it steps the
 * first slice itself, and does everything but stepping alone. Rows are independent, so the results are those of `cpu` whatever the number of threads.
 * The host gives the threads (`Crew`): here is nothing that only Node has.
 * Limits: no props; stepping blocks the caller's thread, so it must be one that may wait (not a browser's page).
 */
import { ACTION_FIELDS } from '@kinovox/world';
import type { BatchState } from '../../batch-state.js';
import { type Engine, type EngineOptions, SHOW, type Show } from '../../engine.js';
import type { TickContext } from '../../stages/context.js';
import { decodeActions } from '../../stages/decode.js';
import { Containment } from '../containment.js';
import { createCpuEngine } from '../cpu.js';
import { CrashList } from '../crash-list.js';
import { createRowStep, type RowOptions } from '../rows.js';
import { awaitTurn, beginTurn, type Control, collectCrashes, createControl, invalidOfWorkers, TASK } from './control.js';
import { type SharedArrays, shareContext } from './shared-context.js';
import { createBatchContext, playedIn, refreshLevels, type SharedBatch } from './worker-slice.js';

/** The threads of a batch. */
export interface Crew {
  /** Hands the batch to all workers; each then calls `runSlice`. */
  send(batch: SharedBatch): void;
  /** Why worker k no longer runs, undefined while it does. Called while this thread waits: it can rely on no event. */
  faultOf(k: number): string | undefined;
  dispose(): void;
}

export interface WorkersOptions extends EngineOptions {
  /** What the engine is called; default `workers`. */
  name?: string;
  /** Threads with the caller's own, at least 1; no more than worlds are used. */
  threads: number;
  /** Starts the workers, one per slice but the first. */
  launch(control: Control): Crew;
}

/** Slices of large batches begin at multiples of this many worlds: no two threads then write to one cache line. */
const GRAIN = 64;

/** Agents from which on all threads decode: for fewer, a turn of the crew takes longer than it saves. */
export const DECODE_TOGETHER = 4096;

/** `[T, 2]` the slice of each thread. */
export function slicesOf(numWorlds: number, threads: number): [number, number][] {
  const count = Math.min(numWorlds, threads);
  const grain = numWorlds >= 4 * GRAIN * count ? GRAIN : 1;
  const bound = (k: number) => (k === count ? numWorlds : Math.round((numWorlds * k) / count / grain) * grain);
  return Array.from({ length: count }, (_, k) => [bound(k), bound(k + 1)]);
}

/** Creates the engine and starts the first episode of every row. @throws EngineError when a worker does not start. */
export function createWorkersEngine(options: WorkersOptions): Engine {
  const { program, numWorlds, variants, launch } = options;
  const [ownSlice, ...slices] = slicesOf(numWorlds, options.threads);
  const control = createControl(slices.length);
  // Threads load their modules while this one builds the worlds.
  const crew = launch(control);
  let arrays: SharedArrays = {};
  const numActing = numWorlds * program.numAgents;
  const sharedActions = new Float32Array(new SharedArrayBuffer(4 * numActing * ACTION_FIELDS));
  const failed = new Uint8Array(new SharedArrayBuffer(numWorlds));
  const crashes = new CrashList();
  let failure: Error | undefined;
  const describe = (k: number) => `Worker ${k + 1} of ${slices.length} (worlds ${slices[k][0]}..${slices[k][1] - 1})`;
  const assertUsable = () => {
    if (failure !== undefined) throw failure;
  };
  /** A turn of all threads; once one fails, every later call fails alike. */
  const takeTurn = (own: () => void, task: number = SHOW.everything) => {
    assertUsable();
    try {
      beginTurn(control, task);
      try {
        own();
      } finally {
        awaitTurn(control, (k) => crew.faultOf(k), describe);
      }
    } catch (error) {
      failure = error as Error;
      throw error;
    }
  };
  try {
    return createCpuEngine(options, {
      name: options.name ?? 'workers',
      containment: new Containment(failed),
      takeCrashes: () => crashes.take(),
      prepare(c) {
        arrays = shareContext(c, createBatchContext(program, variants, 1, options.observe ?? true, options.autoreset ?? true));
      },
      takeOver(c: TickContext, rows: RowOptions) {
        const { autoreset, observing } = rows;
        crew.send({ arrays, actions: sharedActions, failed, numWorlds, slices, autoreset, observing, plays: playedIn(c) });
        takeTurn(() => {});
        const own = createRowStep(c, ownSlice[0], ownSlice[1], rows);
        return (show: Show = SHOW.everything) => {
          takeTurn(() => own(show), show);
          collectCrashes(control, crashes);
        };
      },
      ...(numActing < DECODE_TOGETHER || slices.length === 0
        ? {}
        : {
            decode(c: TickContext, actions: Float32Array) {
              sharedActions.set(actions);
              let invalid = 0;
              takeTurn(() => {
                invalid = decodeActions(actions, c.buffers.actionWords, 0, ownSlice[1] * program.numAgents);
              }, TASK.decode);
              return invalid + invalidOfWorkers(control);
            },
          }),
      readableState,
      assertUsable,
      dispose: () => crew.dispose(),
    });
  } catch (error) {
    crew.dispose();
    throw error;
  }
}

/** The state as watchers see it: the levels of other threads' rows, which change unseen here, are looked up when asked for. */
export function readableState(c: TickContext): BatchState {
  const variants = new Proxy(c.state.variants, {
    get(held, key) {
      const w = typeof key === 'string' ? Number(key) : -1;
      if (Number.isInteger(w) && w >= 0 && w < held.length) refreshLevels(c, w, w + 1);
      return Reflect.get(held, key);
    },
  });
  return { ...c.state, variants };
}
