/** Handing over: one of what slot a holds goes to the agent that it aims at, if that has room for it; at a mob it takes an offer. */
import { EVENT } from '@kinovox/world';
import type { SurvivalTables } from '../../survival/tables.js';
import { ALIVE, type TickContext } from '../context.js';
import { pushEvent } from '../events.js';
import { trade } from '../mobs/trade.js';
import { addToSlots, heldAt, roomFor, takeFromSlot } from './stacks.js';

export function give(c: TickContext, s: SurvivalTables, w: number, a: number, b: number): void {
  const { state } = c;
  if (b >= c.numAgents) {
    if (s.mobs !== undefined) trade(c, s, s.mobs, w, a, b - c.numAgents);
    return;
  }
  const i = w * c.numAgents + a;
  const at = heldAt(c, i);
  const item = state.inventoryItem[at];
  const wear = state.inventoryWear[at];
  const alive = (state.flags[w * c.numAgents + b] & ALIVE) !== 0;
  if (!alive || state.inventoryCount[at] === 0 || roomFor(c, s, w, b, item, wear) === 0) return;
  const gave = pushEvent(state, c.buffers, w, EVENT.gave, a, b, item, state.inventoryCause[at]);
  takeFromSlot(c, at, 1);
  addToSlots(c, s, w, b, item, 1, wear, gave);
}
