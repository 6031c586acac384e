/**
 * The arrays of a batch's results: where the engine keeps them, their order on the wire, and the last observations of ended worlds, packed.
 * Everything but the packed rows is a view of the engine's memory, so a transport copies it once. B worlds, A agents, E ended worlds.
 */
import { BatchEnv, pictureArrays } from '@kinovox/env';
import type { Crash } from '@kinovox/physics';
import {
  BATCH_ENDED,
  BATCH_FLAG,
  BATCH_HEADER_BYTES,
  BATCH_KIND,
  type BatchArray,
  type BatchExtra,
  type BatchLayout,
  bytesOfArray,
  layOut,
  writeBatchHeader,
} from '@kinovox/world';
import type { ServedBatch } from './session.js';

type Values = Float32Array | Int32Array | Uint16Array | Uint8Array;

interface Source extends Omit<BatchArray, 'offset'> {
  values: Values;
  /** Of a reset these are zeros: nothing was stepped. */
  isOfStep?: true;
  /** Of an observation, the last ones of ended worlds: packed under `final_`. */
  finals?: Values;
}

export class ResultArrays {
  /** Arrays in every result. */
  readonly layout: BatchLayout;
  /** Arrays that follow when worlds ended, as for one world; each has one entry per ended world, in row order. */
  readonly final: readonly Omit<BatchArray, 'offset'>[];
  /** Bytes of the longest result, with its header. */
  readonly maxBytes: number;
  readonly #env: ServedBatch;
  readonly #sources: readonly Source[];
  readonly #header = new Uint8Array(BATCH_HEADER_BYTES);
  readonly #ended: Uint8Array;
  readonly #masks: Uint8Array<ArrayBuffer> | undefined;
  readonly #ofStep: readonly Uint8Array[];
  readonly #ofReset: readonly Uint8Array[];
  #packed = new Uint8Array(0);
  #packedBytes = 0;

  constructor(env: ServedBatch, extras: ReadonlySet<BatchExtra>) {
    const { numWorlds, numAgents, observations, engine } = env;
    const rows = [numWorlds, numAgents];
    const { program } = engine;
    // With held actions a step's results are sums over its ticks, which the engine does not know.
    const outputs = env instanceof BatchEnv ? env.stepResult : engine.outputs;
    this.#env = env;
    this.#ended = new Uint8Array(numWorlds);
    if (extras.has('masks')) this.#masks = new Uint8Array(numWorlds * numAgents * engine.actionMaskSize);
    const { crop } = program.observation;
    const pictures: Source[] = extras.has('pictures')
      ? pictureArrays(engine).map(({ name, dtype, shape, values, finals }) => {
          return { name, dtype, shape: [...rows, ...shape], values, finals };
        })
      : [];
    const step = { isOfStep: true } as const;
    const sources: Source[] = [
      {
        name: 'observations',
        dtype: 'float32',
        shape: [...rows, observations.size],
        values: observations.vector,
        finals: observations.finalVector,
      },
      { name: 'rewards', dtype: 'float32', shape: rows, values: outputs.rewards, ...step },
    ];
    if (extras.has('terms'))
      sources.push({
        name: 'reward_terms',
        dtype: 'float32',
        shape: [...rows, program.rewards.length],
        values: outputs.rewardTerms,
        ...step,
      });
    if (extras.has('way')) sources.push({ name: 'way_left', dtype: 'int32', shape: [...rows, 2], values: outputs.wayLeft!, ...step });
    if (extras.has('crop') && crop > 0)
      sources.push({
        name: 'crop',
        dtype: 'uint16',
        shape: [...rows, crop, crop, crop],
        values: observations.crop,
        finals: observations.finalCrop,
      });
    sources.push(...pictures.filter(({ dtype }) => dtype === 'uint16'), ...pictures.filter(({ dtype }) => dtype === 'uint8'));
    sources.push({ name: 'terminated', dtype: 'uint8', shape: rows, values: outputs.terminated, ...step });
    sources.push({ name: 'truncated', dtype: 'uint8', shape: rows, values: outputs.truncated, ...step });
    sources.push({ name: 'ended', dtype: 'uint8', shape: [numWorlds], values: this.#ended, ...step });
    if (extras.has('outcome')) sources.push({ name: 'outcome', dtype: 'uint8', shape: [numWorlds], values: outputs.endStatus, ...step });
    if (this.#masks !== undefined)
      sources.push({ name: 'action_masks', dtype: 'uint8', shape: [...rows, engine.actionMaskSize], values: this.#masks });
    this.#sources = sources;
    this.layout = layOut(sources.map(({ name, dtype, shape }) => ({ name, dtype, shape })));
    this.final = sources
      .filter((source) => source.finals !== undefined)
      .map(({ name, dtype, shape }) => ({ name: `final_${name}`, dtype, shape: shape.slice(1) }));
    this.maxBytes = BATCH_HEADER_BYTES + this.layout.bytes + this.final.reduce((sum, array) => sum + numWorlds * bytesOfArray(array), 0);
    const used = sources.reduce((sum, source) => sum + source.values.byteLength, 0);
    const padding = new Uint8Array(this.layout.bytes - used);
    this.#ofStep = [...sources.map(({ values }) => bytesOf(values)), padding];
    this.#ofReset = [...sources.map(({ values, isOfStep }) => (isOfStep ? new Uint8Array(values.byteLength) : bytesOf(values))), padding];
  }

  /** What a reset or a restore gives. Views that the next call overwrites. */
  async afterReset(): Promise<Uint8Array[]> {
    if (this.#masks !== undefined) await this.#env.actionMasks(this.#masks);
    return [this.#headed(0, 0), ...this.#ofReset];
  }

  /** Notes which worlds ended and which of them crashed, and packs their last observations where the next episode's have taken their place. */
  noteEnded(ended: Uint8Array, crashes: readonly Crash[], isPacked: boolean): void {
    this.#ended.set(ended);
    for (const { row } of crashes) this.#ended[row] = BATCH_ENDED.crashed;
    let numEnded = 0;
    for (let row = 0; row < ended.length; row++) if (ended[row] !== BATCH_ENDED.no) numEnded++;
    this.#packedBytes = 0;
    if (isPacked && numEnded > 0) this.#pack(numEnded);
  }

  /** What a step gives, after `noteEnded`. Views that the next call overwrites. */
  async afterStep(step: number): Promise<Uint8Array[]> {
    if (this.#masks !== undefined) await this.#env.actionMasks(this.#masks);
    const flags = (this.#packedBytes > 0 ? BATCH_FLAG.final : 0) | (this.#ended.includes(BATCH_ENDED.crashed) ? BATCH_FLAG.crashed : 0);
    const parts = [this.#headed(step, flags), ...this.#ofStep];
    if (this.#packedBytes > 0) parts.push(this.#packed.subarray(0, this.#packedBytes));
    return parts;
  }

  #pack(numEnded: number): void {
    const bytes = this.final.reduce((sum, array) => sum + numEnded * bytesOfArray(array), 0);
    if (this.#packed.length < bytes) this.#packed = new Uint8Array(Math.max(bytes, 2 * this.#packed.length));
    let at = 0;
    for (const { finals } of this.#sources) {
      if (finals === undefined) continue;
      const all = bytesOf(finals);
      const size = all.length / this.#ended.length;
      for (let row = 0; row < this.#ended.length; row++) {
        if (this.#ended[row] === BATCH_ENDED.no) continue;
        this.#packed.set(all.subarray(row * size, (row + 1) * size), at);
        at += size;
      }
    }
    this.#packedBytes = at;
  }

  #headed(step: number, flags: number): Uint8Array {
    writeBatchHeader(new DataView(this.#header.buffer), BATCH_KIND.result, step, flags);
    return this.#header;
  }
}

function bytesOf(values: Values): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
