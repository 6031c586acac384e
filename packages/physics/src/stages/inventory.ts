/** Items entering an inventory: onto a stack of the same item first, then into the first empty slot. */
import { EVENT, INVENTORY_SLOTS } from '@kinovox/world';
import type { TickContext } from './context.js';
import { pushEvent } from './events.js';

/** Largest stack. */
export const STACK_SIZE = 64;

/** Gives items to slot a of world w; what finds no room is lost, with an event. `cause` is an event id + 1. */
export function giveItem(c: TickContext, w: number, a: number, item: number, count: number, cause: number): void {
  const { state, buffers, numAgents } = c;
  const first = (w * numAgents + a) * INVENTORY_SLOTS;
  let at = -1;
  for (let k = 0; k < INVENTORY_SLOTS && at < 0; k++)
    if (state.inventoryItem[first + k] === item && state.inventoryCount[first + k] + count <= STACK_SIZE) at = first + k;
  for (let k = 0; k < INVENTORY_SLOTS && at < 0; k++) if (state.inventoryCount[first + k] === 0) at = first + k;
  if (at < 0) {
    pushEvent(state, buffers, w, EVENT.lost, a, item, count, cause);
    return;
  }
  state.inventoryItem[at] = item;
  state.inventoryCount[at] += count;
  state.inventoryCause[at] = pushEvent(state, buffers, w, EVENT.gained, a, item, count, cause);
}
