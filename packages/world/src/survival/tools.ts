/**
 * Tools: what an item digs faster, how long it lasts, how hard it hits; and which blocks need which tool.
 * Source: Minecraft Java 1.20 (minecraft.wiki "Tiers", "Breaking", "Attack damage"; hardness as in the block table).
 * Differs: damage is whole half hearts (a shovel's half point is dropped); cooldowns are ticks rounded up.
 */
import { ITEM_BY_NAME } from '../blocks/items.js';
import { BLOCK_BY_NAME, type BlockType } from '../blocks/registry.js';
import { invariant } from '../errors.js';

export const TOOL_CLASSES = ['pickaxe', 'axe', 'shovel', 'sword', 'hoe'] as const;
export type ToolClass = (typeof TOOL_CLASSES)[number];

export const TOOL_TIERS = ['wooden', 'stone', 'iron', 'diamond'] as const;
export type ToolTier = (typeof TOOL_TIERS)[number];

export interface Tool {
  readonly item: string;
  readonly class: ToolClass;
  /** 1 wooden, 2 stone, 3 iron, 4 diamond. */
  readonly tier: number;
  /** Factor on the speed of digging blocks of its class. */
  readonly speed: number;
  /** Uses until it breaks. */
  readonly durability: number;
  /** Half hearts of an attack. */
  readonly damage: number;
  /** Ticks between two attacks. */
  readonly attackTicks: number;
}

/** What the bare hand, and every item that is no tool, does. */
export const HAND_DAMAGE = 1;
export const HAND_ATTACK_TICKS = 5;

/** By tier, wooden first. */
const SPEED = [2, 4, 6, 8];
const DURABILITY = [59, 131, 250, 1561];
const DAMAGE: Readonly<Record<ToolClass, readonly number[]>> = {
  pickaxe: [2, 3, 4, 5],
  axe: [7, 9, 9, 9],
  shovel: [2, 3, 4, 5],
  sword: [4, 5, 6, 7],
  hoe: [1, 1, 1, 1],
};
/** Attack speeds 1.2, 0.8..1, 1, 1.6 and 1..4 per second. */
const ATTACK_TICKS: Readonly<Record<ToolClass, readonly number[]>> = {
  pickaxe: [17, 17, 17, 17],
  axe: [25, 25, 23, 20],
  shovel: [20, 20, 20, 20],
  sword: [13, 13, 13, 13],
  hoe: [20, 10, 7, 5],
};

/** Every tool, by tier, then by class. */
export const TOOLS: readonly Tool[] = Object.freeze(
  TOOL_TIERS.flatMap((tier, t) =>
    TOOL_CLASSES.map((kind) => ({
      item: `${tier}_${kind}`,
      class: kind,
      tier: t + 1,
      speed: SPEED[t],
      durability: DURABILITY[t],
      damage: DAMAGE[kind][t],
      attackTicks: ATTACK_TICKS[kind][t],
    })),
  ),
);

export interface Harvest {
  /** Class that digs the block faster. */
  readonly tool: ToolClass;
  /** Least tier that gives the drop: 1..4; 0: any hand gives it. Its dig time by hand is then 100 x hardness, otherwise 30 x. */
  readonly tier: number;
}

const PICKAXE_TIERS: readonly (readonly string[])[] = [
  ['ice', 'packed_ice', 'stone_button'],
  [
    ...['stone', 'cobblestone', 'bricks', 'stone_bricks', 'coal_ore', 'furnace', 'iron_door', 'iron_bars', 'stone_pressure_plate'],
    ...['sandstone', 'mossy_cobblestone', 'smooth_stone', 'deepslate', 'cobbled_deepslate', 'granite', 'diorite', 'andesite'],
    ...['netherrack', 'magma_block', 'coal_block', 'redstone_block'],
  ],
  ['iron_ore', 'iron_block'],
  ['gold_ore', 'diamond_ore', 'gold_block', 'diamond_block'],
  ['obsidian'],
];
const AXE = [
  ...['oak_log', 'oak_planks', 'birch_log', 'birch_planks', 'spruce_log', 'spruce_planks', 'crafting_table', 'oak_door', 'ladder'],
  ...['bookshelf', 'pumpkin', 'oak_pressure_plate', 'vine'],
];
const SHOVEL = ['dirt', 'grass_block', 'sand', 'gravel', 'clay', 'farmland'];
const HOE = ['oak_leaves', 'birch_leaves', 'spruce_leaves', 'hay_block'];

/** Which tool a block answers to, by block name; states answer as their base. Blocks that are not here are dug alike with everything. */
export const HARVEST: ReadonlyMap<string, Harvest> = createHarvest();

/** How a block is harvested; undefined: alike with everything. */
export function harvestOf(block: BlockType): Harvest | undefined {
  return HARVEST.get(block.variantOf ?? block.name);
}

/**
 * Ticks to dig a block with a tool; undefined is the bare hand. 0 is at once, -1 never.
 * Minecraft: hardness x 30 ticks where the drop is given, x 100 where not, over the speed of a tool of the right class, rounded up.
 */
export function digTicksWith(block: BlockType, tool: Tool | undefined): number {
  const harvest = harvestOf(block);
  if (block.digTicks <= 0 || tool === undefined || harvest === undefined || tool.class !== harvest.tool) return block.digTicks;
  // The table holds 100 x hardness where a tool is asked for: three tenths of it are 30 x hardness.
  const tenths = harvest.tier > 0 && tool.tier >= harvest.tier ? block.digTicks * 3 : block.digTicks * 10;
  return Math.ceil(tenths / (10 * tool.speed));
}

/** Whether digging the block with that tool gives its drops. */
export function dropsWithTool(block: BlockType, tool: Tool | undefined): boolean {
  const harvest = harvestOf(block);
  return harvest === undefined || harvest.tier === 0 || (tool !== undefined && tool.class === harvest.tool && tool.tier >= harvest.tier);
}

function createHarvest(): ReadonlyMap<string, Harvest> {
  const rows: [string, Harvest][] = [
    ...PICKAXE_TIERS.flatMap((names, tier) => names.map((name): [string, Harvest] => [name, { tool: 'pickaxe', tier }])),
    ...AXE.map((name): [string, Harvest] => [name, { tool: 'axe', tier: 0 }]),
    ...SHOVEL.map((name): [string, Harvest] => [name, { tool: 'shovel', tier: 0 }]),
    ['snow_block', { tool: 'shovel', tier: 1 }],
    ...HOE.map((name): [string, Harvest] => [name, { tool: 'hoe', tier: 0 }]),
  ];
  const harvest = new Map(rows);
  invariant(harvest.size === rows.length, 'A block answers to two tools.');
  for (const name of harvest.keys()) invariant(BLOCK_BY_NAME.has(name), `No block is named ${name}.`);
  for (const { item } of TOOLS) invariant(ITEM_BY_NAME.has(item), `No item is named ${item}.`);
  return harvest;
}
