/** Rollouts on gpu.js: final states equal to the plain reference in every bit, costs within 1e-4. */
import {
  CONTROLS_OF,
  createGpuJs,
  createGpuJsRollouts,
  createRolloutWorld,
  FLYER_BODY,
  geodesicField,
  ROVER_BODY,
  type RolloutBody,
  type RolloutCost,
  type RolloutState,
  rollOut,
  type SolidGrid,
  WALKER_BODY,
} from '@kinovox/physics';
import { describe, expect, it } from 'vitest';
import { randomGrid } from '../physics/fields/grids.js';
import { randomWords } from '../physics/fixture.js';
import { MODES } from '../physics/gpujs/modes.js';

const SIZE = [24, 8, 20] as const;
const COST: RolloutCost = {
  goal: [20, 1, 16],
  goalWeight: 0.3,
  obstacleWeight: 2,
  clearance: 1.5,
  effortWeight: 0.05,
  collisionWeight: 4,
  terminalWeight: 10,
};
const NUM_SEQUENCES = 256;
const NUM_TICKS = 40;

/** A cluttered world, free around the start. */
function world(seed: number): SolidGrid {
  const grid = randomGrid(SIZE, seed, 40, true);
  for (let y = 1; y < 4; y++) for (let z = 3; z < 6; z++) for (let x = 3; x < 6; x++) grid.solid[(y * SIZE[2] + z) * SIZE[0] + x] = 0;
  return grid;
}

const STARTS: Record<string, RolloutState> = {
  flyer: { position: [4.5, 2.25, 4.5], velocity: [2, 0.5, 1] },
  rover: { position: [4.5, 1, 4.5], velocity: [1.5, 0, 0], yaw: 2.5, yawRate: -0.4 },
  walker: { position: [4.5, 1, 4.5], velocity: [1, 0, -1] },
};

/** Controls that hold for some ticks, so that bodies get somewhere. */
function randomControls(body: RolloutBody, seed: number): Float32Array {
  const next = randomWords(seed);
  const width = CONTROLS_OF[body.kind];
  const out = new Float32Array(NUM_SEQUENCES * NUM_TICKS * width);
  for (let i = 0; i < out.length; i++) {
    const fresh = ((next() >>> 8) % 2400) / 1000 - 1.2;
    const tick = Math.floor(i / width) % NUM_TICKS;
    out[i] = tick === 0 || (next() >>> 9) % 4 === 0 ? fresh : out[i - width];
  }
  return out;
}

describe.each(MODES)('rollouts on gpu.js in the mode %s', (mode) => {
  it.each([FLYER_BODY, ROVER_BODY, WALKER_BODY])('end where the reference does, at its cost: $kind', async (body) => {
    const runtime = await createGpuJs({ mode });
    const rollouts = createGpuJsRollouts(runtime, { body, size: SIZE, numSequences: NUM_SEQUENCES, numTicks: NUM_TICKS });
    for (const seed of [1, 2]) {
      const request = {
        world: createRolloutWorld(world(seed), { level: body.kind !== 'flyer' }),
        start: STARTS[body.kind],
        controls: randomControls(body, seed),
        cost: COST,
        finals: true,
      };
      const wanted = rollOut(body, NUM_SEQUENCES, NUM_TICKS, request);
      const got = await rollouts.run(request);
      expect(got.finals).toEqual(wanted.finals);
      expect(worstShare(got.costs, wanted.costs)).toBeLessThan(1e-4);
      // Different sequences end in different places, and some of them were stopped on the way.
      expect(new Set(wanted.costs).size).toBeGreaterThan(NUM_SEQUENCES / 2);
      const free = rollOut(body, NUM_SEQUENCES, NUM_TICKS, { ...request, cost: { ...COST, collisionWeight: 0 } });
      const stopped = wanted.costs.filter((cost, n) => cost > free.costs[n]).length;
      expect(stopped).toBeGreaterThan(NUM_SEQUENCES / 4);
      // Another world is another result: equality is not of something that never looks.
      const elsewhere = await rollouts.run({ ...request, world: createRolloutWorld(world(seed + 9), { level: body.kind !== 'flyer' }) });
      expect(elsewhere.finals).not.toEqual(wanted.finals);
    }
    rollouts.destroy();
    await runtime.destroy();
  });
  it('count the way left where the world has a guide', async () => {
    const runtime = await createGpuJs({ mode });
    const grid = world(3);
    const guide = geodesicField(grid, [
      [
        [18, 1, 14],
        [22, 3, 18],
      ],
    ]);
    const settings = { body: WALKER_BODY, size: SIZE, numSequences: NUM_SEQUENCES, numTicks: NUM_TICKS, guided: true };
    const rollouts = createGpuJsRollouts(runtime, settings);
    const request = {
      world: createRolloutWorld(grid, { level: true, guide }),
      start: STARTS.walker,
      controls: randomControls(WALKER_BODY, 5),
      cost: { ...COST, guideWeight: 1, terminalGuideWeight: 20 },
    };
    const wanted = rollOut(WALKER_BODY, NUM_SEQUENCES, NUM_TICKS, request);
    expect(worstShare((await rollouts.run(request)).costs, wanted.costs)).toBeLessThan(1e-4);
    const plain = rollOut(WALKER_BODY, NUM_SEQUENCES, NUM_TICKS, { ...request, cost: COST });
    expect(worstShare(plain.costs, wanted.costs)).toBeGreaterThan(0.1);
    await expect(rollouts.run({ ...request, world: createRolloutWorld(grid) })).rejects.toThrow(
      /made for worlds of .* with a guide; got .* without/,
    );
    rollouts.destroy();
    await runtime.destroy();
  });
});

function worstShare(got: Float32Array, wanted: Float32Array): number {
  return wanted.reduce((most, cost, n) => Math.max(most, Math.abs(got[n] - cost) / Math.abs(cost)), 0);
}
