/**
 * The live host: the viewer's files over HTTP, worlds over Socket.IO. Batch and players run in threads of their own, so that
 * neither waits for a socket and no socket waits for a tick.
 * What is sent: levels, edits and events reliably and in order; frames and the table only to connections that are free.
 * Limits: message length, messages per second, watchers, forks, and how far a watcher may fall behind.
 */
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Chat,
  ChatSchema,
  type Control,
  ControlSchema,
  DEFAULT_PORT,
  type Hello,
  type HelloReply,
  HelloSchema,
  MAX_CLIENT_MESSAGE_BYTES,
  type PlansWish,
  PlansWishSchema,
  type Reply,
  ResyncSchema,
  type Split,
  type Teleop,
  TeleopSchema,
  UnwatchSchema,
  WatchSchema,
  type Welcome,
  WIRE_PROTOCOL,
} from '@kinovox/world';
import { Server } from 'socket.io';
import { Access } from './access.js';
import { Delivery, type HostServer, type HostSocket } from './delivery.js';
import { createHostCounters, type HostCounters } from './host-counters.js';
import { listenOn } from './listening.js';
import { RateLimit } from './rate-limit.js';
import { BatchSource, type HostSink, PlayerSource, StreamNumbers } from './sources.js';
import { createStaticFiles, sendText, viewerFolder } from './static-files.js';
import { type BatchThreadData, type JoinPost, plansChannel, type SourceInfo } from './thread-messages.js';
import { refuse, Watcher } from './watcher.js';
import { listenToWatcher } from './watcher-messages.js';

/** How long a broken connection may take to resume. */
const RECOVERY_MS = 60_000;
const MAX_WATCHERS = 64;

export interface HostOptions {
  /** A batch to run, or recordings to play. */
  source: { batch: BatchThreadData } | { recordings: string[] };
  /** Address to bind; default 127.0.0.1. */
  host?: string;
  /** Default 4747; 0 picks a free one. */
  port?: number;
  /** Folder of the built viewer. */
  viewer?: string;
  onProgress?: HostSink['progress'];
  onReport?: HostSink['report'];
  /** How long a broken connection may take to resume; default one minute. */
  recoveryMs?: number;
}

/** Starts the threads and listens. @throws UsageError for a port that is taken and for sources that cannot be opened. */
export async function startHost(options: HostOptions): Promise<LiveHost> {
  const host = new LiveHost(options);
  try {
    await host.open();
  } catch (error) {
    await host.close();
    throw error;
  }
  return host;
}

export class LiveHost {
  readonly counters: HostCounters = createHostCounters();
  readonly access: Access;
  readonly batch: BatchSource | undefined;
  /** Rejects when a thread fails. */
  readonly failed: Promise<never>;
  readonly #options: HostOptions;
  readonly #players: PlayerSource;
  readonly #streams = new StreamNumbers();
  readonly #http: HttpServer;
  readonly #io: HostServer;
  readonly #delivery: Delivery;
  readonly #absent = new Map<Watcher, NodeJS.Timeout>();
  #source: SourceInfo | undefined;

  /** Use `startHost`. */
  constructor(options: HostOptions) {
    const { source, host = '127.0.0.1', viewer = viewerFolder(), recoveryMs = RECOVERY_MS } = options;
    this.#options = options;
    this.access = new Access(host);
    const files = createStaticFiles(viewer);
    this.#http = createServer((request, response) => {
      const problem = this.access.problemOf(request);
      if (problem !== undefined) sendText(response, 403, problem);
      else if (request.url === '/health') this.#sendHealth(response);
      else files(request, response);
    });
    this.#io = new Server(this.#http, {
      serveClient: false,
      perMessageDeflate: false,
      httpCompression: false,
      maxHttpBufferSize: MAX_CLIENT_MESSAGE_BYTES,
      connectionStateRecovery: { maxDisconnectionDuration: recoveryMs, skipMiddlewares: true },
      allowRequest: (request, decide) => {
        const problem =
          this.access.problemOf(request) ??
          (this.#io.engine.clientsCount >= MAX_WATCHERS ? `A host takes at most ${MAX_WATCHERS} watchers.` : undefined);
        if (problem !== undefined) this.counters.foreign++;
        decide(problem ?? null, problem === undefined);
      },
    });
    this.#delivery = new Delivery(this.#io, this.counters);
    const sink: HostSink = {
      world: (channel, post) => this.#delivery.world(channel, post),
      status: (channel, status) => this.#delivery.status(channel, status),
      plans: (channel, bytes) => this.#delivery.lossy(plansChannel(channel), 'plans', bytes),
      table: (bytes) => this.#delivery.lossy(GREETED, 'table', bytes),
      notice: (sentence) => void this.#io.to(GREETED).emit('notice', { sentence }),
      ...(options.onProgress === undefined ? {} : { progress: options.onProgress }),
      ...(options.onReport === undefined ? {} : { report: options.onReport }),
    };
    this.batch = 'batch' in source ? new BatchSource(source.batch, sink) : undefined;
    this.#players = new PlayerSource(
      { settings: 'batch' in source ? source.batch.settings : undefined, recordings: 'recordings' in source ? source.recordings : [] },
      sink,
    );
    const ends = [this.batch?.ended, this.#players.ended].filter((end) => end !== undefined);
    this.failed = Promise.race(ends.map((end) => end.then(() => new Promise<never>(() => undefined))));
    this.failed.catch(() => undefined);
  }

  /** Address of the viewer, without the token. */
  get url(): string {
    const { address, port, family } = this.#http.address() as AddressInfo;
    const shown = address === '0.0.0.0' || address === '::' ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;
    return `http://${shown}:${port}/`;
  }

  /** Address that also hands over the token: whoever opens it may control. The fragment is not sent to any server. */
  get controlUrl(): string {
    return `${this.url}#token=${this.access.token}`;
  }

  /** What watchers are told of the worlds here. */
  get source(): SourceInfo {
    return this.#source!;
  }

  async open(): Promise<void> {
    const { host = '127.0.0.1', port = DEFAULT_PORT } = this.#options;
    const players = await this.#players.ready;
    this.#source = this.batch === undefined ? players! : await this.batch.ready;
    this.#io.on('connection', (socket) => this.#accept(socket));
    await listenOn(this.#http, host, port);
  }

  /** Closes every connection below the protocol, as a broken network would; watchers resume. For tests and drills. */
  breakConnections(): void {
    for (const socket of this.#io.of('/').sockets.values()) socket.conn.close();
  }

  /** Ends the run, then the connections. @returns the folder of the results. */
  async close(): Promise<string | undefined> {
    for (const timer of this.#absent.values()) clearTimeout(timer);
    this.#absent.clear();
    // A thread that failed has nothing left to stop.
    await this.batch?.stop().catch(() => undefined);
    await this.#players.stop();
    this.#io.disconnectSockets(true);
    await new Promise<void>((resolve) => void this.#io.close(() => resolve()));
    this.#http.closeAllConnections();
    return this.batch?.directory;
  }

  #accept(socket: HostSocket): void {
    const { counters } = this;
    counters.connections++;
    counters.watchers++;
    const watcher = this.#watcherOf(socket);
    listenToWatcher(socket, watcher, counters, {
      hello: { schema: HelloSchema, handle: async (message) => this.#greet(socket, watcher, message) },
      watch: { schema: WatchSchema, handle: async ({ world }) => this.#watch(watcher, world) },
      unwatch: { schema: UnwatchSchema, handle: () => watcher.unwatch() },
      resync: { schema: ResyncSchema, handle: ({ world }) => watcher.resync(world) },
      plans: { schema: PlansWishSchema, handle: async (message) => this.#plans(watcher, message) },
      control: {
        schema: ControlSchema,
        handle: (message) => this.#withToken(watcher, message, () => watcher.control(message as Control)),
      },
      teleop: { schema: TeleopSchema, handle: (message) => this.#withToken(watcher, message, () => watcher.teleop(message as Teleop)) },
      chat: { schema: ChatSchema, handle: (message) => this.#withToken(watcher, message, () => watcher.chat(message as Chat)) },
    });
    socket.on('disconnect', (reason) => this.#leave(watcher, reason));
  }

  async #watch(watcher: Watcher, world: number): Promise<Reply> {
    const { numWorlds } = this.source;
    return world < numWorlds ? watcher.watch(world) : refuse(`A world must be a number in 0..${numWorlds - 1}; got ${world}.`);
  }

  async #plans(watcher: Watcher, message: PlansWish): Promise<Reply> {
    const { agents } = this.source.scenario;
    if (message.slot >= agents.length)
      return refuse(`The agent of a slice must be a slot in 0..${agents.length - 1}; got ${message.slot}.`);
    return watcher.wantPlans(message);
  }

  async #withToken(watcher: Watcher, { token }: { token?: string | undefined }, act: () => Promise<Reply>): Promise<Reply> {
    if (watcher.canControl || this.access.isToken(token)) return act();
    this.counters.unauthorised++;
    return refuse('Control needs the token that the host printed; got another or none. Open the printed URL.');
  }

  /** The watcher of a new connection, or the one that resumes. */
  #watcherOf(socket: HostSocket): Watcher {
    const link = this.#link(socket);
    if (socket.recovered && socket.data.watcher !== undefined) {
      const { watcher } = socket.data;
      clearTimeout(this.#absent.get(watcher));
      this.#absent.delete(watcher);
      watcher.socket = link;
      this.counters.recovered++;
      // It may have been sent to another world while it was away; a gap in the numbers then makes it ask for the level.
      if (watcher.channel !== undefined) void socket.join(watcher.channel);
      if (watcher.channel !== undefined && watcher.wantsPlans) void socket.join(plansChannel(watcher.channel));
      return watcher;
    }
    const watcher = new Watcher(link, new RateLimit(performance.now()), {
      batch: this.batch,
      players: this.#players,
      streams: this.#streams,
      split: this.#split(),
      played: this.source.played,
      person: this.counters.connections,
    });
    socket.data.watcher = watcher;
    return watcher;
  }

  #split(): Split {
    const { source } = this.#options;
    return 'batch' in source ? source.batch.settings.split : 'train';
  }

  #link(socket: HostSocket) {
    return {
      join: (channel: string, post: JoinPost) => {
        if (!socket.connected) return;
        this.#delivery.join(socket, post);
        void socket.join(channel);
      },
      listenToPlans: (channel: string, on: boolean) => {
        if (on) void socket.join(plansChannel(channel));
        else void socket.leave(plansChannel(channel));
      },
      leave: (channel: string) => {
        void socket.leave(channel);
        void socket.leave(plansChannel(channel));
      },
    };
  }

  #greet(socket: HostSocket, watcher: Watcher, { protocol, token }: Hello): HelloReply {
    if (protocol !== WIRE_PROTOCOL)
      return { ok: false, sentence: `A watcher must speak protocol ${WIRE_PROTOCOL}; got ${protocol}. Reload the page.` };
    if (!this.access.mayWatch(token)) {
      this.counters.unauthorised++;
      return {
        ok: false,
        sentence: 'Watching from another machine needs the token that the host printed; got another or none. Open the printed URL.',
      };
    }
    watcher.greeted = true;
    watcher.canControl = this.access.isToken(token);
    void socket.join(GREETED);
    if (this.batch?.table !== undefined) socket.emit('table', this.batch.table);
    const welcome: Welcome = {
      protocol: WIRE_PROTOCOL,
      canControl: watcher.canControl,
      ...this.source,
      mode: this.batch?.finished === true ? 'finished' : this.source.mode,
    };
    return { ok: true, welcome };
  }

  /** A broken connection may resume; its watch goes on until it is too late for that. */
  #leave(watcher: Watcher, reason: string): void {
    this.counters.watchers--;
    if (!RECOVERABLE.has(reason)) {
      watcher.close();
      return;
    }
    const timer = setTimeout(() => {
      this.#absent.delete(watcher);
      watcher.close();
    }, this.#options.recoveryMs ?? RECOVERY_MS);
    timer.unref();
    this.#absent.set(watcher, timer);
  }

  #sendHealth(response: Parameters<typeof sendText>[0]): void {
    response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' });
    response.end(
      `${JSON.stringify({ ok: true, protocol: WIRE_PROTOCOL, scenario: this.source.scenario.id, mode: this.source.mode, ...this.counters })}\n`,
    );
  }
}

/** Room of all who said hello. */
const GREETED = 'greeted';
/** Reasons after which Socket.IO lets a connection resume. */
const RECOVERABLE = new Set([
  'transport error',
  'transport close',
  'forced close',
  'ping timeout',
  'server shutting down',
  'forced server close',
]);
