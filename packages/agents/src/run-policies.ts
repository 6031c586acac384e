/**
 * Policies for a whole batch: fills the `[B, A, F]` actions of a tick from the state as it stands.
 * Rows are independent, so row r acts as a single world with its seed would.
 */
import type { CompiledScenario, ObservationParts } from '@kinovox/env';
import { createSafetyFilter, type SafetyFilter, type SafetyIntervention } from '@kinovox/planning';
import { ACTION_FIELDS, AGENT_FLAG, type AgentPlan, didYouMean, type RowPlans, UsageError } from '@kinovox/world';
import { AgentView, LevelCache } from './agent-view.js';
import { rowPlans } from './plans/row-plans.js';
import { PlanBoard, plansFor } from './plans/team-plans.js';
import type { BatchDecider, Policy, PolicyFactory, PolicyHost, SpectatorWords } from './policy.js';

/** One policy for everybody, one per slot, or by agent id, team or role with `default` for the rest. */
export type PolicyAssignment = PolicyFactory | readonly PolicyFactory[] | Readonly<Record<string, PolicyFactory>>;

/**
 * The profile in which policies play a scenario: its own where it is discrete and all of them choose among its actions, otherwise the native one, which
 * every engine knows and in which motions can be planned.
 */
export function policyProfile({ scenario }: CompiledScenario, assignment: PolicyAssignment): 'native' | 'discrete' {
  if (scenario.actions.profile !== 'discrete') return 'native';
  const chooses = factoriesIn(assignment).every((factory) => 'batch' in factory && factory.batch.choose !== undefined);
  return chooses ? 'discrete' : 'native';
}

function factoriesIn(assignment: PolicyAssignment): PolicyFactory[] {
  return isFactory(assignment) ? [assignment] : Object.values(assignment as Readonly<Record<string, PolicyFactory>>);
}

/**
 * What an environment must show so that policies see what they need: of each part the most that one of them, or the scenario, asks for.
 * Undefined where none asks for anything.
 */
export function observationFor(compiled: CompiledScenario, assignment: PolicyAssignment): ObservationParts | undefined {
  const asked = factoriesIn(assignment).flatMap(({ observation }) => (observation === undefined ? [] : [observation]));
  if (asked.length === 0) return undefined;
  const parts: Record<string, unknown> = {};
  for (const observation of asked)
    for (const [name, value] of Object.entries(observation)) {
      const own = parts[name] ?? compiled.scenario.observation[name as keyof ObservationParts];
      parts[name] = typeof value === 'number' ? Math.max(value, Number(own ?? 0)) : value === false ? (own ?? false) : value;
    }
  return parts as ObservationParts;
}

export interface PolicyRun {
  /** `[B, A, F]` f32, or `[B, A]` choices in the discrete profile; overwritten by each `act`. */
  readonly actions: Float32Array;
  /** Whether one of the policies must be awaited. */
  readonly thinks: boolean;
  /** Slots of agents for whom people decide. */
  readonly played: readonly number[];
  /** Slots of agents who hear what people say. */
  readonly listeners: readonly number[];
  /**
   * Before `act`, in every tick: lets policies think that take their time. Resolves at once where none does.
   * @param words what people say in this tick; agents that are dead, or do not listen, hear none of it.
   * @throws what a policy throws.
   */
  think(words?: readonly SpectatorWords[]): Promise<void>;
  /**
   * Decides for every living agent; returns `actions`.
   * @param passedOver `[B]`, 1 = nobody is asked in the row, whose agents are idle. Policies that decide for a whole batch at once decide for such rows too.
   */
  act(passedOver?: Uint8Array): Float32Array;
  /** What safety filters said in the last `act`, copies: actions that did not pass, raw and applied. Empty without filters. */
  readonly interventions: readonly SafetyIntervention[];
  /** The plans of the agents of a world as they are now, without bounds and judgement. */
  plansOf(row: number): AgentPlan[];
  /**
   * What the agents of a world meant to do in the last `act`: plans, where they would meet, slices of safety filters. Plain and bounded data for people,
   * made when asked; deciding pays nothing for it and does not change. Ticks are those of the episode.
   * @param sliceSlots agents of whose safety filters a slice of the value function is made, at most PLAN_LIMITS.slices.
   */
  plans(row: number, sliceSlots?: readonly number[]): RowPlans;
}

/**
 * @param onFailure told when the policy of one agent of one world throws; it is idle in that tick. Without, `act` throws. A policy that decides for a
 *   whole batch at once fails for all of it.
 * @throws UsageError for an assignment that leaves an agent without a policy or names nobody,
 *   and for a policy that plans motions under the discrete action profile, which is too coarse for them.
 */
export function runPolicies(
  host: PolicyHost,
  assignment: PolicyAssignment,
  onFailure?: (row: number, slot: number, error: unknown) => void,
): PolicyRun {
  const { numAgents } = host.engine.program;
  const { numWorlds } = host.engine;
  const factories = factoriesOf(host, assignment);
  const isDiscrete = host.actionProfile === 'discrete';
  if (!isDiscrete && host.actionProfile !== 'native')
    throw new UsageError(
      'policy-profile',
      `Policies must have the native or discrete action profile; got "${host.actionProfile}" in ${host.engine.program.id}. Create the environment with actionProfile: policyProfile(compiled, assignment).`,
    );
  const actions = new Float32Array(numWorlds * numAgents * (isDiscrete ? 1 : ACTION_FIELDS));
  const deciders = new Map<BatchDecider, number[]>();
  const single: number[] = [];
  factories.forEach((factory, slot) => {
    if (!('batch' in factory)) single.push(slot);
    else if (deciders.has(factory.batch)) deciders.get(factory.batch)!.push(slot);
    else deciders.set(factory.batch, [slot]);
  });
  for (const [decider, slots] of deciders) decider.check?.(host, slots);
  const native = factories.find((factory) => !('batch' in factory) || factory.batch.choose === undefined);
  if (isDiscrete && native !== undefined) {
    throw new UsageError(
      'policy-profile',
      `The policy "${native.name}" must have the native action profile; got "discrete" in ${host.engine.program.id}. Create the environment with actionProfile: policyProfile(compiled, assignment).`,
    );
  }
  const levels = new LevelCache(host);
  const seats: Seat[] = [];
  const gather = (row: number): AgentPlan[] => {
    const plans: AgentPlan[] = [];
    for (const [decider, slots] of deciders) plans.push(...(decider.plans?.(host, row, slots) ?? []));
    for (const seat of seats) {
      const plan = seat.row === row ? seat.plan() : undefined;
      if (plan !== undefined) plans.push(plan);
    }
    return plans;
  };
  const board = new PlanBoard(host, gather);
  const teamPlans = (view: AgentView) => plansFor(view, board.of(view.row));
  for (let row = 0; row < numWorlds; row++)
    for (const slot of single) seats.push(new Seat(new AgentView(host, levels, row, slot, teamPlans), host, factories[slot], actions));
  // Those who are asked while others think must not be told what these think in the meantime.
  const mustSettle =
    seats.some((seat) => seat.isConcurrent) &&
    (seats.some((seat) => seat.thinks && !seat.isConcurrent) || [...deciders.keys()].some((decider) => decider.think !== undefined));
  const interventions: SafetyIntervention[] = [];
  const filters = filtersOf(host, factories, (intervention) => {
    interventions.push({ ...intervention, raw: intervention.raw.slice(), applied: intervention.applied.slice() });
  });
  return {
    actions,
    interventions,
    thinks: seats.some((seat) => seat.thinks) || [...deciders.keys()].some((decider) => decider.think !== undefined),
    played: factories.flatMap(({ isPlayed }, slot) => (isPlayed === true ? [slot] : [])),
    listeners: [...new Set(seats.filter((seat) => seat.listens).map(({ slot }) => slot))],
    async think(words = []) {
      board.begin();
      if (mustSettle) for (let row = 0; row < numWorlds; row++) board.of(row);
      // Those who wait for others are asked at once, in the order of seats; each keeps what it hears to itself until `act`.
      const answers = Promise.allSettled(seats.filter((seat) => seat.isConcurrent).map((seat) => seat.think(words)));
      for (const [decider, slots] of deciders) await decider.think?.(host, slots);
      for (const seat of seats) if (!seat.isConcurrent) await seat.think(words);
      const failed = (await answers).find((answer) => answer.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
    act(passedOver) {
      actions.fill(0);
      for (const [decider, slots] of deciders) {
        if (isDiscrete) decider.choose!(host, slots, actions);
        else decider.fill(host, slots, actions);
      }
      for (const seat of seats) {
        if (passedOver !== undefined && passedOver[seat.row] !== 0) continue;
        try {
          seat.act();
        } catch (error) {
          if (onFailure === undefined) throw error;
          seat.giveUp();
          onFailure(seat.row, seat.slot, error);
        }
      }
      interventions.length = 0;
      for (const [filter, slots] of filters) filter.filter(actions, passedOver, slots);
      return actions;
    },
    plansOf: gather,
    plans(row, sliceSlots = []) {
      const filterOf = (slot: number) => [...filters].find(([, slots]) => slots.includes(slot))?.[0];
      return rowPlans(host, row, gather(row), { filterOf, interventions }, sliceSlots);
    },
  };
}

/** One filter for all agents whose policies ask for the same. */
function filtersOf(
  host: PolicyHost,
  factories: readonly PolicyFactory[],
  onIntervention: (intervention: SafetyIntervention) => void,
): Map<SafetyFilter, number[]> {
  const byOptions = new Map<object, number[]>();
  factories.forEach(({ safety }, slot) => {
    if (safety !== undefined) byOptions.set(safety, [...(byOptions.get(safety) ?? []), slot]);
  });
  return new Map(
    [...byOptions].map(([options, slots]) => [
      createSafetyFilter(host.engine, { ...(options as NonNullable<PolicyFactory['safety']>), slots, onIntervention }),
      slots,
    ]),
  );
}

/** One agent of one world with its policy; notices when an episode begins. */
class Seat {
  readonly #host: PolicyHost;
  readonly #view: AgentView;
  readonly #policy: Policy;
  readonly #out: Float32Array;
  #episode = -1;
  #nextTick = -1;
  /** `think` has begun this tick. */
  #hasBegun = false;

  constructor(view: AgentView, host: PolicyHost, factory: PolicyFactory, actions: Float32Array) {
    this.#host = host;
    this.#view = view;
    this.#policy = (factory as { create(): Policy }).create();
    const at = (view.row * view.numAgents + view.slot) * ACTION_FIELDS;
    this.#out = actions.subarray(at, at + ACTION_FIELDS);
  }

  get thinks(): boolean {
    return this.#policy.think !== undefined;
  }

  get isConcurrent(): boolean {
    return this.#policy.concurrent === true;
  }

  get listens(): boolean {
    return this.#policy.hear !== undefined;
  }

  get row(): number {
    return this.#view.row;
  }

  get slot(): number {
    return this.#view.slot;
  }

  /** Idles, and begins anew at the next tick. */
  giveUp(): void {
    this.#out.fill(0);
    this.#nextTick = -1;
    this.#hasBegun = false;
  }

  async think(words: readonly SpectatorWords[]): Promise<void> {
    if (this.#policy.think === undefined) return;
    this.#begin();
    this.#hasBegun = true;
    if (!this.#isAlive) return;
    for (const { row, slot, text } of words)
      if (row === this.row && (slot === undefined || slot === this.slot)) this.#policy.hear?.(this.#view, text);
    await this.#policy.think(this.#view);
  }

  act(): void {
    if (!this.#hasBegun) this.#begin();
    this.#hasBegun = false;
    if (this.#isAlive) this.#policy.act(this.#view, this.#out);
  }

  /** Nothing after a reset or a jump in time: what it meant is over. */
  plan(): AgentPlan | undefined {
    const { state } = this.#host.engine;
    const sinceActed = state.tick[this.row] - (this.#nextTick - 1);
    if (this.#policy.plan === undefined || sinceActed < 0 || sinceActed > 1 || state.episode[this.row] !== this.#episode) return undefined;
    return this.#isAlive ? this.#policy.plan(this.#view) : undefined;
  }

  /** Begins a tick: tells the policy when an episode has begun, or time has jumped. */
  #begin(): void {
    const { state } = this.#host.engine;
    const tick = state.tick[this.row];
    const fresh = tick === 0 || tick !== this.#nextTick || state.episode[this.row] !== this.#episode;
    this.#nextTick = tick + 1;
    this.#episode = state.episode[this.row];
    if (fresh) this.#policy.reset(this.#view);
  }

  get #isAlive(): boolean {
    const { state } = this.#host.engine;
    return (state.flags[this.row * this.#view.numAgents + this.slot] & AGENT_FLAG.alive) !== 0;
  }
}

function factoriesOf(host: PolicyHost, assignment: PolicyAssignment): PolicyFactory[] {
  const { base } = host.compiled;
  const { agents } = base;
  if (Array.isArray(assignment)) {
    if (assignment.length === agents.length) return [...assignment];
    throw new UsageError(
      'policy-assignment',
      `A list of policies must have one for each of ${agents.length} agents; got ${assignment.length} for ${base.id}.`,
    );
  }
  if (isFactory(assignment)) return agents.map(() => assignment);
  const byName = assignment as Readonly<Record<string, PolicyFactory>>;
  const known = [...new Set(['default', ...agents.flatMap(({ id, team, role }) => (role === undefined ? [id, team] : [id, team, role]))])];
  for (const name of Object.keys(byName)) {
    if (!known.includes(name))
      throw new UsageError(
        'policy-assignment',
        `Policies must be assigned to an agent, team or role of ${base.id}; got "${name}".${didYouMean(name, known) || ` Names: ${known.join(', ')}.`}`,
      );
  }
  return agents.map(({ id, team, role }) => {
    const factory = byName[id] ?? (role === undefined ? undefined : byName[role]) ?? byName[team] ?? byName.default;
    if (factory === undefined)
      throw new UsageError('policy-assignment', `Every agent must get a policy; got none for "${id}" of ${base.id}. Add "default".`);
    return factory;
  });
}

/** Whether it is one policy for everybody. */
export function isFactory(assignment: PolicyAssignment): assignment is PolicyFactory {
  return 'create' in assignment || 'batch' in assignment;
}
