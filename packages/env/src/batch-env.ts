/**
 * BatchEnv: B worlds of one scenario with A agents each, stepped together; typed arrays in and out.
 * Rows are independent: row r plays seed + r and depends on nothing but its own seed and actions.
 * What is returned are views that the next step or reset overwrites; copy what you keep.
 */
import { type Engine, hashBatch, hashWorld, type ObservationBuffers } from '@kinovox/physics';
import { ACTION_WORD, ACTION_WORDS, formatHash, ResetNeededError, ShapeError, type Split, UsageError } from '@kinovox/world';
import { type ActionCodec, type ActionProfile, createActionCodec } from './actions/profile.js';
import {
  type AutoresetMode,
  assertSeed,
  type BatchEnvOptions,
  type BatchSettings,
  engineSettings,
  type ResetOptions,
  type RowObserver,
  type RowSnapshot,
  type StepResult,
  settingsOf,
} from './batch-options.js';
import type { CompiledScenario } from './compile-scenario.js';
import { createEngine, createEngineSync } from './engine-choice.js';
import { type EpisodeRecord, EpisodeStatistics, OUTCOMES } from './episode-statistics.js';
import { type ImageObservations, imagesOf, type PictureViews, viewPictures } from './image-observation.js';
import { type MessageWords, mapMessage, TextLog } from './message-text.js';
import type { ReplacedLevel } from './playable-levels.js';
import { loadScenario } from './scenario-source.js';
import { createSpaces, type Spaces } from './spaces.js';

/** @throws UsageError, ShapeError or ScenarioError naming the option that cannot be used. */
export async function createBatchEnv(options: BatchEnvOptions): Promise<BatchEnv> {
  const compiled = loadScenario(options.scenario, options);
  const settings = settingsOf(options);
  return new BatchEnv(compiled, await createEngine(settings.engine, compiled, engineSettings(settings)), settings);
}

/** `createBatchEnv` for engines that need no loading (cpu, workers). */
export function createBatchEnvSync(options: BatchEnvOptions): BatchEnv {
  const compiled = loadScenario(options.scenario, options);
  const settings = settingsOf(options);
  return new BatchEnv(compiled, createEngineSync(settings.engine, compiled, engineSettings(settings)), settings);
}

export class BatchEnv {
  readonly compiled: CompiledScenario;
  /** The engine below: state, buffers and outputs of the last step, for watchers. Do not step it. */
  readonly engine: Engine;
  readonly numWorlds: number;
  readonly numAgents: number;
  readonly agentIds: readonly string[];
  readonly split: Split;
  readonly autoreset: AutoresetMode;
  readonly actionProfile: ActionProfile;
  /** Turns actions of the profile into native rows. */
  readonly codec: ActionCodec;
  readonly spaces: Spaces;
  /** Ended episodes since the environment was made. */
  readonly episodes: EpisodeStatistics;
  /** Called for every ended episode, in row order. */
  onEpisodeEnd: ((record: EpisodeRecord) => void) | undefined;
  /** Free text of messages, by the hash that actions carry. */
  readonly texts: TextLog;
  /** `[B]` group of each row since it was last reset with a seed or group; -1 without a group. */
  readonly groupIds: Int32Array;
  readonly #settings: BatchSettings;
  readonly #result: StepResult;
  /** `[B, A]` */
  readonly #returns: Float64Array;
  /** `[B, G]` 1 = reached in the episode being played. */
  readonly #achieved: Uint8Array;
  /** `[B]` variant and number of the episode being played; kept here, since state moves on in the step that ends one. */
  readonly #variant: Int32Array;
  readonly #episode: Int32Array;
  /** `[B]` 1 = ended and not yet reset. */
  readonly #waiting: Uint8Array;
  #numWaiting = 0;
  readonly #messages = new Map<number, MessageWords>();
  readonly #observers = new Map<number, Set<RowObserver>>();
  #started = false;
  #closed = false;

  /** Use `createBatchEnv`. @param texts of the environment that this one goes on from. */
  constructor(compiled: CompiledScenario, engine: Engine, settings: BatchSettings, texts = new TextLog()) {
    const { program } = compiled;
    const { numWorlds } = settings;
    this.compiled = compiled;
    this.engine = engine;
    this.numWorlds = numWorlds;
    this.numAgents = program.numAgents;
    this.agentIds = program.agentIds;
    this.split = settings.split;
    this.autoreset = settings.autoreset;
    this.codec = createActionCodec(settings.actionProfile ?? compiled.scenario.actions.profile, engine);
    this.actionProfile = this.codec.profile;
    this.spaces = createSpaces(this.codec, program.observation);
    this.texts = texts;
    this.groupIds = new Int32Array(numWorlds).fill(-1);
    this.#settings = settings;
    this.episodes = new EpisodeStatistics(program.achievementNames);
    this.#returns = new Float64Array(numWorlds * program.numAgents);
    this.#achieved = new Uint8Array(numWorlds * program.achievementNames.length);
    this.#variant = new Int32Array(numWorlds);
    this.#episode = new Int32Array(numWorlds);
    this.#waiting = new Uint8Array(numWorlds);
    const { rewards, rewardTerms, terminated, truncated, ended, endStatus } = engine.outputs;
    const { observations } = engine;
    this.#result = {
      images: settings.observe ? imagesOf(engine, observations.pictures) : undefined,
      finalImages: settings.observe && settings.autoreset === 'same-step' ? imagesOf(engine, observations.finalPictures) : undefined,
      observations,
      finalObservations: observations.finalVector,
      rewards,
      rewardTerms,
      terminated,
      truncated,
      ended,
      endStatus,
    };
  }

  get observations(): ObservationBuffers {
    return this.engine.observations;
  }

  /** Pictures and lidar of all agents, where the scenario has them and `observe` is not false. */
  get images(): ImageObservations | undefined {
    return this.#result.images;
  }

  /** Views of the pictures of agent `index` (row * A + slot); none without any. */
  pictureViews(index: number): PictureViews {
    const { images } = this.#result;
    return images === undefined ? {} : viewPictures(this.compiled.program, images, index);
  }

  get engineName(): string {
    return this.engine.name;
  }

  /** Seed given at creation. */
  get seed(): number {
    return this.#settings.seed;
  }

  /** Action values so far that were NaN, infinite or no choice; each acted as idle. */
  get invalidActions(): number {
    return this.engine.invalidActions + this.codec.numInvalid;
  }

  /** Variants met so far whose level could not be built and that play another one. */
  get replacedLevels(): readonly ReplacedLevel[] {
    return this.compiled.playableLevels(this.split).replaced;
  }

  /** Whether `close` was called. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether rows hold episodes: after the first reset or restore. */
  get started(): boolean {
    return this.#started;
  }

  /**
   * What each agent can begin now: `[B, A, N]` bytes, 1 per choice of `interact`, then per choice of `argument` from 0 on; N is `engine.actionMaskSize`.
   * An aim may still miss, and a contest may be lost. Of use to both profiles: discrete choices follow from those of `interact`.
   * @param out filled and returned; a new array when left out. @throws ShapeError for another length.
   */
  actionMasks(out = new Uint8Array(this.numWorlds * this.numAgents * this.engine.actionMaskSize)): Uint8Array {
    this.#assertStarted();
    this.engine.actionMasksInto(out);
    return out;
  }

  /** Sum of rewards of an agent since its episode began. */
  returnOf(row: number, slot: number): number {
    this.#assertRow(row);
    this.#assertSlot(slot);
    return this.#returns[row * this.numAgents + slot];
  }

  /** Names of the achievements that a row has reached in its episode: those that were satisfied at any tick of it. */
  achievedOf(row: number): string[] {
    this.#assertRow(row);
    const names = this.episodes.achievements;
    return names.filter((_, g) => this.#achieved[row * names.length + g] === 1);
  }

  /** Numbers expected by `step`: B * A * `codec.width`. */
  get actionLength(): number {
    return this.numWorlds * this.numAgents * this.codec.width;
  }

  /**
   * Starts episodes. The first reset plays the seed given at creation; later ones go on to each row's next episode unless a seed is given.
   * @throws ShapeError for a mask, seeds or groups of the wrong size.
   */
  reset(options: ResetOptions = {}): ObservationBuffers {
    this.#assertOpen();
    const { mask } = options;
    if (mask !== undefined) {
      this.#assertLength('A reset mask', mask.length, this.numWorlds, 'numWorlds');
      const odd = mask.findIndex((value) => value > 1);
      if (odd >= 0)
        throw new ShapeError('mask-value', `A reset mask must hold 0 or 1; got ${mask[odd]} at row ${odd}. Give 1 for the rows to reset.`);
      if (!mask.includes(1))
        throw new ShapeError(
          'empty-mask',
          `A reset mask must select a row; got ${this.numWorlds} zeros. Leave the mask out to reset all rows.`,
        );
      if (!this.#started && mask.includes(0))
        throw new ResetNeededError('reset-needed', 'The first reset must be of all rows; got a mask. Call reset() without a mask first.');
    }
    const seeds = this.#seedsOf(options);
    // A new engine already stands at the first tick of the seeds given at creation.
    const standing = !this.#started && seeds !== undefined && seeds.every((seed, row) => seed === this.#settings.seed + row);
    if (!standing) this.engine.reset(mask, seeds);
    this.#started = true;
    for (let row = 0; row < this.numWorlds; row++) if (mask === undefined || mask[row] === 1) this.#beginEpisode(row);
    return this.engine.observations;
  }

  /** `stepSync` for engines whose step is asynchronous. */
  async step(actions: Float32Array): Promise<StepResult> {
    return this.stepSync(actions);
  }

  /**
   * Advances every world by one tick.
   * @param actions `[B, A, codec.width]`: a row of `spaces.actionRow` per agent; `[B, A]` choices in the discrete profile. Borrowed until return.
   * @throws ShapeError for another length; ResetNeededError before the first reset, or with autoreset `disabled` while a row has ended.
   */
  stepSync(actions: Float32Array): StepResult {
    this.#assertOpen();
    this.#assertLength(
      'Actions',
      actions.length,
      this.actionLength,
      this.codec.width === 1 ? 'numWorlds * numAgents' : `numWorlds * numAgents * ${this.codec.width}`,
    );
    if (!this.#started) throw new ResetNeededError('reset-needed', 'An environment must be reset before its first step. Call reset().');
    if (this.autoreset === 'disabled' && this.#numWaiting > 0) {
      const row = this.#waiting.indexOf(1);
      throw new ResetNeededError(
        'reset-needed',
        `Ended rows must be reset before the next step; got ${this.#numWaiting} of them, first row ${row}. Call reset({ mask }).`,
      );
    }
    this.engine.decode(this.codec.expand(actions));
    if (this.#messages.size > 0) this.#writeMessages();
    this.engine.step();
    if (this.#numWaiting > 0) this.#resetWaiting();
    this.#account();
    return this.#result;
  }

  /**
   * Gives an agent words to say in the next step; they become a symbol of the scenario (see `mapMessage`).
   * @returns the symbol, counted from 1; 0 when the text holds none and nothing will be said.
   */
  say(row: number, slot: number, text: string): number {
    this.#assertRow(row);
    this.#assertSlot(slot);
    const { symbols, maxLength } = this.compiled.scenario.messages;
    const words = mapMessage(text, symbols, maxLength, this.texts);
    if (words.symbol > 0) this.#messages.set(row * this.numAgents + slot, words);
    return words.symbol;
  }

  /** Lets an observer see a row; returns a function that ends it. */
  observeRow(row: number, observer: RowObserver): () => void {
    this.#assertRow(row);
    const observers = this.#observers.get(row) ?? new Set();
    this.#observers.set(row, observers.add(observer));
    return () => {
      observers.delete(observer);
      if (observers.size === 0) this.#observers.delete(row);
    };
  }

  /** State hash of every row, 16 hexadecimal digits each. */
  rowHashes(): string[] {
    return Array.from({ length: this.numWorlds }, (_, row) => hashWorld(this.engine.state, row));
  }

  /** State hash of the batch. */
  stateHash(): string {
    return hashBatch(this.engine.state);
  }

  /** What row r plays: its seed, episode, variant and tick. */
  rowInfo(row: number): { rowSeed: number; episode: number; variant: number; tick: number; waiting: boolean } {
    this.#assertRow(row);
    const { state } = this.engine;
    return {
      rowSeed: this.#rowSeed(row),
      episode: this.#episode[row],
      variant: this.#variant[row],
      tick: state.tick[row],
      waiting: this.#waiting[row] === 1,
    };
  }

  /** Everything that the future of a row depends on; words given to `say` and not said yet are not in it. */
  snapshot(row: number): RowSnapshot {
    this.#assertStarted();
    this.#assertRow(row);
    const first = row * this.numAgents;
    return {
      world: this.engine.snapshot(row),
      returns: this.#returns.slice(first, first + this.numAgents),
      achieved: this.#achievedBy(row).slice(),
      waiting: this.#waiting[row] === 1,
      scenarioHash: this.compiled.program.scenarioHash,
      split: this.split,
    };
  }

  /**
   * Puts a row back to a snapshot of any row of the same scenario and split; its future is then that of the snapshot.
   * @throws ShapeError for a snapshot of another scenario or split; the row is left as it was.
   */
  restore(row: number, snapshot: RowSnapshot): void {
    this.#assertOpen();
    this.#assertRow(row);
    const { scenarioHash } = this.compiled.program;
    if (snapshot.scenarioHash !== scenarioHash || snapshot.split !== this.split)
      throw new ShapeError(
        'snapshot-scenario',
        `A snapshot must be of the scenario ${scenarioHash} and the split ${this.split}; got ${snapshot.scenarioHash} and ${snapshot.split}. Restore it in an environment like the one it was taken in.`,
      );
    this.#assertLength("A snapshot's returns", snapshot.returns.length, this.numAgents, 'numAgents');
    this.engine.restore(row, snapshot.world);
    this.#dropMessages(row);
    this.#started = true;
    this.#returns.set(snapshot.returns, row * this.numAgents);
    this.#achievedBy(row).set(snapshot.achieved);
    this.#setWaiting(row, snapshot.waiting);
    this.#variant[row] = this.engine.state.variant[row];
    this.#episode[row] = this.engine.state.episode[row];
    for (const observer of this.#observers.get(row) ?? []) observer.onEpisode(this, row);
  }

  /** A new environment whose `numWorlds` rows (default 1) continue from this row; this one is not touched. Autoreset as here unless given. */
  async fork(row: number, options: { numWorlds?: number; autoreset?: AutoresetMode; observe?: boolean } = {}): Promise<BatchEnv> {
    const settings = this.#forkSettings(row, options);
    return this.#filled(
      row,
      new BatchEnv(
        this.compiled,
        await createEngine(settings.engine, this.compiled, engineSettings(settings)),
        settings,
        this.texts.copy(),
      ),
    );
  }

  /** `fork` for engines that need no loading. */
  forkSync(row: number, options: { numWorlds?: number; autoreset?: AutoresetMode; observe?: boolean } = {}): BatchEnv {
    const settings = this.#forkSettings(row, options);
    return this.#filled(
      row,
      new BatchEnv(this.compiled, createEngineSync(settings.engine, this.compiled, engineSettings(settings)), settings, this.texts.copy()),
    );
  }

  /** Frees the engine; later calls throw. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.engine.dispose();
  }

  #forkSettings(row: number, options: { numWorlds?: number; autoreset?: AutoresetMode; observe?: boolean }): BatchSettings {
    this.#assertStarted();
    this.#assertRow(row);
    const { numWorlds = 1, autoreset = this.autoreset, observe = this.#settings.observe } = options;
    return settingsOf({
      scenario: this.compiled,
      numWorlds,
      autoreset,
      observe,
      seed: 0,
      split: this.split,
      engine: this.#settings.engine,
      threads: this.#settings.threads,
    });
  }

  #filled(row: number, fork: BatchEnv): BatchEnv {
    const snapshot = this.snapshot(row);
    // The engine fills derived arrays at a reset; then every row takes the snapshot.
    fork.reset();
    for (let k = 0; k < fork.numWorlds; k++) fork.restore(k, snapshot);
    return fork;
  }

  #seedsOf({ seed, seeds, mask, groupSize, groupId }: ResetOptions): number[] | undefined {
    const { numWorlds } = this;
    if (seeds !== undefined) this.#assertLength('Seeds', seeds.length, numWorlds, 'numWorlds');
    if (groupSize !== undefined && (!Number.isInteger(groupSize) || groupSize < 1 || numWorlds % groupSize !== 0)) {
      throw new ShapeError('group-size', `groupSize must divide numWorlds = ${numWorlds}; got ${groupSize}. Use a divisor.`);
    }
    if (groupSize !== undefined && seeds !== undefined)
      throw new ShapeError('group-seeds', 'Rows of a group share a seed; got seeds as well as groupSize. Give seed instead.');
    if (groupId !== undefined && (!Number.isInteger(groupId) || groupId < 0))
      throw new ShapeError('group-id', `groupId must be an integer from 0; got ${groupId}. It is added to the seed of the first group.`);
    if (groupId !== undefined && groupSize === undefined)
      throw new ShapeError('group-id', `groupId must come with groupSize; got ${groupId} alone. Give the members per group as groupSize.`);
    const fresh = !this.#started || seed !== undefined || groupSize !== undefined;
    if (seeds === undefined && !fresh) return undefined;
    const first = seed ?? this.#settings.seed;
    assertSeed(first);
    const groups = Array.from({ length: numWorlds }, (_, row) =>
      groupSize === undefined ? -1 : (groupId ?? 0) + Math.floor(row / groupSize),
    );
    const list = groups.map((group, row) => (seeds !== undefined ? seeds[row] : first + (group < 0 ? row : group)));
    for (const value of list) assertSeed(value);
    groups.forEach((group, row) => {
      if (mask === undefined || mask[row] === 1) this.groupIds[row] = group;
    });
    return list;
  }

  #writeMessages(): void {
    const words = this.engine.buffers.actionWords;
    for (const [agent, message] of this.#messages) {
      const at = agent * ACTION_WORDS;
      words[at + ACTION_WORD.message] = message.symbol;
      words[at + ACTION_WORD.textLength] = message.textLength;
      words[at + ACTION_WORD.textHash] = message.textHash;
    }
    this.#messages.clear();
  }

  /** Next-step autoreset: rows that ended in the step before ignore their action and show their next episode's first observation. */
  #resetWaiting(): void {
    const { outputs } = this.engine;
    const { numAgents } = this;
    const numTerms = this.engine.program.rewards.length;
    const mask = this.#waiting.slice();
    this.engine.reset(mask);
    for (let row = 0; row < this.numWorlds; row++) {
      if (mask[row] === 0) continue;
      const first = row * numAgents;
      outputs.rewards.fill(0, first, first + numAgents);
      outputs.rewardTerms.fill(0, first * numTerms, (first + numAgents) * numTerms);
      outputs.terminated.fill(0, first, first + numAgents);
      outputs.truncated.fill(0, first, first + numAgents);
      outputs.ended[row] = 0;
      outputs.endStatus[row] = 0;
      this.#beginEpisode(row);
      // Marks the row for #account: no tick passed in it.
      this.#waiting[row] = 2;
    }
  }

  /** After a tick: returns, ended episodes, observers. */
  #account(): void {
    const { rewards, ended } = this.engine.outputs;
    const returns = this.#returns;
    for (let i = 0; i < returns.length; i++) returns[i] += rewards[i];
    for (let row = 0; row < this.numWorlds; row++) {
      if (this.#waiting[row] === 2) {
        this.#waiting[row] = 0;
        continue;
      }
      if (this.#achieved.length > 0) this.#noteAchieved(row);
      const end = ended[row] === 1;
      if (this.#observers.size > 0) for (const observer of this.#observers.get(row) ?? []) observer.onTick(this, row, end);
      if (end) this.#endEpisode(row);
    }
  }

  #endEpisode(row: number): void {
    const { endStatus, endTicks, endProgress, endHash } = this.engine.outputs;
    let sum = 0;
    for (let a = 0; a < this.numAgents; a++) sum += this.#returns[row * this.numAgents + a];
    const record: EpisodeRecord = {
      row,
      episode: this.#episode[row],
      split: this.split,
      variant: this.#variant[row],
      rowSeed: this.#rowSeed(row),
      outcome: OUTCOMES[endStatus[row]],
      ticks: endTicks[row],
      return: sum / this.numAgents,
      progress: endProgress[row] / 16384,
      ...(this.#achieved.length === 0 ? {} : { achieved: this.achievedOf(row) }),
      stateHash: formatHash(endHash[2 * row], endHash[2 * row + 1]),
    };
    this.episodes.add(record);
    this.onEpisodeEnd?.(record);
    if (this.autoreset === 'same-step') this.#beginEpisode(row);
    else this.#setWaiting(row, true);
  }

  #beginEpisode(row: number): void {
    const { state } = this.engine;
    this.#dropMessages(row);
    this.#setWaiting(row, false);
    this.#variant[row] = state.variant[row];
    this.#episode[row] = state.episode[row];
    this.#returns.fill(0, row * this.numAgents, (row + 1) * this.numAgents);
    this.#achievedBy(row).fill(0);
    for (const observer of this.#observers.get(row) ?? []) observer.onEpisode(this, row);
  }

  #achievedBy(row: number): Uint8Array {
    const size = this.episodes.achievements.length;
    return this.#achieved.subarray(row * size, (row + 1) * size);
  }

  #noteAchieved(row: number): void {
    const { achieved } = this.engine.outputs;
    const size = this.episodes.achievements.length;
    for (let at = row * size; at < (row + 1) * size; at++) if (achieved[at] === 1) this.#achieved[at] = 1;
  }

  /** Forgets what was given to `say` in a row and not said yet. */
  #dropMessages(row: number): void {
    if (this.#messages.size === 0) return;
    for (let a = 0; a < this.numAgents; a++) this.#messages.delete(row * this.numAgents + a);
  }

  #setWaiting(row: number, waiting: boolean): void {
    this.#numWaiting += (waiting ? 1 : 0) - (this.#waiting[row] === 1 ? 1 : 0);
    this.#waiting[row] = waiting ? 1 : 0;
  }

  #rowSeed(row: number): number {
    const { rowSeedLow, rowSeedHigh } = this.engine.state;
    return (rowSeedHigh[row] >>> 0) * 4294967296 + (rowSeedLow[row] >>> 0);
  }

  #assertOpen(): void {
    if (this.#closed) throw new UsageError('closed', 'An environment must be open; got a call after close(). Create another.');
  }

  #assertStarted(): void {
    this.#assertOpen();
    if (!this.#started)
      throw new ResetNeededError('reset-needed', 'An environment must be reset before its rows can be read. Call reset().');
  }

  #assertRow(row: number): void {
    if (!Number.isInteger(row) || row < 0 || row >= this.numWorlds)
      throw new ShapeError(
        'row',
        `A row must be an integer in 0..${this.numWorlds - 1}; got ${row}. Rows count from 0; make the environment with more worlds to have more.`,
      );
  }

  #assertSlot(slot: number): void {
    if (!Number.isInteger(slot) || slot < 0 || slot >= this.numAgents)
      throw new ShapeError(
        'slot',
        `A slot must be an integer in 0..${this.numAgents - 1}; got ${slot}. Slots are the places of agents in agentIds.`,
      );
  }

  #assertLength(what: string, got: number, wanted: number, formula: string): void {
    if (got !== wanted)
      throw new ShapeError(
        'length',
        `${what} must have length ${formula} = ${wanted}; got ${got}. Check the shape against env.spaces, numWorlds and numAgents.`,
      );
  }
}
