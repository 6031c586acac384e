/** Planner `pp`: prioritised safe interval path planning on grids, for every set of moves and both timings. */
import { OpenList } from '../grid/open-list.js';
import { GridSpace } from '../grid/space.js';
import type { Budget, Planner, PlanOptions, PlanResult } from '../planner.js';
import type { GridProblem } from '../problem/problem.js';
import { type PrioritisedTask, planPrioritised } from './prioritised.js';
import { createSpending, type Spending } from './spending.js';
import { refuseLargeTeam } from './team.js';

/** Agents times cells: 1 GiB of distances. */
const MOST_DISTANCES = 2 ** 27;

export const prioritisedPlanner: Planner<GridProblem> = {
  name: 'pp',
  description:
    'Teams on grids, in steps or with moves that take their length: one agent after the other; not complete; uses a budget to the end to better its plan.',
  source: 'Silver, AIIDE 2005; Phillips, Likhachev, ICRA 2011; Li et al., IJCAI 2021',
  refuses(problem) {
    if (problem.kind !== 'grid') return `pp plans on grids; ${problem.name} is a problem of robots with dynamics.`;
    return refuseLargeTeam(problem, 'pp', MOST_DISTANCES);
  },
  plan(problem, budget, options) {
    return plan(problem, budget, options);
  },
};

function plan(problem: GridProblem, budget: Budget, options: PlanOptions = {}): PlanResult {
  const spending = createSpending(budget, options);
  const task = createTask(problem, spending);
  if (task === undefined) return { status: 'timeout', trajectories: [], stats: spending.stats(), reason: spending.sentence };
  if (typeof task === 'string') return { status: 'infeasible', trajectories: [], stats: spending.stats(), reason: task };
  const bounded = budget.ms !== undefined || budget.expansions !== undefined;
  const { paths, orders, tried } = planPrioritised(task, spending, options.seed ?? 0, bounded);
  if (paths === undefined) {
    const reason = bounded
      ? spending.sentence
      : `None of ${orders} orders of the agents gives a plan. That does not prove that there is none; give a budget to try more.`;
    return { status: 'timeout', trajectories: [], stats: spending.stats(undefined, { orders }), reason };
  }
  const arrivals = paths.map(({ times }) => times[times.length - 1]);
  const costs = { makespan: Math.max(...arrivals), sumOfCosts: arrivals.reduce((sum, one) => sum + one, 0) };
  return {
    status: 'solved',
    trajectories: paths,
    stats: spending.stats(costs, { orders, neighbourhoods: tried, lowerBound: task.lowerBound }),
  };
}

/** The task, or a sentence that proves that it has no plan; undefined where the budget ran out before the distances were there. */
function createTask(problem: GridProblem, spending: Spending): PrioritisedTask | string | undefined {
  const { agents, grid, timing } = problem;
  if (agents.length === 0) return 'There must be agents to plan for; the problem has none.';
  const space = new GridSpace(grid, problem.moves);
  for (const { name, start, goal } of agents)
    for (const [what, cell] of [
      ['start', start],
      ['goal', goal],
    ] as const) {
      if (!space.contains(...cell))
        return `The ${what} of agent ${name}, ${cell.join(' ')}, lies outside the grid of ${grid.size.join(' x ')} cells.`;
      if (space.blocked[space.cellOf(...cell)] !== 0) return `The ${what} of agent ${name}, ${cell.join(' ')}, is blocked.`;
    }
  for (const end of ['start', 'goal'] as const) {
    const crowd = crowded(problem, end);
    if (crowd !== undefined) return crowd;
  }
  const starts = agents.map(({ start }) => space.cellOf(...start));
  const goals = agents.map(({ goal }) => space.cellOf(...goal));
  const distances: Float64Array[] = [];
  for (const goal of goals) {
    const table = distancesTo(space, goal, timing, spending);
    if (table === undefined) return undefined;
    distances.push(table);
  }
  const cut = agents.findIndex((_, i) => distances[i][starts[i]] === Number.POSITIVE_INFINITY);
  if (cut >= 0)
    return `Agent ${agents[cut].name} has no way from ${agents[cut].start.join(' ')} to ${agents[cut].goal.join(' ')}, even alone.`;
  return { problem, space, starts, goals, distances, lowerBound: starts.reduce((sum, start, i) => sum + distances[i][start], 0) };
}

/** Two agents that would overlap at their starts, or at their goals. */
function crowded({ agents, timing, radius }: GridProblem, end: 'start' | 'goal'): string | undefined {
  // Compared as squares; discs that touch do not overlap.
  const apart = timing === 'steps' ? 1 : Math.max(1e-9, 4 * radius * radius - 1e-9);
  for (const [i, a] of agents.entries())
    for (const b of agents.slice(0, i)) {
      const square = a[end].reduce((sum, at, axis) => sum + (at - b[end][axis]) ** 2, 0);
      if (square < apart)
        return `The ${end}s of agents ${b.name} and ${a.name}, ${b[end].join(' ')} and ${a[end].join(' ')}, ${square === 0 ? 'are one cell' : 'are nearer than two radii'}.`;
    }
  return undefined;
}

/** Cells of a table between two looks at the clock. */
const LOOK = 4096;

/** Dijkstra backward from the goal; a way back is as long as the way there. Undefined where the budget is spent. */
function distancesTo(space: GridSpace, goal: number, timing: 'steps' | 'lengths', spending: Spending): Float64Array | undefined {
  if (spending.look()) return undefined;
  const distances = new Float64Array(space.numCells).fill(Number.POSITIVE_INFINITY);
  const open = new OpenList(space.numCells);
  distances[goal] = 0;
  open.push(goal, 0, 0);
  for (let popped = 1; open.size > 0; popped++) {
    if (popped % LOOK === 0 && spending.look()) return undefined;
    open.pop();
    const cell = open.id;
    for (let mask = space.openMoves(cell); mask !== 0; mask &= mask - 1) {
      const move = 31 - Math.clz32(mask & -mask);
      const next = cell + space.deltas[move];
      const at = distances[cell] + (timing === 'steps' ? 1 : space.table.length[move]);
      if (at >= distances[next] - 1e-12) continue;
      const known = distances[next] !== Number.POSITIVE_INFINITY;
      distances[next] = at;
      if (known) open.decrease(next, at);
      else open.push(next, at, at);
    }
  }
  return distances;
}
