/**
 * A policy that moves teams: per world a squad for each kind of body among its agents, each of which decides for all its members at once.
 * Here is when episodes begin and who belongs to which squad; how a squad moves is its own.
 */
import type { AgentPlan } from '@kinovox/world';
import { UsageError } from '@kinovox/world';
import { AgentView, LevelCache } from '../agent-view.js';
import type { PolicyFactory, PolicyHost } from '../policy.js';
import { bodyKind, SQUAD_KINDS, type SquadKind } from './squad-kind.js';

export interface TeamSquad {
  /**
   * An episode begins, or time has jumped.
   * @param levelOfOthers of quadcopters: height in blocks at which rovers drive, or undefined.
   */
  reset(levelOfOthers: number | undefined): void;
  /** Decides elsewhere what `act` then does; absent: it decides in `act`. */
  think?(tick: number): Promise<void>;
  /** Writes the rows of its members. @param out `[B, A, F]`, given as zeros. */
  act(tick: number, out: Float32Array): void;
  /** Its members' plans as people are shown them. @param number of this squad. */
  plans(tick: number, number: number): AgentPlan[];
}

export interface TeamPolicy {
  readonly name: string;
  readonly kinds: readonly SquadKind[];
  /** Whether squads think: then `PolicyRun.think` must be awaited. */
  readonly thinks: boolean;
  /** @throws UsageError for agents that it cannot play together. */
  check?(host: PolicyHost, kinds: readonly string[]): void;
  /** @param others slots of agents whom others move. */
  createSquad(kind: SquadKind, views: readonly AgentView[], others: readonly number[]): TeamSquad;
}

export function createTeamPolicy(policy: TeamPolicy): PolicyFactory {
  /** By engine, and by the slots that it is given there. */
  const rows = new WeakMap<object, Map<string, Row[]>>();
  const rowsOf = (host: PolicyHost, slots: readonly number[]): Row[] => {
    let bySlots = rows.get(host.engine);
    if (bySlots === undefined) rows.set(host.engine, (bySlots = new Map()));
    let own = bySlots.get(slots.join());
    if (own === undefined) {
      const levels = new LevelCache(host);
      own = Array.from({ length: host.engine.numWorlds }, (_, row) => new Row(host, levels, row, slots, policy));
      bySlots.set(slots.join(), own);
    }
    return own;
  };
  const think = async (host: PolicyHost, slots: readonly number[]) => {
    await Promise.all(rowsOf(host, slots).map((row) => row.think()));
  };
  return {
    name: policy.name,
    batch: {
      check(host, slots) {
        refuseOthers(host, slots, policy);
      },
      ...(policy.thinks ? { think } : {}),
      fill(host, slots, out) {
        for (const row of rowsOf(host, slots)) row.act(out);
      },
      plans: (host, row, slots) => rows.get(host.engine)?.get(slots.join())?.[row].plans() ?? [],
    },
  };
}

function refuseOthers(host: PolicyHost, slots: readonly number[], { name, kinds, check }: TeamPolicy): void {
  const { base } = host.compiled;
  const given = slots.map((slot) => bodyKind(base.agents[slot]));
  const other = given.findIndex((kind) => !(kinds as readonly string[]).includes(kind));
  if (other >= 0)
    throw new UsageError(
      'planner-body',
      `${name} must be given ${kinds
        .map((kind) => `${kind}s`)
        .join(', ')
        .replace(
          /, ([^,]*)$/,
          ' or $1',
        )}; got a ${given[other]} at agents "${base.agents[slots[other]].id}" of ${base.id}. The scripted policy plays it.`,
    );
  check?.(host, given);
}

/** One world: its squads, and when its episode began. */
class Row {
  readonly #host: PolicyHost;
  readonly #row: number;
  readonly #views: readonly AgentView[];
  readonly #policy: TeamPolicy;
  #squads: readonly TeamSquad[] = [];
  #episode = -1;
  #nextTick = -1;
  /** `think` has begun this tick. */
  #hasBegun = false;

  constructor(host: PolicyHost, levels: LevelCache, row: number, slots: readonly number[], policy: TeamPolicy) {
    this.#host = host;
    this.#row = row;
    this.#policy = policy;
    this.#views = slots.map((slot) => new AgentView(host, levels, row, slot));
  }

  async think(): Promise<void> {
    this.#begin();
    this.#hasBegun = true;
    const tick = this.#nextTick - 1;
    await Promise.all(this.#squads.map((squad) => squad.think?.(tick)));
  }

  act(out: Float32Array): void {
    if (!this.#hasBegun) this.#begin();
    this.#hasBegun = false;
    for (const squad of this.#squads) squad.act(this.#nextTick - 1, out);
  }

  /** Begins a tick: notices when an episode has begun, or time has jumped. */
  #begin(): void {
    const { state } = this.#host.engine;
    const tick = state.tick[this.#row];
    if (tick === 0 || tick !== this.#nextTick || state.episode[this.#row] !== this.#episode) this.#reset();
    this.#nextTick = tick + 1;
    this.#episode = state.episode[this.#row];
  }

  /** Of the last `act`; nothing after a reset or a jump in time. */
  plans(): AgentPlan[] {
    const { state } = this.#host.engine;
    const sinceActed = state.tick[this.#row] - (this.#nextTick - 1);
    if (sinceActed < 0 || sinceActed > 1 || state.episode[this.#row] !== this.#episode) return [];
    return this.#squads.flatMap((squad, number) => squad.plans(state.tick[this.#row], number));
  }

  #reset(): void {
    const [view] = this.#views;
    const byKind = (kind: SquadKind) => this.#views.filter((one) => bodyKind(one.roster[one.slot]) === kind);
    const mine = new Set(this.#views.map(({ slot }) => slot));
    const all = view.roster.map((_, slot) => slot);
    if (this.#squads.length === 0)
      this.#squads = SQUAD_KINDS.filter((kind) => byKind(kind).length > 0).map((kind) =>
        this.#policy.createSquad(
          kind,
          byKind(kind),
          all.filter((slot) => !mine.has(slot)),
        ),
      );
    // Whoever drives them: rovers have the ground.
    const rover = all.find((slot) => bodyKind(view.roster[slot]) === 'rover');
    for (const squad of this.#squads) squad.reset(rover === undefined ? undefined : view.cellOf(rover)[1]);
  }
}
