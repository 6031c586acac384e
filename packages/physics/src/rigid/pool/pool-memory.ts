/**
 * What the threads of a rigid pool share beside the arrays of the batch: what each tick was given, for as long as a world may have to be played again,
 * what the caller asks for, and where each worker stands in Rapier. All of it outlives a worker.
 */
import { ACTION_WORDS } from '@kinovox/world';
import type { Show, WorldSnapshot } from '../../engine.js';
import type { ScenarioProgram } from '../../program.js';

/** Ticks between two checkpoints of a world: what is played again after a trap at most, and what the log keeps. */
export const CHECKPOINT_TICKS = 64;

/** Words by worker; see `WORKER`. A cache line each. */
const WORKER_WORDS = 16;
/** Whether a trap ended the worker; the world and tick at which it is, or was, in Rapier (-1 outside); messages that it has sent. */
export const WORKER = { trapped: 0, row: 1, tick: 2, sent: 3 } as const;

export interface PoolMemory {
  /** `[1]` ticks that were begun. */
  ticks: Int32Array;
  /** `[K, B * A * ACTION_WORDS]` what tick t was given, at t modulo K; likewise the following. */
  actions: Int32Array;
  /** `[K, B]` */
  held: Uint8Array;
  /** `[K, B]` marks of `Containment`. */
  failed: Uint8Array;
  /** `[K]` SHOW. */
  show: Uint8Array;
  /** `[B]` 1 = a turn that starts episodes starts one here. */
  startMask: Uint8Array;
  /** `[B, 3]` row seed, low and high, and number of the episode that is started. */
  startOf: Int32Array;
  /** `[1]` the row that is saved or restored. */
  operand: Int32Array;
  /** `[workers, WORKER_WORDS]` */
  workers: Int32Array;
}

/** A world at the end of tick `ticks`, kept by the caller's thread. Plain data. */
export interface Checkpoint {
  row: number;
  /** Ticks that the batch had taken. */
  ticks: number;
  snapshot: WorldSnapshot;
  /** Its bodies are lost until its next episode. */
  crashed: boolean;
}

/** A world whose second attempt trapped too: it is cut short in `part` of tick `tick`. */
export interface GivenUp {
  row: number;
  tick: number;
  part: string;
  message: string;
  /** It cannot be played up to that tick either, so it stands still until then. */
  stuck: boolean;
}

/** A worker's answer to a turn that saves or restores. */
export type Answer = { kind: 'saved'; bytes: Uint8Array } | { kind: 'refused'; error: PlainError };
/** What a worker sends. */
export type FromWorker = Answer | { kind: 'checkpoint'; checkpoint: Checkpoint };

/** An error as it travels between threads. */
export interface PlainError {
  name: string;
  code: string;
  message: string;
}

/** A path for messages that are looked for, not heard of: both threads wait instead of listening. */
export interface Mail<Out, In> {
  send(message: Out): void;
  /** The oldest that has come; undefined when there is none. */
  receive(): In | undefined;
}

export function createPoolMemory(program: ScenarioProgram, numWorlds: number, numWorkers: number): PoolMemory {
  const words = (count: number) => new Int32Array(new SharedArrayBuffer(4 * count));
  const bytes = (count: number) => new Uint8Array(new SharedArrayBuffer(count));
  const workers = words(numWorkers * WORKER_WORDS);
  for (let k = 0; k < numWorkers; k++) workers[k * WORKER_WORDS + WORKER.row] = -1;
  return {
    ticks: words(1),
    actions: words(CHECKPOINT_TICKS * numWorlds * program.numAgents * ACTION_WORDS),
    held: bytes(CHECKPOINT_TICKS * numWorlds),
    failed: bytes(CHECKPOINT_TICKS * numWorlds),
    show: bytes(CHECKPOINT_TICKS),
    startMask: bytes(numWorlds),
    startOf: words(3 * numWorlds),
    operand: words(1),
    workers,
  };
}

/** Notes what the tick that is about to be taken is given. */
export function logTick(memory: PoolMemory, actionWords: Int32Array, held: Uint8Array, failed: Uint8Array, show: Show): void {
  const at = memory.ticks[0] % CHECKPOINT_TICKS;
  memory.actions.set(actionWords, at * actionWords.length);
  memory.held.set(held, at * held.length);
  memory.failed.set(failed, at * failed.length);
  memory.show[at] = show;
  memory.ticks[0]++;
}

/** Index of a word of worker k. */
export const workerWord = (k: number, word: number): number => k * WORKER_WORDS + word;
