/**
 * The `webgpu` engine: everything that a tick does runs on the device, by kernels translated from the very stages that the `cpu` engine runs, and bit for bit like them.
 * State stays on the device; a step reads back, packed, what the caller asks for (`ReadSettings`), everything else comes when it is asked for.
 * Levels come to the device when rows are about to play them (`DeviceLevels`).
 * Limits: no props, no unbounded variants (the device has a word for each), no free text in messages.
 */
/// <reference types="@webgpu/types" />
import {
  ACTION_FIELDS,
  drawVariant,
  EngineError,
  formatHash,
  hashWord0,
  hashWord1,
  ShapeError,
  splitSeed,
  UsageError,
} from '@kinovox/world';
import type { AsyncEngine, EndedEpisode, EpisodeSums, ReadSettings, RowWords } from '../../async-engine.js';
import { type BatchState, createBatchState } from '../../batch-state.js';
import type { EngineOptions, StepOutputs, WorldSnapshot } from '../../engine.js';
import { actionMaskSize } from '../../observe/action-mask.js';
import type { ObservationBuffers } from '../../observe/observation.js';
import { createObservationBuffers } from '../../observe/observe.js';
import { createSelectedBuffers, type Selection, selectGroups } from '../../observe/selection.js';
import type { ScenarioProgram, VariantData, VariantSource } from '../../program.js';
import type { ActionSource } from '../../sources/action-source.js';
import { createCpuEngine } from '../cpu.js';
import { createOutputs } from '../outputs.js';
import { restoreSnapshot, takeSnapshot } from '../snapshots.js';
import { Advance } from './advance.js';
import { type DeviceWatch, type OpenGpu, openGpu, waitForDevice, watchDevice } from './device.js';
import { placesWithin } from './device-levels.js';
import type { PictureKind } from './device-pictures.js';
import { Readback } from './readback.js';
import { type SetupProgress, Shard } from './shard.js';
import { stepParts } from './step-parts.js';

/** Most bytes of a buffer that worlds of a shard share: the least binding that WebGPU promises. */
const SHARD_BYTES = 128 * 2 ** 20;

export interface WebGpuOptions extends EngineOptions {
  /** Write the program's numbers into the kernels, or let programs share them: by default the former on a GPU, the latter on a driver that computes on the CPU. */
  specialise?: boolean;
  /** Read pictures and lidar back after each step and reset (default true); otherwise they stay on the device until `readPictures`. */
  readPictures?: boolean | undefined;
  /** Worlds per shard; by default as many as fit in a binding of 128 MiB. */
  worldsPerShard?: number;
  /** A device that engines share; it outlives them. By default an engine opens one of its own. */
  gpu?: OpenGpu;
  /** What a step reads back; by default everything. */
  read?: ReadSettings | undefined;
  /** Most bytes of levels on the device, per shard; by default 128 MiB. */
  levelBytes?: number;
  /** Told what making the engine is busy with. */
  onProgress?: SetupProgress | undefined;
}

interface Parts {
  gpu: GPUDevice;
  watch: DeviceWatch;
  shards: readonly Shard[];
  /** Adapter in words. */
  device: string;
  software: boolean;
}

export class WebGpuEngine implements AsyncEngine {
  readonly name = 'webgpu';
  readonly program: ScenarioProgram;
  readonly numWorlds: number;
  /** Adapter that computes, in words, and whether it is a driver that computes on the CPU. */
  readonly device: string;
  readonly software: boolean;
  /** The device itself: learners may run kernels of theirs beside the engine's, over its buffers (`shards`). */
  readonly gpu: GPUDevice;
  readonly shards: readonly Shard[];
  readonly actionMaskSize: number;
  readonly outputs: StepOutputs;
  readonly observations: ObservationBuffers;
  readonly rows: RowWords;
  readonly #isShared: boolean;
  /** Of the first reset alone. */
  #onLevel: ((done: number, of: number) => void) | undefined;
  readonly #variants: VariantSource;
  readonly #autoreset: boolean;
  readonly #readbacks: Readback[] = [];
  readonly #selection: Selection | undefined;
  readonly #readsPictures: boolean;
  #advances: { source: ActionSource; list: readonly Advance[] } | undefined;
  #mirror: BatchState | undefined;
  readonly #watch: DeviceWatch;

  /** Use `createWebGpuEngine`. */
  constructor(options: WebGpuOptions, { gpu, watch, shards, device, software }: Parts) {
    const { program, numWorlds, read = {}, autoreset = true, observe = true } = options;
    this.program = program;
    this.numWorlds = numWorlds;
    this.device = device;
    this.software = software;
    this.gpu = gpu;
    this.#isShared = options.gpu !== undefined;
    const { onProgress } = options;
    if (onProgress !== undefined) this.#onLevel = (done, of) => onProgress('levels', done, of);
    this.shards = shards;
    this.actionMaskSize = actionMaskSize(program);
    this.#variants = options.variants;
    this.#autoreset = autoreset;
    const { groups, crop = true, final = true } = read;
    const words = () => new Int32Array(numWorlds);
    this.rows = { episode: words(), variant: words(), rowSeedLow: words(), rowSeedHigh: words(), tick: words() };
    this.outputs = createOutputs(program, numWorlds);
    if (observe) this.#selection = selectGroups(program, groups);
    this.observations =
      this.#selection === undefined
        ? createObservationBuffers(program, 0)
        : createSelectedBuffers(program, this.#selection, { numWorlds, crop, final, autoreset });
    this.#readsPictures = observe && (options.readPictures ?? true);
    this.#watch = watch;
  }

  /** Makes ready to read; `createWebGpuEngine` calls it. */
  async prepare(read: ReadSettings = {}): Promise<void> {
    for (const shard of this.shards) {
      const parts = stepParts(shard, this, read, this.#selection);
      this.#readbacks.push(await Readback.create(this.gpu, shard.data, parts, shard.count, this.program.numAgents));
    }
  }

  async reset(mask?: Uint8Array, seeds?: readonly number[]): Promise<void> {
    this.#assertAlive();
    const { episode, rowSeedLow, rowSeedHigh, tick } = this.rows;
    for (let w = 0; w < this.numWorlds; w++) {
      if (mask !== undefined && mask[w] === 0) continue;
      tick[w] = 0;
      if (seeds === undefined) {
        episode[w]++;
        continue;
      }
      const { low, high } = splitSeed(seeds[w]);
      rowSeedLow[w] = low;
      rowSeedHigh[w] = high;
      episode[w] = 0;
    }
    await this.#guard(() => this.#each((shard) => this.#bringLevels(shard, mask)));
    for (const shard of this.shards) {
      const end = shard.first + shard.count;
      if (seeds !== undefined)
        for (const name of ['rowSeedLow', 'rowSeedHigh', 'episode'] as const)
          shard.write(`c.state.${name}`, this.rows[name].subarray(shard.first, end));
      const chosen = seeds === undefined ? 3 : 1;
      shard.reset(Int32Array.from({ length: shard.count }, (_, k) => (mask === undefined || mask[shard.first + k] !== 0 ? chosen : 0)));
    }
    await this.#guard(async () => {
      await this.#each((_, readback) => readback.observations());
      await this.#pullPictures(false);
      await this.#each(async (shard) => {
        await shard.pull(['c.state.variant']);
        this.rows.variant.set(shard.context.state.variant, shard.first);
      });
    });
    this.#onLevel = undefined;
  }

  /** Brings the levels of the episodes that the rows of a mask are about to begin, as `rows` names them. */
  async #bringLevels(shard: Shard, mask: Uint8Array | undefined): Promise<void> {
    const { rowSeedLow, rowSeedHigh, episode, variant } = this.rows;
    const needed: number[] = [];
    const inPlay: number[] = [];
    for (let w = shard.first; w < shard.first + shard.count; w++) {
      if (mask !== undefined && mask[w] === 0) inPlay.push(variant[w]);
      else needed.push(shard.variantOf(rowSeedLow[w], rowSeedHigh[w], episode[w]));
    }
    await shard.ensureLevels(needed, inPlay, this.#onLevel);
  }

  /** One tick with `[B, A, F]` f32 actions (F = ACTION_FIELDS). @throws ShapeError for another length; EngineError once the device is lost. */
  async step(actions: Float32Array): Promise<void> {
    this.#assertAlive();
    const { numAgents } = this.program;
    const length = this.numWorlds * numAgents * ACTION_FIELDS;
    if (actions.length !== length)
      throw new ShapeError(
        'action-shape',
        `Actions must hold ${this.numWorlds} worlds x ${numAgents} agents x ${ACTION_FIELDS} fields = ${length} numbers; got ${actions.length}. Make the array anew for this engine.`,
      );
    const perWorld = numAgents * ACTION_FIELDS;
    for (const shard of this.shards) shard.step(actions.subarray(shard.first * perWorld, (shard.first + shard.count) * perWorld));
    await this.#readStep();
  }

  /** Ticks with the actions of the last `step` held, in one go; only the results of the last tick are read back. */
  async repeat(ticks: number): Promise<void> {
    this.#assertAlive();
    for (const shard of this.shards) shard.repeat(ticks);
    await this.#readStep();
    await this.refreshRows();
  }

  async advance(source: ActionSource, ticks: number, sums: EpisodeSums): Promise<EndedEpisode[]> {
    this.#assertAlive();
    if (ticks === 0) return [];
    const after = { returns: sums.returns.slice(), achieved: sums.achieved.slice() };
    let ended: EndedEpisode[] = [];
    await this.#guard(async () => {
      const advances = await this.#advancesOf(source);
      ended = (await Promise.all(advances.map((advance) => advance.run(ticks, after)))).flat();
    });
    await this.#readResults();
    await this.refreshRows();
    sums.returns.set(after.returns);
    sums.achieved.set(after.achieved);
    return ended.sort((a, b) => a.tick - b.tick || a.row - b.row);
  }

  /**
   * `advance` without a look at what it gives: ticks are queued, and nothing is read back. For benchmarks; `refreshRows` before anything else.
   * Nobody would see a row wait for a level, so the first call brings all of them.
   */
  async queue(source: ActionSource, ticks: number): Promise<void> {
    this.#assertAlive();
    const all = Array.from({ length: this.program.numVariants }, (_, variant) => variant);
    await this.#guard(() => this.#each((shard) => (shard.levels.complete ? Promise.resolve() : shard.ensureLevels(all, []))));
    for (const advance of await this.#advancesOf(source)) advance.submit(ticks);
  }

  /** Reads the pictures and lidar of all agents back into `observations.pictures`, or those that ended episodes closed with into `finalPictures`. */
  async readPictures(kind: PictureKind = 'current'): Promise<void> {
    this.#assertAlive();
    if (this.#selection === undefined) return;
    const { pictures, finalPictures } = this.observations;
    await this.#guard(() => this.#each((shard) => shard.pullPictures(kind, kind === 'current' ? pictures : finalPictures, shard.first)));
  }

  /** Hash of each row's state, as `hashWorld` gives it. */
  async hashes(): Promise<string[]> {
    const lanes = await this.#lanes();
    return Array.from({ length: this.numWorlds }, (_, w) => formatHash(lanes[2 * w], lanes[2 * w + 1]));
  }

  /** Hash of the batch, as `hashBatch` gives it. */
  async hash(): Promise<string> {
    const lanes = await this.#lanes();
    let lane0 = 0;
    let lane1 = 0;
    for (let w = 0; w < this.numWorlds; w++) {
      lane0 = (lane0 + hashWord0(2, w, lanes[2 * w] ^ Math.imul(lanes[2 * w + 1], 31))) >>> 0;
      lane1 = (lane1 + hashWord1(2, w, lanes[2 * w + 1] ^ Math.imul(lanes[2 * w], 31))) >>> 0;
    }
    return formatHash(lane0, lane1);
  }

  async readState(): Promise<BatchState> {
    this.#assertAlive();
    await this.#guard(() =>
      this.#each(async (shard) => {
        await shard.pullState();
        await shard.pullVoxels();
      }),
    );
    if (this.shards.length === 1) return this.#withVariants(this.shards[0].context.state);
    this.#mirror ??= createBatchState(this.program, this.numWorlds);
    const to = this.#mirror;
    for (const { first, context } of this.shards) {
      const { state } = context;
      state.layout.fields.forEach((field, f) => {
        const length = field.wordsPerWorld * state.layout.numWorlds;
        to.arena.set(state.arena.subarray(field.base, field.base + length), to.layout.fields[f].base + first * field.wordsPerWorld);
      });
      to.voxels.set(state.voxels, first * state.cellsPerWorld);
      to.rows.set(state.rows, first * state.rowsPerWorld);
      to.voxelHash.set(state.voxelHash, 2 * first);
    }
    return this.#withVariants(to);
  }

  /** State of a row that `restore`, here or on another engine, goes on from. */
  async snapshot(w: number): Promise<WorldSnapshot> {
    this.#assertAlive();
    const shard = this.#shardOf(w);
    await this.#guard(() => shard.pullRow(w - shard.first));
    return takeSnapshot(shard.context, w - shard.first);
  }

  async snapshots(): Promise<WorldSnapshot[]> {
    this.#assertAlive();
    await this.#guard(() =>
      this.#each(async (shard) => {
        await shard.pullState();
        await shard.pullVoxels();
      }),
    );
    return this.shards.flatMap(({ context, count }) => Array.from({ length: count }, (_, row) => takeSnapshot(context, row)));
  }

  /** Puts a row back to a snapshot of this or another engine. @throws ShapeError for one of another scenario. */
  async restore(w: number, snapshot: WorldSnapshot): Promise<void> {
    this.#assertAlive();
    const shard = this.#shardOf(w);
    const row = w - shard.first;
    await this.#guard(async () => {
      await shard.pullDerived();
      const { variant } = this.rows;
      const others = Array.from({ length: shard.count }, (_, k) => shard.first + k).filter((other) => other !== w);
      await shard.ensureLevels(
        [snapshot.variant],
        others.map((other) => variant[other]),
      );
    });
    restoreSnapshot(shard.context, row, snapshot);
    shard.pushRow(row);
    shard.observe();
    const { state } = shard.context;
    for (const name of ['episode', 'variant', 'rowSeedLow', 'rowSeedHigh', 'tick'] as const) this.rows[name][w] = state[name][row];
    await this.#guard(async () => {
      await this.#readbacks[this.shards.indexOf(shard)].observations();
      await this.#pullPictures(false);
    });
  }

  async heldActions(): Promise<Float32Array> {
    this.#assertAlive();
    const perWorld = this.program.numAgents * ACTION_FIELDS;
    const actions = new Float32Array(this.numWorlds * perWorld);
    await this.#guard(() => this.#each(async (shard) => actions.set(await shard.pullActions(), shard.first * perWorld)));
    return actions;
  }

  async hold(actions: Float32Array): Promise<void> {
    this.#assertAlive();
    const perWorld = this.program.numAgents * ACTION_FIELDS;
    for (const shard of this.shards) shard.hold(actions.subarray(shard.first * perWorld, (shard.first + shard.count) * perWorld));
  }

  /** Masks are made on the host, from the state as it stands: a readback of every row. */
  async actionMasksInto(out: Uint8Array): Promise<void> {
    const rows = await this.snapshots();
    const twin = createCpuEngine({
      program: this.program,
      variants: this.#variants,
      numWorlds: this.numWorlds,
      seed: 0,
      observe: false,
    });
    for (const [w, snapshot] of rows.entries()) twin.restore(w, snapshot);
    twin.actionMasksInto(out);
  }

  /** Actions so far that were NaN or infinite; each became its neutral value. */
  async invalidActions(): Promise<number> {
    this.#assertAlive();
    let sum = 0;
    await this.#guard(() =>
      this.#each(async (shard) => {
        await shard.pull(['invalid']);
        for (const count of shard.region('invalid').host) sum += count;
      }),
    );
    return sum;
  }

  /** Bytes on the device per world. */
  get bytesPerWorld(): number {
    const bytes = this.shards.reduce((sum, shard, k) => sum + shard.bytes + this.#readbacks[k].bytes, 0);
    return Math.round(bytes / this.numWorlds);
  }

  /** Reads what every row plays, after ticks whose ends nobody read. */
  async refreshRows(): Promise<void> {
    await this.#guard(() =>
      this.#each(async (shard) => {
        const names = ['episode', 'variant', 'tick'] as const;
        await shard.pull(names.map((name) => `c.state.${name}`));
        for (const name of names) this.rows[name].set(shard.context.state[name], shard.first);
      }),
    );
  }

  dispose(): void {
    for (const advance of this.#advances?.list ?? []) advance.dispose();
    for (const readback of this.#readbacks) readback.dispose();
    for (const shard of this.shards) shard.dispose();
    if (!this.#isShared) this.gpu.destroy();
  }

  async #lanes(): Promise<Int32Array> {
    this.#assertAlive();
    const lanes = new Int32Array(2 * this.numWorlds);
    for (const shard of this.shards) shard.hash();
    await this.#guard(() =>
      this.#each(async (shard) => {
        await shard.pull(['hash']);
        lanes.set(shard.region('hash').host as Int32Array, 2 * shard.first);
      }),
    );
    return lanes;
  }

  async #readStep(): Promise<void> {
    await this.#readResults();
    const { tick } = this.rows;
    const { ended } = this.outputs;
    for (let w = 0; w < this.numWorlds; w++) tick[w] = ended[w] === 1 && this.#autoreset ? 0 : tick[w] + 1;
  }

  /** Results and observations of the last tick. */
  async #readResults(): Promise<void> {
    await this.#guard(async () => {
      await this.#each(async (shard, readback) => {
        await readback.all();
        while (shard.halted) {
          const left = await shard.resume();
          if (left > 0) shard.repeat(left);
          await readback.all();
        }
      });
      const { ended } = this.outputs;
      const any = ended.includes(1);
      await this.#pullPictures(any);
      if (!any) return;
      await this.#each(async ({ first, count }, readback) => {
        const worlds = Array.from({ length: count }, (_, k) => k).filter((k) => ended[first + k] === 1);
        if (worlds.length > 0) await readback.ended(worlds);
      });
    });
  }

  async #pullPictures(ended: boolean): Promise<void> {
    if (!this.#readsPictures) return;
    const { pictures, finalPictures } = this.observations;
    await this.#each((shard) => shard.pullPictures('current', pictures, shard.first));
    if (ended) await this.#each((shard) => shard.pullPictures('final', finalPictures, shard.first));
  }

  /** One per shard; the last source's are kept. */
  async #advancesOf(source: ActionSource): Promise<readonly Advance[]> {
    if (this.#advances?.source === source) return this.#advances.list;
    if (!this.#autoreset)
      throw new UsageError('advance-autoreset', 'An advance resets rows by itself; got an engine without autoreset. Step tick by tick.');
    source.check(this.program, this.#selection !== undefined);
    for (const advance of this.#advances?.list ?? []) advance.dispose();
    const list = await Promise.all(this.shards.map((shard) => Advance.create(this.gpu, shard, source)));
    this.#advances = { source, list };
    return list;
  }

  /** All shards at once: each waits for its own copies only. */
  async #each(work: (shard: Shard, readback: Readback) => Promise<void>): Promise<void> {
    await Promise.all(this.shards.map((shard, k) => work(shard, this.#readbacks[k])));
  }

  /** Reading from a device that is lost fails in many ways; all of them become one error. */
  async #guard(read: () => Promise<void>): Promise<void> {
    try {
      await waitForDevice(this.software, read);
    } catch (cause) {
      // The promise `lost` may settle after the copy that failed.
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (this.#watch.lost === undefined) throw cause;
    }
    this.#assertAlive();
  }

  #withVariants(state: BatchState): BatchState {
    for (let w = 0; w < this.numWorlds; w++) state.variants[w] = this.#variants.get(state.variant[w]);
    return state;
  }

  #shardOf(w: number): Shard {
    const shard = this.shards.find(({ first, count }) => w >= first && w < first + count);
    if (shard === undefined)
      throw new ShapeError('row', `A row must be from 0 to ${this.numWorlds - 1}; got ${w}. Choose one of the batch.`);
    return shard;
  }

  #assertAlive(): void {
    const { lost } = this.#watch;
    if (lost === undefined) return;
    throw new EngineError(
      'gpu-lost',
      `The GPU must stay there for a run; ${this.device} was lost: ${lost}. Restore the last snapshots on another engine, for instance "cpu": they go on with the same hashes.`,
    );
  }
}

/**
 * Creates the engine and starts the first episode of every row.
 * @throws UsageError without a GPU adapter, for props, unbounded variants, and worlds that do not fit; EngineError for a kernel that the driver does not take.
 */
export async function createWebGpuEngine(options: WebGpuOptions): Promise<WebGpuEngine> {
  const obstacle = webGpuObstacle(options.program);
  if (obstacle !== undefined) throw obstacle;
  const open = options.gpu ?? (await openGpu());
  return waitForDevice(open.software, () => createOn(open, options));
}

async function createOn({ device: gpu, description, software }: OpenGpu, options: WebGpuOptions): Promise<WebGpuEngine> {
  const { program, variants, numWorlds, autoreset = true, observe = true } = options;
  const watch = watchDevice(gpu);
  const numFailures = watch.failures.length;
  const { low, high } = splitSeed(options.seed);
  const sample = variants.get(drawVariant(program.numVariants, low, high));
  const levelBytes = options.levelBytes ?? SHARD_BYTES;
  const perShard = Math.min(numWorlds, options.worldsPerShard ?? worldsPerShard(program, sample, levelBytes, observe));
  const shards: Shard[] = [];
  gpu.pushErrorScope('out-of-memory');
  let scoped = true;
  try {
    for (let first = 0; first < numWorlds; first += perShard)
      shards.push(
        await Shard.create(
          gpu,
          {
            program,
            variants,
            first,
            count: Math.min(perShard, numWorlds - first),
            autoreset,
            observe,
            specialise: options.specialise ?? !software,
            levelBytes,
            onProgress: software || first > 0 ? undefined : options.onProgress,
          },
          sample,
        ),
      );
    const engine = new WebGpuEngine(options, {
      gpu,
      watch,
      shards,
      device: description,
      software,
    });
    await engine.prepare(options.read);
    scoped = false;
    const full = await gpu.popErrorScope();
    if (full !== null) throw tooLarge(program, numWorlds, engine.bytesPerWorld, full.message);
    // Drivers that compute on the CPU compile a kernel when it first runs.
    if (software && options.onProgress !== undefined) await shards[0].warmUp(options.onProgress);
    await engine.reset(
      undefined,
      Array.from({ length: numWorlds }, (_, w) => options.seed + w),
    );
    if (watch.failures.length > numFailures)
      throw new EngineError(
        'gpu-failed',
        `The GPU must take the kernels of ${program.id}; ${description} said: ${watch.failures[numFailures].slice(0, 500)}. Use the engine "cpu", and report this with your driver's version.`,
      );
    return engine;
  } catch (error) {
    if (options.gpu === undefined) gpu.destroy();
    else {
      if (scoped) void gpu.popErrorScope().catch(() => undefined);
      for (const shard of shards) shard.dispose();
    }
    throw error;
  }
}

/** Why a scenario cannot run on the device; undefined where it can. */
export function webGpuObstacle(program: ScenarioProgram): UsageError | undefined {
  if (program.numProps > 0)
    return new UsageError(
      'props-on-webgpu',
      `The engine "webgpu" must get a scenario without props; got ${program.numProps} in ${program.id}. Use "rigid".`,
    );
  if (program.numVariants > 65536)
    return new UsageError(
      'unbounded-on-webgpu',
      `The engine "webgpu" draws levels from a pool on the device; got unbounded variants in ${program.id}. Give episode.variants a number, or use "cpu".`,
    );
  return undefined;
}

function tooLarge(program: ScenarioProgram, numWorlds: number, bytesPerWorld: number, message: string): UsageError {
  const gib = ((numWorlds * bytesPerWorld) / 2 ** 30).toFixed(2);
  return new UsageError(
    'gpu-memory',
    `A batch of the engine "webgpu" must fit in the device's memory; got ${numWorlds} worlds of ${program.id}, ${gib} GiB at ${bytesPerWorld} bytes each, and the device said: ${message.slice(0, 200)}. Use fewer worlds, or the engine "cpu".`,
  );
}

/** Worlds whose state, observations and cells stay within a binding, and whose levels may all differ. */
function worldsPerShard(program: ScenarioProgram, sample: VariantData, levelBytes: number, observe: boolean): number {
  const one = createObservationBuffers(program, observe ? 1 : 0);
  const rowWords =
    2 * (one.vector.length + one.crop.length) +
    4096 +
    program.numAgents * 512 +
    program.monitor.numRegisters +
    program.size[1] * program.size[2] * program.rowWords;
  const cells = program.size[0] * program.size[1] * program.size[2];
  const cellBytes = cells % 4 === 0 ? cells : 4 * cells;
  const fitting = Math.max(1, Math.floor(SHARD_BYTES / Math.max(4 * rowWords, cellBytes)));
  // Words of its arrays, with room for permission bits that it may lack and, half as much again, for levels with more places to spawn at.
  let words = cellBytes / 4 + cells / 16;
  for (const [name, part] of Object.entries(sample))
    if (ArrayBuffer.isView(part) && name !== 'voxels') words += (part as Int32Array).length;
  const places = placesWithin(levelBytes, program.numVariants, Math.ceil(1.5 * words));
  return places === program.numVariants ? fitting : Math.max(1, Math.min(fitting, places));
}
