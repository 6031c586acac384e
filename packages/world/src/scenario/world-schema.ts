/** The `world` part of a scenario: size, terrain, structures, edits, and where agents may dig and build. */
import { z } from 'zod';
import { TerrainSchema } from '../terrain/schema.js';
import { BlockNameSchema, BlockRefSchema, CellSchema, integer, NameSchema, RegionSchema } from './values.js';

/** Largest world, in blocks. */
export const MAX_WORLD_SIZE = [256, 128, 256] as const;

const size = (axis: number) => z.int().min(1).max(MAX_WORLD_SIZE[axis]);
const extent = integer(0, 256);

/** `air` in the `terrain` field: nothing but air. */
export const EmptyTerrainSchema = z.strictObject({ generator: z.literal('empty').describe('No terrain: the world is air.') });

const at = CellSchema.describe('Cell at which the lowest corner of the structure is placed.');
const keepTerrain = z
  .boolean()
  .default(false)
  .describe('true: air cells of the structure leave what is there; default false (they clear it).');
const file = (suffix: string, what: string) =>
  z
    .string()
    .min(1)
    .max(200)
    .regex(new RegExp(`\\.${suffix}$`))
    .describe(`${what}, as a path with / inside the folder of the scenario.`);

const layers = z
  .array(z.array(z.string().max(256)).min(1).max(256))
  .min(1)
  .max(128)
  .describe('Layers from the bottom up; each is a list of rows along z, each row a string of characters along x. At most 128 x 256 x 256.');

export const StructureEntrySchema = z.union([
  z.strictObject({ file: file('schem', 'Sponge schematic (.schem, version 2 or 3)'), at, keepTerrain }),
  z.strictObject({
    file: file('map', 'MovingAI grid map (.map)'),
    at,
    wallHeight: z.int().min(1).max(64).default(3).describe('Height of the walls above the floor, in blocks, 1..64; default 3.'),
    wall: BlockRefSchema.default('stone_bricks').describe('Block of impassable cells; default "stone_bricks".'),
    floor: BlockRefSchema.default('stone').describe('Block of the floor layer; default "stone".'),
    keepTerrain,
  }),
  z.strictObject({
    layers,
    palette: z.record(z.string().length(1), BlockRefSchema).describe('Character -> block; "." is air unless listed.'),
    at,
    keepTerrain,
  }),
]);
export type StructureEntry = z.output<typeof StructureEntrySchema>;

const worldCell = z.tuple([z.int().min(0).max(255), z.int().min(0).max(127), z.int().min(0).max(255)]);
const place = worldCell.optional().describe('Cell of its lowest corner [x, y, z]; absent: whoever builds it says where.');

export const BlueprintSchema = z.union([
  z.strictObject({ file: file('schem', 'Sponge schematic (.schem, version 2 or 3)'), at: place }),
  z.strictObject({
    layers,
    palette: z.record(z.string().length(1), BlockNameSchema).describe('Character -> block; "." is air unless listed.'),
    at: place,
  }),
]);

const fill = BlockRefSchema.describe('Block that fills the box.');
const hollow = BlockRefSchema.describe('Block of the six faces of the box; what is inside stays unless "inside" is given.');
const inside = BlockRefSchema.optional().describe('Block that fills the inside of the box; absent: the inside stays as it is.');
const set = BlockRefSchema.describe('Block that is set.');
const from = CellSchema.describe('Lowest corner cell of the box.');
const to = CellSchema.describe('Highest corner cell of the box, included.');
const boxSize = z.tuple([extent, extent, extent]).describe('Extent [x, y, z] in blocks, each 0..256; 0 means that nothing is changed.');

export const EditSchema = z.union([
  z.strictObject({ fill, from, size: boxSize }),
  z.strictObject({ fill, from, to }),
  z.strictObject({ hollow, inside, from, to }),
  z.strictObject({ hollow, inside, from, size: boxSize }),
  z.strictObject({ set, at: CellSchema.describe('Cell that is set.') }),
  z.strictObject({
    scatter: BlockRefSchema.describe('Block that is scattered at places drawn from the seed of the level: ores, caves of air, grass.'),
    in: BlockRefSchema.default('stone').describe('Block that it takes the place of; default "stone".'),
    on: BlockRefSchema.optional().describe(
      'Block that must lie below, for what stands on the ground: the highest cell of a column that fits is taken; absent: any.',
    ),
    from,
    to,
    count: integer(0, 4096).describe('Number of clusters, 0..4096; one that finds no place in 32 draws is left out.'),
    cluster: integer(1, 64).default(1).describe('Cells of each cluster, 1..64; fewer where there is no room; default 1.'),
  }),
  z.strictObject({ set, cells: z.array(CellSchema).min(1).max(4096).describe('Cells that are set, 1..4096.') }),
]);
export type Edit = z.output<typeof EditSchema>;

export const WorldSchema = z.strictObject({
  size: z.tuple([size(0), size(1), size(2)]).describe('Size [x, y, z] in blocks, at most 256 x 128 x 256.'),
  terrain: z.union([TerrainSchema, EmptyTerrainSchema]).describe('Terrain generator with its parameters; it runs first.'),
  structures: z
    .array(StructureEntrySchema)
    .max(64)
    .default([])
    .describe('Structures placed on the terrain, in order, at most 64; default none.'),
  edits: z
    .array(EditSchema)
    .max(1024)
    .default([])
    .describe('Boxes and cells that are set after the structures, in order, at most 1024; default none.'),
  blueprints: z
    .record(NameSchema, BlueprintSchema)
    .refine((entries) => Object.keys(entries).length <= 16, 'must name at most 16 blueprints')
    .optional()
    .describe('What the skill `build` builds by name, at most 16 of at most 1024 blocks each; air in them says nothing; absent: none.'),
  protect: z
    .array(RegionSchema)
    .max(64)
    .default([])
    .describe('Regions whose cells can be neither dug nor built on, at most 64; default none.'),
  buildable: z
    .array(RegionSchema)
    .max(64)
    .optional()
    .describe('Regions outside which nothing can be placed, at most 64; absent: everywhere.'),
  diggable: z
    .union([z.enum(['all', 'none']), z.array(BlockRefSchema).min(1).max(256)])
    .default('all')
    .describe('Blocks that can be dug: "all" (default; unbreakable blocks excepted), "none", or a list of block names.'),
});
