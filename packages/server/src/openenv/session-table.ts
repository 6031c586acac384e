/**
 * The environments of an OpenEnv server and who may use each: those of sockets and of single requests belong to them alone, named ones to whoever knows
 * the id. Data flow: reserve -> a slot, then a world in it -> use -> destroy, when the step under way has ended.
 */
import { randomBytes } from 'node:crypto';
import { UsageError } from '@kinovox/world';
import { TurnQueue } from '../agent-worlds/turn-queue.js';
import { CapacityError, type RpcHost } from './rpc.js';
import type { OpenEnvSession } from './session.js';

interface OpenSession {
  environment: OpenEnvSession | undefined;
  /** Made by openenv/session/create: requests over HTTP may name it. */
  isNamed: boolean;
  /** Requests over HTTP wait for each other. */
  readonly queue: TurnQueue;
  idle?: NodeJS.Timeout;
}

export interface SessionTableOptions {
  readonly maxSessions: number;
  /** Of named sessions; 0: never. */
  readonly idleTimeoutMs: number;
  /** @param number of the session, from 0, in the order in which they come. */
  create(number: number): Promise<OpenEnvSession>;
}

export class SessionTable {
  readonly #options: SessionTableOptions;
  readonly #open = new Map<string, OpenSession>();
  #numCreated = 0;
  #isClosed = false;

  constructor(options: SessionTableOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  /** An environment in a slot of its own. @throws CapacityError where there is none. */
  async reserve(): Promise<{ id: string; environment: OpenEnvSession; queue: TurnQueue }> {
    const { maxSessions } = this.#options;
    if (this.#open.size >= maxSessions) throw new CapacityError(this.#open.size, maxSessions);
    const number = this.#numCreated++;
    // Whoever knows the id may use the session: nobody can guess it.
    const id = `session-${randomBytes(12).toString('base64url')}`;
    const entry: OpenSession = { environment: undefined, isNamed: false, queue: new TurnQueue() };
    this.#open.set(id, entry);
    try {
      const environment = await this.#options.create(number);
      if (this.#isClosed) {
        environment.close();
        throw new UsageError('server-closed', 'The server ended before the session was made.');
      }
      entry.environment = environment;
      return { id, environment, queue: entry.queue };
    } catch (error) {
      this.#open.delete(id);
      throw error;
    }
  }

  /** Gives the slot back; who reserved it frees the environment. */
  release(id: string): void {
    this.#open.delete(id);
  }

  /** Ends all; ends itself when the steps under way have. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const ended = [...this.#open.values()].map(({ queue }) => queue.ended);
    for (const id of [...this.#open.keys()]) this.#destroy(id);
    await Promise.all(ended);
  }

  /** What requests may do with sessions. @param session of the socket that asks, if it is one. */
  rpcHost(session?: NonNullable<RpcHost['session']>): RpcHost {
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
        const { id } = await this.reserve();
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
        const { id, environment, queue } = await this.reserve();
        try {
          return await queue.run(() => use(environment));
        } finally {
          this.#destroy(id);
        }
      },
    };
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

  /** A session over HTTP was used: nobody else notices when its client is gone. */
  #touch(id: string): void {
    const { idleTimeoutMs } = this.#options;
    const entry = this.#named(id);
    if (entry === undefined || idleTimeoutMs === 0 || !entry.queue.isIdle) return;
    clearTimeout(entry.idle);
    entry.idle = setTimeout(() => this.#destroy(id), idleTimeoutMs);
    entry.idle.unref();
  }
}
