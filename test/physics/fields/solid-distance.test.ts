/** Signed distances from points to solid cubes, against a look at every cell, and after edits. */
import { isSolidCell, type SolidView, signedDistanceAt } from '@kinovox/physics';
import { describe, expect, it } from 'vitest';

const SIZE = [40, 9, 11] as const;
const ROW_WORDS = 2;

function view(share: number, seed: number): SolidView {
  const rows = new Uint32Array(SIZE[1] * SIZE[2] * ROW_WORDS);
  let at = seed;
  for (let y = 0; y < SIZE[1]; y++)
    for (let z = 0; z < SIZE[2]; z++)
      for (let x = 0; x < SIZE[0]; x++) {
        at = (Math.imul(at, 1664525) + 1013904223) >>> 0;
        if (at / 2 ** 32 < share) rows[(y * SIZE[2] + z) * ROW_WORDS + (x >> 5)] |= 1 << (x & 31);
      }
  return { rows, base: 0, rowWords: ROW_WORDS, size: SIZE };
}

/** The nearest cell of the other kind among all, and those around the world. */
function plain(solid: SolidView, p: readonly number[], far: number): number {
  const inside = isSolidCell(solid, Math.floor(p[0]), Math.floor(p[1]), Math.floor(p[2]));
  let best = far;
  for (let y = -8; y < SIZE[1] + 8; y++)
    for (let z = -8; z < SIZE[2] + 8; z++)
      for (let x = -8; x < SIZE[0] + 8; x++) {
        if (isSolidCell(solid, x, y, z) === inside) continue;
        const by = [x, y, z].map((c, axis) => Math.max(c - p[axis], 0, p[axis] - c - 1));
        best = Math.min(best, Math.hypot(...by));
      }
  return inside ? -best : best;
}

describe('the signed distance to what is solid', () => {
  it.each([0.002, 0.3, 0.97])('is that to the nearest cube, with a share of %f solid', (share) => {
    const solid = view(share, 7);
    let at = 99;
    const draw = (most: number) => {
      at = (Math.imul(at, 1664525) + 1013904223) >>> 0;
      return (at / 2 ** 32) * most;
    };
    for (let k = 0; k < 25; k++) {
      const [x, y, z] = [draw(SIZE[0]), draw(SIZE[1]), draw(SIZE[2])];
      expect(signedDistanceAt(solid, x, y, z, 5)).toBeCloseTo(plain(solid, [x, y, z], 5), 10);
    }
  });

  it('follows edits, counts cells that may become solid, and ends at farM', () => {
    const rows = new Uint32Array(SIZE[1] * SIZE[2] * ROW_WORDS);
    const open: SolidView = { rows, base: 0, rowWords: ROW_WORDS, size: SIZE };
    const at = (5 * SIZE[2] + 5) * ROW_WORDS;
    expect(signedDistanceAt(open, 20.5, 5.5, 5.5, 3)).toBe(3);
    expect(signedDistanceAt(open, 20.5, 5.5, 5.5)).toBe(5.5);
    rows[at] = 1 << 18;
    expect(signedDistanceAt(open, 20.5, 5.5, 5.5)).toBe(1.5);
    expect(signedDistanceAt(open, 18.25, 5.5, 5.5)).toBe(-0.25);
    const also = new Uint32Array(rows.length);
    also[at] = 1 << 21;
    expect(signedDistanceAt({ ...open, also }, 20.5, 5.5, 5.5)).toBe(0.5);
    rows[at] = 0;
    expect(signedDistanceAt(open, 20.5, 5.5, 5.5)).toBe(5.5);
    // Empty above the world, solid beside and below it.
    expect(signedDistanceAt(open, 20.5, 12, 5.5, 4)).toBe(4);
    expect(signedDistanceAt(open, 20.5, -1, 5.5, 4)).toBe(-1);
  });

  it('is refused for a point that is none', () => {
    expect(() => signedDistanceAt(view(0.1, 1), Number.NaN, 1, 1)).toThrow(/must be finite/);
    expect(() => signedDistanceAt(view(0.1, 1), 1, 1, 1, 0)).toThrow(/farM must be in \(0, 64\]/);
  });
});
