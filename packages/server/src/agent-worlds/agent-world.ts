/**
 * A world whose agents are played by calls: some by a client, the others by a policy. One step of a client lasts until the calls of all its agents have
 * ended, or its ticks are over; the world waits between steps, so no clock decides anything.
 * Data flow: calls -> Seat.begin -> per tick: Seat.decide and policies -> native rows -> Env.step -> rewards summed, text of what changed.
 */
import {
  type ActionLevel,
  AgentView,
  createPolicy,
  type Feedback,
  LevelCache,
  type MoveLibraries,
  observationFor,
  type PolicyFactory,
  type PolicyRun,
  plansFor,
  runPolicies,
  SearchSpace,
  verbsOf,
} from '@kinovox/agents';
import { type AgentInfo, type CompiledScenario, createEnv, type Env, RowTexts } from '@kinovox/env';
import { ACTION_FIELDS, type AgentPlan, didYouMean, ResetNeededError, type Split, UsageError } from '@kinovox/world';
import { type AgentCall, type CallResult, Seat } from './seat.js';

export interface AgentWorldOptions {
  readonly compiled: CompiledScenario;
  /** Seed of the first episode. */
  readonly seed: number;
  readonly split: Split;
  /** Levels whose verbs can be called. */
  readonly levels: readonly ActionLevel[];
  /** Policy of the agents that the client does not play. */
  readonly others: string;
  /** Certified moves, shared by all worlds of a process. */
  readonly libraries: MoveLibraries;
  /** Verbs that the client is not offered. */
  readonly without?: ReadonlySet<string>;
  /** The only verbs that it is offered; default all of the levels. */
  readonly only?: ReadonlySet<string> | undefined;
  /** What a client is told of a call that cannot be done: `full` (default), or `blind`, that it was refused and nothing else. */
  readonly feedback?: Feedback | undefined;
}

/** How one agent stands after a step or reset. */
export interface AgentTurn {
  /** Its task, in a sentence. */
  readonly goal: string;
  /** What came of its call, and what changed since its turn before; in `observe`, everything. */
  readonly text: string;
  /** Told once: null in later turns of an agent that was not called again and has nothing under way. */
  readonly result: CallResult | null;
  /** Sum over the ticks since its turn before; null after a reset. */
  readonly reward: number | null;
  readonly terminated: boolean;
  readonly truncated: boolean;
  /** Present in the turn that tells the end of its episode. */
  readonly outcome?: NonNullable<AgentInfo['outcome']>;
}

/** How an agent's episode ended. */
interface Ending {
  readonly terminated: boolean;
  readonly truncated: boolean;
  /** What changed until then, and why it ended. */
  readonly text: string;
  readonly outcome: AgentInfo['outcome'];
  isTold: boolean;
}

export interface WorldTurn {
  /** Ticks since the episode began. */
  readonly tick: number;
  /** Ticks of this step. */
  readonly ticks: number;
  /** The episode of every agent that the client plays is over. */
  readonly done: boolean;
  /** By id, of the agents that are told, in slot order. */
  readonly agents: ReadonlyMap<string, AgentTurn>;
}

/** Longest step, ticks of 1/20 s. */
export const MAX_STEP_TICKS = 1200;
/** A step yields to other worlds after this long, milliseconds. */
const SLICE_MS = 8;

/** Stands for the client where policies are assigned. */
const CLIENT: PolicyFactory = { name: 'client', batch: { fill() {} } };

export class AgentWorld {
  readonly env: Env;
  readonly #options: AgentWorldOptions;
  readonly #levels: LevelCache;
  readonly #space = new SearchSpace();
  /** By slot, made when first played. */
  readonly #allSeats: (Seat | undefined)[] = [];
  #seats: readonly Seat[] = [];
  #others: PolicyRun | undefined;
  /** Ended in this episode, by agent id. */
  readonly #ended = new Map<string, Ending>();
  /** Rewards since each agent's last turn. */
  readonly #rewards = new Map<string, number>();
  readonly #goals = new Map<string, string>();
  /** Begun with the first episode. Clients keep what they were told: here nothing may grow with an episode's length. */
  #texts: RowTexts | undefined;
  #began = false;
  #isLeft = false;

  /** @throws UsageError for a policy or verb that does not exist, and for worlds that cannot be made. */
  static async create(options: AgentWorldOptions): Promise<AgentWorld> {
    const { compiled, seed, split, others } = options;
    const observation = observationFor(compiled, createPolicy(others));
    const world = new AgentWorld(await createEnv({ scenario: compiled, seed, split, observation, actionProfile: 'native' }), options);
    world.#assertVerbs();
    return world;
  }

  private constructor(env: Env, options: AgentWorldOptions) {
    this.env = env;
    this.#options = options;
    this.#levels = new LevelCache(env.batch);
    env.batch.beforeTick = (native) => this.#write(native);
  }

  get agentIds(): readonly string[] {
    return this.env.possibleAgents;
  }

  /** Agents that the client plays in this episode; empty before the first. */
  get seats(): readonly Seat[] {
    return this.#seats;
  }

  /** Whether an episode has begun. */
  get began(): boolean {
    return this.#began;
  }

  /** Whether the client can do nothing more in this episode. */
  get done(): boolean {
    return this.#began && this.#seats.every(({ agentId }) => this.#ended.has(agentId));
  }

  /** The seat of an agent, also of one that is not played now. @throws UsageError for an unknown id. */
  seatOf(agentId: string): Seat {
    const slot = this.#slotOf(agentId);
    let seat = this.#allSeats[slot];
    if (seat === undefined) {
      const { levels, libraries, without, only } = this.#options;
      const { batch } = this.env;
      seat = new Seat(new AgentView(batch, this.#levels, 0, slot, (view) => this.#plansFor(view)), {
        levels,
        libraries,
        without,
        only,
        space: this.#space,
        say: (speaker, text) => batch.say(0, speaker, text) > 0,
      });
      this.#allSeats[slot] = seat;
    }
    return seat;
  }

  /** The task of an agent in this episode, in a sentence. */
  goalOf(agentId: string): string {
    let goal = this.#goals.get(agentId);
    if (goal === undefined) this.#goals.set(agentId, (goal = this.#textsOf().goal(this.#slotOf(agentId))));
    return goal;
  }

  /**
   * Begins an episode: that of the seed, or the next one.
   * @param agentIds agents that the client plays, one or more; the others are played by the policy. @throws UsageError for an unknown or missing agent.
   */
  reset(agentIds: readonly string[], seed?: number): WorldTurn {
    if (agentIds.length === 0)
      throw new UsageError('no-agents', `A client must play an agent; got none. Agents: ${this.agentIds.join(', ')}.`);
    const slots = [...new Set(agentIds.map((id) => this.#slotOf(id)))].sort((a, b) => a - b);
    this.env.reset(seed === undefined ? {} : { seed });
    this.#seats = slots.map((slot) => this.seatOf(this.agentIds[slot]));
    for (const seat of this.#seats) seat.reset();
    this.#others = this.#playOthers(slots);
    this.#ended.clear();
    this.#rewards.clear();
    this.#goals.clear();
    this.#began = true;
    return this.#turn(0, this.#seats, true);
  }

  /**
   * Does what agents are called to do, until all these calls have ended or `maxTicks` are over. Agents without a call go on with what they do; they are
   * waited for only where nobody is called whose episode lasts: such a step takes a tick at least, so that no client steps on without time passing.
   * @param calls by agent id; none begins where one cannot. @param told who is told: `all` (default), or only those called; the others are told later.
   * @param minTicks how long the step lasts at least, 0 by default: calls that end at once, or are refused, then take time too.
   * @throws ResetNeededError where no episode is under way; UsageError for an agent that the client does not play.
   */
  async step(
    calls: ReadonlyMap<string, AgentCall>,
    maxTicks: number,
    { told = 'all', minTicks = 0 }: { told?: 'all' | 'called'; minTicks?: number } = {},
  ): Promise<WorldTurn> {
    if (!this.#began || this.done)
      throw new ResetNeededError(
        'reset-needed',
        `An episode must be under way; got ${this.#began ? 'one that is over' : 'no reset yet'}. Reset the environment.`,
      );
    const begun = [...calls].map(([id, call]) => ({ seat: this.#playedSeat(id), call }));
    for (const { seat, call } of begun) if (!this.#ended.has(seat.agentId)) seat.begin(call);
    const called = this.#seats.filter(({ agentId }) => calls.has(agentId));
    const isCalled = called.some(({ agentId }) => !this.#ended.has(agentId));
    const awaited = isCalled ? called : this.#seats;
    const least = isCalled ? minTicks : Math.max(minTicks, 1);
    let ticks = 0;
    let sliceEnds = performance.now() + SLICE_MS;
    while (ticks < maxTicks && !this.#isLeft && !this.done && this.#decide(awaited, ticks < least)) {
      if (this.#others?.thinks === true) await this.#others.think();
      this.#tick();
      ticks++;
      // Other sessions of this thread get their turn; what happens here does not depend on it.
      if (performance.now() > sliceEnds) {
        await new Promise(setImmediate);
        sliceEnds = performance.now() + SLICE_MS;
      }
    }
    return this.#turn(ticks, told === 'all' ? this.#seats : called, false);
  }

  /**
   * How an agent stands, in full, without time passing: what changed, and what came of a call, stays to be told by its next step.
   * @throws ResetNeededError before the first reset; UsageError for an agent that the client does not play.
   */
  observe(agentId: string): WorldTurn {
    if (!this.#began) throw new ResetNeededError('reset-needed', 'An episode must be under way; got no reset yet. Reset the environment.');
    const seat = this.#playedSeat(agentId);
    const ending = this.#ended.get(agentId);
    const result = this.#toldOf(seat);
    const text = `${saidOf(result)}${ending?.text ?? this.#textsOf().stateText(seat.view.slot, seat.ownGoal)}`;
    return { tick: this.env.tick, ticks: 0, done: this.done, agents: new Map([[agentId, this.#agentTurn(seat, text, false)]]) };
  }

  /** Nobody waits for the step under way: it ends at its next tick, and the world is to be closed. */
  leave(): void {
    this.#isLeft = true;
  }

  close(): void {
    this.env.close();
  }

  /** What an agent may know of the ways that others mean to go. */
  #plansFor(view: AgentView): AgentPlan[] {
    const played = this.#seats.filter(({ agentId }) => !this.#ended.has(agentId)).map((seat) => seat.plan());
    return plansFor(view, [...played, ...(this.#others?.plansOf(0) ?? [])]);
  }

  /** Decides for all seats. @returns whether a tick is due: not where the calls of all that are awaited have ended, unless the step `goesOn` all the same. */
  #decide(awaited: readonly Seat[], goesOn: boolean): boolean {
    const live = this.#seats.filter(({ agentId }) => !this.#ended.has(agentId));
    const needy = live.filter((seat) => seat.needsTime && awaited.includes(seat));
    for (const seat of needy) seat.decide();
    if (!goesOn && !needy.some(({ needsTime }) => needsTime)) return false;
    for (const seat of live) if (!needy.includes(seat)) seat.decide();
    return true;
  }

  #tick(): void {
    const result = this.env.step();
    for (const { agentId, view } of this.#seats) {
      if (!(agentId in result.rewards)) continue;
      this.#rewards.set(agentId, (this.#rewards.get(agentId) ?? 0) + result.rewards[agentId]);
      const terminated = result.terminations[agentId];
      const truncated = result.truncations[agentId];
      if (!terminated && !truncated) continue;
      const { outcome } = result.infos[agentId];
      const why = outcome === undefined ? '' : `The episode is over: ${outcome.explanation}\n`;
      // Of this very tick: later observations of the agent say nothing.
      this.#ended.set(agentId, { terminated, truncated, text: `${this.#textsOf().text(view.slot)}${why}`, outcome, isTold: false });
    }
  }

  /** The rows of this tick, before it is stepped. */
  #write(native: Float32Array): void {
    const rows = this.#others?.act();
    if (rows !== undefined) native.set(rows);
    for (const seat of this.#seats) if (!this.#ended.has(seat.agentId)) native.set(seat.row, seat.view.slot * ACTION_FIELDS);
  }

  #turn(ticks: number, told: readonly Seat[], isReset: boolean): WorldTurn {
    const agents = new Map<string, AgentTurn>();
    for (const seat of told) {
      const { agentId, view } = seat;
      const ending = this.#ended.get(agentId);
      const text =
        ending?.isTold === true ? '' : `${saidOf(this.#toldOf(seat))}${ending?.text ?? this.#textsOf().text(view.slot, seat.ownGoal)}`;
      agents.set(agentId, this.#agentTurn(seat, text, isReset));
      seat.setTold();
    }
    return { tick: this.env.tick, ticks, done: this.done, agents };
  }

  /** What is to be told of its last call; nothing more once the end of its episode was told. */
  #toldOf({ agentId, result }: Seat): CallResult | undefined {
    if (this.#ended.get(agentId)?.isTold === true) return undefined;
    if (this.#options.feedback !== 'blind' || result === undefined) return result;
    const { name, status } = result;
    return status === 'refused' || status === 'invalid' ? { name, status, sentence: 'refused', facts: {} } : result;
  }

  #agentTurn(seat: Seat, text: string, isReset: boolean): AgentTurn {
    const { agentId } = seat;
    const result = this.#toldOf(seat);
    const ending = this.#ended.get(agentId);
    const outcome = ending?.isTold === false ? ending.outcome : undefined;
    if (ending !== undefined) ending.isTold = true;
    const reward = isReset ? null : (this.#rewards.get(agentId) ?? 0);
    this.#rewards.delete(agentId);
    return {
      goal: this.goalOf(agentId),
      text,
      result: result ?? null,
      reward,
      terminated: ending?.terminated ?? false,
      truncated: ending?.truncated ?? false,
      ...(outcome === undefined ? {} : { outcome }),
    };
  }

  #textsOf(): RowTexts {
    this.#texts ??= new RowTexts(this.env.batch, 0, { keepsText: false });
    return this.#texts;
  }

  /** Each of the only verbs is one that an agent has. */
  #assertVerbs(): void {
    const { only, levels } = this.#options;
    if (only === undefined) return;
    const seats = this.agentIds.map((id) => this.seatOf(id));
    const offered = new Set(seats.flatMap(({ verbs }) => verbs.map(({ name }) => name)));
    for (const verb of only) {
      if (offered.has(verb)) continue;
      const all = [...new Set(seats.flatMap(({ view }) => levels.flatMap((level) => verbsOf(level, view).map(({ name }) => name))))];
      throw new UsageError(
        'unknown-verb',
        `A verb must be one that an agent of ${this.env.metadata.name} can call; got "${verb}".${didYouMean(verb, all) || ` Verbs: ${all.join(', ')}.`}`,
      );
    }
  }

  #playedSeat(agentId: string): Seat {
    const seat = this.#seats.find((other) => other.agentId === agentId);
    if (seat !== undefined) return seat;
    const played = this.#seats.map((other) => other.agentId);
    throw new UsageError(
      'agent-not-played',
      `A call must be for an agent that this client plays; got "${agentId}".${didYouMean(agentId, played) || ` It plays ${played.slice(0, 12).join(', ')}.`}`,
    );
  }

  /** Policies of the agents that the client does not play; undefined where it plays all. */
  #playOthers(slots: readonly number[]): PolicyRun | undefined {
    if (slots.length === this.agentIds.length) return undefined;
    const { others } = this.#options;
    const policy = createPolicy(others);
    const { batch } = this.env;
    const factories = this.agentIds.map((_, slot) => (slots.includes(slot) ? CLIENT : policy));
    return runPolicies(batch, factories, (row, slot, error) =>
      batch.cutShort(
        row,
        new Error(`The policy of ${this.agentIds[slot]} failed: ${error instanceof Error ? error.message : String(error)}`),
      ),
    );
  }

  #slotOf(agentId: string): number {
    const slot = this.agentIds.indexOf(agentId);
    if (slot >= 0) return slot;
    throw new UsageError(
      'unknown-agent',
      `An agent must be one of those of ${this.env.metadata.name}; got "${agentId}".${didYouMean(agentId, this.agentIds) || ` Agents: ${this.agentIds.slice(0, 12).join(', ')}.`}`,
    );
  }
}

function saidOf(result: CallResult | undefined): string {
  return result === undefined ? '' : `${result.name}: ${result.sentence}\n`;
}
