/** `planChecked` with planners that hand over wrong plans: none of them gets out. */
import { type CellPath, type GridProblem, type Planner, type PlanResult, planChecked } from '@kinovox/planning';
import { describe, expect, it } from 'vitest';
import { drawn } from './mapf/team-problems.js';

/** A planner that hands over these columns of row 0, step by step. */
function planted(status: 'solved' | 'partial', ways: readonly (readonly number[])[]): Planner<never> {
  return {
    name: 'planted',
    description: 'a test',
    source: 'none',
    refuses: () => undefined,
    plan: (problem: GridProblem): PlanResult => ({
      status,
      trajectories: problem.agents.map(
        ({ name }, i): CellPath => ({
          kind: 'cells',
          robot: name,
          cells: Int32Array.from(ways[i].flatMap((x) => [x, 0, 0])),
          times: Float64Array.from(ways[i].keys()),
          tail: 'hold',
        }),
      ),
      stats: { expansions: 1, ms: 0, makespan: 9, sumOfCosts: 9 },
    }),
  };
}

const CORRIDOR = drawn(
  ['......'],
  [
    [0, 0, 5, 0],
    [1, 0, 2, 0],
  ],
);
const ALONE = drawn(['......'], [[0, 0, 2, 0]]);

describe('planChecked', () => {
  it('hands out a plan that is right', async () => {
    expect(await planChecked(planted('solved', [[0, 1, 2]]), ALONE, {})).toMatchObject({ status: 'solved', verdict: { valid: true } });
  });

  it('refuses a plan that is called solved and is not, and hands out nothing of it', async () => {
    for (const [way, constraint] of [
      [[0, 2], 'move'],
      [[0, 1], 'goal'],
    ] as const) {
      const result = await planChecked(planted('solved', [way]), ALONE, {});
      expect(result).toMatchObject({ status: 'refused', trajectories: [], verdict: { valid: false, violation: { constraint } } });
      expect(result.stats).toMatchObject({ makespan: null, sumOfCosts: null });
    }
  });

  it('hands out a partial plan that ends short of goals, and meets nobody', async () => {
    const result = await planChecked(planted('partial', [[0], [1, 2]]), CORRIDOR, {});
    expect(result).toMatchObject({ status: 'partial', verdict: { valid: false, violation: { constraint: 'goal' } } });
    expect(result.trajectories).toHaveLength(2);
  });

  it('refuses a partial plan in which others collide after one has ended short of its goal', async () => {
    const three = drawn(
      ['......'],
      [
        [0, 0, 1, 0],
        [2, 0, 5, 0],
        [5, 0, 2, 0],
      ],
    );
    const ways = [[0], [2, 2, 3, 4], [5, 5, 4, 4]];
    expect(await planChecked(planted('partial', ways), three, {})).toMatchObject({
      status: 'refused',
      trajectories: [],
      verdict: { valid: false, violation: { constraint: 'pair' } },
    });
  });
});
