/** Entries of `survival.mobs`: a kind, where and when it spawns, and what of the kind's table is different here. */
import { z } from 'zod';
import { BlockNameSchema, ItemNameSchema, NameSchema } from '../scenario/values.js';
import { MAX_MOBS, MAX_TRADES } from '../spec/state.js';
import { MOB_BEHAVIOURS, MOB_NAMES } from './mobs.js';

const cell = z.tuple([z.int().min(0).max(255), z.int().min(0).max(255), z.int().min(0).max(255)]);
const light = z.int().min(0).max(15);
const ofTheKind = 'absent: as the kind has it';
const metres = (low: number, high: number, what: string) =>
  z.number().min(low).max(high).optional().describe(`${what} in metres, ${low}..${high}; ${ofTheKind}.`);
const ticks = (low: number, high: number, what: string) =>
  z.int().min(low).max(high).optional().describe(`${what} in ticks (20 per second), ${low}..${high}; ${ofTheKind}.`);

const DropSchema = z.strictObject({
  item: ItemNameSchema.describe('Item that may drop.'),
  least: z.int().min(0).max(64).default(1).describe('Fewest of them, 0..64; default 1.'),
  most: z.int().min(1).max(64).default(1).describe('Most of them, 1..64 and not below "least"; default 1.'),
  chance: z.number().min(0).max(1).default(1).describe('Probability that anything of it drops, 0..1, kept as n/65536; default 1.'),
});

const TradeSchema = z.strictObject({
  wants: ItemNameSchema.describe('Item that the trader takes.'),
  wantsCount: z.int().min(1).max(64).default(1).describe('How many it takes, 1..64; default 1.'),
  gives: ItemNameSchema.describe('Item that the trader gives.'),
  givesCount: z.int().min(1).max(64).default(1).describe('How many it gives, 1..64; default 1.'),
  stock: z.int().min(0).max(1000).default(0).describe('How often the offer can be taken in an episode, 0..1000; default 0: without end.'),
});

const SpawnSchema = z.strictObject({
  region: z
    .tuple([cell, cell])
    .optional()
    .describe('Cells for the feet, two corners, both included; one with room and footing is drawn. Absent: the whole world.'),
  light: z
    .tuple([light, light])
    .refine(([low, high]) => low <= high, 'must have its lower bound first')
    .optional()
    .describe(`Light at the feet that a spawn during the episode needs, 0..15, both included; ${ofTheKind}.`),
  on: z
    .array(BlockNameSchema)
    .max(16)
    .optional()
    .describe(`Blocks on which it spawns during the episode, at most 16; empty: on every solid one; ${ofTheKind}.`),
  everyTicks: z
    .int()
    .min(0)
    .max(100000)
    .default(0)
    .describe('Ticks (20 per second) between two attempts to spawn one more while there are fewer than "max", 0..100000; default 0: none.'),
  awayMetres: z
    .number()
    .min(0)
    .max(64)
    .default(6)
    .describe('Least distance to every living agent at such a spawn, in metres, 0..64; default 6.'),
});

export const MobSchema = z.strictObject({
  kind: z.enum(MOB_NAMES).describe('Kind of mob, from docs/survival.md.'),
  name: NameSchema.optional().describe('Name by which tasks and observations call it, unique among the entries; default that of the kind.'),
  count: z.int().min(0).max(MAX_MOBS).default(1).describe(`How many there are at the start, 0..${MAX_MOBS}; default 1.`),
  max: z
    .int()
    .min(1)
    .max(MAX_MOBS)
    .optional()
    .describe(`Most of them alive at once, 1..${MAX_MOBS}; default "count", or 1. All entries together: at most ${MAX_MOBS}.`),
  spawn: SpawnSchema.prefault({}).describe('Where and when it spawns.'),
  behaviour: z
    .enum(MOB_BEHAVIOURS)
    .optional()
    .describe(
      `"passive": wanders, flees when hurt; "hostile": chases whom it sees; "guard": chases who comes near its home; "trader": stays near home and trades; ${ofTheKind}.`,
    ),
  health: z.int().min(1).max(1000).optional().describe(`Half hearts at the start, 1..1000; ${ofTheKind}.`),
  speed: z.number().min(0).max(8).optional().describe(`Full speed in metres per second, 0..8; a walker has 4.3; ${ofTheKind}.`),
  wanderSpeed: z
    .number()
    .min(0)
    .max(8)
    .optional()
    .describe(`Speed while wandering, metres per second, 0..8, at most "speed"; ${ofTheKind}.`),
  sightMetres: metres(0, 60, 'How far it notices others'),
  damage: z.int().min(0).max(100).optional().describe(`Half hearts of its attack, 0..100; 0: it does not attack; ${ofTheKind}.`),
  attackTicks: ticks(1, 1000, 'Time between two of its attacks'),
  reachMetres: metres(0.5, 8, 'How far it hits'),
  fleeTicks: ticks(0, 10000, 'How long it flees after it was hurt'),
  byDay: z
    .enum(['nothing', 'burn', 'hide'])
    .optional()
    .describe(
      `What daylight does: "burn": it is hurt under the open sky; "hide": it keeps away from agents and does not attack; ${ofTheKind}.`,
    ),
  enemies: z
    .array(z.enum(['agents', 'hostileMobs']))
    .max(2)
    .optional()
    .describe(`Whom a hostile mob or a guard attacks: "agents", "hostileMobs"; ${ofTheKind}.`),
  friends: NameSchema.optional().describe('Team of agents that it never attacks; absent: none.'),
  guardMetres: metres(0, 60, 'How far from home a guard goes after enemies'),
  despawnMetres: z
    .number()
    .min(0)
    .max(60)
    .default(0)
    .describe('It vanishes when every living agent is farther than this, in metres, 0..60; default 0: never.'),
  drops: z.array(DropSchema).max(8).optional().describe(`What falls to the ground when it dies, at most 8; ${ofTheKind}.`),
  trades: z
    .array(TradeSchema)
    .max(MAX_TRADES)
    .optional()
    .describe(`Offers of a trader, at most ${MAX_TRADES}; the action names them from 1; ${ofTheKind}.`),
});

export const MobsSchema = z.array(MobSchema).max(32);
export type MobEntry = z.output<typeof MobSchema>;
