/** Each check of the validator of states by a plan that breaks it and its twin that does not. */
import {
  type ContinuousProblem,
  createDynamics,
  EXACT,
  numControls,
  type Obstacle,
  PRINTED,
  type StateTrajectory,
  validatePlan,
} from '@kinovox/planning';
import { describe, expect, it } from 'vitest';

const room = (robots: [string, number[], number[]][], obstacles: Obstacle[] = [], space: 2 | 3 = 2): ContinuousProblem => ({
  kind: 'continuous',
  name: 'room',
  space,
  min: [-10, -10, space === 3 ? -10 : 0],
  max: [10, 10, space === 3 ? 10 : 0],
  obstacles,
  robots: robots.map(([type, start, goal], index) => ({
    name: `r${index}`,
    dynamics: createDynamics(type),
    start: Float64Array.from(start),
    goal: Float64Array.from(goal),
  })),
});

/** Steps the robot's own dynamics. */
function rolled(problem: ContinuousProblem, index: number, controls: number[][]): StateTrajectory {
  const { name, dynamics, start } = problem.robots[index];
  const states = [...start];
  const state = start.slice();
  for (const control of controls) {
    dynamics.stepInto(state, state, Float64Array.from(control));
    states.push(...state);
  }
  return {
    kind: 'states',
    robot: name,
    type: dynamics.name,
    start: 0,
    dt: dynamics.dt,
    states: Float64Array.from(states),
    controls: Float64Array.from(controls.flat()),
    tail: 'hold',
  };
}
const times = (count: number, control: number[]) => Array.from({ length: count }, () => control);
const judged = (problem: ContinuousProblem, plans: StateTrajectory[]) => {
  const verdict = validatePlan(problem, plans);
  return verdict.valid ? 'valid' : verdict.violation.constraint;
};
const box = (x: number, y: number, sizeX: number, sizeY: number): Obstacle => ({
  shape: 'box',
  center: [x, y, 0],
  size: [sizeX, sizeY, 0],
});

describe('the validator of states', () => {
  const straight = room([['unicycle1_v0', [0, 0, 0], [1, 0, 0]]]);
  const plan = rolled(straight, 0, times(20, [0.5, 0]));

  it('accepts a plan that steps as its body does', () => {
    expect(validatePlan(straight, [plan])).toEqual({ valid: true });
  });

  const shapes: [string, (one: StateTrajectory) => unknown[]][] = [
    ['no plan at all', () => []],
    ['one robot too many', (one) => [one, one]],
    ['an empty plan', (one) => [{ ...one, states: new Float64Array(0), controls: new Float64Array(0) }]],
    ['a state too few', (one) => [{ ...one, states: one.states.slice(0, -3) }]],
    ['half a state', (one) => [{ ...one, states: one.states.slice(0, -1) }]],
    ['NaN in a state', (one) => [{ ...one, states: one.states.map((value, i) => (i === 7 ? Number.NaN : value)) }]],
    ['infinity in an action', (one) => [{ ...one, controls: one.controls.map((value, i) => (i === 7 ? Infinity : value)) }]],
    ['another body', (one) => [{ ...one, type: 'unicycle2_v0' }]],
    ['another step', (one) => [{ ...one, dt: 0.2 }]],
    ['another robot', (one) => [{ ...one, robot: 'r9' }]],
    ['cells', (one) => [{ kind: 'cells', robot: one.robot, cells: new Int32Array(3), times: new Float64Array(1), tail: 'hold' }]],
    ['a robot that vanishes', (one) => [{ ...one, tail: 'vanish' }]],
    ['a start before time 0', (one) => [{ ...one, start: -0.1 }]],
  ];
  it.each(shapes)('refuses %s', (_, edit) => {
    expect(judged(straight, edit(plan) as StateTrajectory[])).toBe('shape');
  });

  it('says what is wrong, where, and by how much', () => {
    const off = plan.states.slice();
    off[3 * 12] += 0.003;
    expect(validatePlan(straight, [{ ...plan, states: off }])).toMatchObject({
      violation: {
        constraint: 'step',
        robot: 'r0',
        step: 11,
        size: expect.closeTo(0.003, 9),
        sentence: 'r0 must step as unicycle1_v0 does; x is off by 0.003 at step 11 (1.1 s).',
      },
    });
  });

  it('takes angles modulo a turn, and nothing else', () => {
    const turned = plan.states.map((value, i) => (i % 3 === 2 && i > 30 ? value + 2 * Math.PI : value));
    expect(judged(straight, [{ ...plan, states: turned }])).toBe('valid');
    const shifted = plan.states.map((value, i) => (i % 3 === 0 && i > 30 ? value + 2 * Math.PI : value));
    expect(judged(straight, [{ ...plan, states: shifted }])).toBe('step');
  });

  it('lets no plan excuse its motion by the size of its numbers', () => {
    const sideways = (turns: number): StateTrajectory => ({
      ...plan,
      states: Float64Array.from({ length: 63 }, (_, i) => [0, 0.05 * Math.floor(i / 3), 2 * Math.PI * turns][i % 3]),
      controls: plan.controls.map((_, i) => (i % 2 === 0 ? 0.5 : 0)),
    });
    const aside = room([['unicycle1_v0', [0, 0, 0], [0, 1, 0]]]);
    for (const turns of [0, 1, 1.6e7, 1e12]) expect(validatePlan(aside, [sideways(turns)], PRINTED).valid, `${turns}`).toBe(false);
    // Six digits of a place 1,000 km away leave half a metre open.
    const far = { ...straight, min: [-1e9, -1e9, 0], max: [1e9, 1e9, 0] } as const;
    const away = (slip: number): StateTrajectory => ({
      ...plan,
      states: Float64Array.from({ length: 63 }, (_, i) => [1e6 + (0.05 + slip) * Math.floor(i / 3), 0, 0][i % 3]),
    });
    const begun = (slip: number): ContinuousProblem => ({
      ...far,
      robots: [{ ...far.robots[0], start: Float64Array.of(1e6, 0, 0), goal: Float64Array.of(1e6 + 20 * (0.05 + slip), 0, 0) }],
    });
    expect(validatePlan(begun(0), [away(0)], PRINTED)).toEqual({ valid: true });
    expect(validatePlan(begun(0.1), [away(0.1)], PRINTED)).toMatchObject({ violation: { constraint: 'step' } });
  });

  it('holds the start, and a late start to bodies at rest', () => {
    expect(judged(room([['unicycle1_v0', [0.001, 0, 0], [1, 0, 0]]]), [plan])).toBe('start');
    expect(judged(straight, [{ ...plan, start: 1 }])).toBe('valid');
    const moving = room([['unicycle2_v0', [0, 0, 0, 0.5, 0], [1, 0, 0, 0.5, 0]]]);
    const roll = rolled(moving, 0, times(20, [0, 0]));
    expect([judged(moving, [roll]), judged(moving, [{ ...roll, start: 1 }])]).toEqual(['valid', 'start']);
  });

  it('holds bounds of actions, of states and of the world', () => {
    const fast = room([['unicycle1_v0', [0, 0, 0], [1.002, 0, 0]]]);
    expect(judged(fast, [rolled(fast, 0, times(20, [0.501, 0]))])).toBe('control-bound');
    const quick = room([['integrator2_2d_v0', [0, 0, 0, 0], [0.1, 0, 0.52, 0]]]);
    expect(judged(quick, [rolled(quick, 0, times(3, [1.8, 0]))])).toBe('state-bound');
    const small = { ...straight, max: [0.95, 10, 0] as const };
    expect(judged(small, [plan])).toBe('state-bound');
  });

  it('holds the goal, its heading and its speed', () => {
    for (const [goal, verdict] of [
      [[1.009, 0, 0], 'valid'],
      [[1.02, 0, 0], 'goal'],
      [[1, 0, 0.02], 'goal'],
      [[1, 0, 2 * Math.PI], 'valid'],
    ] as const)
      expect(judged(room([['unicycle1_v0', [0, 0, 0], [...goal]]]), [plan])).toBe(verdict);
    const coasting = room([['unicycle2_v0', [0, 0, 0, 0.5, 0], [1, 0, 0, 0, 0]]]);
    expect(judged(coasting, [rolled(coasting, 0, times(20, [0, 0]))])).toBe('goal');
  });

  it('finds an obstacle that lies between two steps', () => {
    // 0.05 m a step past a needle of 0.01 m that no sampled state touches.
    const ball = room([['integrator1_2d_v0', [0, 0], [1, 0]]]);
    const needle = room([['single_integrator', [0, 0], [1, 0]]], [box(0.525, 0.1 + 0.0049, 0.0001, 0.01)]);
    expect(judged(ball, [rolled(ball, 0, times(20, [0.5, 0]))])).toBe('valid');
    const path = rolled(needle, 0, times(20, [0.5, 0]));
    expect(judged(needle, [path])).toBe('obstacle');
    expect(judged({ ...needle, obstacles: [box(0.525, 0.1 + 0.0051, 0.0001, 0.01)] }, [path])).toBe('valid');
  });

  it('finds the corner of a box that turns', () => {
    // A box of 0.5 x 0.25 m turns on the spot: its corner sweeps a circle of 0.2795 m, over obstacles that clear both ends of the turn.
    const radius = Math.hypot(0.25, 0.125);
    for (const [gap, verdict] of [
      [-1e-4, 'obstacle'],
      [1e-4, 'valid'],
    ] as const) {
      const problem = room([['unicycle1_v0', [0, 0, 0], [0, 0, Math.PI / 2]]], [box(0, radius + gap + 0.05, 0.01, 0.1)]);
      const turning = rolled(problem, 0, times(32, [0, Math.PI / 2 / 3.2]));
      expect([gap, judged(problem, [turning])]).toEqual([gap, verdict]);
    }
  });

  it('finds balls that meet between two steps, and not balls that pass', () => {
    for (const [y, verdict] of [
      [0.199, 'pair'],
      [0.201, 'valid'],
    ] as const) {
      const problem = room([
        ['single_integrator', [0, 0], [1, 0]],
        ['single_integrator', [1, y], [0, y]],
      ]);
      expect(judged(problem, [rolled(problem, 0, times(20, [0.5, 0])), rolled(problem, 1, times(20, [-0.5, 0]))])).toBe(verdict);
    }
  });

  it('counts robots that are parked at their goals, and those that have not begun', () => {
    const problem = room([
      ['single_integrator', [0, 0], [1, 0]],
      ['single_integrator', [1.5, 0], [0.5, 0]],
    ]);
    const arrive = rolled(problem, 0, times(20, [0.5, 0]));
    const through = rolled(problem, 1, times(20, [-0.5, 0]));
    const late = { ...through, start: 5 };
    expect(validatePlan(problem, [arrive, late])).toMatchObject({ violation: { constraint: 'pair', robot: 'r0', other: 'r1' } });
    const waiting = room([
      ['single_integrator', [0, 0], [1, 0]],
      ['single_integrator', [0.5, 0], [0.5, 1]],
    ]);
    const aside = rolled(waiting, 1, times(20, [0, 0.5]));
    expect(judged(waiting, [rolled(waiting, 0, times(20, [0.5, 0])), { ...aside, start: 5 }])).toBe('pair');
  });

  it('meets robots whose steps differ in length', () => {
    const problem = room([
      ['quad2d_v0', [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]],
      ['unicycle1_v0', [-1, 0, 0], [1, 0, 0]],
    ]);
    const hover = rolled(problem, 0, times(3, [1, 1]));
    expect(judged(problem, [hover, rolled(problem, 1, times(40, [0.5, 0]))])).toBe('pair');
  });

  it('counts the trailer', () => {
    const problem = room([['car1_v0', [0, 0, 0, 0], [0.5, 0, 0, 0]]], [box(-0.5, 0.2, 0.1, 0.1)]);
    const path = rolled(problem, 0, times(10, [0.5, 0]));
    expect(judged({ ...problem, obstacles: [] }, [path])).toBe('valid');
    expect(judged({ ...problem, obstacles: [box(-0.5, 0.2, 0.1, 0.13)] }, [path])).toBe('valid');
    expect(judged({ ...problem, obstacles: [box(-0.5, 0.2, 0.1, 0.16)] }, [path])).toBe('obstacle');
  });

  it('judges balls and boxes in space', () => {
    const problem = room([['integrator2_3d_v0', [0, 0, 0, 0.5, 0, 0], [1, 0, 0, 0.5, 0, 0]]], [], 3);
    const path = rolled(problem, 0, times(20, [0, 0, 0]));
    const at = (z: number): ContinuousProblem => ({
      ...problem,
      obstacles: [{ shape: 'box', center: [0.5, 0, z], size: [0.1, 0.1, 0.1] }],
    });
    expect([judged(at(0.151), [path]), judged(at(0.149), [path])]).toEqual(['valid', 'obstacle']);
    const ball: ContinuousProblem = { ...problem, obstacles: [{ shape: 'ball', center: [0.5, 0, 0.3], radius: 0.201 }] };
    expect(judged(ball, [path])).toBe('obstacle');
  });

  it('names what comes first in time', () => {
    const problem = room([['unicycle1_v0', [0, 0, 0], [5, 0, 0]]], [box(0.6, 0, 0.1, 0.1)]);
    const path = rolled(problem, 0, times(20, [0.5, 0]));
    expect(validatePlan(problem, [path])).toMatchObject({ violation: { constraint: 'obstacle', time: expect.closeTo(0.6, 4) } });
    expect(numControls(problem.robots[0].dynamics)).toBe(2);
    expect(EXACT.contact).toBe(1e-6);
  });
});
