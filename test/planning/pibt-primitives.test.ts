/** Planner `pibt-primitives`: no two robots ever meet, whenever the team is stopped; plans that the validator accepts; the same ones again; sentences where it cannot. */
import {
  type ContinuousProblem,
  createDynamics,
  createDynamicTeam,
  createGuidance,
  createLattices,
  createSpending,
  type DynamicTeam,
  type PlanResult,
  pibtPrimitivesPlanner,
  planChecked,
  type StateTrajectory,
  validatePlan,
} from '@kinovox/planning';
import { drawU32, randomStream } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { room } from './room.js';

const TYPES = ['unicycle1_v0', 'unicycle2_v0', 'integrator2_2d_v0', 'unicycle1_sphere_v0', 'integrator1_2d_v0'];

/** Robots of drawn types on drawn places of a raster, a box in the middle. */
function drawnRoom(seed: number, count: number): ContinuousProblem {
  const stream = randomStream(seed, 0, 0, 0, 0);
  let draws = 0;
  const below = (n: number): number => drawU32(stream, draws++) % n;
  const places = Array.from({ length: 16 }, (_, k) => [0.7 + 1.2 * (k % 4), 0.7 + 1.2 * Math.floor(k / 4)]);
  const draw = (): number[] => {
    const left = Array.from(places.keys());
    return Array.from({ length: count }, () => left.splice(below(left.length), 1)[0]);
  };
  const [starts, goals] = [draw(), draw()];
  const robots = starts.map((from, i) => {
    const dynamics = createDynamics(TYPES[below(TYPES.length)]);
    const state = (place: number): Float64Array => {
      const one = new Float64Array(dynamics.stateNames.length);
      one.set(places[place]);
      for (const angle of dynamics.angles) one[angle] = (below(8) * Math.PI) / 4;
      return one;
    };
    return { name: `robot-${i}`, dynamics, start: state(from), goal: state(goals[i]) };
  });
  const obstacle = { shape: 'box', center: [2.5, 2.5, 0], size: [0.2, 0.2, 0] } as const;
  return { kind: 'continuous', name: `drawn ${seed}`, space: 2, min: [0, 0, 0], max: [5, 5, 0], obstacles: [obstacle], robots };
}

/** Unicycles on a plane so wide that the nodes of their guides lie half a metre apart. */
function widePlane(count: number): ContinuousProblem {
  const side = 40;
  const stream = randomStream(9, 0, 0, 0, 0);
  const dynamics = createDynamics('unicycle1_v0');
  let draws = 0;
  const draw = (): [number, number][] => {
    const places: [number, number][] = [];
    while (places.length < count) {
      const [x, y] = [0, 0].map(() => 1 + ((side - 2) * drawU32(stream, draws++)) / 2 ** 32);
      if (places.every(([a, b]) => Math.hypot(a - x, b - y) > 1.5)) places.push([x, y]);
    }
    return places;
  };
  const [starts, goals] = [draw(), draw()];
  const robots = starts.map((start, i) => ({
    name: `robot-${i}`,
    dynamics,
    start: Float64Array.of(...start, 0),
    goal: Float64Array.of(...goals[i], 0),
  }));
  return { kind: 'continuous', name: 'wide', space: 2, min: [0, 0, 0], max: [side, side, 0], obstacles: [], robots };
}

function teamOf(problem: ContinuousProblem): DynamicTeam {
  const spending = createSpending({});
  const lattices = createLattices(problem, spending);
  const guidance = lattices && createGuidance(problem, lattices, Array.from(problem.robots.keys()), spending);
  const team = guidance && createDynamicTeam(problem, guidance, spending, 0);
  if (team === undefined || typeof team === 'string') throw new Error(`No team: ${team}`);
  return team;
}

function stopped(problem: ContinuousProblem, team: DynamicTeam): StateTrajectory[] {
  return team.plan().map(({ states, controls }, i) => {
    const { name, dynamics } = problem.robots[i];
    return { kind: 'states', robot: name, type: dynamics.name, start: 0, dt: dynamics.dt, states, controls, tail: 'hold' };
  });
}

describe('a team of moves with braking ways', () => {
  it.each([1, 2, 3])('meets nothing, whenever it is stopped (drawn team %i)', (seed) => {
    const problem = drawnRoom(seed, 5);
    const team = teamOf(problem);
    let moving = 0;
    for (let round = 0; round < 30; round++) {
      team.round();
      const plan = stopped(problem, team);
      expect(validatePlan(problem, plan, undefined, ['goal']), `stopped after step ${team.step}`).toEqual({ valid: true });
      moving += plan.filter(({ states }, i) => {
        const nx = problem.robots[i].start.length;
        return (
          Math.hypot(states[team.step * nx] - states[(team.step - 5) * nx], states[team.step * nx + 1] - states[(team.step - 5) * nx + 1]) >
          0.05
        );
      }).length;
    }
    expect(moving).toBeGreaterThan(20);
  });

  it('keeps a braking way behind every move', () => {
    const problem = room('  - {type: unicycle2_v0, start: [1, 1, 0, 0, 0], goal: [3, 1, 0, 0, 0]}');
    const team = teamOf(problem);
    for (let round = 0; round < 4; round++) team.round();
    const [{ states }] = stopped(problem, team);
    expect(Math.abs(states[team.step * 5 + 3])).toBeGreaterThan(0.2);
    expect(Math.abs(states[states.length - 2])).toBeLessThan(1e-9);
  });

  it('differs from robots that know nothing of each other, which the validator refuses', () => {
    const problem = drawnRoom(1, 5);
    const plans = problem.robots.map((robot) => {
      const alone = { ...problem, robots: [robot] };
      const team = teamOf(alone);
      for (let round = 0; round < 30; round++) team.round();
      return stopped(alone, team)[0];
    });
    expect(validatePlan(problem, plans, undefined, ['goal'])).toMatchObject({ violation: { constraint: 'pair' } });
  });
});

describe('pibt-primitives', () => {
  const swap = (type: string, rest: string): ContinuousProblem =>
    room(
      `  - {type: ${type}, start: [0.7, 1.5, 0${rest}], goal: [3.3, 1.5, 0${rest}]}\n  - {type: ${type}, start: [3.3, 1.5, 0${rest}], goal: [0.7, 1.5, 0${rest}]}`,
    );
  it.each([
    ['unicycles of first order that change places', swap('unicycle1_v0', '')],
    ['double integrators that change places', swap('integrator2_2d_v0', ', 0')],
    [
      'a unicycle of second order around a wall',
      room('  - {type: unicycle2_v0, start: [1, 2, 0, 0, 0], goal: [3, 2, 1.57, 0, 0]}', '{type: box, center: [2, 2.2], size: [0.4, 1.6]}'),
    ],
  ])('plans for %s, the same again', async (_, problem) => {
    const budget = { expansions: 20_000 };
    const result = await planChecked(pibtPrimitivesPlanner, problem, budget);
    expect(result).toMatchObject({ status: 'solved', verdict: { valid: true } });
    const again = (await pibtPrimitivesPlanner.plan(problem, budget)) as PlanResult;
    expect(again.trajectories).toEqual(result.trajectories);
  });

  it('goes on where no single control leads on: between the nodes of a coarse guide', async () => {
    const problem = widePlane(12);
    const team = teamOf(problem);
    while (team.numAtGoal < 12 && team.step < 1500) team.round();
    expect(team.numAtGoal).toBe(12);
    expect(validatePlan(problem, stopped(problem, team))).toEqual({ valid: true });
  });

  it('hands over where the team got when the budget ends, with everybody at rest', async () => {
    const result = await planChecked(pibtPrimitivesPlanner, swap('integrator2_2d_v0', ', 0'), { expansions: 3 });
    expect(result).toMatchObject({
      status: 'partial',
      reason: expect.stringMatching(/2 of 2 robots are not at their goals; all are at rest/),
    });
    for (const { states } of result.trajectories as StateTrajectory[]) expect(Math.hypot(...states.slice(-2))).toBeLessThan(1e-9);
  });

  it('says what it cannot take, and what cannot be', async () => {
    expect(pibtPrimitivesPlanner.refuses(room('  - {type: car1_v0, start: [1, 1, 0, 0], goal: [2, 1, 0, 0]}'))).toMatch(
      /robot-0 is car1_v0/,
    );
    expect(pibtPrimitivesPlanner.refuses(room('  - {type: unicycle1_v1, start: [1, 1, 0], goal: [2, 1, 0]}'))).toMatch(/stand still/);
    const reason = async (robots: string): Promise<unknown> => (await pibtPrimitivesPlanner.plan(room(robots), {})).reason;
    expect(await reason('  - {type: integrator2_2d_v0, start: [1, 1, 0, 0], goal: [2, 1, 0.3, 0]}')).toMatch(/goal with a speed/);
    expect(await reason('  - {type: unicycle2_v0, start: [3.9, 1, 0, 0.5, 0], goal: [2, 1, 0, 0, 0]}')).toMatch(
      /cannot brake within its bounds/,
    );
  });
});
