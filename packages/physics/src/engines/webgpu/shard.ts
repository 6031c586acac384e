/**
 * Worlds [first, first + count) of a batch on the device: they tick, reset and are observed together, and their levels come as their rows need them.
 * Its memory is `ShardMemory`, its kernels `ShardKernels`.
 */
/// <reference types="@webgpu/types" />
import { drawVariant, EngineError, episodeSeedWord } from '@kinovox/world';
import { createBatchState, createTickBuffers } from '../../batch-state.js';
import type { EngineOptions } from '../../engine.js';
import { createObservationBuffers } from '../../observe/observe.js';
import type { PictureBuffers } from '../../observe/pictures.js';
import type { VariantData } from '../../program.js';
import { createTickContext, type TickContext } from '../../stages/context.js';
import { createOutputs } from '../outputs.js';
import { assembleKernel, type Region } from './assemble.js';
import { DeviceLevels } from './device-levels.js';
import { DevicePictures, type PictureKind } from './device-pictures.js';
import { type SetupProgress, ShardKernels, WORKGROUP } from './shard-kernels.js';
import { ShardMemory } from './shard-memory.js';

/** Ticks in a submit: enough to hide what a submit costs, few enough that no driver takes it for hung. */
const TICKS_PER_SUBMIT = 32;

export interface ShardOptions extends Pick<EngineOptions, 'program' | 'variants'> {
  first: number;
  count: number;
  autoreset: boolean;
  observe: boolean;
  /** See `AssembleOptions.specialise`. */
  specialise: boolean;
  /** Most bytes of the buffer of levels. */
  levelBytes: number;
  onProgress?: SetupProgress | undefined;
}

export class Shard {
  readonly first: number;
  readonly count: number;
  /** The host's mirror of what the device holds; filled by `memory.pull`. */
  readonly context: TickContext;
  readonly memory: ShardMemory;
  readonly levels: DeviceLevels;
  readonly #device: GPUDevice;
  readonly #kernels: ShardKernels;
  readonly #pictures: DevicePictures | undefined;
  /** Ticks asked for since the device was last seen not to wait for a level. */
  #asked = 0;

  private constructor(parts: {
    options: ShardOptions;
    context: TickContext;
    device: GPUDevice;
    memory: ShardMemory;
    levels: DeviceLevels;
    kernels: ShardKernels;
    pictures: DevicePictures | undefined;
  }) {
    this.first = parts.options.first;
    this.count = parts.options.count;
    this.context = parts.context;
    this.#device = parts.device;
    this.memory = parts.memory;
    this.levels = parts.levels;
    this.#kernels = parts.kernels;
    this.#pictures = parts.pictures;
  }

  /** @param sample any level. No level is on the device yet: `ensureLevels` comes before the first reset. */
  static async create(device: GPUDevice, options: ShardOptions, sample: VariantData): Promise<Shard> {
    const { program, variants, count, autoreset, observe, specialise, onProgress } = options;
    const context = createTickContext({
      program,
      variants,
      state: createBatchState(program, count),
      buffers: createTickBuffers(count, program),
      outputs: createOutputs(program, count),
      observations: createObservationBuffers(program, observe ? count : 0, autoreset),
    });
    const kernel = assembleKernel(context, sample, { autoreset, observe, workgroup: WORKGROUP, specialise });
    const memory = new ShardMemory(device, kernel, context, count);
    const { data, voxels } = memory;
    const limit = Math.min(options.levelBytes, device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize);
    const levels = new DeviceLevels(device, { program, variants, pack: (level) => kernel.packLevel(level), limit, count }, sample);
    const { camera, lidar } = program.observation;
    const ended = kernel.regions.get('c.outputs.ended')!.offset;
    const pictures = observe
      ? await DevicePictures.create(device, { context, camera, lidar, count, data, voxels, ended, autoreset, specialise })
      : undefined;
    const kernels = await ShardKernels.create(device, kernel, {
      memory,
      count,
      levels: levels.buffer,
      pictures,
      programId: program.id,
      onProgress,
    });
    return new Shard({ options, context, device, memory, levels, kernels, pictures });
  }

  /** Words of the tick, one per element. */
  get data(): GPUBuffer {
    return this.memory.data;
  }

  /** Actions of a tick, `[count, A, F]` f32. */
  get actions(): GPUBuffer {
    return this.memory.actions;
  }

  /** Where an array lies in `data`. */
  region(path: string): Region {
    return this.memory.region(path);
  }

  /** One tick per call, with the `[count, A, F]` actions given. */
  step(actions: Float32Array): void {
    this.memory.hold(actions);
    this.expectTicks(1);
    this.#kernels.run(this.#kernels.tick);
  }

  /** Ticks with the actions that lie on the device already, in few submits; pictures are taken after the last one. */
  repeat(ticks: number): void {
    this.expectTicks(ticks);
    for (let done = 0; done < ticks; done += TICKS_PER_SUBMIT) {
      const encoder = this.#device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (let k = done; k < Math.min(ticks, done + TICKS_PER_SUBMIT); k++) this.#kernels.encodeTick(pass, { pictures: k === ticks - 1 });
      pass.end();
      this.#device.queue.submit([encoder.finish()]);
    }
  }

  /** One tick into a pass: see `ShardKernels.encodeTick`. */
  encodeTick(...tick: Parameters<ShardKernels['encodeTick']>): void {
    this.#kernels.encodeTick(...tick);
  }

  /** Rows with 1 begin the episode that their words name, rows with 3 their next one; all are observed. */
  reset(mask: Int32Array): void {
    this.memory.write('mask', mask);
    this.#kernels.run(this.#kernels.begin);
  }

  /** Observes all rows anew, after the host wrote words of theirs. */
  observe(): void {
    this.#kernels.run(this.#kernels.observe);
  }

  /** Fills the region `hash` with the lanes of every row. */
  hash(): void {
    this.#kernels.run(['hash']);
  }

  /** Brings the levels of variants to the device; those that `inPlay` names stay there. */
  async ensureLevels(needed: Iterable<number>, inPlay: Iterable<number>, onLevel?: (done: number, of: number) => void): Promise<void> {
    if (await this.levels.ensure(needed, inPlay, onLevel)) this.#kernels.useLevels(this.levels.buffer);
  }

  /** The variant that an episode of a row plays. */
  variantOf(rowSeedLow: number, rowSeedHigh: number, episode: number): number {
    const [low, high] = [0, 1].map((word) => episodeSeedWord(rowSeedLow, rowSeedHigh, episode, word as 0 | 1));
    return drawVariant(this.context.program.numVariants, low, high);
  }

  /** Before ticks are submitted: counts them, should one of them have to wait for a level. */
  expectTicks(ticks: number): void {
    this.#asked = ticks;
    if (!this.levels.complete) this.memory.write('halt', new Int32Array(2));
  }

  /** Whether a row waited for its level when `halt` was last pulled; ticks after the one that met it did not run. */
  get halted(): boolean {
    return this.memory.region('halt').host[0] !== 0;
  }

  /**
   * Brings the levels that rows wait for, ends the tick that met them, and gives how many of the ticks asked for are still to run.
   * @throws EngineError where they go on waiting.
   */
  async resume(): Promise<number> {
    const ran = this.memory.region('halt').host[1];
    // Levels were brought, and the same rows still wait: without this, for ever.
    if (ran === 0)
      throw new EngineError(
        'gpu-levels',
        `The device must draw the levels that the host draws; rows of ${this.context.program.id} wait for others than those of their seeds. Use the engine "cpu", and report this with your driver's version.`,
      );
    const left = this.#asked - ran;
    await this.memory.pull(['mask', ...['rowSeedLow', 'rowSeedHigh', 'episode', 'variant'].map((name) => `c.state.${name}`)]);
    const { rowSeedLow, rowSeedHigh, episode, variant } = this.context.state;
    const waiting = this.memory.region('mask').host;
    const needed: number[] = [];
    const inPlay: number[] = [];
    for (let row = 0; row < this.count; row++) {
      if (waiting[row] === 0) inPlay.push(variant[row]);
      else needed.push(this.variantOf(rowSeedLow[row], rowSeedHigh[row], episode[row] + (waiting[row] === 1 ? 0 : 1)));
    }
    await this.ensureLevels(needed, inPlay);
    this.memory.region('halt').host.fill(0);
    this.#asked = left;
    this.memory.write('halt', new Int32Array(2));
    this.#kernels.run(this.#kernels.begin);
    return left;
  }

  /** Runs every kernel once in a batch that halted, where it does nothing: drivers that compile at the first use do it here. */
  async warmUp(onProgress?: SetupProgress): Promise<void> {
    this.memory.write('halt', Int32Array.of(1, 0));
    const { names } = this.#kernels;
    for (const [k, name] of names.entries()) {
      this.#kernels.run([name]);
      await this.#device.queue.onSubmittedWorkDone();
      onProgress?.('kernels', k + 1, names.length);
    }
    this.memory.write('halt', new Int32Array(2));
  }

  /** Reads pictures back into `out`, whose row `first` is the shard's first. */
  async pullPictures(kind: PictureKind, out: PictureBuffers, first: number): Promise<void> {
    await this.#pictures?.pull(kind, out, first);
  }

  /** Bytes of its buffers. */
  get bytes(): number {
    return this.memory.bytes + this.#kernels.bytes + this.levels.buffer.size + (this.#pictures?.bytes ?? 0);
  }

  dispose(): void {
    this.memory.dispose();
    this.#kernels.dispose();
    this.levels.dispose();
    this.#pictures?.dispose();
  }
}
