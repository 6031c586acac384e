/**
 * What an engine offers whose worlds need not lie in the host's memory: the same rules and the same rows as `Engine`, with everything that touches
 * the worlds behind a promise. `webgpu` is one; `createHostAsyncEngine` makes one of any other.
 * B worlds, A agents, G achievements.
 */
import { ACTION_FIELDS } from '@kinovox/world';
import { type BatchState, hashBatch, hashWorld } from './batch-state.js';
import type { Engine, StepOutputs, WorldSnapshot } from './engine.js';
import type { ObservationBuffers } from './observe/observation.js';
import { createSelectedBuffers, packRows, type Selection, selectGroups } from './observe/selection.js';
import type { ScenarioProgram } from './program.js';
import type { ActionSource } from './sources/action-source.js';

/** What a step brings to the caller beside rewards and ends, which always come. */
export interface ReadSettings {
  /** Groups of the observation vector; default all of them. An empty list brings none. */
  groups?: readonly string[] | undefined;
  /** Crops; default true where the scenario has them. */
  crop?: boolean | undefined;
  /** The last observations of rows that ended; default true. */
  final?: boolean | undefined;
  /** Pictures and lidar; default true. Engines in memory have them in any case. */
  pictures?: boolean | undefined;
  /** Rewards by term; default true. */
  rewardTerms?: boolean | undefined;
  /** Status and progress of every task; default true. */
  tasks?: boolean | undefined;
}

/** What each row plays, `[B]` each; kept on the host. */
export type RowWords = Pick<BatchState, 'episode' | 'variant' | 'rowSeedLow' | 'rowSeedHigh' | 'tick'>;

/** Sums over the episodes being played, of the whole batch: `[B, A]` returns and `[B, G]` achievements reached. */
export interface EpisodeSums {
  returns: Float64Array;
  achieved: Uint8Array;
}

/** An episode that ended in an `advance`. */
export interface EndedEpisode {
  row: number;
  /** Tick of the advance that ended it, from 0. */
  tick: number;
  episode: number;
  variant: number;
  /** WORLD_STATUS */
  status: number;
  ticks: number;
  progressQ14: number;
  hash0: number;
  hash1: number;
  /** `[A]` */
  returns: Float64Array;
  /** `[G]` */
  achieved: Uint8Array;
}

export interface AsyncEngine {
  readonly name: string;
  readonly program: ScenarioProgram;
  readonly numWorlds: number;
  /** Results of the last step; what `ReadSettings` leaves out stays zero. */
  readonly outputs: StepOutputs;
  /** Observations after the last step or reset: the groups asked for, packed. */
  readonly observations: ObservationBuffers;
  readonly rows: RowWords;
  /** N: choices of an action mask. */
  readonly actionMaskSize: number;
  /** Starts episodes, as `Engine.reset`. */
  reset(mask?: Uint8Array, seeds?: readonly number[]): Promise<void>;
  /** One tick with `[B, A, F]` f32 actions. */
  step(actions: Float32Array): Promise<void>;
  /**
   * Ticks in which `source` decides for all agents, where the worlds are: nothing crosses over between them. Rewards and observations are those of the
   * last tick. Needs autoreset.
   * @param sums before, and, once done, after; untouched by an advance that fails.
   * @returns the episodes that ended, by tick, then row.
   */
  advance(source: ActionSource, ticks: number, sums: EpisodeSums): Promise<EndedEpisode[]>;
  /** State of every row as it stands, for those who look at worlds: a view that the next call overwrites. */
  readState(): Promise<BatchState>;
  /** Of each row, as `hashWorld`, and of the batch, as `hashBatch`. */
  hashes(): Promise<string[]>;
  hash(): Promise<string>;
  snapshot(w: number): Promise<WorldSnapshot>;
  /** Of all rows at once. */
  snapshots(): Promise<WorldSnapshot[]>;
  restore(w: number, snapshot: WorldSnapshot): Promise<void>;
  /** Many rows at once, row `rows[k]` to `snapshots[k]`: on a device the price of one. */
  restoreRows(rows: readonly number[], snapshots: readonly WorldSnapshot[]): Promise<void>;
  /** The actions of the last tick, `[B, A, F]`, which sources that hold actions go on with; no part of a snapshot. A copy. */
  heldActions(): Promise<Float32Array>;
  hold(actions: Float32Array): Promise<void>;
  /** As `Engine.actionMasksInto`. */
  actionMasksInto(out: Uint8Array): Promise<void>;
  /** Action values so far that were NaN or infinite. */
  invalidActions(): Promise<number>;
  dispose(): void;
}

/** An engine of the host's memory with the interface of one that is not. It owns the engine: `dispose` frees it. */
export function createHostAsyncEngine(engine: Engine, read: ReadSettings = {}): HostAsyncEngine {
  return new HostAsyncEngine(engine, read);
}

export class HostAsyncEngine implements AsyncEngine {
  readonly observations: ObservationBuffers;
  readonly #engine: Engine;
  /** Of the last tick. */
  readonly #actions: Float32Array;
  /** Undefined where the caller wants everything: then the buffers are the engine's own. */
  readonly #selection: Selection | undefined;

  constructor(engine: Engine, read: ReadSettings) {
    this.#engine = engine;
    this.#actions = new Float32Array(engine.numWorlds * engine.program.numAgents * ACTION_FIELDS);
    const { groups, crop = true, final = true } = read;
    if ((groups === undefined && crop && final) || engine.observations.vector.length === 0) {
      this.observations = engine.observations;
      return;
    }
    this.#selection = selectGroups(engine.program, groups);
    const { pictures, finalPictures } = engine.observations;
    const selected = createSelectedBuffers(engine.program, this.#selection, { numWorlds: engine.numWorlds, crop, final, autoreset: false });
    this.observations = { ...selected, pictures, finalPictures };
    this.#pack(0, engine.numWorlds);
  }

  /** The engine below, whose state is there to be read at any time. */
  get engine(): Engine {
    return this.#engine;
  }

  get name(): string {
    return this.#engine.name;
  }

  get program(): ScenarioProgram {
    return this.#engine.program;
  }

  get numWorlds(): number {
    return this.#engine.numWorlds;
  }

  get outputs(): StepOutputs {
    return this.#engine.outputs;
  }

  get rows(): RowWords {
    return this.#engine.state;
  }

  get actionMaskSize(): number {
    return this.#engine.actionMaskSize;
  }

  async reset(mask?: Uint8Array, seeds?: readonly number[]): Promise<void> {
    this.#engine.reset(mask, seeds);
    this.#pack(0, this.numWorlds);
  }

  async step(actions: Float32Array): Promise<void> {
    this.#engine.decode(actions);
    this.#actions.set(actions);
    await this.tick();
    this.#pack(0, this.numWorlds);
  }

  /** One tick with the actions decoded. */
  protected async tick(): Promise<void> {
    this.#engine.step();
  }

  async advance(source: ActionSource, ticks: number, sums: EpisodeSums): Promise<EndedEpisode[]> {
    const { program, state, numWorlds, outputs } = this.#engine;
    const { numAgents } = program;
    const numAchievements = program.monitor.achievements.length;
    const actions = this.#actions;
    const playing = { episode: state.episode.slice(), variant: state.variant.slice() };
    const ended: EndedEpisode[] = [];
    for (let tick = 0; tick < ticks; tick++) {
      source.fill(this.#engine, actions);
      this.#engine.decode(actions);
      await this.tick();
      for (let i = 0; i < sums.returns.length; i++) sums.returns[i] += outputs.rewards[i];
      for (let k = 0; k < sums.achieved.length; k++) sums.achieved[k] |= outputs.achieved[k];
      for (let row = 0; row < numWorlds; row++) {
        if (outputs.ended[row] === 0) continue;
        const returns = sums.returns.subarray(row * numAgents, (row + 1) * numAgents);
        const achieved = sums.achieved.subarray(row * numAchievements, (row + 1) * numAchievements);
        ended.push({
          row,
          tick,
          episode: playing.episode[row],
          variant: playing.variant[row],
          status: outputs.endStatus[row],
          ticks: outputs.endTicks[row],
          progressQ14: outputs.endProgress[row],
          hash0: outputs.endHash[2 * row],
          hash1: outputs.endHash[2 * row + 1],
          returns: returns.slice(),
          achieved: achieved.slice(),
        });
        returns.fill(0);
        achieved.fill(0);
        playing.episode[row] = state.episode[row];
        playing.variant[row] = state.variant[row];
      }
    }
    this.#pack(0, numWorlds);
    return ended;
  }

  async readState(): Promise<BatchState> {
    return this.#engine.state;
  }

  async hashes(): Promise<string[]> {
    return Array.from({ length: this.numWorlds }, (_, w) => hashWorld(this.#engine.state, w));
  }

  async hash(): Promise<string> {
    return hashBatch(this.#engine.state);
  }

  async snapshot(w: number): Promise<WorldSnapshot> {
    return this.#engine.snapshot(w);
  }

  async snapshots(): Promise<WorldSnapshot[]> {
    return Array.from({ length: this.numWorlds }, (_, w) => this.#engine.snapshot(w));
  }

  async restore(w: number, snapshot: WorldSnapshot): Promise<void> {
    this.#engine.restore(w, snapshot);
    this.#pack(w, w + 1);
  }

  async restoreRows(rows: readonly number[], snapshots: readonly WorldSnapshot[]): Promise<void> {
    for (const [k, w] of rows.entries()) await this.restore(w, snapshots[k]);
  }

  async heldActions(): Promise<Float32Array> {
    return this.#actions.slice();
  }

  async hold(actions: Float32Array): Promise<void> {
    this.#actions.set(actions);
  }

  async actionMasksInto(out: Uint8Array): Promise<void> {
    this.#engine.actionMasksInto(out);
  }

  async invalidActions(): Promise<number> {
    return this.#engine.invalidActions;
  }

  dispose(): void {
    this.#engine.dispose();
  }

  #pack(w0: number, w1: number): void {
    if (this.#selection === undefined) return;
    const { numAgents } = this.program;
    const { vector, finalVector, crop, finalCrop } = this.#engine.observations;
    const [from, to] = [w0 * numAgents, w1 * numAgents];
    packRows(this.#selection, vector, this.observations.vector, from, to);
    if (this.observations.finalVector.length > 0) packRows(this.#selection, finalVector, this.observations.finalVector, from, to);
    if (this.observations.crop.length > 0) this.observations.crop.set(crop);
    if (this.observations.finalCrop.length > 0) this.observations.finalCrop.set(finalCrop);
  }
}
