/**
 * The terrain generators as data: one strict schema each, from which scenario files, editors and docs learn their fields, units and ranges.
 * Numbers and blocks may refer to scenario parameters; a `TerrainSpec` is what is left once those are written in.
 */
import { z } from 'zod';
import { BlockRefSchema, integer, type Literal } from '../scenario/values.js';

const block = (description: string, name: string) => BlockRefSchema.default(name).describe(`${description}; default "${name}".`);
const whole = (description: string, low: number, high: number, byDefault: number) =>
  integer(low, high).default(byDefault).describe(`${description}, ${low}..${high}; default ${byDefault}.`);
const loops = (byDefault: number) =>
  whole('Chance in 1/256 that a wall which the spanning tree left closed is opened too, so that there are several ways', 0, 256, byDefault);

export const FlatTerrainSchema = z
  .strictObject({
    generator: z.literal('flat').describe('A level plain.'),
    ground: whole('Height of the surface, in blocks: cells below it are filled, and feet stand at this y', 0, 127, 1),
    top: block('Block of the highest layer', 'grass_block'),
    body: block('Block of the layers below', 'dirt'),
  })
  .describe('A level plain.');

export const HillsTerrainSchema = z
  .strictObject({
    generator: z.literal('hills').describe('Rolling hills from three octaves of value noise; steps may be higher than a jump.'),
    base: whole('Mean height of the surface, in blocks', 1, 120, 8),
    amplitude: whole('Greatest deviation from the mean height, in blocks; less than base', 0, 60, 3),
    wavelength: whole('Width of the largest hills, in blocks', 4, 128, 24),
    top: block('Block of the highest layer', 'grass_block'),
    body: block('Block of the layers below', 'dirt'),
    trees: whole('Trees to be tried per 256 columns; they stand at least 3 blocks apart', 0, 64, 0),
    rock: BlockRefSchema.optional().describe('Block below the soil; absent: "body" all the way down.'),
    soil: integer(0, 120).optional().describe('Layers of "body" between the highest layer and "rock", 0..120; absent: 3.'),
    water: integer(0, 120)
      .optional()
      .describe('Cells above the ground and below this height, in blocks, are water, 0..120; no trees stand there; absent: no water.'),
    shore: BlockRefSchema.optional().describe('Block of the highest layer up to one block above the water; absent: "top".'),
  })
  .describe('Rolling hills, with oaks if wanted.');

export const RoomsTerrainSchema = z
  .strictObject({
    generator: z.literal('rooms').describe('A grid of rooms; every room can be reached through doorways 2 blocks high.'),
    roomSize: whole('Inner width of a room, in blocks; the last room of a row takes what is left over', 2, 64, 7),
    height: whole('Height of the walls above the floor, in blocks', 2, 64, 4),
    doorWidth: whole('Width of the doorways, in blocks; at most roomSize', 1, 64, 2),
    ground: whole('Thickness of the floor, in blocks: feet stand at this y', 1, 64, 1),
    loops: loops(64),
    wall: block('Block of the walls', 'stone_bricks'),
    floor: block('Block of the floor', 'smooth_stone'),
  })
  .describe('Rooms with doorways; all are connected.');

export const MazeTerrainSchema = z
  .strictObject({
    generator: z.literal('maze').describe('A perfect maze (one way between any two cells), with loops if wanted; walls are 1 block thick.'),
    cellSize: whole('Width of the corridors, in blocks', 1, 32, 2),
    height: whole('Height of the walls above the floor, in blocks', 1, 64, 3),
    ground: whole('Thickness of the floor, in blocks: feet stand at this y', 1, 64, 1),
    loops: loops(0),
    wall: block('Block of the walls', 'training_wall'),
    floor: block('Block of the floor', 'smooth_stone'),
  })
  .describe('A perfect maze, with loops if wanted.');

/** Any terrain of a scenario, parameters not yet written in. */
export const TerrainSchema = z.discriminatedUnion('generator', [
  FlatTerrainSchema,
  HillsTerrainSchema,
  RoomsTerrainSchema,
  MazeTerrainSchema,
]);

/** Every generator with its schema, for docs and pickers. */
export const TERRAIN_GENERATORS = [
  { name: 'flat', schema: FlatTerrainSchema },
  { name: 'hills', schema: HillsTerrainSchema },
  { name: 'rooms', schema: RoomsTerrainSchema },
  { name: 'maze', schema: MazeTerrainSchema },
] as const;

export type FlatTerrain = Literal<z.output<typeof FlatTerrainSchema>>;
export type HillsTerrain = Literal<z.output<typeof HillsTerrainSchema>>;
export type RoomsTerrain = Literal<z.output<typeof RoomsTerrainSchema>>;
export type MazeTerrain = Literal<z.output<typeof MazeTerrainSchema>>;
/** What a generator runs on: plain data, defaults filled, parameters written in. */
export type TerrainSpec = FlatTerrain | HillsTerrain | RoomsTerrain | MazeTerrain;
