/** What the plain reference of rollouts does: held against the engine's walker, against formulas, and against walls. */
import {
  CONTROLS_OF,
  createRolloutWorld,
  distanceField,
  FLYER_BODY,
  finalState,
  ROVER_BODY,
  type RolloutBody,
  type RolloutState,
  rollOut,
  type SolidGrid,
  solidGridOf,
  WALKER_BODY,
} from '@kinovox/physics';
import { describe, expect, it } from 'vitest';
import { drawnGrid } from '../fields/grids.js';
import { createGround, setAction, standAt } from '../fixture.js';

const OPEN = drawnGrid(Array.from({ length: 40 }, () => '.'.repeat(40)));
const GOAL = { goal: [0, 0, 0] as const };

/** Where one sequence of the same controls ends. */
function endOf(
  body: RolloutBody,
  grid: SolidGrid,
  start: RolloutState,
  control: readonly number[],
  numTicks: number,
): Required<RolloutState> {
  const world = createRolloutWorld(grid);
  const controls = Float32Array.from({ length: numTicks * CONTROLS_OF[body.kind] }, (_, i) => control[i % control.length]);
  const { finals } = rollOut(body, 1, numTicks, { world, start, controls, cost: GOAL, finals: true });
  return finalState(world, finals!, 0);
}

describe('the walker of rollouts', () => {
  /** An engine's walker that has come to stand, and a wall to the east. */
  const ground = () => {
    const { engine } = createGround({
      size: [24, 8, 16],
      boxes: [
        ['stone', [0, 0, 0], [23, 0, 15]],
        ['stone', [14, 1, 0], [14, 3, 15]],
      ],
      starts: [standAt(8, 1, 8)],
      yaws: [-0x40000000],
    });
    for (let tick = 0; tick < 5; tick++) engine.step();
    return engine;
  };
  it.each([
    ['walks to a wall', 4096, false, 60],
    ['walks a little', 4096, false, 12],
    ['jumps forward', 4096, true, 17],
    ['jumps where it stands, twice', 0, true, 30],
    ['goes back', -4096, false, 20],
  ])('is where the engine has its walker when it %s', (_, forward, jump, numTicks) => {
    const engine = ground();
    const { state } = engine;
    expect(state.yaw[0]).toBe(-0x40000000);
    const start: RolloutState = {
      position: [state.posX[0] / 65536, state.posY[0] / 65536, state.posZ[0] / 65536],
      velocity: [(state.velX[0] / 65536) * 20, (state.velY[0] / 65536) * 20, (state.velZ[0] / 65536) * 20],
    };
    const east = forward === 0 ? 0 : Math.sign(forward);
    const end = endOf(WALKER_BODY, solidGridOf(engine, 0), start, [east, 0, jump ? 1 : 0], numTicks);
    for (let tick = 0; tick < numTicks; tick++) {
      setAction(engine, 0, { forward, jump: jump ? 1 : 0 });
      engine.step();
    }
    const there = [state.posX[0], state.posY[0], state.posZ[0]].map((q16) => q16 / 65536);
    // Rounding of the input differs by less than 1/65536 block per tick.
    end.position.forEach((metres, axis) => {
      expect(Math.abs(metres - there[axis])).toBeLessThan(0.001);
    });
    expect(Math.abs(there[0] - start.position[0]) + (jump ? 1 : 0)).toBeGreaterThan(0.5);
  });
});

describe('the flyer of rollouts', () => {
  it('gathers speed by its acceleration and keeps to its limit', () => {
    const start: RolloutState = { position: [10, 2, 10] };
    const soon = endOf(FLYER_BODY, OPEN, start, [1, 0, -0.5], 10);
    // 10 ticks of 8 m/s^2: 4 m/s, over sum(1..10) * 0.02 m.
    expect(soon.velocity[0]).toBeCloseTo(4, 2);
    expect(soon.position[0]).toBeCloseTo(10 + 55 * 0.02, 2);
    expect(soon.position[2]).toBeCloseTo(10 - 55 * 0.01, 2);
    expect(endOf(FLYER_BODY, OPEN, start, [1, 0, -0.5], 40).velocity[0]).toBeCloseTo(6, 2);
  });
  it('stops at a wall, at the ceiling and on the floor, with half its width between', () => {
    const east = endOf(FLYER_BODY, OPEN, { position: [35, 2, 10] }, [1, 0, 0], 100);
    expect(east.position[0]).toBeCloseTo(40 - 0.3, 4);
    expect(east.velocity[0]).toBe(0);
    expect(endOf(FLYER_BODY, OPEN, { position: [20, 2, 10] }, [0, -1, 0], 100).position[1]).toBe(1);
    // The grid's four layers, and the headroom above.
    expect(endOf(FLYER_BODY, OPEN, { position: [20, 2, 10] }, [0, 1, 0], 100).position[1]).toBeCloseTo(4 + 4 - 0.6, 4);
  });
});

describe('the rover of rollouts', () => {
  it('goes straight along its heading, and in a circle of speed over turn rate', () => {
    const start: RolloutState = { position: [20, 1, 20], velocity: [2, 0, 0], yaw: Math.PI / 6 };
    const straight = endOf(ROVER_BODY, OPEN, start, [0, 0], 40);
    expect(straight.position[0]).toBeCloseTo(20 - 4 * Math.sin(Math.PI / 6), 2);
    expect(straight.position[2]).toBeCloseTo(20 - 4 * Math.cos(Math.PI / 6), 2);
    // Half a turn: the diameter to the left of where it looked.
    const rate = Math.PI / 2;
    const half = endOf(ROVER_BODY, OPEN, { ...start, yaw: 0, yawRate: rate }, [0, 0], 40);
    expect(half.position[0]).toBeCloseTo(20 - 2 * (2 / rate), 1);
    expect(half.position[2]).toBeCloseTo(20, 0);
    expect(half.yaw).toBeCloseTo(Math.PI, 2);
  });
  it('stands after it met a wall', () => {
    const end = endOf(ROVER_BODY, OPEN, { position: [20, 1, 2], velocity: [4, 0, 0] }, [0, 0], 40);
    expect(end.velocity[0]).toBe(0);
    expect(end.position[2]).toBeCloseTo(0.35, 4);
  });
});

describe('the cost of a rollout', () => {
  const world = createRolloutWorld(OPEN, { level: true });
  const run = (cost: object, controls: readonly number[] = [0, 0], position: readonly [number, number, number] = [20, 1, 20]) =>
    rollOut(ROVER_BODY, 1, 10, {
      world,
      start: { position },
      controls: Float32Array.from({ length: 20 }, (_, i) => controls[i % 2]),
      cost: { goal: [23, 1, 24], ...cost },
    }).costs[0];
  it('adds up its terms by their weights', () => {
    expect(run({})).toBe(0);
    expect(run({ goalWeight: 0.5 })).toBeCloseTo(10 * 0.5 * 5, 5);
    expect(run({ terminalWeight: 3 })).toBeCloseTo(15, 5);
    expect(run({ effortWeight: 2 }, [0, 0.5])).toBeCloseTo(10 * 2 * 0.25, 5);
    expect(run({ goalWeight: 0.5, terminalWeight: 3 })).toBeCloseTo(40, 5);
  });
  it('rises near walls and with each tick of contact', () => {
    expect(run({ obstacleWeight: 1, clearance: 2 })).toBe(0);
    // Half a metre from the cell, which is one and a half from its own centre to the wall's.
    expect(run({ obstacleWeight: 1, clearance: 2 }, [0, 0], [1, 1, 20])).toBeCloseTo(10 * 0.5 ** 2, 4);
    expect(run({ collisionWeight: 7 }, [1, 0], [20, 1, 0.36])).toBeGreaterThanOrEqual(7);
    expect(run({ collisionWeight: 7 }, [1, 0])).toBe(0);
  });
  it('uses distances of the world with its walls', () => {
    const [x, y, z] = [5, 2, 7];
    const level = distanceField(OPEN, { level: true, farM: 32 }).values[(y * 40 + z) * 40 + x];
    expect(level).toBe(32);
    expect(world.distance[((y + 1) * 42 + z + 1) * 42 + x + 1]).toBe(6);
  });
});

describe('a rollout', () => {
  const world = createRolloutWorld(OPEN);
  const request = { world, start: { position: [20, 1, 20] as const }, controls: new Float32Array(6), cost: GOAL };
  it('refuses a start in a wall, controls of another length or not finite, and parameters out of range', () => {
    expect(() => rollOut(FLYER_BODY, 1, 2, { ...request, start: { position: [20, 0.5, 20] } })).toThrow(
      /must start where its body is free/,
    );
    expect(() => rollOut(FLYER_BODY, 1, 2, { ...request, start: { position: [-4, 1, 20] } })).toThrow(/must start where its body is free/);
    expect(() => rollOut(FLYER_BODY, 1, 3, request)).toThrow(/1 sequences x 3 ticks x 3 numbers of a flyer; got 6/);
    expect(() => rollOut(FLYER_BODY, 1, 2, { ...request, controls: Float32Array.of(0, 0, Number.NaN, 0, 0, 0) })).toThrow(
      /controls\[2\] .* got NaN/,
    );
    expect(() => rollOut({ ...FLYER_BODY, maxSpeed: 25 }, 1, 2, request)).toThrow(
      /body\.maxSpeed must be above 0 and at most 19\.99; got 25/,
    );
    expect(() => rollOut(FLYER_BODY, 1, 2, { ...request, cost: { ...GOAL, goalWeight: -1 } })).toThrow(
      /cost\.goalWeight must be at least 0; got -1/,
    );
    expect(() => rollOut(FLYER_BODY, 1, 2, { ...request, cost: { ...GOAL, guideWeight: 1 } })).toThrow(/needs a world with a guide/);
  });
  it('clamps controls to 1', () => {
    const wild = Float32Array.of(9, 0, -9, 9, 0, -9);
    const full = Float32Array.of(1, 0, -1, 1, 0, -1);
    const ends = [wild, full].map((controls) => rollOut(FLYER_BODY, 1, 2, { ...request, controls, finals: true }).finals);
    expect(ends[0]).toEqual(ends[1]);
    expect(ends[0]).not.toEqual(rollOut(FLYER_BODY, 1, 2, { ...request, finals: true }).finals);
  });
});
