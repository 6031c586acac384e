/** Scattered blocks and the ground that hills lay under their soil. */
import {
  buildLevel,
  createPalette,
  formatHash,
  generateTerrain,
  levelSeed,
  parseScenario,
  resolveScenario,
  ScenarioError,
  type ScenarioInput,
  TerrainSchema,
  type TerrainSpec,
  terrainBlocks,
  VoxelGrid,
} from '@kinovox/world';
import { describe, expect, it } from 'vitest';

const SIZE: [number, number, number] = [24, 16, 24];

function scenario(edits: NonNullable<ScenarioInput['world']['edits']>): ScenarioInput {
  return {
    version: 1,
    id: 'scatter-v1',
    title: 'Scatter',
    world: { size: SIZE, terrain: { generator: 'flat', ground: 6, top: 'grass_block', body: 'stone' }, edits },
    agents: [{ id: 'ada', body: 'walker', spawn: { at: [20, 6, 20] } }],
    task: {
      reach: {
        agents: 'ada',
        region: [
          [0, 6, 0],
          [0, 6, 0],
        ],
      },
    },
    episode: { maxTicks: 10 },
  };
}

function level(edits: NonNullable<ScenarioInput['world']['edits']>, variant = 0): VoxelGrid {
  const resolved = resolveScenario(parseScenario(scenario(edits), 'the test'), 'train', variant);
  return buildLevel(resolved, levelSeed(resolved)).grid;
}

function cellsOf(grid: VoxelGrid, name: string): [number, number, number][] {
  const cells: [number, number, number][] = [];
  for (let y = 0; y < grid.sizeY; y++)
    for (let z = 0; z < grid.sizeZ; z++) for (let x = 0; x < grid.sizeX; x++) if (grid.nameAt(x, y, z) === name) cells.push([x, y, z]);
  return cells;
}

const ore = { scatter: 'iron_ore', from: [2, 1, 2], to: [21, 3, 21], count: 9, cluster: 3 } as const;

describe('scatter', () => {
  it('sets so many cells of the box, in the block that it asks for only', () => {
    const grid = level([{ ...ore, from: [2, 1, 2], to: [21, 3, 21] }]);
    const cells = cellsOf(grid, 'iron_ore');
    expect(cells).toHaveLength(27);
    for (const [x, y, z] of cells) {
      expect(Math.min(x, z)).toBeGreaterThanOrEqual(2);
      expect(Math.max(x, z)).toBeLessThanOrEqual(21);
      expect(y).toBeGreaterThanOrEqual(1);
      expect(y).toBeLessThanOrEqual(3);
    }
    expect(cellsOf(level([{ ...ore, in: 'dirt', from: [2, 1, 2], to: [21, 3, 21] }]), 'iron_ore')).toHaveLength(0);
  });

  it('stands on the ground where it asks for a block below', () => {
    const grid = level([
      { fill: 'dirt', from: [0, 6, 0], to: [11, 8, 23] },
      { scatter: 'short_grass', in: 'air', on: 'grass_block', from: [0, 6, 0], to: [23, 12, 23], count: 20, cluster: 2 },
    ]);
    const cells = cellsOf(grid, 'short_grass');
    expect(cells.length).toBeGreaterThan(30);
    for (const [x, y] of cells) expect([y, x >= 12]).toEqual([6, true]);
  });

  it('is the same for a level and another for the next', () => {
    const hash = (variant: number) => {
      const { lane0, lane1 } = level([{ ...ore, from: [2, 1, 2], to: [21, 3, 21] }], variant);
      return formatHash(lane0, lane1);
    };
    expect(hash(3)).toBe(hash(3));
    expect(hash(3)).not.toBe(hash(4));
  });

  it('refuses an unknown block by its path', () => {
    expect(() => parseScenario(scenario([{ ...ore, from: [2, 1, 2], to: [21, 3, 21], in: 'stoen' }]), 'the test')).toThrow(
      /world\.edits\[0\]\.in.*stone/,
    );
  });
});

describe('hills', () => {
  const spec = (rest: Record<string, unknown>) =>
    TerrainSchema.parse({ generator: 'hills', base: 8, amplitude: 4, wavelength: 12, trees: 40, ...rest }) as TerrainSpec;
  const build = (terrain: TerrainSpec) => {
    const grid = new VoxelGrid(32, 24, 32, createPalette(terrainBlocks(terrain)));
    generateTerrain(grid, terrain, 5, 0);
    return grid;
  };

  it('have rock below the soil, water in the valleys, a shore about it and no trees in it', () => {
    const grid = build(spec({ rock: 'stone', soil: 2, water: 7, shore: 'sand' }));
    for (let z = 0; z < 32; z++) {
      for (let x = 0; x < 32; x++) {
        let top = 23;
        while (!['grass_block', 'sand'].includes(grid.nameAt(x, top, z))) top--;
        expect(grid.nameAt(x, top, z)).toBe(top + 1 <= 8 ? 'sand' : 'grass_block');
        for (let y = top - 1; y >= 0; y--) expect(grid.nameAt(x, y, z)).toBe(y >= top - 2 ? 'dirt' : 'stone');
        if (top < 6) expect([grid.nameAt(x, top + 1, z), grid.nameAt(x, 6, z), grid.nameAt(x, 7, z)]).toEqual(['water', 'water', 'air']);
        if (top < 8) expect(grid.nameAt(x, top + 1, z)).not.toBe('oak_log');
      }
    }
    expect(cellsOf(grid, 'oak_log').length).toBeGreaterThan(0);
  });

  it('are refused with a shore but no water', () => {
    expect(() => build(spec({ shore: 'sand' }))).toThrow(ScenarioError);
  });
});
