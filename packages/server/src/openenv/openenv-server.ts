/**
 * Serves worlds by the OpenEnv contract: HTTP and WebSocket on one port, one environment per WebSocket, gone when it closes.
 * All sessions share one thread and one compiled scenario; long steps yield to each other. Limits: text frames of 1 MiB, a bounded number of sessions.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ActionLevel, Feedback, MoveLibraries } from '@kinovox/agents';
import { type CompiledScenario, loadScenario } from '@kinovox/env';
import { didYouMean, type Split, UsageError } from '@kinovox/world';
import { type WebSocket, WebSocketServer } from 'ws';
import { AgentWorld } from '../agent-worlds/agent-world.js';
import { failureMessage } from '../cli/failure.js';
import { Access } from '../live/access.js';
import { closeListening, listenOn, urlOf } from '../live/listening.js';
import type { Metadata } from './descriptions.js';
import { servePage } from './http-pages.js';
import { WS_ERROR } from './messages.js';
import { CapacityError } from './rpc.js';
import { OpenEnvSession } from './session.js';
import { SessionTable } from './session-table.js';
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
  /** The only verbs of them that can be called; default all. */
  readonly verbs?: readonly string[] | undefined;
  /** What clients are told of calls that cannot be done; default `full`. */
  readonly feedback?: Feedback | undefined;
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
  readonly #sessions: SessionTable;

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
    const { maxSessions, idleTimeoutMs } = options;
    this.#sessions = new SessionTable({ maxSessions, idleTimeoutMs, create: (number) => this.#create(number) });
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
    return this.#sessions.size;
  }

  get url(): string {
    return urlOf(this.#http, 'http');
  }

  /** @throws UsageError when the port is taken. */
  async listen(): Promise<void> {
    const { host = '127.0.0.1', port } = this.#options;
    // What cannot be made is refused before anybody connects.
    (await this.#create(0)).close();
    await listenOn(this.#http, host, port);
  }

  /** Lets running steps end, tells clients, frees every world. */
  async close(): Promise<void> {
    await closeListening(this.#http, this.#sockets);
    await this.#sessions.close();
  }

  #page(request: IncomingMessage, response: ServerResponse): void {
    const refusal = this.#refusalOf(request);
    if (refusal !== undefined)
      return void response
        .writeHead(refusal.status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ detail: refusal.sentence }));
    void servePage(request, response, { metadata: this.metadata, rpc: this.#sessions.rpcHost(), maxBodyBytes: MAX_MESSAGE_BYTES });
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
    let release: () => void;
    socket.on('error', () => socket.terminate());
    // Messages that come before the world is made wait in the socket.
    socket.pause();
    try {
      const { id, environment } = await this.#sessions.reserve();
      release = () => this.#sessions.release(id);
      session = new SocketSession(socket, environment, speaks, this.#sessions.rpcHost({ id, environment }), this.#options);
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
      release();
    };
    if (socket.readyState !== socket.OPEN) return gone();
    socket.on('close', gone);
    socket.resume();
  }

  async #create(number: number): Promise<OpenEnvSession> {
    const { seed, split, levels, verbs, feedback, others } = this.#options;
    const world = await AgentWorld.create({
      compiled: this.#compiled,
      seed: seed + number,
      split,
      levels,
      only: verbs === undefined ? undefined : new Set(verbs),
      feedback,
      others,
      libraries: this.#libraries,
    });
    return new OpenEnvSession(world, { agents: this.#agents, seed: seed + number });
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
