/** The memory of a shard: its buffers on the device, and what is copied between them and the host's mirror. */
/// <reference types="@webgpu/types" />
import { ACTION_FIELDS, UsageError } from '@kinovox/world';
import type { TickContext } from '../../stages/context.js';
import type { AssembledKernel, Region } from './assemble.js';

export class ShardMemory {
  /** Words of the tick, one per element; cells; tables of the rules; and the actions of a tick, `[count, A, F]` f32. */
  readonly data: GPUBuffer;
  readonly voxels: GPUBuffer;
  readonly tables: GPUBuffer;
  readonly actions: GPUBuffer;
  readonly #device: GPUDevice;
  readonly #kernel: AssembledKernel;
  readonly #count: number;
  /** The host's mirror of what the device holds; filled by `pull`. */
  readonly #context: TickContext;
  #staging: GPUBuffer | undefined;

  /** @throws UsageError where an array of all worlds does not fit in a binding. */
  constructor(device: GPUDevice, kernel: AssembledKernel, context: TickContext, count: number) {
    const { program } = context;
    const storage = (words: number) => {
      const size = Math.max(16, 4 * words);
      const limit = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize);
      if (size > limit) {
        throw new UsageError(
          'gpu-memory',
          `A buffer of the engine "webgpu" must fit in a binding of ${limit} bytes; got ${size} for ${count} worlds of ${program.id}. Use smaller worlds, or the engine "cpu".`,
        );
      }
      return device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC });
    };
    this.#device = device;
    this.#kernel = kernel;
    this.#context = context;
    this.#count = count;
    this.data = storage(kernel.dataWords);
    this.voxels = storage(kernel.voxelWords * count);
    this.tables = storage(kernel.tables.length);
    this.actions = storage(count * program.numAgents * ACTION_FIELDS);
    device.queue.writeBuffer(this.tables, 0, kernel.tables as Int32Array<ArrayBuffer>);
  }

  /** Where an array lies. */
  region(path: string): Region {
    const region = this.#kernel.regions.get(path);
    if (region === undefined) throw new TypeError(`no region ${path}`);
    return region;
  }

  /** Writes an array to the device, from element `at` on. */
  write(path: string, values: Int32Array | Uint32Array, at = 0): void {
    const region = this.region(path);
    this.#device.queue.writeBuffer(this.data, 4 * (region.offset + at), unshared(values));
  }

  writeVoxels(row: number, voxels: Uint8Array): void {
    const { voxelWords } = this.#kernel;
    const words = voxelWords * 4 === voxels.length ? new Int32Array(voxels.slice().buffer) : Int32Array.from(voxels);
    this.#device.queue.writeBuffer(this.voxels, 4 * voxelWords * row, words);
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
    return actions.subarray(0, this.#count * this.#context.numAgents * ACTION_FIELDS);
  }

  /** Reads arrays back into the host's. */
  async pull(paths: readonly string[]): Promise<void> {
    const regions = paths.map((path) => this.region(path)).filter(({ length }) => length > 0);
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
    const { voxels } = this.#context.state;
    await this.#read(
      voxelWords * this.#count,
      (encoder, staging) => {
        encoder.copyBufferToBuffer(this.voxels, 0, staging, 0, 4 * voxelWords * this.#count);
      },
      (range) => {
        if (voxels.length === 4 * voxelWords * this.#count) voxels.set(new Uint8Array(range, 0, voxels.length));
        else voxels.set(new Int32Array(range, 0, voxels.length));
      },
    );
  }

  /** Every word of state, in the arena. */
  async pullState(): Promise<void> {
    const { arena, layout } = this.#context.state;
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
    const { state } = this.#context;
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
        encoder.copyBufferToBuffer(this.voxels, 4 * row * voxelWords, staging, to, 4 * voxelWords);
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

  /** State, cells and what is derived from them, of one row, from the mirror. What survival derives lies in lists of all rows: `pullDerived` comes before, `pushDerived` after. */
  pushRow(row: number): void {
    const { state, acted, buffers, numAgents } = this.#context;
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
  }

  /** What survival derives from cells, of all rows, from the mirror. */
  pushDerived(): void {
    for (const path of this.#derived()) this.write(path, Int32Array.from(this.region(path).host));
  }

  /** What survival derives from cells, of all rows. */
  async pullDerived(): Promise<void> {
    await this.pull(this.#derived());
  }

  /** Bytes of its buffers. */
  get bytes(): number {
    return this.data.size + this.voxels.size + this.tables.size + this.actions.size;
  }

  dispose(): void {
    for (const buffer of [this.data, this.voxels, this.tables, this.actions]) buffer.destroy();
    this.#staging?.destroy();
  }

  #derived(): string[] {
    return [...this.#kernel.regions.keys()].filter((path) => path.startsWith('c.index.'));
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
