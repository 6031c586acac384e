/** Stencils: what the data says, and the same on gpu.js. */
import { allEdges, createGpuJs, createGpuJsStencil, FIXED_CELL, runStencil, type Stencil, type StencilProblem } from '@kinovox/physics';
import { describe, expect, it } from 'vitest';
import { randomWords } from '../fixture.js';
import { MODES } from '../gpujs/modes.js';

const SIDES = [
  [1, 0, 0],
  [-1, 0, 0],
  [0, 0, 1],
  [0, 0, -1],
] as const;
const DIFFUSION: Stencil = { neighbours: SIDES.map((offset) => ({ offset, times: 0.25 })), combine: 'sum', keepOwn: false };
const STEPS: Stencil = { neighbours: SIDES.map((offset) => ({ offset, plus: 1 })), combine: 'least', keepOwn: true };
/** Reachability: the best neighbour, worth a little less each step, in three dimensions. */
const VALUE: Stencil = {
  neighbours: ([...SIDES, [0, 1, 0], [0, -1, 0], [1, 1, 0]] as const).map((offset) => ({ offset, times: 0.875, plus: -0.125 })),
  combine: 'greatest',
  keepOwn: true,
};

function randomProblem(size: StencilProblem['size'], stencil: Stencil, seed: number): StencilProblem {
  const next = randomWords(seed);
  const edges = allEdges(size, stencil).map((bits) => ((next() >>> 9) % 8 === 0 ? FIXED_CELL : bits & (next() >>> 8)));
  const number = () => ((next() >>> 12) % 1000) / 8;
  return { size, edges, start: edges.map(number), bias: edges.map(() => number() / 100) };
}

describe('a stencil', () => {
  it('counts steps from a source, around a wall, until nothing changes', () => {
    // 5 x 3 cells, a wall from above down to the last row.
    const size = [5, 1, 3] as const;
    const wall = new Set([2, 7]);
    const edges = allEdges(size, STEPS).map((bits, i) => (wall.has(i) ? FIXED_CELL : bits));
    const start = Float32Array.from({ length: 15 }, (_, i) => (i === 0 ? 0 : 99));
    const { values, steps, settled } = runStencil(STEPS, { size, start, edges }, { maxSteps: 50, tolerance: 0 });
    expect([...values]).toEqual([0, 1, 99, 7, 8, 1, 2, 99, 6, 7, 2, 3, 4, 5, 6]);
    expect([steps, settled]).toEqual([9, true]);
  });
  it('finds the straight line between two fixed ends', () => {
    const size = [9, 1, 1] as const;
    const edges = allEdges(size, { neighbours: DIFFUSION.neighbours }).map((bits, i) => (i === 0 || i === 8 ? FIXED_CELL : bits));
    const half: Stencil = { ...DIFFUSION, neighbours: DIFFUSION.neighbours.map((entry) => ({ ...entry, times: 0.5 })) };
    const start = new Float32Array(9);
    start[8] = 16;
    const { values } = runStencil(half, { size, start, edges }, { maxSteps: 1000 });
    values.forEach((value, i) => {
      expect(value).toBeCloseTo(2 * i, 3);
    });
  });
  it('stops after the steps it was given', () => {
    const size = [5, 1, 3] as const;
    const start = Float32Array.from({ length: 15 }, (_, i) => (i === 0 ? 0 : 99));
    const result = runStencil(STEPS, { size, start, edges: allEdges(size, STEPS) }, { maxSteps: 2, tolerance: 0 });
    expect(result).toMatchObject({ steps: 2, settled: false });
    expect(result.values[3]).toBe(99);
  });
  it('refuses edges that lead out of the grid, and more neighbours than an edge word has bits', () => {
    const size = [2, 1, 2] as const;
    const problem = { size, start: new Float32Array(4), edges: Float32Array.of(15, 15, 15, 15) };
    expect(() => runStencil(STEPS, problem, { maxSteps: 1 })).toThrow(/edges\[0\] must be FIXED_CELL or bits .* within 5; got 15/);
    const many = { ...STEPS, neighbours: Array.from({ length: 25 }, () => STEPS.neighbours[0]) };
    expect(() => runStencil(many, problem, { maxSteps: 1 })).toThrow(/at most 24 neighbours; got 25/);
  });
});

describe.each(MODES)('a stencil on gpu.js in the mode %s', (mode) => {
  it.each([
    ['sum in a plane', DIFFUSION, [37, 1, 21]],
    ['least in a plane', STEPS, [37, 1, 21]],
    ['greatest in space', VALUE, [13, 9, 11]],
  ] as const)('is the reference after any number of steps: %s', async (_, stencil, size) => {
    const runtime = await createGpuJs({ mode });
    const device = createGpuJsStencil(runtime, size, stencil);
    const problem = randomProblem(size, stencil, 5);
    for (const maxSteps of [1, 16, 37]) {
      const wanted = runStencil(stencil, problem, { maxSteps });
      const got = await device.run(problem, { maxSteps });
      expect(got).toMatchObject({ steps: maxSteps, settled: false });
      let worst = 0;
      wanted.values.forEach((value, i) => {
        worst = Math.max(worst, Math.abs(got.values[i] - value) / Math.max(1, Math.abs(value)));
      });
      expect(worst).toBeLessThan(1e-4);
      expect(wanted.values).not.toEqual(problem.start);
    }
    await device.destroy();
    await runtime.destroy();
  });
  it('settles where the reference does', async () => {
    const runtime = await createGpuJs({ mode });
    const size = [40, 1, 30] as const;
    const device = createGpuJsStencil(runtime, size, STEPS);
    const edges = allEdges(size, STEPS);
    const start = edges.map((_, i) => (i === 5 ? 0 : 4096));
    const wanted = runStencil(STEPS, { size, start, edges }, { maxSteps: 500, tolerance: 0 });
    const got = await device.run({ size, start, edges }, { maxSteps: 500, tolerance: 0 });
    expect(got.values).toEqual(wanted.values);
    expect(got.settled).toBe(true);
    expect(got.steps - wanted.steps).toBeLessThan(16);
    await device.destroy();
    await runtime.destroy();
  });
});
