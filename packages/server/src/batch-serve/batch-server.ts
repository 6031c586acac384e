/**
 * Serves batches over plain WebSocket, one per client, beside `/healthz` and `/metrics`.
 * All clients share one thread: each step runs to its end. Clients on this machine may step through shared memory.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { BatchEnv } from '@kinovox/env';
import { MAX_BATCH_MESSAGE_BYTES, UsageError } from '@kinovox/world';
import { type WebSocket, WebSocketServer } from 'ws';
import { findScenario, shippedIds } from '../catalog.js';
import { Access } from '../live/access.js';
import { closeListening, listenOn, urlOf } from '../live/listening.js';
import { BatchClient } from './client.js';
import { ServerMetrics } from './server-metrics.js';
import type { ServedBatch, SessionHost } from './session.js';
import { sweepMemory } from './shared-memory.js';

export interface BatchServerOptions {
  /** Default loopback. */
  host?: string | undefined;
  /** 0 picks a free one. */
  port: number;
  /** First seed of batches whose client gives none. */
  seed: number;
  /** Clients at once; default 32. */
  maxClients?: number | undefined;
  /** Worlds of all clients together; default 65536. */
  maxWorlds?: number | undefined;
  /** Clients must send it; default: none on loopback, a drawn one elsewhere. */
  token?: string | undefined;
}

export class BatchServer {
  readonly access: Access;
  readonly #needsToken: boolean;
  readonly #options: BatchServerOptions;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #clients = new Set<BatchClient>();
  readonly #metrics = new ServerMetrics(() => ({ clients: this.#clients.size, worlds: this.#numWorlds }));
  #draining = false;

  constructor(options: BatchServerOptions) {
    const { host = '127.0.0.1' } = options;
    this.#options = options;
    this.access = new Access(host, options.token);
    this.#needsToken = options.token !== undefined || !this.access.isLoopback;
    this.#http = createServer((request, response) => this.#page(request, response));
    this.#sockets = new WebSocketServer({
      server: this.#http,
      maxPayload: MAX_BATCH_MESSAGE_BYTES,
      perMessageDeflate: false,
      verifyClient: ({ req }, done) => {
        const problem = this.#refusalOf(req);
        if (problem === undefined) done(true);
        else done(false, problem.status, problem.sentence, { 'x-kinovox-error': problem.sentence });
      },
    });
    this.#sockets.on('connection', (socket, request) => this.#serve(socket, request));
  }

  /** Token that clients must send, if any. */
  get token(): string | undefined {
    return this.#needsToken ? this.access.token : undefined;
  }

  get numClients(): number {
    return this.#clients.size;
  }

  get url(): string {
    return urlOf(this.#http, 'ws');
  }

  /** @throws UsageError when the port is taken. */
  async listen(): Promise<void> {
    const { host = '127.0.0.1', port } = this.#options;
    sweepMemory();
    await listenOn(this.#http, host, port, this.#sockets);
  }

  /** Lets running steps end, tells clients, frees every batch. */
  async close(): Promise<void> {
    this.#draining = true;
    await closeListening(this.#http, this.#sockets);
    for (const client of this.#clients) client.close();
  }

  #serve(socket: WebSocket, request: IncomingMessage): void {
    const client = new BatchClient(socket, request.socket.remoteAddress, this.#sessionHost());
    this.#clients.add(client);
    socket.on('close', () => {
      this.#clients.delete(client);
      client.close();
    });
  }

  get #numWorlds(): number {
    let held = 0;
    for (const { session } of this.#clients) held += session.numWorlds;
    return held;
  }

  #sessionHost(): Omit<SessionHost, 'shareMemory' | 'freeMemory'> {
    return {
      seed: this.#options.seed,
      scenarioPath: (name) => {
        if (!this.access.isLoopback && !shippedIds().includes(name))
          throw new UsageError('scenario', `A scenario must be a shipped one on a server beyond loopback; got "${name.slice(0, 100)}".`);
        return findScenario(name, 'A scenario');
      },
      admit: (numWorlds) => {
        const { maxWorlds = 65536 } = this.#options;
        const held = this.#numWorlds;
        if (held + numWorlds > maxWorlds)
          throw new UsageError(
            'max-worlds',
            `All batches must hold at most ${maxWorlds} worlds; got ${held} and ${numWorlds} more. Close a batch, or start the server with --max-worlds.`,
          );
      },
      onStep: (env: ServedBatch, milliseconds) =>
        this.#metrics.onStep(env.numWorlds * env.numAgents * (env instanceof BatchEnv ? env.repeat : 1), milliseconds),
      onCrash: (numWorlds) => this.#metrics.onCrash(numWorlds),
      onRestart: (numThreads) => this.#metrics.onRestart(numThreads),
      onEpisode: (scenario, outcome) => this.#metrics.onEpisode(scenario, outcome),
    };
  }

  #refusalOf(request: IncomingMessage): { status: number; sentence: string } | undefined {
    const { maxClients = 32 } = this.#options;
    const problem = this.access.problemOf(request);
    if (problem !== undefined) return { status: 403, sentence: problem };
    if (!this.#isAllowed(request))
      return { status: 401, sentence: 'A client must send the token that the server printed; got none, or another.' };
    if (this.#draining) return { status: 503, sentence: 'The server is ending.' };
    if (this.#clients.size >= maxClients)
      return {
        status: 503,
        sentence: `At most ${maxClients} clients are served at once. Close one, or start the server with --max-clients.`,
      };
    return undefined;
  }

  #isAllowed(request: IncomingMessage): boolean {
    return !this.#needsToken || this.access.isToken(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]);
  }

  #page(request: IncomingMessage, response: ServerResponse): void {
    const send = (status: number, text: string, type = 'text/plain; charset=utf-8') =>
      response.writeHead(status, { 'content-type': type }).end(text);
    const problem = this.access.problemOf(request);
    if (problem !== undefined) return void send(403, `${problem}\n`);
    if (request.url === '/healthz') return void send(this.#draining ? 503 : 200, this.#draining ? 'draining\n' : 'ok\n');
    if (request.url !== '/metrics') return void send(404, 'There are /healthz and /metrics; batches are served over WebSocket.\n');
    if (!this.#isAllowed(request)) return void send(401, 'Send the token as "Authorization: Bearer TOKEN".\n');
    void this.#metrics.text().then((text) => send(200, text, this.#metrics.contentType));
  }
}
