/** The parts of a scenario that tie things together: mechanisms, messages, props, observation and action choices. */
import { z } from 'zod';
import { JointSchema } from './joint-schema.js';
import { PropShapeSchema } from './prop-shape.js';
import { BlockRefSchema, CellSchema, ColorSchema, integer, MetresSchema, NameRefSchema, NameSchema, RegionSchema } from './values.js';

/** Most props of one world, after counted entries are expanded. */
export const MAX_PROPS = 256;

/** On for `onTicks` of every `everyTicks`, from `fromTick` on. */
const ClockSchema = z.strictObject({
  everyTicks: integer(2, 20000).describe('Ticks (20 per second) after which it begins anew, 2..20000.'),
  onTicks: integer(1, 20000).describe('Ticks (20 per second) for which it is on each time, 1..20000 and fewer than "everyTicks".'),
  fromTick: integer(0, 20000).default(0).describe('Tick of the episode at which it comes on first, 0..20000; default 0.'),
});

export type Clock = z.output<typeof ClockSchema>;

export const TriggerSchema = z.union([
  z.strictObject({ plate: CellSchema.describe('Cell of a pressure plate; on while an agent or a prop stands on it.') }),
  z.strictObject({ plates: RegionSchema.describe('Region of block cells; on while any pressure plate in it is pressed.') }),
  z.strictObject({ lever: CellSchema.describe('Cell of a lever; on while it is switched on.') }),
  z.strictObject({ mechanism: NameRefSchema.describe('Id of another mechanism; on while it is active, seen one tick later.') }),
  z.strictObject({ clock: ClockSchema.describe('On at times of the episode, whatever anybody does.') }),
]);
export type Trigger = z.output<typeof TriggerSchema>;

const triggers = (sentence: string) => z.array(TriggerSchema).min(1).max(32).describe(`${sentence} (1..32).`);

export const MechanismSchema = z.strictObject({
  id: NameSchema.describe('Unique id.'),
  when: z
    .union([
      z.strictObject({ all: triggers('Triggers that must all be on') }),
      z.strictObject({ any: triggers('Triggers of which one must be on') }),
    ])
    .describe('Condition over triggers.'),
  mode: z
    .enum(['hold', 'latch', 'toggle'])
    .default('hold')
    .describe(
      '"hold" (default): active while the condition holds; "latch": active for good once it held; "toggle": changes each time it begins to hold.',
    ),
  delayTicks: z
    .int()
    .min(0)
    .max(200)
    .default(0)
    .describe('Ticks (20 per second) between a change of the condition and its effect, 0..200; default 0.'),
  effects: z
    .array(
      z.strictObject({
        region: RegionSchema.describe('Region of block cells that change.'),
        on: BlockRefSchema.describe('Block that fills the region while the mechanism is active.'),
        off: BlockRefSchema.describe('Block that fills the region while it is not.'),
      }),
    )
    .min(1)
    .max(16)
    .describe('What the mechanism changes (1..16). A cell that would close on an agent waits until it is free.'),
});
export type Mechanism = z.output<typeof MechanismSchema>;

export const MessagesSchema = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether messages can be sent; default true (and false when "messages" is absent).'),
  symbols: z
    .array(z.string().min(1).max(40))
    .max(64)
    .default([])
    .describe('Symbols that agents can send and that the task can ask for, at most 64, each 1..40 characters; default none.'),
  rangeMetres: z
    .number()
    .min(1)
    .max(512)
    .default(512)
    .describe('Distance in metres up to which a message is heard, 1..512; default 512 (everywhere).'),
  everyTicks: z
    .int()
    .min(0)
    .max(1200)
    .default(0)
    .describe('Least number of ticks (20 per second) between two messages of one agent, 0..1200; default 0 (one per tick).'),
  maxLength: z.int().min(0).max(256).default(0).describe('Longest free text in characters, 0..256; default 0 (symbols only).'),
  delayTicks: z
    .int()
    .min(0)
    .max(200)
    .default(0)
    .describe('Ticks (20 per second) until a message is heard, 0..200; default 0 (the next observation).'),
  loss: z.number().min(0).max(1).default(0).describe('Probability that a message is lost, per receiver, 0..1, kept as n/256; default 0.'),
  scope: z.enum(['all', 'team']).default('all').describe('Who hears a message: "all" (default) or the "team" of its sender.'),
  teamPlans: z
    .boolean()
    .optional()
    .describe(
      'Whether agents know the ways that others of their team mean to go, where those plan any, with messages or without; absent: yes, unless goals are hidden from one of the team.',
    ),
});

const yawDeg = z
  .number()
  .min(-360)
  .max(360)
  .default(0)
  .describe('Initial heading in degrees, -360..360, counter-clockwise seen from above; default 0.');

export const PropEntrySchema = z.strictObject({
  id: NameSchema.describe('Unique id; with "count" the ids are id-0, id-1, ...'),
  count: z.int().min(1).max(MAX_PROPS).optional().describe('Number of props of this kind, 1..256; absent: one prop whose id is "id".'),
  shape: PropShapeSchema.describe('Shape and size: one of "box", "ball", "capsule", "ramp", "plank", "container".'),
  joint: JointSchema.optional().describe('What ties it to the world or to another prop: "hinge" or "slider"; absent: it is free.'),
  massKg: z.number().min(0.01).max(10000).default(10).describe('Mass in kilograms, 0.01..10000; default 10.'),
  friction: z.number().min(0).max(2).default(0.6).describe('Coulomb friction coefficient, 0..2; default 0.6.'),
  restitution: z.number().min(0).max(1).default(0).describe('Share of speed kept in a bounce, 0..1; default 0.'),
  color: ColorSchema.optional().describe('Colour "#rrggbb" in the viewer; absent: a neutral one.'),
  team: NameSchema.optional().describe('Team that the prop belongs to; absent: none.'),
  spawn: z
    .union([
      z.strictObject({ at: CellSchema.describe('Cell on whose floor centre the prop rests.'), yawDeg }),
      z.strictObject({ atMetres: MetresSchema.describe('Exact position of the centre [x, y, z] in metres.'), yawDeg }),
      z.strictObject({ region: RegionSchema.describe('Region of block cells; a free one on solid ground is drawn per episode.'), yawDeg }),
    ])
    .describe('Where the prop starts: one of "at", "atMetres", "region".'),
});
export type PropEntry = z.output<typeof PropEntrySchema>;

/** What agents can do with props in their hands. */
export const CarryingSchema = z.strictObject({
  maxMassKg: z
    .number()
    .min(0.01)
    .max(200)
    .default(25)
    .describe('Heaviest prop that an agent can pick up, in kilograms, 0.01..200; default 25.'),
  reachMetres: z
    .number()
    .min(0.5)
    .max(4.5)
    .default(3)
    .describe('How far from the eyes the surface of a prop may be to be picked up, in metres, 0.5..4.5; default 3.'),
  throwImpulse: z
    .number()
    .min(0)
    .max(1000)
    .default(60)
    .describe('Impulse of a throw in N s, 0..1000; default 60: 10 kg leave with 6 m/s more than they had. Nothing gains more than 12 m/s.'),
});

/** Nearest mobs observed where a scenario has mobs and does not say how many. */
export const DEFAULT_OBSERVED_MOBS = 4;

/** Channels of a camera's pictures. */
export const CAMERA_CHANNELS = ['depth', 'block', 'face', 'body', 'rgb'] as const;

const farM = z.number().min(1).max(64).default(64).describe('Farthest surface seen, in metres, 1..64; default 64.');

export const CameraSchema = z.strictObject({
  width: z.int().min(4).max(256).default(64).describe('Pixels across, 4..256; default 64.'),
  height: z.int().min(4).max(256).default(64).describe('Pixels from top to bottom, 4..256; default 64.'),
  fovDeg: z.number().min(10).max(150).default(90).describe('Horizontal field of view in degrees, 10..150; default 90.'),
  farM,
  channels: z
    .array(z.enum(CAMERA_CHANNELS))
    .min(1)
    .max(CAMERA_CHANNELS.length)
    .refine((names) => new Set(names).size === names.length, 'must name each channel once')
    .default(['rgb', 'depth'])
    .describe('What a pixel tells, 1..5 of "depth", "block", "face", "body", "rgb"; default rgb and depth.'),
});

export const LidarSchema = z.strictObject({
  beams: z
    .int()
    .min(1)
    .max(512)
    .default(32)
    .describe('Beams of a ring, spread over the full circle from straight ahead, 1..512; default 32.'),
  ringsDeg: z
    .array(z.number().min(-90).max(90))
    .min(1)
    .max(32)
    .default([0])
    .describe('Pitch of each ring in degrees, positive up, 1..32 rings within -90..90; default one at 0.'),
  farM,
});

export const ObservationSchema = z.strictObject({
  nearestAgents: z.int().min(0).max(16).default(3).describe('Number of nearest other agents observed, 0..16; default 3.'),
  crop: z
    .int()
    .min(0)
    .max(15)
    .refine((edge) => edge === 0 || edge % 2 === 1, 'must be 0 or an odd number')
    .default(0)
    .describe('Edge in blocks of the cube of voxels around the agent, 0 (default: none) or an odd number 1..15.'),
  goals: z.int().min(1).max(8).default(4).describe('Rows of the goal vector, 1..8; default 4.'),
  inventory: z.boolean().default(true).describe('Whether the inventory is observed; default true.'),
  mobs: z
    .int()
    .min(0)
    .max(16)
    .optional()
    .describe(`Number of nearest mobs observed, 0..16; absent: ${DEFAULT_OBSERVED_MOBS} where there are any.`),
  props: z.int().min(1).max(16).optional().describe('Number of nearest props observed, 1..16; absent: none.'),
  messages: z.int().min(0).max(16).default(4).describe('Number of last messages observed, 0..16; default 4.'),
  mechanisms: z
    .int()
    .min(1)
    .max(32)
    .optional()
    .describe('Parts of mechanisms observed (plates, levers, switched blocks), 1..32; absent: none.'),
  guidance: z
    .int()
    .min(1)
    .max(16)
    .optional()
    .describe(
      'A guide, as a satellite receiver with a map is one: how far it is to the first place that the task sends the agent to by `reach`, and the cell so many steps along the shortest way, 1..16; absent: none.',
    ),
  rivalGuidance: z
    .int()
    .min(1)
    .max(16)
    .optional()
    .describe(
      'A guide, as a tracker with a map is one: how far the way to the nearest agent of another team is, and the cell so many steps along the shortest way, 1..16; absent: none.',
    ),
  camera: CameraSchema.optional().describe('Pictures through the eyes of each agent; {} takes every default; absent: none.'),
  lidar: LidarSchema.optional().describe('Distances around the eyes of each agent; {} takes every default; absent: none.'),
});

export const ActionsSchema = z.strictObject({
  profile: z
    .enum(['native', 'discrete', 'minerl', 'waypoint'])
    .default('native')
    .describe(
      '"native" (default): continuous and binary fields; "discrete": one choice from a table per tick; "minerl": MineRL\'s names; "waypoint": a place and a time. An environment may choose another.',
    ),
});
