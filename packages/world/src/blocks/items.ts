/**
 * Items: what an inventory slot can hold. Every block that can be placed has an item of its name and id;
 * the others (what ores drop, food, materials) have ids from 1024 up.
 */
import { didYouMean, invariant, ScenarioError } from '../errors.js';
import { BLOCKS, type BlockType } from './registry.js';

export interface ItemType {
  /** u16, never reused; a placeable block's own id, or 1024 and more. */
  readonly id: number;
  readonly name: string;
  /** Block that `place` puts down, or null. */
  readonly places: string | null;
  /** Most of them in one inventory slot, 1..64. */
  readonly stack: number;
}

/** First id of an item that is not a block. */
export const FIRST_LOOSE_ITEM_ID = 1024;

/** Ids are for ever: append only. Stack sizes as in Minecraft 1.20; a tool takes a slot of its own. */
const LOOSE_NAMES = [
  'coal',
  'raw_iron',
  'raw_gold',
  'diamond',
  'clay_ball',
  'stick',
  'iron_ingot',
  'gold_ingot',
  'brick',
  'apple',
  'bread',
  'wheat',
  'charcoal',
  'wheat_seeds',
  'raw_beef',
  'cooked_beef',
  'raw_porkchop',
  'cooked_porkchop',
  'rotten_flesh',
  'leather',
  'bone',
  'string',
  'emerald',
  ...['wooden', 'stone', 'iron', 'diamond'].flatMap((tier) =>
    ['pickaxe', 'axe', 'shovel', 'sword', 'hoe'].map((kind) => `${tier}_${kind}`),
  ),
];
const TOOL_NAME = /^(wooden|stone|iron|diamond)_(pickaxe|axe|shovel|sword|hoe)$/;

const LOOSE_ITEMS: readonly ItemType[] = LOOSE_NAMES.map((name, i) => ({
  id: FIRST_LOOSE_ITEM_ID + i,
  name,
  places: BLOCKS.find((block) => block.placedBy === name)?.name ?? null,
  stack: TOOL_NAME.test(name) ? 1 : 64,
}));

/** Short names that scenarios may use. */
export const ITEM_ALIASES: Readonly<Record<string, string>> = Object.freeze({
  planks: 'oak_planks',
  log: 'oak_log',
  leaves: 'oak_leaves',
  wool: 'white_wool',
  grass: 'grass_block',
  pressure_plate: 'stone_pressure_plate',
  button: 'stone_button',
});

/** Every item, by ascending id. */
export const ITEMS: readonly ItemType[] = createItems();
export const ITEM_BY_NAME: ReadonlyMap<string, ItemType> = new Map(ITEMS.map((item) => [item.name, item]));
export const ITEM_BY_ID: ReadonlyMap<number, ItemType> = new Map(ITEMS.map((item) => [item.id, item]));

/** Whether an inventory can hold the block: air, liquids, block states, what is sown and what cannot be dug have no item. */
export function isPlaceable(block: BlockType): boolean {
  return block.digTicks >= 0 && block.variantOf === undefined && block.placedBy === undefined && block.liquid === 'none';
}

/**
 * The item of that name or alias (`planks` is `oak_planks`).
 * @param path where the name was written; named in the error.
 * @throws ScenarioError `unknown-item` with the nearest name.
 */
export function itemByName(name: string, path?: string): ItemType {
  const resolved = Object.hasOwn(ITEM_ALIASES, name) ? ITEM_ALIASES[name] : name;
  const item = ITEM_BY_NAME.get(resolved);
  if (item !== undefined) return item;
  const hint = didYouMean(name, [...ITEM_BY_NAME.keys(), ...Object.keys(ITEM_ALIASES)]) || ' docs/blocks.md lists every item.';
  const message = `An item must be a name of the item registry; got ${JSON.stringify(name)}${path === undefined ? '' : ` at ${path}`}.${hint}`;
  throw new ScenarioError('unknown-item', message, path === undefined ? [] : [{ code: 'unknown-item', path, message }]);
}

function createItems(): readonly ItemType[] {
  const ofBlocks = BLOCKS.filter(isPlaceable).map((block) => ({ id: block.id, name: block.name, places: block.name, stack: 64 }));
  const items = [...ofBlocks, ...LOOSE_ITEMS];
  const names = new Set(items.map((item) => item.name));
  invariant(names.size === items.length, 'Two items have the same name.');
  for (const block of BLOCKS) {
    invariant(block.drops === null || names.has(block.drops), `Block ${block.name} drops an unknown item.`);
    invariant(block.placedBy === undefined || names.has(block.placedBy), `Block ${block.name} is placed by an unknown item.`);
    invariant(block.id < FIRST_LOOSE_ITEM_ID, `Block ${block.name} has an id that belongs to loose items.`);
  }
  for (const target of Object.values(ITEM_ALIASES)) invariant(names.has(target), `An alias names the unknown item ${target}.`);
  return Object.freeze(items.map((item) => Object.freeze(item)));
}
