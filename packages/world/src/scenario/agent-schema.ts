/** The `agents` part of a scenario: ids, teams, bodies, spawns, inventories, abilities. */
import { z } from 'zod';
import { CellSchema, ColorSchema, ItemNameSchema, MetresSchema, NameSchema, RegionSchema } from './values.js';
import { type Vehicle, VehicleSchema } from './vehicle-schema.js';

/** Most agents of one world, after counted entries are expanded. */
export const MAX_AGENTS = 256;

export const BODY_TYPES = ['walker', 'flyer', 'rover', 'car', 'rigid'] as const;
export type BodyType = (typeof BODY_TYPES)[number];

const WalkerSchema = z.strictObject({
  type: z.literal('walker').describe('Walks, sprints, sneaks, jumps, swims and climbs by the rules of Minecraft 1.20.'),
  speedScale: z
    .number()
    .min(0.25)
    .max(2)
    .default(1)
    .describe('Factor on walking and sprinting speed, 0.25..2; default 1 (4.3 m/s walking).'),
  jump: z.boolean().default(true).describe('Whether it can jump; default true.'),
  sprint: z.boolean().default(true).describe('Whether it can sprint; default true.'),
});
const OtherBodySchema = z.strictObject({
  type: z.enum(['flyer', 'rover', 'car']).describe('A body of another kind, which no engine simulates yet: it is refused with a sentence.'),
});

/** Without saying which vehicle: refused like the others, with a sentence. */
const NamelessSchema = z.strictObject({
  type: z.literal('rigid').describe('A vehicle of the rigid tier; "vehicle" must say which.'),
  vehicle: z.never().optional().describe('Which vehicle; absent: none, which is refused.'),
});

type WalkerBody = z.output<typeof WalkerSchema>;
export interface OtherBody {
  type: Exclude<BodyType, 'walker'>;
}

/** A body by name, or with parameters; always an object after parsing. */
export const BodySchema = z
  .union([z.enum(BODY_TYPES, 'must name a body'), WalkerSchema, VehicleSchema, OtherBodySchema, NamelessSchema])
  .transform((body): WalkerBody | Vehicle | OtherBody => {
    if (typeof body !== 'string') return 'vehicle' in body && body.vehicle === undefined ? { type: body.type } : body;
    return body === 'walker' ? WalkerSchema.parse({ type: body }) : { type: body };
  });
export type Body = z.output<typeof BodySchema>;

const yawDeg = z
  .number()
  .min(-360)
  .max(360)
  .default(0)
  .describe('Initial heading in degrees, -360..360: 0 looks to -z (north), positive turns counter-clockwise seen from above; default 0.');

export const SpawnSchema = z.union([
  z.strictObject({ at: CellSchema.describe('Cell on whose floor centre the feet stand.'), yawDeg }),
  z.strictObject({ atMetres: MetresSchema.describe('Exact position of the feet [x, y, z] in metres.'), yawDeg }),
  z.strictObject({ region: RegionSchema.describe('Region of block cells; one in which an agent can stand is drawn per episode.'), yawDeg }),
]);
export type Spawn = z.output<typeof SpawnSchema>;

const allowed = (what: string) => z.boolean().default(true).describe(`Whether it can ${what}; default true.`);

export const AgentEntrySchema = z.strictObject({
  id: NameSchema.describe('Unique id; with "count" the ids are id-0, id-1, ...'),
  count: z.int().min(1).max(MAX_AGENTS).optional().describe('Number of agents of this kind, 1..256; absent: one agent whose id is "id".'),
  team: NameSchema.default('team').describe('Team name; default "team".'),
  role: NameSchema.optional().describe('Role name that selectors can use; absent: none.'),
  body: BodySchema.describe('Body: "walker", or an object with "type" and parameters.'),
  spawn: SpawnSchema.describe('Where the agent starts: one of "at", "atMetres", "region".'),
  inventory: z
    .record(ItemNameSchema, z.int().min(1).max(576))
    .default({})
    .describe('Items carried at the start: item name -> count, 1..576, in at most 9 slots of 64; default none.'),
  controller: z
    .enum(['policy', 'open'])
    .default('policy')
    .describe('"policy" (default): the policy of the run acts; "open": a person or a remote program may take the slot.'),
  goals: z
    .union([z.enum(['visible', 'hidden']), z.array(z.string().min(1).max(60)).min(1).max(32)])
    .default('visible')
    .describe(
      'Which goals of its task it is shown: "visible" (default, all of them), "hidden" (none), or a list of names of parts of the task (1..32): of those it is shown the goals, and it knows the parameters that stand in them and no others.',
    ),
  can: z
    .strictObject({
      dig: allowed('dig'),
      place: allowed('place blocks'),
      use: allowed('use levers and doors'),
      message: allowed('send messages'),
    })
    .prefault({})
    .describe('Abilities; all true by default.'),
  color: ColorSchema.optional().describe('Colour "#rrggbb" in the viewer; absent: the colour of its team.'),
});
export type AgentEntry = z.output<typeof AgentEntrySchema>;
