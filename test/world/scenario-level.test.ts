import {
  buildLevel,
  isSolidAt,
  levelSeed,
  ONE_BLOCK_Q16,
  PROTECT_DIG,
  PROTECT_PLACE,
  parseScenario,
  resolveScenario,
  ScenarioError,
  type ScenarioInput,
} from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { bridgeScenario, fullScenario, readSampleFile } from './scenario-samples.js';

function build(input: ScenarioInput, variant = 0) {
  const resolved = resolveScenario(parseScenario(input, 'x'), 'train', variant, { readFile: readSampleFile });
  return { resolved, level: buildLevel(resolved, levelSeed(resolved), readSampleFile) };
}

describe('a level', () => {
  it('is the same each time it is built', () => {
    const [a, b] = [build(fullScenario()).level, build(fullScenario()).level];
    expect(a.grid.voxels).toEqual(b.grid.voxels);
    expect([a.spawns, a.propSpawns, a.protect, a.diggable, a.notes]).toEqual([b.spawns, b.propSpawns, b.protect, b.diggable, b.notes]);
    expect(build(fullScenario(), 3).level.grid.voxels).not.toEqual(a.grid.voxels);
  });

  it('holds terrain, structures, edits and mechanisms at rest', () => {
    const { resolved, level } = build(fullScenario());
    const { wall, doorX, height } = resolved.resolved.parameters;
    const { grid } = level;
    expect(grid.nameAt(31, 1, 23)).toBe('grass_block');
    expect(grid.nameAt(1, 2, 1)).toBe(wall);
    expect(grid.nameAt(2, 2, 2)).toBe('air');
    expect(grid.nameAt(20, 2, 2)).toBe('cobblestone');
    expect(grid.nameAt(21, 1, 3)).toBe('stone');
    expect(grid.nameAt(8, 3, 9)).toBe('stone_bricks');
    expect(grid.nameAt(10, 3, 10)).toBe('air');
    expect(grid.nameAt(10, 6, 10)).toBe('stone_bricks');
    expect(grid.nameAt(2, 1 + Number(height), 20)).toBe(wall);
    expect(grid.nameAt(2, 2 + Number(height), 20)).toBe('air');
    expect(grid.nameAt(Number(doorX), 2, 8)).toBe('iron_block');
    expect(grid.nameAt(0, 2, 0)).toBe('air');
  });

  it('cuts the gap as wide as its parameter says', () => {
    for (const variant of [0, 1, 2, 3, 4, 5]) {
      const { resolved, level } = build(bridgeScenario(), variant);
      let width = 0;
      for (let x = 0; x < 32; x++) if (!isSolidAt(level.grid, x, 7, 5)) width++;
      expect(width).toBe(resolved.resolved.parameters.gapWidth);
    }
  });

  it('says what may be dug and where', () => {
    const { level } = build(fullScenario());
    const { grid, protect, diggable } = level;
    const at = (x: number, y: number, z: number) => protect?.[grid.cellIndex(x, y, z)];
    expect(at(9, 3, 9)).toBe(PROTECT_DIG | PROTECT_PLACE);
    expect(at(25, 3, 3)).toBe(PROTECT_PLACE);
    expect(at(1, 3, 3)).toBe(0);
    expect(diggable[grid.palette.indexOfName('dirt')]).toBe(1);
    expect(diggable[grid.palette.indexOfName('cobblestone')]).toBe(0);
    const free = build(bridgeScenario()).level;
    expect(free.protect).toBeNull();
    expect(free.diggable[free.grid.palette.indexOfName('bedrock')]).toBe(0);
    expect(free.diggable[free.grid.palette.indexOfName('dirt')]).toBe(1);
  });
});

describe('a spawn', () => {
  it('of a region lists exactly the cells in which an agent can stand', () => {
    const input = bridgeScenario();
    input.world.edits = [
      { fill: 'stone', from: [2, 9, 2], to: [2, 9, 29] },
      { fill: 'lava', from: [3, 8, 2], to: [3, 8, 29] },
      { fill: 'air', from: [4, 0, 2], to: [4, 7, 29] },
    ];
    input.agents[1].spawn = { at: [20, 8, 16], yawDeg: 90 };
    const { level } = build(input);
    const cells = level.spawns[0].cells ?? new Int32Array();
    expect(cells.length / 3).toBe(6 * 28);
    for (let i = 0; i < cells.length; i += 3) {
      const [x, y, z] = cells.subarray(i, i + 3);
      expect(x >= 5 && !isSolidAt(level.grid, x, y, z) && !isSolidAt(level.grid, x, y + 1, z) && isSolidAt(level.grid, x, y - 1, z)).toBe(
        true,
      );
    }
  });

  it('keeps exact positions and headings', () => {
    const { level } = build(fullScenario());
    expect([...(level.spawns[3].positionQ16 ?? [])]).toEqual([17.5 * ONE_BLOCK_Q16, 2 * ONE_BLOCK_Q16, 20.25 * ONE_BLOCK_Q16]);
    expect(level.spawns[3].yaw).toBe(-(2 ** 30));
    expect(build(bridgeScenario()).level.spawns[1]).toEqual({ cells: Int32Array.of(4, 8, 16), positionQ16: null, yaw: 2 ** 30 });
    expect(level.propSpawns).toHaveLength(2);
  });

  // biome-ignore lint/suspicious/noExplicitAny: mutations write what the types forbid.
  const cases: [string, (scenario: any) => void, string][] = [
    [
      'a region in the air',
      (s) =>
        (s.agents[0].spawn = {
          region: [
            [2, 12, 2],
            [10, 12, 29],
          ],
        }),
      'agents[0].spawn.region must have a cell in which ada can stand',
    ],
    [
      'a cell in the ground',
      (s) => (s.agents[1].spawn = { at: [4, 3, 16] }),
      'agents[1].spawn.at must leave bob two free cells, for feet and head; got dirt under dirt at bridge-gap-v1 (train variant 0)',
    ],
    ['a position in the ground', (s) => (s.agents[1].spawn = { atMetres: [4.5, 7.5, 16] }), 'agents[1].spawn.atMetres must leave bob room'],
    [
      'a position against the side of the world',
      (s) => (s.agents[1].spawn = { atMetres: [0.2, 8, 16] }),
      'agents[1].spawn.atMetres must leave bob room',
    ],
    [
      'a region too small for its agents',
      (s) => {
        s.agents[0].count = 3;
        s.agents[0].spawn = {
          region: [
            [2, 8, 2],
            [3, 8, 2],
          ],
        };
      },
      '3 of them; got 2 cells',
    ],
    [
      'a prop in a wall',
      (s) => (s.props = [{ id: 'crate', shape: { box: [1, 1, 1] }, spawn: { atMetres: [4.5, 8.2, 4.5] } }]),
      'props[0].spawn.atMetres must leave room for crate',
    ],
    [
      'a mechanism without its plate',
      (s) =>
        (s.mechanisms = [
          {
            id: 'm',
            when: { any: [{ plate: [4, 8, 4] }] },
            effects: [
              {
                region: [
                  [0, 9, 0],
                  [0, 9, 0],
                ],
                on: 'air',
                off: 'stone',
              },
            ],
          },
        ]),
      'mechanisms[0].when.any[0].plate must be the cell of a stone_pressure_plate; got air in [4, 8, 4]',
    ],
    [
      'a missing structure file',
      (s) => (s.world.structures = [{ file: 'none.map', at: [0, 0, 0] }]),
      'world.structures[0].file must name a file that can be read; got "none.map" (no such file: none.map)',
    ],
    [
      'a structure that leaves the world',
      (s) => (s.world.structures = [{ file: 'maps/yard.map', at: [30, 8, 0] }]),
      'must lie in the world',
    ],
  ];
  it.each(cases)('is refused in a sentence: %s', (_, mutate, expected) => {
    const input = bridgeScenario();
    build(input);
    mutate(input);
    expect(() => build(input)).toThrow(ScenarioError);
    expect(() => build(input)).toThrow(expected);
  });
});
