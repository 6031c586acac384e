/**
 * The engine `rigid` over threads: the worlds of a batch in fixed slices, each stepped by a worker that has a Rapier of its own. The caller's thread
 * starts turns and waits; it never enters Rapier. Rows are independent, so the results are those of one thread whatever the number of threads.
 * A worker whose Rapier traps, or that dies, is replaced within the call that it happens in: see `recovery.ts`.
 * The host gives the threads (`RigidCrew`): here is nothing that only Node has.
 */
import { EngineError, ScenarioError, ShapeError, UsageError } from '@kinovox/world';
import type { BatchState } from '../../batch-state.js';
import { type Crash, type Engine, type EngineOptions, SHOW, type Show, type WorkerRestart } from '../../engine.js';
import { Containment } from '../../engines/containment.js';
import { type CpuEngineParts, createCpuEngine } from '../../engines/cpu.js';
import { CrashList } from '../../engines/crash-list.js';
import type { RowOptions } from '../../engines/rows.js';
import { restoreSnapshot, takeSnapshot } from '../../engines/snapshots.js';
import { beginTurn, type Control, collectCrashes, createControl, failureOf, NEXT_STEP, TASK } from '../../engines/workers/control.js';
import { shareContext } from '../../engines/workers/shared-context.js';
import { createBatchContext, playedIn, refreshLevels } from '../../engines/workers/worker-slice.js';
import { readableState, slicesOf } from '../../engines/workers/workers.js';
import type { TickContext } from '../../stages/context.js';
import { assertRigidPart } from '../rigid-engine.js';
import { type Answer, createPoolMemory, type FromWorker, logTick, type PlainError, type PoolMemory } from './pool-memory.js';
import { Recoveries } from './recovery.js';
import type { RigidBatch } from './rigid-slice.js';

/** The threads of a rigid pool. */
export interface RigidCrew {
  /** Starts worker k, in the place of an earlier one if there was any, and has it call `runRigidSlice`. */
  start(k: number, batch: RigidBatch): void;
  /** Ends worker k; `atWork` if it may be in the middle of a turn. @returns whether it surely writes nothing any more. */
  end(k: number, atWork: boolean): boolean;
  /** Why worker k no longer runs, undefined while it does. Called while this thread waits: it can rely on no event. */
  faultOf(k: number): string | undefined;
  send(k: number, bytes: Uint8Array): void;
  /** The oldest message of worker k that has come; undefined when there is none. */
  receive(k: number): FromWorker | undefined;
  dispose(): void;
}

export interface RigidPoolOptions extends EngineOptions {
  /** Workers, at least 1; no more than worlds are used. */
  threads: number;
  launch(control: Control): RigidCrew;
}

/**
 * Creates the engine and starts the first episode of every row.
 * @throws ScenarioError when a level puts a prop outside the world; EngineError when a worker does not start.
 */
export function createRigidPoolEngine(options: RigidPoolOptions): Engine {
  const pool = new RigidPool(options);
  try {
    return createCpuEngine(options, pool);
  } catch (error) {
    pool.dispose();
    throw error;
  }
}

class RigidPool implements CpuEngineParts {
  readonly name = 'rigid';
  readonly containment: Containment;
  readonly #options: RigidPoolOptions;
  readonly #slices: readonly (readonly [number, number])[];
  readonly #control: Control;
  readonly #crew: RigidCrew;
  readonly #memory: PoolMemory;
  readonly #recoveries: Recoveries;
  /** `[B]` marks of worlds that have failed, see `Containment`. */
  readonly #failed: Uint8Array;
  readonly #crashes = new CrashList();
  #started = false;
  #failure: Error | undefined;

  constructor(options: RigidPoolOptions) {
    const { program, numWorlds, threads, launch } = options;
    this.#options = options;
    this.#slices = slicesOf(numWorlds, threads);
    this.#control = createControl(this.#slices.length);
    this.#memory = createPoolMemory(program, numWorlds, this.#slices.length);
    this.#failed = new Uint8Array(new SharedArrayBuffer(numWorlds));
    this.containment = new Containment(this.#failed);
    // Threads load their modules while this one makes room for the worlds.
    this.#crew = launch(this.#control);
    this.#recoveries = new Recoveries(this.#control, this.#crew, this.#memory, this.#slices, numWorlds);
  }

  prepare(c: TickContext): void {
    const { program, variants, observe: observing = true, autoreset = true, numWorlds } = this.#options;
    // Arrays that hold worlds are known by their length in a context of another number of worlds.
    const arrays = shareContext(c, createBatchContext(program, variants, numWorlds === 1 ? 2 : 1, observing, autoreset));
    this.#recoveries.begin(c, {
      arrays,
      failed: this.#failed,
      numWorlds,
      slices: this.#slices,
      autoreset,
      observing,
      plays: playedIn(c),
      memory: this.#memory,
    });
  }

  startRows(c: TickContext, _rows: RowOptions, mask: Uint8Array | undefined): void {
    const { startMask, startOf } = this.#memory;
    const { state } = c;
    const { numWorlds } = this.#options;
    for (let w = 0; w < numWorlds; w++) {
      startMask[w] = mask?.[w] ?? 1;
      if (startMask[w] !== 0) startOf.set([state.rowSeedLow[w], state.rowSeedHigh[w], state.episode[w]], 3 * w);
    }
    const first = !this.#started;
    this.#started = true;
    this.#turn(TASK.start, { first });
    refreshLevels(c, 0, numWorlds);
  }

  takeOver(c: TickContext): (show?: Show) => void {
    const { actionWords } = c.buffers;
    return (show: Show = SHOW.everything) => {
      this.assertUsable();
      logTick(this.#memory, actionWords, c.held, this.#failed, show);
      this.#turn(show, { inTick: true });
    };
  }

  saveRigid(_c: TickContext, w: number): Uint8Array {
    this.#memory.operand[0] = w;
    let bytes: Uint8Array | undefined;
    this.#turn(TASK.save, {
      onAnswer(answer) {
        if (answer.kind === 'refused') throw revived(answer.error);
        bytes = answer.bytes;
      },
    });
    return bytes!;
  }

  restoreRigid(c: TickContext, w: number, bytes: Uint8Array | undefined): void {
    assertRigidPart(c.program, bytes);
    this.#memory.operand[0] = w;
    const owner = this.#slices.findIndex(([from, to]) => w >= from && w < to);
    const send = () => this.#crew.send(owner, bytes);
    send();
    this.#turn(TASK.restore, {
      // A worker that is replaced puts the row back to what it was before.
      beforeRecovery: () => {
        const words = takeSnapshot(c, w);
        return () => {
          restoreSnapshot(c, w, words);
          send();
        };
      },
      onAnswer(answer) {
        if (answer.kind === 'refused') throw revived(answer.error);
      },
    });
  }

  readableState(c: TickContext): BatchState {
    return readableState(c);
  }

  assertUsable(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  takeCrashes(): readonly Crash[] {
    return this.#crashes.take();
  }

  takeRestarts(): readonly WorkerRestart[] {
    return this.#recoveries.take();
  }

  dispose(): void {
    this.#failure ??= new UsageError('engine-closed', 'A closed engine must not be used; got another call. Make a new one.');
    this.#crew.dispose();
  }

  /** A turn of all workers, with those that were lost in it replaced. Once it cannot be finished, every later call fails alike. */
  #turn(task: number, { first = false, inTick = false, beforeRecovery, onAnswer }: TurnOptions): void {
    this.assertUsable();
    let answer: Answer | undefined;
    const keep = (one: Answer) => {
      answer = one;
    };
    try {
      beginTurn(this.#control, task);
      if (first) this.#recoveries.startAll();
      this.#recoveries.settle({ first, inTick, again: inTick || first ? undefined : task, beforeRecovery, onAnswer: keep });
      this.#assertNoneFailed(first);
    } catch (error) {
      this.#failure = error as Error;
      throw error;
    }
    collectCrashes(this.#control, this.#crashes);
    if (answer !== undefined) onAnswer?.(answer);
  }

  #assertNoneFailed(first: boolean): void {
    for (const [k, [from, to]] of this.#slices.entries()) {
      const reason = failureOf(this.#control, k);
      if (reason === undefined) continue;
      const error = JSON.parse(reason) as PlainError;
      // What is wrong with the scenario is the author's, whichever thread finds it.
      if (first && error.name === 'ScenarioError') throw revived(error);
      throw new EngineError(
        'worker-failed',
        `Worker ${k + 1} of ${this.#slices.length} (worlds ${from}..${to - 1}) must finish its tick; got: ${error.message} ${NEXT_STEP}`,
      );
    }
  }
}

interface TurnOptions {
  /** The workers start with it. */
  first?: boolean;
  /** It is a tick, which is in the log. */
  inTick?: boolean;
  /** Called once before a worker is replaced. @returns what makes the turn possible again. */
  beforeRecovery?: (() => () => void) | undefined;
  onAnswer?: ((answer: Answer) => void) | undefined;
}

/** The error that a worker told of. */
function revived({ name, code, message }: PlainError): Error {
  if (name === 'ScenarioError') return new ScenarioError(code, message);
  if (name === 'ShapeError') return new ShapeError(code, message);
  return new EngineError('worker-refused', `A worker must do what it is asked for; got: ${message}. Go on from an earlier snapshot.`);
}
