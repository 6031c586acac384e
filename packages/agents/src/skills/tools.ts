/** Tools in the hands of an agent under the rules of survival: which one digs a block best, and how fast what is carried digs. */
import type { SurvivalTables } from '@kinovox/env';
import { INVENTORY_SLOTS } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import type { Controls } from './controls.js';

/** More than any dig takes: a tool that gives no drops comes after all that do. */
const WITHOUT_DROPS = 1 << 20;

/** Inventory slot to dig the block with: one that gives its drops before one that does not, then the quicker, then the one held, then the first. */
export function bestToolSlot(view: AgentView, rules: SurvivalTables, block: number): number {
  const cost = (slot: number) => {
    const at = block * rules.numToolRows + rules.toolRow[view.itemAt(slot)];
    return rules.digTicks[at] + (rules.dropsWith[at] === 1 ? 0 : WITHOUT_DROPS);
  };
  let best = view.heldSlot;
  for (let k = 0; k < INVENTORY_SLOTS; k++) if (cost(k) < cost(best)) best = k;
  return best;
}

/** Takes the best tool for a block in hand; without survival there are none. */
export function holdToolFor(c: Controls, block: number): void {
  const { survival } = c.view;
  if (survival !== undefined) c.hold(bestToolSlot(c.view, survival, block));
}

/** Ticks to dig each palette entry with the best tool carried; -1 never. */
export function digTicksByBlock(view: AgentView, rules: SurvivalTables): Int32Array {
  return Int32Array.from(view.palette.names, (_, block) => {
    const row = block * rules.numToolRows;
    let least = rules.digTicks[row];
    for (let k = 0; k < INVENTORY_SLOTS; k++) least = Math.min(least, rules.digTicks[row + rules.toolRow[view.itemAt(k)]]);
    return least;
  });
}
