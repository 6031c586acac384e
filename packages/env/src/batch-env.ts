/**
 * BatchEnv: B worlds of one scenario with A agents each, stepped together; typed arrays in and out.
 * Rows are independent: row r plays seed + r and depends on nothing but its own seed and actions.
 * What is returned are views that the next step or reset overwrites; copy what you keep.
 */
import {
  type Crash,
  type Engine,
  hashBatch,
  hashWorld,
  type ObservationBuffers,
  SHOW,
  type Show,
  type WorkerRestart,
} from '@kinovox/physics';
import { ACTION_WORD, ACTION_WORDS, type Split, UsageError } from '@kinovox/world';
import { type ActionDelay, createActionDelay, drawnInRow } from './action-delay.js';
import { type ActionCodec, type ActionProfile, createActionCodec } from './actions/profile.js';
import {
  type AutoresetMode,
  type BatchEnvOptions,
  type BatchSettings,
  type EpisodeDraws,
  engineSettings,
  type ResetOptions,
  type RowObserver,
  type RowSnapshot,
  type StepResult,
  settingsOf,
} from './batch-options.js';
import type { CompiledScenario } from './compile-scenario.js';
import { createDecisionSums, type DecisionSums } from './decision-sums.js';
import { createEngine, createEngineSync } from './engine-choice.js';
import type { EpisodeRecord, EpisodeStatistics } from './episode-statistics.js';
import { type ImageObservations, imagesOf, type PictureViews, viewPictures } from './image-observation.js';
import { type MessageWords, mapMessage, TextLog } from './message-text.js';
import type { ReplacedLevel } from './playable-levels.js';
import { assertLength, RowLedger } from './row-ledger.js';
import { loadScenario } from './scenario-source.js';
import { createSpaces, type Spaces } from './spaces.js';

/** @throws UsageError, ShapeError or ScenarioError naming the option that cannot be used. */
export async function createBatchEnv(options: BatchEnvOptions): Promise<BatchEnv> {
  const compiled = loadScenario(options.scenario, options);
  const settings = settingsOf(options);
  return new BatchEnv(compiled, await createEngine(settings.engine, compiled, engineSettings(settings), options.onProgress), settings);
}

/** `createBatchEnv` for engines that need no loading (cpu, workers). */
export function createBatchEnvSync(options: BatchEnvOptions): BatchEnv {
  const compiled = loadScenario(options.scenario, options);
  const settings = settingsOf(options);
  return new BatchEnv(compiled, createEngineSync(settings.engine, compiled, engineSettings(settings)), settings);
}

/** What a fork may have otherwise than the batch that it comes from. */
export interface ForkOptions {
  /** Default 1. */
  numWorlds?: number;
  autoreset?: AutoresetMode;
  observe?: boolean;
  repeat?: number;
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
  /** Ticks for which a step holds its actions. */
  readonly repeat: number;
  /** Turns actions of the profile into native rows. */
  readonly codec: ActionCodec;
  readonly spaces: Spaces;
  /** Free text of messages, by the hash that actions carry. */
  readonly texts: TextLog;
  readonly #settings: BatchSettings;
  readonly #result: StepResult;
  readonly #ledger: RowLedger;
  readonly #delay: ActionDelay | undefined;
  /** With `repeat`. */
  readonly #sums: DecisionSums | undefined;
  readonly #messages = new Map<number, MessageWords>();
  readonly #observers = new Map<number, Set<RowObserver>>();

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
    this.repeat = settings.repeat;
    if (this.repeat > 1 && engine.held === undefined) {
      engine.dispose();
      throw new UsageError(
        'repeat-engine',
        `repeat must have an engine that can hold single rows, "cpu", "workers" or "rigid"; got ${this.repeat} with "${engine.name}". Use one of them, or step as often as actions are to be held.`,
      );
    }
    this.codec = createActionCodec(settings.actionProfile ?? compiled.scenario.actions.profile, engine);
    this.actionProfile = this.codec.profile;
    this.spaces = createSpaces(this.codec, program.observation);
    this.texts = texts;
    this.#settings = settings;
    const source = { rows: engine.state, outputs: engine.outputs };
    this.#delay = createActionDelay(program, numWorlds);
    this.#ledger = new RowLedger(program, settings, () => source, {
      onBegin: (row) => {
        this.#dropMessages(row);
        this.#delay?.begin(row, engine.state);
        for (const observer of this.#observers.get(row) ?? []) observer.onEpisode(this, row);
      },
      onTick: (row, ended) => {
        if (this.#observers.size > 0) for (const observer of this.#observers.get(row) ?? []) observer.onTick(this, row, ended);
      },
    });
    this.#sums = this.repeat > 1 ? createDecisionSums(engine.outputs) : undefined;
    const { rewards, rewardTerms, terminated, truncated, ended, endStatus, wayLeft } = this.#sums ?? engine.outputs;
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
      ...(program.shaping === undefined ? {} : { wayLeft }),
    };
  }

  get observations(): ObservationBuffers {
    return this.engine.observations;
  }

  /** Ended episodes since the environment was made. */
  get episodes(): EpisodeStatistics {
    return this.#ledger.episodes;
  }

  /** `[B]` group of each row since it was last reset with a seed or group; -1 without a group. */
  get groupIds(): Int32Array {
    return this.#ledger.groupIds;
  }

  /** Called for every ended episode, in row order. */
  get onEpisodeEnd(): ((record: EpisodeRecord) => void) | undefined {
    return this.#ledger.onEpisodeEnd;
  }

  set onEpisodeEnd(listener: ((record: EpisodeRecord) => void) | undefined) {
    this.#ledger.onEpisodeEnd = listener;
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

  /** What steps give: the same object each time. */
  get stepResult(): StepResult {
    return this.#result;
  }

  /**
   * Called in each tick with the native rows `[B, A, F]` of its actions, which it may overwrite: for agents that somebody else plays.
   * `passedOver` is `[B]`, 1 = the row's episode has ended and what is written for it is not done; undefined where no row is passed over. Read it, do not keep it.
   */
  beforeTick: ((native: Float32Array, passedOver: Uint8Array | undefined) => void) | undefined;

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

  /** Worlds whose tick failed since this was last asked. Each was truncated and its row goes on as after any end; other rows are untouched. */
  takeCrashes(): readonly Crash[] {
    return this.engine.takeCrashes();
  }

  /** Threads of the rigid tier that were replaced since this was last asked. Their worlds went on as if nothing had been. */
  takeRestarts(): readonly WorkerRestart[] {
    return this.engine.takeRestarts?.() ?? [];
  }

  /** Cuts a row's episode short in the next step: truncated, told by `takeCrashes`, and the row goes on as after any end. For policies that fail in one world. */
  cutShort(row: number, error: unknown): void {
    this.#ledger.assertRow(row);
    this.engine.cutShort(row, error);
  }

  /** Whether `close` was called. */
  get closed(): boolean {
    return this.#ledger.closed;
  }

  /** Whether rows hold episodes: after the first reset or restore. */
  get started(): boolean {
    return this.#ledger.started;
  }

  /**
   * What each agent can begin now: `[B, A, N]` bytes, 1 per choice of `interact`, then per choice of `argument` from 0 on; N is `engine.actionMaskSize`.
   * An aim may still miss, and a contest may be lost. Of use to both profiles: discrete choices follow from those of `interact`.
   * @param out filled and returned; a new array when left out. @throws ShapeError for another length.
   */
  actionMasks(out = new Uint8Array(this.numWorlds * this.numAgents * this.engine.actionMaskSize)): Uint8Array {
    this.#ledger.assertStarted();
    this.engine.actionMasksInto(out);
    return out;
  }

  /** Sum of rewards of an agent since its episode began. */
  returnOf(row: number, slot: number): number {
    return this.#ledger.returnOf(row, slot);
  }

  /** Names of the achievements that a row has reached in its episode: those that were satisfied at any tick of it. */
  achievedOf(row: number): string[] {
    return this.#ledger.achievedNames(row);
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
    const { seeds, standing } = this.#ledger.planReset(options);
    if (!standing) this.engine.reset(options.mask, seeds);
    this.#ledger.begin(options.mask);
    return this.engine.observations;
  }

  /** `stepSync` for engines whose step is asynchronous. */
  async step(actions: Float32Array): Promise<StepResult> {
    return this.stepSync(actions);
  }

  /**
   * Advances every world by one tick, or by `repeat` ticks with the same actions; rows whose episode ends in one of these stay at its end, or, with same-step
   * autoreset, at the start of their next, until the next step.
   * @param actions `[B, A, codec.width]`: a row of `spaces.actionRow` per agent; `[B, A]` choices in the discrete profile. Borrowed until return.
   * @throws ShapeError for another length; ResetNeededError before the first reset, or with autoreset `disabled` while a row has ended.
   */
  stepSync(actions: Float32Array): StepResult {
    this.#ledger.assertOpen();
    assertLength(
      'Actions',
      actions.length,
      this.actionLength,
      this.codec.width === 1 ? 'numWorlds * numAgents' : `numWorlds * numAgents * ${this.codec.width}`,
    );
    this.#ledger.assertReady();
    if (this.#sums !== undefined) return this.#hold(actions, this.#sums, this.engine.held!);
    const mask = this.#ledger.numWaiting > 0 ? this.#ledger.waitingMask() : undefined;
    this.#tick(actions, SHOW.everything, mask);
    if (mask !== undefined) {
      this.engine.reset(mask);
      this.#ledger.noteWaitingReset(mask);
    }
    this.#ledger.account();
    return this.#result;
  }

  /** @param passedOver see `beforeTick`. */
  #tick(actions: Float32Array, show: Show, passedOver: Uint8Array | undefined): void {
    const native = this.codec.expand(actions);
    this.beforeTick?.(native, passedOver);
    this.engine.decode(this.#delay === undefined ? native : this.#delay.pass(native, this.engine.state.tick));
    if (this.#messages.size > 0) this.#writeMessages();
    this.engine.step(show);
  }

  /** `repeat` ticks with the same actions. */
  #hold(actions: Float32Array, sums: DecisionSums, held: Uint8Array): StepResult {
    const ledger = this.#ledger;
    sums.begin();
    held.fill(0);
    if (ledger.numWaiting > 0) {
      // Next-step autoreset: the step after an end is the row's reset, in which no tick passes.
      const mask = ledger.waitingMask();
      this.engine.reset(mask);
      ledger.begin(mask);
      held.set(mask);
    }
    // Only who looks on needs to see the ticks between; nobody of these looks at pictures.
    const between = this.beforeTick !== undefined || this.#observers.size > 0 ? SHOW.vectors : SHOW.nothing;
    for (let t = 1; t <= this.repeat; t++) {
      this.#tick(actions, t === this.repeat ? SHOW.everything : between, held);
      sums.add(this.engine.outputs, held);
      ledger.account(held);
      for (let row = 0; row < held.length; row++) held[row] |= sums.ended[row];
    }
    held.fill(0);
    return this.#result;
  }

  /**
   * Gives an agent words to say in the next step; they become a symbol of the scenario (see `mapMessage`).
   * @returns the symbol, counted from 1; 0 when the text holds none and nothing will be said.
   */
  say(row: number, slot: number, text: string): number {
    this.#ledger.assertRow(row);
    this.#ledger.assertSlot(slot);
    const { symbols, maxLength } = this.compiled.scenario.messages;
    const words = mapMessage(text, symbols, maxLength, this.texts);
    if (words.symbol > 0) this.#messages.set(row * this.numAgents + slot, words);
    return words.symbol;
  }

  /** Lets an observer see a row; returns a function that ends it. */
  observeRow(row: number, observer: RowObserver): () => void {
    this.#ledger.assertRow(row);
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
    return this.#ledger.rowInfo(row);
  }

  /** What row r's episode drew: the parameters of its level and, where the scenario has ranges of `randomisation`, what it drew of them. */
  drawnIn(row: number): EpisodeDraws {
    const { variant } = this.#ledger.rowInfo(row);
    const randomisation = drawnInRow(this.compiled.program, this.engine.state, row);
    return { parameters: this.compiled.parametersOf(this.split, variant), ...(randomisation === undefined ? {} : { randomisation }) };
  }

  /** Everything that the future of a row depends on; words given to `say` and not said yet are not in it. */
  snapshot(row: number): RowSnapshot {
    this.#ledger.assertStarted();
    this.#ledger.assertRow(row);
    return this.#ledger.snapshot(row, this.engine.snapshot(row), this.#delay?.pending(row));
  }

  /**
   * Puts a row back to a snapshot of any row of the same scenario and split; its future is then that of the snapshot.
   * @throws ShapeError for a snapshot of another scenario or split; the row is left as it was.
   */
  restore(row: number, snapshot: RowSnapshot): void {
    this.#ledger.assertRestorable(row, snapshot);
    this.engine.restore(row, snapshot.world);
    this.#noteRestored(row, snapshot);
  }

  /** A new environment whose `numWorlds` rows (default 1) continue from this row; this one is not touched. Autoreset and repeat as here unless given. */
  async fork(row: number, options: ForkOptions = {}): Promise<BatchEnv> {
    const settings = this.#forkSettings(row, options);
    const snapshot = this.snapshot(row);
    const from = { ...engineSettings(settings), from: snapshot.world };
    return this.#goingOn(snapshot, await createEngine(settings.engine, this.compiled, from), settings);
  }

  /** `fork` for engines that need no loading. */
  forkSync(row: number, options: ForkOptions = {}): BatchEnv {
    const settings = this.#forkSettings(row, options);
    const snapshot = this.snapshot(row);
    const from = { ...engineSettings(settings), from: snapshot.world };
    return this.#goingOn(snapshot, createEngineSync(settings.engine, this.compiled, from), settings);
  }

  /** Frees the engine; later calls throw. */
  close(): void {
    if (this.closed) return;
    this.#ledger.closed = true;
    this.engine.dispose();
  }

  #forkSettings(row: number, options: ForkOptions): BatchSettings {
    this.#ledger.assertStarted();
    this.#ledger.assertRow(row);
    const { numWorlds = 1, autoreset = this.autoreset, observe = this.#settings.observe, repeat = this.repeat } = options;
    return settingsOf({
      scenario: this.compiled,
      numWorlds,
      autoreset,
      observe,
      repeat,
      seed: 0,
      split: this.split,
      engine: this.#settings.engine,
      // A single rigid world gains nothing from a thread of its own, and would wait for it to start.
      threads: this.#settings.engine === 'rigid' && numWorlds === 1 ? undefined : this.#settings.threads,
    });
  }

  /** @param engine whose rows all stand where the snapshot was taken. */
  #goingOn(snapshot: RowSnapshot, engine: Engine, settings: BatchSettings): BatchEnv {
    const fork = new BatchEnv(this.compiled, engine, settings, this.texts.copy());
    fork.#ledger.begin(undefined);
    for (let row = 0; row < fork.numWorlds; row++) fork.#noteRestored(row, snapshot);
    return fork;
  }

  #noteRestored(row: number, snapshot: RowSnapshot): void {
    this.#dropMessages(row);
    this.#ledger.restored(row, snapshot);
    this.#delay?.begin(row, this.engine.state);
    if (snapshot.pending !== undefined) this.#delay?.restore(row, snapshot.pending);
    for (const observer of this.#observers.get(row) ?? []) observer.onEpisode(this, row);
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

  /** Forgets what was given to `say` in a row and not said yet. */
  #dropMessages(row: number): void {
    if (this.#messages.size === 0) return;
    for (let a = 0; a < this.numAgents; a++) this.#messages.delete(row * this.numAgents + a);
  }
}
