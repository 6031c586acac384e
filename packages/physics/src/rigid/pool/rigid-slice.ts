/**
 * One worker of a rigid pool: steps its slice of the batch with Rapier worlds of its own, turn after turn.
 * Data flow of a turn: what the caller asked for (memory) -> tick, episodes, a snapshot or a restore -> arrays of the batch, and by mail checkpoints and bytes.
 * A worker that takes the place of another one first puts its worlds back to their checkpoints and plays them up to the present.
 */
import { KinovoxError } from '@kinovox/world';
import type { Show } from '../../engine.js';
import { Containment } from '../../engines/containment.js';
import { createRowStep, type RowOptions, startRow } from '../../engines/rows.js';
import { restoreSnapshot, takeSnapshot } from '../../engines/snapshots.js';
import {
  awaitNextTurn,
  type Control,
  currentTurn,
  finishTurn,
  noteCrashes,
  noteFailure,
  noteProgress,
  TASK,
  taskOfTurn,
  writeText,
} from '../../engines/workers/control.js';
import { adoptShared } from '../../engines/workers/shared-context.js';
import { assertPlays, createBatchContext, refreshLevels, type SharedBatch, type SliceSource } from '../../engines/workers/worker-slice.js';
import type { VariantSource } from '../../program.js';
import type { TickContext } from '../../stages/context.js';
import type { Rapier } from '../rapier.js';
import { makeBounds, RigidTier } from '../rigid-engine.js';
import {
  type Answer,
  CHECKPOINT_TICKS,
  type Checkpoint,
  type FromWorker,
  type GivenUp,
  type Mail,
  type PlainError,
  type PoolMemory,
  WORKER,
  workerWord,
} from './pool-memory.js';
import { GivenUpError, type Plant, PUT_BACK, RESTORE, SAVE, START, TrapGuard } from './trap-guard.js';

/** What a worker is handed. Plain data over shared memory. */
export interface RigidBatch extends Omit<SharedBatch, 'actions'> {
  memory: PoolMemory;
  /** Worlds that are cut short where two workers before this one trapped. */
  givenUp?: readonly GivenUp[];
  /** For a worker that takes the place of another one after the first turn. */
  recovery?: Recovery;
}

export interface Recovery {
  /** One of each world of the slice. */
  checkpoints: readonly Checkpoint[];
  /** Whether the turn that was lost is a tick, which is then played too and told about. */
  inTick: boolean;
  /** `[B]` as the caller left them. */
  held: Uint8Array;
  failed: Uint8Array;
}

/** What a worker makes for itself. */
export interface RigidSource extends SliceSource {
  rapier: Rapier;
  /** Tests only. */
  plant?: Plant | undefined;
}

/** Characters of a message between threads: a text that was cut would not be read as JSON, in which a character takes up to 6 of its 16,384 bytes. */
const MAX_TOLD = 2500;

/** Steps slice k until the thread is ended or Rapier trapped. What goes wrong, in `load` too, is told through `control` and `batch.memory`. */
export function runRigidSlice(
  control: Control,
  k: number,
  load: () => RigidSource,
  batch: RigidBatch,
  mail: Mail<FromWorker, Uint8Array>,
): void {
  // A new batch waits for its first turn; who takes another's place is expected in the one that is under way.
  let turn = batch.recovery === undefined ? 0 : currentTurn(control) - 1;
  let slice: RigidSlice | undefined;
  let failed = false;
  for (;;) {
    turn = awaitNextTurn(control, turn);
    noteProgress(control, k);
    try {
      if (slice === undefined && !failed) {
        slice = new RigidSlice(control, k, load(), batch, mail);
        if (batch.recovery === undefined) slice.act(taskOfTurn(control), true);
        else slice.recover(batch.recovery);
      } else slice?.act(taskOfTurn(control));
    } catch (error) {
      noteFailure(control, k, JSON.stringify(plainError(error)));
      failed = true;
      slice = undefined;
    }
    const trap = slice?.trap;
    if (trap !== undefined) {
      writeText(control, k, JSON.stringify({ ...trap, message: trap.message.slice(0, MAX_TOLD) }));
      Atomics.store(batch.memory.workers, workerWord(k, WORKER.trapped), 1);
    }
    finishTurn(control, k, turn);
    if (trap !== undefined) return;
  }
}

export function plainError(error: unknown): PlainError {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { name, message: message.slice(0, MAX_TOLD), code: error instanceof KinovoxError ? error.code : '' };
}

class RigidSlice {
  readonly #control: Control;
  readonly #k: number;
  readonly #c: TickContext;
  readonly #batch: RigidBatch;
  readonly #w0: number;
  readonly #w1: number;
  readonly #tier: RigidTier;
  readonly #guard: TrapGuard;
  readonly #containment: Containment;
  readonly #rows: RowOptions;
  readonly #step: (show: Show) => void;
  readonly #mail: Mail<FromWorker, Uint8Array>;

  constructor(control: Control, k: number, source: RigidSource, batch: RigidBatch, mail: Mail<FromWorker, Uint8Array>) {
    const { program, variants, rapier, plant } = source;
    const levels: VariantSource = {
      get(variant) {
        noteProgress(control, k);
        return variants.get(variant);
      },
    };
    const { numWorlds, observing, autoreset, memory, givenUp = [] } = batch;
    this.#control = control;
    this.#k = k;
    this.#batch = batch;
    this.#mail = mail;
    [this.#w0, this.#w1] = batch.slices[k];
    const c = createBatchContext(program, levels, numWorlds, observing, autoreset);
    assertPlays(c, batch.plays);
    adoptShared(c, batch.arrays);
    makeBounds(c);
    this.#c = c;
    this.#guard = new TrapGuard(memory, k, givenUp, plant);
    this.#tier = new RigidTier(rapier, { program, numWorlds }, this.#guard);
    this.#containment = new Containment(batch.failed);
    const afterStart = (_c: TickContext, w: number) => {
      this.#guard.around(w, START, () => this.#tier.afterStart(c, w));
    };
    this.#rows = { autoreset, observing, containment: this.#containment, stages: this.#tier.stages, afterStart };
    this.#step = createRowStep(c, this.#w0, this.#w1, this.#rows);
  }

  /** What a trap left to tell. */
  get trap(): { row: number; part: string; message: string } | undefined {
    return this.#guard.trap;
  }

  /** Does what the turn is for. @param first whether it is the one in which the batch is made. */
  act(task: number, first = false): void {
    const { memory } = this.#batch;
    const inTick = task !== TASK.start && task !== TASK.save && task !== TASK.restore;
    this.#guard.beginTick(inTick ? memory.ticks[0] - 1 : memory.ticks[0]);
    if (task === TASK.start) this.#start(first);
    else if (task === TASK.save) this.#save(memory.operand[0]);
    else if (task === TASK.restore) this.#restore(memory.operand[0]);
    else {
      refreshLevels(this.#c, this.#w0, this.#w1);
      this.#step(task as Show);
      this.#keepSome();
    }
    this.#guard.leave();
    this.#tell();
  }

  /** Puts every world back to its checkpoint and plays it up to the present. */
  recover({ checkpoints, inTick, ...given }: Recovery): void {
    const { memory, failed, givenUp = [] } = this.#batch;
    const c = this.#c;
    const { held } = c;
    const w0 = this.#w0;
    const w1 = this.#w1;
    const now = memory.ticks[0];
    // Whoever stepped these worlds before may have been stopped anywhere.
    c.ending.fill(0, w0, w1);
    c.quietTerms.fill(0, w0 * c.program.rewards.length, w1 * c.program.rewards.length);
    c.rivals?.madeOf.fill(0, w0 * (1 + c.numAgents), w1 * (1 + c.numAgents));
    const present = checkpoints.filter(({ ticks }) => ticks === now).map(({ row }) => [row, tickNotes(c, row)] as const);
    this.#guard.beginTick(now);
    for (const { row, snapshot, crashed } of checkpoints) {
      restoreSnapshot(c, row, snapshot);
      this.#guard.around(row, PUT_BACK, () => this.#tier.restoreRigid(c, row, snapshot.rigid));
      if (this.trap !== undefined) return;
      if (crashed) this.#tier.giveUp(row);
    }
    const { actionWords } = c.buffers;
    const agents = c.numAgents;
    const perAgent = actionWords.length / (held.length * agents);
    const stuck = new Set(givenUp.filter((one) => one.stuck).map(({ row }) => row));
    for (let tick = Math.min(now, ...checkpoints.map(({ ticks }) => ticks)); tick < now; tick++) {
      noteProgress(this.#control, this.#k);
      const at = tick % CHECKPOINT_TICKS;
      const from = at * actionWords.length;
      actionWords.set(memory.actions.subarray(from + w0 * agents * perAgent, from + w1 * agents * perAgent), w0 * agents * perAgent);
      failed.set(memory.failed.subarray(at * failed.length + w0, at * failed.length + w1), w0);
      held.set(memory.held.subarray(at * held.length + w0, at * held.length + w1), w0);
      for (const { row, ticks } of checkpoints) {
        if (ticks <= tick && (!stuck.has(row) || tick === now - 1)) continue;
        held[row] = 1;
        // What was cut short in this tick was so before the checkpoint.
        failed[row] = 0;
      }
      this.#guard.beginTick(tick);
      this.#step(memory.show[at] as Show);
      if (this.trap !== undefined) return;
      // What was told when these ticks were taken is not told again.
      if (tick < now - 1 || !inTick) this.#forget();
    }
    held.set(given.held.subarray(w0, w1), w0);
    for (const [row, notes] of present) putNotes(c, row, notes);
    // Marks that were set after the last tick are for the next one.
    if (!inTick) failed.set(given.failed.subarray(w0, w1), w0);
    else this.#keepSome();
    this.#guard.leave();
    this.#tell();
  }

  #start(first: boolean): void {
    const { memory } = this.#batch;
    const { state, buffers } = this.#c;
    for (let w = this.#w0; w < this.#w1; w++) {
      if (memory.startMask[w] === 0) continue;
      buffers.eventCount[w] = 0;
      [state.rowSeedLow[w], state.rowSeedHigh[w], state.episode[w]] = memory.startOf.subarray(3 * w, 3 * w + 3);
      try {
        startRow(this.#c, w, this.#rows);
      } catch (error) {
        // What is wrong with the first levels is told to whoever makes the batch; later, as at the end of an episode, one that cannot be played is one episode's.
        if (first && error instanceof KinovoxError) throw error;
        this.#containment.tell(w, error);
        state.episode[w]++;
        startRow(this.#c, w, this.#rows);
      }
      this.#keep(w);
      if (this.trap !== undefined) return;
    }
  }

  #save(w: number): void {
    if (w < this.#w0 || w >= this.#w1) return;
    this.#answer(() => {
      const bytes = this.#guard.around(w, SAVE, () => this.#tier.saveRigid(this.#c, w));
      return bytes === undefined ? undefined : { kind: 'saved', bytes };
    });
  }

  #restore(w: number): void {
    if (w < this.#w0 || w >= this.#w1) return;
    const bytes = this.#mail.receive();
    refreshLevels(this.#c, w, w + 1);
    this.#answer(() => {
      this.#guard.around(w, RESTORE, () => this.#tier.restoreRigid(this.#c, w, bytes));
      this.#keep(w);
      return undefined;
    });
  }

  /** Sends what `make` gives, or what it throws: a mistake of the caller's, who is told. */
  #answer(make: () => Answer | undefined): void {
    let answer: Answer | undefined;
    try {
      answer = make();
    } catch (error) {
      answer = { kind: 'refused', error: plainError(error) };
    }
    if (answer !== undefined) this.#send(answer);
  }

  /** Checkpoints of those worlds whose turn it is: a few in every tick. */
  #keepSome(): void {
    const { ticks } = this.#batch.memory;
    const first = this.#w0 + ((CHECKPOINT_TICKS - (ticks[0] % CHECKPOINT_TICKS)) % CHECKPOINT_TICKS);
    for (let w = first; w < this.#w1 && this.trap === undefined; w += CHECKPOINT_TICKS) this.#keep(w);
  }

  #keep(w: number): void {
    if (this.trap !== undefined) return;
    let rigid: Uint8Array | undefined;
    try {
      rigid = this.#guard.around(w, SAVE, () => this.#tier.saveRigid(this.#c, w));
    } catch (error) {
      // The checkpoint before it has to do until the next one.
      if (!(error instanceof GivenUpError)) throw error;
    }
    if (rigid === undefined) return;
    const checkpoint: Checkpoint = {
      row: w,
      ticks: this.#batch.memory.ticks[0],
      snapshot: takeSnapshot(this.#c, w, rigid),
      crashed: this.#tier.hasCrashed(w),
    };
    this.#send({ kind: 'checkpoint', checkpoint });
  }

  #send(message: FromWorker): void {
    this.#mail.send(message);
    this.#batch.memory.workers[workerWord(this.#k, WORKER.sent)]++;
  }

  #tell(): void {
    if (this.trap === undefined) noteCrashes(this.#control, this.#k, [...this.#containment.take(), ...this.#tier.takeCrashes()]);
  }

  #forget(): void {
    this.#containment.take();
    this.#tier.takeCrashes();
  }
}

/** What a row shows of its last tick, which putting it back to the same moment would clear. */
function tickNotes({ buffers, outputs }: TickContext, w: number): readonly number[] {
  return [buffers.eventCount[w], buffers.editCount[w], outputs.ended[w], outputs.endStatus[w]];
}

function putNotes({ buffers, outputs }: TickContext, w: number, notes: readonly number[]): void {
  [buffers.eventCount[w], buffers.editCount[w], outputs.ended[w], outputs.endStatus[w]] = notes;
}
