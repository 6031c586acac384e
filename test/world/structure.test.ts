// Structure files: Sponge schematics, MovingAI maps and inline layers; what is read, what is flattened, and how malformed files are refused.
import {
  BLOCKS,
  createPalette,
  placeStructure,
  randomBelow,
  randomU32,
  readLayers,
  readMovingAiMap,
  readSchematic,
  ScenarioError,
  type Structure,
  VoxelGrid,
  writeSchematic,
} from '@kinovox/world';
import { gunzipSync, gzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';

/** NBT written by hand, apart from the shipped writer: every function gives the bytes of a payload or a named tag. */
const u16 = (n: number) => [(n >> 8) & 255, n & 255];
const i32 = (n: number) => [(n >> 24) & 255, (n >> 16) & 255, (n >> 8) & 255, n & 255];
const text = (s: string) => {
  const bytes = [...new TextEncoder().encode(s)];
  return [...u16(bytes.length), ...bytes];
};
const tag = (type: number, name: string, payload: number[]) => [type, ...text(name), ...payload];
const short = (name: string, n: number) => tag(2, name, u16(n));
const int = (name: string, n: number) => tag(3, name, i32(n));
const byteArray = (name: string, bytes: number[]) => tag(7, name, [...i32(bytes.length), ...bytes]);
const compound = (name: string, ...entries: number[][]) => tag(10, name, [...entries.flat(), 0]);
const pack = (bytes: number[]) => gzipSync(Uint8Array.from(bytes));

const STATES = [
  'minecraft:air',
  'minecraft:stone',
  'minecraft:oak_stairs[facing=north,half=bottom]',
  'minecraft:poppy',
  'minecraft:oak_door[half=lower,open=true]',
];
const palette = (states: string[]) => compound('Palette', ...states.map((state, i) => int(state, i)));
const dimensions = (x: number, y: number, z: number) => [short('Width', x), short('Height', y), short('Length', z)];

/** A version 2 file with the tags that other tools write around what matters. */
const version2 = (states = STATES, cells = [0, 1, 2, 3, 4, 1], size: [number, number, number] = [3, 1, 2]) =>
  compound(
    'Schematic',
    int('Version', 2),
    int('DataVersion', 3465),
    compound('Metadata', int('WEOffsetX', -3), tag(8, 'Author', text('ü')), tag(6, 'Scale', [0, 0, 0, 0, 0, 0, 0, 0])),
    ...dimensions(...size),
    int('PaletteMax', states.length),
    palette(states),
    byteArray('BlockData', cells),
    tag(9, 'BlockEntities', [10, ...i32(1), ...tag(11, 'Pos', [...i32(3), ...i32(1), ...i32(2), ...i32(3)]), 0]),
    tag(11, 'Offset', [...i32(3), ...i32(0), ...i32(0), ...i32(0)]),
  );

/** A version 3 file, block data before the palette: the order of tags is free. */
const version3 = (cells = [0, 1, 2, 3, 4, 1]) =>
  compound(
    '',
    compound(
      'Schematic',
      int('Version', 3),
      ...dimensions(3, 1, 2),
      compound('Blocks', byteArray('Data', cells), palette(STATES), tag(9, 'BlockEntities', [0, ...i32(0)])),
    ),
  );

const namesOf = (structure: Structure) => Array.from(structure.cells, (index) => structure.palette[index]);

function refusal(act: () => unknown): ScenarioError {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(ScenarioError);
    return error as ScenarioError;
  }
  throw new Error('It was not refused.');
}

describe('Sponge schematics', () => {
  it('of versions 2 and 3 give the same structure, with every flattening noted', () => {
    for (const bytes of [version2(), version3()]) {
      const structure = readSchematic(pack(bytes), 'hut.schem');
      expect(structure.size).toEqual([3, 1, 2]);
      expect(namesOf(structure)).toEqual(['air', 'stone', 'oak_planks', 'air', 'oak_door_open', 'stone']);
      expect(structure.notes).toEqual(['oak_stairs -> oak_planks: 1 cell', 'poppy -> air: 1 cell']);
      expect(new Set(structure.palette).size).toBe(structure.palette.length);
    }
  });

  it('keep the order x, then z, then y', () => {
    const structure = readSchematic(
      pack(version2(['minecraft:air', 'minecraft:stone'], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0], [3, 2, 2])),
      'a.schem',
    );
    const grid = new VoxelGrid(8, 8, 8, createPalette(structure.palette));
    placeStructure(grid, structure, [1, 2, 3]);
    expect(grid.nameAt(1 + 1, 2 + 1, 3 + 1)).toBe('stone');
    expect(Array.from(grid.voxels).filter((v) => v !== 0).length).toBe(1);
  });

  it('round-trip every block of the registry, with palette numbers that take two bytes, to the same bytes each time', () => {
    const names = BLOCKS.map((block) => block.name);
    const repeated = Array.from({ length: 9 * 5 * 7 }, (_, i) => i % names.length);
    const structure = { size: [9, 5, 7] as const, palette: names, cells: Uint16Array.from(repeated) };
    const bytes = writeSchematic(structure);
    const read = readSchematic(bytes, 'all.schem');
    expect(namesOf(read)).toEqual(repeated.map((i) => names[i]));
    expect(read.size).toEqual([9, 5, 7]);
    expect(read.notes).toEqual([]);
    expect(writeSchematic(structure)).toEqual(bytes);
    const wide = {
      size: [200, 1, 1] as const,
      palette: Array.from({ length: 200 }, () => 'stone'),
      cells: Uint16Array.from({ length: 200 }, (_, i) => i),
    };
    expect(namesOf(readSchematic(writeSchematic(wide), 'wide.schem'))).toEqual(Array.from({ length: 200 }, () => 'stone'));
  });

  it('read varints of several bytes', () => {
    const states = Array.from({ length: 300 }, (_, i) => `minecraft:oak_stairs[n=${i}]`);
    const cells = [0x80, 0x01, 0xab, 0x02, 0x00];
    expect(namesOf(readSchematic(pack(version2(states, cells, [3, 1, 1])), 'a.schem'))).toEqual(['oak_planks', 'oak_planks', 'oak_planks']);
  });

  it('with an unknown block name it, and suggest; one that no cell uses does no harm', () => {
    const { message } = refusal(() => readSchematic(pack(version2([...STATES, 'minecraft:stnoe'], [0, 1, 2, 3, 4, 5])), 'hut.schem'));
    expect(message).toBe(
      'Every block used must be known; got "minecraft:stnoe" at hut.schem, Palette. Replace it and export again. Did you mean "stone"?',
    );
    expect(readSchematic(pack(version2([...STATES, 'minecraft:stnoe'])), 'hut.schem').palette).not.toContain('stnoe');
    expect(refusal(() => readSchematic(pack(version2(['othermod:stone'], [0, 0, 0, 0, 0, 0])), 'a.schem')).message).toContain(
      'othermod:stone',
    );
  });

  const v2 = version2();
  const malformed: [string, Uint8Array, RegExp][] = [
    ['an empty file', new Uint8Array(0), /hut\.schem, byte 0\. Export/],
    ['text', new TextEncoder().encode('type octile, but longer than a header'), /starting with 74 79 70 at hut\.schem, byte 0/],
    ['a file that ends in its header', pack(v2).subarray(0, 18), /hut\.schem/],
    ['a truncated file', pack(v2).subarray(0, 150), /damaged or cut off/],
    ['a gzip member with another checksum', flipped(pack(v2), -6), /checksum/],
    ['two gzip members', Uint8Array.from([...pack(v2), ...pack(version3())]), /hut\.schem/],
    [
      'an endless gzip header',
      Uint8Array.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 0, ...new Uint8Array(9000).fill(65)]),
      /header must end within 4096/,
    ],
    ['a truncated NBT', pack(v2.slice(0, 200)), /more bytes must follow; got \d+ at hut\.schem, byte \d+ of the unpacked data/],
    ['no compound', pack([...int('Schematic', 3)]), /must start with an NBT compound/],
    [
      'a wrong tag type',
      pack(compound('Schematic', tag(8, 'Version', text('2')))),
      /Schematic\.Version must be an integer; got a tag of type string/,
    ],
    ['version 1', pack(compound('Schematic', int('Version', 1))), /version must be 2 or 3; got 1 at hut\.schem, Schematic\.Version/],
    ['no size', pack(compound('Schematic', int('Version', 2))), /Width must be present/],
    ['a size of zero', pack(version2(STATES, [], [0, 1, 1])), /got 0 x 1 x 1 at hut\.schem, Schematic\.Width, Height, Length/],
    ['huge dimensions', pack(version2(STATES, [1], [65535, 65535, 65535])), /got 65535 x 65535 x 65535/],
    ['no data', pack(compound('Schematic', int('Version', 2), ...dimensions(1, 1, 1))), /Block data must be present/],
    [
      'too few cells',
      pack(version2(STATES, [0, 1, 2])),
      /must hold 6 cells; got 3 at hut\.schem, byte \d+ of the unpacked data \(block data\)/,
    ],
    ['too many cells', pack(version2(STATES, [0, 1, 2, 3, 4, 1, 1])), /must end after 6 cells; got 1 more/],
    ['a number out of the palette', pack(version2(STATES, [0, 1, 2, 3, 4, 9])), /number of the palette; got 9/],
    ['an unfinished varint', pack(version2(STATES, [0, 1, 2, 3, 4, 0x80])), /must hold 6 cells/],
    ['an endless varint', pack(version2(STATES, [0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80])), /at most 5 bytes/],
    ['a negative varint', pack(version2(STATES, [0, 0xff, 0xff, 0xff, 0xff, 0x0f, 0])), /number of the palette/],
    [
      'a palette number used twice',
      pack(compound('Schematic', compound('Palette', int('minecraft:air', 0), int('minecraft:stone', 0)))),
      /must be distinct/,
    ],
    ['a negative palette number', pack(compound('Schematic', compound('Palette', int('minecraft:air', -1)))), /0\.\.65535; got -1/],
    ['a negative array length', pack(compound('Schematic', tag(7, 'BlockData', i32(-5)))), /length must not be negative/],
    [
      'an array longer than the file',
      pack(compound('Schematic', tag(7, 'BlockData', i32(0x7fffffff)))),
      /2147483647 more bytes must follow/,
    ],
    ['a long array whose size leaves i32', pack(compound('Schematic', tag(12, 'Junk', i32(0x7fffffff)))), /more bytes must follow/],
    ['a list of two billion nothings', pack(compound('Schematic', tag(9, 'Junk', [0, ...i32(0x7fffffff)]))), /entries must have a type/],
    ['an unknown tag type', pack(compound('Schematic', tag(77, 'Junk', [0]))), /tag type must be 0\.\.12; got 77/],
    ['deep compounds', pack(compound('Schematic', ...[Array.from({ length: 5000 }, () => [10, 0, 1, 65]).flat()])), /at most 64 deep/],
    [
      'deep lists',
      pack(compound('Schematic', tag(9, 'Junk', Array.from({ length: 5000 }, () => [9, 0, 0, 0, 1]).flat()))),
      /at most 64 deep/,
    ],
  ];
  for (const [what, bytes, pattern] of malformed) {
    it(`refuse ${what}, naming the file and the place`, () => {
      const { message } = refusal(() => readSchematic(bytes, 'hut.schem'));
      expect(message).toMatch(pattern);
      expect(message).toContain('hut.schem');
    });
  }

  it('refuse a gzip bomb once its cap is passed', () => {
    const bomb = gzipSync(new Uint8Array(48 << 20), { level: 9 });
    expect(bomb.length).toBeLessThan(100_000);
    expect(refusal(() => readSchematic(bomb, 'bomb.schem')).message).toContain(
      'must unpack to at most 33554432 bytes; got more at bomb.schem',
    );
  });

  it('take gzip headers with a file name and an extra field', () => {
    const packed = gzipSync(Uint8Array.from(version2()), { filename: 'hut.schem' });
    expect(readSchematic(packed, 'hut.schem').size).toEqual([3, 1, 2]);
    const extra = Uint8Array.from([
      ...packed.subarray(0, 3),
      packed[3] | 4,
      ...packed.subarray(4, 10),
      3,
      0,
      1,
      2,
      3,
      ...packed.subarray(10),
    ]);
    expect(readSchematic(extra, 'hut.schem').size).toEqual([3, 1, 2]);
  });

  it('never crash: of 2,000 mutated files (seed 1) each is read or refused with its name', () => {
    const sources = [version2(), version3(), [...gunzipSync(writeSchematic(readSchematic(pack(version3()), 'a.schem')))]];
    let draw = 0;
    const below = (n: number) => randomBelow(randomU32(1, 0, 0, 0, 0, draw++), n);
    const outcomes = { read: 0, inflated: 0, packed: 0 };
    for (let file = 0; file < 2000; file++) {
      const inside = file % 4 !== 0;
      let bytes = Uint8Array.from(sources[file % sources.length]);
      if (!inside) bytes = gzipSync(bytes);
      for (let n = 1 + below(3); n > 0; n--) bytes = mutated(bytes, below);
      if (inside) bytes = gzipSync(bytes);
      try {
        const structure = readSchematic(bytes, 'fuzz.schem');
        outcomes.read++;
        expect(structure.cells.every((index) => index < structure.palette.length)).toBe(true);
        expect(structure.cells.length).toBe(structure.size[0] * structure.size[1] * structure.size[2]);
      } catch (error) {
        expect(error, `file ${file}: ${error instanceof Error ? error.stack : error}`).toBeInstanceOf(ScenarioError);
        expect((error as Error).message).toContain('fuzz.schem');
        if (inside) outcomes.inflated++;
        else outcomes.packed++;
      }
    }
    // The mutations reach every depth: some files survive, most fail inside, nearly all packed ones at the gzip layer.
    expect(outcomes.read).toBeGreaterThan(60);
    expect(outcomes.inflated).toBeGreaterThan(700);
    expect(outcomes.packed).toBeGreaterThan(400);
  });
});

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at < 0 ? copy.length + at : at] ^= 1;
  return copy;
}

/** One mutation: bit flip, byte, extreme i32, cut, doubled or dropped span. */
function mutated(bytes: Uint8Array, below: (n: number) => number): Uint8Array {
  if (bytes.length < 8) return bytes;
  const copy = bytes.slice();
  const at = below(bytes.length);
  switch (below(6)) {
    case 0:
      copy[at] ^= 1 << below(8);
      return copy;
    case 1:
      copy[at] = below(256);
      return copy;
    case 2: {
      const extremes = [0x7fffffff, -1, -0x80000000, 0, 65536];
      copy.set(i32(extremes[below(extremes.length)]), Math.min(at, copy.length - 4));
      return copy;
    }
    case 3:
      return copy.subarray(0, at);
    case 4:
      return Uint8Array.from([...copy.subarray(0, at), ...copy.subarray(Math.max(0, at - below(40)))]);
    default:
      return Uint8Array.from([...copy.subarray(0, at), ...copy.subarray(at + 1 + below(20))]);
  }
}

const MAP = 'type octile\nheight 3\nwidth 4\nmap\n....\n.@T.\nG.SW\n';

describe('MovingAI maps', () => {
  it('become a floor with walls on the cells that cannot be walked', () => {
    const structure = readMovingAiMap(MAP, 'small.map', { wallHeight: 2, wall: 'bricks', floor: 'sand' });
    expect(structure.size).toEqual([4, 3, 3]);
    const names = namesOf(structure);
    expect(names.slice(0, 12).every((name) => name === 'sand')).toBe(true);
    const layer = ['air', 'air', 'air', 'air', 'air', 'bricks', 'bricks', 'air', 'air', 'air', 'air', 'bricks'];
    expect(names.slice(12, 24)).toEqual(layer);
    expect(names.slice(24)).toEqual(layer);
  });

  it('are read with any line ends, and with one block for floor and wall', () => {
    expect(readMovingAiMap(MAP.replaceAll('\n', '\r\n'), 'a.map').cells).toEqual(readMovingAiMap(MAP, 'a.map').cells);
    expect(readMovingAiMap(MAP, 'a.map', { wall: 'stone', floor: 'stone' }).palette).toEqual(['air', 'stone']);
  });

  it('are refused with the line when they are malformed', () => {
    const cases: [string, RegExp][] = [
      ['', /header must give type, height and width, one a line; got "" at bad\.map, line 1/],
      [MAP.replace('height', 'hight'), /got "hight 3" at bad\.map, line 2/],
      [MAP.replace('width', 'height'), /line 3/],
      [MAP.replace('map\n', 'mapp\n'), /"map"; got "mapp" at bad\.map, line 4/],
      [MAP.replace('width 4', 'width 5'), /A row must have 5 characters; got "\.\.\.\." at bad\.map, line 5/],
      [MAP.replace('height 3', 'height 4'), /line 8/],
      [MAP.replace('@', 'x'), /must be one of \.GS@OTW; got "x" at bad\.map, line 6/],
      [MAP.replace('height 3', 'height 1e9'), /got "4 x 4 x 1e9"/],
      [MAP.replace('height 3', 'height -3'), /got "4 x 4 x -3"/],
    ];
    for (const [source, pattern] of cases) expect(refusal(() => readMovingAiMap(source, 'bad.map')).message).toMatch(pattern);
    expect(() => readMovingAiMap(MAP, 'a.map', { wall: 'brick' })).toThrow('Did you mean "bricks"?');
    expect(() => readMovingAiMap(MAP, 'a.map', { wallHeight: 500 })).toThrow(ScenarioError);
  });
});

describe('inline layers', () => {
  const spec = {
    palette: { '#': 'stone', D: 'oak_door' },
    layers: [
      ['##', '##', '##'],
      ['.#', 'D.', '..'],
    ],
  };

  it('read bottom up, rows along z, characters along x', () => {
    const structure = readLayers(spec);
    expect(structure.size).toEqual([2, 2, 3]);
    const grid = new VoxelGrid(4, 4, 4, createPalette(structure.palette));
    expect(placeStructure(grid, structure, [1, 0, 1])).toBe(8);
    expect([grid.nameAt(1, 0, 1), grid.nameAt(2, 1, 1), grid.nameAt(1, 1, 2), grid.nameAt(1, 1, 1)]).toEqual([
      'stone',
      'stone',
      'oak_door',
      'air',
    ]);
  });

  it('may give "." another meaning', () => {
    expect(readLayers({ palette: { '.': 'water' }, layers: [['.']] }).palette).toEqual(['water']);
  });

  it('are refused by place when ragged or unknown', () => {
    const cases: [string[][], string][] = [
      [[], 'got 0 x 0 x 0 at world.structures[0].layers.'],
      [[['##', '##'], ['##']], 'Every layer must have 2 rows like the first; got 1 at world.structures[0].layers[1].'],
      [[['##', '#']], 'got 1 at world.structures[0].layers[0][1].'],
      [[['#x']], 'got "x" at world.structures[0].layers[0][0]. Add it to world.structures[0].palette.'],
    ];
    for (const [layers, message] of cases)
      expect(refusal(() => readLayers({ ...spec, layers }, 'world.structures[0]')).message).toContain(message);
    expect(() => readLayers({ palette: { a: 'stnoe' }, layers: [['a']] }, 's')).toThrow(
      'got "stnoe" at s.palette["a"]. Did you mean "stone"?',
    );
  });
});

describe('placing', () => {
  const structure = readLayers({ palette: { '#': 'stone' }, layers: [['#.', '.#']] });
  const full = () => {
    const grid = new VoxelGrid(4, 3, 4, createPalette(['stone', 'dirt']));
    grid.fill([0, 0, 0], [3, 2, 3], grid.palette.indexOfName('dirt'));
    return grid;
  };

  it('clears with its air unless the terrain is kept, and keeps bitboard and hash', () => {
    const cleared = full();
    expect(placeStructure(cleared, structure, [1, 1, 1])).toBe(4);
    expect([cleared.nameAt(1, 1, 1), cleared.nameAt(2, 1, 1)]).toEqual(['stone', 'air']);
    expect(cleared.hashLanes()).toEqual({ lane0: cleared.lane0, lane1: cleared.lane1 });
    const kept = full();
    expect(placeStructure(kept, structure, [1, 1, 1], { keepTerrain: true })).toBe(2);
    expect(kept.nameAt(2, 1, 1)).toBe('dirt');
  });

  it('refuses to leave the world, at each side, and touches nothing', () => {
    for (const at of [
      [-1, 0, 0],
      [3, 0, 0],
      [0, 3, 0],
      [0, 0, 3],
      [0, -1, 0],
    ] as const) {
      const grid = full();
      const before = grid.lane0;
      expect(refusal(() => placeStructure(grid, structure, at, { path: 'world.structures[2]' })).message).toContain(
        `got [${at.join(', ')}] at world.structures[2].at.`,
      );
      expect(grid.lane0).toBe(before);
    }
  });

  it("refuses blocks that the world's palette lacks", () => {
    const grid = new VoxelGrid(4, 3, 4, createPalette(['dirt']));
    expect(() => placeStructure(grid, structure, [0, 0, 0])).toThrow(ScenarioError);
  });
});
