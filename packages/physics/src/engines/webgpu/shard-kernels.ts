/** The kernels of a shard: compiled, bound to its buffers, and run in the order of a tick. */
/// <reference types="@webgpu/types" />
import type { AssembledKernel } from './assemble.js';
import type { DevicePictures } from './device-pictures.js';
import { compileKernel, type KernelSource } from './pipeline.js';
import type { ShardMemory } from './shard-memory.js';

/** Threads of a workgroup, one per world. */
export const WORKGROUP = 64;
/** Kernels that are no stage of the rules; those that observe are `observe` or `observe/<group>`. */
const AROUND = /^(close|begin|hash|observe(\/.*)?)$/;
/** After the name of a kernel that observes: it writes the last observations of rows that ended. */
const AT_END = '@end';
/** Stands for the kernels of cameras. */
const PICTURES = 'pictures';

/** What a batch that is being made is busy with: kernels that the driver has compiled, levels that were built. */
export type SetupProgress = (what: 'kernels' | 'levels', done: number, of: number) => void;

interface Parts {
  memory: ShardMemory;
  /** Worlds of the shard. */
  count: number;
  levels: GPUBuffer;
  layout: GPUBindGroupLayout;
  pipelines: Map<string, GPUComputePipeline>;
  pictures: DevicePictures | undefined;
}

export class ShardKernels {
  /** Those of a tick, in order. */
  readonly tick: readonly string[];
  /** Those that begin the episodes of the rows that `mask` names, and show all rows. */
  readonly begin: readonly string[];
  /** Those that show all rows. */
  readonly observe: readonly string[];
  readonly #device: GPUDevice;
  readonly #parts: Parts;
  /** What `observe` does, as a word: 0 every row, 1 the last observation of rows that ended. */
  readonly #modes: readonly GPUBuffer[];
  /** By mode. */
  #groups: readonly GPUBindGroup[];

  private constructor(device: GPUDevice, parts: Parts) {
    this.#device = device;
    this.#parts = parts;
    const names = [...parts.pipelines.keys()];
    const observers = names.filter((name) => name.startsWith('observe'));
    this.observe = [...observers, PICTURES];
    this.begin = ['begin', ...this.observe];
    this.tick = [
      ...names.filter((name) => !AROUND.test(name)),
      'close',
      ...observers.map((name) => name + AT_END),
      PICTURES + AT_END,
      ...this.begin,
    ];
    this.#modes = [0, 1].map((mode) => {
      const words = device.createBuffer({ size: 16, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
      device.queue.writeBuffer(words, 0, new Uint32Array([mode, 0, 0, 0]));
      return words;
    });
    this.#groups = this.#bind(parts.levels);
  }

  /** @throws EngineError naming a kernel that the driver does not take. */
  static async create(
    device: GPUDevice,
    kernel: AssembledKernel,
    parts: Omit<Parts, 'layout' | 'pipelines'> & { programId: string; onProgress?: SetupProgress | undefined },
  ): Promise<ShardKernels> {
    const { programId, onProgress } = parts;
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
          const pipeline = await compiled(device, { name, code, layout: pipelineLayout, programId });
          onProgress?.('kernels', ++numCompiled, kernel.kernels.length);
          return [name, pipeline];
        }),
      ),
    );
    return new ShardKernels(device, { ...parts, layout, pipelines });
  }

  /** Names of all, those beside the tick included. */
  get names(): string[] {
    return [...this.#parts.pipelines.keys()];
  }

  /** Binds another buffer of levels. */
  useLevels(levels: GPUBuffer): void {
    this.#groups = this.#bind(levels);
  }

  /** In a submit of their own. */
  run(names: readonly string[]): void {
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const name of names) this.#encode(pass, name);
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
  }

  /** One tick into a pass. `atEnd` encodes what looks at rows that ended, before they begin anew. */
  encodeTick(pass: GPUComputePassEncoder, { pictures, atEnd }: { pictures: boolean; atEnd?: () => void }): void {
    for (const name of this.tick) {
      if (name === 'begin') atEnd?.();
      if (pictures || !name.startsWith(PICTURES)) this.#encode(pass, name);
    }
  }

  /** Bytes of its buffers. */
  get bytes(): number {
    return this.#modes.reduce((sum, { size }) => sum + size, 0);
  }

  dispose(): void {
    for (const buffer of this.#modes) buffer.destroy();
  }

  #bind(levels: GPUBuffer): GPUBindGroup[] {
    const { layout, memory } = this.#parts;
    const { data, voxels, tables, actions } = memory;
    return this.#modes.map((words) =>
      this.#device.createBindGroup({
        layout,
        entries: [data, voxels, tables, levels, actions, words].map((buffer, binding) => ({ binding, resource: { buffer } })),
      }),
    );
  }

  #encode(pass: GPUComputePassEncoder, name: string): void {
    const atEnd = name.endsWith(AT_END);
    if (name.startsWith(PICTURES)) {
      this.#parts.pictures?.encode(pass, atEnd ? 'final' : 'current');
      return;
    }
    pass.setBindGroup(0, this.#groups[atEnd ? 1 : 0]);
    pass.setPipeline(this.#parts.pipelines.get(atEnd ? name.slice(0, -AT_END.length) : name)!);
    pass.dispatchWorkgroups(Math.ceil(this.#parts.count / WORKGROUP));
  }
}

/** Pipelines of each device, by their text: programs that share a kernel compile it once. */
const pipelinesOf = new WeakMap<GPUDevice, Map<string, Promise<GPUComputePipeline>>>();

function compiled(device: GPUDevice, source: KernelSource): Promise<GPUComputePipeline> {
  const known = pipelinesOf.get(device) ?? new Map<string, Promise<GPUComputePipeline>>();
  pipelinesOf.set(device, known);
  const before = known.get(source.code);
  if (before !== undefined) return before;
  const pipeline = compileKernel(device, source).catch((error: unknown) => {
    known.delete(source.code);
    throw error;
  });
  known.set(source.code, pipeline);
  return pipeline;
}
