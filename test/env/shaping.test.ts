/** The shaping channel: how far each agent has to go, beside the rewards and never in them. */
import { type BatchEnv, createBatchEnvSync, createEnvSync, loadScenario, shapingOf } from '@kinovox/env';
import { type CellRegion, cellIndex, geodesicField, solidGridOf, UNREACHED } from '@kinovox/physics';
import { describe, expect, it } from 'vitest';
import { randomWords } from '../physics/fixture.js';

const path = (id: string) => `scenarios/${id}.scenario.json`;
const MAZE = path('reach-maze-v1');

/** Wandering, the same for the same seed: turns now and then, mostly forward, jumps sometimes. */
function wander(env: BatchEnv, next: () => number): Float32Array {
  const width = env.actionLength / env.numWorlds / env.numAgents;
  const actions = new Float32Array(env.actionLength);
  for (let i = 0; i < env.numWorlds * env.numAgents; i++) {
    actions[i * width] = 1;
    actions[i * width + 5] = (next() >>> 8) % 4 === 0 ? ((next() >>> 8) % 200) / 100 - 1 : 0;
    actions[i * width + 2] = (next() >>> 9) % 6 === 0 ? 1 : 0;
  }
  return actions;
}

/** Where the task of the maze leads in the level that a row plays. */
function regionOf(env: BatchEnv, row: number): CellRegion {
  const { task } = env.compiled.resolve(env.split, env.rowInfo(row).variant) as unknown as { task: { reach: { region: CellRegion } } };
  return task.reach.region;
}

describe('the shaping channel', () => {
  it('is the geodesic field of the level at the feet, before and after each tick', () => {
    const env = createBatchEnvSync({ scenario: MAZE, numWorlds: 3, seed: 5, shaping: true });
    env.reset();
    const { state } = env.engine;
    const grids = [0, 1, 2].map((row) => solidGridOf(env.engine, row));
    const fields = grids.map((grid, row) => geodesicField(grid, [regionOf(env, row)]).values);
    const next = randomWords(3);
    const feet = (row: number) => cellIndex(grids[row].size, state.posX[row] >> 16, state.posY[row] >> 16, state.posZ[row] >> 16);
    let inAir = 0;
    let moved = 0;
    for (let tick = 0; tick < 200; tick++) {
      const before = [0, 1, 2].map((row) => fields[row][feet(row)]);
      const { wayLeft } = env.stepSync(wander(env, next));
      for (let row = 0; row < 3; row++) {
        const after = fields[row][feet(row)];
        // In a jump the feet are above the cell that counts.
        if (before[row] < UNREACHED) expect(wayLeft![2 * row]).toBe(before[row]);
        else inAir++;
        if (after < UNREACHED) expect(wayLeft![2 * row + 1]).toBe(after);
        if (wayLeft![2 * row] !== wayLeft![2 * row + 1]) moved++;
      }
    }
    expect(inAir).toBeGreaterThan(10);
    expect(moved).toBeGreaterThan(30);
  });
  it('adds up to what the agent came nearer, also in steps that end an episode and begin the next', () => {
    const env = createBatchEnvSync({ scenario: path('reach-flat-v1'), numWorlds: 16, seed: 2, shaping: true });
    env.reset();
    const next = randomWords(8);
    const sums = new Float64Array(16);
    const first = new Int32Array(16).fill(-1);
    let ends = 0;
    for (let tick = 0; tick < 700; tick++) {
      const { wayLeft, ended, endStatus } = env.stepSync(wander(env, next));
      const shaping = shapingOf(wayLeft!);
      for (let row = 0; row < 16; row++) {
        if (first[row] < 0) first[row] = wayLeft![2 * row];
        sums[row] += shaping[row];
        if (ended[row] === 0) continue;
        expect(sums[row]).toBeCloseTo((first[row] - wayLeft![2 * row + 1]) / 10, 3);
        // Success is to stand where no way is left.
        if (endStatus[row] === 1) expect(wayLeft![2 * row + 1]).toBe(0);
        sums[row] = 0;
        first[row] = -1;
        ends++;
      }
    }
    expect(ends).toBeGreaterThan(16);
  });
  it('changes no reward, no observation and no state', () => {
    const envs = [true, false].map((shaping) => createBatchEnvSync({ scenario: path('bridge-gap-v1'), numWorlds: 4, seed: 9, shaping }));
    for (const env of envs) env.reset();
    const nexts = [randomWords(4), randomWords(4)];
    for (let tick = 0; tick < 120; tick++) {
      const [shaped, plain] = envs.map((env, k) => env.stepSync(wander(env, nexts[k])));
      expect(shaped.rewards).toEqual(plain.rewards);
      expect(shaped.observations.vector).toEqual(plain.observations.vector);
      expect([shaped.wayLeft?.length, plain.wayLeft]).toEqual([16, undefined]);
    }
    expect(envs[0].stateHash()).toBe(envs[1].stateHash());
    expect(envs[0].compiled.program.scenarioHash).toBe(envs[1].compiled.program.scenarioHash);
  });
  it('is in the infos of a single world, in metres', () => {
    const env = createEnvSync({ scenario: path('reach-flat-v1'), seed: 1, shaping: true });
    env.reset();
    const [before, after] = env.step({ ada: { forward: 1 } }).infos.ada.wayLeft!;
    expect(before).toBeGreaterThan(2);
    expect(Math.abs(after - before)).toBeLessThan(2);
    const plain = createEnvSync({ scenario: path('reach-flat-v1'), seed: 1 });
    plain.reset();
    expect(plain.step({}).infos.ada.wayLeft).toBeUndefined();
  });
  it('can be asked for with a scenario that was compiled without', () => {
    const compiled = loadScenario(MAZE);
    expect(loadScenario(compiled)).toBe(compiled);
    expect(loadScenario(compiled, { shaping: true }).program.shaping?.wayOfAgent).toEqual(Int32Array.of(0));
  });
  it('is refused where no task leads to a place by reach', () => {
    expect(() => loadScenario(path('tag-v1'), { shaping: true })).toThrow(/Shaping must have a place to lead to; got tag-v1/);
  });
});

describe('shapingOf', () => {
  it('discounts what is left after the step', () => {
    expect([...shapingOf(Int32Array.of(100, 90, 40, 50), 1)]).toEqual([1, -1]);
    expect([...shapingOf(Int32Array.of(100, 90, 40, 50), 0.5)]).toEqual([5.5, 1.5]);
  });
  it('refuses a discount out of range and an array of another length', () => {
    expect(() => shapingOf(Int32Array.of(1, 2), 0)).toThrow(/discount must be in \(0, 1\]; got 0/);
    expect(() => shapingOf(Int32Array.of(1, 2), 1, new Float32Array(2))).toThrow(/out must hold 1 numbers/);
  });
});
