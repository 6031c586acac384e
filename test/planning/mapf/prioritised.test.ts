/** Prioritised planning: right in steps and in continuous time, near the optima that others have proven. */

import { readFileSync } from 'node:fs';
import {
  ccbsProblem,
  type GridProblem,
  movingAiProblem,
  parseCcbsAgents,
  parseCcbsMap,
  prioritisedPlanner,
  validatePlan,
} from '@kinovox/planning';
import { strFromU8, unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { benchPath, benchText, describeWithBenchData } from '../bench-data.js';
import { drawn, randomMap } from './team-problems.js';

const plan = async (problem: GridProblem, budget = {}) => await prioritisedPlanner.plan(problem, budget, { seed: 0 });

describe('pp', () => {
  it('lets the second agent wait for the first at a crossing', async () => {
    const problem = drawn(['@.@', '...', '@.@'], [[1, 0, 1, 2], [0, 1, 2, 1]]); // biome-ignore format: rows of a table
    const { status, trajectories, stats } = await plan(problem);
    expect([status, stats.sumOfCosts, validatePlan(problem, trajectories)]).toEqual(['solved', 5, { valid: true }]);
  });
  it('keeps discs two radii apart, and would be judged wrong with smaller ones', async () => {
    const grid = { size: [5, 1, 5] as const, blocked: new Uint8Array(25) };
    const crossing = movingAiProblem('crossing', grid, [
      { name: 'a', start: [0, 0, 2], goal: [4, 0, 2] },
      { name: 'b', start: [2, 0, 0], goal: [2, 0, 4] },
    ]);
    const discs = (radius: number): GridProblem => ({ ...crossing, timing: 'lengths', radius });
    const { trajectories, stats } = await plan(discs(Math.SQRT2 / 4));
    expect(validatePlan(discs(Math.SQRT2 / 4), trajectories)).toEqual({ valid: true });
    // The second waits until the crossing is free: sqrt(2) times two radii.
    expect(stats.sumOfCosts).toBeCloseTo(9, 6);
    const thin = await plan(discs(0.1));
    expect(validatePlan(discs(Math.SQRT2 / 4), thin.trajectories).valid).toBe(false);
  });
  it('counts each node that it takes from an open list once', async () => {
    const length = 5000;
    const alone: GridProblem = {
      kind: 'grid',
      name: 'a lane',
      grid: { size: [length, 1, 1], blocked: new Uint8Array(length) },
      moves: 4,
      timing: 'steps',
      radius: 0,
      agents: [{ name: 'ada', start: [0, 0, 0], goal: [length - 1, 0, 0] }],
    };
    // All cells of the lane but the goal, which need not be expanded.
    expect((await plan(alone)).stats.expansions).toBe(length - 1);
  });

  it('says in how many orders it has tried in vain, and claims no proof', async () => {
    const { status, reason } = await plan(drawn(['.....', '@@.@@'], [[0, 0, 4, 0], [4, 0, 0, 0], [2, 1, 2, 1]])); // biome-ignore format: rows of a table
    expect(status).toBe('timeout');
    expect(reason).toMatch(/None of 60 orders .* does not prove/);
  });
  it.each([
    ['overlap at their goals', [[0, 0, 2, 0], [0, 1, 2, 0]], /goals of agents agent-0 and agent-1, 2 0 0 and 2 0 0, are one cell/],
    ['start in a wall', [[1, 0, 2, 0]], /start of agent agent-0, 1 0 0, is blocked/],
    ['are cut off', [[0, 0, 2, 0]], /no way from 0 0 0 to 2 0 0, even alone/],
  ] as const)('says why there is no plan for agents that %s', async (_, agents, sentence) => {
    const { status, reason } = await plan(drawn(['.@.', '.@.'], agents));
    expect([status, sentence.test(reason ?? '')]).toEqual(['infeasible', true]);
  }); // biome-ignore format: rows of a table
});

describeWithBenchData('pp on the benchmarks', () => {
  const files = () => unzipSync(readFileSync(benchPath('ccbs', 'empty-16-16-random.zip')));
  const optimum = (instance: number, agents: number): number =>
    Number(new RegExp(`^16x16_empty_k3,${instance},${agents},([\\d.]+),`, 'm').exec(benchText('ccbs', 'optimal_flowtime_agreed.csv'))?.[1]);

  it.each([
    [1, 2, 1.0005],
    [2, 2, 1.0005],
    [3, 5, 1.1],
    [1, 15, 1.1],
  ])('plans instance %i of empty-16-16 with %i agents within %f of the proven optimum', async (instance, agents, most) => {
    const archive = files();
    const grid = parseCcbsMap(strFromU8(archive['map.xml']), 'map.xml');
    const xml = strFromU8(archive[`empty-16-16-random-${instance}.xml`]);
    const problem = ccbsProblem('empty', grid, parseCcbsAgents(xml, 'instance', grid).slice(0, agents));
    const { status, trajectories, stats } = await plan(problem, { expansions: 800 });
    expect([status, validatePlan(problem, trajectories)]).toEqual(['solved', { valid: true }]);
    expect(stats.sumOfCosts! / optimum(instance, agents)).toBeLessThanOrEqual(most);
    expect(stats.sumOfCosts! / optimum(instance, agents)).toBeGreaterThan(1 - 1e-4);
  });
  it('plans 50 agents in steps, within a tenth of what no plan undercuts', async () => {
    const problem = randomMap(50);
    const { status, trajectories, stats } = await plan(problem, { expansions: 20_000 });
    expect([status, validatePlan(problem, trajectories)]).toEqual(['solved', { valid: true }]);
    expect(stats.sumOfCosts! / 1113).toBeLessThan(1.1);
  });
});
