/** Geodesic fields: the plain reference against the definition, gpu.js against the reference, cell for cell. */
import {
  createGpuJs,
  createGpuJsGeodesicField,
  FLY_MOVES,
  geodesicField,
  geodesicOnward,
  type MoveSet,
  type SolidGrid,
  UNREACHED,
  WALK_MOVES,
} from '@kinovox/physics';
import { describe, expect, it } from 'vitest';
import { MODES } from '../gpujs/modes.js';
import { drawnGrid, GROUND_LAYER, randomGrid } from './grids.js';

/** Written from the definition: rounds over all cells and moves until nothing gets better, asking the grid each time. */
function byRounds({ size: [sizeX, sizeY, sizeZ], solid }: SolidGrid, goal: readonly [number, number, number], set: MoveSet): number[] {
  const isSolid = (x: number, y: number, z: number) => {
    if (x < 0 || z < 0 || y < 0 || x >= sizeX || z >= sizeZ) return true;
    return y < sizeY && solid[(y * sizeZ + z) * sizeX + x] === 1;
  };
  const stands = (x: number, y: number, z: number) =>
    y < sizeY && set.body.every(([a, b, c]) => !isSolid(x + a, y + b, z + c)) && (!set.standing || isSolid(x, y - 1, z));
  const at = (x: number, y: number, z: number) => (y * sizeZ + z) * sizeX + x;
  const best = Array.from({ length: sizeX * sizeY * sizeZ }, () => UNREACHED);
  if (stands(...goal)) best[at(...goal)] = 0;
  for (let better = true; better; ) {
    better = false;
    for (let y = 0; y < sizeY; y++)
      for (let z = 0; z < sizeZ; z++)
        for (let x = 0; x < sizeX; x++) {
          if (!stands(x, y, z)) continue;
          for (const { offset, cost, free } of set.moves) {
            const [tx, ty, tz] = [x + offset[0], y + offset[1], z + offset[2]];
            if (!stands(tx, ty, tz) || free.some(([a, b, c]) => isSolid(x + a, y + b, z + c))) continue;
            const through = best[at(tx, ty, tz)] + cost;
            if (through >= best[at(x, y, z)]) continue;
            best[at(x, y, z)] = through;
            better = true;
          }
        }
  }
  return best;
}

describe('a geodesic field', () => {
  it.each([WALK_MOVES, FLY_MOVES])('leads from every cell that has a way, move by move, to the goal: $name', (set) => {
    const grid = randomGrid([9, 6, 9], 4, 0.3);
    const field = geodesicField(
      grid,
      [
        [
          [2, 0, 2],
          [3, 5, 3],
        ],
      ],
      set,
    );
    const onward = geodesicOnward(grid, field, set);
    const lengths = new Set<number>();
    field.values.forEach((left, cell) => {
      if (left >= UNREACHED) expect(onward[cell]).toBe(-1);
      let [at, length] = [cell, 0];
      for (; left < UNREACHED && field.values[at] > 0; at = onward[at], length++)
        expect(field.values[onward[at]]).toBeLessThan(field.values[at]);
      if (left < UNREACHED) expect([field.values[at], onward[at]]).toEqual([0, at]);
      lengths.add(length);
    });
    expect(lengths.size).toBeGreaterThan(4);
  });
  it('leads around a wall and through a door, in tenths of a metre', () => {
    const grid = drawnGrid(['.......', '.#####.', '.#...#.', '.##.##.', '.......']);
    const { values } = geodesicField(grid, [
      [
        [3, 1, 2],
        [3, 1, 2],
      ],
    ]);
    const at = (x: number, z: number) => values[(GROUND_LAYER * 5 + z) * 7 + x];
    expect([at(3, 2), at(2, 2), at(3, 3), at(3, 4)]).toEqual([0, 10, 10, 20]);
    // Twelve steps all around: no diagonal may cut a corner of the wall.
    expect(at(3, 0)).toBe(120);
    expect(at(2, 4)).toBe(30);
    expect(at(1, 1)).toBe(UNREACHED);
  });
  it('climbs one block and falls three, but does not come back up', () => {
    // A staircase of one, then a pit of three.
    const size = [4, 6, 1] as const;
    const heights = [4, 4, 5, 1];
    const solid = Uint8Array.from({ length: 24 }, (_, i) => (Math.floor(i / 4) < heights[i % 4] - 1 ? 1 : 0));
    const down = geodesicField({ size, solid }, [
      [
        [3, 0, 0],
        [3, 0, 0],
      ],
    ]).values;
    // Four blocks down from the step are too many.
    expect(down[3 * 4 + 0]).toBe(UNREACHED);
    const lower = Uint8Array.from({ length: 24 }, (_, i) => (Math.floor(i / 4) < [4, 4, 5, 2][i % 4] - 1 ? 1 : 0));
    const fall = geodesicField({ size, solid: lower }, [
      [
        [3, 1, 0],
        [3, 1, 0],
      ],
    ]).values;
    expect([fall[4 * 4 + 2], fall[3 * 4 + 1], fall[3 * 4]]).toEqual([32, 46, 56]);
    const back = geodesicField({ size, solid: lower }, [
      [
        [0, 3, 0],
        [0, 3, 0],
      ],
    ]).values;
    expect([back[1 * 4 + 3], back[4 * 4 + 2]]).toEqual([UNREACHED, 24]);
  });
  it('has at most 24 moves, what an edge word holds', () => expect(WALK_MOVES.moves.length).toBe(24));
  it.each([
    ['walk', WALK_MOVES, 40],
    ['fly', FLY_MOVES, 90],
  ] as const)('is what rounds over all moves give: %s', (_, set, share) => {
    let reached = 0;
    for (let seed = 1; seed <= 6; seed++) {
      const grid = randomGrid([8, 5, 7], seed, share, true);
      const goal = [seed, 1, 3] as const;
      const { values } = geodesicField(grid, [[goal, goal]], set);
      expect([...values]).toEqual(byRounds(grid, goal, set));
      reached += values.filter((value) => value > 0 && value < UNREACHED).length;
    }
    expect(reached).toBeGreaterThan(50);
  });
});

describe.each(MODES)('a geodesic field on gpu.js in the mode %s', (mode) => {
  it.each([
    ['walk', WALK_MOVES, 30],
    ['fly', FLY_MOVES, 90],
  ] as const)('equals the reference: %s', async (_, set, share) => {
    const runtime = await createGpuJs({ mode });
    const size = [24, 8, 20] as const;
    const field = createGpuJsGeodesicField(runtime, size, set);
    for (const seed of [1, 2, 3]) {
      const grid = randomGrid(size, seed, share, true);
      const goals = [
        [
          [10, 1, 8],
          [14, 3, 12],
        ] as const,
      ];
      const wanted = geodesicField(grid, goals, set);
      expect((await field.run(grid, goals)).values).toEqual(wanted.values);
      // A way of many steps, or the relaxation was not asked for much.
      expect(Math.max(...wanted.values.filter((value) => value < UNREACHED))).toBeGreaterThan(150);
      // Another world gives another field.
      const other = randomGrid(size, seed + 100, share, true);
      expect((await field.run(other, goals)).values).not.toEqual(wanted.values);
    }
    await field.destroy();
    await runtime.destroy();
  });
});
