/** A fork: one world that goes on from a snapshot of a batch row, with policies of its own. The row it came from is not touched. */
import { type BatchEnv, createBatchEnv, loadScenario } from '@kinovox/env';
import { type DecisionNote, type RowPlans, type Split, UsageError } from '@kinovox/world';
import { LanguageLog } from '../run/language-agents.js';
import { createPolicyDriver, optionsForPolicy, type PolicyDriver } from '../run/policy-driver.js';
import { memoryEngine } from '../run/run-session.js';
import type { RunSettings } from '../run/run-settings.js';
import { readLife, SpectatorInbox } from '../run/spectator-inbox.js';
import { Teleop } from '../run/teleop.js';
import { DecisionBook } from './decision-book.js';
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
  const log = new LanguageLog();
  const teleop = new Teleop();
  const policy = createPolicyDriver(env, settings.policy, { hands: teleop, onLanguage: (entry) => log.add(entry) });
  const playable = new ForkPlayable(env, policy, world, stream, seed.totals, log, teleop);
  playable.takeOver(seed.decisions);
  return playable;
}

export class ForkPlayable implements Playable {
  readonly world: number;
  readonly forked = true;
  readonly length = 0;
  readonly feed: WorldFeed;
  readonly #book = new DecisionBook(1);
  readonly decisions = this.#book.source(0);
  readonly #log: LanguageLog;
  readonly #env: BatchEnv;
  readonly #policy: PolicyDriver;
  readonly #inbox: SpectatorInbox;
  readonly #totals: RewardTotals;
  /** Actions for the state as it stands, once they are decided. */
  #decided: Float32Array | undefined;
  /** What policies think for the next tick. */
  #thought: Promise<void> | undefined;
  #hasThought = false;
  #failure: unknown;

  constructor(
    env: BatchEnv,
    policy: PolicyDriver,
    world: number,
    stream: number,
    totals: RowTotals,
    log = new LanguageLog(),
    readonly teleop = new Teleop(),
  ) {
    this.#log = log;
    this.world = world;
    this.#env = env;
    this.#policy = policy;
    this.#inbox = new SpectatorInbox(policy.listeners, readLife(env));
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

  /** What language agents decided in the row before. */
  takeOver(decisions: readonly DecisionNote[]): void {
    this.#book.takeOver(0, decisions);
  }

  get position(): number {
    return this.#env.engine.state.tick[0];
  }

  get thinks(): boolean {
    return this.#policy.thinks;
  }

  get isReady(): boolean {
    return !this.thinks || this.#hasThought;
  }

  hear(slot: number | undefined, text: string): string | undefined {
    return this.#inbox.put({ row: 0, slot, text });
  }

  prepare(): Promise<void> {
    this.#thought ??= this.#policy
      .think(this.#inbox.take())
      .catch((error: unknown) => {
        this.#failure = error;
        throw error;
      })
      .finally(() => {
        this.#hasThought = true;
      });
    return this.#thought;
  }

  advance(): boolean {
    if (this.#failure !== undefined) throw this.#failure;
    const actions = this.#decide();
    const { episode } = this.#env.engine.state;
    for (const entry of this.#log.take()) this.#book.add(0, entry, episode[0]);
    this.#env.stepSync(actions);
    this.#decided = undefined;
    this.#thought = undefined;
    this.#hasThought = false;
    this.#totals.add();
    return true;
  }

  /** A fork begins without plans: they are made here, for the tick that comes next, unless policies must think first. */
  plans(sliceSlots: readonly number[]): RowPlans {
    if (this.isReady && this.#failure === undefined) this.#decide();
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
