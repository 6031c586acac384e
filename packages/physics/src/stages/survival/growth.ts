/** Growth: each tick draws cells of the world; a plant in a drawn cell grows with its chance (Minecraft's random ticks). */
import { drawU32, EVENT, PURPOSE, randomBelow, randomStream } from '@kinovox/world';
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
  const { numPlants, plantColumns, columnWords } = c.index!;
  if (numPlants[w] === 0) return;
  const stream = randomStream(state.seedLow[w], state.seedHigh[w], state.tick[w], 0, PURPOSE.growth);
  const columns = c.sizeX * c.sizeZ;
  let places = 0;
  for (let k = 0; k < s.growthDraws; k++) {
    // Sizes are at most 256, so half a word draws a column; most columns hold no plant, and only the others draw a height and a chance.
    places = (k & 1) === 0 ? drawU32(stream, 2 * k) : (places << 16) >>> 0;
    const column = randomBelow(places, columns);
    if ((plantColumns[w * columnWords + (column >> 5)] & (1 << (column & 31))) === 0) continue;
    growIn(c, s, w, column, drawU32(stream, 2 * k + 1));
  }
}

/** Grows what is in a cell of a column: the upper half of the word draws its height, the lower half whether it grows. */
function growIn(c: TickContext, s: SurvivalTables, w: number, column: number, word: number): void {
  const { state } = c;
  const y = randomBelow(word, c.sizeY);
  const cell = y * c.sizeX * c.sizeZ + column;
  const block = state.voxels[w * state.cellsPerWorld + cell];
  if (s.growsInto[block] === block && s.growsTree[block] === 0) return;
  if ((word & 0xffff) >= s.growChanceQ16[block]) return;
  const z = Math.trunc(column / c.sizeX);
  const x = column - z * c.sizeX;
  if (s.growsTree[block] === 1) growTree(c, s, w, x, y, z);
  else if (canStand(c, w, s.growsInto[block], x, y, z)) {
    setCell(c, w, cell, s.growsInto[block]);
    pushEvent(state, c.buffers, w, EVENT.grew, -1, cell, c.program.blocks.registryId[s.growsInto[block]], 0);
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
