/**
 * Keeps a worker of a rigid pool from going on with a Rapier that trapped: after a trap nothing in that instance can be relied on, so the turn is finished
 * without it, its results are thrown away, and the worker ends. The caller's thread then starts another one in its place.
 */
import { KinovoxError } from '@kinovox/world';
import { messageOf } from '../../engines/crash-list.js';
import type { RigidGuard } from '../rigid-engine.js';
import { type GivenUp, type PoolMemory, WORKER, workerWord } from './pool-memory.js';

/** Where Rapier is entered outside of stages. */
export const START = 'start';
export const SAVE = 'save';
export const RESTORE = 'restore';
/**
 * Where a worker that takes the place of another one puts a world back to its checkpoint. Nothing is given up there: there is nothing to cut short yet,
 * and what was given up is for the turn that follows.
 */
export const PUT_BACK = 'put back';
/** Where a thread ended without a word: wherever the world is entered first. */
export const ANY = 'any';

/** Called before Rapier is entered, in tests: may throw, or do harm. */
export type Plant = (row: number, tick: number, part: string) => void;

export class TrapGuard implements RigidGuard {
  /** What was thrown in this turn, and where. */
  trap: { row: number; part: string; message: string } | undefined;
  /** Worlds that are cut short instead of entered, once each. */
  readonly #givenUp: GivenUp[];
  readonly #memory: PoolMemory;
  readonly #k: number;
  readonly #plant: Plant | undefined;
  #tick = 0;

  /** @param k the worker that this is. */
  constructor(memory: PoolMemory, k: number, givenUp: readonly GivenUp[], plant: Plant | undefined) {
    this.#memory = memory;
    this.#k = k;
    this.#givenUp = [...givenUp];
    this.#plant = plant;
  }

  /** What follows belongs to tick `tick`. */
  beginTick(tick: number): void {
    this.#tick = tick;
    this.#memory.workers[workerWord(this.#k, WORKER.tick)] = tick;
  }

  /** Outside of Rapier again: whatever happens to this thread now is no world's doing. */
  leave(): void {
    this.#memory.workers[workerWord(this.#k, WORKER.row)] = -1;
  }

  enter(w: number, part: string): boolean {
    if (this.trap !== undefined) return false;
    this.#memory.workers[workerWord(this.#k, WORKER.row)] = w;
    const isHere = (one: GivenUp) => one.row === w && one.tick === this.#tick && (one.part === part || one.part === ANY);
    const at = part === PUT_BACK ? -1 : this.#givenUp.findIndex(isHere);
    if (at >= 0) throw new GivenUpError(this.#givenUp.splice(at, 1)[0].message);
    this.#plant?.(w, this.#tick, part);
    return true;
  }

  caught(w: number, part: string, error: unknown): boolean {
    if (error instanceof GivenUpError) return false;
    this.trap = { row: w, part, message: messageOf(error) };
    return true;
  }

  /**
   * Runs what enters Rapier for world w outside of stages. What our own checks throw is thrown on; a trap is noted.
   * @returns what `run` gave; undefined after a trap.
   */
  around<T>(w: number, part: string, run: () => T): T | undefined {
    try {
      return this.enter(w, part) ? run() : undefined;
    } catch (error) {
      if (error instanceof KinovoxError || !this.caught(w, part, error)) throw error;
      return undefined;
    }
  }
}

/** Thrown for a world that was given up: not a trap, but what containment makes an end of the episode of. */
export class GivenUpError extends Error {}
