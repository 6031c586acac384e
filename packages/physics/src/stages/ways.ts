/**
 * The shaping channel: how far each agent has to go, at the start and at the end of a tick. Integers read off a field of the level; a channel of its
 * own that no rule, reward or state depends on. The field is that of the level as it is made: edits do not change it.
 */
import type { ShapingTables } from '../program.js';
import { ALIVE, type TickContext } from './context.js';

/** Writes `outputs.wayLeft` of worlds [w0, w1): column 0 is the start of the tick, 1 its end. Needs `acted`. */
export function noteWays(c: TickContext, shaping: ShapingTables, w0: number, w1: number, column: number): void {
  const { state, outputs, numAgents } = c;
  for (let w = w0; w < w1; w++) {
    for (let a = 0; a < numAgents; a++) {
      const i = w * numAgents + a;
      const field = shaping.wayOfAgent[a];
      const acts = (c.acted[i] & ALIVE) !== 0 && field >= 0;
      outputs.wayLeft[2 * i + column] = acts ? wayAt(c, w, field, state.posX[i] >> 16, state.posY[i] >> 16, state.posZ[i] >> 16) : 0;
    }
  }
}

/** The field at a cell; above the world that of the top layer. */
function wayAt(c: TickContext, w: number, field: number, x: number, y: number, z: number): number {
  const top = c.sizeY - 1;
  const layer = y > top ? top : y < 0 ? 0 : y;
  return wayOf(c.state.variants[w].ways, field * c.state.cellsPerWorld + (layer * c.sizeZ + z) * c.sizeX + x);
}

function wayOf(ways: Int32Array | undefined, at: number): number {
  return ways === undefined ? 0 : ways[at];
}
