/** A fork: one world that goes on from a snapshot of a batch row, with policies of its own. The row it came from is not touched. */
import { type BatchEnv, createBatchEnv, loadScenario } from '@kinovox/env';
import { type RowPlans, type Split, UsageError } from '@kinovox/world';
import { createPolicyDriver, optionsForPolicy, type PolicyDriver } from '../run/policy-driver.js';
import { memoryEngine } from '../run/run-session.js';
import type { RunSettings } from '../run/run-settings.js';
import type { Playable } from './player.js';
import { RewardTotals, type RowTotals } from './reward-totals.js';
import { createLevelDescriber, describeScenario } from './scenario-info.js';
import type { ForkSeed } from './thread-messages.js';
import { WorldFeed } from './world-feed.js';

export async function createForkPlayable(
  settings: RunSettings,
  split: Split,
  world: number,
  stream: number,
  seed: ForkSeed,
): Promise<ForkPlayable> {
  const compiled = loadScenario(settings.scenarioPath);
  const env = await createBatchEnv({
    ...optionsForPolicy(compiled, settings.policy),
    numWorlds: 1,
    split,
    engine: memoryEngine(settings),
  });
  env.reset();
  env.restore(0, seed.snapshot);
  return new ForkPlayable(env, createPolicyDriver(env, settings.policy), world, stream, seed.totals);
}

export class ForkPlayable implements Playable {
  readonly world: number;
  readonly forked = true;
  readonly length = 0;
  readonly feed: WorldFeed;
  readonly #env: BatchEnv;
  readonly #policy: PolicyDriver;
  readonly #totals: RewardTotals;
  /** Actions for the state as it stands, once they are decided. */
  #decided: Float32Array | undefined;

  constructor(env: BatchEnv, policy: PolicyDriver, world: number, stream: number, totals: RowTotals) {
    this.world = world;
    this.#env = env;
    this.#policy = policy;
    this.#totals = new RewardTotals(env.engine);
    this.#totals.write(0, totals);
    this.feed = new WorldFeed(
      {
        engine: env.engine,
        row: 0,
        world,
        nodes: describeScenario(env.compiled).nodes,
        describeLevel: createLevelDescriber(env.compiled, env.split),
        totals: () => this.#totals.read(0),
      },
      stream,
    );
    env.observeRow(0, {
      onEpisode: () => this.feed.onEpisode(),
      onTick: (_, row, ended) =>
        this.feed.onTick(env.rowInfo(row).episode, ended ? env.engine.outputs.endTicks[row] : env.engine.state.tick[row], ended, true),
    });
  }

  get position(): number {
    return this.#env.engine.state.tick[0];
  }

  advance(): boolean {
    this.#env.stepSync(this.#decide());
    this.#decided = undefined;
    this.#totals.add();
    return true;
  }

  /** A fork begins without plans: they are made here, for the tick that comes next. */
  plans(sliceSlots: readonly number[]): RowPlans {
    this.#decide();
    return this.#policy.plans(0, sliceSlots);
  }

  #decide(): Float32Array {
    this.#decided ??= this.#policy.act();
    return this.#decided;
  }

  seek(): void {
    throw new UsageError(
      'seek-live',
      'Seeking needs a recording; got a running world. Record rows with "kinovox run --out DIR --record 0-3" and open DIR.',
    );
  }

  close(): void {
    this.#env.close();
  }
}
