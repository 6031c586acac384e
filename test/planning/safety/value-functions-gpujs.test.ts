/** Value functions on gpu.js against the plain reference, in every mode that this machine has. */

import { createGpuJs, type GpuJsRuntime } from '@kinovox/physics';
import {
  type AccuracyName,
  air3d,
  createGpuJsValueFunction,
  createValueGrid,
  doubleIntegrator,
  F32_TOLERANCE,
  sampleGrid,
  solveValueFunction,
  stateOf,
  wallValue,
} from '@kinovox/planning';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MODES } from '../../physics/gpujs/modes.js';

const wallGrid = createValueGrid([
  { low: -3, high: 1, nodes: 41 },
  { low: -2, high: 2, nodes: 41 },
]);
const wallTarget = sampleGrid(wallGrid, (x) => -x[0]);
const gameGrid = createValueGrid([
  { low: -6, high: 20, nodes: 14 },
  { low: -10, high: 10, nodes: 12 },
  { low: 0, high: 2 * Math.PI, nodes: 12, periodic: true },
]);
const gameTarget = sampleGrid(gameGrid, (x) => Math.hypot(x[0], x[1]) - 5);

describe.each(MODES)('value functions in mode %s', (mode) => {
  let runtime: GpuJsRuntime;
  beforeAll(async () => {
    runtime = await createGpuJs({ mode });
  });
  afterAll(() => runtime.destroy());

  it.each(['low', 'medium', 'high'] as AccuracyName[])('are those of the reference within the tolerance, %s', async (accuracy) => {
    for (const [grid, target, system, horizon] of [
      [wallGrid, wallTarget, doubleIntegrator(1, 'greatest'), 1],
      [gameGrid, gameTarget, air3d(5, 1), 0.5],
    ] as const) {
      const problem = { grid, system, horizon };
      const solver = createGpuJsValueFunction(runtime, problem, { accuracy });
      const there = await solver.run(target);
      await solver.destroy();
      const here = solveValueFunction({ ...problem, target }, { accuracy });
      expect(there.steps).toBe(here.steps);
      const largest = here.values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
      const difference = here.values.reduce((most, v, n) => Math.max(most, Math.abs(v - there.values[n])), 0);
      expect(difference / largest).toBeLessThan(F32_TOLERANCE);
      // Another accuracy, and the function it began with, are further away by far.
      const other = solveValueFunction({ ...problem, target }, { accuracy: accuracy === 'low' ? 'medium' : 'low' });
      for (const wrong of [target, other.values])
        expect(wrong.reduce((most, v, n) => Math.max(most, Math.abs(v - there.values[n])), 0) / largest).toBeGreaterThan(
          200 * F32_TOLERANCE,
        );
    }
  });

  it('call no unsafe state safe by more than the tolerance', async () => {
    const solver = createGpuJsValueFunction(runtime, { grid: wallGrid, system: doubleIntegrator(1, 'greatest'), horizon: 3 });
    const { values } = await solver.run(wallTarget);
    await solver.destroy();
    const x = new Float64Array(2);
    const margin = F32_TOLERANCE * 3;
    let optimistic = 0;
    let unsafe = 0;
    for (let n = 0; n < values.length; n++) {
      stateOf(wallGrid, n, x);
      if (wallValue(x[0], x[1], 1) >= -1e-9) continue;
      unsafe++;
      if (values[n] > margin) optimistic++;
    }
    expect(unsafe).toBeGreaterThan(400);
    expect(optimistic).toBe(0);
  });

  it('are held above obstacles, and touch targets', async () => {
    const grid = createValueGrid([
      { low: 0, high: 4, nodes: 41 },
      { low: 0, high: 1, nodes: 4 },
    ]);
    const system = {
      name: 'line',
      drift: [0, 0],
      inputs: [{ name: 'u', low: -1, high: 1, gain: [1, 0], seeks: 'least' as const }],
    };
    const target = sampleGrid(grid, ([x]) => x - 0.5);
    const obstacle = sampleGrid(grid, ([x]) => 0.35 - Math.abs(x - 2));
    const problem = { grid, system, horizon: 2, kind: 'touch' as const };
    const solver = createGpuJsValueFunction(runtime, { ...problem, hasObstacle: true });
    const { values } = await solver.run(target, obstacle);
    await solver.destroy();
    const here = solveValueFunction({ ...problem, target, obstacle });
    expect(Math.max(...values.map((v, n) => Math.abs(v - here.values[n])))).toBeLessThan(1e-4);
    expect(Math.max(...values.map((v, n) => obstacle[n] - v))).toBeLessThanOrEqual(1e-6);
  });
});
