/** The worlds that MCP clients made: each has an explicit handle, since the protocol has no sessions. Calls into one world wait for each other. */
import { randomBytes } from 'node:crypto';
import type { MoveLibraries } from '@kinovox/agents';
import { loadScenario } from '@kinovox/env';
import { type Split, UsageError } from '@kinovox/world';
import { AgentWorld, type WorldTurn } from '../agent-worlds/agent-world.js';
import type { AgentCall } from '../agent-worlds/seat.js';
import { TurnQueue } from '../agent-worlds/turn-queue.js';

/** Worlds at once. */
const MAX_WORLDS = 64;
/** A note to oneself, which the clients of this protocol keep themselves. */
export const LEFT_OUT: ReadonlySet<string> = new Set(['setGoal']);

export interface WorldChoice {
  /** Id of a shipped scenario, or a path. */
  readonly scenario: string;
  readonly seed: number;
  readonly split: Split;
  /** Ids of the agents that the client plays; undefined: all. */
  readonly agents?: readonly string[] | undefined;
  /** Policy of the others. */
  readonly others: string;
}

interface Entry {
  readonly world: AgentWorld;
  readonly agents: readonly string[];
  readonly queue: TurnQueue;
  idle?: NodeJS.Timeout;
}

export class McpWorlds {
  readonly #findScenario: (name: string) => string;
  readonly #idleTimeoutMs: number;
  readonly #libraries: MoveLibraries = new WeakMap();
  readonly #worlds = new Map<string, Entry>();
  #numMaking = 0;

  /**
   * @param findScenario path of a scenario that a client names; throws UsageError for what it may not have.
   * @param idleTimeoutMs a world that nobody called for so long is freed; 0: never.
   */
  constructor(findScenario: (name: string) => string, idleTimeoutMs: number) {
    this.#findScenario = findScenario;
    this.#idleTimeoutMs = idleTimeoutMs;
  }

  get size(): number {
    return this.#worlds.size;
  }

  /** @throws UsageError or ScenarioError for what cannot be made. */
  async create(choice: WorldChoice): Promise<{ worldId: string; agents: readonly string[]; turn: WorldTurn }> {
    // Those that are being made have their place already.
    if (this.#worlds.size + this.#numMaking >= MAX_WORLDS)
      throw new UsageError('max-worlds', `At most ${MAX_WORLDS} worlds exist at once; got one more. Remove one with removeWorld.`);
    this.#numMaking++;
    try {
      return await this.#make(choice);
    } finally {
      this.#numMaking--;
    }
  }

  async #make({ scenario, seed, split, agents, others }: WorldChoice) {
    const compiled = loadScenario(this.#findScenario(scenario));
    const libraries = this.#libraries;
    const world = await AgentWorld.create({ compiled, seed, split, others, levels: ['skill'], libraries, without: LEFT_OUT });
    const played = agents ?? world.agentIds;
    let turn: WorldTurn;
    try {
      turn = world.reset(played, seed);
    } catch (error) {
      world.close();
      throw error;
    }
    // Whoever knows the id may play the world: clients of one server must not guess each other's.
    const worldId = `world-${randomBytes(12).toString('base64url')}`;
    this.#worlds.set(worldId, { world, agents: played, queue: new TurnQueue() });
    this.#touch(worldId);
    return { worldId, agents: played, turn };
  }

  /** The next episode of a world, or that of the seed. */
  restart(worldId: string, seed: number | undefined): Promise<WorldTurn> {
    return this.#inTurn(worldId, async ({ world, agents }) => world.reset(agents, seed));
  }

  /** One call of one agent, which alone is told of it; the client's others go on with calls that were cut, or stand still. */
  call(worldId: string, agentId: string, call: AgentCall, maxTicks: number): Promise<WorldTurn> {
    return this.#inTurn(worldId, ({ world }) => world.step(new Map([[agentId, call]]), maxTicks, { told: 'called' }));
  }

  /** How an agent stands, when the calls before have ended. */
  observe(worldId: string, agentId: string): Promise<WorldTurn> {
    return this.#inTurn(worldId, async ({ world }) => world.observe(agentId));
  }

  /** What stands behind a handle. @throws UsageError for an unknown one. */
  get(worldId: string): AgentWorld {
    return this.#entry(worldId).world;
  }

  /** Frees a world when the calls into it have ended. @throws UsageError for an unknown one. */
  remove(worldId: string): void {
    const { world, queue, idle } = this.#entry(worldId);
    clearTimeout(idle);
    this.#worlds.delete(worldId);
    void queue.ended.then(() => world.close());
  }

  close(): void {
    for (const worldId of [...this.#worlds.keys()]) this.remove(worldId);
  }

  async #inTurn<T>(worldId: string, use: (entry: Entry) => Promise<T>): Promise<T> {
    const entry = this.#entry(worldId);
    clearTimeout(entry.idle);
    try {
      return await entry.queue.run(() => use(entry));
    } finally {
      this.#touch(worldId);
    }
  }

  /** Nobody tells when a client is gone. */
  #touch(worldId: string): void {
    const entry = this.#worlds.get(worldId);
    if (entry === undefined || this.#idleTimeoutMs === 0 || !entry.queue.isIdle) return;
    clearTimeout(entry.idle);
    entry.idle = setTimeout(() => this.remove(worldId), this.#idleTimeoutMs);
    entry.idle.unref();
  }

  #entry(worldId: string): Entry {
    const entry = this.#worlds.get(worldId);
    if (entry !== undefined) return entry;
    throw new UsageError(
      'unknown-world',
      `worldId must be what createWorld returned, of a world that was not removed; got "${worldId}". Make one with createWorld.`,
    );
  }
}
