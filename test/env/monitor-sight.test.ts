// Lines of sight: walls stop them, both ends do not, and a mirrored world gives the mirrored answer.
import { hasLineOfSight } from '@kinovox/physics';
import { describe, expect, it } from 'vitest';
import { Dice } from './monitor-worlds.js';

const SIZE = [8, 8, 8] as const;
const OPAQUE = Uint8Array.of(0, 1, 0);

type Point = readonly [number, number, number];

function worldOf(...cells: (readonly [number, number, number, number?])[]): Uint8Array {
  const voxels = new Uint8Array(512);
  for (const [x, y, z, block = 1] of cells) voxels[(y * 8 + z) * 8 + x] = block;
  return voxels;
}

const sees = (voxels: Uint8Array, a: Point, b: Point) => hasLineOfSight(OPAQUE, voxels, 0, SIZE, ...a, ...b);
const centre = (x: number, y: number, z: number): Point => [x * 64 + 32, y * 64 + 32, z * 64 + 32];

describe('hasLineOfSight', () => {
  it('is stopped by an opaque cell between and by no other', () => {
    expect(sees(worldOf(), centre(1, 1, 1), centre(6, 1, 1))).toBe(true);
    expect(sees(worldOf([3, 1, 1]), centre(1, 1, 1), centre(6, 1, 1))).toBe(false);
    expect(sees(worldOf([3, 1, 1, 2]), centre(1, 1, 1), centre(6, 1, 1))).toBe(true);
    expect(sees(worldOf([3, 2, 1], [3, 1, 2], [3, 0, 1]), centre(1, 1, 1), centre(6, 1, 1))).toBe(true);
  });

  it('does not test the cells of its two ends', () => {
    expect(sees(worldOf([1, 1, 1], [6, 1, 1]), centre(1, 1, 1), centre(6, 1, 1))).toBe(true);
    expect(sees(worldOf([1, 1, 1]), centre(1, 1, 1), [70, 70, 70])).toBe(true);
  });

  it('passes outside of the grid', () => {
    expect(sees(worldOf(), [-320, 96, 96], [1200, 96, 96])).toBe(true);
    expect(sees(worldOf([0, 1, 1]), [-320, 96, 96], [1200, 96, 96])).toBe(false);
  });

  it('enters the cell behind a boundary that it starts on, in either direction', () => {
    expect(sees(worldOf([4, 1, 1]), [256, 96, 96], [500, 96, 96])).toBe(false);
    expect(sees(worldOf([3, 1, 1]), [256, 96, 96], [20, 96, 96])).toBe(false);
  });

  it('gives the mirrored answer in a world mirrored in x, z or both', () => {
    const dice = new Dice(5);
    let seen = 0;
    const total = 4000;
    for (let k = 0; k < total; k++) {
      const cells = Array.from({ length: 12 }, () => [dice.below(8), dice.below(8), dice.below(8)] as const);
      // Multiples of 16: boundaries, edges and corners are met often.
      const point = (): Point => [dice.below(33) * 16, dice.below(33) * 16, dice.below(33) * 16];
      const [a, b] = [point(), point()];
      const plain = sees(worldOf(...cells), a, b);
      if (plain) seen++;
      for (const [flipX, flipZ] of [
        [true, false],
        [false, true],
        [true, true],
      ]) {
        const cell = ([x, y, z]: readonly [number, number, number]) => [flipX ? 7 - x : x, y, flipZ ? 7 - z : z] as const;
        const at = ([x, y, z]: Point): Point => [flipX ? 512 - x : x, y, flipZ ? 512 - z : z];
        // A line within a face must choose a side, as the voxel ray cast must.
        if ((flipX && a[0] === b[0] && a[0] % 64 === 0) || (flipZ && a[2] === b[2] && a[2] % 64 === 0)) continue;
        expect(sees(worldOf(...cells.map(cell)), at(a), at(b)), `${a} to ${b}`).toBe(plain);
      }
    }
    expect(seen).toBeGreaterThan(total * 0.2);
    expect(seen).toBeLessThan(total * 0.95);
  });
});
