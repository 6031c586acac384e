/**
 * One environment of the OpenEnv contract: reset, step, state and tools over a world of its own. Knows nothing of sockets.
 * Data flow: parsed message -> AgentWorld -> `{ observation, reward, done }`.
 */
import { type ModelTool, toolsOf } from '@kinovox/agents';
import { UsageError } from '@kinovox/world';
import type { AgentTurn, AgentWorld, WorldTurn } from '../agent-worlds/agent-world.js';
import type { AgentCall } from '../agent-worlds/seat.js';
import { type Action, DEFAULT_STEP_TICKS, type ObservationData, type ResetData, type StateData } from './messages.js';

/** What `/ws`, `/reset` and `/step` send back. */
export interface StepData {
  observation: ObservationData | Record<string, unknown>;
  /** Of all agents that the client plays, summed; null after a reset. */
  reward: number | null;
  done: boolean;
}

export interface SessionOptions {
  /** Agents that a client plays that names none. */
  readonly agents: readonly string[];
  /** Seed of the first episode, where the client gives none. */
  readonly seed: number;
}

export class OpenEnvSession {
  readonly #world: AgentWorld;
  readonly #options: SessionOptions;
  #episodeId: string | null = null;
  #seed: number | null = null;
  #numSteps = 0;
  #numEpisodes = 0;

  constructor(world: AgentWorld, options: SessionOptions) {
    this.#world = world;
    this.#options = options;
  }

  get state(): StateData {
    const { env, began } = this.#world;
    return {
      episode_id: this.#episodeId,
      step_count: this.#numSteps,
      scenario: env.metadata.name,
      split: env.batch.split,
      seed: this.#seed,
      tick: began ? env.tick : 0,
      state_hash: began ? env.stateHash() : null,
      agents: this.#world.seats.map(({ agentId }) => agentId),
      possible_agents: [...this.#world.agentIds],
    };
  }

  /** @param agent default: the first agent that the client plays. @throws UsageError for one that does not exist. */
  tools(agent: string = this.#firstAgent): ModelTool[] {
    return toolsOf(this.#world.seatOf(agent).verbs);
  }

  /** @throws UsageError for agents that do not exist. */
  reset({ seed, episode_id, agents }: ResetData): StepData {
    const chosen = agents === 'all' ? this.#world.agentIds : (agents ?? this.#options.agents);
    const first = this.#numEpisodes === 0 ? this.#options.seed : undefined;
    const turn = this.#world.reset(chosen, seed ?? first);
    this.#numEpisodes++;
    if (seed !== null && seed !== undefined) this.#seed = seed;
    else if (first !== undefined) this.#seed = first;
    else this.#seed = null;
    this.#episodeId = episode_id ?? `${this.#world.env.metadata.name}/${this.#numEpisodes}`;
    this.#numSteps = 0;
    return this.#dataOf(turn);
  }

  /** @throws KinovoxError for what no model can be blamed for: no episode, no such agent. */
  async step(action: Action): Promise<StepData> {
    if ('type' in action && action.type === 'list_tools')
      return { observation: { tools: this.#listedTools(action.agent) }, reward: null, done: false };
    if ('type' in action) {
      const data = await this.call(action.tool_name, action.arguments);
      const { result } = data.observation as ObservationData;
      return {
        ...data,
        observation: { ...data.observation, tool_name: action.tool_name, result: { ...result, text: data.observation.text } },
      };
    }
    const calls = 'actions' in action ? Object.entries(action.actions) : [[action.agent ?? this.#firstAgent, action] as const];
    return this.#advance(new Map(calls), action.maxTicks, action.minTicks);
  }

  /** A call of the first agent; an episode begins where none has. */
  async call(name: string, args: Readonly<Record<string, unknown>>): Promise<StepData> {
    if (!this.#world.began) this.reset({});
    return this.#advance(new Map([[this.#firstAgent, { name, arguments: args }]]), DEFAULT_STEP_TICKS);
  }

  /** The client is gone: a step that runs ends soon. Close it then. */
  leave(): void {
    this.#world.leave();
  }

  close(): void {
    this.#world.close();
  }

  get #firstAgent(): string {
    return this.#world.seats[0]?.agentId ?? this.#options.agents[0];
  }

  #listedTools(agent: string | undefined): Record<string, unknown>[] {
    return this.tools(agent).map(({ name, description, parameters }) => ({ name, description, input_schema: parameters }));
  }

  async #advance(calls: ReadonlyMap<string, AgentCall>, maxTicks: number, minTicks = 0): Promise<StepData> {
    const turn = await this.#world.step(calls, maxTicks, { minTicks });
    this.#numSteps++;
    return this.#dataOf(turn);
  }

  #dataOf(turn: WorldTurn): StepData {
    const entries = [...turn.agents];
    const [first] = entries;
    if (first === undefined) throw new UsageError('no-agents', 'A client must play an agent; got none. Reset with agents.');
    const observation: ObservationData = this.#observationOf(turn, ...first);
    if (entries.length > 1)
      observation.agents = Object.fromEntries(
        entries.map(([id, agent]) => [id, { ...this.#observationOf(turn, id, agent), reward: agent.reward }]),
      );
    const rewards = entries.map(([, { reward }]) => reward);
    return {
      observation,
      reward: rewards.includes(null) ? null : rewards.reduce<number>((sum, reward) => sum + (reward ?? 0), 0),
      done: turn.done,
    };
  }

  #observationOf({ tick, ticks }: WorldTurn, agent: string, { goal, text, result, terminated, truncated, outcome }: AgentTurn) {
    const info = { tick, ticks, ...(outcome === undefined ? {} : { outcome: { ...outcome } }) };
    return { agent, goal, text, result: result === null ? null : { ...result }, terminated, truncated, info };
  }
}
