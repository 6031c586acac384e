/** LaCAM* and PIBT: complete, right, the same for a seed, and cheaper the longer they search. */
import {
  type CellPath,
  createSpending,
  createTeam,
  type GridProblem,
  lacamPlanner,
  type PlanResult,
  planPibt,
  searchLacam,
  type Team,
  teamPaths,
} from '@kinovox/planning';
import { describe, expect, it } from 'vitest';
import { describeWithBenchData } from '../bench-data.js';
import { drawn, judge, randomMap, toy } from './team-problems.js';

const TOYS = ['tree', 'corners', 'tunnel', 'string', 'loop-chain', 'connector'];
const plan = async (problem: GridProblem, budget = {}, seed = 0): Promise<PlanResult> => await lacamPlanner.plan(problem, budget, { seed });
const teamOf = (problem: GridProblem): Team => createTeam(problem) as Team;

describe('lacam', () => {
  it('lets two agents past each other where there is a bay', async () => {
    const problem = drawn(['.....', '@@.@@'], [[0, 0, 4, 0], [4, 0, 0, 0]]); // biome-ignore format: rows of a table
    const { status, trajectories, stats } = await plan(problem);
    expect([status, judge(problem, trajectories)]).toEqual(['solved', 'right']);
    expect(stats.sumOfCosts).toBeGreaterThanOrEqual(10);
  });
  it('proves that two agents in a corridor cannot get past each other', async () => {
    const { status, reason } = await plan(drawn(['.....'], [[0, 0, 4, 0], [4, 0, 0, 0]])); // biome-ignore format: rows of a table
    expect(status).toBe('infeasible');
    expect(reason).toMatch(/All \d+ configurations .* were tried/);
  });
  it('finds the cheapest plan by the sum of edges when it has searched all', () => {
    // One goes into the bay and waits there: 2 x 4 steps, 2 in and out of the bay, and a wait for the pair to meet beside it.
    const team = teamOf(drawn(['.....', '@@.@@'], [[0, 0, 4, 0], [4, 0, 0, 0]])); // biome-ignore format: rows of a table
    const costs = [0, 1, 2].map((seed) => {
      const { plan: found, exhausted } = searchLacam(team, createSpending({}), { seed, improveShare: 1 });
      expect(exhausted).toBe(true);
      return teamPaths(team, found!).reduce((sum, path) => sum + path.times.length - 1, 0);
    });
    expect(costs).toEqual([costs[0], costs[0], costs[0]]);
    expect(costs[0]).toBe(11);
  });
  it('says that a small team has the best plan, and spends no more on it', async () => {
    const problem = drawn(['.....', '@@.@@'], [[0, 0, 4, 0], [4, 0, 0, 0]]); // biome-ignore format: rows of a table
    const { stats } = await plan(problem, { expansions: 1_000_000 });
    expect([stats.sumOfCosts, stats.more?.provenOptimal]).toEqual([11, 1]);
    expect(stats.expansions).toBeLessThan(10_000);
    expect((await plan(problem, { expansions: 200 })).stats.more?.provenOptimal).toBe(0);
  });
  it('plans in space', async () => {
    const blocked = new Uint8Array(3 * 2 * 1);
    const problem: GridProblem = {
      ...drawn(['...'], []),
      grid: { size: [3, 2, 1], blocked },
      moves: 6,
      agents: [
        { name: 'a', start: [0, 0, 0], goal: [2, 0, 0] },
        { name: 'b', start: [2, 0, 0], goal: [0, 0, 0] },
      ],
    };
    const { status, trajectories } = await plan(problem);
    expect(status).toBe('solved');
    expect(trajectories.some((path) => path.kind === 'cells' && path.cells.some((value, i) => i % 3 === 1 && value === 1))).toBe(true);
  });
  it.each([
    ['a start in a wall', drawn(['.@', '..'], [[1, 0, 0, 0]]), /starts at 1 0 0, which is blocked/],
    ['a goal outside the grid', drawn(['..', '..'], [[1, 0, 5, 0]]), /goal of agent agent-0 is 5 0 0, which is outside the grid of 2 x 1 x 2/],
    ['two starts in one cell', drawn(['..', '..'], [[1, 0, 0, 0], [1, 0, 0, 1]]), /agent-0 and agent-1 both start at 1 0 0/],
    ['two goals in one cell', drawn(['..', '..'], [[1, 0, 0, 0], [0, 1, 0, 0]]), /agent-0 and agent-1 both have the goal 0 0 0/],
    ['a goal that cannot be reached', drawn(['.@.'], [[0, 0, 2, 0]]), /no way from 0 0 0 to 2 0 0, even alone/],
    ['more agents than cells', drawn(['..'], [[0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0]]), /3 agents cannot stand in 2 free cells/],
    ['no agents', drawn(['..'], []), /There must be agents/],
  ])('says that there is no plan for %s', async (_, problem, sentence) => {
    const { status, reason, trajectories } = await plan(problem);
    expect([status, trajectories]).toEqual(['infeasible', []]);
    expect(reason).toMatch(sentence);
  }); // biome-ignore format: rows of a table
  it('refuses what it has no rule for, in a sentence', () => {
    const problem = drawn(['..'], [[0, 0, 1, 0]]);
    expect(lacamPlanner.refuses(problem)).toBeUndefined();
    expect(lacamPlanner.refuses({ ...problem, moves: 8 })).toMatch(/4 or 6 moves; drawn has 8/);
    expect(lacamPlanner.refuses({ ...problem, timing: 'lengths' })).toMatch(/every move takes one step/);
    const large = {
      ...problem,
      agents: Array.from({ length: 3000 }, () => problem.agents[0]),
      grid: { size: [600, 1, 600] as const, blocked: new Uint8Array(0) },
    };
    expect(lacamPlanner.refuses(large)).toMatch(/at most 536870912 of them; drawn has 3000 agents and 360000 cells/);
  });
  it('ends when its expansions are spent', async () => {
    const { status, reason } = await plan(drawn(['.....', '@@.@@'], [[0, 0, 4, 0], [4, 0, 0, 0]]), { expansions: 2 }); // biome-ignore format: rows of a table
    expect(status).toBe('timeout');
    expect(reason).toMatch(/budget of 2 expansions/);
  });
});

describeWithBenchData('lacam on the benchmarks', () => {
  it.each(TOYS)('solves the deadlock %s', async (name) => {
    const problem = toy(name);
    for (let seed = 0; seed < 3; seed++) {
      const { status, trajectories } = await plan(problem, {}, seed);
      expect([status, judge(problem, trajectories)]).toEqual(['solved', 'right']);
    }
  });
  it('does what PIBT alone does not: it turns in circles in three of the deadlocks', () => {
    const solved = TOYS.map((name) => {
      const problem = toy(name);
      const result = planPibt(problem, {});
      if (result.status !== 'solved') expect(result.reason).toMatch(/agents are not at their goals/);
      // A plan that stops on the way breaks no rule but the goal.
      expect(judge(problem, result.trajectories)).toMatch(result.status === 'solved' ? /^right$/ : /does not end at its goal/);
      return result.status === 'solved';
    });
    expect(solved.filter((one) => !one).length).toBeGreaterThanOrEqual(3);
  });
  it('solves every deadlock within 2000 configurations, and not without looking out for agents that must change over', () => {
    const solved = (swap: boolean) =>
      TOYS.flatMap((name) => {
        const team = teamOf(toy(name));
        return [0, 1, 2].map((seed) => searchLacam(team, createSpending({ expansions: 2000 }), { seed, swap }).plan !== undefined);
      });
    expect(solved(true)).not.toContain(false);
    expect(solved(false).filter((one) => !one).length).toBeGreaterThanOrEqual(4);
  });
  it('is red on a deadlock when agents may change places', () => {
    const judged = TOYS.map((name) => {
      const problem = toy(name);
      const team = teamOf(problem);
      const { plan: found } = searchLacam(team, createSpending({ expansions: 100_000 }), { generator: withoutSwapCheck(team) });
      return found === undefined ? 'none' : judge(problem, teamPaths(team, found));
    });
    expect(judged.filter((sentence) => /change places/.test(sentence)).length).toBeGreaterThanOrEqual(3);
  });
  it('finds a first plan for 400 agents on random-32-32-10 within 200 configurations', async () => {
    const problem = randomMap(400);
    const { status, trajectories, stats } = await plan(problem, { expansions: 200 });
    expect([status, judge(problem, trajectories)]).toEqual(['solved', 'right']);
    expect(stats.more?.lowerBound).toBe(8500);
    expect(stats.more?.firstExpansions).toBeLessThan(150);
  });
  it('makes a plan for 400 agents cheaper by paths, to below the first plan of the peer, and the same for the same expansions', async () => {
    const problem = randomMap(400);
    const [a, b] = [await plan(problem, { expansions: 300_000 }), await plan(problem, { expansions: 300_000 })];
    expect(judge(problem, a.trajectories)).toBe('right');
    expect(a.stats.sumOfCosts).toBeLessThan(19248);
    expect(a.stats.sumOfCosts).toBeLessThan(a.stats.more?.searchedSumOfCosts ?? 0);
    expect(a.stats.sumOfCosts).toBe(a.trajectories.reduce((sum, path) => sum + (path as CellPath).times.length - 1, 0));
    expect(a.trajectories).toEqual(b.trajectories);
  });
  it('stops before its budget when no plan can be cheaper', async () => {
    const problem = randomMap(5);
    const { stats } = await plan(problem, { expansions: 10_000_000 });
    expect(stats.sumOfCosts).toBe(stats.more?.lowerBound);
    expect(stats.expansions).toBeLessThan(1_000_000);
  });
  it('plans the same for a seed, and otherwise for another', async () => {
    const problem = randomMap(100);
    const [a, b, c] = [await plan(problem, {}, 5), await plan(problem, {}, 5), await plan(problem, {}, 6)];
    expect(a.trajectories).toEqual(b.trajectories);
    expect(a.trajectories).not.toEqual(c.trajectories);
  });
});

/** A generator with PIBT's order and candidates that looks only whether a cell is taken, not whether two change places. */
function withoutSwapCheck({ graph, distances, numAgents }: Team) {
  return {
    generate(from: Int32Array, order: ArrayLike<number>, numFixed: number, who: Int32Array, where: Int32Array, to: Int32Array): boolean {
      const taken = new Set<number>();
      to.fill(-1);
      for (let k = 0; k < numFixed; k++) {
        if (taken.has(where[k])) return false;
        taken.add((to[who[k]] = where[k]));
      }
      for (let k = 0; k < numAgents; k++) {
        const agent = order[k];
        if (to[agent] >= 0) continue;
        const cells = [from[agent], ...graph.neighbours.subarray(graph.first[from[agent]], graph.first[from[agent] + 1])];
        const cell = cells.filter((one) => !taken.has(one)).sort((a, b) => distances[agent].at(a) - distances[agent].at(b))[0];
        if (cell === undefined) return false;
        taken.add((to[agent] = cell));
      }
      return true;
    },
  };
}
