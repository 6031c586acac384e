/**
 * Planner `astar`: the best way of one agent on a grid, by A* as in `search.ts`. A problem with several agents is refused: see the planners for teams.
 * Source: Hart, Nilsson, Raphael, "A Formal Basis for the Heuristic Determination of Minimum Cost Paths" (1968).
 */
import type { Budget, Planner, PlanOptions, PlanResult, PlanStats } from '../planner.js';
import type { GridProblem, Problem } from '../problem/problem.js';
import type { CellPath } from '../trajectory.js';
import { LengthCounts } from './moves.js';
import { GridSearch } from './search.js';
import { GridSpace } from './space.js';

export const astar: Planner<GridProblem> = {
  name: 'astar',
  description: 'the shortest way of one agent on a grid',
  source: 'Hart, Nilsson, Raphael 1968; pruning of equal ways after Harabor and Grastien 2011',
  refuses(problem: Problem): string | undefined {
    if (problem.kind !== 'grid') return `astar plans on grids; ${problem.name} has robots with dynamics.`;
    if (problem.agents.length === 1) return undefined;
    return `astar plans for one agent; ${problem.name} has ${problem.agents.length}. Take a planner for teams, or --agents 1.`;
  },
  plan: planOne,
};

function planOne(problem: GridProblem, budget: Budget, options: PlanOptions = {}): PlanResult {
  const began = performance.now();
  const [agent] = problem.agents;
  const space = new GridSpace(problem.grid, problem.moves);
  const search = new GridSearch(space, { timing: problem.timing });
  const none = (status: 'infeasible' | 'timeout', reason: string): PlanResult => ({
    status,
    trajectories: [],
    stats: stats(search.expansions, began, null),
    reason,
  });
  for (const end of ['start', 'goal'] as const) {
    const [x, y, z] = agent[end];
    if (!space.contains(x, y, z)) return none('infeasible', `The ${end} of ${agent.name}, ${agent[end].join(' ')}, lies outside the grid.`);
    if (space.blocked[space.cellOf(x, y, z)] === 1)
      return none('infeasible', `The ${end} of ${agent.name}, ${agent[end].join(' ')}, is a blocked cell.`);
  }
  const { expansions = Number.POSITIVE_INFINITY, ms = Number.POSITIVE_INFINITY } = budget;
  const outcome = search.run(space.cellOf(...agent.start), space.cellOf(...agent.goal), {
    expansions,
    stop: (done) => {
      options.onProgress?.(done, Math.min(1, Math.max(done / expansions, (performance.now() - began) / ms)));
      return performance.now() - began > ms;
    },
  });
  if (outcome === 'unreachable')
    return none(
      'infeasible',
      `${agent.name} cannot reach its goal: all that it can reach was searched, in ${search.expansions} expansions.`,
    );
  if (outcome === 'budget') return none('timeout', `The budget ended after ${search.expansions} expansions.`);
  const path = pathOf(space, agent.name, agent.start, search.moves(), problem.timing);
  return { status: 'solved', trajectories: [path], stats: stats(search.expansions, began, path.times[path.times.length - 1]) };
}

/** Cells and times of a chain of moves without waits. */
export function pathOf(
  { table }: GridSpace,
  robot: string,
  start: readonly [number, number, number],
  moves: readonly number[],
  timing: 'steps' | 'lengths',
): CellPath {
  const cells = new Int32Array(3 * (moves.length + 1));
  const times = new Float64Array(moves.length + 1);
  const lengths = new LengthCounts();
  cells.set(start);
  moves.forEach((move, k) => {
    const [dx, dy, dz] = [table.dx[move], table.dy[move], table.dz[move]];
    cells.set([cells[3 * k] + dx, cells[3 * k + 1] + dy, cells[3 * k + 2] + dz], 3 * (k + 1));
    lengths.add(dx, dy, dz);
    times[k + 1] = timing === 'steps' ? k + 1 : lengths.total();
  });
  return { kind: 'cells', robot, cells, times, tail: 'hold' };
}

function stats(expansions: number, began: number, cost: number | null): PlanStats {
  return { expansions, ms: performance.now() - began, makespan: cost, sumOfCosts: cost };
}
