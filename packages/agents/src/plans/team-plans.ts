/**
 * Which ways agents let others of their team know. A team shares them unless goals are hidden from one of it, whom a way would tell what it is to be told in
 * words; `messages.teamPlans` of the scenario says otherwise. What is shared is what was meant at the last act, so that it does not depend on who decides first.
 */
import type { AgentPlan } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import type { PolicyHost } from '../policy.js';

/** Of the plans of a world, those that an agent may know and that lead somewhere. */
export function plansFor({ slot, roster, rules }: AgentView, plans: readonly AgentPlan[]): AgentPlan[] {
  const { team } = roster[slot];
  const shares = rules.messages.teamPlans ?? !roster.some((agent) => agent.team === team && agent.goals !== 'visible');
  return shares ? plans.filter((plan) => plan.slot !== slot && roster[plan.slot].team === team && plan.path.length > 1) : [];
}

/** What the agents of each world mean to do, asked for once a tick. */
export class PlanBoard {
  readonly #host: PolicyHost;
  readonly #gather: (row: number) => AgentPlan[];
  readonly #kept = new Map<number, { readonly tick: number; readonly episode: number; readonly plans: readonly AgentPlan[] }>();

  /** @param gather the plans of a world as they are now. */
  constructor(host: PolicyHost, gather: (row: number) => AgentPlan[]) {
    this.#host = host;
    this.#gather = gather;
  }

  /** A tick begins. */
  begin(): void {
    this.#kept.clear();
  }

  /** As they were when first asked for in this tick. */
  of(row: number): readonly AgentPlan[] {
    const { state } = this.#host.engine;
    const [tick, episode] = [state.tick[row], state.episode[row]];
    const kept = this.#kept.get(row);
    if (kept?.tick === tick && kept.episode === episode) return kept.plans;
    const plans = this.#gather(row);
    this.#kept.set(row, { tick, episode, plans });
    return plans;
  }
}
