/** Distance fields: the plain reference against all pairs of cells, gpu.js against the reference. */
import { createGpuJs, createGpuJsDistanceField, type DistanceOptions, distanceField, type SolidGrid } from '@kinovox/physics';
import { describe, expect, it } from 'vitest';
import { MODES } from '../gpujs/modes.js';
import { randomGrid } from './grids.js';

/** Least distance over all cells of the kind, up to `farM`. */
function byAllPairs({ size: [sizeX, sizeY, sizeZ], solid }: SolidGrid, kind: 0 | 1, options: DistanceOptions): number[] {
  const { metric = 'euclidean', farM = 64, level } = options;
  const cells: (readonly [number, number, number])[] = [];
  for (let y = 0; y < sizeY; y++) for (let z = 0; z < sizeZ; z++) for (let x = 0; x < sizeX; x++) cells.push([x, y, z]);
  const targets = cells.filter((_, i) => solid[i] === kind);
  return cells.map(([x, y, z]) =>
    targets.reduce((least, [tx, ty, tz]) => {
      if (level && ty !== y) return least;
      const [dx, dy, dz] = [Math.abs(x - tx), Math.abs(y - ty), Math.abs(z - tz)];
      return Math.min(least, metric === 'euclidean' ? Math.hypot(dx, dy, dz) : dx + dy + dz);
    }, farM),
  );
}

const CASES: [string, DistanceOptions][] = [
  ['euclidean', {}],
  ['manhattan', { metric: 'manhattan' }],
  ['signed euclidean', { signed: true }],
  ['euclidean within a layer', { level: true }],
  ['signed manhattan up to 3 m', { metric: 'manhattan', signed: true, farM: 3 }],
];

describe('a distance field', () => {
  it.each(CASES)('is the least over all pairs of cells: %s', (_, options) => {
    for (const share of [4, 60, 200]) {
      const grid = randomGrid([9, 6, 7], share, share);
      const { signed } = options;
      const outside = byAllPairs(grid, 1, options);
      const inside = byAllPairs(grid, 0, options);
      const { values } = distanceField(grid, options);
      outside.forEach((metres, i) => {
        expect(values[i]).toBeCloseTo(signed ? metres - inside[i] : metres, 5);
      });
      expect(new Set(values).size).toBeGreaterThan(1);
    }
    expect(new Set(distanceField(randomGrid([9, 6, 7], 4, 4), options).values).size).toBeGreaterThan(3);
  });
  it('is the farthest everywhere in a world without solid cells', () => {
    expect(new Set(distanceField({ size: [4, 2, 3], solid: new Uint8Array(24) }, { farM: 10 }).values)).toEqual(new Set([10]));
  });
  it.each(['manhattan', 'euclidean'] as const)('differs for another metric than %s', (metric) => {
    const grid = randomGrid([9, 6, 7], 4, 4);
    expect(distanceField(grid, { metric }).values).not.toEqual(
      distanceField(grid, { metric: metric === 'euclidean' ? 'manhattan' : 'euclidean' }).values,
    );
  });
  it('refuses a range that it cannot tell apart exactly, and arrays of another size', () => {
    expect(() => distanceField({ size: [2, 2, 2], solid: new Uint8Array(8) }, { farM: 2000 })).toThrow(
      /farM must be .* in \[1, 1024\]; got 2000/,
    );
    expect(() => distanceField({ size: [2, 2, 2], solid: new Uint8Array(7) })).toThrow(/solid must hold 8 cells.*; got 7/);
  });
});

describe.each(MODES)('a distance field on gpu.js in the mode %s', (mode) => {
  it.each(CASES)('is the reference: %s', async (_, options) => {
    const runtime = await createGpuJs({ mode });
    const size = [31, 12, 23] as const;
    const field = createGpuJsDistanceField(runtime, size, options);
    for (const share of [1, 30, 160]) {
      const grid = randomGrid(size, 7 + share, share);
      const { values } = await field.run(grid);
      const wanted = distanceField(grid, options).values;
      if (options.metric === 'manhattan') expect(values).toEqual(wanted);
      else {
        const worst = wanted.reduce((most, metres, i) => Math.max(most, Math.abs(values[i] - metres) / Math.max(1, Math.abs(metres))), 0);
        expect(worst).toBeLessThan(1e-4);
      }
      expect(Math.max(...wanted)).toBeGreaterThan(1);
    }
    await field.destroy();
    await runtime.destroy();
  });
});
