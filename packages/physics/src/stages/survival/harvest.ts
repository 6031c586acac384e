/** What a dug block gives under survival: its drops by chance if the tool is good enough, and wear for the tool. */
import { PURPOSE, randomU32 } from '@kinovox/world';
import { DROP_COLUMN, DROP_COLUMNS, type SurvivalTables } from '../../survival/tables.js';
import type { TickContext } from '../context.js';
import { receive } from './piles.js';
import { heldItem, wearHeld } from './stacks.js';

/** Slot a broke a block of palette entry `block` by the event `dug`. */
export function harvest(c: TickContext, s: SurvivalTables, w: number, a: number, block: number, dug: number): void {
  const { state } = c;
  const row = block * s.numToolRows + s.toolRow[heldItem(c, w * c.numAgents + a)];
  // What breaks at a touch wears nothing.
  const wears = s.digTicks[row] > 1;
  if (s.dropsWith[row] === 1) {
    for (let d = s.firstDrop[block]; d < s.firstDrop[block + 1]; d++) {
      const at = d * DROP_COLUMNS;
      const draw = randomU32(state.seedLow[w], state.seedHigh[w], state.tick[w], a, PURPOSE.drops, d);
      if (draw >>> 16 < s.drops[at + DROP_COLUMN.chanceQ16])
        receive(c, s, w, a, s.drops[at + DROP_COLUMN.item], s.drops[at + DROP_COLUMN.count], 0, dug);
    }
  }
  if (wears) wearHeld(c, s, w, a, false, dug);
}
