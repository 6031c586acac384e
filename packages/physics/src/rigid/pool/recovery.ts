/**
 * Worlds that outlive their thread. The caller's thread keeps a checkpoint of each world, at most CHECKPOINT_TICKS old, and the log of what every tick since was
 * given. When a worker is lost, another takes its place, puts its worlds back and plays them up to the present: rules and Rapier are deterministic,
 * so they end in the words in which they would have been. A world whose second attempt traps at the same place is cut short there instead.
 * Limits: a worker is replaced at most MAX_ATTEMPTS times in a call; a second trap in a tick that was played before ends the episode at the present tick, in the
 * state of the checkpoint.
 */
import type { EngineError } from '@kinovox/world';
import type { WorkerRestart } from '../../engine.js';
import { beginTurn, type Control, expectAgain, lost, settleTurn, TASK, textOf } from '../../engines/workers/control.js';
import type { TickContext } from '../../stages/context.js';
import { type Answer, CHECKPOINT_TICKS, type Checkpoint, type GivenUp, type PoolMemory, WORKER, workerWord } from './pool-memory.js';
import type { RigidCrew } from './rigid-pool.js';
import type { Recovery, RigidBatch } from './rigid-slice.js';
import { ANY } from './trap-guard.js';

const MAX_ATTEMPTS = 16;
/** Restarts kept for those who ask. */
const MAX_NOTES = 1024;

/** Where something went wrong. */
interface Fault {
  k: number;
  row: number;
  tick: number;
  part: string;
  message: string;
}

export interface SettleOptions {
  /** The turn is the first, in which workers start and make their worlds: another one does the same. */
  first: boolean;
  /** The turn is a tick, which whoever takes a worker's place plays too. */
  inTick: boolean;
  /** Otherwise what the turn is for: it is begun again. */
  again: number | undefined;
  /** Called once before a worker is replaced. @returns what makes the turn possible again. */
  beforeRecovery: (() => () => void) | undefined;
  onAnswer(answer: Answer): void;
}

export class Recoveries {
  readonly #control: Control;
  readonly #crew: RigidCrew;
  readonly #memory: PoolMemory;
  readonly #slices: readonly (readonly [number, number])[];
  /** `[B]` the latest of each row. */
  readonly #checkpoints: (Checkpoint | undefined)[];
  readonly #faultOf: (k: number) => string | undefined;
  #notes: WorkerRestart[] = [];
  #batch!: RigidBatch;
  #c!: TickContext;

  constructor(control: Control, crew: RigidCrew, memory: PoolMemory, slices: readonly (readonly [number, number])[], numWorlds: number) {
    this.#control = control;
    this.#crew = crew;
    this.#memory = memory;
    this.#slices = slices;
    this.#checkpoints = new Array<Checkpoint | undefined>(numWorlds).fill(undefined);
    this.#faultOf = (k) => crew.faultOf(k);
  }

  /** What workers are handed from now on. */
  begin(c: TickContext, batch: RigidBatch): void {
    this.#c = c;
    this.#batch = batch;
  }

  startAll(): void {
    for (let k = 0; k < this.#slices.length; k++) this.#crew.start(k, this.#batch);
  }

  take(): readonly WorkerRestart[] {
    const notes = this.#notes;
    this.#notes = [];
    return notes;
  }

  /** Waits for the end of a turn, with other workers in the place of those that are lost. @throws EngineError when a worker cannot be replaced. */
  settle(options: SettleOptions): void {
    let faults = this.#await(options);
    if (faults.length === 0) return;
    const { first, inTick, again, beforeRecovery } = options;
    const prepare = beforeRecovery?.();
    const given = { held: this.#c.held.slice(), failed: this.#batch.failed.slice() };
    const startMask = this.#memory.startMask.slice();
    const seen = new Set<string>();
    const givenUp: GivenUp[] = [];
    for (let attempt = 0; faults.length > 0; attempt++) {
      if (attempt === MAX_ATTEMPTS) throw this.#hopeless(faults[0], `${MAX_ATTEMPTS} others were lost in its place`);
      for (const fault of faults) this.#judge(fault, inTick, seen, givenUp);
      this.#replace(faults, givenUp, (fault) => (first ? undefined : { checkpoints: this.#checkpointsOf(fault), inTick, ...given }));
      const places = faults.map(({ k }) => k);
      faults = this.#await(options);
      if (faults.length > 0 || again === undefined) continue;
      prepare?.();
      // Only those who lost it have to start their episodes again.
      for (const [k, [from, to]] of this.#slices.entries())
        if (again === TASK.start && !places.includes(k)) this.#memory.startMask.fill(0, from, to);
      beginTurn(this.#control, again);
      faults = this.#await(options);
      this.#memory.startMask.set(startMask);
    }
  }

  /** @returns the workers that were lost in the turn. */
  #await({ onAnswer }: SettleOptions): Fault[] {
    const gone = settleTurn(this.#control, this.#faultOf);
    const faults: Fault[] = [];
    const { workers } = this.#memory;
    for (let k = 0; k < this.#slices.length; k++) {
      this.#receive(k, onAnswer);
      const tick = workers[workerWord(k, WORKER.tick)];
      const reason = gone.get(k);
      if (reason !== undefined) faults.push({ k, row: workers[workerWord(k, WORKER.row)], tick, part: ANY, message: reason });
      else if (Atomics.load(workers, workerWord(k, WORKER.trapped)) !== 0)
        faults.push({ k, tick, ...(JSON.parse(textOf(this.#control, k)) as Pick<Fault, 'row' | 'part' | 'message'>) });
    }
    return faults;
  }

  #receive(k: number, onAnswer: (answer: Answer) => void): void {
    const at = workerWord(k, WORKER.sent);
    const { workers } = this.#memory;
    if (workers[at] === 0) return;
    workers[at] = 0;
    for (let message = this.#crew.receive(k); message !== undefined; message = this.#crew.receive(k)) {
      if (message.kind === 'checkpoint') this.#checkpoints[message.checkpoint.row] = message.checkpoint;
      else onAnswer(message);
    }
  }

  /** A world is to blame for the second of two faults at the same place; who is to blame for the first is not known. */
  #judge({ k, row, tick, part, message }: Fault, inTick: boolean, seen: Set<string>, givenUp: GivenUp[]): void {
    const [firstRow, endRow] = this.#slices[k];
    this.#notes.push({ firstRow, endRow, row, reason: message });
    if (this.#notes.length > MAX_NOTES) this.#notes.shift();
    if (row < 0) return;
    const place = `${row} ${tick} ${part}`;
    if (!seen.has(place)) {
      seen.add(place);
      return;
    }
    const present = this.#memory.ticks[0] - (inTick ? 1 : 0);
    const again = `${message}; the same again in a new worker`;
    if (tick === present) givenUp.push({ row, tick, part, message: again, stuck: false });
    else givenUp.push({ row, tick: present, part: ANY, message: again, stuck: true });
  }

  #replace(faults: readonly Fault[], givenUp: readonly GivenUp[], recoveryOf: (fault: Fault) => Recovery | undefined): void {
    for (const fault of faults) if (!this.#crew.end(fault.k, fault.part === ANY)) throw this.#hopeless(fault, 'its thread does not end');
    expectAgain(
      this.#control,
      faults.map(({ k }) => k),
    );
    for (const fault of faults) {
      const { k } = fault;
      this.#memory.workers[workerWord(k, WORKER.row)] = -1;
      Atomics.store(this.#memory.workers, workerWord(k, WORKER.trapped), 0);
      const recovery = recoveryOf(fault);
      this.#crew.start(k, { ...this.#batch, givenUp, ...(recovery === undefined ? {} : { recovery }) });
    }
  }

  #checkpointsOf(fault: Fault): Checkpoint[] {
    const [from, to] = this.#slices[fault.k];
    const checkpoints: Checkpoint[] = [];
    for (let w = from; w < to; w++) {
      const checkpoint = this.#checkpoints[w];
      if (checkpoint === undefined || this.#memory.ticks[0] - checkpoint.ticks > CHECKPOINT_TICKS)
        throw this.#hopeless(fault, `there is no checkpoint of world ${w} to go on from`);
      checkpoints.push(checkpoint);
    }
    return checkpoints;
  }

  #hopeless({ k, message }: Fault, why: string): EngineError {
    const [from, to] = this.#slices[k];
    return lost(`Worker ${k + 1} of ${this.#slices.length} (worlds ${from}..${to - 1})`, `${message}, and ${why}`);
  }
}
