/** Growth: each tick draws cells of the world; a plant in a drawn cell grows with its chance (Minecraft's random ticks). */
import { EVENT, PURPOSE, randomBelow, randomU32 } from '@kinovox/world';
import type { SurvivalTables } from '../../survival/tables.js';
import type { TickContext } from '../context.js';
import { pushEvent } from '../events.js';
import { cellOccupied } from '../interact.js';
import { cellIndex, setCell } from '../voxel-edits.js';

/** Words of a cell of `SurvivalTables.tree`. */
const TREE_WORDS = 4;

/** Growth in world w. */
export function grow(c: TickContext, s: SurvivalTables, w: number): void {
  const { state } = c;
  if (!c.hasGrowth) return;
  const low = state.seedLow[w];
  const high = state.seedHigh[w];
  const tick = state.tick[w];
  for (let k = 0; k < s.growthDraws; k++) {
    // Sizes are at most 256: two axes share a draw, the third shares one with the chance.
    const place = randomU32(low, high, tick, 0, PURPOSE.growth, 2 * k);
    const rest = randomU32(low, high, tick, 0, PURPOSE.growth, 2 * k + 1);
    const x = randomBelow(place, c.sizeX);
    const z = randomBelow((place << 16) >>> 0, c.sizeZ);
    const y = randomBelow(rest, c.sizeY);
    const cell = cellIndex(c, x, y, z);
    const block = state.voxels[w * state.cellsPerWorld + cell];
    if (s.growsInto[block] === block && s.growsTree[block] === 0) continue;
    if ((rest & 0xffff) >= s.growChanceQ16[block]) continue;
    if (s.growsTree[block] === 1) growTree(c, s, w, x, y, z);
    else if (canStand(c, w, s.growsInto[block], x, y, z)) {
      setCell(c, w, cell, s.growsInto[block]);
      pushEvent(state, c.buffers, w, EVENT.grew, -1, cell, c.program.blocks.registryId[s.growsInto[block]], 0);
    }
  }
}

/** A sapling becomes a tree if all its cells are free; otherwise it waits. */
function growTree(c: TickContext, s: SurvivalTables, w: number, x: number, y: number, z: number): void {
  const { state } = c;
  const { replaceable, registryId } = c.program.blocks;
  const { tree } = s;
  for (let at = 0; at < tree.length; at += TREE_WORDS) {
    const cx = x + tree[at];
    const cy = y + tree[at + 1];
    const cz = z + tree[at + 2];
    if (cx < 0 || cy < 0 || cz < 0 || cx >= c.sizeX || cy >= c.sizeY || cz >= c.sizeZ) return;
    const isSapling = cx === x && cy === y && cz === z;
    if (!isSapling && replaceable[state.voxels[w * state.cellsPerWorld + cellIndex(c, cx, cy, cz)]] === 0) return;
    if (!canStand(c, w, tree[at + 3], cx, cy, cz)) return;
  }
  for (let at = 0; at < tree.length; at += TREE_WORDS)
    setCell(c, w, cellIndex(c, x + tree[at], y + tree[at + 1], z + tree[at + 2]), tree[at + 3]);
  const cell = cellIndex(c, x, y, z);
  pushEvent(state, c.buffers, w, EVENT.grew, -1, cell, registryId[state.voxels[w * state.cellsPerWorld + cell]], 0);
}

/** Whether a block can come to be in a cell without enclosing a body. */
function canStand(c: TickContext, w: number, block: number, x: number, y: number, z: number): boolean {
  return c.program.blocks.solid[block] === 0 || !cellOccupied(c, w, x, y, z);
}
