/**
 * Plans that bodies can follow: LaCAM*, without turns in a ring (bodies that nearly fill their cells cannot all leave at once into the cell of the
 * next). Data flow: cells and goals -> LaCAM with PIBT, rings refused -> paths -> order of visits.
 */
import { searchLacam } from '../mapf/lacam.js';
import { createPibt, type Pibt } from '../mapf/pibt.js';
import { createSpending } from '../mapf/spending.js';
import { createTeam, teamCosts, teamPaths } from '../mapf/team.js';
import type { Budget, PlanOptions, PlanResult } from '../planner.js';
import type { GridProblem } from '../problem/problem.js';

export interface SquadPlanOptions extends PlanOptions {
  /** What of the budget goes into a better plan once there is one, 0..1; 0.2 unless said otherwise. */
  improveShare?: number;
}

/** As planner `lacam`, but for rings. With both seed and a budget of expansions the result is the same on every machine. */
export function planSquad(problem: GridProblem, budget: Budget, options: SquadPlanOptions = {}): PlanResult {
  const spending = createSpending(budget, options);
  const team = createTeam(problem, spending);
  if (team === undefined) return { status: 'timeout', trajectories: [], stats: spending.stats(), reason: spending.sentence };
  if (typeof team === 'string') return { status: 'infeasible', trajectories: [], stats: spending.stats(), reason: team };
  const seed = options.seed ?? 0;
  const pibt = createPibt(team.graph, [...team.distances], { seed });
  const generator = withoutRings(pibt, team.graph.numVertices);
  const found = searchLacam(team, spending, { seed, improveShare: options.improveShare ?? 0.2, generator });
  if (found.plan === undefined) {
    if (!found.exhausted) return { status: 'timeout', trajectories: [], stats: spending.stats(), reason: spending.sentence };
    return {
      status: 'infeasible',
      trajectories: [],
      stats: spending.stats(),
      reason: `All ${found.numConfigurations} configurations that the agents can reach without turning in a ring were tried, and in none of them all are at their goals.`,
    };
  }
  return { status: 'solved', trajectories: teamPaths(team, found.plan), stats: spending.stats(teamCosts(team, found.plan)) };
}

/** Refuses configurations in which each of some agents enters the cell that the next of them leaves, all around. */
export function withoutRings({ generate }: Pick<Pibt, 'generate'>, numVertices: number): Pick<Pibt, 'generate'> {
  const occupant = new Int32Array(numVertices).fill(-1);
  return {
    generate(from, order, numFixed, who, where, to) {
      if (!generate(from, order, numFixed, who, where, to)) return false;
      for (let i = 0; i < from.length; i++) occupant[from[i]] = i;
      let ring = false;
      for (let i = 0; i < from.length && !ring; i++) {
        let next = to[i] === from[i] ? -1 : occupant[to[i]];
        // Whoever is entered by nobody else leads a chain to its end; a chain that comes back is a ring.
        for (let steps = 0; next >= 0 && next !== i && to[next] !== from[next] && steps < from.length; steps++) next = occupant[to[next]];
        ring = next === i;
      }
      for (let i = 0; i < from.length; i++) occupant[from[i]] = -1;
      return !ring;
    },
  };
}
