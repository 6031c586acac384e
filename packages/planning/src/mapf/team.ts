/**
 * A grid problem as planners for teams take it: graph, start and goal vertices, distance tables; or the reason why there can be no plan. And the way
 * back: a plan of configurations as one path of cells per agent.
 */
import type { GridProblem, Problem } from '../problem/problem.js';
import type { CellPath } from '../trajectory.js';
import { type CellGraph, createCellGraph, vertexAt, writeCell } from './cell-graph.js';
import { createDistanceTables, type DistanceTable } from './distance-tables.js';
import type { Spending } from './spending.js';

export interface Team {
  readonly problem: GridProblem;
  readonly graph: CellGraph;
  /** N */
  readonly numAgents: number;
  /** `[N]` vertices. */
  readonly starts: Int32Array;
  readonly goals: Int32Array;
  /** `[N]` steps to the goal of each. */
  readonly distances: readonly DistanceTable[];
  /** Sum of the single shortest ways: no plan costs less. */
  readonly lowerBound: number;
}

/** `configurations[t * N + i]` is the vertex of agent i at step t, 0 <= t <= `numSteps`. */
export interface TeamPlan {
  readonly numSteps: number;
  readonly configurations: Int32Array;
}

/** Agents times cells: up to 4 GiB of distances and queues. */
const MOST_DISTANCES = 2 ** 29;

/** Why a planner of unit steps on axis moves cannot take a problem. */
export function refuseTeamProblem(problem: Problem, planner: string): string | undefined {
  if (problem.kind !== 'grid') return `${planner} plans on grids; ${problem.name} is a problem of robots with dynamics.`;
  if (problem.timing !== 'steps')
    return `${planner} plans where every move takes one step; in ${problem.name} moves take their length. Planner pp takes those.`;
  if (problem.moves !== 4 && problem.moves !== 6)
    return `${planner} plans with 4 or 6 moves; ${problem.name} has ${problem.moves}, and with timing steps it is not said how two diagonals may cross.`;
  return refuseLargeTeam(problem, planner, MOST_DISTANCES);
}

/** Distances to each goal must fit into memory. */
export function refuseLargeTeam({ name, agents, grid }: GridProblem, planner: string, most: number): string | undefined {
  const numCells = grid.size[0] * grid.size[1] * grid.size[2];
  if (agents.length * numCells <= most) return undefined;
  return `${planner} keeps a distance per agent and cell, at most ${most} of them; ${name} has ${agents.length} agents and ${numCells} cells. Take fewer agents.`;
}

/** The team, or one sentence that proves that it has no plan; with `spending` undefined where the budget ran out before the distances were there. */
export function createTeam(problem: GridProblem): Team | string;
export function createTeam(problem: GridProblem, spending: Spending): Team | string | undefined;
export function createTeam(problem: GridProblem, spending?: Spending): Team | string | undefined {
  const { grid, agents } = problem;
  const graph = createCellGraph(grid, problem.moves);
  const numAgents = agents.length;
  if (numAgents === 0) return 'There must be agents to plan for; the problem has none.';
  if (numAgents > graph.numVertices) return `${numAgents} agents cannot stand in ${graph.numVertices} free cells.`;
  const starts = new Int32Array(numAgents);
  const goals = new Int32Array(numAgents);
  const startOf = new Int32Array(graph.numVertices).fill(-1);
  const goalOf = new Int32Array(graph.numVertices).fill(-1);
  for (let i = 0; i < numAgents; i++) {
    const { name, start, goal } = agents[i];
    starts[i] = vertexAt(graph, grid, start);
    goals[i] = vertexAt(graph, grid, goal);
    if (starts[i] < 0) return `Agent ${name} starts at ${start.join(' ')}, which is ${within(problem, start)}.`;
    if (goals[i] < 0) return `The goal of agent ${name} is ${goal.join(' ')}, which is ${within(problem, goal)}.`;
    if (startOf[starts[i]] >= 0) return `Agents ${agents[startOf[starts[i]]].name} and ${name} both start at ${start.join(' ')}.`;
    if (goalOf[goals[i]] >= 0) return `Agents ${agents[goalOf[goals[i]]].name} and ${name} both have the goal ${goal.join(' ')}.`;
    startOf[starts[i]] = i;
    goalOf[goals[i]] = i;
    if (graph.component[starts[i]] !== graph.component[goals[i]])
      return `Agent ${name} has no way from ${start.join(' ')} to ${goal.join(' ')}, even alone.`;
  }
  const tables = createDistanceTables(graph);
  const distances: DistanceTable[] = [];
  let lowerBound = 0;
  for (let i = 0; i < numAgents; i++) {
    if (spending?.look()) return undefined;
    distances.push(tables.to(goals[i]));
    lowerBound += distances[i].at(starts[i]);
  }
  return { problem, graph, numAgents, starts, goals, distances, lowerBound };
}

/** One past the last step at which an agent is not at its goal. */
export function arrivalStep({ numAgents, goals }: Team, { numSteps, configurations }: TeamPlan, agent: number): number {
  let step = numSteps;
  while (step > 0 && configurations[(step - 1) * numAgents + agent] === goals[agent]) step--;
  return configurations[numSteps * numAgents + agent] === goals[agent] ? step : numSteps;
}

export function teamCosts(team: Team, plan: TeamPlan): { makespan: number; sumOfCosts: number } {
  let makespan = 0;
  let sumOfCosts = 0;
  for (let i = 0; i < team.numAgents; i++) {
    const arrival = arrivalStep(team, plan, i);
    sumOfCosts += arrival;
    if (arrival > makespan) makespan = arrival;
  }
  return { makespan, sumOfCosts };
}

/** One path per agent, ended where it has arrived for good. */
export function teamPaths(team: Team, plan: TeamPlan): CellPath[] {
  const { problem, graph, numAgents } = team;
  return problem.agents.map(({ name }, i) => {
    const arrival = arrivalStep(team, plan, i);
    const cells = new Int32Array(3 * (arrival + 1));
    const times = new Float64Array(arrival + 1);
    for (let t = 0; t <= arrival; t++) {
      writeCell(cells, 3 * t, graph, problem.grid, plan.configurations[t * numAgents + i]);
      times[t] = t;
    }
    return { kind: 'cells', robot: name, cells, times, tail: 'hold' };
  });
}

function within({ grid: { size } }: GridProblem, cell: readonly [number, number, number]): string {
  return cell.every((at, axis) => at >= 0 && at < size[axis]) ? 'blocked' : `outside the grid of ${size.join(' x ')} cells`;
}
