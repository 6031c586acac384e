/**
 * Planner `lacam`: LaCAM* for a first plan, and a better one for as long as the budget lasts: first by searching on, then path by path around the others.
 */
import type { Budget, Planner, PlanOptions, PlanResult } from '../planner.js';
import type { GridProblem } from '../problem/problem.js';
import { improvePlan } from './improve.js';
import { searchLacam } from './lacam.js';
import { createSpending } from './spending.js';
import { createTeam, refuseTeamProblem, teamCosts, teamPaths } from './team.js';

/** What of the budget that is left after the first plan goes into searching on; the rest into improving paths. */
const SEARCH_SHARE = 0.1;

export const lacamPlanner: Planner<GridProblem> = {
  name: 'lacam',
  description: 'Large teams on grids: LaCAM*, complete; uses a budget to the end to better its plan, and without one returns the first.',
  source: 'Okumura, AAAI 2023 and IJCAI 2023',
  refuses: (problem) => refuseTeamProblem(problem, 'lacam'),
  plan: planLacam,
};

function planLacam(problem: GridProblem, budget: Budget, options: PlanOptions = {}): PlanResult {
  const spending = createSpending(budget, options);
  const team = createTeam(problem, spending);
  if (team === undefined) return { status: 'timeout', trajectories: [], stats: spending.stats(), reason: spending.sentence };
  if (typeof team === 'string') return { status: 'infeasible', trajectories: [], stats: spending.stats(), reason: team };
  const seed = options.seed ?? 0;
  const bounded = budget.ms !== undefined || budget.expansions !== undefined;
  const found = searchLacam(team, spending, {
    seed,
    improveShare: bounded ? SEARCH_SHARE : 0,
    // A configuration costs as much time as a node of a path for each of its agents.
    improveExpansions: ((budget.expansions ?? Number.POSITIVE_INFINITY) * SEARCH_SHARE) / team.numAgents,
  });
  const counts = { configurations: found.numConfigurations };
  if (found.plan === undefined) {
    if (!found.exhausted)
      return { status: 'timeout', trajectories: [], stats: spending.stats(undefined, counts), reason: spending.sentence };
    const reason = `All ${found.numConfigurations} configurations that the agents can reach were tried, and in none of them all are at their goals.`;
    return { status: 'infeasible', trajectories: [], stats: spending.stats(undefined, counts), reason };
  }
  const first = { firstMs: found.firstMs ?? 0, firstExpansions: found.firstExpansions ?? 0, lowerBound: team.lowerBound };
  const firstCosts = teamCosts(team, found.plan);
  // No plan costs less than the least sum of edges.
  const optimal = (found.exhausted && found.cost === firstCosts.sumOfCosts) || firstCosts.sumOfCosts === team.lowerBound;
  const { plan, tried, better } =
    bounded && !optimal ? improvePlan(team, found.plan, spending, seed) : { plan: found.plan, tried: 0, better: 0 };
  return {
    status: 'solved',
    trajectories: teamPaths(team, plan),
    stats: spending.stats(teamCosts(team, plan), {
      ...counts,
      ...first,
      provenOptimal: optimal ? 1 : 0,
      searchedSumOfCosts: firstCosts.sumOfCosts,
      neighbourhoods: tried,
      betterNeighbourhoods: better,
    }),
  };
}
