/** Options, results and snapshots of `BatchEnv`, and the checks of its options. */
import type { Drawn, ObservationBuffers, SetupProgress, WorldSnapshot } from '@kinovox/physics';
import { didYouMean, type ParameterValues, ShapeError, SPLITS, type Split, UsageError } from '@kinovox/world';
import type { ActionProfile } from './actions/profile.js';
import type { BatchEnv } from './batch-env.js';
import type { CompileOptions } from './compile-scenario.js';
import type { EngineName, EngineSettings } from './engine-choice.js';
import type { ImageObservations } from './image-observation.js';
import type { ScenarioSource } from './scenario-source.js';

/** Gymnasium's three modes: an ended row is reset in the step that ends it, in the step after it, or by the caller. */
export const AUTORESET_MODES = ['same-step', 'next-step', 'disabled'] as const;
export type AutoresetMode = (typeof AUTORESET_MODES)[number];

export interface BatchEnvOptions extends Omit<CompileOptions, 'withoutProps'> {
  scenario: ScenarioSource;
  /** B, 1..65536; default 1. */
  numWorlds?: number | undefined;
  /** Row r plays seed + r: an integer in [0, 2^53 - numWorlds); default 0. */
  seed?: number | undefined;
  /** Default `train`. */
  split?: Split | undefined;
  /** Default `auto`: rigid where there are props, otherwise cpu. */
  engine?: EngineName | undefined;
  /**
   * Threads, 1..256; no more than worlds are used. Of the engine `workers`, the caller's included; default: as many as the machine runs at once. Of `rigid`,
   * beside the caller's, which waits; default: none, the caller's steps. A rigid world outlives the thread that steps it.
   */
  threads?: number | undefined;
  /** Default `same-step`. */
  autoreset?: AutoresetMode | undefined;
  /** Whether observations are computed; default true. */
  observe?: boolean | undefined;
  /** How actions are given; default: what the scenario says. */
  actionProfile?: ActionProfile | undefined;
  /**
   * Ticks for which a step holds its actions, 1..256; default 1. Rewards are summed, observations and pictures are taken after the last tick; a row whose
   * episode ends is left alone until the next step.
   */
  repeat?: number | undefined;
  /** Told what a batch is busy with while it is made: levels that are built. Of no concern to `createBatchEnvSync`, which is done before anybody hears of it. */
  onProgress?: SetupProgress | undefined;
}

export interface ResetOptions {
  /** Row r (or group g) begins anew from seed + r; without, rows go on to their next episode. */
  seed?: number | undefined;
  /** A seed per row, in place of `seed`. */
  seeds?: readonly number[] | undefined;
  /** `[B]` 1 = reset this row; absent: all. */
  mask?: Uint8Array | undefined;
  /** Members per group: rows g * groupSize ... get the same seed, variant and first state. Must divide B. */
  groupSize?: number | undefined;
  /** Id of the first group, added to its seed; default 0. Only with `groupSize`. */
  groupId?: number | undefined;
}

/**
 * Results of a step. The same object each time; its arrays are views. B worlds, A agents, W reward terms, D observation components.
 * With `repeat` they are of all its ticks: rewards summed, ends noted, the way before the first and after the last.
 */
export interface StepResult {
  /** Pictures and lidar, where the scenario has them and `observe` is not false; rows as in `observations`. */
  images: ImageObservations | undefined;
  /** The last ones of the episode, for rows with `ended`; undefined unless autoreset is same-step, where `images` moves on in the same step. */
  finalImages: ImageObservations | undefined;
  /** `vector` is `[B, A, D]`; with same-step autoreset, ended rows hold the first observation of the next episode. */
  observations: ObservationBuffers;
  /** `[B, A, D]` last observation of the episode, for rows with `ended`. */
  finalObservations: Float32Array;
  /** `[B, A]` */
  rewards: Float32Array;
  /** `[B, A, W]` */
  rewardTerms: Float32Array;
  /**
   * `[B, A, 2]` with `shaping`: tenths of a metre to the first place that the agent's task sends it to, at the start and at the end of this tick, before
   * any reset; 0, 0 for those who did not act. `shapingOf` makes potential-based shaping of it. Never part of `rewards`.
   */
  wayLeft?: Int32Array | undefined;
  /** `[B, A]` the agent's task ended (success, failure, death). */
  terminated: Uint8Array;
  /** `[B, A]` the time limit ended it. */
  truncated: Uint8Array;
  /** `[B]` the episode of the row ended in this step. */
  ended: Uint8Array;
  /** `[B]` WORLD_STATUS of the episode that ended. */
  endStatus: Uint8Array;
}

/** Sees what happens in one row: recorders and viewers. */
export interface RowObserver {
  /** An episode began; state holds its first tick. */
  onEpisode(env: BatchEnv, row: number): void;
  /** A tick passed. With `ended` and same-step autoreset the state is already the next episode's: use `engine.outputs.endHash`. */
  onTick(env: BatchEnv, row: number, ended: boolean): void;
}

/** What an episode drew by its seed. */
export interface EpisodeDraws {
  /** Of the scenario's `parameters`, by the level that the seed names. */
  parameters: ParameterValues;
  /** Of its `randomisation`; absent where it has none. */
  randomisation?: Drawn;
}

/** A row at a moment: everything that its future depends on. */
export interface RowSnapshot {
  world: WorldSnapshot;
  /** Sums of rewards so far, per agent. */
  returns: Float64Array;
  /** `[G]` 1 = the achievement was reached in this episode. */
  achieved: Uint8Array;
  /** `[D, A, F]` actions under way, the latest first; absent where none can be late. */
  pending?: Float32Array | undefined;
  /** Whether the row waits for a reset. */
  waiting: boolean;
  /** Where it was taken: it can be restored there only. */
  scenarioHash: string;
  split: Split;
}

const MAX_WORLDS = 65536;
const MAX_THREADS = 256;
const MAX_REPEAT = 256;
const OPTION_NAMES = [
  'scenario',
  'numWorlds',
  'seed',
  'split',
  'engine',
  'threads',
  'autoreset',
  'observe',
  'actionProfile',
  'repeat',
  'readFile',
  'maxPoolBytes',
  'observation',
  'shaping',
  'idleProps',
  'farProps',
  'onProgress',
] as const satisfies readonly (keyof BatchEnvOptions)[];

/** Options with their defaults filled, beside the scenario. */
export interface BatchSettings {
  numWorlds: number;
  seed: number;
  split: Split;
  engine: EngineName;
  threads: number | undefined;
  autoreset: AutoresetMode;
  observe: boolean;
  actionProfile: ActionProfile | undefined;
  repeat: number;
}

/** @throws ShapeError or UsageError naming the option that cannot be used. */
export function settingsOf(options: BatchEnvOptions): BatchSettings {
  for (const name of Object.keys(options))
    if (!(OPTION_NAMES as readonly string[]).includes(name))
      throw new UsageError(
        'unknown-option',
        `An option of an environment must be one of ${OPTION_NAMES.join(', ')}; got "${name}".${didYouMean(name, OPTION_NAMES)}`,
      );
  const {
    numWorlds = 1,
    seed = 0,
    split = 'train',
    engine = 'auto',
    threads,
    autoreset = 'same-step',
    observe = true,
    repeat = 1,
  } = options;
  if (!Number.isInteger(numWorlds) || numWorlds < 1 || numWorlds > MAX_WORLDS) {
    throw new ShapeError('num-worlds', `numWorlds must be an integer in 1..${MAX_WORLDS}; got ${numWorlds}. Use several batches for more.`);
  }
  if (!SPLITS.includes(split))
    throw new UsageError('split', `split must be one of ${SPLITS.join(', ')}; got "${split}".${didYouMean(split, SPLITS)}`);
  if (!AUTORESET_MODES.includes(autoreset))
    throw new UsageError(
      'autoreset',
      `autoreset must be one of ${AUTORESET_MODES.join(', ')}; got "${autoreset}".${didYouMean(autoreset, AUTORESET_MODES)}`,
    );
  if (threads !== undefined && engine !== 'workers' && engine !== 'rigid')
    throw new UsageError(
      'threads-without-workers',
      `threads must come with the engine "workers" or "rigid"; got ${threads} with "${engine}". Set engine to one of them, or leave threads out.`,
    );
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS))
    throw new ShapeError('threads', `threads must be an integer in 1..${MAX_THREADS}; got ${threads}. Leave it out for the default.`);
  if (!Number.isInteger(repeat) || repeat < 1 || repeat > MAX_REPEAT)
    throw new ShapeError(
      'repeat',
      `repeat must be an integer in 1..${MAX_REPEAT}, ticks for which a step holds its actions; got ${repeat}.`,
    );
  assertSeed(seed);
  assertSeed(seed + numWorlds - 1);
  return { numWorlds, seed, split, engine, threads, autoreset, observe, actionProfile: options.actionProfile, repeat };
}

/** What the engine needs of the settings. */
export function engineSettings({ numWorlds, seed, split, threads, autoreset, observe }: BatchSettings): EngineSettings {
  return { numWorlds, seed, split, threads, autoreset: autoreset === 'same-step', observe };
}

/** @throws ShapeError unless the seed is a safe integer from 0. */
export function assertSeed(seed: number): void {
  if (Number.isSafeInteger(seed) && seed >= 0) return;
  throw new ShapeError(
    'seed',
    `A seed must be an integer in [0, 2^53 - numWorlds); got ${seed}. Round it, or leave it out to play seed 0.`,
  );
}
