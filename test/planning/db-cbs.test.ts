/** Planner `db-cbs`: teams that must give way to each other, conflicts, and constraints that hold for a while. */
import {
  type ContinuousProblem,
  createClearance,
  createDynamics,
  createFineMotion,
  createTrack,
  dbCbsPlanner,
  firstConflict,
  horizonOf,
  type PlanResult,
  rolledOut,
  validatePlan,
} from '@kinovox/planning';
import { describe, expect, it } from 'vitest';
import { room } from './room.js';

const plan = (problem: ContinuousProblem, expansions = 3200) => dbCbsPlanner.plan(problem, { expansions }) as PlanResult;

describe('db-cbs', () => {
  const crossing = room(
    '  - {type: unicycle1_v0, start: [0.5, 1.5, 0], goal: [3.5, 1.5, 0]}\n  - {type: unicycle1_v0, start: [2, 0.4, 1.5708], goal: [2, 2.6, 1.5708]}',
  );

  it('lets two unicycles cross, both hardly later than alone, and the same way again', () => {
    const result = plan(crossing);
    expect(result.status).toBe('solved');
    expect(validatePlan(crossing, result.trajectories)).toEqual({ valid: true });
    // Alone, the longer way takes 6 s and the shorter 4.4 s.
    expect(result.stats.sumOfCosts).toBeLessThan(12);
    expect(result.stats.more?.treeNodes).toBeGreaterThan(1);
    expect(plan(crossing).trajectories).toEqual(result.trajectories);
  });

  it('needs no more than the root where nobody meets', () => {
    const apart = room(
      '  - {type: unicycle1_v0, start: [0.5, 0.5, 0], goal: [2.5, 0.5, 0]}\n  - {type: unicycle1_v0, start: [0.5, 2.5, 0], goal: [2.5, 2.5, 0]}',
    );
    const result = plan(apart);
    expect(result).toMatchObject({ status: 'solved', stats: { more: { treeNodes: 1 } } });
    expect(validatePlan(apart, result.trajectories)).toEqual({ valid: true });
  });

  it('says infeasible where a goal is walled in, and timeout where two must pass in a lane for one', () => {
    const wall = '{type: box, center: [2, 1.5], size: [0.4, 3]}';
    const walled = room('  - {type: unicycle1_v0, start: [1, 2, 0], goal: [3, 2, 0]}', wall);
    expect(plan(walled)).toMatchObject({ status: 'infeasible', reason: expect.stringMatching(/cannot reach its goal/) });
    const lane = room(
      '  - {type: unicycle1_v0, start: [0.5, 0.2, 0], goal: [3.5, 0.2, 0]}\n  - {type: unicycle1_v0, start: [3.5, 0.2, 3.1416], goal: [0.5, 0.2, 3.1416]}',
      '',
      '[4, 0.4]',
    );
    expect(plan(lane, 600)).toMatchObject({ status: 'timeout', trajectories: [] });
  });
});

describe('conflicts', () => {
  const dynamics = createDynamics('integrator1_2d_v0');
  const straight = (x: number, y: number, vx: number, vy: number, steps = 20) => {
    const start = Float64Array.of(x, y);
    const controls = Float64Array.from({ length: 2 * steps }, (_, i) => (i % 2 === 0 ? vx : vy));
    return createFineMotion({ name: 'one', dynamics, start, goal: start }, { states: rolledOut(dynamics, start, controls), controls });
  };
  const open = room('  - {type: integrator1_2d_v0, start: [1, 1], goal: [1, 1]}');

  it('are found where two meet head on, with the steps from touching to parting', () => {
    // Boxes of 0.5 m that near each other by 0.1 m a step, from 1 m apart: they touch after 5 steps and part after 15.
    const conflict = firstConflict(open, [straight(0, 0, 0.5, 0), straight(1, 0, -0.5, 0)], 0, 1);
    expect(conflict).toMatchObject({ a: 0, b: 1 });
    expect(conflict?.from).toBeGreaterThanOrEqual(4);
    expect(conflict?.from).toBeLessThanOrEqual(5);
    expect(conflict?.to).toBeGreaterThanOrEqual(15);
    expect(conflict?.to).toBeLessThanOrEqual(16);
  });

  it('are found with one that has arrived, and not where ways lie beside each other', () => {
    expect(firstConflict(open, [straight(0, 0, 0.5, 0, 40), straight(1, 0, 0, 0, 1)], 0, 1)?.from).toBeGreaterThan(1);
    expect(firstConflict(open, [straight(0, 0, 0.5, 0), straight(1, 0.3, -0.5, 0)], 0, 1)).toBeUndefined();
  });

  it('are not stepped over by corners that are faster than the position', () => {
    const car = createDynamics('car1_v0');
    const start = Float64Array.of(0, 0, 0, 0);
    const controls = Float64Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? car.controlHigh[0] : car.controlHigh[1]));
    const turning = createFineMotion(
      { name: 'one', dynamics: car, start, goal: start },
      { states: rolledOut(car, start, controls), controls },
    );
    const [length, width] = [0.25, 0.125];
    const corner = (quarter: number) => {
      const [x, y, , c, s] = turning.quarterTrack.poses.subarray(10 * quarter, 10 * quarter + 5);
      return [x + length * c + width * s, y + length * s - width * c];
    };
    let most = 0;
    for (let quarter = 0; quarter < 80; quarter++) {
      const [[ax, ay], [bx, by]] = [corner(quarter), corner(quarter + 1)];
      most = Math.max(most, Math.hypot(bx - ax, by - ay));
    }
    expect(most).toBeGreaterThan((2 * car.maxSpeed * car.dt) / 4);
    expect(turning.maxMove).toBeGreaterThanOrEqual(most);
  });

  it('make tracks that count during their steps alone', () => {
    const track = { ...createTrack(dynamics, Float64Array.of(1, 1)), during: [3, 6] as [number, number] };
    const clearance = createClearance({ ...open, obstacles: [] }, dynamics, [track]);
    const gaps = [2, 3, 6, 7].map((step) => clearance.gap(Float64Array.of(1, 1), step));
    expect(gaps.map((gap) => gap < 0)).toEqual([false, true, true, false]);
    expect(horizonOf([track])).toBe(7);
    expect(horizonOf([{ ...track, during: [9, Infinity] }])).toBe(9);
  });
});
