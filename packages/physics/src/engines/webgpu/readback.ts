/**
 * What a step brings back from the device, packed: bytes four to a word, block ids two to a word, of observations the groups asked for, and of what
 * only an ended row has just the ended rows.
 * Data flow: the kernels' buffer -> `pack` kernel, one thread per packed word -> staging buffer -> the host's arrays.
 */
/// <reference types="@webgpu/types" />
import type { Region } from './assemble.js';
import { compileKernel } from './pipeline.js';

/** Rows of elements that are packed alike. */
export interface PackedPart {
  region: Region;
  /** First element of a row within the region, elements per row, and elements from one row of the region to the next. */
  first: number;
  width: number;
  stride: number;
  /** Rows in the shard; a listed part brings only the rows of `list`. */
  rows: number;
  /** Elements to a word: 1, 2 or 4. */
  perWord: 1 | 2 | 4;
  /** Whether a reset reads it too. */
  observed?: boolean;
  /** Rows that are brought: all, those of ended worlds, or those of the agents of ended worlds. */
  of: 'all' | 'worlds' | 'agents';
  /** Takes row `row` of the shard from its packed elements; with `of` all, all rows come at once as row 0. */
  take(row: number, elements: Words): void;
}

type Words = Int32Array | Float32Array | Uint8Array | Uint16Array;

const WORKGROUP = 64;
/** Most workgroups along x that WebGPU promises. */
const MAX_GROUPS = 65535;
const JOB_WORDS = 12;

/** Workgroups along x and y for `threads`; the kernel counts threads as x + y * MAX_GROUPS * WORKGROUP. */
export function groupsOf(threads: number, workgroup: number): [number, number] {
  const groups = Math.ceil(threads / workgroup);
  return groups <= MAX_GROUPS ? [groups, 1] : [MAX_GROUPS, Math.ceil(groups / MAX_GROUPS)];
}

const PACK = /* wgsl */ `
struct Job {
  source: u32, stride: u32, width: u32, perWord: u32,
  into: u32, wordsPerRow: u32, words: u32, list: u32,
  listed: u32, spare0: u32, spare1: u32, spare2: u32,
}
@group(0) @binding(0) var<storage, read> data: array<u32>;
@group(0) @binding(1) var<storage, read_write> packed: array<u32>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<uniform> job: Job;
@compute @workgroup_size(${WORKGROUP}) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let k = id.x + id.y * ${MAX_GROUPS * WORKGROUP}u;
  if (k >= job.words) { return; }
  var row = k / job.wordsPerRow;
  let first = (k % job.wordsPerRow) * job.perWord;
  if (job.listed == 1u) { row = rows[job.list + row]; }
  let source = job.source + row * job.stride + first;
  if (job.perWord == 1u) {
    packed[job.into + k] = data[source];
    return;
  }
  let bits = 32u / job.perWord;
  let mask = (1u << bits) - 1u;
  var word = 0u;
  for (var j = 0u; j < job.perWord && first + j < job.width; j++) { word = word | ((data[source + j] & mask) << (j * bits)); }
  packed[job.into + k] = word;
}
`;

/** A packed part in the packed buffer. */
interface Placed {
  part: PackedPart;
  target: number;
  numRows: number;
  wordsPerRow: number;
}

export class Readback {
  readonly #device: GPUDevice;
  readonly #parts: readonly PackedPart[];
  readonly #pipeline: GPUComputePipeline;
  readonly #data: GPUBuffer;
  readonly #packed: GPUBuffer;
  readonly #staging: GPUBuffer;
  /** Ended worlds, then their agents. */
  readonly #list: GPUBuffer;
  readonly #jobs: GPUBuffer[] = [];
  readonly #groups: GPUBindGroup[] = [];
  readonly #numWorlds: number;
  readonly #numAgents: number;

  private constructor(
    device: GPUDevice,
    pipeline: GPUComputePipeline,
    data: GPUBuffer,
    parts: readonly PackedPart[],
    numWorlds: number,
    numAgents: number,
  ) {
    this.#device = device;
    this.#parts = parts;
    this.#pipeline = pipeline;
    this.#data = data;
    this.#numWorlds = numWorlds;
    this.#numAgents = numAgents;
    const wordsOf = (kept: readonly PackedPart[]) => kept.reduce((sum, part) => sum + part.rows * wordsPerRow(part), 0);
    const words = Math.max(4, wordsOf(parts.filter((part) => part.of === 'all')), wordsOf(parts.filter((part) => part.of !== 'all')));
    this.#packed = device.createBuffer({ size: 4 * words, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
    this.#staging = device.createBuffer({ size: 4 * words, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    this.#list = device.createBuffer({
      size: Math.max(16, 4 * numWorlds * (1 + numAgents)),
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
    });
    for (let k = 0; k < parts.length; k++) {
      const job = device.createBuffer({ size: 4 * JOB_WORDS, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
      this.#jobs.push(job);
      this.#groups.push(
        device.createBindGroup({
          layout: pipeline.getBindGroupLayout(0),
          entries: [this.#data, this.#packed, this.#list, job].map((buffer, binding) => ({ binding, resource: { buffer } })),
        }),
      );
    }
  }

  static async create(
    device: GPUDevice,
    data: GPUBuffer,
    parts: readonly PackedPart[],
    numWorlds: number,
    numAgents: number,
  ): Promise<Readback> {
    const pipeline = await compileKernel(device, { name: 'pack', code: PACK, layout: 'auto' });
    return new Readback(
      device,
      pipeline,
      data,
      parts.filter(({ rows, width }) => rows * width > 0),
      numWorlds,
      numAgents,
    );
  }

  /** Bytes on the device. */
  get bytes(): number {
    return this.#packed.size + this.#list.size;
  }

  /** Reads every part that all rows have. */
  async all(): Promise<void> {
    await this.#read(this.#parts.filter((part) => part.of === 'all'));
  }

  /** Reads the observations of all rows. */
  async observations(): Promise<void> {
    await this.#read(this.#parts.filter((part) => part.of === 'all' && part.observed === true));
  }

  /** Reads what only the worlds given have. */
  async ended(worlds: readonly number[]): Promise<void> {
    const agents = worlds.flatMap((w) => Array.from({ length: this.#numAgents }, (_, a) => w * this.#numAgents + a));
    this.#device.queue.writeBuffer(this.#list, 0, Uint32Array.from(worlds));
    this.#device.queue.writeBuffer(this.#list, 4 * this.#numWorlds, Uint32Array.from(agents));
    await this.#read(
      this.#parts.filter((part) => part.of !== 'all'),
      worlds,
      agents,
    );
  }

  dispose(): void {
    for (const buffer of [this.#packed, this.#staging, this.#list, ...this.#jobs]) buffer.destroy();
  }

  async #read(parts: readonly PackedPart[], worlds: readonly number[] = [], agents: readonly number[] = []): Promise<void> {
    const placed: Placed[] = [];
    let words = 0;
    for (const part of parts) {
      const numRows = part.of === 'all' ? part.rows : part.of === 'worlds' ? worlds.length : agents.length;
      placed.push({ part, target: words, numRows, wordsPerRow: wordsPerRow(part) });
      words += numRows * wordsPerRow(part);
    }
    if (words === 0) return;
    const encoder = this.#device.createCommandEncoder();
    for (const { part, target, numRows, wordsPerRow } of placed) this.#writeJob(part, target, numRows, wordsPerRow);
    const pass = encoder.beginComputePass();
    pass.setPipeline(this.#pipeline);
    for (const { part, numRows, wordsPerRow } of placed) {
      pass.setBindGroup(0, this.#groups[this.#parts.indexOf(part)]);
      pass.dispatchWorkgroups(...groupsOf(numRows * wordsPerRow, WORKGROUP));
    }
    pass.end();
    encoder.copyBufferToBuffer(this.#packed, 0, this.#staging, 0, 4 * words);
    this.#device.queue.submit([encoder.finish()]);
    await this.#staging.mapAsync(GPUMapMode.READ, 0, 4 * words);
    const range = this.#staging.getMappedRange(0, 4 * words);
    for (const { part, target, numRows, wordsPerRow } of placed) {
      if (part.of === 'all') {
        part.take(0, elementsOf(part, range, target, numRows * part.width));
        continue;
      }
      for (let k = 0; k < numRows; k++)
        part.take((part.of === 'worlds' ? worlds : agents)[k], elementsOf(part, range, target + k * wordsPerRow, part.width));
    }
    this.#staging.unmap();
  }

  #writeJob(part: PackedPart, target: number, numRows: number, wordsPerRow: number): void {
    const { region, first, stride, width, perWord, of } = part;
    // All rows of a part without gaps are one long row: nothing is lost to rounding at the end of each.
    const list = of === 'agents' ? this.#numWorlds : 0;
    this.#device.queue.writeBuffer(
      this.#jobs[this.#parts.indexOf(part)],
      0,
      Uint32Array.of(
        region.offset + first,
        stride,
        width,
        perWord,
        target,
        wordsPerRow,
        numRows * wordsPerRow,
        list,
        of === 'all' ? 0 : 1,
        0,
        0,
        0,
      ),
    );
  }
}

function wordsPerRow({ width, perWord }: PackedPart): number {
  return Math.ceil(width / perWord);
}

function elementsOf(part: PackedPart, range: ArrayBuffer, word: number, count: number): Words {
  if (part.perWord === 4) return new Uint8Array(range, 4 * word, count);
  if (part.perWord === 2) return new Uint16Array(range, 4 * word, count);
  return part.region.host instanceof Float32Array ? new Float32Array(range, 4 * word, count) : new Int32Array(range, 4 * word, count);
}
