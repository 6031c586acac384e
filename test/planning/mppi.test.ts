import { loadScenario } from '@kinovox/env';
import { createRolloutWorld, FLYER_BODY, geodesicField, type RolloutWorld, rollOut, type SolidGrid } from '@kinovox/physics';
import { createMppi, createPlainRunner, type MppiSettings, VehiclePilot } from '@kinovox/planning';
import type { RoverBody } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { createNoise } from '../../packages/planning/src/mppi/noise.js';
import { GLIDE_MOVES, ROLL_MOVES, rolloutBodyOf } from '../../packages/planning/src/mppi/vehicle-model.js';

const slalom = loadScenario(new URL('../../scenarios/rover-slalom-v1.scenario.json', import.meta.url).pathname);
const rover = slalom.base.agents[0].body as RoverBody;
const SIZE = [16, 6, 16] as const;
const SETTINGS: MppiSettings = { body: FLYER_BODY, size: SIZE, numSequences: 96, numTicks: 40, guided: true, deviation: [0.5, 0.5, 0.5] };
const GOAL = [13.5, 2, 8.5] as const;

/** A wall across, open at one end. */
function walled(): SolidGrid {
  const solid = new Uint8Array(SIZE[0] * SIZE[1] * SIZE[2]);
  for (let y = 0; y < SIZE[1]; y++) for (let z = 0; z < 13; z++) solid[(y * SIZE[2] + z) * SIZE[0] + 8] = 1;
  return { size: SIZE, solid };
}

function worldTo(grid: SolidGrid): RolloutWorld {
  const guide = geodesicField(
    grid,
    [
      [
        [13, 0, 8],
        [13, 5, 8],
      ],
    ],
    GLIDE_MOVES,
  );
  return createRolloutWorld(grid, { guide });
}

const COST = { goal: GOAL, guideWeight: 1, collisionWeight: 20, terminalGuideWeight: 10 };

/** Where the body ends after so many ticks of planning anew in every one. */
function fly(settings: MppiSettings, ticks: number) {
  const world = worldTo(walled());
  const mppi = createMppi(createPlainRunner(settings), settings);
  mppi.reset(1);
  let start = { position: [3.5, 2, 3.5] as const, velocity: [0, 0, 0] as const };
  const path: number[][] = [];
  for (let t = 0; t < ticks; t++) {
    mppi.improveSync({ world, start, cost: COST });
    const controls = mppi.plan.slice(0, 3);
    const { finals } = rollOut(settings.body, 1, 1, { world, start, controls, cost: COST, finals: true });
    start = {
      position: [finals![0] / 65536 + 9 - 1, finals![1] / 65536 + 6 - 1, finals![2] / 65536 + 9 - 1],
      velocity: [(finals![4] / 65536) * 20, (finals![5] / 65536) * 20, (finals![6] / 65536) * 20],
    };
    path.push([...start.position]);
    mppi.advance(1);
  }
  return path;
}

describe('the noise of control sequences', () => {
  const [rows, ticks, width, knots] = [2000, 11, 2, 5];
  const noise = createNoise(rows, ticks, width, knots, 3);
  it('has mean 0 and variance 1 at its knots', () => {
    for (const t of [0, 5, 10]) {
      const values = Array.from({ length: rows }, (_, n) => noise[(n * ticks + t) * width + 1]);
      const mean = values.reduce((sum, x) => sum + x, 0) / rows;
      const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / rows;
      expect(Math.abs(mean)).toBeLessThan(0.06);
      expect(Math.abs(variance - 1)).toBeLessThan(0.1);
    }
  });
  it('is straight between them, and another one for another seed', () => {
    const at = (t: number) => noise[(7 * ticks + t) * width];
    expect(at(2)).toBeCloseTo(at(0) * 0.6 + at(5) * 0.4, 6);
    expect(createNoise(rows, ticks, width, knots, 3)).toEqual(noise);
    expect(createNoise(rows, ticks, width, knots, 4)).not.toEqual(noise);
  });
});

describe('MPPI', () => {
  it('flies around a wall to the goal, where the straight way is shut', () => {
    const path = fly(SETTINGS, 130);
    const [x, , z] = path[path.length - 1];
    expect(Math.abs(x - GOAL[0]) + Math.abs(z - GOAL[2])).toBeLessThan(1);
    expect(path.some(([, , at]) => at > 13)).toBe(true);
  });
  it('goes nowhere when all sequences weigh the same', () => {
    const path = fly({ ...SETTINGS, temperature: 1e6 }, 60);
    expect(path[path.length - 1][0]).toBeLessThan(8);
  });
  it('plans the same for the same episode, and otherwise for another', () => {
    const world = worldTo(walled());
    const plan = (episode: number) => {
      const mppi = createMppi(createPlainRunner(SETTINGS), SETTINGS);
      mppi.reset(episode);
      mppi.improveSync({ world, start: { position: [3.5, 2, 3.5] }, cost: COST });
      return [...mppi.plan];
    };
    expect(plan(5)).toEqual(plan(5));
    expect(plan(6)).not.toEqual(plan(5));
  });
  it('moves its plan on, and holds the last control', () => {
    const mppi = createMppi(createPlainRunner(SETTINGS), SETTINGS);
    mppi.plan.forEach((_, i) => {
      mppi.plan[i] = i;
    });
    mppi.advance(2);
    expect([...mppi.plan.subarray(0, 3)]).toEqual([6, 7, 8]);
    expect([...mppi.plan.subarray(111)]).toEqual([117, 118, 119, 117, 118, 119, 117, 118, 119]);
  });
});

describe('the model of a vehicle', () => {
  it('has ways that leave corners free', () => {
    expect(ROLL_MOVES.moves.map(({ cost }) => cost).sort()).toEqual([10, 10, 10, 10, 14, 14, 14, 14]);
    expect(GLIDE_MOVES.moves.length).toBe(18);
    for (const { offset, free } of [...ROLL_MOVES.moves, ...GLIDE_MOVES.moves])
      expect(free.length).toBe(offset.filter((by) => by !== 0).length > 1 ? 2 : 0);
  });
  it('keeps to what the vehicle is given', () => {
    expect(rolloutBodyOf({ ...rover, maxSpeed: 1.5 })).toMatchObject({ kind: 'rover', width: 0.9, maxSpeed: 1.5, maxReverse: 0.75 });
  });
});

describe('a pilot that plans', () => {
  const grid: SolidGrid = { size: [12, 4, 12], solid: new Uint8Array(12 * 4 * 12).map((_, i) => (i < 144 ? 1 : 0)) };
  const state = { position: [6, 1.3, 9] as const, velocity: [0, 0, 0] as const, yaw: 0, yawRate: 0 };
  it('brakes until it is told where to go, then drives ahead to what lies ahead', () => {
    const pilot = new VehiclePilot(rover, grid.size, { numSequences: 256 });
    pilot.reset(0);
    expect(pilot.decideSync(state)).toMatchObject({ forward: 0, brake: true });
    expect(
      pilot.aim(grid, [
        [5, 1, 1],
        [6, 1, 1],
      ]),
    ).toBe(true);
    expect(pilot.decideSync(state).forward).toBeGreaterThan(0.1);
  });
  it('says when no way leads to a place', () => {
    const pilot = new VehiclePilot(rover, grid.size, { numSequences: 16 });
    expect(
      pilot.aim(grid, [
        [5, 3, 1],
        [6, 3, 1],
      ]),
    ).toBe(false);
  });
  it('plans from beside a wall that its model stands in', () => {
    const pilot = new VehiclePilot(rover, grid.size, { numSequences: 256 });
    pilot.reset(0);
    pilot.aim(grid, [
      [5, 1, 1],
      [6, 1, 1],
    ]);
    const stick = pilot.decideSync({ ...state, position: [0.3, 1.3, 9] });
    expect(Math.abs(stick.forward) + Math.abs(stick.turn)).toBeGreaterThan(0.05);
  });
});
