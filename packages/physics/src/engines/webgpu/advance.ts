/**
 * Many ticks in one submit: a device-side source decides, the tick runs, and what ended is written to a log on the device.
 * Data flow, per tick: source kernel -> actions -> kernels of the tick up to the end of rows -> account kernel (sums, log) -> resets and observations.
 * After a chunk of ticks the log comes back; sums stay until all ticks are done. The log is as long as the worst case, so no end is ever lost.
 */
/// <reference types="@webgpu/types" />
import { ACTION_FIELDS } from '@kinovox/world';
import type { EndedEpisode, EpisodeSums } from '../../async-engine.js';
import type { ActionSource } from '../../sources/action-source.js';
import { compileKernel } from './pipeline.js';
import { groupsOf } from './readback.js';
import type { Shard } from './shard.js';

const WORKGROUP = 64;
/** Most bytes of the log, and most ticks in a submit. */
const LOG_BYTES = 64 * 2 ** 20;
const MAX_TICKS = 64;
/** Words before the first record, and of a record before its sums. */
const LOG_HEAD = 4;
const RECORD_HEAD = 9;

export class Advance {
  readonly #device: GPUDevice;
  readonly #shard: Shard;
  readonly #source: GPUComputePipeline;
  readonly #account: GPUComputePipeline;
  readonly #sourceGroup: GPUBindGroup;
  readonly #accountGroup: GPUBindGroup;
  readonly #table: GPUBuffer;
  /** `[A, B]` low and high words of returns in Q16, achieved flags, ticks since the start. */
  readonly #sums: GPUBuffer;
  readonly #log: GPUBuffer;
  readonly #staging: GPUBuffer;
  readonly #recordWords: number;
  readonly #most: number;
  /** Ticks of the next submit: fewer after one that stopped for a level, since what follows it in a submit is in vain. */
  #chunk: number;

  private constructor(shard: Shard, device: GPUDevice, table: Int32Array, source: GPUComputePipeline, account: GPUComputePipeline) {
    this.#device = device;
    this.#shard = shard;
    this.#source = source;
    this.#account = account;
    const { agents, achievements } = sizesOf(shard);
    this.#recordWords = recordWordsOf(shard);
    this.#most = Math.max(1, Math.min(MAX_TICKS, Math.floor(LOG_BYTES / (4 * this.#recordWords * shard.count))));
    this.#chunk = this.#most;
    const storage = (words: number) =>
      device.createBuffer({
        size: Math.max(16, 4 * words),
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
      });
    this.#table = storage(table.length);
    device.queue.writeBuffer(this.#table, 0, table as Int32Array<ArrayBuffer>);
    this.#sums = storage(2 * agents + achievements + shard.count);
    const logWords = LOG_HEAD + this.#most * shard.count * this.#recordWords;
    this.#log = storage(logWords);
    this.#staging = device.createBuffer({
      size: Math.max(this.#log.size, this.#sums.size),
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    const group = (pipeline: GPUComputePipeline, buffers: GPUBuffer[]) =>
      device.createBindGroup({
        layout: pipeline.getBindGroupLayout(0),
        entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
      });
    this.#sourceGroup = group(source, [shard.data, shard.actions, this.#table]);
    this.#accountGroup = group(account, [shard.data, this.#sums, this.#log]);
  }

  static async create(device: GPUDevice, shard: Shard, source: ActionSource): Promise<Advance> {
    const { code, table, repeat = 1 } = source.device(shard.context.program);
    const compile = async (name: string, text: string, kinds: GPUBufferBindingType[]) => {
      const layout = device.createBindGroupLayout({
        entries: kinds.map((type, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } })),
      });
      return compileKernel(device, {
        name,
        code: text,
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        otherwise: 'Step with actions of the host instead.',
      });
    };
    const [deciding, accounting] = await Promise.all([
      compile(source.name, sourceText(shard, code, repeat), ['read-only-storage', 'storage', 'read-only-storage']),
      compile('account', accountText(shard), ['read-only-storage', 'storage', 'storage']),
    ]);
    return new Advance(shard, device, table, deciding, accounting);
  }

  /** Bytes of its buffers. */
  get bytes(): number {
    return this.#table.size + this.#sums.size + this.#log.size;
  }

  /**
   * Ticks without a look at what they give. Once every level is there they are submitted in one go; until then the host looks after each submit whether a
   * row waits for its level.
   */
  async queue(ticks: number): Promise<void> {
    for (let done = 0; done < ticks; ) {
      const chunk = Math.min(this.#chunk, ticks - done);
      done += this.#shard.levels.complete ? this.#submitted(chunk) : await this.#ran(chunk, false, () => this.#shard.memory.pull(['halt']));
    }
  }

  /** @param sums of the whole batch before and, once done, after. @returns the episodes that ended, by tick, then row. */
  async run(ticks: number, sums: EpisodeSums): Promise<EndedEpisode[]> {
    const { first, count, context } = this.#shard;
    const { numAgents, program } = context;
    const numAchievements = program.monitor.achievements.length;
    const { agents, achievements } = sizesOf(this.#shard);
    const words = new Int32Array(2 * agents + achievements + count);
    for (let i = 0; i < agents; i++) {
      const q16 = sums.returns[first * numAgents + i] * 65536;
      words[i] = q16 - Math.floor(q16 / 4294967296) * 4294967296;
      words[agents + i] = Math.floor(q16 / 4294967296);
    }
    for (let k = 0; k < achievements; k++) words[2 * agents + k] = sums.achieved[first * numAchievements + k];
    this.#device.queue.writeBuffer(this.#sums, 0, words);
    const ended: EndedEpisode[] = [];
    for (let done = 0; done < ticks; ) {
      const chunk = Math.min(this.#chunk, ticks - done);
      const mayHalt = !this.#shard.levels.complete;
      done += await this.#ran(chunk, done + chunk >= ticks, async () => {
        const [log] = await Promise.all([this.#readLog(), mayHalt ? this.#shard.memory.pull(['halt']) : undefined]);
        ended.push(...log);
      });
    }
    const after = await this.#read(this.#sums, 2 * agents + achievements);
    for (let i = 0; i < agents; i++) sums.returns[first * numAgents + i] = (after[agents + i] * 4294967296 + (after[i] >>> 0)) / 65536;
    for (let k = 0; k < achievements; k++) sums.achieved[first * numAchievements + k] = after[2 * agents + k];
    return ended;
  }

  dispose(): void {
    for (const buffer of [this.#table, this.#sums, this.#log, this.#staging]) buffer.destroy();
  }

  /** Submits a chunk that no row can stop. @returns its ticks. */
  #submitted(chunk: number): number {
    this.#submit(chunk, false);
    return chunk;
  }

  /**
   * Submits a chunk, waits for what `look` reads of it, and brings the levels that rows wait for.
   * @returns the ticks that ran: fewer where a row stopped the chunk.
   */
  async #ran(chunk: number, last: boolean, look: () => Promise<void>): Promise<number> {
    this.#shard.expectTicks(chunk);
    this.#submit(chunk, last);
    await look();
    const left = this.#shard.halted ? await this.#shard.resume() : 0;
    this.#chunk = this.#shard.levels.complete ? this.#most : left > 0 ? Math.max(1, chunk - left) : Math.min(this.#most, 2 * chunk);
    return chunk - left;
  }

  /** @param last whether pictures are taken after the last tick. */
  #submit(ticks: number, last: boolean): void {
    const { count } = this.#shard;
    const encoder = this.#device.createCommandEncoder();
    encoder.clearBuffer(this.#log, 0, 4 * LOG_HEAD);
    const pass = encoder.beginComputePass();
    for (let k = 0; k < ticks; k++) {
      pass.setPipeline(this.#source);
      pass.setBindGroup(0, this.#sourceGroup);
      pass.dispatchWorkgroups(...groupsOf(sizesOf(this.#shard).agents, WORKGROUP));
      const atEnd = () => {
        pass.setPipeline(this.#account);
        pass.setBindGroup(0, this.#accountGroup);
        pass.dispatchWorkgroups(Math.ceil(count / WORKGROUP));
      };
      this.#shard.encodeTick(pass, { pictures: last && k === ticks - 1, atEnd });
    }
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
  }

  async #readLog(): Promise<EndedEpisode[]> {
    const [count] = await this.#read(this.#log, 1);
    if (count === 0) return [];
    const words = await this.#read(this.#log, LOG_HEAD + count * this.#recordWords);
    const { first, context } = this.#shard;
    const { numAgents, program } = context;
    const numAchievements = program.monitor.achievements.length;
    const ended: EndedEpisode[] = [];
    for (let k = 0; k < count; k++) {
      const at = LOG_HEAD + k * this.#recordWords;
      const [row, tick, episode, variant, status, ticks, progressQ14, hash0, hash1] = words.subarray(at, at + RECORD_HEAD);
      const sumsAt = at + RECORD_HEAD;
      const returns = Float64Array.from(
        { length: numAgents },
        (_, a) => (words[sumsAt + numAgents + a] * 4294967296 + (words[sumsAt + a] >>> 0)) / 65536,
      );
      const achieved = Uint8Array.from(words.subarray(sumsAt + 2 * numAgents, sumsAt + 2 * numAgents + numAchievements));
      ended.push({ row: first + row, tick, episode, variant, status, ticks, progressQ14, hash0, hash1, returns, achieved });
    }
    return ended;
  }

  async #read(buffer: GPUBuffer, words: number): Promise<Int32Array> {
    const encoder = this.#device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, this.#staging, 0, 4 * words);
    this.#device.queue.submit([encoder.finish()]);
    await this.#staging.mapAsync(GPUMapMode.READ, 0, 4 * words);
    const read = new Int32Array(this.#staging.getMappedRange(0, 4 * words).slice(0));
    this.#staging.unmap();
    return read;
  }
}

function sizesOf({ count, context }: Shard): { agents: number; achievements: number } {
  return { agents: count * context.numAgents, achievements: count * context.program.monitor.achievements.length };
}

function recordWordsOf({ context }: Shard): number {
  return RECORD_HEAD + 2 * context.numAgents + context.program.monitor.achievements.length;
}

function sourceText(shard: Shard, code: string, repeat: number): string {
  const { context } = shard;
  const fields = Object.entries(context.state.layout.base).map(([name, base]) => `const STATE_${name}: i32 = ${base};`);
  return /* wgsl */ `
@group(0) @binding(0) var<storage, read> data: array<i32>;
@group(0) @binding(1) var<storage, read_write> actions: array<i32>;
@group(0) @binding(2) var<storage, read> table: array<i32>;
${fields.join('\n')}
const NUM_AGENTS: i32 = ${context.numAgents};
const OBSERVATION: i32 = ${shard.region('c.observations.vector').offset};
const OBSERVATION_SIZE: i32 = ${context.observations.size};
fn put_bits(i: i32, column: i32, bits: i32) { actions[i * ${ACTION_FIELDS} + column] = bits; }
fn put(i: i32, column: i32, value: f32) { put_bits(i, column, bitcast<i32>(value)); }
fn mix32(x: u32) -> u32 {
  var h = x;
  h = (h ^ (h >> 16u)) * 0x85ebca6bu;
  h = (h ^ (h >> 13u)) * 0xc2b2ae35u;
  return h ^ (h >> 16u);
}
fn random_u32(low: i32, high: i32, tick: i32, slot: i32, purpose: u32, draw: u32) -> u32 {
  var h = mix32(u32(low) ^ 0x9e3779b9u);
  h = mix32(h ^ u32(high));
  h = mix32(h + u32(tick) * 0x9e3779b1u);
  h = mix32(h ^ (u32(slot + 1) * 0x85ebca77u));
  h = mix32(h ^ (purpose * 0xc2b2ae3du));
  return mix32(h + (draw + 1u) * 0x27d4eb2fu);
}
${code}
@compute @workgroup_size(${WORKGROUP}) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = i32(id.x + id.y * ${65535 * WORKGROUP}u);
  if (i >= ${sizesOf(shard).agents} || data[${shard.region('halt').offset}] != 0) { return; }
  let alive = (data[STATE_flags + i] & 1) != 0;
  if (alive && data[STATE_tick + i / NUM_AGENTS] % ${repeat} != 0) { return; }
  for (var column = 0; column < ${ACTION_FIELDS}; column++) { put_bits(i, column, 0); }
  if (!alive) { return; }
  decide(i / NUM_AGENTS, i % NUM_AGENTS, i);
}
`;
}

/** Returns are sums of Q16 integers below 2^31 per tick, kept in 64 bits: as exact as a sum of doubles. */
function accountText(shard: Shard): string {
  const { context, count } = shard;
  const { numAgents } = context;
  const { agents, achievements } = sizesOf(shard);
  const at = (name: string) => shard.region(`c.outputs.${name}`).offset;
  const { base } = context.state.layout;
  const G = context.program.monitor.achievements.length;
  return /* wgsl */ `
@group(0) @binding(0) var<storage, read> data: array<i32>;
@group(0) @binding(1) var<storage, read_write> sums: array<i32>;
@group(0) @binding(2) var<storage, read_write> log: array<atomic<i32>>;
@compute @workgroup_size(${WORKGROUP}) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let w = i32(id.x);
  if (w >= ${count} || data[${shard.region('halt').offset}] != 0) { return; }
  let clock = ${2 * agents + achievements} + w;
  let tick = sums[clock];
  sums[clock] = tick + 1;
  for (var a = 0; a < ${numAgents}; a++) {
    let i = w * ${numAgents} + a;
    let reward = i32(bitcast<f32>(data[${at('rewards')} + i]) * 65536.0);
    let low = u32(sums[i]) + u32(reward);
    let carry = select(0, 1, low < u32(reward));
    sums[i] = i32(low);
    sums[${agents} + i] = sums[${agents} + i] + carry + (reward >> 31u);
  }
  for (var g = 0; g < ${G}; g++) {
    let k = ${2 * agents} + w * ${G} + g;
    sums[k] = sums[k] | data[${G === 0 ? 0 : at('achieved')} + w * ${G} + g];
  }
  if (data[${at('ended')} + w] == 0) { return; }
  let to = ${LOG_HEAD} + atomicAdd(&log[0], 1) * ${recordWordsOf(shard)};
  atomicStore(&log[to], w);
  atomicStore(&log[to + 1], tick);
  atomicStore(&log[to + 2], data[${base.episode} + w]);
  atomicStore(&log[to + 3], data[${base.variant} + w]);
  atomicStore(&log[to + 4], data[${at('endStatus')} + w]);
  atomicStore(&log[to + 5], data[${at('endTicks')} + w]);
  atomicStore(&log[to + 6], data[${at('endProgress')} + w]);
  atomicStore(&log[to + 7], data[${at('endHash')} + 2 * w]);
  atomicStore(&log[to + 8], data[${at('endHash')} + 2 * w + 1]);
  for (var a = 0; a < ${numAgents}; a++) {
    let i = w * ${numAgents} + a;
    atomicStore(&log[to + ${RECORD_HEAD} + a], sums[i]);
    atomicStore(&log[to + ${RECORD_HEAD + numAgents} + a], sums[${agents} + i]);
    sums[i] = 0;
    sums[${agents} + i] = 0;
  }
  for (var g = 0; g < ${G}; g++) {
    let k = ${2 * agents} + w * ${G} + g;
    atomicStore(&log[to + ${RECORD_HEAD + 2 * numAgents} + g], sums[k]);
    sums[k] = 0;
  }
}
`;
}
