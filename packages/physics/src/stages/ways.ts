/**
 * The shaping channel: how far each agent has to go, at the start and at the end of a tick. Integers read off a field of the level; a channel of its
 * own that no rule, reward or state depends on. The field is that of the level as it is made: edits do not change it.
 */
import type { WayTables } from '../program.js';
import { ALIVE, type TickContext } from './context.js';

/** Writes `outputs.wayLeft` of worlds [w0, w1): column 0 is the start of the tick, 1 its end. Needs `acted`. */
export function noteWays(c: TickContext, shaping: WayTables, w0: number, w1: number, column: number): void {
  const { state, outputs, numAgents } = c;
  for (let w = w0; w < w1; w++) {
    for (let a = 0; a < numAgents; a++) {
      const i = w * numAgents + a;
      const field = shaping.wayOfAgent[a];
      const acts = (c.acted[i] & ALIVE) !== 0 && field >= 0;
      outputs.wayLeft[2 * i + column] = acts ? wayOf(state.variants[w].ways, field * state.cellsPerWorld + feetCell(c, i)) : 0;
    }
  }
}

/** The cell of agent i's feet; above the world that of the top layer, below it that of the bottom. */
export function feetCell(c: TickContext, i: number): number {
  const { posX, posY, posZ } = c.state;
  const top = c.sizeY - 1;
  const y = posY[i] >> 16;
  const layer = y > top ? top : y < 0 ? 0 : y;
  return (layer * c.sizeZ + (posZ[i] >> 16)) * c.sizeX + (posX[i] >> 16);
}

/** A level's `ways` or `onward` at a place; 0 for a level without. */
export function wayOf(ways: Int32Array | undefined, at: number): number {
  return ways === undefined ? 0 : ways[at];
}
