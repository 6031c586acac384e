/** Levels packed for the kernels of `gpujs`: every cell where a kernel reads it, and places given on when worlds move on. */
import { UsageError } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { LevelPool } from '../../../packages/physics/src/engines/gpujs/level-pool.js';
import { levelFloats, type MotionShape } from '../../../packages/physics/src/engines/gpujs/level-text.js';
import type { VariantData } from '../../../packages/physics/src/program.js';

/** 29 blocks along x, so that a row takes two floats; an odd number of cells. */
const SHAPE: MotionShape = { numAgents: 1, sizeX: 29, sizeY: 3, sizeZ: 5, hasLiquid: true, hasClimbable: false, hasGround: false };
/** Palette: air, stone, water, brick. */
const SOLID = Uint8Array.of(0, 1, 0, 1);
const cellOf = (variant: number, cell: number) => (cell * 7 + variant * 13 + (cell >> 3)) & 3;
const level = (variant: number) =>
  ({ variant, voxels: Uint8Array.from({ length: 29 * 3 * 5 }, (_, cell) => cellOf(variant, cell)) }) as unknown as VariantData;

function expectHolds(pool: LevelPool, place: number, variant: number): void {
  const floats = levelFloats(SHAPE);
  for (let cell = 0; cell < 29 * 3 * 5; cell++) {
    const [line, x] = [Math.floor(cell / 29), cell % 29];
    const float = pool.solid[place * floats.solid + line * 2 + Math.floor(x / 24)];
    const pair = pool.cells[place * floats.cells + (cell >> 1)];
    const found = [(float >> (x % 24)) & 1, (pair >> (8 * (cell & 1))) & 255];
    expect(found, `cell ${cell} of variant ${variant}`).toEqual([SOLID[cellOf(variant, cell)], cellOf(variant, cell)]);
  }
}

describe('the level pool of the engine gpujs', () => {
  it('holds every cell where a kernel reads it', () => {
    const pool = new LevelPool(SHAPE, SOLID, 2, 10, 'a');
    for (const variant of [4, 7]) expectHolds(pool, pool.place(variant & 1, level(variant)), variant);
    expect(Math.max(...pool.solid)).toBeGreaterThan(2 ** 23);
    expect(Math.max(...pool.solid)).toBeLessThan(2 ** 24);
  });

  it('gives worlds with one variant one place, and keeps it while any of them plays it', () => {
    const pool = new LevelPool(SHAPE, SOLID, 3, 2 ** 31, 'a');
    const first = pool.place(0, level(1));
    expect(pool.place(1, level(1))).toBe(first);
    // World 0 plays a thousand others: more than there are places.
    for (let variant = 2; variant < 1000; variant++) {
      const place = pool.place(0, level(variant));
      expect(place).not.toBe(first);
      if (variant % 100 === 0) expectHolds(pool, place, variant);
    }
    expect(pool.place(1, level(1))).toBe(first);
    expectHolds(pool, first, 1);
  });

  it('refuses more levels than exact indices can tell apart', () => {
    const wide: MotionShape = { ...SHAPE, sizeX: 240, sizeY: 240, sizeZ: 240 };
    expect(() => new LevelPool(wide, SOLID, 3, 2 ** 31, 'wide-v1')).toThrow(UsageError);
    expect(() => new LevelPool(wide, SOLID, 3, 2 ** 31, 'wide-v1')).toThrow(/got 3 levels of 6912000 in wide-v1\. Use at most 2 worlds/);
    // One level for all worlds is enough where there is but one.
    expect(new LevelPool({ ...SHAPE, sizeX: 60 }, SOLID, 60_000, 1, 'a').place(59_999, level(0))).toBe(0);
  });
});
