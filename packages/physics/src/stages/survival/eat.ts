/** Eating what is held: the action is kept up for a bite's time, then one item is gone and food rises. Who is full does not eat. */
import { EVENT } from '@kinovox/world';
import type { SurvivalTables } from '../../survival/tables.js';
import type { TickContext } from '../context.js';
import { pushEvent } from '../events.js';
import { heldAt, takeFromSlot } from './stacks.js';

/** Ticks of a bite: 1.6 s (Minecraft Wiki, "Food"). */
export const EAT_TICKS = 32;

/** One tick of eating by slot a. */
export function eat(c: TickContext, s: SurvivalTables, w: number, a: number): void {
  const { state } = c;
  const i = w * c.numAgents + a;
  const at = heldAt(c, i);
  const item = state.inventoryItem[at];
  if (state.inventoryCount[at] === 0 || s.food[item] === 0 || state.food[i] >= s.maxFood) {
    state.eatProgress[i] = 0;
    return;
  }
  if (++state.eatProgress[i] < EAT_TICKS) return;
  state.eatProgress[i] = 0;
  const gain = Math.min(s.food[item], s.maxFood - state.food[i]);
  state.food[i] += gain;
  pushEvent(state, c.buffers, w, EVENT.ate, a, item, gain, state.inventoryCause[at]);
  takeFromSlot(c, at, 1);
}
