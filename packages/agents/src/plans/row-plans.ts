/** What the policies of one world mean to do, put together for people who watch: plans, what would meet, and slices of safety filters. */
import type { SafetyFilter, SafetyIntervention } from '@kinovox/planning';
import { AGENT_FLAG, type AgentPlan, PLAN_LIMITS, type RowPlans, type ValueSlice } from '@kinovox/world';
import type { PolicyHost } from '../policy.js';
import { findConflicts, type MovingBody } from './conflicts.js';
import { pointsEach, rounded, thinned } from './way.js';

const ONE = 65536;
/** Slices are 8 m across. */
const SLICE_NODES = 17;
const SLICE_SPACING = 0.5;
/** Characters of a status, as the wire has them. */
const MOST_STATUS = 300;
const WALKER = { half: 0.3, below: 0, above: 1.8 };

export interface RowFilters {
  filterOf(slot: number): SafetyFilter | undefined;
  interventions: readonly SafetyIntervention[];
}

/** @param sliceSlots agents of whose filters slices are made; those without a filter, and the dead, have none. */
export function rowPlans(
  host: PolicyHost,
  row: number,
  plans: readonly AgentPlan[],
  filters: RowFilters,
  sliceSlots: readonly number[],
): RowPlans {
  const { state, program } = host.engine;
  const tick = state.tick[row];
  const isAlive = (slot: number) => (state.flags[row * program.numAgents + slot] & AGENT_FLAG.alive) !== 0;
  const living = [...plans].filter(({ slot }) => isAlive(slot)).sort((a, b) => a.slot - b.slot);
  const { conflicts, omitted } = findConflicts(bodiesOf(host, row, living, isAlive), tick);
  const most = pointsEach(living.filter(({ path }) => path.length > 0).length);
  const tried = Math.floor(PLAN_LIMITS.allRollouts / Math.max(1, living.filter(({ rollouts }) => rollouts.length > 0).length));
  const slices = sliceSlots
    .slice(0, PLAN_LIMITS.slices)
    .filter(isAlive)
    .flatMap((slot) => sliceFor(row, slot, filters) ?? []);
  return {
    tick,
    agents: living.map((plan) => ({
      ...plan,
      status: plan.status.slice(0, MOST_STATUS),
      path: thinned(plan.path, most),
      rollouts: plan.rollouts.slice(0, tried),
    })),
    conflicts,
    slices,
    omitted: omitted + living.filter(({ path }) => path.length > most).length,
  };
}

function bodiesOf(
  { engine, compiled }: PolicyHost,
  row: number,
  plans: readonly AgentPlan[],
  isAlive: (slot: number) => boolean,
): MovingBody[] {
  const { state, program } = engine;
  const bySlot = new Map(plans.map((plan) => [plan.slot, plan]));
  return compiled.base.agents.flatMap(({ body }, slot) => {
    if (!isAlive(slot)) return [];
    const i = row * program.numAgents + slot;
    const box =
      'vehicle' in body ? { half: Math.max(body.size[0], body.size[2]) / 2, below: body.size[1] / 2, above: body.size[1] / 2 } : WALKER;
    return [
      {
        slot,
        at: [state.posX[i] / ONE, state.posY[i] / ONE, state.posZ[i] / ONE] as const,
        velocity: [state.velX[i] / ONE, state.velY[i] / ONE, state.velZ[i] / ONE] as const,
        ...box,
        plan: bySlot.get(slot),
      },
    ];
  });
}

function sliceFor(row: number, slot: number, { filterOf, interventions }: RowFilters): ValueSlice | undefined {
  const filter = filterOf(slot);
  if (filter === undefined || filter.mode === 'off') return undefined;
  const { origin, y, spacing, nodes, values } = filter.sliceOf(row, slot, SLICE_NODES, SLICE_SPACING);
  const value = filter.valueOf(row, slot);
  const told = interventions.find((one) => one.row === row && one.slot === slot);
  const safe = value > filter.margin;
  return {
    slot,
    mode: filter.mode,
    value: rounded(value),
    margin: filter.margin,
    sentence:
      told?.sentence ??
      (safe ? `Braking from here keeps ${value.toFixed(2)} m from harm.` : 'Braking from here does not keep away from harm.'),
    y: rounded(y),
    origin: [rounded(origin[0]), rounded(origin[1])],
    spacing,
    nodes,
    values: Array.from(values, (one) => (Number.isNaN(one) ? null : rounded(one))),
  };
}
