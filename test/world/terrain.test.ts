// Terrain: pinned voxels, everything connected, fields in range, and refusals that name the field.
import {
  BLOCK_BY_NAME,
  createPalette,
  formatHash,
  generateTerrain,
  isSolidAt,
  ScenarioError,
  TERRAIN_GENERATORS,
  TerrainSchema,
  type TerrainSpec,
  terrainBlocks,
  VoxelGrid,
} from '@kinovox/world';
import { describe, expect, it } from 'vitest';

const spec = (input: Record<string, unknown>): TerrainSpec => TerrainSchema.parse(input) as TerrainSpec;

function build(terrain: TerrainSpec, seed: number, size: [number, number, number] = [32, 24, 32]): VoxelGrid {
  const grid = new VoxelGrid(...size, createPalette(terrainBlocks(terrain)));
  generateTerrain(grid, terrain, seed, 0);
  return grid;
}

const hashOf = (grid: VoxelGrid) => formatHash(grid.lane0, grid.lane1);

/** Free cells of a layer, and how many of them a flood from the first one reaches. */
function flood(grid: VoxelGrid, y: number): { free: number; reached: number } {
  const seen = new Uint8Array(grid.sizeX * grid.sizeZ);
  const stack: number[] = [];
  let free = 0;
  for (let cell = 0; cell < seen.length; cell++) {
    if (isSolidAt(grid, cell % grid.sizeX, y, (cell / grid.sizeX) | 0)) continue;
    if (free++ === 0) stack.push(cell);
  }
  if (stack.length > 0) seen[stack[0]] = 1;
  let reached = 0;
  while (stack.length > 0) {
    const cell = stack.pop() as number;
    reached++;
    const x = cell % grid.sizeX;
    const z = (cell / grid.sizeX) | 0;
    for (const [nx, nz] of [
      [x - 1, z],
      [x + 1, z],
      [x, z - 1],
      [x, z + 1],
    ]) {
      const next = nz * grid.sizeX + nx;
      if (isSolidAt(grid, nx, y, nz) || seen[next] === 1) continue;
      seen[next] = 1;
      stack.push(next);
    }
  }
  return { free, reached };
}

describe('terrain', () => {
  it('is pinned by seed: the same voxels on every host', () => {
    const specs = [
      { generator: 'flat', ground: 8 },
      { generator: 'hills', base: 9, amplitude: 5, trees: 6 },
      { generator: 'rooms', roomSize: 6 },
      { generator: 'maze', cellSize: 2, loops: 20 },
    ];
    expect(
      specs.map((input) => [input.generator, hashOf(build(spec(input), 1)), hashOf(build(spec(input), 2))].join(' ')),
    ).toMatchInlineSnapshot(`
      [
        "flat b8ad3183c86df840 b8ad3183c86df840",
        "hills 1f11088ca94dc8da 0697b7cb270ca43d",
        "rooms 403705ad98a96722 47213173430c45e9",
        "maze 18e1fb0b03187bb1 fc604c1103d6e4f9",
      ]
    `);
  });

  it('depends on the seed and nothing else, where it is random at all', () => {
    for (const { name } of TERRAIN_GENERATORS) {
      const terrain = spec({ generator: name });
      const hashes = Array.from({ length: 20 }, (_, seed) => hashOf(build(terrain, seed)));
      expect(new Set(hashes).size, name).toBe(name === 'flat' ? 1 : 20);
      const dirty = new VoxelGrid(32, 24, 32, createPalette([...terrainBlocks(terrain), 'glass']));
      dirty.fill([0, 0, 0], [31, 23, 31], dirty.palette.indexOfName('glass'));
      generateTerrain(dirty, terrain, 7, 0);
      expect(hashOf(dirty)).toBe(hashes[7]);
      expect(dirty.hashLanes()).toEqual({ lane0: dirty.lane0, lane1: dirty.lane1 });
    }
  });

  it('writes only the blocks that it names', () => {
    for (const input of [
      { generator: 'flat', ground: 4 },
      { generator: 'hills', trees: 30 },
      { generator: 'hills' },
      { generator: 'rooms' },
      { generator: 'maze' },
    ]) {
      const terrain = spec(input);
      const grid = build(terrain, 3);
      const used = new Set(Array.from(grid.voxels, (index) => grid.palette.names[index]));
      used.delete('air');
      expect([...used].sort()).toEqual(terrainBlocks(terrain).sort());
    }
  });
});

describe('flat', () => {
  it('lets feet stand at y = ground', () => {
    const grid = build(spec({ generator: 'flat', ground: 8 }), 0);
    expect([grid.nameAt(3, 8, 3), grid.nameAt(3, 7, 3), grid.nameAt(3, 6, 3), grid.nameAt(3, 0, 3)]).toEqual([
      'air',
      'grass_block',
      'dirt',
      'dirt',
    ]);
    expect(build(spec({ generator: 'flat', ground: 0 }), 0).voxels.every((v) => v === 0)).toBe(true);
    expect(build(spec({ generator: 'flat', ground: 24 }), 0).voxels.every((v) => v !== 0)).toBe(true);
  });
});

describe('hills', () => {
  const heightsOf = (grid: VoxelGrid): number[] =>
    Array.from({ length: grid.sizeX * grid.sizeZ }, (_, cell) => {
      let y = 0;
      while (isSolidAt(grid, cell % grid.sizeX, y, (cell / grid.sizeX) | 0)) y++;
      return y;
    });

  it('stay within base plus and minus amplitude, use most of it, and have no holes', () => {
    const heights = heightsOf(build(spec({ generator: 'hills', base: 30, amplitude: 20, wavelength: 16 }), 5, [128, 64, 128]));
    const [least, most] = [Math.min(...heights), Math.max(...heights)];
    expect(least).toBeGreaterThanOrEqual(10);
    expect(most).toBeLessThanOrEqual(50);
    expect(most - least).toBeGreaterThan(24);
    const mean = heights.reduce((a, b) => a + b) / heights.length;
    expect(Math.abs(mean - 30)).toBeLessThan(3);
  });

  it('are smooth: neighbours differ by little when waves are long', () => {
    const grid = build(spec({ generator: 'hills', base: 12, amplitude: 6, wavelength: 64 }), 5, [64, 24, 64]);
    const heights = heightsOf(grid);
    let steepest = 0;
    for (let cell = 0; cell < heights.length; cell++)
      if (cell % 64 > 0) steepest = Math.max(steepest, Math.abs(heights[cell] - heights[cell - 1]));
    expect(steepest).toBeLessThanOrEqual(2);
    expect(new Set(heights).size).toBeGreaterThan(4);
  });

  it('carry trees whose trunks stand on ground and apart', () => {
    const grid = build(spec({ generator: 'hills', base: 8, amplitude: 3, trees: 64 }), 4, [48, 24, 48]);
    const trunks: [number, number][] = [];
    for (let z = 0; z < 48; z++) {
      for (let x = 0; x < 48; x++) {
        for (let y = 1; y < 24; y++) {
          if (grid.nameAt(x, y, z) === 'oak_log' && grid.nameAt(x, y - 1, z) !== 'oak_log') {
            trunks.push([x, z]);
            expect(grid.nameAt(x, y - 1, z)).toBe('grass_block');
          }
        }
      }
    }
    expect(trunks.length).toBeGreaterThan(40);
    for (const [i, a] of trunks.entries()) {
      for (const b of trunks.slice(i + 1)) expect(Math.max(Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1]))).toBeGreaterThanOrEqual(3);
    }
  });
});

describe('maze', () => {
  it('is perfect at cell size 1: connected, and with one passage fewer than cells', () => {
    for (let seed = 0; seed < 20; seed++) {
      const [sizeX, sizeZ] = [21 + (seed % 5), 3 + 2 * seed];
      const grid = build(spec({ generator: 'maze', cellSize: 1 }), seed, [sizeX, 6, sizeZ]);
      const { free, reached } = flood(grid, 1);
      const cells = Math.floor((sizeX - 1) / 2) * Math.floor((sizeZ - 1) / 2);
      expect(reached).toBe(free);
      // Every cell is one free column and so is every passage: a tree has cells - 1 of them.
      expect(free).toBe(2 * cells - 1);
    }
  });

  it('stays connected at any corridor width, and gains passages with loops up to an open grid', () => {
    for (const cellSize of [1, 2, 3, 7]) {
      const free = [0, 64, 256].map((loops) => {
        const result = flood(build(spec({ generator: 'maze', cellSize, loops }), 11), 1);
        expect(result.reached).toBe(result.free);
        return result.free;
      });
      expect(free[0]).toBeLessThan(free[1]);
      expect(free[1]).toBeLessThan(free[2]);
    }
  });

  it('walls the outside and gives the walls their height', () => {
    const grid = build(spec({ generator: 'maze', height: 3, ground: 2 }), 1, [20, 8, 23]);
    for (let i = 0; i < 20; i++) {
      for (const z of [0, 22]) {
        expect([grid.nameAt(i, 1, z), grid.nameAt(i, 2, z), grid.nameAt(i, 4, z), grid.nameAt(i, 5, z)]).toEqual([
          'smooth_stone',
          'training_wall',
          'training_wall',
          'air',
        ]);
      }
    }
  });
});

describe('rooms', () => {
  it('are connected over their doorways, at foot and head height', () => {
    for (let seed = 0; seed < 20; seed++) {
      const grid = build(spec({ generator: 'rooms', roomSize: 3 + (seed % 5), doorWidth: 1 + (seed % 2), loops: 0 }), seed, [
        40 + seed,
        12,
        30,
      ]);
      for (const y of [1, 2]) {
        const { free, reached } = flood(grid, y);
        expect(reached).toBe(free);
      }
      // Above the doorways the rooms are apart, or the flood above would prove nothing.
      const above = flood(grid, 3);
      expect(above.reached).toBeLessThan(above.free);
    }
  });

  it('fill the world to its far walls', () => {
    const grid = build(spec({ generator: 'rooms', roomSize: 7 }), 2, [30, 8, 30]);
    for (let i = 0; i < 30; i++) for (const side of [0, 29]) expect(grid.nameAt(side, 1, i)).toBe('stone_bricks');
  });
});

describe('terrain schema', () => {
  it('fills defaults that name real blocks, and describes every field', () => {
    for (const { name, schema } of TERRAIN_GENERATORS) {
      for (const block of terrainBlocks(spec({ generator: name }))) expect(BLOCK_BY_NAME.has(block), block).toBe(true);
      for (const [field, type] of Object.entries(schema.shape)) expect(type.description, `${name}.${field}`).toBeTruthy();
    }
  });

  it('refuses unknown keys, generators and numbers out of range', () => {
    for (const bad of [
      { generator: 'flat', grund: 3 },
      { generator: 'islands' },
      { generator: 'flat', ground: 200 },
      { generator: 'maze', cellSize: 1.5 },
    ]) {
      expect(TerrainSchema.safeParse(bad).success, JSON.stringify(bad)).toBe(false);
    }
  });

  it('refuses terrain that does not fit its world and names the field', () => {
    const refused: [Record<string, unknown>, string][] = [
      [{ generator: 'flat', ground: 25 }, 'world.terrain.ground'],
      [{ generator: 'hills', base: 5, amplitude: 5 }, 'world.terrain.amplitude'],
      [{ generator: 'hills', base: 20, amplitude: 5 }, 'world.terrain.base'],
      [{ generator: 'hills', base: 14, amplitude: 5, trees: 1 }, 'world.terrain.base'],
      [{ generator: 'rooms', roomSize: 31 }, 'world.terrain.roomSize'],
      [{ generator: 'rooms', roomSize: 4, doorWidth: 5 }, 'world.terrain.doorWidth'],
      [{ generator: 'maze', height: 24 }, 'world.terrain.height'],
      [{ generator: 'maze', cellSize: 31 }, 'world.terrain.cellSize'],
    ];
    for (const [input, path] of refused) {
      expect(() => build(spec(input), 0), path).toThrow(ScenarioError);
      expect(() => build(spec(input), 0)).toThrow(`at ${path}.`);
    }
    expect(() => build(spec({ generator: 'maze', cellSize: 30, height: 23 }), 0)).not.toThrow();
  });
});
