/** The shards of a batch: all of them at once, or the one of a row; and the one error that a lost device becomes. */
import { EngineError, ShapeError } from '@kinovox/world';
import { type DeviceWatch, waitForDevice } from './device.js';
import type { Shard } from './shard.js';

export class ShardGroup {
  readonly #watch: DeviceWatch;

  /** @param device adapter in words. @param software whether it computes on the CPU. */
  constructor(
    readonly shards: readonly Shard[],
    watch: DeviceWatch,
    readonly device: string,
    readonly software: boolean,
  ) {
    this.#watch = watch;
  }

  /** All shards at once: each waits for its own copies only. */
  async each(work: (shard: Shard, k: number) => Promise<void>): Promise<void> {
    await Promise.all(this.shards.map((shard, k) => work(shard, k)));
  }

  /** Reading from a device that is lost fails in many ways; all of them become one error. */
  async guard(read: () => Promise<void>): Promise<void> {
    try {
      await waitForDevice(this.software, read);
    } catch (cause) {
      // The promise `lost` may settle after the copy that failed.
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (this.#watch.lost === undefined) throw cause;
    }
    this.assertAlive();
  }

  /** @throws ShapeError for a row that is none. */
  of(w: number): Shard {
    const shard = this.shards.find(({ first, count }) => w >= first && w < first + count);
    if (shard === undefined)
      throw new ShapeError('row', `A row must be from 0 to ${this.#numWorlds - 1}; got ${w}. Choose one of the batch.`);
    return shard;
  }

  /** @throws EngineError once the device is lost. */
  assertAlive(): void {
    const { lost } = this.#watch;
    if (lost === undefined) return;
    throw new EngineError(
      'gpu-lost',
      `The GPU must stay there for a run; ${this.device} was lost: ${lost}. Restore the last snapshots on another engine, for instance "cpu": they go on with the same hashes.`,
    );
  }

  get #numWorlds(): number {
    return this.shards.reduce((sum, { count }) => sum + count, 0);
  }
}
