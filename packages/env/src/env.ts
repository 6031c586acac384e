/**
 * Env: one world, keyed by agent id, with the contract of PettingZoo's parallel environments.
 * `agents` holds who is live; an agent leaves it in the step that ends it and does not come back in that episode. A missing action is idle.
 * Observations are views that the next step overwrites: `copyObservation` keeps one.
 */
import { AGENT_FLAG, didYouMean, type ParameterValues, ResetNeededError, ShapeError } from '@kinovox/world';
import type { NativeAction } from './actions/native.js';
import type { ActionProfile } from './actions/profile.js';
import { type BatchEnv, createBatchEnv, createBatchEnvSync } from './batch-env.js';
import type { BatchEnvOptions, RowSnapshot } from './batch-options.js';
import { ConstantPool } from './constant-pool.js';
import { OUTCOMES, type Outcome } from './episode-statistics.js';
import { type EventRecord, type HeardMessage, readEvents, readMessages, storedEvents } from './event-record.js';
import { RowTexts } from './row-texts.js';
import type { Spaces } from './spaces.js';
import { type NamedObservation, nameObservation, type Observation, viewObservation } from './structured-observation.js';
import { describeNodes } from './task/compile-task.js';
import { explainOutcome } from './task/explain.js';

export type EnvOptions = Omit<BatchEnvOptions, 'numWorlds' | 'autoreset' | 'observe' | 'repeat'>;

/**
 * What an agent does in a tick, by the environment's action profile. Native: fields of ACTION_SPEC. Discrete: a choice by number or name, alone or
 * with a message. Minerl: MineRL's names. Waypoint: a place, and the time to be there. A `message` is a symbol's number, its name, or free text.
 */
export type AgentAction =
  | number
  | string
  | (Omit<NativeAction, 'message'> & { message?: number | string })
  | { action: number | string; message?: number | string }
  | Readonly<Record<string, number | string | ArrayLike<number> | undefined>>;

/** What an episode drew, as far as it concerns one agent. */
export interface AgentDraws {
  /** Of the scenario's `parameters`. */
  parameters: ParameterValues;
  /** Of its `randomisation`: factors on speed, take-off and grip, and ticks by which actions are late. */
  randomisation?: { speed: number; jump: number; friction: number; actionDelayTicks: number };
}

export interface AgentInfo {
  /** Reward of this step by term. */
  rewardTerms: Record<string, number>;
  /** With `shaping`: metres to the first place that the agent's task sends it to, before and after this step. */
  wayLeft?: readonly [before: number, after: number];
  /** Events of this tick that concern the agent or the world. */
  events: EventRecord[];
  /** With survival: what the agent can begin now, 1 per choice of `interact`, then per choice of `argument`; see `Engine.actionMask`. */
  actionMask?: Uint8Array;
  /** After a reset: what the episode drew, where the scenario draws anything; numbers per agent are this agent's. */
  drawn?: AgentDraws;
  /** Present in the step that ended the agent's episode. */
  outcome?: { outcome: Outcome; ticks: number; return: number; progress: number; explanation: string };
  /** Present where the world failed in this step, and why, failures joined by "; ": its episode was cut short. */
  crash?: string;
  /** Present when a message held no symbol of the scenario and was not sent. */
  unsentMessage?: string;
}

/** Keyed by every agent that was live before the step. */
export interface EnvStep {
  observations: Record<string, Observation>;
  rewards: Record<string, number>;
  terminations: Record<string, boolean>;
  truncations: Record<string, boolean>;
  infos: Record<string, AgentInfo>;
}

/** An environment of one world. @throws UsageError, ShapeError or ScenarioError naming the option that cannot be used. */
export async function createEnv(options: EnvOptions): Promise<Env> {
  return new Env(await createBatchEnv({ ...options, numWorlds: 1, autoreset: 'disabled' }));
}

/** `createEnv` for engines that need no loading (cpu). */
export function createEnvSync(options: EnvOptions): Env {
  return new Env(createBatchEnvSync({ ...options, numWorlds: 1, autoreset: 'disabled' }));
}

export class Env {
  /** The batch of one world below: state, hashes, recording. */
  readonly batch: BatchEnv;
  readonly possibleAgents: readonly string[];
  readonly metadata: { name: string; renderModes: readonly string[]; actionProfile: ActionProfile };
  readonly #actions: Float32Array;
  readonly #observations: Record<string, Observation>;
  /** Made when text is first asked for. */
  #texts: RowTexts | undefined;
  #agents: string[] = [];
  #numEvents = 0;
  #named: { variant: number; names: readonly string[] } | undefined;
  #started = false;

  /**
   * Wraps a batch of one world, such as a fork of a row of another batch.
   * @throws ShapeError unless it has one world and autoreset `disabled`.
   */
  constructor(batch: BatchEnv) {
    if (batch.numWorlds !== 1 || batch.autoreset !== 'disabled') {
      throw new ShapeError(
        'env-batch',
        `An Env must wrap a batch of 1 world with autoreset "disabled"; got ${batch.numWorlds} with "${batch.autoreset}". Use fork(row, { autoreset: "disabled" }).`,
      );
    }
    if (batch.repeat !== 1)
      throw new ShapeError(
        'env-repeat',
        `An Env must wrap a batch that steps tick by tick, since it tells the events of each; got repeat ${batch.repeat}. Use fork(row, { autoreset: "disabled", repeat: 1 }).`,
      );
    this.batch = batch;
    this.possibleAgents = batch.agentIds;
    this.metadata = { name: batch.compiled.scenario.id, renderModes: [], actionProfile: batch.actionProfile };
    this.#actions = new Float32Array(batch.actionLength);
    const crop = batch.compiled.program.observation.crop;
    this.#observations = Object.fromEntries(
      batch.agentIds.map((id, slot) => [id, viewObservation(batch.observations, slot, crop, batch.pictureViews(slot))]),
    );
    if (batch.started) this.#resume();
  }

  /** Agents that are live. */
  get agents(): readonly string[] {
    return this.#agents;
  }

  /** Spaces of every agent. */
  get spaces(): Spaces {
    return this.batch.spaces;
  }

  observationSpace(agentId: string): Spaces['observation'] {
    this.#slotOf(agentId);
    return this.batch.spaces.observation;
  }

  actionSpace(agentId: string): Spaces['action'] {
    this.#slotOf(agentId);
    return this.batch.spaces.action;
  }

  /**
   * Starts an episode: that of the seed, or the next one. Every agent is live.
   * @param options.options is accepted for Gymnasium's sake; its keys are not used.
   */
  reset({ seed }: { seed?: number; options?: Record<string, unknown> } = {}): {
    observations: Record<string, Observation>;
    infos: Record<string, AgentInfo>;
  } {
    this.batch.reset({ seed });
    this.#resume();
    const infos = Object.fromEntries(
      this.#agents.map((id): [string, AgentInfo] => [
        id,
        { rewardTerms: this.#rewardTerms(-1), events: [], ...this.#mask(this.#slotOf(id)), ...this.#drawn(this.#slotOf(id)) },
      ]),
    );
    return { observations: this.#pick(this.#agents), infos };
  }

  /**
   * Advances the world by one tick.
   * @param actions by agent id; agents left out are idle, and actions of agents that are not live any more are ignored.
   * @throws ShapeError for an unknown agent or action; ResetNeededError when no agent is live.
   */
  step(actions: Readonly<Record<string, AgentAction | undefined>> = {}): EnvStep {
    if (!this.#started || this.#agents.length === 0) {
      throw new ResetNeededError(
        'reset-needed',
        `An environment must have a live agent to be stepped; got ${this.batch.closed ? 'a closed one. Create another.' : `${this.#started ? 'an episode that is over' : 'no reset yet'}. Call reset().`}`,
      );
    }
    const unsent = this.#writeActions(actions);
    const live = this.#agents;
    const { outputs, state } = this.batch.engine;
    const before = this.#numEvents;
    this.batch.stepSync(this.#actions);
    this.#numEvents = state.numEvents[0];
    const crashes = this.batch.takeCrashes();
    const events = readEvents(this.batch.engine, 0, storedEvents(this.batch.engine, 0, false).stored, before);
    const result: EnvStep = { observations: this.#pick(live), rewards: {}, terminations: {}, truncations: {}, infos: {} };
    for (const id of live) {
      const slot = this.#slotOf(id);
      const terminated = outputs.terminated[slot] === 1;
      const truncated = outputs.truncated[slot] === 1;
      const info: AgentInfo = {
        rewardTerms: this.#rewardTerms(slot),
        events: events.filter((event) => event.agent === slot || event.agent < 0),
        ...this.#mask(slot),
      };
      if (outputs.wayLeft.length > 0) info.wayLeft = [outputs.wayLeft[2 * slot] / 10, outputs.wayLeft[2 * slot + 1] / 10];
      if (crashes.length > 0) info.crash = crashes.map(({ message }) => message).join('; ');
      if (unsent.has(id)) info.unsentMessage = unsent.get(id);
      if (terminated || truncated) info.outcome = this.#outcome(slot, truncated);
      result.rewards[id] = outputs.rewards[slot];
      result.terminations[id] = terminated;
      result.truncations[id] = truncated;
      result.infos[id] = info;
    }
    this.#agents = live.filter((id) => !result.terminations[id] && !result.truncations[id]);
    return result;
  }

  /** `[A, D]` observation vectors of all agents in slot order: a global state for centralised critics. A copy. */
  state(): Float32Array {
    return this.batch.observations.vector.slice();
  }

  /** Hash of the world's state, 16 hexadecimal digits. */
  stateHash(): string {
    return this.batch.rowHashes()[0];
  }

  /** Ticks since the episode began. */
  get tick(): number {
    return this.batch.engine.state.tick[0];
  }

  /** An agent's observation with every number under its name. */
  describe(agentId: string): NamedObservation {
    this.#slotOf(agentId);
    return nameObservation(this.#observations[agentId], this.batch.observations.groups);
  }

  /**
   * The observation as text: everything at the first call of an episode, and what changed since the call before at each later one.
   * What was said stays said: `transcript` only grows, so a prompt made of it keeps its prefix.
   */
  text(agentId: string): string {
    return this.#textsOf().text(this.#slotOf(agentId));
  }

  /** The whole observation as text, as the first `text` of an episode tells it. Tells nothing: the next `text` is as without it. */
  stateText(agentId: string): string {
    return this.#textsOf().stateText(this.#slotOf(agentId));
  }

  /** All turns of `text` in this episode, one after the other; empty before the first. */
  transcript(agentId: string): string {
    return this.#texts?.transcript(this.#slotOf(agentId)) ?? '';
  }

  /** The task of an agent in a sentence, as `text` tells it first. @throws ResetNeededError before the first reset. */
  goal(agentId: string): string {
    return this.#textsOf().goal(this.#slotOf(agentId));
  }

  /** Messages that an agent can read now, oldest first. */
  messages(agentId: string): HeardMessage[] {
    return readMessages(this.batch.engine, 0, this.#slotOf(agentId), this.batch.compiled.scenario.messages.symbols, this.batch.texts);
  }

  /** One sentence on how the task stands or why it ended so. */
  explain(agentId?: string): string {
    const { state, program } = this.batch.engine;
    const task = agentId === undefined ? 0 : program.taskOfAgent[this.#slotOf(agentId)];
    return explainOutcome(program, { registers: state.register, tick: state.tick[0], task, names: this.#nodeNames() });
  }

  snapshot(): RowSnapshot {
    return this.batch.snapshot(0);
  }

  restore(snapshot: RowSnapshot): void {
    this.batch.restore(0, snapshot);
    this.#resume();
  }

  /** A new environment that continues from here; this one is not touched. */
  async fork(): Promise<Env> {
    return new Env(await this.batch.fork(0));
  }

  /** `fork` for engines that need no loading. */
  forkSync(): Env {
    return new Env(this.batch.forkSync(0));
  }

  close(): void {
    this.#agents = [];
    this.batch.close();
  }

  #textsOf(): RowTexts {
    if (!this.#started)
      throw new ResetNeededError(
        'reset-needed',
        'An environment must be reset before it is told of in text; got no reset yet. Call reset().',
      );
    this.#texts ??= new RowTexts(this.batch, 0);
    return this.#texts;
  }

  #mask(slot: number): { actionMask?: Uint8Array } {
    const { engine } = this.batch;
    return engine.program.survival === undefined ? {} : { actionMask: engine.actionMask(0, slot) };
  }

  #drawn(slot: number): { drawn?: AgentDraws } {
    const { parameters, randomisation } = this.batch.drawnIn(0);
    if (randomisation === undefined) return Object.keys(parameters).length === 0 ? {} : { drawn: { parameters } };
    const { speed, jump, friction, actionDelayTicks } = randomisation;
    return {
      drawn: {
        parameters,
        randomisation: { speed: speed[slot], jump: jump[slot], friction, actionDelayTicks: actionDelayTicks[slot] },
      },
    };
  }

  /** Reads who is live from the state. */
  #resume(): void {
    const { state } = this.batch.engine;
    this.#started = true;
    this.#numEvents = state.numEvents[0];
    this.#agents = this.possibleAgents.filter(
      (_, slot) => (state.flags[slot] & (AGENT_FLAG.alive | AGENT_FLAG.done)) === AGENT_FLAG.alive || state.respawnTimer[slot] > 0,
    );
  }

  /** Fills the action row of every agent; returns messages that could not be sent. */
  #writeActions(actions: Readonly<Record<string, AgentAction | undefined>>): Map<string, string> {
    const unsent = new Map<string, string>();
    const out = this.#actions;
    const { codec } = this.batch;
    codec.writeIdle(out);
    for (const [id, action] of Object.entries(actions)) {
      const slot = this.#slotOf(id);
      if (action === undefined || !this.#agents.includes(id)) continue;
      const message = codec.write(out, slot, action, id);
      if (typeof message === 'string' && message !== '' && this.batch.say(0, slot, message) === 0) unsent.set(id, message);
      else if (typeof message === 'number' && message > 0) this.#saySymbol(slot, message, id);
    }
    return unsent;
  }

  #saySymbol(slot: number, symbol: number, id: string): void {
    const { symbols } = this.batch.compiled.scenario.messages;
    if (!Number.isInteger(symbol) || symbol > symbols.length) {
      throw new ShapeError(
        'message-symbol',
        `A message must be a symbol 1..${symbols.length} (0 is silence), its name or a text; got ${symbol} for agent "${id}". Symbols: ${symbols.join(', ') || 'none'}.`,
      );
    }
    this.batch.say(0, slot, symbols[symbol - 1]);
  }

  /** Names of the formula nodes with the numbers of the variant being played. */
  #nodeNames(): readonly string[] {
    const { compiled, engine, split } = this.batch;
    const variant = engine.state.variant[0];
    if (this.#named?.variant !== variant) {
      this.#named = { variant, names: describeNodes(compiled.resolve(split, variant), compiled.palette, new ConstantPool()) };
    }
    return this.#named.names;
  }

  #rewardTerms(slot: number): Record<string, number> {
    const { rewards } = this.batch.engine.program;
    const terms: Record<string, number> = {};
    rewards.forEach((term, t) => {
      terms[term.name] = (terms[term.name] ?? 0) + (slot < 0 ? 0 : this.batch.engine.outputs.rewardTerms[slot * rewards.length + t]);
    });
    return terms;
  }

  #outcome(slot: number, truncated: boolean): NonNullable<AgentInfo['outcome']> {
    const { outputs, state, program } = this.batch.engine;
    const root = program.taskOfAgent[slot];
    const verdict: Outcome = truncated ? 'outOfTime' : outputs.rootStatus[root] === 1 ? 'succeeded' : 'failed';
    return {
      outcome: outputs.ended[0] === 1 && root === 0 ? OUTCOMES[outputs.endStatus[0]] : verdict,
      ticks: state.tick[0],
      return: this.batch.returnOf(0, slot),
      progress: outputs.rootProgress[root] / 16384,
      explanation: this.explain(this.possibleAgents[slot]),
    };
  }

  #pick(ids: readonly string[]): Record<string, Observation> {
    return Object.fromEntries(ids.map((id) => [id, this.#observations[id]]));
  }

  #slotOf(agentId: string): number {
    const slot = this.possibleAgents.indexOf(agentId);
    if (slot >= 0) return slot;
    throw new ShapeError(
      'unknown-agent',
      `An agent must be one of those of ${this.batch.compiled.scenario.id}; got "${agentId}".${didYouMean(agentId, this.possibleAgents) || ` Agents: ${this.possibleAgents.slice(0, 12).join(', ')}${this.possibleAgents.length > 12 ? ', ...' : ''}.`}`,
    );
  }
}
