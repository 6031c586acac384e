/**
 * The reservations of a team as people are shown them: each agent's way until it rests, with its ticks, and where along it nobody else may be. What is reserved
 * is mostly replaced before it ends, so ticks hold only until then.
 */
import type { PlannedVehicle, ReservedTeam } from '@kinovox/planning';
import { type AgentPlan, PLAN_LIMITS } from '@kinovox/world';
import type { GridMember } from '../policies/squad-grid.js';
import { rounded, thinned } from './way.js';

/** A squad as it is after it last acted. */
export interface ReservedSquadState {
  number: number;
  tick: number;
  members: readonly (GridMember & { readonly body: PlannedVehicle })[];
  /** Members of the team. */
  moving: readonly GridMember[];
  team: ReservedTeam | undefined;
  /** How many plans were tried. */
  plans: number;
  refusal: string;
  /** Ticks until a plan that was made is paid for. */
  waits: number;
}

export function reservedPlans({ number, tick, members, moving, team, plans, refusal, waits }: ReservedSquadState): AgentPlan[] {
  const paying = waits > 0 ? ` Plan ${plans} is followed in ${waits} ticks, when it is paid for.` : '';
  return members.map((member) => {
    const { view, body } = member;
    const i = moving.indexOf(member);
    const own = i < 0 ? undefined : team?.reservation(i);
    const none = { slot: view.slot, planner: 'pibt', squad: number, path: [], exact: false, rollouts: [], cells: [] };
    if (team === undefined || own === undefined) return { ...none, status: `${refusal} Brakes: nothing is reserved.${paying}`.trim() };
    const { reservation } = own;
    const { steps, states } = reservation;
    const nx = states.length / (steps + 1);
    const place = (k: number): [number, number, number] => {
      const row = nx * k;
      return body.vehicle === 'quadcopter' ? [states[row], states[row + 1], states[row + 2]] : [states[row], view.y(), states[row + 1]];
    };
    const rows = thinned(
      Array.from({ length: steps + 1 }, (_, k) => k).filter((k) => own.tick + k > tick),
      Math.min(PLAN_LIMITS.wayPoints, PLAN_LIMITS.cells + 1) - 1,
    );
    const edge = Math.max(...body.size) + 2 * team.roomOf(i);
    const here: AgentPlan['path'][number] = [rounded(view.x()), rounded(view.y()), rounded(view.z()), tick];
    return {
      ...none,
      status: `Has reserved ${Math.max(0, own.tick + steps - tick)} ticks, at the end of which it rests, with ${rounded(team.roomOf(i))} m around it. Reservations were begun anew when ${team.cause}.${paying}`,
      path: [here, ...rows.map((k): AgentPlan['path'][number] => [...(place(k).map(rounded) as [number, number, number]), own.tick + k])],
      cells: rows.map((k, n) => ({
        at: place(k).map((metres) => rounded(metres - edge / 2)) as [number, number, number],
        edge: rounded(edge),
        from: n === 0 ? tick : own.tick + rows[n - 1],
        to: own.tick + k,
        held: true,
      })),
    };
  });
}
