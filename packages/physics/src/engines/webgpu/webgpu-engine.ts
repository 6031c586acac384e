/**
 * The `webgpu` engine: everything that a tick does runs on the device, by kernels translated from the very stages that the `cpu` engine runs, and bit for bit like them.
 * State stays on the device; a step reads back, packed, what the caller asks for (`ReadSettings`), everything else comes when it is asked for.
 * Levels come to the device when rows are about to play them (`DeviceLevels`).
 * Limits: no props, no unbounded variants (the device has a word for each), no free text in messages.
 */
/// <reference types="@webgpu/types" />
import { ACTION_FIELDS, ShapeError, splitSeed, UsageError } from '@kinovox/world';
import type { AsyncEngine, EndedEpisode, EpisodeSums, ReadSettings, RowWords } from '../../async-engine.js';
import type { BatchState } from '../../batch-state.js';
import type { EngineOptions, StepOutputs, WorldSnapshot } from '../../engine.js';
import { actionMaskSize } from '../../observe/action-mask.js';
import type { ObservationBuffers } from '../../observe/observation.js';
import { createObservationBuffers } from '../../observe/observe.js';
import { createSelectedBuffers, selectGroups } from '../../observe/selection.js';
import type { ScenarioProgram, VariantSource } from '../../program.js';
import type { ActionSource } from '../../sources/action-source.js';
import { createCpuEngine } from '../cpu.js';
import { createOutputs } from '../outputs.js';
import { restoreSnapshot } from '../snapshots.js';
import { Advance } from './advance.js';
import { type BatchArrays, BatchReadback } from './batch-readback.js';
import type { OpenGpu } from './device.js';
import type { PictureKind } from './device-pictures.js';
import type { Shard } from './shard.js';
import type { ShardGroup } from './shard-group.js';
import type { SetupProgress } from './shard-kernels.js';

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
  readonly #observes: boolean;
  readonly #group: ShardGroup;
  readonly #readback: BatchReadback;
  #advances: { source: ActionSource; list: readonly Advance[] } | undefined;

  private constructor(options: WebGpuOptions, gpu: GPUDevice, group: ShardGroup, arrays: BatchArrays, readback: BatchReadback) {
    const { program, numWorlds, autoreset = true, onProgress } = options;
    this.program = program;
    this.numWorlds = numWorlds;
    this.device = group.device;
    this.software = group.software;
    this.gpu = gpu;
    this.#isShared = options.gpu !== undefined;
    if (onProgress !== undefined) this.#onLevel = (done, of) => onProgress('levels', done, of);
    this.shards = group.shards;
    this.actionMaskSize = actionMaskSize(program);
    this.#variants = options.variants;
    this.#autoreset = autoreset;
    this.#observes = arrays.selection !== undefined;
    this.rows = arrays.rows;
    this.outputs = arrays.outputs;
    this.observations = arrays.observations;
    this.#group = group;
    this.#readback = readback;
  }

  /** Of shards that hold no level yet and no row that has begun; use `createWebGpuEngine`. */
  static async create(options: WebGpuOptions, gpu: GPUDevice, group: ShardGroup): Promise<WebGpuEngine> {
    const arrays = createArrays(options);
    return new WebGpuEngine(options, gpu, group, arrays, await BatchReadback.create(gpu, group, arrays, options.read ?? {}));
  }

  async reset(mask?: Uint8Array, seeds?: readonly number[]): Promise<void> {
    this.#group.assertAlive();
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
    await this.#group.guard(() => this.#group.each((shard) => this.#bringLevels(shard, mask)));
    for (const shard of this.shards) {
      const end = shard.first + shard.count;
      if (seeds !== undefined)
        for (const name of ['rowSeedLow', 'rowSeedHigh', 'episode'] as const)
          shard.memory.write(`c.state.${name}`, this.rows[name].subarray(shard.first, end));
      const chosen = seeds === undefined ? 3 : 1;
      shard.reset(Int32Array.from({ length: shard.count }, (_, k) => (mask === undefined || mask[shard.first + k] !== 0 ? chosen : 0)));
    }
    await this.#readback.observations();
    await this.#readback.rows(['variant']);
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
    this.#group.assertAlive();
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
    this.#group.assertAlive();
    for (const shard of this.shards) shard.repeat(ticks);
    await this.#readStep();
    await this.refreshRows();
  }

  async advance(source: ActionSource, ticks: number, sums: EpisodeSums): Promise<EndedEpisode[]> {
    this.#group.assertAlive();
    if (ticks === 0) return [];
    const after = { returns: sums.returns.slice(), achieved: sums.achieved.slice() };
    let ended: EndedEpisode[] = [];
    await this.#group.guard(async () => {
      const advances = await this.#advancesOf(source);
      ended = (await Promise.all(advances.map((advance) => advance.run(ticks, after)))).flat();
    });
    await this.#readback.results();
    await this.refreshRows();
    sums.returns.set(after.returns);
    sums.achieved.set(after.achieved);
    return ended.sort((a, b) => a.tick - b.tick || a.row - b.row);
  }

  /**
   * `advance` without a look at what it gives: ticks are queued, and once every level is on the device nothing is waited for.
   * For benchmarks; `refreshRows` before anything else.
   */
  async queue(source: ActionSource, ticks: number): Promise<void> {
    this.#group.assertAlive();
    await this.#group.guard(async () => {
      await Promise.all((await this.#advancesOf(source)).map((advance) => advance.queue(ticks)));
    });
  }

  /** Reads the pictures and lidar of all agents back into `observations.pictures`, or those that ended episodes closed with into `finalPictures`. */
  async readPictures(kind: PictureKind = 'current'): Promise<void> {
    await this.#readback.pictures(kind);
  }

  /** Hash of each row's state, as `hashWorld` gives it. */
  async hashes(): Promise<string[]> {
    return this.#readback.hashes();
  }

  /** Hash of the batch, as `hashBatch` gives it. */
  async hash(): Promise<string> {
    return this.#readback.hash();
  }

  async readState(): Promise<BatchState> {
    return this.#readback.state();
  }

  /** State of a row that `restore`, here or on another engine, goes on from. */
  async snapshot(w: number): Promise<WorldSnapshot> {
    return this.#readback.snapshot(w);
  }

  async snapshots(): Promise<WorldSnapshot[]> {
    return this.#readback.snapshots();
  }

  /** Puts a row back to a snapshot of this or another engine. @throws ShapeError for one of another scenario. */
  async restore(w: number, snapshot: WorldSnapshot): Promise<void> {
    await this.restoreRows([w], [snapshot]);
  }

  async restoreRows(rows: readonly number[], snapshots: readonly WorldSnapshot[]): Promise<void> {
    this.#group.assertAlive();
    const taken = new Map<Shard, Map<number, WorldSnapshot>>();
    for (const [k, w] of rows.entries()) {
      const shard = this.#group.of(w);
      taken.set(shard, (taken.get(shard) ?? new Map<number, WorldSnapshot>()).set(w - shard.first, snapshots[k]));
    }
    await this.#group.guard(async () => {
      await Promise.all([...taken].map(([shard, chosen]) => this.#bringSnapshots(shard, chosen)));
    });
    // All of them first: one that is refused leaves the device as it was.
    for (const [shard, chosen] of taken) for (const [row, snapshot] of chosen) restoreSnapshot(shard.context, row, snapshot);
    for (const [shard, chosen] of taken) {
      for (const row of chosen.keys()) shard.memory.pushRow(row);
      shard.memory.pushDerived();
      shard.observe();
      const { state } = shard.context;
      for (const name of ['episode', 'variant', 'rowSeedLow', 'rowSeedHigh', 'tick'] as const)
        for (const row of chosen.keys()) this.rows[name][shard.first + row] = state[name][row];
    }
    await this.#readback.observations([...taken.keys()]);
  }

  /** What rows of a shard need before they are put back: their levels, and what lies beside other rows' in one list. */
  async #bringSnapshots(shard: Shard, chosen: ReadonlyMap<number, WorldSnapshot>): Promise<void> {
    await shard.memory.pullDerived();
    const inPlay: number[] = [];
    for (let row = 0; row < shard.count; row++) if (!chosen.has(row)) inPlay.push(this.rows.variant[shard.first + row]);
    await shard.ensureLevels(
      [...chosen.values()].map(({ variant }) => variant),
      inPlay,
    );
  }

  async heldActions(): Promise<Float32Array> {
    return this.#readback.heldActions();
  }

  async hold(actions: Float32Array): Promise<void> {
    this.#group.assertAlive();
    const perWorld = this.program.numAgents * ACTION_FIELDS;
    for (const shard of this.shards) shard.memory.hold(actions.subarray(shard.first * perWorld, (shard.first + shard.count) * perWorld));
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
    return this.#readback.invalidActions();
  }

  /** Bytes on the device per world. */
  get bytesPerWorld(): number {
    const bytes = this.shards.reduce((sum, shard) => sum + shard.bytes, this.#readback.bytes);
    return Math.round(bytes / this.numWorlds);
  }

  /** Reads what every row plays, after ticks whose ends nobody read. */
  async refreshRows(): Promise<void> {
    await this.#readback.rows(['episode', 'variant', 'tick']);
  }

  dispose(): void {
    for (const advance of this.#advances?.list ?? []) advance.dispose();
    this.#readback.dispose();
    for (const shard of this.shards) shard.dispose();
    if (!this.#isShared) this.gpu.destroy();
  }

  async #readStep(): Promise<void> {
    await this.#readback.results();
    const { tick } = this.rows;
    const { ended } = this.outputs;
    for (let w = 0; w < this.numWorlds; w++) tick[w] = ended[w] === 1 && this.#autoreset ? 0 : tick[w] + 1;
  }

  /** One per shard; the last source's are kept. */
  async #advancesOf(source: ActionSource): Promise<readonly Advance[]> {
    if (this.#advances?.source === source) return this.#advances.list;
    if (!this.#autoreset)
      throw new UsageError('advance-autoreset', 'An advance resets rows by itself; got an engine without autoreset. Step tick by tick.');
    source.check(this.program, this.#observes);
    for (const advance of this.#advances?.list ?? []) advance.dispose();
    const list = await Promise.all(this.shards.map((shard) => Advance.create(this.gpu, shard, source)));
    this.#advances = { source, list };
    return list;
  }
}

/** The arrays of the whole batch, which readbacks fill. */
function createArrays(options: WebGpuOptions): BatchArrays {
  const { program, numWorlds, variants, read = {}, autoreset = true, observe = true } = options;
  const { groups, crop = true, final = true } = read;
  const words = () => new Int32Array(numWorlds);
  const selection = observe ? selectGroups(program, groups) : undefined;
  return {
    program,
    numWorlds,
    variants,
    selection,
    rows: { episode: words(), variant: words(), rowSeedLow: words(), rowSeedHigh: words(), tick: words() },
    outputs: createOutputs(program, numWorlds),
    observations:
      selection === undefined
        ? createObservationBuffers(program, 0)
        : createSelectedBuffers(program, selection, { numWorlds, crop, final, autoreset }),
    readsPictures: observe && (options.readPictures ?? true),
  };
}
