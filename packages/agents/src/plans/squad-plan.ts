/**
 * The plan of a squad as people are shown it: each agent's way over the cells that are left to it, and the cells that are kept for it. Bodies keep the
 * order of a plan and not its times, so ticks ahead are estimates: the plan's steps at the pace of the squad's kind.
 */
import type { Lattice, TeamMarch, VisitOrder } from '@kinovox/planning';
import { type AgentPlan, PLAN_LIMITS } from '@kinovox/world';
import type { GridMember } from '../policies/squad-grid.js';
import type { SquadKind } from '../policies/squad-kind.js';
import { rounded } from './way.js';

/** Ticks that bodies take for a step of a plan, about: with turns and waiting. */
const TICKS_PER_STEP: Readonly<Record<SquadKind, number>> = { walker: 6, rover: 17, quadcopter: 30 };

/** A squad as it is after it last acted. */
export interface SquadState {
  number: number;
  tick: number;
  members: readonly GridMember[];
  /** Members of the march. */
  marching: readonly GridMember[];
  march: TeamMarch | undefined;
  order: VisitOrder | undefined;
  lattice: Lattice;
  kind: SquadKind;
  /** How many plans were tried. */
  plans: number;
  /** Why the present plan was made, and why there is none. */
  cause: string;
  refusal: string;
  /** Whether the plan holds; otherwise the one before it is followed as far as everybody is committed. */
  holds: boolean;
  isUnderWay: boolean;
  /** Tick from which the plan is followed, and the one from which another may be made. */
  readyAt: number;
  nextPlan: number;
}

export function squadPlans(squad: SquadState): AgentPlan[] {
  const { number, tick, march, order, marching, holds, readyAt, nextPlan } = squad;
  const again = `${squad.refusal} Plans again ${nextPlan > tick ? `in ${nextPlan - tick} ticks` : 'now'}.`.trim();
  const paying = `It ${squad.isUnderWay ? 'may go further' : 'sets out'} in ${readyAt - tick} ticks, when planning is paid for.`;
  const plan = holds ? `Plan ${squad.plans}, made because ${squad.cause}.${tick < readyAt ? ` ${paying}` : ''}` : again;
  return squad.members.map((member) => {
    const { slot } = member.view;
    const index = marching.indexOf(member);
    const none = { slot, planner: 'lacam', squad: number, path: [], exact: false, rollouts: [], cells: [] };
    if (march === undefined || order === undefined) return { ...none, status: again };
    if (index < 0) return { ...none, status: 'Stands: the plan is for those on another level.' };
    const last = holds ? order.times[index].length - 1 : march.permitted(index);
    const status = `${whereTo(member, index, last, march, marching)}. ${plan}`;
    return { ...none, status, ...wayOf(member, index, last, march, order, squad) };
  });
}

function whereTo({ view, claim }: GridMember, index: number, last: number, march: TeamMarch, marching: readonly GridMember[]): string {
  const errand = claim === undefined ? '' : `, to ${claim.kind} a block`;
  if (march.isDone(index)) return `Is where the plan ends${errand}`;
  const other = march.waitsFor(index);
  const waits = other < 0 ? '' : `, waits for ${view.roster[marching[other].view.slot].id}`;
  return `Cell ${march.progress(index)} of ${last}${errand}${waits}`;
}

/** The cells that are left to an agent. @param last visit that it means to make. */
function wayOf(
  { view }: GridMember,
  index: number,
  last: number,
  march: TeamMarch,
  order: VisitOrder,
  { lattice: { cell }, tick, kind }: SquadState,
): Pick<AgentPlan, 'path' | 'cells'> {
  const at = [view.x(), view.y(), view.z()];
  const ticksPerStep = TICKS_PER_STEP[kind];
  const cells = order.cells[index];
  const arrivals = stepsOf(order.times[index]);
  const reached = march.progress(index);
  const permitted = march.permitted(index);
  // The plan's clock stands where this agent is: it sets out for the next cell now.
  const begun = reached < last ? Math.max(arrivals[reached], arrivals[reached + 1] - 1) : arrivals[reached];
  const tickOf = (visit: number) => Math.round(tick + Math.max(0, arrivals[visit] - begun) * ticksPerStep);
  const flat = cells.every((value, k) => k % 3 !== 1 || value === cells[1]);
  const corner = (visit: number, axis: number) => (axis === 1 && flat ? Math.floor(at[1] + 0.01) : cells[3 * visit + axis] * cell);
  const middle = (visit: number, axis: number) => (axis === 1 && flat ? at[1] : corner(visit, axis) + cell / 2);
  const path: AgentPlan['path'] = [[rounded(at[0]), rounded(at[1]), rounded(at[2]), tick]];
  for (let visit = reached + 1; visit <= last; visit++)
    path.push([rounded(middle(visit, 0)), rounded(middle(visit, 1)), rounded(middle(visit, 2)), tickOf(visit)]);
  const kept: AgentPlan['cells'] = [];
  for (let visit = reached; visit <= last && kept.length < PLAN_LIMITS.cells; visit++)
    kept.push({
      at: [corner(visit, 0), corner(visit, 1), corner(visit, 2)],
      edge: cell,
      from: tickOf(visit),
      // It stays in the last.
      to: visit === last ? tickOf(visit) : tickOf(visit + 1),
      held: visit <= permitted,
    });
  return { path, cells: kept };
}

/** When the plan has an agent come to each cell. Those before a plan that took over on the way are its own already: it goes through them at its pace. */
function stepsOf(times: Float64Array): Float64Array {
  const begins = times.findLastIndex((time) => time < 0);
  return times.map((time, visit) => (visit <= begins ? visit - begins : time));
}
