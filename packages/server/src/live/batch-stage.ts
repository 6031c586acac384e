/** The watched side of a batch: feeds of the rows that somebody watches, the table of all rows, and requests about them. */
import { type BatchEnv, OUTCOMES, type RowObserver } from '@kinovox/env';
import { createWorldTable, encodeTable, type NodeInfo, type Status, type WorldTable } from '@kinovox/world';
import type { RunSession } from '../run/run-session.js';
import type { Teleop } from '../run/teleop.js';
import { DecisionBook } from './decision-book.js';
import type { Pacer } from './pacer.js';
import { encodePlans, PlanPosts } from './plan-posts.js';
import { RewardTotals } from './reward-totals.js';
import { createLevelDescriber, describePalette, describeScenario } from './scenario-info.js';
import { type FromBatch, rowChannel, type SourceInfo, type ToBatch } from './thread-messages.js';
import { TickRate } from './tick-rate.js';
import { WorldFeed } from './world-feed.js';

const TICKS_PER_SECOND = 20;

export class BatchStage {
  /** The batch has run all its ticks and stands still. */
  finished = false;
  readonly plans = new PlanPosts();
  readonly #session: RunSession;
  readonly #env: BatchEnv;
  readonly #pacer: Pacer;
  readonly #teleop: Teleop;
  readonly #post: (message: FromBatch) => void;
  readonly #totals: RewardTotals;
  readonly #table: WorldTable;
  readonly #nodes: readonly NodeInfo[];
  readonly #describeLevel: ReturnType<typeof createLevelDescriber>;
  readonly #feeds = new Map<number, { feed: WorldFeed; stop: () => void }>();
  readonly #rate = new TickRate();
  readonly #decisions: DecisionBook;

  constructor(session: RunSession, pacer: Pacer, teleop: Teleop, post: (message: FromBatch) => void) {
    const { env } = session;
    this.#session = session;
    this.#env = env;
    this.#pacer = pacer;
    this.#teleop = teleop;
    this.#post = post;
    this.#totals = new RewardTotals(env.engine);
    this.#table = createWorldTable(env.numWorlds);
    this.#nodes = describeScenario(env.compiled).nodes;
    this.#describeLevel = createLevelDescriber(env.compiled, env.split);
    this.#decisions = new DecisionBook(env.numWorlds);
    session.onDecisions = (entries) => {
      for (const entry of entries) this.#decisions.add(entry.row, entry, env.engine.state.episode[entry.row]);
    };
    const record = env.onEpisodeEnd;
    env.onEpisodeEnd = (episode) => {
      record?.(episode);
      this.#table.episodes[episode.row]++;
      if (episode.outcome === 'succeeded') this.#table.successes[episode.row]++;
      this.#table.status[episode.row] = OUTCOMES.indexOf(episode.outcome);
    };
  }

  describe(policy: string): SourceInfo {
    const { compiled, numWorlds, engineName } = this.#env;
    return {
      mode: 'batch',
      scenario: describeScenario(compiled),
      palette: describePalette(compiled),
      numWorlds,
      engine: engineName,
      policy,
      recordings: [],
      played: [...this.#session.played],
      listeners: [...this.#session.listeners],
    };
  }

  afterStep(): void {
    this.#totals.add();
    this.#rate.count();
  }

  /** Requests other than stopping. */
  handle(message: Exclude<ToBatch, { kind: 'stop' }>): void {
    const { world } = message;
    switch (message.kind) {
      case 'watch':
        if (message.on) this.#feedOf(world);
        else this.#unwatch(world);
        return;
      case 'plans':
        this.plans.set(world, message.slots);
        return;
      case 'begin-stream':
        this.#feedOf(world).beginStream(message.stream);
        this.#postWorld(world);
        return;
      case 'join': {
        const feed = this.#feedOf(world);
        // What happened so far goes out first, so that the level's number is that of the last message.
        this.#postWorld(world);
        this.#post({
          kind: 'joined',
          request: message.request,
          join: {
            level: feed.joinLevel(),
            frame: feed.encodeFrame(),
            decisions: this.#decisions.source(world).all({ world, stream: feed.stream }),
            status: this.#status(world),
          },
        });
        return;
      }
      case 'hear': {
        const { request, slot, text } = message;
        const sentence = this.finished
          ? 'The batch has run all its ticks: nobody hears anything any more.'
          : this.#session.hear({ row: world, slot, text });
        this.#post({ kind: 'done', request, sentence });
        return;
      }
      case 'steer': {
        const { request, slot, person, hands } = message;
        this.#post({ kind: 'done', request, sentence: this.#teleop.steer(world, slot, person, hands) });
        return;
      }
      case 'fork':
        this.#post({
          kind: 'forked',
          request: message.request,
          seed: { snapshot: this.#env.snapshot(world), totals: this.#totals.read(world), decisions: this.#decisions.notes(world) },
        });
    }
  }

  postWorlds(): void {
    for (const world of this.#feeds.keys()) this.#postWorld(world);
  }

  postPlans(nowMs: number): void {
    const { state } = this.#env.engine;
    const momentOf = (world: number) => `${state.episode[world]} ${state.tick[world]}`;
    this.plans.postDue(nowMs, momentOf, (world, slots) => {
      const head = { world, stream: this.#feedOf(world).stream, episode: state.episode[world] };
      this.#post({ kind: 'plans', channel: rowChannel(world), bytes: encodePlans(head, this.#session.plans(world, slots)) });
    });
  }

  postStatuses(): void {
    for (const world of this.#feeds.keys()) this.#post({ kind: 'status', channel: rowChannel(world), status: this.#status(world) });
  }

  postTable(): void {
    this.#post({ kind: 'table', bytes: this.encodeTable() });
  }

  encodeTable(): Uint8Array {
    const { state, outputs } = this.#env.engine;
    const numRoots = this.#env.engine.program.monitor.roots.length;
    const { tick, returns, progress } = this.#table;
    for (let row = 0; row < this.#env.numWorlds; row++) {
      tick[row] = state.tick[row];
      returns[row] = this.#totals.meanReturn(row);
      // After a reset the outputs still hold the ended episode's progress.
      progress[row] = state.tick[row] === 0 ? 0 : outputs.rootProgress[row * numRoots];
    }
    return encodeTable(this.#table);
  }

  #postWorld(world: number): void {
    const feed = this.#feeds.get(world)?.feed;
    const post = feed?.take();
    if (feed === undefined || post === undefined) return;
    const decisions = this.#decisions.source(world).fresh({ world, stream: feed.stream });
    if (decisions !== undefined) post.reliable.push({ event: 'decisions', bytes: decisions });
    this.#post({ kind: 'world', channel: rowChannel(world), post });
  }

  #status(world: number): Status {
    const { state } = this.#env.engine;
    const { ticksPerSecond } = this.#pacer;
    return {
      world,
      stream: this.#feedOf(world).stream,
      playing: !this.finished,
      speed: ticksPerSecond / TICKS_PER_SECOND,
      forked: false,
      position: state.tick[world],
      length: 0,
      ticksPerSecond: this.#rate.perSecond(),
      taken: this.#teleop.taken(world),
    };
  }

  #feedOf(world: number): WorldFeed {
    const existing = this.#feeds.get(world);
    if (existing !== undefined) return existing.feed;
    const feed = new WorldFeed(
      {
        engine: this.#env.engine,
        row: world,
        world,
        nodes: this.#nodes,
        describeLevel: this.#describeLevel,
        totals: () => this.#totals.read(world),
      },
      0,
    );
    const observer: RowObserver = {
      onEpisode: () => feed.onEpisode(),
      onTick: (env, row, ended) => {
        const { episode } = env.rowInfo(row);
        feed.onTick(episode, ended ? env.engine.outputs.endTicks[row] : env.engine.state.tick[row], ended, env.autoreset === 'same-step');
      },
    };
    this.#feeds.set(world, { feed, stop: this.#env.observeRow(world, observer) });
    return feed;
  }

  #unwatch(world: number): void {
    this.#feeds.get(world)?.stop();
    this.#feeds.delete(world);
    this.plans.set(world, undefined);
  }
}
