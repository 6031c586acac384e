/**
 * Recipes: what becomes of what, where, and how long it takes.
 * Inputs, outputs and stations are those of Minecraft Java 1.20 (minecraft.wiki "Crafting", "Smelting"): what fits a 2 x 2 grid needs no station.
 * Differs: a recipe takes the items it names, never "any wood", so those of the first tier stand here once per wood.
 * Limits: at most 4 kinds of input; order is part of a scenario, for an action names a recipe by its place: append only.
 */

export type Station = 'crafting_table' | 'furnace';

export interface Recipe {
  /** Unique; the name of the output where that has one recipe only. */
  readonly name: string;
  /** Item name -> count, 1..64; at most 4 kinds. */
  readonly inputs: Readonly<Record<string, number>>;
  readonly output: string;
  /** Made at once, 1..64. */
  readonly count: number;
  /** Block that must stand within reach; null: bare hands do. */
  readonly station: Station | null;
  /** Ticks (20 per second) of work, 1..10000. */
  readonly ticks: number;
  /** Burns so many ticks of fuel too. */
  readonly fuel: boolean;
}

/** Ticks of one craft. */
export const CRAFT_TICKS = 1;
/** Ticks of one smelt: ten seconds, as in Minecraft. */
export const SMELT_TICKS = 200;

type Inputs = Readonly<Record<string, number>>;

const byHand = (output: string, count: number, inputs: Inputs, name = output): Recipe => craft(name, output, count, inputs, null);
const atTable = (output: string, count: number, inputs: Inputs, name = output): Recipe =>
  craft(name, output, count, inputs, 'crafting_table');
const smelt = (output: string, input: string, name = output): Recipe => ({
  name,
  inputs: { [input]: 1 },
  output,
  count: 1,
  station: 'furnace',
  ticks: SMELT_TICKS,
  fuel: true,
});

function craft(name: string, output: string, count: number, inputs: Inputs, station: Station | null): Recipe {
  return { name, inputs, output, count, station, ticks: CRAFT_TICKS, fuel: false };
}

/** The five tools of a tier; `suffix` tells apart recipes of the same tool. */
function tools(tier: string, material: string, suffix = ''): Recipe[] {
  const tool = (kind: string, count: number, sticks: number) =>
    atTable(`${tier}_${kind}`, 1, { [material]: count, stick: sticks }, `${tier}_${kind}${suffix}`);
  return [tool('pickaxe', 3, 2), tool('axe', 3, 2), tool('shovel', 1, 2), tool('sword', 2, 1), tool('hoe', 2, 2)];
}

function ofWood(wood: string): Recipe[] {
  const planks = `${wood}_planks`;
  const suffix = wood === 'oak' ? '' : `_from_${planks}`;
  return [
    byHand(planks, 4, { [`${wood}_log`]: 1 }),
    byHand('stick', 4, { [planks]: 2 }, `stick${suffix}`),
    byHand('crafting_table', 1, { [planks]: 4 }, `crafting_table${suffix}`),
    ...tools('wooden', planks, suffix),
  ];
}

/** Every default recipe; an action names one by its place, from 1. */
export const RECIPES: readonly Recipe[] = Object.freeze([
  ...ofWood('oak'),
  byHand('torch', 4, { coal: 1, stick: 1 }),
  byHand('torch', 4, { charcoal: 1, stick: 1 }, 'torch_from_charcoal'),
  atTable('furnace', 1, { cobblestone: 8 }),
  ...tools('stone', 'cobblestone'),
  smelt('iron_ingot', 'raw_iron'),
  ...tools('iron', 'iron_ingot'),
  ...tools('diamond', 'diamond'),
  smelt('gold_ingot', 'raw_gold'),
  smelt('charcoal', 'oak_log'),
  smelt('stone', 'cobblestone'),
  smelt('smooth_stone', 'stone'),
  smelt('deepslate', 'cobbled_deepslate'),
  smelt('glass', 'sand'),
  smelt('brick', 'clay_ball'),
  smelt('cooked_beef', 'raw_beef'),
  smelt('cooked_porkchop', 'raw_porkchop'),
  atTable('bread', 1, { wheat: 3 }),
  atTable('white_bed', 1, { white_wool: 3, oak_planks: 3 }),
  byHand('white_wool', 1, { string: 4 }),
  atTable('ladder', 3, { stick: 7 }),
  atTable('oak_door', 3, { oak_planks: 6 }),
  atTable('iron_door', 3, { iron_ingot: 6 }),
  atTable('iron_bars', 16, { iron_ingot: 6 }),
  byHand('lever', 1, { stick: 1, cobblestone: 1 }),
  byHand('stone_button', 1, { stone: 1 }),
  byHand('stone_pressure_plate', 1, { stone: 2 }),
  byHand('oak_pressure_plate', 1, { oak_planks: 2 }),
  byHand('stone_bricks', 4, { stone: 4 }),
  byHand('bricks', 1, { brick: 4 }),
  byHand('sandstone', 1, { sand: 4 }),
  byHand('clay', 1, { clay_ball: 4 }),
  atTable('coal_block', 1, { coal: 9 }),
  atTable('iron_block', 1, { iron_ingot: 9 }),
  atTable('gold_block', 1, { gold_ingot: 9 }),
  atTable('diamond_block', 1, { diamond: 9 }),
  atTable('hay_block', 1, { wheat: 9 }),
  byHand('coal', 9, { coal_block: 1 }, 'coal_from_block'),
  byHand('iron_ingot', 9, { iron_block: 1 }, 'iron_ingot_from_block'),
  byHand('gold_ingot', 9, { gold_block: 1 }, 'gold_ingot_from_block'),
  byHand('diamond', 9, { diamond_block: 1 }, 'diamond_from_block'),
  byHand('wheat', 9, { hay_block: 1 }, 'wheat_from_hay'),
  ...ofWood('birch'),
  ...ofWood('spruce'),
  smelt('charcoal', 'birch_log', 'charcoal_from_birch_log'),
  smelt('charcoal', 'spruce_log', 'charcoal_from_spruce_log'),
]);
