/** What an agent carries, as its skills need it. */
import { RECIPE_COLUMN, RECIPE_COLUMNS } from '@kinovox/env';
import { BLOCK_BY_NAME, INVENTORY_SLOTS, ITEM_BY_ID, ITEM_BY_NAME } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';

/**
 * Inventory slot with blocks to build with: the one held if it has some, else the first; -1 for none.
 * @param block palette index that is wanted; absent: any solid block.
 */
export function heldBlocks(view: AgentView, block?: number): number {
  if (isBuildable(view, view.heldSlot, block)) return view.heldSlot;
  for (let k = 0; k < INVENTORY_SLOTS; k++) if (isBuildable(view, k, block)) return k;
  return -1;
}

/** Number of solid blocks that can be placed. */
export function countBlocks(view: AgentView, block?: number): number {
  let count = 0;
  for (let k = 0; k < INVENTORY_SLOTS; k++) if (isBuildable(view, k, block)) count += view.countAt(k);
  return count;
}

/** Items of one kind. */
export function countItems(view: AgentView, item: number): number {
  let count = 0;
  for (let k = 0; k < INVENTORY_SLOTS; k++) if (view.itemAt(k) === item) count += view.countAt(k);
  return count;
}

/** First inventory slot whose item passes; -1 for none. */
export function findSlot(view: AgentView, accept: (item: number) => boolean): number {
  for (let k = 0; k < INVENTORY_SLOTS; k++) {
    const item = view.itemAt(k);
    if (item !== 0 && accept(item)) return k;
  }
  return -1;
}

/** Slots that hold nothing. */
export function countFreeSlots(view: AgentView): number {
  let free = 0;
  for (let k = 0; k < INVENTORY_SLOTS; k++) if (view.itemAt(k) === 0) free++;
  return free;
}

/** Item that becomes the block of a palette entry when it is placed; 0 for none. */
export function itemThatPlaces(view: AgentView, block: number): number {
  const type = BLOCK_BY_NAME.get(view.palette.names[block]);
  if (type === undefined || type.variantOf !== undefined) return 0;
  return ITEM_BY_NAME.get(type.placedBy ?? type.name)?.id ?? 0;
}

/** Under the rules of survival: whether something is made of the item, or it is of use where it stands, so that no bridge is built of it. */
function isPrecious(view: AgentView, item: number, placed: number): boolean {
  const { survival } = view;
  if (survival === undefined || FILLERS.includes(ITEM_BY_ID.get(item)!.name)) return false;
  if (survival.stationOf[placed] > 0 || survival.bed[placed] === 1 || survival.falls[placed] === 1) return true;
  const { recipes, numRecipes } = survival;
  for (let recipe = 0; recipe < numRecipes; recipe++) {
    for (let k = 0; k < RECIPE_INPUTS; k++) if (recipes[recipe * RECIPE_COLUMNS + RECIPE_COLUMN.input0 + 2 * k] === item) return true;
  }
  return false;
}

/** Rock and soil, of which there is plenty. */
const FILLERS: readonly string[] = ['cobblestone', 'cobbled_deepslate', 'stone', 'dirt'];
const RECIPE_INPUTS = 4;

function isBuildable(view: AgentView, k: number, block: number | undefined): boolean {
  const item = view.itemAt(k);
  const placed = view.blockOfItem(item);
  if (block !== undefined) return placed > 0 && placed === block;
  return placed > 0 && view.blocks.solid[placed] === 1 && !isPrecious(view, item, placed);
}
