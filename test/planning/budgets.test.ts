/** Budgets in milliseconds are kept by preparations too. The clock is a made one that goes on by a millisecond at each look. */
import {
  createSpending,
  dbAstarPlanner,
  lacamPlanner,
  loadProblem,
  type Planner,
  type PlanResult,
  pibtPlanner,
  prioritisedPlanner,
} from '@kinovox/planning';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { drawn, type Row } from './mapf/team-problems.js';

const TEAM = drawn(
  Array.from({ length: 30 }, () => '.'.repeat(30)),
  Array.from({ length: 30 }, (_, i): Row => [i, 0, i, 29]),
);
const box = (i: number): string => `{type: box, center: [${1 + 0.01 * i}, 2.5], size: [0.1, 0.1]}`;
const ROOM = loadProblem(
  `environment:\n  min: [0, 0]\n  max: [4, 3]\n  obstacles: [${Array.from({ length: 100 }, (_, i) => box(i)).join(', ')}]\nrobots:\n  - {type: unicycle1_v0, start: [1, 1, 0], goal: [3, 1, 0]}\n`,
  'room.yaml',
  { readBeside: () => undefined },
);

afterEach(() => vi.restoreAllMocks());

function tickAtEachLook(): () => number {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now++);
  return () => now;
}

describe('a budget in milliseconds', () => {
  const preparing: [Planner<never>, unknown][] = [
    [pibtPlanner, TEAM],
    [lacamPlanner, TEAM],
    [prioritisedPlanner, TEAM],
    [dbAstarPlanner, ROOM],
  ];
  it.each(preparing.map(([planner, problem]) => [planner.name, planner, problem] as const))(
    'ends the preparations of %s, before the first expansion',
    (_, planner, problem) => {
      const now = tickAtEachLook();
      const result = planner.plan(problem as never, { ms: 12 }) as PlanResult;
      expect([result.status, result.stats.expansions]).toEqual(['timeout', 0]);
      expect(result.reason).toMatch(/budget of 12 ms was spent/);
      expect(now()).toBeLessThan(20);
    },
  );

  it('ends the repairs of db-astar between their rounds', () => {
    // Here time is work: a millisecond per step of the dynamics.
    const [robot] = (ROOM as ContinuousProblem).robots;
    let steps = 0;
    const counted = Object.create(robot.dynamics) as Dynamics;
    counted.stepInto = (...all) => {
      steps++;
      robot.dynamics.stepInto(...all);
    };
    const free = { ...ROOM, obstacles: [], robots: [{ ...robot, dynamics: counted }] } as never;
    vi.spyOn(performance, 'now').mockImplementation(() => steps);
    const over = [15_000, 20_000, 25_000, 30_000, 40_000].map((ms) => {
      steps = 0;
      dbAstarPlanner.plan(free, { ms });
      return steps - ms;
    });
    expect(Math.max(...over)).toBeLessThan(1500);
  });

  it('is looked at with every expansion', () => {
    tickAtEachLook();
    const spending = createSpending({ ms: 10 });
    for (let k = 0; k < 10; k++) spending.expand();
    expect(spending.spent).toBe(true);
  });
});

describe('a budget in expansions alone', () => {
  it.each([
    [lacamPlanner, TEAM],
    [prioritisedPlanner, TEAM],
    [dbAstarPlanner, ROOM],
  ] as [Planner<never>, unknown][])('gives the same plan whatever the clock says', (planner, problem) => {
    const plain = planner.plan(problem as never, { expansions: 400 }) as PlanResult;
    tickAtEachLook();
    const ticking = planner.plan(problem as never, { expansions: 400 }) as PlanResult;
    expect(ticking.trajectories).toEqual(plain.trajectories);
    expect(ticking.stats.expansions).toBe(plain.stats.expansions);
  });
});
