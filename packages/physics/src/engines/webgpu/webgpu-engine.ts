/**
 * The `webgpu` engine: everything that a tick does runs on the device, by kernels translated from the very stages that the `cpu` engine runs, and bit for bit like them.
 * State stays on the device; results and observations are read back after each step, everything else when it is asked for.
 * Limits: no props, no unbounded variants (the device draws levels from a pool), no free text in messages.
 */
/// <reference types="@webgpu/types" />
import { ACTION_FIELDS, formatHash, hashWord0, hashWord1, ShapeError, splitSeed, UsageError } from '@kinovox/world';
import type { EngineOptions, StepOutputs, WorldSnapshot } from '../../engine.js';
import type { ObservationBuffers } from '../../observe/observation.js';
import { createObservationBuffers } from '../../observe/observe.js';
import type { ScenarioProgram, VariantData } from '../../program.js';
import { createOutputs } from '../outputs.js';
import { type OpenGpu, openGpu } from './device.js';
import type { PictureKind } from './device-pictures.js';
import { Shard } from './shard.js';

/** Most bytes of a buffer that worlds of a shard share: the least binding that WebGPU promises. */
const SHARD_BYTES = 128 * 2 ** 20;
const OUTPUTS = [
  'rewards',
  'rewardTerms',
  'terminated',
  'truncated',
  'ended',
  'endStatus',
  'endTicks',
  'endProgress',
  'endHash',
  'rootStatus',
  'rootProgress',
  'achieved',
] as const;

export interface WebGpuOptions extends EngineOptions {
  /** Write the program's numbers into the kernels, or let programs share them: by default the former on a GPU, the latter on a driver that computes on the CPU. */
  specialise?: boolean;
  /** Read pictures and lidar back after each step and reset (default true); otherwise they stay on the device until `readPictures`. */
  readPictures?: boolean;
  /** Worlds per shard; by default as many as fit in a binding of 128 MiB. */
  worldsPerShard?: number;
  /** A device that engines share; it outlives them. By default an engine opens one of its own. */
  gpu?: OpenGpu;
}

export class WebGpuEngine {
  readonly name = 'webgpu';
  readonly program: ScenarioProgram;
  readonly numWorlds: number;
  /** Adapter that computes, in words, and whether it is a driver that computes on the CPU. */
  readonly device: string;
  readonly software: boolean;
  /** Results of the last step, read back. */
  readonly outputs: StepOutputs;
  /** Observations after the last step or reset, read back; of rows that ended, `finalVector` and `finalCrop` hold the last ones. */
  readonly observations: ObservationBuffers;
  readonly #gpu: GPUDevice;
  readonly #isShared: boolean;
  readonly #shards: readonly Shard[];
  readonly #observe: boolean;
  readonly #readsPictures: boolean;
  #lost: string | undefined;

  /** Use `createWebGpuEngine`. */
  constructor(options: WebGpuOptions, gpu: GPUDevice, shards: readonly Shard[], device: string, software: boolean) {
    const { program, numWorlds } = options;
    this.program = program;
    this.numWorlds = numWorlds;
    this.device = device;
    this.software = software;
    this.#gpu = gpu;
    this.#isShared = options.gpu !== undefined;
    this.#shards = shards;
    this.#observe = options.observe ?? true;
    this.#readsPictures = this.#observe && (options.readPictures ?? true);
    const whole = shards.length === 1 ? shards[0].context : undefined;
    this.outputs = whole?.outputs ?? createOutputs(program, numWorlds);
    this.observations = whole?.observations ?? createObservationBuffers(program, this.#observe ? numWorlds : 0, options.autoreset ?? true);
    void gpu.lost.then(({ message, reason }) => {
      if (reason !== 'destroyed') this.#lost = message;
    });
  }

  /** Starts episodes: rows where `mask[r]` is 1, or all. `seeds` gives each such row a new seed; otherwise the row goes on to its next episode. */
  async reset(mask?: Uint8Array, seeds?: readonly number[]): Promise<void> {
    this.#assertAlive();
    for (const shard of this.#shards) {
      const words = new Int32Array(shard.count);
      for (let row = 0; row < shard.count; row++) {
        const w = shard.first + row;
        if (mask !== undefined && mask[w] === 0) continue;
        words[row] = seeds === undefined ? 3 : 1;
        if (seeds === undefined) continue;
        const { low, high } = splitSeed(seeds[w]);
        shard.write('c.state.rowSeedLow', Uint32Array.of(low), row);
        shard.write('c.state.rowSeedHigh', Uint32Array.of(high), row);
        shard.write('c.state.episode', Int32Array.of(0), row);
      }
      shard.reset(words);
    }
    await this.#readObservations(false);
  }

  /** One tick with `[B, A, F]` f32 actions (F = ACTION_FIELDS). @throws ShapeError for another length; UsageError after the device was lost. */
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
    for (const shard of this.#shards) shard.step(actions.subarray(shard.first * perWorld, (shard.first + shard.count) * perWorld));
    await this.#readOutputs();
  }

  /** Ticks with the actions of the last `step` held, in one go; only the results of the last tick are read back. */
  async repeat(ticks: number): Promise<void> {
    this.#assertAlive();
    for (const shard of this.#shards) shard.repeat(ticks);
    await this.#readOutputs();
  }

  /** Reads the pictures and lidar of all agents back into `observations.pictures`, or those that ended episodes closed with into `finalPictures`. */
  async readPictures(kind: PictureKind = 'current'): Promise<void> {
    this.#assertAlive();
    const { pictures, finalPictures } = this.observations;
    if (!this.#observe) return;
    for (const shard of this.#shards) await shard.pullPictures(kind, kind === 'current' ? pictures : finalPictures, shard.first);
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

  /** State of a row that `restore`, here or on another engine, goes on from. */
  async snapshot(w: number): Promise<WorldSnapshot> {
    const shard = this.#shardOf(w);
    await shard.pullState();
    await shard.pullVoxels();
    const { state } = shard.context;
    const row = w - shard.first;
    const words = state.layout.fields.flatMap((field) => {
      const start = field.base + row * field.wordsPerWorld;
      return Array.from(state.arena.subarray(start, start + field.wordsPerWorld));
    });
    return {
      words: Int32Array.from(words),
      voxels: state.voxels.slice(row * state.cellsPerWorld, (row + 1) * state.cellsPerWorld),
      variant: state.variant[row],
    };
  }

  /** Actions so far that were NaN or infinite; each became its neutral value. */
  async invalidActions(): Promise<number> {
    let sum = 0;
    for (const shard of this.#shards) {
      await shard.pull(['invalid']);
      for (const count of shard.region('invalid').host) sum += count;
    }
    return sum;
  }

  /** Bytes on the device per world. */
  get bytesPerWorld(): number {
    return Math.round(this.#shards.reduce((sum, shard) => sum + shard.bytes, 0) / this.numWorlds);
  }

  dispose(): void {
    for (const shard of this.#shards) shard.dispose();
    if (!this.#isShared) this.#gpu.destroy();
  }

  async #lanes(): Promise<Int32Array> {
    const lanes = new Int32Array(2 * this.numWorlds);
    for (const shard of this.#shards) {
      shard.hash();
      await shard.pull(['hash']);
      lanes.set(shard.region('hash').host as Int32Array, 2 * shard.first);
    }
    return lanes;
  }

  async #readOutputs(): Promise<void> {
    for (const shard of this.#shards) {
      await shard.pull(OUTPUTS.map((name) => `c.outputs.${name}`));
      if (shard.context.outputs === this.outputs) continue;
      for (const name of OUTPUTS) copyRows(this.outputs[name], shard.context.outputs[name], shard.first, shard.count);
    }
    await this.#readObservations(this.outputs.ended.includes(1));
  }

  async #readObservations(ended: boolean): Promise<void> {
    if (!this.#observe) return;
    const names = ended ? (['vector', 'crop', 'finalVector', 'finalCrop'] as const) : (['vector', 'crop'] as const);
    for (const shard of this.#shards) {
      await shard.pull(names.map((name) => `c.observations.${name}`));
      if (shard.context.observations === this.observations) continue;
      for (const name of names) copyRows(this.observations[name], shard.context.observations[name], shard.first, shard.count);
    }
    if (!this.#readsPictures) return;
    await this.readPictures();
    if (ended) await this.readPictures('final');
  }

  #shardOf(w: number): Shard {
    const shard = this.#shards.find(({ first, count }) => w >= first && w < first + count);
    if (shard === undefined)
      throw new ShapeError('row', `A row must be from 0 to ${this.numWorlds - 1}; got ${w}. Choose one of the batch.`);
    return shard;
  }

  #assertAlive(): void {
    if (this.#lost === undefined) return;
    throw new UsageError(
      'gpu-lost',
      `The GPU must be there for a step; it was lost: ${this.#lost}. Restore the last snapshots on another engine, for instance "cpu": they go on with the same hashes.`,
    );
  }
}

/** Creates the engine and starts the first episode of every row. @throws UsageError without a GPU adapter, for props, unbounded variants, and worlds that do not fit. */
export async function createWebGpuEngine(options: WebGpuOptions): Promise<WebGpuEngine> {
  const { program, variants, numWorlds, autoreset = true, observe = true } = options;
  if (program.numProps > 0)
    throw new UsageError(
      'props-on-webgpu',
      `The engine "webgpu" must get a scenario without props; got ${program.numProps} in ${program.id}. Use "rigid".`,
    );
  if (program.numVariants > 65536)
    throw new UsageError(
      'unbounded-on-webgpu',
      `The engine "webgpu" draws levels from a pool on the device; got unbounded variants in ${program.id}. Give episode.variants a number, or use "cpu".`,
    );
  const { device: gpu, description, software } = options.gpu ?? (await openGpu());
  const failures: string[] = [];
  gpu.addEventListener('uncapturederror', (event) => failures.push((event as GPUUncapturedErrorEvent).error.message));
  const levels: VariantData[] = Array.from({ length: program.numVariants }, (_, variant) => variants.get(variant));
  const perShard = Math.min(numWorlds, options.worldsPerShard ?? worldsPerShard(program, observe));
  const shards: Shard[] = [];
  for (let first = 0; first < numWorlds; first += perShard) {
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
        },
        levels,
      ),
    );
  }
  const engine = new WebGpuEngine(options, gpu, shards, description, software);
  await engine.reset(
    undefined,
    Array.from({ length: numWorlds }, (_, w) => options.seed + w),
  );
  if (failures.length > 0)
    throw new UsageError('gpu-failed', `The GPU must take the kernels of ${program.id}; it said: ${failures[0].slice(0, 500)}`);
  return engine;
}

/** Worlds whose state, observations and cells stay within a binding. */
function worldsPerShard(program: ScenarioProgram, observe: boolean): number {
  const one = createObservationBuffers(program, observe ? 1 : 0);
  const words =
    2 * (one.vector.length + one.crop.length) +
    4096 +
    program.numAgents * 512 +
    program.monitor.numRegisters +
    program.size[1] * program.size[2] * program.rowWords;
  const cells = program.size[0] * program.size[1] * program.size[2];
  return Math.max(1, Math.floor(SHARD_BYTES / Math.max(4 * words, cells % 4 === 0 ? cells : 4 * cells)));
}

function copyRows(
  to: StepOutputs[keyof StepOutputs] | Float32Array | Uint16Array,
  from: StepOutputs[keyof StepOutputs] | Float32Array | Uint16Array,
  first: number,
  count: number,
): void {
  const perRow = from.length / count;
  (to as Int32Array).set(from as Int32Array, first * perRow);
}
