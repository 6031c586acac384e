/**
 * Serves batches over plain WebSocket, one per client, beside `/healthz` and `/metrics`.
 * All clients share one thread: each step runs to its end. A client's next message is read when its last reply has left.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BatchEnv } from '@kinovox/env';
import { KinovoxError, MAX_BATCH_MESSAGE_BYTES, UsageError } from '@kinovox/world';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { findScenario, shippedIds } from '../catalog.js';
import { failureMessage } from '../cli/failure.js';
import { Access } from '../live/access.js';
import { BatchSession, greeting, type Reply, type SessionHost } from './session.js';

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

/** Messages that a client may send ahead of its replies. */
const MAX_PENDING = 16;

export class BatchServer {
  readonly access: Access;
  readonly #needsToken: boolean;
  readonly #options: BatchServerOptions;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #sessions = new Set<BatchSession>();
  readonly #episodes = new Map<string, number>();
  #batchSteps = 0;
  #agentSteps = 0;
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
    this.#sockets.on('connection', (socket) => this.#serve(socket));
  }

  /** Token that clients must send, if any. */
  get token(): string | undefined {
    return this.#needsToken ? this.access.token : undefined;
  }

  get numClients(): number {
    return this.#sessions.size;
  }

  get url(): string {
    const { address, port } = this.#http.address() as AddressInfo;
    return `ws://${address.includes(':') ? `[${address}]` : address}:${port}`;
  }

  /** @throws UsageError when the port is taken. */
  async listen(): Promise<void> {
    const { host = '127.0.0.1', port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#sockets.once('error', (error: NodeJS.ErrnoException) =>
        reject(
          error.code === 'EADDRINUSE'
            ? new UsageError('port', `--port must be free; got ${port}, which another program uses. Give another, or 0.`)
            : error,
        ),
      );
      this.#http.listen(port, host, resolve);
    });
  }

  /** Lets running steps end, tells clients, frees every batch. */
  async close(): Promise<void> {
    this.#draining = true;
    for (const socket of this.#sockets.clients) socket.close(1001, 'The server ends.');
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    this.#sockets.close();
    // A client that does not answer must not hold the server.
    const late = setTimeout(() => {
      for (const socket of this.#sockets.clients) socket.terminate();
      this.#http.closeAllConnections();
    }, 2000);
    await closed;
    clearTimeout(late);
    for (const session of this.#sessions) session.close();
  }

  #serve(socket: WebSocket): void {
    const session = new BatchSession(this.#sessionHost());
    this.#sessions.add(session);
    const pending: { data: RawData; isBinary: boolean }[] = [];
    let busy = false;
    const next = async () => {
      const message = pending.shift();
      if (message === undefined || socket.readyState !== socket.OPEN) {
        busy = false;
        socket.resume();
        return;
      }
      busy = true;
      socket.pause();
      const reply = await answer(session, message.data, message.isBinary);
      if (!this.#sessions.has(session)) session.close();
      // The reply lies in the session's own buffer, which must not change until it has left.
      else socket.send(reply, () => void next());
    };
    socket.on('message', (data, isBinary) => {
      pending.push({ data, isBinary });
      if (pending.length > MAX_PENDING) socket.close(1008, `At most ${MAX_PENDING} messages may wait for their replies.`);
      else if (!busy) void next();
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      this.#sessions.delete(session);
      session.close();
    });
    socket.send(greeting());
  }

  #sessionHost(): SessionHost {
    return {
      seed: this.#options.seed,
      scenarioPath: (name) => {
        if (!this.access.isLoopback && !shippedIds().includes(name))
          throw new UsageError('scenario', `A scenario must be a shipped one on a server beyond loopback; got "${name.slice(0, 100)}".`);
        return findScenario(name);
      },
      admit: (numWorlds) => {
        const { maxWorlds = 65536 } = this.#options;
        let held = 0;
        for (const session of this.#sessions) held += session.numWorlds;
        if (held + numWorlds > maxWorlds)
          throw new UsageError(
            'max-worlds',
            `All batches must hold at most ${maxWorlds} worlds; got ${held} and ${numWorlds} more. Close a batch, or start the server with --max-worlds.`,
          );
      },
      onSteps: (env: BatchEnv) => {
        this.#batchSteps++;
        this.#agentSteps += env.numWorlds * env.numAgents;
      },
      onEpisode: (scenario, outcome) => {
        const key = `scenario="${scenario}",outcome="${outcome}"`;
        this.#episodes.set(key, (this.#episodes.get(key) ?? 0) + 1);
      },
    };
  }

  #refusalOf(request: IncomingMessage): { status: number; sentence: string } | undefined {
    const { maxClients = 32 } = this.#options;
    const problem = this.access.problemOf(request);
    if (problem !== undefined) return { status: 403, sentence: problem };
    if (!this.#isAllowed(request))
      return { status: 401, sentence: 'A client must send the token that the server printed; got none, or another.' };
    if (this.#draining) return { status: 503, sentence: 'The server is ending.' };
    if (this.#sessions.size >= maxClients)
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
    send(200, this.#metrics(), 'text/plain; version=0.0.4; charset=utf-8');
  }

  /** Prometheus' text format. */
  #metrics(): string {
    let worlds = 0;
    for (const session of this.#sessions) worlds += session.numWorlds;
    const lines = [
      ...metric('kinovox_connected_clients', 'gauge', 'Clients connected now.', this.#sessions.size),
      ...metric('kinovox_worlds', 'gauge', 'Worlds held now.', worlds),
      ...metric('kinovox_batch_steps_total', 'counter', 'Steps of whole batches.', this.#batchSteps),
      ...metric('kinovox_env_steps_total', 'counter', 'Steps of agents: worlds x agents per batch step.', this.#agentSteps),
      '# HELP kinovox_episodes_total Ended episodes.',
      '# TYPE kinovox_episodes_total counter',
      ...[...this.#episodes].map(([labels, count]) => `kinovox_episodes_total{${labels}} ${count}`),
    ];
    return `${lines.join('\n')}\n`;
  }
}

function metric(name: string, type: string, help: string, value: number): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name} ${value}`];
}

async function answer(session: BatchSession, data: RawData, isBinary: boolean): Promise<Reply> {
  try {
    if (isBinary) return session.step(data as Buffer);
    return await session.request(data.toString());
  } catch (error) {
    const code = error instanceof KinovoxError ? error.code : 'internal';
    return JSON.stringify({ type: 'error', code, message: failureMessage(error) });
  }
}
