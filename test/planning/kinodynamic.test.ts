/** Planner `db-astar`: plans of bodies with dynamics that the validator accepts, the same ones again, and sentences where there is none. */
import { type ContinuousProblem, createClearance, createDynamics, dbAstarPlanner, type PlanResult, validatePlan } from '@kinovox/planning';
import { describe, expect, it } from 'vitest';
import { room } from './room.js';

const plan = (problem: ContinuousProblem, expansions = 800) => dbAstarPlanner.plan(problem, { expansions }) as PlanResult;

describe('db-astar', () => {
  // The right side of the robot lies at x = 1.25.
  const beside = (gap: number): string => `{type: box, center: [${1.6 + gap}, 1], size: [0.7, 0.5]}`;
  it.each([
    ['a start that touches an obstacle', room('  - {type: unicycle1_v0, start: [1, 1, 0], goal: [0.5, 2, 0]}', beside(0))],
    [
      'a start that overlaps by less than the validator sees',
      room('  - {type: unicycle1_v0, start: [1, 1, 0], goal: [0.5, 2, 0]}', beside(-5e-7)),
    ],
    [
      'a goal that can only be reached within its tolerance',
      room('  - {type: unicycle1_v0, start: [0.4, 1, 0], goal: [1.0000001, 1, 0]}', beside(0)),
    ],
  ])('plans from and to %s', (_, problem) => {
    const result = plan(problem);
    expect(result.status).toBe('solved');
    expect(validatePlan(problem, result.trajectories)).toEqual({ valid: true });
  });

  it('calls starts impossible beyond the contact tolerance, and goals beyond that of goals', () => {
    const start = room('  - {type: unicycle1_v0, start: [1, 1, 0], goal: [0.5, 2, 0]}', beside(-1e-5));
    const goal = room('  - {type: unicycle1_v0, start: [0.4, 1, 0], goal: [1, 1, 0]}', beside(-0.05));
    expect(plan(start)).toMatchObject({ status: 'infeasible', reason: expect.stringMatching(/start of robot-0 lies in an obstacle/) });
    expect(plan(goal)).toMatchObject({ status: 'infeasible', reason: expect.stringMatching(/goal of robot-0 lies in an obstacle/) });
    const outside = room('  - {type: unicycle1_v0, start: [1, 1, 0], goal: [4.005, 1, 0]}');
    expect(plan(outside).status).not.toBe('infeasible');
  });

  const wall = '{type: box, center: [2, 2.2], size: [0.4, 1.6]}';
  const solvable: [string, ContinuousProblem, number][] = [
    ['a unicycle around a wall', room('  - {type: unicycle1_v0, start: [1, 2, 0], goal: [3, 2, 1.57]}', wall), 12],
    [
      'a car with a trailer into a gap',
      room('  - {type: car1_v0, start: [0.9, 1.6, 0, 0], goal: [2.1, 1.2, 0, 0]}', '{type: box, center: [0.7, 0.8], size: [1, 0.6]}'),
      6,
    ],
    ['a unicycle of second order to a stop', room('  - {type: unicycle2_v0, start: [1, 1, 0, 0, 0], goal: [3, 1.3, 0, 0, 0]}'), 8.5],
    [
      'two double integrators that change places in a lane',
      room(
        '  - {type: double_integrator_0, start: [0.5, 0.5, 0, 0], goal: [3.5, 0.5, 0, 0]}\n  - {type: double_integrator_0, start: [3.5, 0.5, 0, 0], goal: [0.5, 0.5, 0, 0]}',
        '',
        '[4, 1]',
      ),
      9,
    ],
  ];
  it.each(solvable)('plans %s', (_, problem, most) => {
    const result = plan(problem);
    expect(result.status).toBe('solved');
    expect(validatePlan(problem, result.trajectories)).toEqual({ valid: true });
    expect(result.stats.makespan).toBeLessThan(most);
    // Not faster than light.
    for (const { dynamics, start, goal } of problem.robots)
      expect(result.stats.makespan).toBeGreaterThanOrEqual(Math.hypot(start[0] - goal[0], start[1] - goal[1]) / dynamics.maxSpeed - 0.05);
  });

  it('plans the same to the last bit with the same budget of expansions', () => {
    const [, problem] = solvable[3];
    const [a, b] = [plan(problem), plan(problem)];
    expect(a.trajectories).toEqual(b.trajectories);
    expect(a.stats.expansions).toBe(b.stats.expansions);
  });

  const impossible: [string, ContinuousProblem, RegExp][] = [
    [
      'a goal in an obstacle',
      room('  - {type: unicycle1_v0, start: [1, 2, 0], goal: [2, 2, 0]}', wall),
      /goal of robot-0 lies in an obstacle/,
    ],
    [
      'a start out of bounds',
      room('  - {type: unicycle1_v0, start: [-1, 2, 0], goal: [3, 2, 0]}'),
      /start of robot-0 lies outside the bounds of x/,
    ],
    [
      'two goals in one place',
      room('  - {type: unicycle1_v0, start: [1, 1, 0], goal: [3, 2, 0]}\n  - {type: unicycle1_v0, start: [1, 2, 0], goal: [3.1, 2, 0]}'),
      /goals of robot-0 and robot-1 overlap/,
    ],
    [
      'a wall from side to side',
      room('  - {type: unicycle1_v0, start: [1, 2, 0], goal: [3, 2, 0]}', '{type: box, center: [2, 1.5], size: [0.4, 3]}'),
      /cannot reach its goal/,
    ],
    [
      'a door that is too narrow',
      room(
        '  - {type: unicycle1_sphere_v0, start: [1, 2, 0], goal: [3, 2, 0]}',
        '{type: box, center: [2, 0.85], size: [0.4, 1.7]}, {type: box, center: [2, 2.7], size: [0.4, 0.6]}',
      ),
      /cannot reach its goal/,
    ],
  ];
  it.each(impossible)('says what is impossible: %s', (_, problem, sentence) => {
    const result = plan(problem);
    expect(result.status).toBe('infeasible');
    expect(result.reason).toMatch(sentence);
  });

  it('ends in a timeout, and never in a plan, where two must pass in a lane for one', () => {
    const problem = room(
      '  - {type: unicycle1_v0, start: [0.5, 0.25, 0], goal: [3.5, 0.25, 0]}\n  - {type: unicycle1_v0, start: [3.5, 0.25, 0], goal: [0.5, 0.25, 0]}',
      '',
      '[4, 0.45]',
    );
    expect(plan(problem, 3000).status).toBe('timeout');
  });

  it('refuses what it cannot plan for', () => {
    expect(dbAstarPlanner.refuses(room('  - {type: quad2d_v0, start: [1, 1, 0, 0, 0, 0], goal: [2, 1, 0, 0, 0, 0]}'))).toMatch(
      /falls over/,
    );
    expect(dbAstarPlanner.refuses(room('  - {type: unicycle1_v0, start: [1, 1, 0], goal: [2, 1, 0]}'))).toBeUndefined();
  });
});

describe('gaps of planners', () => {
  it('agree with the validator on what overlaps, for boxes and balls at random places', () => {
    // A small counter-based stream: the same places every time.
    let seed = 7;
    const draw = () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed / 2 ** 32;
    };
    const types = ['unicycle1_v0', 'unicycle1_sphere_v0', 'car1_v0', 'integrator2_2d_v0'];
    let overlaps = 0;
    for (let i = 0; i < 2000; i++) {
      const dynamics = createDynamics(types[i % types.length]);
      const start = Float64Array.from(dynamics.stateNames, (_, c) =>
        c < 2 ? 2 * draw() - 1 : dynamics.angles.includes(c) ? 7 * draw() : 0,
      );
      const problem: ContinuousProblem = {
        kind: 'continuous',
        name: 'random',
        space: 2,
        min: [-9, -9, 0],
        max: [9, 9, 0],
        obstacles: [
          i % 3 === 0
            ? { shape: 'ball', center: [0, 0, 0], radius: 0.1 + draw() }
            : { shape: 'box', center: [0, 0, 0], size: [0.1 + draw(), 0.1 + draw(), 0] },
        ],
        robots: [{ name: 'r', dynamics, start, goal: start }],
      };
      const gap = createClearance(problem, dynamics).gap(start, 0);
      if (Math.abs(gap) < 1e-5) continue;
      const still = {
        kind: 'states',
        robot: 'r',
        type: dynamics.name,
        start: 0,
        dt: dynamics.dt,
        states: start,
        controls: new Float64Array(0),
        tail: 'hold',
      } as const;
      expect([i, validatePlan(problem, [still]).valid]).toEqual([i, gap > 0]);
      if (gap < 0) overlaps++;
    }
    expect(overlaps).toBeGreaterThan(300);
  });
});
