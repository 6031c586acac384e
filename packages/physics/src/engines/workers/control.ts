/**
 * The words by which the threads of a batch meet: the first thread begins a turn, every worker steps its slice and counts itself done.
 * All of them lie in shared memory; a worker's failure, and why worlds of its slice failed, is text in the same memory, since a thread that waits gets no messages.
 */
import { EngineError } from '@kinovox/world';
import type { Crash } from '../../engine.js';
import { type CrashList, MAX_CRASHES } from '../crash-list.js';

/** Words at the front, then WORKER_WORDS for each worker. What one side looks at while the other writes lies in a cache line of its own. */
const TURN = 0;
const TASK_OF_TURN = 1;
const DONE = 16;
const FRONT_WORDS = 32;
/**
 * Of a worker: the last turn it finished, whether it failed, a count that rises while it works, its thread's id in the system (0 unknown), and
 * how many action values were no numbers in its last decoding, and how many failures its last tick told of.
 */
const FINISHED = 0;
const FAILED = 1;
const PROGRESS = 2;
const THREAD_ID = 3;
const INVALID = 4;
const CRASHES = 5;
/** A cache line, so that workers do not slow each other. */
const WORKER_WORDS = 16;
const TEXT_BYTES = 16_384;
/** Of the text on a world that failed; of those for which there is no room, the rows alone are told. */
const CRASH_CHARACTERS = 500;

/** What a turn is for: decoding the actions of a tick, or a tick that shows what SHOW says by the same number; the last three are of the rigid tier. */
export const TASK = { decode: 3, start: 4, save: 5, restore: 6 } as const;

/** Looks before a thread goes to sleep, some 20 microseconds: waking it up takes longer than most waits last. */
const SPINS = 8192;
/** Time between looks at workers that are late. */
const LOOK_MS = 50;
/** A worker that has shown no sign of life for this long counts as lost where the system cannot say. */
const STALL_LOOKS = 60_000 / LOOK_MS;

export interface Control {
  numWorkers: number;
  words: Int32Array;
  texts: Uint8Array;
  /** `[workers, MAX_CRASHES]` the rows of the failures that each worker's last tick told of; a world may fail more than once in a tick. */
  crashRows: Int32Array;
}

export function createControl(numWorkers: number): Control {
  return {
    numWorkers,
    words: new Int32Array(new SharedArrayBuffer(4 * (FRONT_WORDS + numWorkers * WORKER_WORDS))),
    texts: new Uint8Array(new SharedArrayBuffer(numWorkers * TEXT_BYTES)),
    crashRows: new Int32Array(new SharedArrayBuffer(4 * numWorkers * MAX_CRASHES)),
  };
}

const wordOf = (k: number, word: number): number => FRONT_WORDS + k * WORKER_WORDS + word;

/** First thread: lets every worker go. Turns count from 1; turn 1 is the workers' getting ready. */
export function beginTurn({ words }: Control, task: number): void {
  Atomics.store(words, DONE, 0);
  Atomics.store(words, TASK_OF_TURN, task);
  Atomics.add(words, TURN, 1);
  Atomics.notify(words, TURN);
}

/**
 * First thread: waits until every worker has finished the turn.
 * @param faultOf why worker k no longer runs, undefined while it does.
 * @param describe worker k in words: its place and slice.
 * @throws EngineError that names the worker that failed, died or stalled.
 */
export function awaitTurn(control: Control, faultOf: (k: number) => string | undefined, describe: (k: number) => string): void {
  for (const [k, fault] of settleTurn(control, faultOf)) throw lost(describe(k), fault);
  for (let k = 0; k < control.numWorkers; k++) {
    const reason = failureOf(control, k);
    if (reason !== undefined) throw new EngineError('worker-failed', `${describe(k)} must finish its tick; got: ${reason} ${NEXT_STEP}`);
  }
}

/**
 * First thread: waits until every worker has finished the turn or is lost.
 * @returns by worker why it is lost; empty when all have finished.
 */
export function settleTurn(control: Control, faultOf: (k: number) => string | undefined): ReadonlyMap<number, string> {
  const { words, numWorkers } = control;
  let looks = 0;
  let progress = -1;
  for (let k = 0; k < SPINS && Atomics.load(words, DONE) < numWorkers; k++);
  if (Atomics.load(words, DONE) >= numWorkers) return NONE_LOST;
  const gone = new Map<number, string>();
  for (let done = Atomics.load(words, DONE); done + gone.size < numWorkers; done = Atomics.load(words, DONE)) {
    if (Atomics.wait(words, DONE, done, LOOK_MS) !== 'timed-out') continue;
    let sum = 0;
    for (let k = 0; k < numWorkers; k++) {
      sum += Atomics.load(words, wordOf(k, PROGRESS)) & 0xffffff;
      if (gone.has(k) || Atomics.load(words, wordOf(k, FINISHED)) === Atomics.load(words, TURN)) continue;
      const fault = faultOf(k);
      if (fault !== undefined) gone.set(k, fault);
    }
    looks = sum === progress ? looks + 1 : 0;
    progress = sum;
    if (looks < STALL_LOOKS) continue;
    looks = 0;
    for (let k = 0; k < numWorkers; k++)
      if (!gone.has(k) && Atomics.load(words, wordOf(k, FINISHED)) !== Atomics.load(words, TURN))
        gone.set(k, `it has shown no progress for ${(STALL_LOOKS * LOOK_MS) / 1000} s`);
  }
  return gone;
}

const NONE_LOST: ReadonlyMap<number, string> = new Map();

/** First thread: why worker k cannot finish any turn; undefined while it can. */
export function failureOf(control: Control, k: number): string | undefined {
  return Atomics.load(control.words, wordOf(k, FAILED)) === 0 ? undefined : textOf(control, k);
}

/** First thread, after a turn that has settled: new workers take the places of these, and have still to finish the turn. */
export function expectAgain({ words, numWorkers }: Control, places: readonly number[]): void {
  const turn = Atomics.load(words, TURN);
  for (const k of places) {
    Atomics.store(words, wordOf(k, FINISHED), turn - 1);
    Atomics.store(words, wordOf(k, FAILED), 0);
    Atomics.store(words, wordOf(k, THREAD_ID), 0);
    Atomics.store(words, wordOf(k, CRASHES), 0);
  }
  Atomics.store(words, DONE, numWorkers - places.length);
}

export const NEXT_STEP =
  'Its worlds stand in the middle of a tick, so the batch has stopped: close it, and go on from your last snapshots in a new one.';

/** The error for a worker that is gone. */
export function lost(worker: string, fault: string): EngineError {
  return new EngineError('worker-lost', `${worker} must keep running; got: ${fault}. ${NEXT_STEP}`);
}

/** Id of worker k's thread in the system, 0 unknown. */
export function threadIdOf({ words }: Control, k: number): number {
  return Atomics.load(words, wordOf(k, THREAD_ID));
}
export function noteThreadId({ words }: Control, k: number, id: number): void {
  Atomics.store(words, wordOf(k, THREAD_ID), id);
}

/** Worker k: says that it is at work; between the parts of a tick that may be long. */
export function noteProgress({ words }: Control, k: number): void {
  Atomics.add(words, wordOf(k, PROGRESS), 1);
}

/** First thread: action values that were no numbers, of all workers in their last decoding. */
export function invalidOfWorkers({ words, numWorkers }: Control): number {
  let sum = 0;
  for (let k = 0; k < numWorkers; k++) sum += Atomics.load(words, wordOf(k, INVALID));
  return sum;
}
/** Worker k: says how many there were in its slice. */
export function noteInvalid({ words }: Control, k: number, count: number): void {
  Atomics.store(words, wordOf(k, INVALID), count);
}

/** Worker k: which worlds of its slice failed in this tick, and why. @param crashes what a `CrashList` held: at most MAX_CRASHES. */
export function noteCrashes(control: Control, k: number, crashes: readonly Crash[]): void {
  Atomics.store(control.words, wordOf(k, CRASHES), crashes.length);
  if (crashes.length === 0) return;
  const messages: string[] = [];
  // Three bytes a character at most, and room for quotes.
  let room = TEXT_BYTES - 16;
  crashes.forEach(({ row, message }, n) => {
    control.crashRows[k * MAX_CRASHES + n] = row;
    const text = message.slice(0, CRASH_CHARACTERS);
    room -= new TextEncoder().encode(JSON.stringify(text)).length + 1;
    if (room > 0) messages.push(text);
  });
  writeText(control, k, JSON.stringify(messages));
}

/** First thread: adds to `crashes` what failed in the workers' slices in the last tick. */
export function collectCrashes(control: Control, crashes: CrashList): void {
  const { words, numWorkers, crashRows } = control;
  for (let k = 0; k < numWorkers; k++) {
    const count = Atomics.load(words, wordOf(k, CRASHES));
    if (count === 0) continue;
    const messages = JSON.parse(textOf(control, k)) as string[];
    for (let n = 0; n < count; n++)
      crashes.add({
        row: crashRows[k * MAX_CRASHES + n],
        message: messages[n] ?? `One of ${count} failures in this tick, too many to tell why of each.`,
      });
  }
}

/** What the turn that has begun is for. */
export function taskOfTurn({ words }: Control): number {
  return Atomics.load(words, TASK_OF_TURN);
}

/** The turn that has begun last. */
export function currentTurn({ words }: Control): number {
  return Atomics.load(words, TURN);
}

/** Worker k: waits for the turn after `turn`. @returns its number. */
export function awaitNextTurn({ words }: Control, turn: number): number {
  for (let k = 0; k < SPINS; k++) {
    const next = Atomics.load(words, TURN);
    if (next !== turn) return next;
  }
  for (;;) {
    const next = Atomics.load(words, TURN);
    if (next !== turn) return next;
    Atomics.wait(words, TURN, turn);
  }
}

/** Worker k: has finished a turn. */
export function finishTurn({ words }: Control, k: number, turn: number): void {
  Atomics.store(words, wordOf(k, FINISHED), turn);
  Atomics.add(words, DONE, 1);
  Atomics.notify(words, DONE);
}

/** Worker k: cannot finish any turn; the reason is told at the end of this one. */
export function noteFailure(control: Control, k: number, error: unknown): void {
  writeText(control, k, error instanceof Error ? error.message : String(error));
  Atomics.store(control.words, wordOf(k, FAILED), 1);
}

/** Worker k: leaves a text for the end of the turn. */
export function writeText({ texts }: Control, k: number, text: string): void {
  const bytes = new TextEncoder().encode(text).subarray(0, TEXT_BYTES - 1);
  texts.set(bytes, k * TEXT_BYTES);
  // A byte 0 ends the text.
  texts[k * TEXT_BYTES + bytes.length] = 0;
}

/** First thread: the text that worker k left. */
export function textOf({ texts }: Control, k: number): string {
  const text = texts.slice(k * TEXT_BYTES, (k + 1) * TEXT_BYTES);
  return new TextDecoder().decode(text.subarray(0, text.indexOf(0)));
}
