/** Worlds [first, first + count) of a batch on the device: their buffers, their kernel, and what is copied to and fro. */
/// <reference types="@webgpu/types" />
import { ACTION_FIELDS, drawVariant, EngineError, episodeSeedWord, UsageError } from '@kinovox/world';
import { createBatchState, createTickBuffers } from '../../batch-state.js';
import type { EngineOptions } from '../../engine.js';
import { createObservationBuffers } from '../../observe/observe.js';
import type { PictureBuffers } from '../../observe/pictures.js';
import type { VariantData } from '../../program.js';
import { createTickContext, type TickContext } from '../../stages/context.js';
import { createOutputs } from '../outputs.js';
import { type AssembledKernel, assembleKernel, type Region } from './assemble.js';
import { DeviceLevels } from './device-levels.js';
import { DevicePictures, type PictureKind } from './device-pictures.js';

const WORKGROUP = 64;
/** Ticks in a submit: enough to hide what a submit costs, few enough that no driver takes it for hung. */
const TICKS_PER_SUBMIT = 32;
/** Kernels that are no stage of the rules; those that observe are `observe` or `observe/<group>`. */
const AROUND = /^(close|begin|hash|observe(\/.*)?)$/;
/** After the name of a kernel that observes: it writes the last observations of rows that ended. */
const AT_END = '@end';
/** Stands for the kernels of cameras. */
const PICTURES = 'pictures';

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

/** What a batch that is being made is busy with: kernels that the driver has compiled, levels that were built. */
export type SetupProgress = (what: 'kernels' | 'levels', done: number, of: number) => void;

/** Pipelines of each device, by their text: programs that share a kernel compile it once. */
const pipelinesOf = new WeakMap<GPUDevice, Map<string, Promise<GPUComputePipeline>>>();

function compiled(device: GPUDevice, layout: GPUPipelineLayout, name: string, code: string): Promise<GPUComputePipeline> {
  const known = pipelinesOf.get(device) ?? new Map<string, Promise<GPUComputePipeline>>();
  pipelinesOf.set(device, known);
  const before = known.get(code);
  if (before !== undefined) return before;
  const module = device.createShaderModule({ label: name, code });
  const pipeline = device
    .createComputePipelineAsync({ label: name, layout, compute: { module, entryPoint: 'main' } })
    .catch(async (cause: unknown) => {
      known.delete(code);
      // The pipeline only says that the text is bad; where and how is told by the text's own report.
      const [first] = (await module.getCompilationInfo()).messages.filter(({ type }) => type === 'error');
      throw first === undefined ? cause : new Error(`line ${first.lineNum}: ${first.message}`, { cause });
    });
  known.set(code, pipeline);
  return pipeline;
}

export class Shard {
  readonly first: number;
  readonly count: number;
  /** The host's mirror of what the device holds; filled by `pull`. */
  readonly context: TickContext;
  /** Words of the tick, one per element; and the actions of a tick, `[count, A, F]` f32. */
  readonly data: GPUBuffer;
  readonly actions: GPUBuffer;
  readonly #device: GPUDevice;
  readonly #kernel: AssembledKernel;
  readonly #voxels: GPUBuffer;
  /** All but the levels. */
  readonly #buffers: GPUBuffer[];
  readonly levels: DeviceLevels;
  /** By what `observe` does: 0 every row, 1 the last observation of rows that ended. */
  #groups: GPUBindGroup[];
  readonly #bind: (levels: GPUBuffer) => GPUBindGroup[];
  readonly #pipelines: Map<string, GPUComputePipeline>;
  /** Kernels of a tick, in order. */
  readonly #tick: readonly string[];
  readonly #observers: readonly string[];
  readonly #pictures: DevicePictures | undefined;
  #staging: GPUBuffer | undefined;
  /** Ticks asked for since the device was last seen not to wait for a level. */
  #asked = 0;

  private constructor(parts: {
    options: ShardOptions;
    context: TickContext;
    device: GPUDevice;
    kernel: AssembledKernel;
    data: GPUBuffer;
    voxels: GPUBuffer;
    actions: GPUBuffer;
    buffers: GPUBuffer[];
    levels: DeviceLevels;
    bind: (levels: GPUBuffer) => GPUBindGroup[];
    pipelines: Map<string, GPUComputePipeline>;
    pictures: DevicePictures | undefined;
  }) {
    this.first = parts.options.first;
    this.count = parts.options.count;
    this.context = parts.context;
    this.#device = parts.device;
    this.#kernel = parts.kernel;
    this.data = parts.data;
    this.#voxels = parts.voxels;
    this.actions = parts.actions;
    this.#buffers = parts.buffers;
    this.levels = parts.levels;
    this.#bind = parts.bind;
    this.#groups = parts.bind(parts.levels.buffer);
    this.#pipelines = parts.pipelines;
    const names = [...parts.pipelines.keys()];
    this.#observers = names.filter((name) => name.startsWith('observe'));
    this.#tick = [
      ...names.filter((name) => !AROUND.test(name)),
      'close',
      ...this.#observers.map((name) => name + AT_END),
      PICTURES + AT_END,
      'begin',
      ...this.#observers,
      PICTURES,
    ];
    this.#pictures = parts.pictures;
  }

  /** @param sample any level. No level is on the device yet: `ensureLevels` comes before the first reset. */
  static async create(device: GPUDevice, options: ShardOptions, sample: VariantData): Promise<Shard> {
    const { program, variants, count, onProgress } = options;
    const context = createTickContext({
      program,
      variants,
      state: createBatchState(program, count),
      buffers: createTickBuffers(count, program),
      outputs: createOutputs(program, count),
      observations: createObservationBuffers(program, options.observe ? count : 0, options.autoreset),
    });
    const kernel = assembleKernel(context, sample, {
      autoreset: options.autoreset,
      observe: options.observe,
      workgroup: WORKGROUP,
      specialise: options.specialise,
    });
    const storage = (words: number, usage = 0) => {
      const size = Math.max(16, 4 * words);
      const limit = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize);
      if (size > limit) {
        throw new UsageError(
          'gpu-memory',
          `A buffer of the engine "webgpu" must fit in a binding of ${limit} bytes; got ${size} for ${count} worlds of ${program.id}. Use smaller worlds, or the engine "cpu".`,
        );
      }
      return device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC | usage });
    };
    const data = storage(kernel.dataWords);
    const voxels = storage(kernel.voxelWords * count);
    const tables = storage(kernel.tables.length);
    const actions = storage(count * program.numAgents * ACTION_FIELDS);
    device.queue.writeBuffer(tables, 0, kernel.tables as Int32Array<ArrayBuffer>);
    const limit = Math.min(options.levelBytes, device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize);
    const levels = new DeviceLevels(device, { program, variants, pack: (level) => kernel.packLevel(level), limit, count }, sample);
    const layout = device.createBindGroupLayout({
      entries: [0, 1, 2, 3, 4, 5].map((binding) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: binding < 2 ? ('storage' as const) : binding < 5 ? ('read-only-storage' as const) : ('uniform' as const) },
      })),
    });
    const pipelineLayout = device.createPipelineLayout({ bindGroupLayouts: [layout] });
    let numCompiled = 0;
    const pipelines = new Map(
      await Promise.all(
        kernel.kernels.map(async ({ name, code }): Promise<[string, GPUComputePipeline]> => {
          try {
            const pipeline = await compiled(device, pipelineLayout, name, code);
            onProgress?.('kernels', ++numCompiled, kernel.kernels.length);
            return [name, pipeline];
          } catch (cause) {
            throw new EngineError(
              'gpu-kernel',
              `The driver must compile the kernel "${name}" of ${program.id}; it said: ${(cause as Error).message.slice(0, 300)}. Use the engine "cpu", and report this with your driver's version.`,
              { cause },
            );
          }
        }),
      ),
    );
    const modes = [0, 1].map((mode) => {
      const words = device.createBuffer({ size: 16, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
      device.queue.writeBuffer(words, 0, new Uint32Array([mode, 0, 0, 0]));
      return words;
    });
    const bind = (level: GPUBuffer) =>
      modes.map((words) =>
        device.createBindGroup({
          layout,
          entries: [data, voxels, tables, level, actions, words].map((buffer, binding) => ({ binding, resource: { buffer } })),
        }),
      );
    const buffers = [data, voxels, tables, actions, ...modes];
    const { camera, lidar } = program.observation;
    const ended = kernel.regions.get('c.outputs.ended')!.offset;
    const pictures = options.observe
      ? await DevicePictures.create(device, {
          context,
          camera,
          lidar,
          count,
          data,
          voxels,
          ended,
          autoreset: options.autoreset,
          specialise: options.specialise,
        })
      : undefined;
    return new Shard({ options, context, device, kernel, data, voxels, actions, buffers, levels, bind, pipelines, pictures });
  }

  /** One tick per call, with the `[count, A, F]` actions given. */
  step(actions: Float32Array): void {
    this.hold(actions);
    this.expectTicks(1);
    this.#run(this.#tick);
  }

  /** Puts the actions of a tick in place. */
  hold(actions: Float32Array): void {
    this.#device.queue.writeBuffer(this.actions, 0, actions as Float32Array<ArrayBuffer>);
  }

  /** The actions of the last tick. */
  async pullActions(): Promise<Float32Array> {
    const words = this.actions.size / 4;
    const actions = new Float32Array(words);
    await this.#read(
      words,
      (encoder, staging) => encoder.copyBufferToBuffer(this.actions, 0, staging, 0, 4 * words),
      (range) => actions.set(new Float32Array(range, 0, words)),
    );
    return actions.subarray(0, this.count * this.context.numAgents * ACTION_FIELDS);
  }

  /** Brings the levels of variants to the device; those that `inPlay` names stay there. */
  async ensureLevels(needed: Iterable<number>, inPlay: Iterable<number>, onLevel?: (done: number, of: number) => void): Promise<void> {
    if (await this.levels.ensure(needed, inPlay, onLevel)) this.#groups = this.#bind(this.levels.buffer);
  }

  /** Before ticks are submitted: counts them, should one of them have to wait for a level. */
  expectTicks(ticks: number): void {
    this.#asked = ticks;
    if (!this.levels.complete) this.write('halt', new Int32Array(2));
  }

  /** Whether a row waited for its level when `halt` was last pulled; ticks after the one that met it did not run. */
  get halted(): boolean {
    return this.region('halt').host[0] !== 0;
  }

  /**
   * Brings the levels that rows wait for, ends the tick that met them, and gives how many of the ticks asked for are still to run.
   * @throws EngineError where they go on waiting.
   */
  async resume(): Promise<number> {
    const ran = this.region('halt').host[1];
    // Levels were brought, and the same rows still wait: without this, for ever.
    if (ran === 0)
      throw new EngineError(
        'gpu-levels',
        `The device must draw the levels that the host draws; rows of ${this.context.program.id} wait for others than those of their seeds. Use the engine "cpu", and report this with your driver's version.`,
      );
    const left = this.#asked - ran;
    await this.pull(['mask', ...['rowSeedLow', 'rowSeedHigh', 'episode', 'variant'].map((name) => `c.state.${name}`)]);
    const { rowSeedLow, rowSeedHigh, episode, variant } = this.context.state;
    const waiting = this.region('mask').host;
    const needed: number[] = [];
    const inPlay: number[] = [];
    for (let row = 0; row < this.count; row++) {
      if (waiting[row] === 0) inPlay.push(variant[row]);
      else needed.push(this.variantOf(rowSeedLow[row], rowSeedHigh[row], episode[row] + (waiting[row] === 1 ? 0 : 1)));
    }
    await this.ensureLevels(needed, inPlay);
    this.region('halt').host.fill(0);
    this.#asked = left;
    this.write('halt', new Int32Array(2));
    this.#run(['begin', ...this.#observers, PICTURES]);
    return left;
  }

  /** The variant that an episode of a row plays. */
  variantOf(rowSeedLow: number, rowSeedHigh: number, episode: number): number {
    const [low, high] = [0, 1].map((word) => episodeSeedWord(rowSeedLow, rowSeedHigh, episode, word as 0 | 1));
    return drawVariant(this.context.program.numVariants, low, high);
  }

  /** Runs every kernel once in a batch that halted, where it does nothing: drivers that compile at the first use do it here. */
  async warmUp(onProgress?: SetupProgress): Promise<void> {
    this.write('halt', Int32Array.of(1, 0));
    const names = [...this.#pipelines.keys()];
    for (const [k, name] of names.entries()) {
      this.#run([name]);
      await this.#device.queue.onSubmittedWorkDone();
      onProgress?.('kernels', k + 1, names.length);
    }
    this.write('halt', new Int32Array(2));
  }

  /** Ticks with the actions that lie on the device already, in few submits; pictures are taken after the last one. */
  repeat(ticks: number): void {
    this.expectTicks(ticks);
    for (let done = 0; done < ticks; done += TICKS_PER_SUBMIT) {
      const encoder = this.#device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (let k = done; k < Math.min(ticks, done + TICKS_PER_SUBMIT); k++) this.encodeTick(pass, { pictures: k === ticks - 1 });
      pass.end();
      this.#device.queue.submit([encoder.finish()]);
    }
  }

  /** One tick into a pass. `atEnd` encodes what looks at rows that ended, before they begin anew. */
  encodeTick(pass: GPUComputePassEncoder, { pictures, atEnd }: { pictures: boolean; atEnd?: () => void }): void {
    for (const name of this.#tick) {
      if (name === 'begin') atEnd?.();
      if (pictures || !name.startsWith(PICTURES)) this.#encode(pass, name);
    }
  }

  /** Rows with 1 begin the episode that their words name, rows with 3 their next one; all are observed. */
  reset(mask: Int32Array): void {
    this.write('mask', mask);
    this.#run(['begin', ...this.#observers, PICTURES]);
  }

  /** Observes all rows anew, after the host wrote words of theirs. */
  observe(): void {
    this.#run([...this.#observers, PICTURES]);
  }

  /** Fills the region `hash` with the lanes of every row. */
  hash(): void {
    this.#run(['hash']);
  }

  /** Writes an array to the device, from element `at` on. */
  write(path: string, values: Int32Array | Uint32Array, at = 0): void {
    const region = this.#region(path);
    this.#device.queue.writeBuffer(this.data, 4 * (region.offset + at), unshared(values));
  }

  writeVoxels(row: number, voxels: Uint8Array): void {
    const { voxelWords } = this.#kernel;
    const words = voxelWords * 4 === voxels.length ? new Int32Array(voxels.slice().buffer) : Int32Array.from(voxels);
    this.#device.queue.writeBuffer(this.#voxels, 4 * voxelWords * row, words);
  }

  /** Reads arrays back into the host's. */
  async pull(paths: readonly string[]): Promise<void> {
    const regions = paths.map((path) => this.#region(path)).filter(({ length }) => length > 0);
    const words = regions.reduce((sum, { length }) => sum + length, 0);
    if (words === 0) return;
    await this.#read(
      words,
      (encoder, staging) => {
        let to = 0;
        for (const { offset, length } of regions) {
          encoder.copyBufferToBuffer(this.data, 4 * offset, staging, to, 4 * length);
          to += 4 * length;
        }
      },
      (range) => {
        let from = 0;
        for (const { host, length } of regions) {
          const part = host instanceof Float32Array ? new Float32Array(range, from, length) : new Int32Array(range, from, length);
          (host as Int32Array).set(part as Int32Array);
          from += 4 * length;
        }
      },
    );
  }

  async pullVoxels(): Promise<void> {
    const { voxelWords } = this.#kernel;
    const { voxels } = this.context.state;
    await this.#read(
      voxelWords * this.count,
      (encoder, staging) => {
        encoder.copyBufferToBuffer(this.#voxels, 0, staging, 0, 4 * voxelWords * this.count);
      },
      (range) => {
        if (voxels.length === 4 * voxelWords * this.count) voxels.set(new Uint8Array(range, 0, voxels.length));
        else voxels.set(new Int32Array(range, 0, voxels.length));
      },
    );
  }

  /** Reads pictures back into `out`, whose row `first` is the shard's first. */
  async pullPictures(kind: PictureKind, out: PictureBuffers, first: number): Promise<void> {
    await this.#pictures?.pull(kind, out, first);
  }

  /** Every word of state, in the arena. */
  async pullState(): Promise<void> {
    const { arena, layout } = this.context.state;
    await this.#read(
      layout.length,
      (encoder, staging) => {
        encoder.copyBufferToBuffer(this.data, 0, staging, 0, 4 * layout.length);
      },
      (range) => {
        arena.set(new Int32Array(range, 0, layout.length));
      },
    );
    await this.pull(['c.state.voxelHash', 'c.state.rows', 'c.acted']);
  }

  /** State and cells of one row into the mirror. */
  async pullRow(row: number): Promise<void> {
    const { state } = this.context;
    const { voxelWords } = this.#kernel;
    const fields = state.layout.fields.filter(({ wordsPerWorld }) => wordsPerWorld > 0);
    const words = fields.reduce((sum, { wordsPerWorld }) => sum + wordsPerWorld, voxelWords);
    const { cellsPerWorld } = state;
    await this.#read(
      words,
      (encoder, staging) => {
        let to = 0;
        for (const { base, wordsPerWorld } of fields) {
          encoder.copyBufferToBuffer(this.data, 4 * (base + row * wordsPerWorld), staging, to, 4 * wordsPerWorld);
          to += 4 * wordsPerWorld;
        }
        encoder.copyBufferToBuffer(this.#voxels, 4 * row * voxelWords, staging, to, 4 * voxelWords);
      },
      (range) => {
        let from = 0;
        for (const { base, wordsPerWorld } of fields) {
          state.arena.set(new Int32Array(range, 4 * from, wordsPerWorld), base + row * wordsPerWorld);
          from += wordsPerWorld;
        }
        const packed = 4 * voxelWords === cellsPerWorld;
        state.voxels.set(
          packed ? new Uint8Array(range, 4 * from, cellsPerWorld) : new Int32Array(range, 4 * from, voxelWords),
          row * cellsPerWorld,
        );
      },
    );
  }

  /** State, cells and what is derived from them, of one row, from the mirror. What survival derives lies in lists of all rows: `pullDerived` comes before. */
  pushRow(row: number): void {
    const { state, acted, buffers, numAgents } = this.context;
    for (const { base, wordsPerWorld } of state.layout.fields) {
      if (wordsPerWorld === 0) continue;
      const at = base + row * wordsPerWorld;
      this.#device.queue.writeBuffer(this.data, 4 * at, unshared(state.arena.subarray(at, at + wordsPerWorld)));
    }
    this.writeVoxels(row, state.voxels.subarray(row * state.cellsPerWorld, (row + 1) * state.cellsPerWorld));
    const part = <T extends Int32Array | Uint32Array>(from: T, size: number) => from.subarray(row * size, (row + 1) * size) as T;
    this.write('c.state.rows', part(state.rows, state.rowsPerWorld), row * state.rowsPerWorld);
    this.write('c.state.voxelHash', part(state.voxelHash, 2), 2 * row);
    this.write('c.acted', part(acted, numAgents), row * numAgents);
    this.write('c.buffers.eventCount', part(buffers.eventCount, 1), row);
    for (const path of this.#derived()) this.write(path, Int32Array.from(this.#region(path).host));
  }

  /** What survival derives from cells, of all rows. */
  async pullDerived(): Promise<void> {
    await this.pull(this.#derived());
  }

  #derived(): string[] {
    return [...this.#kernel.regions.keys()].filter((path) => path.startsWith('c.index.'));
  }

  /** Bytes of its buffers. */
  get bytes(): number {
    return this.#buffers.reduce((sum, buffer) => sum + buffer.size, this.levels.buffer.size + (this.#pictures?.bytes ?? 0));
  }

  region(path: string): Region {
    return this.#region(path);
  }

  dispose(): void {
    for (const buffer of this.#buffers) buffer.destroy();
    this.levels.dispose();
    this.#staging?.destroy();
    this.#pictures?.dispose();
  }

  #region(path: string): Region {
    const region = this.#kernel.regions.get(path);
    if (region === undefined) throw new TypeError(`no region ${path}`);
    return region;
  }

  #run(names: readonly string[]): void {
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const name of names) this.#encode(pass, name);
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
  }

  #encode(pass: GPUComputePassEncoder, name: string): void {
    const atEnd = name.endsWith(AT_END);
    if (name.startsWith(PICTURES)) {
      this.#pictures?.encode(pass, atEnd ? 'final' : 'current');
      return;
    }
    pass.setBindGroup(0, this.#groups[atEnd ? 1 : 0]);
    pass.setPipeline(this.#pipelines.get(atEnd ? name.slice(0, -AT_END.length) : name)!);
    pass.dispatchWorkgroups(Math.ceil(this.count / this.#kernel.workgroup));
  }

  async #read(
    words: number,
    copy: (encoder: GPUCommandEncoder, staging: GPUBuffer) => void,
    take: (range: ArrayBuffer) => void,
  ): Promise<void> {
    if (this.#staging === undefined || this.#staging.size < 4 * words) {
      this.#staging?.destroy();
      this.#staging = this.#device.createBuffer({ size: 4 * words, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    }
    const staging = this.#staging;
    const encoder = this.#device.createCommandEncoder();
    copy(encoder, staging);
    this.#device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ, 0, 4 * words);
    take(staging.getMappedRange(0, 4 * words));
    staging.unmap();
  }
}

/** The driver takes no shared memory: a view of it ends the process. */
function unshared<T extends Int32Array | Uint32Array>(values: T): T & { buffer: ArrayBuffer } {
  return (values.buffer instanceof ArrayBuffer ? values : values.slice()) as T & { buffer: ArrayBuffer };
}
