/**
 * The one interface of all planners. A planner is a pure function of problem, budget and seed, but for the clock where a budget in milliseconds is
 * given: with `expansions` alone it returns the same on every machine.
 */
import type { Problem } from './problem/problem.js';
import type { Trajectory } from './trajectory.js';

export interface Budget {
  /** Wall-clock milliseconds; undefined = no limit. */
  readonly ms?: number;
  /** Nodes taken from open lists; undefined = no limit. */
  readonly expansions?: number;
}

export interface PlanOptions {
  readonly seed?: number;
  /** Told now and then: expansions so far, and the share of the budget that is spent, 0..1. */
  onProgress?(expansions: number, share: number): void;
}

/** What was spent, and what the plan costs; costs are null where there is no plan. */
export interface PlanStats {
  readonly expansions: number;
  readonly ms: number;
  /** Until the last agent arrives: seconds, or steps on grids. */
  readonly makespan: number | null;
  /** Arrival times summed over the agents; waiting at a goal that is left again counts. */
  readonly sumOfCosts: number | null;
  /** What else a planner counts, such as `conflicts`, `libraryMotions`. */
  readonly more?: Readonly<Record<string, number>>;
}

/**
 * `solved`: a trajectory per agent, in the order of the problem. `partial`: they end short of some goals, and are safe to follow.
 * `infeasible`: proven that there is no plan, or none within what the planner may use, as `reason` says. `timeout`: the budget ran out.
 */
export type PlanResult =
  | {
      readonly status: 'solved' | 'partial';
      readonly trajectories: readonly Trajectory[];
      readonly stats: PlanStats;
      readonly reason?: string;
    }
  | { readonly status: 'infeasible' | 'timeout'; readonly trajectories: readonly []; readonly stats: PlanStats; readonly reason: string };

export interface Planner<P extends Problem = Problem> {
  /** As the command line and policies name it, such as `lacam`. */
  readonly name: string;
  /** One sentence for help texts. */
  readonly description: string;
  /** Paper or book. */
  readonly source: string;
  /** Why the planner cannot take the problem, in a sentence; undefined where it can. */
  refuses(problem: Problem): string | undefined;
  plan(problem: P, budget: Budget, options?: PlanOptions): PlanResult | Promise<PlanResult>;
}
