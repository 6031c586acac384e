/**
 * AsyncBatchEnv: the contract of `BatchEnv` for worlds that need not lie in this process's memory. Whatever touches the worlds is a promise, on every
 * engine; what comes back is what was asked for (`read`). A device that is lost is replaced: the batch goes on, from its last snapshot, on "cpu".
 * Rows, seeds, episodes, autoreset, groups and snapshots are as in `BatchEnv`, with the same hashes.
 * Limits: no observers (recordings, live views) and no `say`.
 */
import {
  type ActionSource,
  type AsyncEngine,
  type BatchState,
  createHostAsyncEngine,
  type GpuJsMode,
  HostAsyncEngine,
  type ObservationBuffers,
  type OpenGpu,
  type ReadSettings,
  type SetupProgress,
  selectGroups,
} from '@kinovox/physics';
import { EngineError, formatHash, ShapeError, type Split, UsageError } from '@kinovox/world';
import { type ActionDelay, createActionDelay, drawnInRow } from './action-delay.js';
import { type ActionCodec, type ActionProfile, type CodecHost, createActionCodec } from './actions/profile.js';
import { type AsyncEngineName, chooseAsyncEngine, createAsyncEngine, DEVICE_PROFILES, type EngineChoice } from './async-engine-choice.js';
import {
  type AutoresetMode,
  type BatchEnvOptions,
  type BatchSettings,
  type EpisodeDraws,
  engineSettings,
  type ResetOptions,
  type RowSnapshot,
  type StepResult,
  settingsOf,
} from './batch-options.js';
import type { CompiledScenario } from './compile-scenario.js';
import { createEngine } from './engine-choice.js';
import { type EpisodeRecord, type EpisodeStatistics, OUTCOMES } from './episode-statistics.js';
import { imagesOf } from './image-observation.js';
import { EVERY_TICKS, type ResumeEntry, ResumeLog } from './resume-log.js';
import { assertLength, RowLedger } from './row-ledger.js';
import { loadScenario } from './scenario-source.js';
import { createSpaces, type Spaces } from './spaces.js';

export interface AsyncBatchEnvOptions extends Omit<BatchEnvOptions, 'engine' | 'repeat'> {
  /** Default `auto`: rigid where there are props, webgpu where there is a real GPU, otherwise cpu. */
  engine?: AsyncEngineName | undefined;
  /** What the engine `gpujs` runs on; default `auto`: a real GPU through `webgpu`, else `webasm`, else `cpu`. */
  gpuJsMode?: GpuJsMode | 'auto' | undefined;
  /** What steps bring back besides rewards and ends; default everything but `tasks`. */
  read?: ReadSettings | undefined;
  /**
   * Whether a batch whose device is lost goes on elsewhere (default true), which costs a snapshot of all rows every 256 ticks, or every `everyTicks`.
   * Of no concern to engines in memory.
   */
  resume?: boolean | { everyTicks: number } | undefined;
  /** Worlds in one set of buffers of `webgpu`, a shard; default: as many as fit in a binding of 128 MiB. Of no concern to other engines. */
  worldsPerShard?: number | undefined;
  /** The device of the engine `webgpu`, from `openGpu()`: batches that share one share the kernels that it compiled. Default: one of its own. */
  gpu?: OpenGpu | undefined;
  /** Told what a batch is busy with while it is made: levels that are built and, on a device, kernels that the driver compiles. */
  onProgress?: SetupProgress | undefined;
}

export type AsyncStepResult = StepResult;

/** A device that was lost, and what took its place. */
export interface EngineSwitch {
  from: string;
  to: string;
  /** What the device said. */
  reason: string;
  /** Ticks that were played again since the last snapshot. */
  replayedTicks: number;
}

/** @throws UsageError, ShapeError or ScenarioError naming the option that cannot be used. */
export async function createAsyncBatchEnv(options: AsyncBatchEnvOptions): Promise<AsyncBatchEnv> {
  const { engine = 'auto', read = {}, resume = true, gpuJsMode, worldsPerShard, gpu, onProgress, ...rest } = options;
  if (gpuJsMode !== undefined && engine !== 'gpujs')
    throw new UsageError(
      'mode-without-gpujs',
      `gpuJsMode must come with the engine "gpujs"; got "${gpuJsMode}" with "${engine}". Set engine to "gpujs", or leave gpuJsMode out.`,
    );
  if ('repeat' in rest && (rest.repeat ?? 1) !== 1)
    throw new UsageError(
      'repeat-async',
      `repeat must be left to createBatchEnv, whose engines can hold single rows; got ${rest.repeat}. Call step as often as actions are to be held.`,
    );
  const compiled = loadScenario(options.scenario, rest);
  // `webgpu` is no engine of BatchEnv; all else of the options is checked as there.
  const settings = settingsOf({ ...rest, engine: engine === 'workers' ? engine : 'auto' });
  selectGroups(compiled.program, read.groups);
  const everyTicks = resume === false ? 0 : resume === true ? EVERY_TICKS : resume.everyTicks;
  if (!Number.isInteger(everyTicks) || everyTicks < 0 || (everyTicks === 0 && resume !== false))
    throw new ShapeError('resume', `resume.everyTicks must be an integer from 1; got ${everyTicks}. Use false to take no snapshots.`);
  if (worldsPerShard !== undefined && (!Number.isInteger(worldsPerShard) || worldsPerShard < 1))
    throw new ShapeError('shard', `worldsPerShard must be an integer from 1; got ${worldsPerShard}. Leave it out for as many as fit.`);
  const choice = await chooseAsyncEngine(engine, compiled, settings.actionProfile ?? compiled.scenario.actions.profile);
  return AsyncBatchEnv.create({ compiled, settings, read, everyTicks, choice, gpuJsMode, worldsPerShard, gpu, onProgress });
}

interface Parts {
  compiled: CompiledScenario;
  settings: BatchSettings;
  read: ReadSettings;
  /** 0: a lost device is an error. */
  everyTicks: number;
  choice: EngineChoice;
  gpuJsMode?: GpuJsMode | 'auto' | undefined;
  worldsPerShard?: number | undefined;
  gpu?: OpenGpu | undefined;
  onProgress?: SetupProgress | undefined;
}

export class AsyncBatchEnv {
  readonly compiled: CompiledScenario;
  readonly numWorlds: number;
  readonly numAgents: number;
  readonly agentIds: readonly string[];
  readonly split: Split;
  readonly autoreset: AutoresetMode;
  readonly actionProfile: ActionProfile;
  /** Turns actions of the profile into native rows. */
  readonly codec: ActionCodec;
  /** Of the whole observation; `observations.groups` tells which of it is read. */
  readonly spaces: Spaces;
  /** Which engine was chosen at creation, and why. */
  readonly choice: EngineChoice;
  /** Called when a lost device was replaced; views of results and observations are then new ones. */
  onEngineSwitch: ((change: EngineSwitch) => void) | undefined;
  readonly #parts: Parts;
  readonly #ledger: RowLedger;
  readonly #delay: ActionDelay | undefined;
  #engine: AsyncEngine;
  #log: ResumeLog | undefined;
  /** Invalid actions that engines before this one counted. */
  #invalidBefore = 0;
  #busy = false;

  static async create(parts: Parts): Promise<AsyncBatchEnv> {
    const { compiled, settings, read, choice } = parts;
    const profile = settings.actionProfile ?? compiled.scenario.actions.profile;
    if (choice.name === 'webgpu' && !DEVICE_PROFILES.includes(profile))
      throw new UsageError(
        'profile-on-webgpu',
        `The engine "webgpu" must get an action profile that does not look at worlds, ${DEVICE_PROFILES.join(' or ')}; got "${profile}". Use "cpu" or "workers".`,
      );
    // What every task stands at is for those who drive an engine themselves.
    return new AsyncBatchEnv(
      parts,
      await createAsyncEngine(choice.name, compiled, engineSettings(settings), { tasks: false, ...read }, parts),
    );
  }

  private constructor(parts: Parts, engine: AsyncEngine) {
    const { compiled, settings } = parts;
    const { program } = compiled;
    this.#parts = parts;
    this.#engine = engine;
    this.compiled = compiled;
    this.numWorlds = settings.numWorlds;
    this.numAgents = program.numAgents;
    this.agentIds = program.agentIds;
    this.split = settings.split;
    this.autoreset = settings.autoreset;
    // Profiles that look at worlds run on engines in memory alone.
    const host = engine instanceof HostAsyncEngine ? engine.engine : ({ program, numWorlds: settings.numWorlds } as CodecHost);
    this.codec = createActionCodec(settings.actionProfile ?? compiled.scenario.actions.profile, host);
    this.actionProfile = this.codec.profile;
    this.spaces = createSpaces(this.codec, program.observation);
    this.choice = parts.choice;
    this.#delay = createActionDelay(program, settings.numWorlds);
    this.#ledger = new RowLedger(program, settings, () => this.#engine, { onBegin: (row) => this.#delay?.begin(row, this.#engine.rows) });
    if (parts.everyTicks > 0 && engine.name === 'webgpu') this.#log = new ResumeLog(parts.everyTicks);
  }

  /** The engine that runs now: another than `choice` says after a device was lost. */
  get engineName(): string {
    return this.#engine.name;
  }

  /** The engine below. Do not step it. */
  get engine(): AsyncEngine {
    return this.#engine;
  }

  get seed(): number {
    return this.#parts.settings.seed;
  }

  get episodes(): EpisodeStatistics {
    return this.#ledger.episodes;
  }

  get groupIds(): Int32Array {
    return this.#ledger.groupIds;
  }

  /** Called for every ended episode, by tick, then row. */
  get onEpisodeEnd(): ((record: EpisodeRecord) => void) | undefined {
    return this.#ledger.onEpisodeEnd;
  }

  set onEpisodeEnd(listener: ((record: EpisodeRecord) => void) | undefined) {
    this.#ledger.onEpisodeEnd = listener;
  }

  get observations(): ObservationBuffers {
    return this.#engine.observations;
  }

  get closed(): boolean {
    return this.#ledger.closed;
  }

  get started(): boolean {
    return this.#ledger.started;
  }

  /** Numbers expected by `step`: B * A * `codec.width`. */
  get actionLength(): number {
    return this.numWorlds * this.numAgents * this.codec.width;
  }

  /** As `BatchEnv.reset`. */
  async reset(options: ResetOptions = {}): Promise<ObservationBuffers> {
    return this.#exclusively(async () => {
      const { seeds, standing } = this.#ledger.planReset(options);
      const { mask } = options;
      if (!standing) await this.#request({ kind: 'reset', mask, seeds }, (engine) => engine.reset(mask, seeds));
      this.#ledger.begin(mask);
      return this.#engine.observations;
    });
  }

  /** As `BatchEnv.step`. The result's arrays are views that the next call overwrites; those that `read` leaves out are empty or zero. */
  async step(actions: Float32Array): Promise<AsyncStepResult> {
    return this.#exclusively(async () => {
      this.#ledger.assertOpen();
      const { width } = this.codec;
      const formula = width === 1 ? 'numWorlds * numAgents' : `numWorlds * numAgents * ${width}`;
      assertLength('Actions', actions.length, this.actionLength, formula);
      this.#ledger.assertReady();
      const decided = this.codec.expand(actions);
      const native = this.#delay === undefined ? decided : this.#delay.pass(decided, this.#engine.rows.tick);
      await this.#request({ kind: 'step', actions: native }, (engine) => engine.step(native));
      if (this.#ledger.numWaiting > 0) {
        const mask = this.#ledger.waitingMask();
        await this.#request({ kind: 'reset', mask, seeds: undefined }, (engine) => engine.reset(mask));
        this.#ledger.noteWaitingReset(mask);
      }
      this.#ledger.account();
      return this.#result();
    });
  }

  /**
   * `ticks` steps in which `source` decides for every agent, where the worlds are: on a device nothing crosses over between them.
   * Episodes that end are counted and reported as in `step`; the result is that of the last tick.
   * @throws UsageError with another autoreset than `same-step`, and for a scenario that the source cannot play.
   */
  async advance(source: ActionSource, ticks: number): Promise<AsyncStepResult> {
    return this.#exclusively(async () => {
      this.#ledger.assertReady();
      if (this.autoreset !== 'same-step')
        throw new UsageError(
          'advance-autoreset',
          `advance must have autoreset "same-step", since rows reset by themselves; got "${this.autoreset}". Step tick by tick instead.`,
        );
      if (this.#delay !== undefined)
        throw new UsageError(
          'advance-delay',
          `advance must have a scenario without "randomisation.actionDelayTicks", since decisions made where the worlds are take effect at once; got ${this.compiled.program.id}. Step tick by tick instead.`,
        );
      if (!Number.isInteger(ticks) || ticks < 1)
        throw new ShapeError('ticks', `An advance must have ticks from 1; got ${ticks}. Round it, or leave the call out.`);
      source.check(this.compiled.program, this.#parts.settings.observe);
      const { returns, achieved } = this.#ledger;
      const ended = await this.#request({ kind: 'advance', source, ticks }, (engine) =>
        engine.advance(source, ticks, { returns, achieved }),
      );
      const { rows } = this.#engine;
      for (const { row, episode, variant, status, ticks: length, progressQ14, hash0, hash1, ...sums } of ended)
        this.#ledger.addRecord({
          row,
          episode,
          split: this.split,
          variant,
          rowSeed: (rows.rowSeedHigh[row] >>> 0) * 4294967296 + (rows.rowSeedLow[row] >>> 0),
          outcome: OUTCOMES[status],
          ticks: length,
          return: sums.returns.reduce((sum, value) => sum + value, 0) / this.numAgents,
          progress: progressQ14 / 16384,
          ...(achieved.length === 0 ? {} : { achieved: this.#ledger.namesOf(sums.achieved) }),
          stateHash: formatHash(hash0, hash1),
        });
      this.#ledger.refresh();
      return this.#result();
    });
  }

  /** State of every row, read from the device where it lies there: for policies that look at worlds. A view that the next call overwrites. */
  async readState(): Promise<BatchState> {
    return this.#look((engine) => engine.readState());
  }

  /** As `BatchEnv.actionMasks`. On a device every row is read back for it. */
  async actionMasks(out = new Uint8Array(this.numWorlds * this.numAgents * this.#engine.actionMaskSize)): Promise<Uint8Array> {
    this.#ledger.assertStarted();
    assertLength(
      'Action masks',
      out.length,
      this.numWorlds * this.numAgents * this.#engine.actionMaskSize,
      'numWorlds * numAgents * choices',
    );
    await this.#look((engine) => engine.actionMasksInto(out));
    return out;
  }

  returnOf(row: number, slot: number): number {
    return this.#ledger.returnOf(row, slot);
  }

  achievedOf(row: number): string[] {
    return this.#ledger.achievedNames(row);
  }

  rowInfo(row: number): { rowSeed: number; episode: number; variant: number; tick: number; waiting: boolean } {
    return this.#ledger.rowInfo(row);
  }

  /** Action values so far that were NaN, infinite or no choice; each acted as idle. */
  async invalidActions(): Promise<number> {
    return this.#invalidBefore + this.codec.numInvalid + (await this.#look((engine) => engine.invalidActions()));
  }

  async rowHashes(): Promise<string[]> {
    return this.#look((engine) => engine.hashes());
  }

  async stateHash(): Promise<string> {
    return this.#look((engine) => engine.hash());
  }

  /** As `BatchEnv.drawnIn`. */
  drawnIn(row: number): EpisodeDraws {
    const { variant } = this.#ledger.rowInfo(row);
    const randomisation = drawnInRow(this.compiled.program, this.#engine.rows, row);
    return { parameters: this.compiled.parametersOf(this.split, variant), ...(randomisation === undefined ? {} : { randomisation }) };
  }

  /** As `BatchEnv.snapshot`: it may be restored on either, on any engine. */
  async snapshot(row: number): Promise<RowSnapshot> {
    this.#ledger.assertStarted();
    this.#ledger.assertRow(row);
    const world = await this.#look((engine) => engine.snapshot(row));
    return this.#ledger.snapshot(row, world, this.#delay?.pending(row));
  }

  /** As `BatchEnv.restore`. */
  async restore(row: number, snapshot: RowSnapshot): Promise<void> {
    await this.restoreRows([row], [snapshot]);
  }

  /** Many rows at once, row `rows[k]` to `snapshots[k]`: on a device the price of one. */
  async restoreRows(rows: readonly number[], snapshots: readonly RowSnapshot[]): Promise<void> {
    return this.#exclusively(async () => {
      assertLength('Snapshots', snapshots.length, rows.length, 'rows');
      for (const [k, row] of rows.entries()) this.#ledger.assertRestorable(row, snapshots[k]);
      const worlds = snapshots.map(({ world }) => world);
      await this.#request({ kind: 'restore', rows: [...rows], worlds }, (engine) => engine.restoreRows(rows, worlds));
      for (const [k, row] of rows.entries()) {
        const { pending } = snapshots[k];
        this.#ledger.restored(row, snapshots[k]);
        this.#delay?.begin(row, this.#engine.rows);
        if (pending !== undefined) this.#delay?.restore(row, pending);
      }
    });
  }

  /** As `BatchEnv.fork`, on the engine that was chosen here. */
  async fork(row: number, options: { numWorlds?: number; autoreset?: AutoresetMode; observe?: boolean } = {}): Promise<AsyncBatchEnv> {
    const snapshot = await this.snapshot(row);
    const { settings, onProgress: _, ...parts } = this.#parts;
    const { numWorlds = 1, autoreset = this.autoreset, observe = settings.observe } = options;
    const { split, engine, threads, actionProfile } = settings;
    const fork = await AsyncBatchEnv.create({
      ...parts,
      settings: settingsOf({ scenario: this.compiled, numWorlds, autoreset, observe, seed: 0, split, engine, threads, actionProfile }),
    });
    await fork.reset();
    const rows = Array.from({ length: fork.numWorlds }, (_, k) => k);
    await fork.restoreRows(
      rows,
      rows.map(() => snapshot),
    );
    return fork;
  }

  /** Frees the engine; later calls throw. */
  close(): void {
    if (this.closed) return;
    this.#ledger.closed = true;
    this.#engine.dispose();
  }

  #result(): AsyncStepResult {
    const { observations, outputs } = this.#engine;
    const { rewards, rewardTerms, terminated, truncated, ended, endStatus } = outputs;
    const { observe } = this.#parts.settings;
    return {
      images: observe ? imagesOf(this.#engine, observations.pictures) : undefined,
      finalImages: observe && this.autoreset === 'same-step' ? imagesOf(this.#engine, observations.finalPictures) : undefined,
      observations,
      finalObservations: observations.finalVector,
      rewards,
      rewardTerms,
      terminated,
      truncated,
      ended,
      endStatus,
      ...(outputs.wayLeft.length === 0 ? {} : { wayLeft: outputs.wayLeft }),
    };
  }

  /** One call at a time: the next one would meet worlds in the middle of this one. */
  async #exclusively<T>(work: () => Promise<T>): Promise<T> {
    if (this.#busy)
      throw new UsageError('busy', 'A call must have been awaited before the next; got one while another was under way. Await each call.');
    this.#busy = true;
    try {
      return await work();
    } finally {
      this.#busy = false;
    }
  }

  async #look<T>(look: (engine: AsyncEngine) => Promise<T>): Promise<T> {
    return this.#exclusively(async () => {
      this.#ledger.assertOpen();
      return this.#surviving(look);
    });
  }

  async #request<T>(entry: ResumeEntry, request: (engine: AsyncEngine) => Promise<T>): Promise<T> {
    const result = await this.#surviving(request);
    const log = this.#log;
    // A snapshot that fails finds the device lost: the log still holds all that was done.
    if (log !== undefined) await this.#surviving(async (engine) => (engine.name === 'webgpu' ? log.add(entry, engine) : undefined));
    return result;
  }

  /** Asks the engine, and, where its device was lost, the one that takes its place. */
  async #surviving<T>(ask: (engine: AsyncEngine) => Promise<T>): Promise<T> {
    try {
      return await ask(this.#engine);
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'gpu-lost' || this.#log === undefined) throw error;
      await this.#goOnElsewhere(this.#log, error);
      return ask(this.#engine);
    }
  }

  async #goOnElsewhere(log: ResumeLog, cause: EngineError): Promise<void> {
    const { compiled, settings, read } = this.#parts;
    const lost = this.#engine;
    const next = createHostAsyncEngine(await createEngine('cpu', compiled, engineSettings(settings)), { tasks: false, ...read });
    const replayedTicks = await log.replay(next);
    this.#invalidBefore += log.invalidActions;
    this.#engine = next;
    this.#log = undefined;
    lost.dispose();
    this.onEngineSwitch?.({ from: lost.name, to: next.name, reason: cause.message, replayedTicks });
  }
}
