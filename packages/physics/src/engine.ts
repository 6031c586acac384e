/**
 * What every engine offers: B worlds of one scenario stepped together. Rows are independent: row r depends only on its own seed and actions.
 */
import type { BatchState, TickBuffers } from './batch-state.js';
import type { ObservationBuffers } from './observe/observation.js';
import type { ScenarioProgram, VariantSource } from './program.js';

export interface EngineOptions {
  program: ScenarioProgram;
  variants: VariantSource;
  numWorlds: number;
  /** Row r plays seed + r. Integer in [0, 2^53 - numWorlds). */
  seed: number;
  /** Reset ended worlds inside the step that ends them (default true). */
  autoreset?: boolean;
  /** Compute observations each step (default true). */
  observe?: boolean;
  /** Where all rows go on from, in place of the first tick of their seeds: a snapshot of any row of the same scenario and split. Not on a GPU. */
  from?: WorldSnapshot;
}

/** Results of a step. All are views that the next step overwrites. */
export interface StepOutputs {
  /** `[B, A]` sum of the reward terms. */
  rewards: Float32Array;
  /** `[B, A, W]` by term, in the order of `program.rewards`. */
  rewardTerms: Float32Array;
  /** `[B, A]` 1 = the agent's task ended in this step (success, failure or death). */
  terminated: Uint8Array;
  /** `[B, A]` 1 = the time limit ended it in this step. */
  truncated: Uint8Array;
  /** `[B]` 1 = the world's episode ended in this step (and, with autoreset, the state is already the next episode's). */
  ended: Uint8Array;
  /** `[B]` WORLD_STATUS of the episode that ended in this step, 0 elsewhere. */
  endStatus: Uint8Array;
  /** `[B]` ticks of the episode that ended in this step. */
  endTicks: Int32Array;
  /** `[B]` progress of the first task at the end, Q14. */
  endProgress: Int32Array;
  /** `[B, 2]` hash lanes of the final state of rows that ended in this step. */
  endHash: Uint32Array;
  /** `[B, numRoots]` NODE_STATUS and Q14 progress of each root after this tick, before any reset. */
  rootStatus: Int32Array;
  rootProgress: Int32Array;
  /** `[B, G]` 1 = the achievement is satisfied after this tick, before any reset; what was reached earlier in the episode is not in it. */
  achieved: Uint8Array;
  /** `[B, A, 2]` tenths of a metre to the agent's goal at the start and at the end of the tick, before any reset; 0 for those who did not act. Empty without shaping. */
  wayLeft: Int32Array;
}

export interface WorldSnapshot {
  /** Words of every field of the world, in layout order. */
  words: Int32Array;
  voxels: Uint8Array;
  variant: number;
  /** Opaque state of rigid bodies; empty on the batch tier. */
  rigid?: Uint8Array;
}

/** What a step shows of the rows afterwards: ticks that nobody looks at need not be observed, and pictures cost the most. */
export const SHOW = { everything: 0, vectors: 1, nothing: 2 } as const;
export type Show = (typeof SHOW)[keyof typeof SHOW];

/** A world whose tick failed: its episode was cut short, its row went on with the next one, and no other row was touched. */
export interface Crash {
  row: number;
  message: string;
}

/** A thread of the rigid tier that was replaced. Its worlds were played again from their last checkpoints, to the same words: nobody has to do anything. */
export interface WorkerRestart {
  /** Worlds [firstRow, endRow) of the thread. */
  firstRow: number;
  endRow: number;
  /** The world in which it happened; -1 where that is not known. */
  row: number;
  reason: string;
}

export interface Engine {
  readonly name: string;
  readonly program: ScenarioProgram;
  readonly numWorlds: number;
  readonly state: BatchState;
  readonly buffers: TickBuffers;
  readonly outputs: StepOutputs;
  readonly observations: ObservationBuffers;
  /** Actions that were NaN or infinite so far; each became its neutral value. */
  readonly invalidActions: number;
  /** Starts new episodes: rows where `mask[r]` is 1, or all. `seeds` gives each such row a new seed; otherwise the row goes on to its next episode. */
  reset(mask?: Uint8Array, seeds?: readonly number[]): void;
  /** Decodes `[B, A, F]` f32 actions (F = ACTION_FIELDS) into `buffers.actionWords`. */
  decode(actions: Float32Array): void;
  /**
   * One tick with the words in `buffers.actionWords`.
   * @param show what observations hold afterwards, default everything; what is left out keeps older values. Rows that end show their last moment whatever it says.
   */
  step(show?: Show): void;
  /**
   * `[B]` set an entry to 1 to leave the row as it is in the steps to come: no tick passes in it, and of its outputs only `ended` and `endStatus` are
   * set, to 0. Absent on engines that move all rows at once.
   */
  readonly held: Uint8Array | undefined;
  snapshot(w: number): WorldSnapshot;
  restore(w: number, snapshot: WorldSnapshot): void;
  /**
   * What agent a of world w can begin now, 1 per choice: the choices of `interact`, then those of `argument` from 0 to the last recipe. A copy.
   * An aim may still miss, and a contest may be lost.
   */
  actionMask(w: number, a: number): Uint8Array;
  /** Has the episode of world w cut short in the next step, as that of a world whose tick failed: for those who decide for its agents, and fail. */
  cutShort(w: number, error: unknown): void;
  /** What crashed since this was last asked: of more than 1,024 (in the slice of each thread, and in all), the latest. */
  takeCrashes(): readonly Crash[];
  /** Threads that were replaced since this was last asked; absent on engines that cannot. */
  takeRestarts?(): readonly WorkerRestart[];
  /** N: choices of a mask. */
  readonly actionMaskSize: number;
  /** The masks of all agents into `out`, `[B, A, N]`, without allocation. @throws ShapeError for an array of another length. */
  actionMasksInto(out: Uint8Array): void;
  dispose(): void;
}
