/**
 * The small values of a scenario file: numbers that may come from a parameter, cells, regions, names.
 * Frame: 1 block = 1 metre, y up, x east, z south. Cells are block cells; regions are inclusive.
 */
import { z } from 'zod';

/** Refers to a drawn parameter: its value times `times` plus `plus`. */
export const ParameterRefSchema = z
  .strictObject({
    param: z.string().min(1).max(40).describe('Name of a parameter declared under "parameters".'),
    times: z.int().min(-256).max(256).default(1).describe('Integer factor on the drawn value, -256..256; default 1. Numbers only.'),
    plus: z.int().min(-1000).max(1000).default(0).describe('Integer added after the factor, -1000..1000; default 0. Numbers only.'),
  })
  .meta({ id: 'Parameter', description: 'A value drawn per variant.' });
export type ParameterRef = z.output<typeof ParameterRefSchema>;

/** An integer in [low, high], written out or drawn. */
export const integer = (low: number, high: number) => z.union([z.int().min(low).max(high), ParameterRefSchema]);

/** A real number in [low, high], written out or drawn. */
export const scalar = (low: number, high: number) => z.union([z.number().min(low).max(high), ParameterRefSchema]);

/** The outer bound of any world; checks.ts holds cells to the world of the scenario. */
const coordinate = () => integer(0, 255);

/** [x, y, z] block cell. */
export const CellSchema = z
  .tuple([coordinate(), coordinate(), coordinate()])
  .meta({ id: 'Cell', description: 'Block cell [x, y, z], in blocks from the world origin.' });
export type Cell = z.output<typeof CellSchema>;

/** [[x0, y0, z0], [x1, y1, z1]], both corners included. */
export const RegionSchema = z
  .tuple([CellSchema, CellSchema])
  .meta({ id: 'Region', description: 'Two corner cells, both included, the lower one first.' });
export type Region = z.output<typeof RegionSchema>;

/** Exact position of the feet (agents) or the centre (props), in metres. */
export const MetresSchema = z
  .tuple([scalar(0, 256), scalar(0, 128), scalar(0, 256)])
  .describe('Exact position [x, y, z] in metres from the world origin.');

/** Ids, teams, roles, mechanism and reward names: lower-case words joined by - or _, 1..40 characters. */
export const NAME_PATTERN = /^[a-z][a-z0-9]*([-_][a-z0-9]+)*$/;
/** Longest name, in characters. */
export const MAX_NAME_LENGTH = 40;
export const NameSchema = z
  .string()
  .min(1)
  .max(MAX_NAME_LENGTH)
  .regex(NAME_PATTERN, 'must be lower-case words of letters and digits, joined by - or _');

/** A name, or a string parameter that holds one. */
export const NameRefSchema = z.union([NameSchema, ParameterRefSchema]);
export type NameRef = z.output<typeof NameRefSchema>;

/** What a name must be found in; the JSON Schema lists the choices for editors. */
export type Vocabulary = 'block' | 'item';

const VOCABULARY_ID: Readonly<Record<Vocabulary, string>> = { block: 'BlockName', item: 'ItemName' };
const named = (vocabulary: Vocabulary) => NameSchema.meta({ id: VOCABULARY_ID[vocabulary], vocabulary });

/** A block of the registry. */
export const BlockNameSchema = named('block');
/** A block of the registry, or a string parameter that names one. */
export const BlockRefSchema = z.union([BlockNameSchema, ParameterRefSchema]);
/** An item of the registry, or one of its aliases. */
export const ItemNameSchema = named('item');
/** An item of the registry, or a string parameter that names one. */
export const ItemRefSchema = z.union([ItemNameSchema, ParameterRefSchema]);

/** Colour `#rrggbb`. */
export const ColorSchema = z.string().regex(/^#[0-9a-f]{6}$/, 'must be a colour such as "#3366cc"');

/** Agents by id, by the id of a counted entry, by team, by role, "all", or a list of ids. */
export const SelectorSchema = z
  .union([NameRefSchema, z.array(NameRefSchema).min(1).max(256)])
  .meta({ id: 'Selector', description: 'Agents or props by name, or a list of names.' });
export type Selector = z.output<typeof SelectorSchema>;

/** T with every drawn value written out. */
export type Literal<T> = T extends ParameterRef ? never : T extends object ? { [K in keyof T]: Literal<T[K]> } : T;
