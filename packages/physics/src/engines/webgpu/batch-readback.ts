/**
 * What comes back from the device to the arrays of a whole batch: what a step gives, observations and pictures, what rows play, hashes, state.
 * Each shard's part is packed by its `Readback`; whatever else is asked for is copied as it lies.
 */
import { ACTION_FIELDS, formatHash, hashWord0, hashWord1 } from '@kinovox/world';
import type { ReadSettings, RowWords } from '../../async-engine.js';
import { type BatchState, createBatchState } from '../../batch-state.js';
import type { WorldSnapshot } from '../../engine.js';
import type { Selection } from '../../observe/selection.js';
import type { ScenarioProgram, VariantSource } from '../../program.js';
import { takeSnapshot } from '../snapshots.js';
import type { PictureKind } from './device-pictures.js';
import { Readback } from './readback.js';
import type { Shard } from './shard.js';
import type { ShardGroup } from './shard-group.js';
import { type StepArrays, stepParts } from './step-parts.js';

/** Where it goes. */
export interface BatchArrays extends StepArrays {
  program: ScenarioProgram;
  numWorlds: number;
  variants: VariantSource;
  /** Undefined: no observations. */
  selection: Selection | undefined;
  /** Whether pictures come with each step and reset. */
  readsPictures: boolean;
}

export class BatchReadback {
  readonly #group: ShardGroup;
  readonly #batch: BatchArrays;
  /** One per shard. */
  readonly #readbacks: readonly Readback[];
  #mirror: BatchState | undefined;

  private constructor(group: ShardGroup, batch: BatchArrays, readbacks: readonly Readback[]) {
    this.#group = group;
    this.#batch = batch;
    this.#readbacks = readbacks;
  }

  static async create(gpu: GPUDevice, group: ShardGroup, batch: BatchArrays, read: ReadSettings): Promise<BatchReadback> {
    const readbacks: Readback[] = [];
    for (const shard of group.shards) {
      const parts = stepParts(shard, batch, read, batch.selection);
      readbacks.push(await Readback.create(gpu, shard.data, parts, shard.count, batch.program.numAgents));
    }
    return new BatchReadback(group, batch, readbacks);
  }

  /** Results and observations of the last tick. */
  async results(): Promise<void> {
    await this.#group.guard(async () => {
      await this.#group.each(async (shard, k) => {
        await this.#readbacks[k].all();
        while (shard.halted) {
          const left = await shard.resume();
          if (left > 0) shard.repeat(left);
          await this.#readbacks[k].all();
        }
      });
      const { ended } = this.#batch.outputs;
      const any = ended.includes(1);
      await this.#pullPictures(any);
      if (!any) return;
      await this.#group.each(async ({ first, count }, k) => {
        const worlds = Array.from({ length: count }, (_, row) => row).filter((row) => ended[first + row] === 1);
        if (worlds.length > 0) await this.#readbacks[k].ended(worlds);
      });
    });
  }

  /** Observations of every row, or of those of some shards, with the pictures where steps bring them. */
  async observations(shards: readonly Shard[] = this.#group.shards): Promise<void> {
    await this.#group.guard(async () => {
      await Promise.all(shards.map((shard) => this.#readbacks[this.#group.shards.indexOf(shard)].observations()));
      await this.#pullPictures(false);
    });
  }

  /** Reads the pictures and lidar of all agents back into `observations.pictures`, or those that ended episodes closed with into `finalPictures`. */
  async pictures(kind: PictureKind = 'current'): Promise<void> {
    this.#group.assertAlive();
    if (this.#batch.selection === undefined) return;
    const { pictures, finalPictures } = this.#batch.observations;
    await this.#group.guard(() =>
      this.#group.each((shard) => shard.pullPictures(kind, kind === 'current' ? pictures : finalPictures, shard.first)),
    );
  }

  /** What every row plays. */
  async rows(names: readonly (keyof RowWords)[]): Promise<void> {
    await this.#group.guard(() =>
      this.#group.each(async (shard) => {
        await shard.memory.pull(names.map((name) => `c.state.${name}`));
        for (const name of names) this.#batch.rows[name].set(shard.context.state[name], shard.first);
      }),
    );
  }

  /** Hash of each row's state, as `hashWorld` gives it. */
  async hashes(): Promise<string[]> {
    const lanes = await this.#lanes();
    return Array.from({ length: this.#batch.numWorlds }, (_, w) => formatHash(lanes[2 * w], lanes[2 * w + 1]));
  }

  /** Hash of the batch, as `hashBatch` gives it. */
  async hash(): Promise<string> {
    const lanes = await this.#lanes();
    let lane0 = 0;
    let lane1 = 0;
    for (let w = 0; w < this.#batch.numWorlds; w++) {
      lane0 = (lane0 + hashWord0(2, w, lanes[2 * w] ^ Math.imul(lanes[2 * w + 1], 31))) >>> 0;
      lane1 = (lane1 + hashWord1(2, w, lanes[2 * w + 1] ^ Math.imul(lanes[2 * w], 31))) >>> 0;
    }
    return formatHash(lane0, lane1);
  }

  async state(): Promise<BatchState> {
    this.#group.assertAlive();
    await this.#group.guard(() =>
      this.#group.each(async (shard) => {
        await shard.memory.pullState();
        await shard.memory.pullVoxels();
      }),
    );
    if (this.#group.shards.length === 1) return this.#withVariants(this.#group.shards[0].context.state);
    this.#mirror ??= createBatchState(this.#batch.program, this.#batch.numWorlds);
    const to = this.#mirror;
    for (const { first, context } of this.#group.shards) {
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
    this.#group.assertAlive();
    const shard = this.#group.of(w);
    await this.#group.guard(() => shard.memory.pullRow(w - shard.first));
    return takeSnapshot(shard.context, w - shard.first);
  }

  async snapshots(): Promise<WorldSnapshot[]> {
    this.#group.assertAlive();
    await this.#group.guard(() =>
      this.#group.each(async (shard) => {
        await shard.memory.pullState();
        await shard.memory.pullVoxels();
      }),
    );
    return this.#group.shards.flatMap(({ context, count }) => Array.from({ length: count }, (_, row) => takeSnapshot(context, row)));
  }

  async heldActions(): Promise<Float32Array> {
    this.#group.assertAlive();
    const perWorld = this.#batch.program.numAgents * ACTION_FIELDS;
    const actions = new Float32Array(this.#batch.numWorlds * perWorld);
    await this.#group.guard(() => this.#group.each(async (shard) => actions.set(await shard.memory.pullActions(), shard.first * perWorld)));
    return actions;
  }

  /** Actions so far that were NaN or infinite; each became its neutral value. */
  async invalidActions(): Promise<number> {
    this.#group.assertAlive();
    let sum = 0;
    await this.#group.guard(() =>
      this.#group.each(async (shard) => {
        await shard.memory.pull(['invalid']);
        for (const count of shard.region('invalid').host) sum += count;
      }),
    );
    return sum;
  }

  /** Bytes on the device. */
  get bytes(): number {
    return this.#readbacks.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  dispose(): void {
    for (const readback of this.#readbacks) readback.dispose();
  }

  async #lanes(): Promise<Int32Array> {
    this.#group.assertAlive();
    const lanes = new Int32Array(2 * this.#batch.numWorlds);
    for (const shard of this.#group.shards) shard.hash();
    await this.#group.guard(() =>
      this.#group.each(async (shard) => {
        await shard.memory.pull(['hash']);
        lanes.set(shard.region('hash').host as Int32Array, 2 * shard.first);
      }),
    );
    return lanes;
  }

  async #pullPictures(ended: boolean): Promise<void> {
    if (!this.#batch.readsPictures) return;
    const { pictures, finalPictures } = this.#batch.observations;
    await this.#group.each((shard) => shard.pullPictures('current', pictures, shard.first));
    if (ended) await this.#group.each((shard) => shard.pullPictures('final', finalPictures, shard.first));
  }

  #withVariants(state: BatchState): BatchState {
    for (let w = 0; w < this.#batch.numWorlds; w++) state.variants[w] = this.#batch.variants.get(state.variant[w]);
    return state;
  }
}
