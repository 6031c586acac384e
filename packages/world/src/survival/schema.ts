/**
 * The `survival` section of a scenario: it turns on items that are made, tools that wear, hunger, breath, night and death, and sets their numbers.
 * Without the section none of these rules runs. All numbers are plain: levels of one scenario share one set of rules.
 */
import { z } from 'zod';
import { ItemNameSchema, NameSchema } from '../scenario/values.js';
import { MobsSchema } from './mob-schema.js';
import { RECIPES, type Recipe } from './recipes.js';

/** Recipes that an action can name. */
export const MAX_RECIPES = 255;
const MAX_INPUT_KINDS = 4;

const count = (what: string) => z.int().min(1).max(64).describe(`${what}, 1..64.`);

const RecipeSchema = z.strictObject({
  name: NameSchema.describe('Unique name of the recipe; a default recipe of that name is replaced in its place.'),
  inputs: z
    .record(ItemNameSchema, count('How many are used up'))
    .refine((inputs) => Object.keys(inputs).length >= 1 && Object.keys(inputs).length <= MAX_INPUT_KINDS, 'must name 1..4 items')
    .describe('Item name -> count that is used up; 1..4 kinds.'),
  output: ItemNameSchema.describe('Item that is made.'),
  count: count('How many are made at once; default 1').default(1),
  station: z
    .enum(['crafting_table', 'furnace'])
    .nullable()
    .default(null)
    .describe('Block that must stand within reach; null (default): bare hands do.'),
  ticks: z.int().min(1).max(10000).default(1).describe('Ticks of work (20 per second), 1..10000; default 1.'),
  fuel: z.boolean().default(false).describe('Whether the work also burns so many ticks of fuel; default false.'),
});

const RecipesSchema = z.strictObject({
  only: z
    .array(NameSchema)
    .max(MAX_RECIPES)
    .optional()
    .describe('Names of the default recipes that are known, in the order in which actions name them; absent: all of them.'),
  add: z.array(RecipeSchema).max(64).default([]).describe('Further recipes, after the others, at most 64; default none.'),
});

const ToolSchema = z.strictObject({
  durability: z.int().min(0).max(65535).optional().describe('Uses until it breaks, 0..65535; 0 never; absent: as in the tool table.'),
  damage: z.int().min(0).max(20).optional().describe('Half hearts of an attack with it, 0..20; absent: as in the tool table.'),
  attackTicks: z.int().min(1).max(200).optional().describe('Ticks between two attacks with it, 1..200; absent: as in the tool table.'),
});

const DaySchema = z.strictObject({
  lengthTicks: z
    .union([z.literal(0), z.int().min(200).max(1000000)])
    .default(24000)
    .describe('Ticks of a full day (20 per second), 200..1000000; default 24000 (20 minutes); 0: it is always noon.'),
  startTick: z
    .int()
    .min(0)
    .max(999999)
    .default(1000)
    .describe('Time of day at the start, in ticks after sunrise, below the length of the day; default 1000; of no effect without days.'),
  sleepTicks: z
    .int()
    .min(1)
    .max(10000)
    .default(100)
    .describe('Ticks after which the night is over when every living agent sleeps, 1..10000; default 100.'),
});

const HungerSchema = z.strictObject({
  everyTicks: z.int().min(0).max(100000).default(600).describe('Ticks per food point lost, 0..100000; default 600 (30 s); 0: no hunger.'),
  starveEveryTicks: z.int().min(1).max(10000).default(80).describe('Ticks between two losses of health at food 0, 1..10000; default 80.'),
  starveDamage: z.int().min(0).max(20).default(1).describe('Half hearts lost each time, 0..20; default 1.'),
  regenEveryTicks: z
    .int()
    .min(0)
    .max(10000)
    .default(80)
    .describe('Ticks per half heart gained while well fed, 0..10000; default 80; 0: nobody heals.'),
  regenFood: z.int().min(0).max(20).default(18).describe('Food points from which on one is well fed, 0..20; default 18.'),
});

const BreathSchema = z.strictObject({
  ticks: z
    .int()
    .min(0)
    .max(60000)
    .default(300)
    .describe('Ticks that a breath lasts with the eyes in water, 0..60000; default 300 (15 s); 0: nobody drowns.'),
  damageEveryTicks: z
    .int()
    .min(1)
    .max(10000)
    .default(20)
    .describe('Ticks between two losses of health without breath, 1..10000; default 20.'),
  damage: z.int().min(0).max(20).default(2).describe('Half hearts lost each time, 0..20; default 2.'),
});

const AttackSchema = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether agents can attack each other; mobs they always can; default true.'),
  friendlyFire: z.boolean().default(false).describe('Whether an attack also hurts agents of the own team; default false.'),
  reachMetres: z.number().min(0.5).max(8).default(3).describe('Longest distance of an attack in metres, 0.5..8; default 3.'),
  knockback: z
    .number()
    .min(0)
    .max(2)
    .default(0.4)
    .describe('Horizontal speed given to the attacked, in metres per tick, 0..2; default 0.4.'),
  knockbackUp: z.number().min(0).max(2).default(0.4).describe('Upward speed given to the attacked, in metres per tick, 0..2; default 0.4.'),
});

const GrowthSchema = z.strictObject({
  cropTicks: z
    .int()
    .min(0)
    .max(1000000)
    .default(2400)
    .describe('Mean ticks (20 per second) per stage of a crop, 0..1000000; default 2400 (2 minutes); 0: crops do not grow.'),
  saplingTicks: z
    .int()
    .min(0)
    .max(1000000)
    .default(12000)
    .describe('Mean ticks until a sapling is a tree, 0..1000000; default 12000 (10 minutes); 0: saplings do not grow.'),
});

export const SurvivalSchema = z.strictObject({
  recipes: RecipesSchema.prefault({}).describe('Which recipes there are; default all of docs/survival.md.'),
  tools: z.record(ItemNameSchema, ToolSchema).default({}).describe('Item name -> what is different about that tool; default nothing.'),
  foods: z
    .record(ItemNameSchema, z.int().min(0).max(20))
    .default({})
    .describe('Item name -> food points 0..20 in place of those of the food table; 0: cannot be eaten; default nothing.'),
  day: DaySchema.prefault({}).describe('Day and night.'),
  hunger: HungerSchema.prefault({}).describe('Food, starving and healing.'),
  breath: BreathSchema.prefault({}).describe('Breath under water.'),
  attack: AttackSchema.prefault({}).describe('Attacks by agents, and the knockback of all.'),
  mobs: MobsSchema.optional().describe('Animals, monsters, guards and traders, at most 32 entries; absent: none.'),
  growth: GrowthSchema.prefault({}).describe('How fast plants grow.'),
  stationReach: z
    .int()
    .min(1)
    .max(16)
    .default(4)
    .describe('Blocks along each axis from the feet within which a crafting table or furnace can be used, 1..16; default 4.'),
  respawn: z
    .enum(['none', 'spawn'])
    .default('none')
    .describe('What follows death: "none" (default): the agent is out; "spawn": it starts again where it began.'),
  respawnTicks: z.int().min(1).max(10000).default(60).describe('Ticks from death to the return, 1..10000; default 60 (3 s).'),
  keepInventory: z
    .boolean()
    .default(false)
    .describe('Whether the dead keep their items; default false: they fall to the ground, for whoever comes by.'),
});

export type SurvivalSettings = z.output<typeof SurvivalSchema>;

/** The recipes of a scenario, in the order in which actions name them (1 is the first). */
export function recipesOf(settings: SurvivalSettings): readonly Recipe[] {
  const { only, add } = settings.recipes;
  const known = only === undefined ? RECIPES : only.flatMap((name) => RECIPES.find((recipe) => recipe.name === name) ?? []);
  const added = new Map<string, Recipe>(add.map((recipe) => [recipe.name, recipe]));
  const kept = known.map((recipe) => {
    const own = added.get(recipe.name);
    added.delete(recipe.name);
    return own ?? recipe;
  });
  return [...kept, ...added.values()];
}
