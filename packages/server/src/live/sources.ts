/**
 * Where the worlds of a host come from, seen from the host: a batch with forks, or recordings. Both hand out channels that watchers join.
 * Data flow: threads -> `HostSink` -> sockets; watchers' wishes -> these classes -> threads.
 */
import { PLAN_LIMITS, type Status, UsageError } from '@kinovox/world';
import type { RunReport } from '../run/run-report.js';
import type {
  BatchThreadData,
  ForkSeed,
  FromBatch,
  FromPlayers,
  JoinPost,
  PlayerCommand,
  PlayerThreadData,
  SourceInfo,
  Steering,
  ToBatch,
  ToPlayers,
  WorldPost,
} from './thread-messages.js';
import { rowChannel } from './thread-messages.js';
import { WorkerThread } from './worker-thread.js';

/** Answer to a wish: undefined, or why it was not carried out. */
interface Done {
  sentence: string | undefined;
}

/** What threads report to. */
export interface HostSink {
  world(channel: string, post: WorldPost): void;
  status(channel: string, status: Status): void;
  table(bytes: Uint8Array): void;
  plans(channel: string, bytes: Uint8Array): void;
  notice(sentence: string): void;
  /** @param atMs clock of the batch's thread. */
  progress?(ticks: number, agentStepsPerSecond: number, atMs: number): void;
  report?(report: RunReport): void;
}

/** Streams are numbered through the whole host, so that a later one has the greater number for every watcher. */
export class StreamNumbers {
  #next = 1;

  next(): number {
    return this.#next++;
  }
}

/** The batch in its thread. */
export class BatchSource {
  readonly ready: Promise<SourceInfo>;
  readonly ended: Promise<void>;
  /** The last table; one who joins sees it at once. */
  table: Uint8Array | undefined;
  finished = false;
  /** Folder of the results, once the thread has stopped. */
  directory: string | undefined;
  readonly #thread: WorkerThread<ToBatch, FromBatch>;
  readonly #numWatchers = new Map<number, number>();
  readonly #streams = new Map<number, number>();
  /** Who wants plans of a world, and whose slices. */
  readonly #planWishes = new Map<number, Map<object, number>>();

  constructor(data: BatchThreadData, sink: HostSink) {
    let resolve: (source: SourceInfo) => void = () => undefined;
    const first = new Promise<SourceInfo>((done) => (resolve = done));
    this.#thread = new WorkerThread<ToBatch, FromBatch>('./batch-worker.js', data, (message) => {
      switch (message.kind) {
        case 'ready':
          this.table = message.table;
          resolve(message.source);
          return;
        case 'world':
          sink.world(message.channel, message.post);
          return;
        case 'status':
          sink.status(message.channel, message.status);
          return;
        case 'table':
          this.table = message.bytes;
          sink.table(message.bytes);
          return;
        case 'plans':
          sink.plans(message.channel, message.bytes);
          return;
        case 'progress':
          sink.progress?.(message.ticks, message.agentStepsPerSecond, message.atMs);
          return;
        case 'report':
          sink.report?.(message.report);
          return;
        case 'finished':
          this.finished = true;
          sink.notice('The batch has run all its ticks; its worlds stand still.');
          return;
        case 'stopped':
          this.directory = message.directory;
      }
    });
    this.ended = this.#thread.ended;
    this.ready = Promise.race([first, this.ended.then(() => Promise.reject(new Error('The batch thread ended before it was ready.')))]);
    this.ready.catch(() => undefined);
  }

  /** Counts one more watcher of a row; the row's feed begins with the first. */
  watch(world: number): void {
    const count = this.#numWatchers.get(world) ?? 0;
    this.#numWatchers.set(world, count + 1);
    if (count === 0) this.#thread.post({ kind: 'watch', world, on: true });
  }

  unwatch(world: number): void {
    const count = (this.#numWatchers.get(world) ?? 1) - 1;
    if (count > 0) this.#numWatchers.set(world, count);
    else {
      this.#numWatchers.delete(world);
      this.#streams.delete(world);
      this.#thread.post({ kind: 'watch', world, on: false });
    }
  }

  /** @param slot agent whose slice `who` wants; undefined: no plans any longer. */
  wantPlans(world: number, who: object, slot: number | undefined): void {
    const wishes = this.#planWishes.get(world) ?? new Map<object, number>();
    if (slot === undefined) wishes.delete(who);
    else wishes.set(who, slot);
    if (wishes.size === 0) this.#planWishes.delete(world);
    else this.#planWishes.set(world, wishes);
    const slots = wishes.size === 0 ? undefined : [...new Set(wishes.values())].slice(0, PLAN_LIMITS.slices);
    this.#thread.post({ kind: 'plans', world, slots });
  }

  /** Number of rows with a watcher. */
  get numWatchedRows(): number {
    return this.#numWatchers.size;
  }

  /** Makes the row's stream newer than one that a watcher has seen. */
  beginStreamAfter(world: number, stream: number, streams: StreamNumbers): void {
    if ((this.#streams.get(world) ?? 0) >= stream) return;
    const next = streams.next();
    this.#streams.set(world, next);
    this.#thread.post({ kind: 'begin-stream', world, stream: next });
  }

  async join(world: number): Promise<JoinPost> {
    return (await this.#thread.ask<{ join: JoinPost }>((request) => ({ kind: 'join', world, request }))).join;
  }

  async fork(world: number): Promise<ForkSeed> {
    return (await this.#thread.ask<{ seed: ForkSeed }>((request) => ({ kind: 'fork', world, request }))).seed;
  }

  /** @returns undefined, or a sentence on why nobody hears it. */
  async hear(world: number, slot: number | undefined, text: string): Promise<string | undefined> {
    return (await this.#thread.ask<Done>((request) => ({ kind: 'hear', world, request, slot, text }))).sentence;
  }

  /** @returns undefined, or a sentence on why it is not done. */
  async steer(world: number, steering: Steering): Promise<string | undefined> {
    return (await this.#thread.ask<Done>((request) => ({ kind: 'steer', world, request, ...steering }))).sentence;
  }

  channel(world: number): string {
    return rowChannel(world);
  }

  /** Ends the run; its directory is finished before this resolves. */
  async stop(): Promise<void> {
    this.#thread.post({ kind: 'stop' });
    await this.ended;
  }
}

/** Forks and recordings in their thread. */
export class PlayerSource {
  readonly ready: Promise<SourceInfo | undefined>;
  readonly ended: Promise<void>;
  readonly #thread: WorkerThread<ToPlayers, FromPlayers>;
  readonly #opening = new Map<number, (sentence: string | undefined) => void>();
  #nextPlayer = 1;
  #open = 0;

  constructor(data: PlayerThreadData, sink: HostSink) {
    let resolve: (source: SourceInfo | undefined) => void = () => undefined;
    const first = new Promise<SourceInfo | undefined>((done) => (resolve = done));
    this.#thread = new WorkerThread<ToPlayers, FromPlayers>('./player-worker.js', data, (message) => {
      switch (message.kind) {
        case 'ready':
          resolve(message.source);
          return;
        case 'world':
          sink.world(message.channel, message.post);
          return;
        case 'status':
          sink.status(message.channel, message.status);
          return;
        case 'plans':
          sink.plans(message.channel, message.bytes);
          return;
        case 'opened': {
          const opened = this.#opening.get(message.player);
          this.#opening.delete(message.player);
          if (opened !== undefined) opened(message.sentence);
          else if (message.sentence !== undefined) sink.notice(message.sentence);
        }
      }
    });
    this.ended = this.#thread.ended;
    this.ready = Promise.race([first, this.ended.then(() => Promise.reject(new Error('The player thread ended before it was ready.')))]);
    this.ready.catch(() => undefined);
  }

  get numOpen(): number {
    return this.#open;
  }

  /** @throws UsageError when it cannot be opened. @returns the player's number. */
  async open(message: (player: number) => ToPlayers): Promise<number> {
    const player = this.#nextPlayer++;
    this.#open++;
    const sentence = await new Promise<string | undefined>((resolve, reject) => {
      this.#opening.set(player, resolve);
      void this.ended.then(() => reject(new Error('The thread has ended.')), reject);
      this.#thread.post(message(player));
    });
    if (sentence === undefined) return player;
    this.#open--;
    throw new UsageError('player', sentence);
  }

  /** @param slot agent whose slice is wanted; undefined: no plans any longer. */
  wantPlans(player: number, slot: number | undefined): void {
    this.#thread.post({ kind: 'plans', player, slots: slot === undefined ? undefined : [slot] });
  }

  close(player: number): void {
    this.#open--;
    this.#thread.post({ kind: 'close', player });
  }

  async join(player: number): Promise<JoinPost> {
    const { join, sentence } = await this.#thread.ask<{ join?: JoinPost } & Partial<Done>>((request) => ({
      kind: 'join',
      player,
      request,
    }));
    if (join === undefined) throw new UsageError('player-gone', sentence ?? 'This world is no longer played. Watch it again.');
    return join;
  }

  /** @returns undefined, or a sentence on why it was not carried out. */
  async command(player: number, command: PlayerCommand): Promise<string | undefined> {
    return (await this.#thread.ask<Done>((request) => ({ kind: 'command', player, request, command }))).sentence;
  }

  /** @returns undefined, or a sentence on why nobody hears it. */
  async hear(player: number, slot: number | undefined, text: string): Promise<string | undefined> {
    return (await this.#thread.ask<Done>((request) => ({ kind: 'hear', player, request, slot, text }))).sentence;
  }

  /** @returns undefined, or a sentence on why it is not done. */
  async steer(player: number, steering: Steering): Promise<string | undefined> {
    return (await this.#thread.ask<Done>((request) => ({ kind: 'steer', player, request, ...steering }))).sentence;
  }

  async stop(): Promise<void> {
    await this.#thread.terminate();
  }
}
