/** Stacks of items in an inventory under survival: what fits, what is taken, and how tools wear. Every change here has its event. */
import { EVENT, INVENTORY_SLOTS } from '@kinovox/world';
import { type SurvivalTables, TOOL_CLASS } from '../../survival/tables.js';
import type { TickContext } from '../context.js';
import { pushEvent } from '../events.js';

/** Puts items into the inventory with one `gained` event. @returns how many found no room. */
export function addToSlots(
  c: TickContext,
  s: SurvivalTables,
  w: number,
  a: number,
  item: number,
  count: number,
  wear: number,
  cause: number,
): number {
  const { state } = c;
  const taken = Math.min(count, roomFor(c, s, w, a, item, wear));
  if (taken === 0) return count;
  const gained = pushEvent(state, c.buffers, w, EVENT.gained, a, item, taken, cause);
  const first = (w * c.numAgents + a) * INVENTORY_SLOTS;
  let left = taken;
  for (let at = first; at < first + INVENTORY_SLOTS && left > 0; at++) {
    if (!stacksOn(c, s, at, item, wear)) continue;
    const put = Math.min(left, s.stack[item] - state.inventoryCount[at]);
    if (put <= 0) continue;
    state.inventoryCount[at] += put;
    state.inventoryCause[at] = gained;
    left -= put;
  }
  for (let at = first; at < first + INVENTORY_SLOTS && left > 0; at++) {
    if (state.inventoryCount[at] !== 0) continue;
    const put = Math.min(left, s.stack[item]);
    state.inventoryItem[at] = item;
    state.inventoryCount[at] = put;
    state.inventoryCause[at] = gained;
    state.inventoryWear[at] = wear;
    left -= put;
  }
  return count - taken;
}

/** How many of the item the inventory of slot a can still take. */
export function roomFor(c: TickContext, s: SurvivalTables, w: number, a: number, item: number, wear: number): number {
  const { inventoryCount } = c.state;
  const first = (w * c.numAgents + a) * INVENTORY_SLOTS;
  let room = 0;
  for (let at = first; at < first + INVENTORY_SLOTS; at++) {
    if (inventoryCount[at] === 0) room += s.stack[item];
    else if (stacksOn(c, s, at, item, wear)) room += Math.max(0, s.stack[item] - inventoryCount[at]);
  }
  return room;
}

function stacksOn(c: TickContext, s: SurvivalTables, at: number, item: number, wear: number): boolean {
  const { state } = c;
  return (
    state.inventoryCount[at] > 0 && state.inventoryItem[at] === item && s.stack[item] > 1 && wear === 0 && state.inventoryWear[at] === 0
  );
}

/** How many of the item agent i holds. */
export function countOf(c: TickContext, i: number, item: number): number {
  const { inventoryItem, inventoryCount } = c.state;
  let count = 0;
  for (let at = i * INVENTORY_SLOTS; at < (i + 1) * INVENTORY_SLOTS; at++) if (inventoryItem[at] === item) count += inventoryCount[at];
  return count;
}

/** Takes items that agent i is known to hold, from the first slots on, with one `consumed` event. */
export function consume(c: TickContext, w: number, a: number, item: number, count: number, cause: number): void {
  const { state } = c;
  const first = (w * c.numAgents + a) * INVENTORY_SLOTS;
  let left = count;
  for (let at = first; at < first + INVENTORY_SLOTS && left > 0; at++) {
    if (state.inventoryItem[at] !== item) continue;
    const taken = Math.min(left, state.inventoryCount[at]);
    takeFromSlot(c, at, taken);
    left -= taken;
  }
  pushEvent(state, c.buffers, w, EVENT.consumed, a, item, count, cause);
}

/** Takes items out of a slot; an empty slot keeps nothing of them. */
export function takeFromSlot(c: TickContext, at: number, count: number): void {
  const { state } = c;
  state.inventoryCount[at] -= count;
  if (state.inventoryCount[at] > 0) return;
  state.inventoryItem[at] = 0;
  state.inventoryCause[at] = 0;
  state.inventoryWear[at] = 0;
}

/** The event that last filled a slot of agent i with the item, as id + 1; 0 for none. */
export function causeOf(c: TickContext, i: number, item: number): number {
  const { inventoryItem, inventoryCause } = c.state;
  for (let at = i * INVENTORY_SLOTS; at < (i + 1) * INVENTORY_SLOTS; at++) if (inventoryItem[at] === item) return inventoryCause[at];
  return 0;
}

/** Index of the selected slot of agent i. */
export function heldAt(c: TickContext, i: number): number {
  return i * INVENTORY_SLOTS + c.state.heldSlot[i];
}

/** Item in the selected slot of agent i; 0 is the bare hand. */
export function heldItem(c: TickContext, i: number): number {
  return c.state.inventoryItem[heldAt(c, i)];
}

/** One use of the held item: a tool wears, and breaks at the end of its durability. A weapon counts single, another tool double, in a fight. */
export function wearHeld(c: TickContext, s: SurvivalTables, w: number, a: number, inFight: boolean, cause: number): void {
  const { state } = c;
  const i = w * c.numAgents + a;
  const at = heldAt(c, i);
  const item = state.inventoryItem[at];
  const durability = s.durability[item];
  if (state.inventoryCount[at] === 0 || durability === 0) return;
  state.inventoryWear[at] += inFight && s.toolClass[item] !== TOOL_CLASS.sword ? 2 : 1;
  if (state.inventoryWear[at] < durability) return;
  takeFromSlot(c, at, state.inventoryCount[at]);
  pushEvent(state, c.buffers, w, EVENT.broke, a, item, state.heldSlot[i], cause);
}
