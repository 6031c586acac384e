// Voxels: palette, grid with its bitboard and hash lanes, edit log, and the integer raycast against a fine-step walker.
import {
  AIR_INDEX,
  BEDROCK_INDEX,
  BLOCKS,
  cosQ14,
  createPalette,
  EditLog,
  FACE_NORMALS,
  isSolidAt,
  MAX_RAY_RANGE_Q16,
  ProtocolError,
  RAY_OUT_SIZE,
  randomBelow,
  randomU32,
  raycastSolid,
  raycastVoxels,
  rowCountOf,
  ScenarioError,
  ShapeError,
  sinQ14,
  VoxelGrid,
  voxelCountOf,
} from '@kinovox/world';
import { describe, expect, it } from 'vitest';

const palette = createPalette(['stone', 'water', 'glass', 'ladder', 'dirt']);
const STONE = palette.indexOfName('stone');
const WATER = palette.indexOfName('water');

/** Draws below n from one counter. */
function drawer(seed: number): (n: number) => number {
  let draw = 0;
  return (n) => randomBelow(randomU32(seed, 0, 0, 0, 0, draw++), n);
}

/** A grid of that size in which one cell in `rarity` is a random block. */
function randomGrid(seed: number, sizeX: number, sizeY: number, sizeZ: number, rarity: number): VoxelGrid {
  const below = drawer(seed);
  const grid = new VoxelGrid(sizeX, sizeY, sizeZ, palette);
  for (let cell = 0; cell < grid.voxels.length; cell++) if (below(rarity) === 0) grid.setCell(cell, below(palette.names.length));
  return grid;
}

describe('palette', () => {
  it('is sorted by registry id with air and bedrock first, whatever the order of names', () => {
    const a = createPalette(['oak_planks', 'stone', 'stone', 'dirt']);
    const b = createPalette(['dirt', 'oak_planks', 'stone', 'air']);
    expect(a.names).toEqual(['air', 'bedrock', 'stone', 'dirt', 'oak_planks']);
    expect(b.registryIds).toEqual(a.registryIds);
    expect([a.indexOfName('air'), a.indexOfName('bedrock'), a.indexOfId(10), a.indexOfId(99)]).toEqual([AIR_INDEX, BEDROCK_INDEX, 4, -1]);
  });

  it('holds the whole registry and refuses what it lacks with a hint', () => {
    expect(createPalette(BLOCKS.map((block) => block.name)).names.length).toBe(BLOCKS.length);
    expect(() => palette.indexOfName('obsidian')).toThrow(ScenarioError);
    expect(() => palette.indexOfName('ston')).toThrow('Did you mean "stone"?');
    expect(() => createPalette(['stoen'])).toThrow('Did you mean "stone"?');
  });
});

describe('grid', () => {
  it('keeps the bitboard and the hash lanes equal to a recount under random edits', () => {
    for (const [sizeX, sizeY, sizeZ] of [
      [1, 1, 1],
      [31, 3, 5],
      [32, 4, 4],
      [33, 2, 7],
      [70, 3, 2],
    ]) {
      const grid = new VoxelGrid(sizeX, sizeY, sizeZ, palette);
      const below = drawer(sizeX);
      for (let i = 0; i < 400; i++) grid.set(below(sizeX), below(sizeY), below(sizeZ), below(palette.names.length));
      expect({ lane0: grid.lane0, lane1: grid.lane1 }).toEqual(grid.hashLanes());
      for (let y = 0; y < sizeY; y++) {
        for (let z = 0; z < sizeZ; z++) {
          for (let x = 0; x < sizeX; x++) {
            const block = BLOCKS.find((b) => b.name === grid.nameAt(x, y, z));
            expect(isSolidAt(grid, x, y, z)).toBe(block?.solid);
          }
        }
      }
    }
  });

  it('hashes by registry id, so that a larger palette does not move the hash, and clears to zero', () => {
    const small = new VoxelGrid(8, 8, 8, createPalette(['stone']));
    const large = new VoxelGrid(8, 8, 8, createPalette(['stone', 'dirt', 'cobblestone', 'sand']));
    for (const grid of [small, large]) grid.fill([1, 1, 1], [3, 2, 4], grid.palette.indexOfName('stone'));
    expect([small.lane0, small.lane1]).toEqual([large.lane0, large.lane1]);
    expect(small.lane0).not.toBe(0);
    small.fill([0, 0, 0], [7, 7, 7], AIR_INDEX);
    expect([small.lane0, small.lane1]).toEqual([0, 0]);
  });

  it('changes both lanes when any one voxel changes', () => {
    const grid = randomGrid(5, 9, 5, 7, 3);
    const { lane0, lane1 } = grid;
    for (let cell = 0; cell < grid.voxels.length; cell++) {
      const before = grid.setCell(cell, (grid.voxels[cell] + 1) % palette.names.length);
      expect(grid.lane0).not.toBe(lane0);
      expect(grid.lane1).not.toBe(lane1);
      grid.setCell(cell, before);
    }
    expect([grid.lane0, grid.lane1]).toEqual([lane0, lane1]);
  });

  it('is walled with bedrock at the sides and below, and open above', () => {
    const grid = new VoxelGrid(4, 4, 4, palette);
    for (const [x, y, z] of [
      [-1, 0, 0],
      [4, 0, 0],
      [0, 0, -1],
      [0, 0, 4],
      [0, -1, 0],
      [-1, 9, 0],
    ]) {
      expect(grid.get(x, y, z)).toBe(BEDROCK_INDEX);
      expect(isSolidAt(grid, x, y, z)).toBe(true);
    }
    expect(grid.get(1, 4, 1)).toBe(AIR_INDEX);
    expect(isSolidAt(grid, 1, 4, 1)).toBe(false);
  });

  it('fills inclusive boxes given by any two corners and clips them', () => {
    const grid = new VoxelGrid(6, 6, 6, palette);
    expect(grid.fill([4, 2, 3], [2, 1, 3], STONE)).toBe(6);
    expect(grid.fill([4, 2, 3], [2, 1, 3], STONE)).toBe(0);
    expect(grid.fill([5, 5, 5], [99, 99, 99], WATER)).toBe(1);
    expect(grid.fill([9, 9, 9], [12, 12, 12], STONE)).toBe(0);
  });

  it("works in slices of the caller's arena, adopts what they hold, and leaves the neighbours alone", () => {
    const numVoxels = voxelCountOf(5, 4, 3);
    const numRows = rowCountOf(5, 4, 3);
    const voxels = new Uint8Array(3 * numVoxels);
    const rows = new Uint32Array(3 * numRows);
    voxels[numVoxels + 7] = STONE;
    const grid = new VoxelGrid(5, 4, 3, palette, {
      voxels: voxels.subarray(numVoxels, 2 * numVoxels),
      rows: rows.subarray(numRows, 2 * numRows),
    });
    expect(grid.get(2, 0, 1)).toBe(STONE);
    expect(isSolidAt(grid, 2, 0, 1)).toBe(true);
    expect({ lane0: grid.lane0, lane1: grid.lane1 }).toEqual(grid.hashLanes());
    grid.fill([0, 0, 0], [4, 3, 2], STONE);
    expect(voxels.subarray(0, numVoxels).every((v) => v === 0)).toBe(true);
    expect(rows.subarray(2 * numRows).every((v) => v === 0)).toBe(true);
    expect(voxels[numVoxels]).toBe(STONE);
  });

  it('refuses sizes, buffers, cells and indices out of range', () => {
    expect(() => new VoxelGrid(257, 1, 1, palette)).toThrow(ScenarioError);
    expect(() => new VoxelGrid(4, 129, 1, palette)).toThrow('got [4, 129, 1] at world.size');
    expect(() => new VoxelGrid(0, 1, 1.5, palette)).toThrow(ScenarioError);
    expect(() => new VoxelGrid(2, 2, 2, palette, { voxels: new Uint8Array(7), rows: new Uint32Array(4) })).toThrow(ShapeError);
    expect(() => new VoxelGrid(2, 2, 2, palette, { voxels: new Uint8Array(8).fill(200), rows: new Uint32Array(4) })).toThrow(ShapeError);
    const grid = new VoxelGrid(2, 2, 2, palette);
    expect(() => grid.set(2, 0, 0, STONE)).toThrow(ShapeError);
    expect(() => grid.set(0, 0, 0, palette.names.length)).toThrow(ShapeError);
    expect(new VoxelGrid(256, 128, 256, palette).voxels.length).toBe(8388608);
  });
});

describe('edit log', () => {
  it('rebuilds the grid at any tick, forward and back', () => {
    const grid = randomGrid(1, 12, 6, 9, 4);
    const start = grid.voxels.slice();
    const log = new EditLog();
    const below = drawer(2);
    const hashes: string[] = [];
    for (let tick = 0; tick < 60; tick++) {
      for (let i = below(6); i > 0; i--) {
        const cell = below(grid.voxels.length);
        const after = below(palette.names.length);
        const before = grid.setCell(cell, after);
        log.append(tick, cell, before, after);
      }
      hashes.push(`${grid.lane0}:${grid.lane1}`);
    }
    expect(log.length).toBeGreaterThan(64);
    expect([...log].length).toBe(log.length);
    let from = 59;
    for (const tick of [59, 30, 17, 0]) {
      log.undo(grid, tick, from);
      from = tick;
      expect(`${grid.lane0}:${grid.lane1}`).toBe(hashes[tick]);
    }
    log.undo(grid, -1, 0);
    expect(grid.voxels).toEqual(start);
    log.replay(grid, 40);
    expect(`${grid.lane0}:${grid.lane1}`).toBe(hashes[40]);
    log.replay(grid, 59, 40);
    expect(`${grid.lane0}:${grid.lane1}`).toBe(hashes[59]);
    log.truncate(10);
    log.append(11, 0, 0, 0);
    expect(log.at(log.length - 1).tick).toBe(11);
  });

  it('refuses edits out of order and a grid that is not its own', () => {
    const log = new EditLog();
    log.append(5, 3, STONE, AIR_INDEX);
    expect(() => log.append(4, 3, AIR_INDEX, STONE)).toThrow(ShapeError);
    expect(() => log.at(1)).toThrow(ShapeError);
    expect(() => log.replay(new VoxelGrid(4, 4, 4, palette), 5)).toThrow(ProtocolError);
  });
});

const ONE = 65536;
/** Rays stop at everything but air and water. */
const targetable = Uint8Array.from(palette.names, (name) => (name === 'air' || name === 'water' ? 0 : 1));

/** Unit direction of two random angles, as the rules build it. */
function randomDirection(below: (n: number) => number): [number, number, number] {
  const yaw = (below(65536) << 16) | below(65536);
  const pitch = ((below(65536) - 32768) << 14) | below(16384);
  const horizontal = cosQ14(pitch);
  return [Math.trunc((-sinQ14(yaw) * horizontal) / 16384), sinQ14(pitch), Math.trunc((-cosQ14(yaw) * horizontal) / 16384)];
}

describe('raycast', () => {
  it('finds the cell, face and distance that a walk of 1/4096 block steps finds, over 600 random rays', () => {
    let hits = 0;
    let compared = 0;
    for (let seed = 0; seed < 12; seed++) {
      const grid = randomGrid(100 + seed, 24, 16, 20, 6 + seed);
      const below = drawer(200 + seed);
      for (let ray = 0; ray < 50; ray++) {
        const p = [below(24) * ONE + below(65536), below(16) * ONE + below(65536), below(20) * ONE + below(65536)];
        const d = randomDirection(below);
        const range = 2 * ONE + below(14) * ONE;
        const out = new Int32Array(RAY_OUT_SIZE).fill(-7);
        const hit = grid.raycast(targetable, p[0], p[1], p[2], d[0], d[1], d[2], range, out);
        const walked = walkRay(grid, p, d, range);
        if (walked === 'tie') continue;
        compared++;
        if (walked === undefined) {
          expect(hit).toBe(0);
          expect(out.every((word) => word === -7)).toBe(true);
          continue;
        }
        hits++;
        expect(hit).toBe(1);
        expect([out[0], out[1], out[2]]).toEqual(walked.cell);
        expect(Math.abs(out[4] - walked.distanceQ16)).toBeLessThanOrEqual(24);
        const normal = FACE_NORMALS[out[3]];
        expect(normal[0] * d[0] + normal[1] * d[1] + normal[2] * d[2]).toBeLessThan(0);
        // The point of entry lies on the face that was named.
        const axis = out[3] >> 1;
        const plane = (out[axis] + (out[3] & 1)) * ONE;
        expect(Math.abs(p[axis] + (d[axis] * out[4]) / 16384 - plane)).toBeLessThanOrEqual(2);
      }
    }
    expect(hits).toBeGreaterThan(200);
    expect(compared).toBeGreaterThan(540);
  });

  it('mirrors exactly in x and z, over 2,000 random rays with positions on boundaries among them', () => {
    const out = new Int32Array(RAY_OUT_SIZE);
    const mirroredOut = new Int32Array(RAY_OUT_SIZE);
    let hits = 0;
    for (let seed = 0; seed < 10; seed++) {
      const grid = randomGrid(300 + seed, 19, 12, 33, 14);
      const flippedX = mirrored(grid, 0);
      const flippedZ = mirrored(grid, 2);
      const below = drawer(400 + seed);
      for (let ray = 0; ray < 200; ray++) {
        // Coarse fractions put one ray in four on a boundary, and rays at 45 degrees through edges.
        const coarse = ray % 2 === 0;
        const p = [19, 12, 33].map((size) => below(size) * ONE + (coarse ? below(2) * 32768 : below(65536)));
        let d: number[] = randomDirection(below);
        if (coarse) d = [11585, 0, 11585].map((v) => v * (below(2) * 2 - 1));
        if (d[0] === 0 || d[2] === 0) continue;
        const range = 30 * ONE;
        const hit = grid.raycast(targetable, p[0], p[1], p[2], d[0], d[1], d[2], range, out);
        hits += hit;
        for (const [axis, other] of [
          [0, flippedX],
          [2, flippedZ],
        ] as const) {
          const q = [...p];
          const e = [...d];
          const size = axis === 0 ? 19 : 33;
          q[axis] = size * ONE - q[axis];
          e[axis] = -e[axis];
          expect(other.raycast(targetable, q[0], q[1], q[2], e[0], e[1], e[2], range, mirroredOut)).toBe(hit);
          if (hit === 0) continue;
          const expected = [...out];
          expected[axis] = size - 1 - out[axis];
          if (out[3] >> 1 === axis) expected[3] = out[3] ^ 1;
          expect([...mirroredOut]).toEqual(expected);
        }
      }
    }
    expect(hits).toBeGreaterThan(800);
  });

  it('does not test the cell it starts in, and hits a face it touches at distance 0', () => {
    const grid = new VoxelGrid(8, 4, 8, palette);
    grid.set(3, 1, 3, STONE);
    const out = new Int32Array(RAY_OUT_SIZE);
    expect(grid.raycast(targetable, 3.5 * ONE, 1.5 * ONE, 3.5 * ONE, 16384, 0, 0, 4 * ONE, out)).toBe(0);
    expect(grid.raycast(targetable, 3 * ONE, 1.5 * ONE, 3.5 * ONE, 16384, 0, 0, 4 * ONE, out)).toBe(1);
    expect([...out]).toEqual([3, 1, 3, 0, 0]);
    expect(grid.raycast(targetable, 4 * ONE, 1.5 * ONE, 3.5 * ONE, -16384, 0, 0, 4 * ONE, out)).toBe(1);
    expect([...out]).toEqual([3, 1, 3, 1, 0]);
  });

  it('reaches exactly its range and no further', () => {
    const grid = new VoxelGrid(100, 2, 1, palette);
    grid.set(90, 0, 0, STONE);
    const out = new Int32Array(RAY_OUT_SIZE);
    const from = (blocks: number, range: number) =>
      grid.raycast(targetable, (90 - blocks) * ONE, ONE / 2, ONE / 2, 16384, 0, 0, range, out);
    expect([from(5, 5 * ONE), from(5, 5 * ONE - 1), from(63, 63 * ONE), from(65, 80 * ONE), from(5, -1)]).toEqual([1, 0, 1, 0, 0]);
    expect(grid.raycast(targetable, 26 * ONE + 1, ONE / 2, ONE / 2, 16384, 0, 0, MAX_RAY_RANGE_Q16, out)).toBe(1);
    expect(out[4]).toBe(MAX_RAY_RANGE_Q16);
  });

  it('enters the grid from outside, from the sky too, and leaves it without a hit', () => {
    const grid = new VoxelGrid(8, 4, 8, palette);
    grid.set(2, 0, 5, STONE);
    const out = new Int32Array(RAY_OUT_SIZE);
    expect(grid.raycast(targetable, 2.5 * ONE, 9 * ONE, 5.5 * ONE, 0, -16384, 0, 20 * ONE, out)).toBe(1);
    expect([...out]).toEqual([2, 0, 5, 3, 8 * ONE]);
    expect(grid.raycast(targetable, -3 * ONE, ONE / 2, 5.5 * ONE, 16384, 0, 0, 20 * ONE, out)).toBe(1);
    expect([...out]).toEqual([2, 0, 5, 0, 5 * ONE]);
    for (const d of [
      [16384, 0, 0],
      [0, 16384, 0],
      [0, -16384, 0],
      [0, 0, -16384],
      [0, 0, 0],
    ]) {
      expect(grid.raycast(targetable, 4.5 * ONE, 1.5 * ONE, 1.5 * ONE, d[0], d[1], d[2], 60 * ONE, out), d.join()).toBe(0);
    }
  });

  it('finds the same through the solidity rows as through voxels where exactly the solid blocks stop it, from anywhere, over 4,000 random rays', () => {
    const solid = Uint8Array.from(palette.names, (name) => (BLOCKS.find((block) => block.name === name)?.solid ? 1 : 0));
    const a = new Int32Array(RAY_OUT_SIZE).fill(-7);
    const b = a.slice();
    let hits = 0;
    const sizes = [24, 16, 20, 70, 5, 9];
    for (let seed = 0; seed < 8; seed++) {
      const [sizeX, sizeY, sizeZ] = seed % 2 === 0 ? sizes.slice(0, 3) : sizes.slice(3);
      const grid = randomGrid(500 + seed, sizeX, sizeY, sizeZ, 9);
      const rows = new Uint32Array(grid.rows.length + 3);
      rows.set(grid.rows, 3);
      const below = drawer(600 + seed);
      for (let ray = 0; ray < 500; ray++) {
        // Some on boundaries, some from outside the grid, some along an axis.
        const at = (size: number) => (below(size + 6) - 3) * ONE + (below(3) === 0 ? 0 : below(65536));
        const [px, py, pz] = [at(sizeX), at(sizeY), at(sizeZ)];
        const [dx, dy, dz] = ray % 5 === 0 ? [0, 0, 0].with(below(3), 16384 * (below(2) * 2 - 1)) : randomDirection(below);
        const range = below(30) * ONE;
        const hit = raycastSolid(rows, 3, grid.rowWords, sizeX, sizeY, sizeZ, px, py, pz, dx, dy, dz, range, b);
        expect(hit).toBe(grid.raycast(solid, px, py, pz, dx, dy, dz, range, a));
        expect([...b]).toEqual([...a]);
        hits += hit;
      }
    }
    expect(hits).toBeGreaterThan(600);
    expect(hits).toBeLessThan(3500);
  });

  it('reads the world at its offset in a shared plane', () => {
    const grid = randomGrid(900, 10, 8, 10, 15);
    const plane = new Uint8Array(3 * grid.voxels.length);
    plane.set(grid.voxels, 2 * grid.voxels.length);
    const a = new Int32Array(RAY_OUT_SIZE);
    const b = new Int32Array(RAY_OUT_SIZE);
    const below = drawer(901);
    for (let ray = 0; ray < 100; ray++) {
      const [px, py, pz] = [below(10) * ONE + 99, below(8) * ONE + 99, below(10) * ONE + 99];
      const [dx, dy, dz] = randomDirection(below);
      const offset = 2 * grid.voxels.length;
      expect(raycastVoxels(targetable, plane, offset, 10, 8, 10, px, py, pz, dx, dy, dz, 9 * ONE, b)).toBe(
        grid.raycast(targetable, px, py, pz, dx, dy, dz, 9 * ONE, a),
      );
      expect(b).toEqual(a);
    }
  });

  it('keeps every intermediate in i32 at the extremes, against BigInt', () => {
    const NEVER = 1n << 30n;
    for (const d of [1n, 2n, 255n, 16383n, 16384n]) {
      for (const distance of [0n, 1n, 65535n, 65536n]) {
        const n = distance << 14n;
        expect(n <= 1n << 30n).toBe(true);
        const remainder = n % d;
        expect(remainder << 8n < 1n << 22n).toBe(true);
        const time = n / d > BigInt(MAX_RAY_RANGE_Q16) ? NEVER : ((n / d) << 8n) + (remainder << 8n) / d;
        expect(time <= NEVER).toBe(true);
        // A time within range plus one more crossing.
        expect((BigInt(MAX_RAY_RANGE_Q16) << 8n) + time < 1n << 31n).toBe(true);
      }
    }
  });
});

/** First targetable cell by steps of 1/4096 block in f64; 'tie' when the ray passes an edge closer than a step can tell, where either side is right. */
function walkRay(grid: VoxelGrid, p: number[], d: number[], rangeQ16: number): { cell: number[]; distanceQ16: number } | 'tie' | undefined {
  const step = 16;
  let last = p.map((v) => Math.floor(v / ONE));
  for (let t = 0; t <= rangeQ16 + step; t += step) {
    const at = p.map((v, axis) => v + (d[axis] * t) / 16384);
    const cell = at.map((v) => Math.floor(v / ONE));
    const moved = cell.filter((c, axis) => c !== last[axis]).length;
    if (moved > 1) return 'tie';
    if (moved === 1) {
      if (!grid.contains(cell[0], cell[1], cell[2])) {
        if (cell[1] < grid.sizeY || d[1] > 0) return undefined;
      } else if (targetable[grid.get(cell[0], cell[1], cell[2])] === 1) {
        if (Math.abs(t - rangeQ16) <= 2 * step) return 'tie';
        return t > rangeQ16 ? undefined : { cell, distanceQ16: t };
      }
    }
    last = cell;
  }
  return undefined;
}

function mirrored(grid: VoxelGrid, axis: 0 | 2): VoxelGrid {
  const result = new VoxelGrid(grid.sizeX, grid.sizeY, grid.sizeZ, grid.palette);
  for (let y = 0; y < grid.sizeY; y++) {
    for (let z = 0; z < grid.sizeZ; z++) {
      for (let x = 0; x < grid.sizeX; x++) {
        result.set(axis === 0 ? grid.sizeX - 1 - x : x, y, axis === 2 ? grid.sizeZ - 1 - z : z, grid.get(x, y, z));
      }
    }
  }
  return result;
}
