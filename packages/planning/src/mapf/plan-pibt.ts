/**
 * Planner `pibt`: PIBT step after step until all agents are at their goals at once. Without search it may not end: it gives up after a stated number of
 * steps and hands over where the team got, which is always safe to follow. One expansion = one step of the team.
 */
import type { Budget, Planner, PlanOptions, PlanResult } from '../planner.js';
import type { GridProblem } from '../problem/problem.js';
import { createPibt, type PibtOptions } from './pibt.js';
import { createSpending, type Spending } from './spending.js';
import { createTeam, refuseTeamProblem, type Team, type TeamPlan, teamCosts, teamPaths } from './team.js';

/** Steps after which a team that has not arrived is taken to turn in circles: so many times the longest single way and the number of agents. */
const PATIENCE = 20;

export const pibtPlanner: Planner<GridProblem> = {
  name: 'pibt',
  description:
    'Large teams on grids, one step ahead: PIBT, fast, never in collision, but not sure to arrive; partial plans where it does not.',
  source: 'Okumura, Machida, Défago, Tamura, Artificial Intelligence 310, 2022',
  refuses: (problem) => refuseTeamProblem(problem, 'pibt'),
  plan(problem, budget, options) {
    return planPibt(problem, budget, options);
  },
};

/** Plain PIBT unless `swap` is set. */
export function planPibt(
  problem: GridProblem,
  budget: Budget,
  options: PlanOptions = {},
  { swap = false }: Pick<PibtOptions, 'swap'> = {},
): PlanResult {
  const spending = createSpending(budget, options);
  const team = createTeam(problem, spending);
  if (team === undefined) return { status: 'timeout', trajectories: [], stats: spending.stats(), reason: spending.sentence };
  if (typeof team === 'string') return { status: 'infeasible', trajectories: [], stats: spending.stats(), reason: team };
  const { plan, numLeft } = rollOut(team, spending, { seed: options.seed ?? 0, swap });
  const trajectories = teamPaths(team, plan);
  const stats = spending.stats(teamCosts(team, plan), { lowerBound: team.lowerBound });
  if (numLeft === 0) return { status: 'solved', trajectories, stats };
  const reason = `After ${plan.numSteps} steps ${numLeft} of ${team.numAgents} agents are not at their goals. Planner lacam searches on where PIBT turns in circles.`;
  return { status: 'partial', trajectories, stats: { ...stats, makespan: null, sumOfCosts: null }, reason };
}

function rollOut(team: Team, spending: Spending, options: PibtOptions): { plan: TeamPlan; numLeft: number } {
  const { graph, numAgents, starts, goals, distances } = team;
  const pibt = createPibt(graph, [...distances], options);
  const none = new Int32Array(0);
  const longest = distances.reduce((most, distance, i) => Math.max(most, distance.at(starts[i])), 0);
  const patience = PATIENCE * (longest + numAgents + 1);
  const configurations = [starts];
  // Steps since the agent was at its goal; ties by the way it had at the start, as a share below one step.
  const elapsed = Float64Array.from(distances, (distance, i) => distance.at(starts[i]) / (graph.numVertices + 1));
  const order = Array.from(elapsed.keys());
  for (;;) {
    const from = configurations[configurations.length - 1];
    const numLeft = from.reduce((count, vertex, i) => count + (vertex === goals[i] ? 0 : 1), 0);
    if (numLeft === 0 || spending.spent || configurations.length > patience)
      return { plan: { numSteps: configurations.length - 1, configurations: joined(configurations, numAgents) }, numLeft };
    order.sort((a, b) => elapsed[b] - elapsed[a] || a - b);
    const to = new Int32Array(numAgents);
    spending.expand();
    pibt.generate(from, order, 0, none, none, to);
    for (let i = 0; i < numAgents; i++) elapsed[i] = to[i] === goals[i] ? elapsed[i] % 1 : elapsed[i] + 1;
    configurations.push(to);
  }
}

function joined(configurations: readonly Int32Array[], numAgents: number): Int32Array {
  const all = new Int32Array(configurations.length * numAgents);
  for (let t = 0; t < configurations.length; t++) all.set(configurations[t], t * numAgents);
  return all;
}
