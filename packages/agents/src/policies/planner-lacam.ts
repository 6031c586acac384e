/**
 * `planner:lacam`: moves whole teams by one plan. The tasks say where each is to go, LaCAM* finds ways on which nobody meets, and the march keeps the order
 * in which they come through each cell, however fast they really are. Walkers, rovers and quadcopters; those of one kind plan together.
 * Limits: walkers and rovers do not share a world; quadcopters leave the layer in which rovers drive to them. Doors count as they are now, props not at all.
 */
import { type AgentPlan, UsageError } from '@kinovox/world';
import { AgentView, LevelCache } from '../agent-view.js';
import type { PolicyFactory, PolicyHost } from '../policy.js';
import { Squad, type SquadPlanning, type SquadSettings } from './squad.js';
import { SQUAD_KINDS, type SquadKind } from './squad-grid.js';

export interface TeamPlannerOptions {
  /** Most expansions of one plan. */
  expansions?: number;
  /** Expansions that a tick of waiting pays for; the plan begins when all are paid. */
  expansionsPerTick?: number;
  /** Plans elsewhere, in a thread, say, while the world waits: then await `PolicyRun.think` before `act`. The same plans come out. */
  plan?: SquadPlanning;
}

export const TEAM_PLANNER_DEFAULTS = Object.freeze({ expansions: 20_000, expansionsPerTick: 2_000 });

export function createTeamPlanner(options: TeamPlannerOptions = {}): PolicyFactory {
  /** By engine, and by the slots that it is given there. */
  const rows = new WeakMap<object, Map<string, Row[]>>();
  const settings = { ...TEAM_PLANNER_DEFAULTS, ...options };
  const rowsOf = (host: PolicyHost, slots: readonly number[]): Row[] => {
    let bySlots = rows.get(host.engine);
    if (bySlots === undefined) rows.set(host.engine, (bySlots = new Map()));
    let own = bySlots.get(slots.join());
    if (own === undefined) {
      const levels = new LevelCache(host);
      own = Array.from({ length: host.engine.numWorlds }, (_, row) => new Row(host, levels, row, slots, settings));
      bySlots.set(slots.join(), own);
    }
    return own;
  };
  const think = async (host: PolicyHost, slots: readonly number[]) => {
    await Promise.all(rowsOf(host, slots).map((row) => row.think()));
  };
  return {
    name: 'planner:lacam',
    batch: {
      check: refuseOthers,
      ...(settings.plan === undefined ? {} : { think }),
      fill(host, slots, out) {
        for (const row of rowsOf(host, slots)) row.act(out);
      },
      plans: (host, row, slots) => rows.get(host.engine)?.get(slots.join())?.[row].plans() ?? [],
    },
  };
}

function kindOf({ roster }: Pick<AgentView, 'roster'>, slot: number): string {
  const { body } = roster[slot];
  return 'vehicle' in body ? body.vehicle : body.type;
}

function refuseOthers({ compiled: { base } }: PolicyHost, slots: readonly number[]): void {
  const kinds = slots.map((slot) => kindOf({ roster: base.agents }, slot));
  const other = kinds.findIndex((kind) => !(SQUAD_KINDS as readonly string[]).includes(kind));
  if (other >= 0)
    throw new UsageError(
      'planner-body',
      `planner:lacam must be given walkers, rovers or quadcopters; got a ${kinds[other]} at agents "${base.agents[slots[other]].id}" of ${base.id}. The scripted policy plays it.`,
    );
  if (kinds.includes('walker') && kinds.includes('rover'))
    throw new UsageError(
      'planner-body',
      `planner:lacam must not be given walkers and rovers on one ground, whose cells differ; got both in ${base.id}. Give it one kind, and another policy to the other.`,
    );
}

/** One world: its squads, and when its episode began. */
class Row {
  readonly #host: PolicyHost;
  readonly #row: number;
  readonly #views: readonly AgentView[];
  readonly #settings: SquadSettings;
  #squads: readonly Squad[] = [];
  #episode = -1;
  #nextTick = -1;
  /** `think` has begun this tick. */
  #hasBegun = false;

  constructor(host: PolicyHost, levels: LevelCache, row: number, slots: readonly number[], settings: SquadSettings) {
    this.#host = host;
    this.#row = row;
    this.#settings = settings;
    this.#views = slots.map((slot) => new AgentView(host, levels, row, slot));
  }

  async think(): Promise<void> {
    this.#begin();
    this.#hasBegun = true;
    const tick = this.#nextTick - 1;
    await Promise.all(this.#squads.map((squad) => squad.think(tick)));
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
    const byKind = (kind: SquadKind) => this.#views.filter((one) => kindOf(one, one.slot) === kind);
    const mine = new Set(this.#views.map(({ slot }) => slot));
    const all = view.roster.map((_, slot) => slot);
    if (this.#squads.length === 0)
      this.#squads = SQUAD_KINDS.filter((kind) => byKind(kind).length > 0).map(
        (kind) =>
          new Squad(
            kind,
            byKind(kind),
            this.#settings,
            all.filter((slot) => !mine.has(slot)),
          ),
      );
    // Whoever drives them: rovers have the ground.
    const rover = all.find((slot) => kindOf(view, slot) === 'rover');
    for (const squad of this.#squads) squad.reset(rover === undefined ? undefined : view.cellOf(rover)[1]);
  }
}
