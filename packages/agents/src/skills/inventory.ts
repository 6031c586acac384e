/** What an agent carries, as its skills need it. */
import { INVENTORY_SLOTS } from '@kinovox/world';
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

function isBuildable(view: AgentView, k: number, block: number | undefined): boolean {
  const placed = view.blockOfItem(view.itemAt(k));
  return placed > 0 && (block === undefined ? view.blocks.solid[placed] === 1 : placed === block);
}
