/**
 * Serves worlds by the OpenEnv contract: HTTP and WebSocket on one port, one environment per WebSocket, gone when it closes.
 * All sessions share one thread and one compiled scenario; long steps yield to each other. Limits: text frames of 1 MiB, a bounded number of sessions.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ActionLevel, MoveLibraries } from '@kinovox/agents';
import { type CompiledScenario, loadScenario } from '@kinovox/env';
import { didYouMean, type Split, UsageError } from '@kinovox/world';
import { type WebSocket, WebSocketServer } from 'ws';
import { AgentWorld } from '../agent-worlds/agent-world.js';
import { TurnQueue } from '../agent-worlds/turn-queue.js';
import { failureMessage } from '../cli/failure.js';
import { Access } from '../live/access.js';
import type { Metadata } from './descriptions.js';
import { servePage } from './http-pages.js';
import { WS_ERROR } from './messages.js';
import { CapacityError, type RpcHost } from './rpc.js';
import { OpenEnvSession } from './session.js';
import { errorText, SocketSession } from './socket-session.js';

export interface OpenEnvServerOptions {
  /** Path of the scenario. */
  readonly scenario: string;
  /** Default loopback. */
  readonly host?: string | undefined;
  /** 0 picks a free one. */
  readonly port: number;
  /** Session n without a seed begins with seed + n, in the order in which sessions come. */
  readonly seed: number;
  readonly split: Split;
  /** Levels whose verbs can be called. */
  readonly levels: readonly ActionLevel[];
  /** Agents that a client plays that names none; default the first. */
  readonly agents?: readonly string[] | 'all' | undefined;
  /** Policy of the agents that a client does not play. */
  readonly others: string;
  readonly maxSessions: number;
  /** Messages per second of a session in the long run. */
  readonly maxRate: number;
  /** 0: never. */
  readonly idleTimeoutMs: number;
  /** A client that has not read a reply for so long is cut off; default a minute. */
  readonly sendTimeoutMs?: number | undefined;
  /** Clients must send it; default: none on loopback, a drawn one elsewhere. */
  readonly token?: string | undefined;
  /** Of the package, for /metadata. */
  readonly version: string;
}

const MAX_MESSAGE_BYTES = 1024 * 1024;
/** After so long without traffic the system asks whether a client's machine is still there. */
const KEEP_ALIVE_MS = 60_000;

/** An environment and who may use it. */
interface OpenSession {
  environment: OpenEnvSession | undefined;
  /** Made by openenv/session/create: requests over HTTP may name it. Those of sockets and of single requests belong to them alone. */
  isNamed: boolean;
  /** Requests over HTTP wait for each other. */
  readonly queue: TurnQueue;
  idle?: NodeJS.Timeout;
}

export class OpenEnvServer {
  readonly access: Access;
  readonly metadata: Metadata;
  readonly #options: OpenEnvServerOptions;
  readonly #compiled: CompiledScenario;
  readonly #agents: readonly string[];
  readonly #needsToken: boolean;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #libraries: MoveLibraries = new WeakMap();
  /** Sessions of sockets, and those that requests over HTTP name. */
  readonly #open = new Map<string, OpenSession>();
  #numCreated = 0;

  /** @throws ScenarioError or UsageError naming what cannot be served. */
  constructor(options: OpenEnvServerOptions) {
    const { host = '127.0.0.1', scenario } = options;
    this.#options = options;
    this.#compiled = loadScenario(scenario);
    const { agentIds, id } = this.#compiled.program;
    this.#agents = options.agents === 'all' ? agentIds : (options.agents ?? agentIds.slice(0, 1));
    for (const agent of this.#agents)
      if (!agentIds.includes(agent))
        throw new UsageError(
          'unknown-agent',
          `--agents must name agents of ${id}; got "${agent}".${didYouMean(agent, agentIds) || ` Agents: ${agentIds.join(', ')}.`}`,
        );
    const { title, description } = this.#compiled.scenario as { title: string; description?: string };
    this.metadata = {
      name: id,
      description: description ?? title,
      version: options.version,
      documentation_url: 'docs/openenv.md',
    };
    this.access = new Access(host, options.token);
    this.#needsToken = options.token !== undefined || !this.access.isLoopback;
    this.#http = createServer((request, response) => this.#page(request, response));
    this.#sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
    this.#http.on('upgrade', (request, socket: Socket, head) => this.#upgrade(request, socket, head));
  }

  /** Token that clients must send, if any. */
  get token(): string | undefined {
    return this.#needsToken ? this.access.token : undefined;
  }

  /** Agents that a client plays that names none. */
  get agents(): readonly string[] {
    return this.#agents;
  }

  get numSessions(): number {
    return this.#open.size;
  }

  get url(): string {
    const { address, port } = this.#http.address() as AddressInfo;
    return `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
  }

  /** @throws UsageError when the port is taken. */
  async listen(): Promise<void> {
    const { host = '127.0.0.1', port } = this.#options;
    // What cannot be made is refused before anybody connects.
    (await this.#create()).close();
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', (error: NodeJS.ErrnoException) =>
        reject(
          error.code === 'EADDRINUSE'
            ? new UsageError('port', `--port must be free; got ${port}, which another program uses. Give another, or 0.`)
            : error,
        ),
      );
      this.#http.listen(port, host, resolve);
    });
  }

  /** Lets running steps end, tells clients, frees every world. */
  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.close(1001, 'The server ends.');
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    this.#http.closeIdleConnections();
    const late = setTimeout(() => {
      for (const socket of this.#sockets.clients) socket.terminate();
      this.#http.closeAllConnections();
    }, 1000);
    await closed;
    clearTimeout(late);
    const ended = [...this.#open.values()].map(({ queue }) => queue.ended);
    for (const id of [...this.#open.keys()]) this.#destroy(id);
    await Promise.all(ended);
  }

  #page(request: IncomingMessage, response: ServerResponse): void {
    const refusal = this.#refusalOf(request);
    if (refusal !== undefined)
      return void response
        .writeHead(refusal.status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ detail: refusal.sentence }));
    void servePage(request, response, { metadata: this.metadata, rpc: this.#rpcHost(), maxBodyBytes: MAX_MESSAGE_BYTES });
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    // Node has let go of the socket: a connection that is reset before or while it is refused would end the process.
    socket.on('error', () => socket.destroy());
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    const path = (request.url ?? '/').split('?')[0];
    const refusal =
      this.#refusalOf(request) ??
      (path === '/ws' || path === '/mcp' ? undefined : { status: 404, sentence: 'There are the WebSockets /ws and /mcp.' });
    if (refusal !== undefined) {
      socket.end(
        `HTTP/1.1 ${refusal.status} Refused\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(refusal.sentence)}\r\n\r\n${refusal.sentence}`,
      );
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (client) => void this.#serve(client, path === '/mcp' ? 'rpc' : 'openenv'));
  }

  async #serve(socket: WebSocket, speaks: 'openenv' | 'rpc'): Promise<void> {
    let session: SocketSession | undefined;
    let id: string | undefined;
    socket.on('error', () => socket.terminate());
    // Messages that come before the world is made wait in the socket.
    socket.pause();
    try {
      id = await this.#reserve();
      const environment = this.#open.get(id)!.environment!;
      session = new SocketSession(socket, environment, speaks, this.#rpcHost({ id, environment }), this.#options);
    } catch (error) {
      const isFull = error instanceof CapacityError;
      const more = isFull ? { active_sessions: error.active, max_sessions: error.most } : { factory_name: this.metadata.name };
      if (speaks === 'openenv') socket.send(errorText(isFull ? WS_ERROR.capacity : WS_ERROR.factory, failureMessage(error), more));
      else socket.send(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32000, message: failureMessage(error), data: more } }));
      socket.resume();
      socket.close(isFull ? 1013 : 1011);
      return;
    }
    const gone = () => {
      session.close();
      this.#open.delete(id);
    };
    if (socket.readyState !== socket.OPEN) return gone();
    socket.on('close', gone);
    socket.resume();
  }

  /** An environment in a slot of its own. @throws CapacityError where there is none. */
  async #reserve(): Promise<string> {
    const { maxSessions } = this.#options;
    if (this.#open.size >= maxSessions) throw new CapacityError(this.#open.size, maxSessions);
    const number = this.#numCreated++;
    // Whoever knows the id may use the session: nobody can guess it.
    const id = `session-${randomBytes(12).toString('base64url')}`;
    const entry: OpenSession = { environment: undefined, isNamed: false, queue: new TurnQueue() };
    this.#open.set(id, entry);
    try {
      entry.environment = await this.#create(number);
    } catch (error) {
      this.#open.delete(id);
      throw error;
    }
    return id;
  }

  async #create(number = 0): Promise<OpenEnvSession> {
    const { seed, split, levels, others } = this.#options;
    const world = await AgentWorld.create({
      compiled: this.#compiled,
      seed: seed + number,
      split,
      levels,
      others,
      libraries: this.#libraries,
    });
    return new OpenEnvSession(world, { agents: this.#agents, seed: seed + number });
  }

  /** Ends a session; its world is freed when the step under way has ended, at its next tick. */
  #destroy(id: string): void {
    const entry = this.#open.get(id);
    const { environment } = entry ?? {};
    if (entry === undefined || environment === undefined) return;
    clearTimeout(entry.idle);
    this.#open.delete(id);
    environment.leave();
    void entry.queue.ended.then(() => environment.close());
  }

  #named(id: string): OpenSession | undefined {
    const entry = this.#open.get(id);
    return entry?.isNamed === true ? entry : undefined;
  }

  #rpcHost(session?: NonNullable<RpcHost['session']>): RpcHost {
    return {
      ...(session === undefined ? {} : { session }),
      use: (id, use) => {
        const entry = this.#named(id);
        if (entry === undefined) return undefined;
        clearTimeout(entry.idle);
        const reply = entry.queue.run(async () => {
          if (this.#named(id) === undefined) throw new UsageError('session-closed', 'The session was closed before the call began.');
          return use(entry.environment!);
        });
        return reply.finally(() => this.#touch(id));
      },
      create: async () => {
        const id = await this.#reserve();
        const entry = this.#open.get(id);
        if (entry !== undefined) entry.isNamed = true;
        this.#touch(id);
        return id;
      },
      destroy: (id) => {
        const isKnown = this.#named(id) !== undefined;
        if (isKnown) this.#destroy(id);
        return isKnown;
      },
      withTemporary: async (use) => {
        const id = await this.#reserve();
        const { environment, queue } = this.#open.get(id)!;
        try {
          return await queue.run(() => use(environment!));
        } finally {
          this.#destroy(id);
        }
      },
    };
  }

  /** A session over HTTP was used: nobody else notices when its client is gone. */
  #touch(id: string): void {
    const { idleTimeoutMs } = this.#options;
    const entry = this.#named(id);
    if (entry === undefined || idleTimeoutMs === 0 || !entry.queue.isIdle) return;
    clearTimeout(entry.idle);
    entry.idle = setTimeout(() => this.#destroy(id), idleTimeoutMs);
  }

  #refusalOf(request: IncomingMessage): { status: number; sentence: string } | undefined {
    const problem = this.access.problemOf(request);
    if (problem !== undefined) return { status: 403, sentence: problem };
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? tokenIn(request.url);
    if (!this.#needsToken || this.access.isToken(token)) return undefined;
    return {
      status: 401,
      sentence:
        'A client must send the token that the server printed, as "Authorization: Bearer TOKEN" or ?token=TOKEN; got none, or another.',
    };
  }
}

function tokenIn(url = ''): string | undefined {
  return new URLSearchParams(url.split('?')[1] ?? '').get('token') ?? undefined;
}
