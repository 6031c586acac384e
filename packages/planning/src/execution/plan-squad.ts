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
  /**
   * What of the budget goes into a better plan once there is one, 0..1; 0.2 unless said otherwise. With 0 any plan will do, and where rings are drawn
   * again and again those in them stand still: a plan is found more often, and may be long.
   */
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
  const { improveShare = 0.2 } = options;
  const generator = withoutRings(pibt, team.graph.numVertices, improveShare === 0 ? PATIENCE : Number.POSITIVE_INFINITY);
  const found = searchLacam(team, spending, { seed, improveShare, generator });
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

/** Refusals in a row after which those in a ring stand still, where any plan will do. */
const PATIENCE = 32;

/**
 * No configurations in which each of some agents enters the cell that the next of them leaves, all around: they are refused. After a refusal the search
 * tries what else the first in its order could do, so a ring of others may be drawn again and again.
 * @param patience refusals in a row after which all in the ring stay where they are instead.
 */
export function withoutRings(
  { generate }: Pick<Pibt, 'generate'>,
  numVertices: number,
  patience = Number.POSITIVE_INFINITY,
): Pick<Pibt, 'generate'> {
  const occupant = new Int32Array(numVertices).fill(-1);
  let refusals = 0;
  return {
    generate(from, order, numFixed, who, where, to) {
      if (!generate(from, order, numFixed, who, where, to)) return false;
      for (let i = 0; i < from.length; i++) occupant[from[i]] = i;
      let allowed = true;
      for (let i = 0; i < from.length && allowed; i++) {
        let next = to[i] === from[i] ? -1 : occupant[to[i]];
        // Whoever is entered by nobody else leads a chain to its end; a chain that comes back is a ring.
        for (let steps = 0; next >= 0 && next !== i && to[next] !== from[next] && steps < from.length; steps++) next = occupant[to[next]];
        if (next !== i) continue;
        allowed = refusals >= patience;
        // Nobody else enters their cells, so they can stay; who is told to go cannot.
        for (let member = i; allowed && to[member] !== from[member]; ) {
          const ahead = occupant[to[member]];
          for (let k = 0; k < numFixed; k++) if (who[k] === member) allowed = false;
          to[member] = from[member];
          member = ahead;
        }
      }
      for (let i = 0; i < from.length; i++) occupant[from[i]] = -1;
      refusals = allowed ? 0 : refusals + 1;
      return allowed;
    },
  };
}
