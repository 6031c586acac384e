/**
 * Items on the ground: rows of the world's `pile` field. A pile lies on the first solid block below the cell where it was dropped, and falls when that
 * block goes; living agents within a block of it pick it up, in the order of the contest rule. Lost is what comes into lava, and what is dropped when all
 * rows are taken. A block that is set where a pile lies leaves it there.
 */
import { EVENT, INVENTORY_SLOTS, MAX_PILES, PILE_WORD, PILE_WORDS } from '@kinovox/world';
import type { SurvivalTables } from '../../survival/tables.js';
import { ALIVE, type TickContext } from '../context.js';
import { pushEvent } from '../events.js';
import { cellIndex } from '../voxel-edits.js';
import { addToSlots, takeFromSlot } from './stacks.js';

const LAVA = 2;

/** Ticks until what an agent dropped can be picked up (Minecraft Wiki, "Item (entity)": 40). */
const DROP_TICKS = 40;

/** Ticks until what a block, a workpiece or a mob left on the ground can be picked up (Minecraft Wiki, "Item (entity)": 10). */
export const SPILL_TICKS = 10;

/** Cell of agent i's feet, moved into the world where it is outside. */
export function feetCell(c: TickContext, i: number): number {
  const { posX, posY, posZ } = c.state;
  return cellIndex(c, within(posX[i] >> 16, c.sizeX), within(posY[i] >> 16, c.sizeY), within(posZ[i] >> 16, c.sizeZ));
}

function within(v: number, size: number): number {
  return v < 0 ? 0 : v >= size ? size - 1 : v;
}

/** Lays items below slot a, onto a pile of the same if there is one. @returns whether they are not lost. */
export function dropPile(
  c: TickContext,
  s: SurvivalTables,
  w: number,
  a: number,
  item: number,
  count: number,
  wear: number,
  waitTicks: number,
  cause: number,
): boolean {
  return layPile(c, s, w, feetCell(c, w * c.numAgents + a), item, count, wear, waitTicks, EVENT.dropped, a, cause);
}

/** As `dropPile`, below any cell, with an event of the kind and agent given. */
export function layPile(
  c: TickContext,
  s: SurvivalTables,
  w: number,
  inCell: number,
  item: number,
  count: number,
  wear: number,
  waitTicks: number,
  event: number,
  agent: number,
  cause: number,
): boolean {
  const { state } = c;
  const { pile } = state;
  const { pileEnd } = c.index!;
  const first = w * MAX_PILES * PILE_WORDS;
  const cell = restingCell(c, w, inCell) + 1;
  let at = -1;
  if (cell > 0) {
    at = pileOf(c, s, w, cell, item, wear);
    for (let k = 0; at < 0 && k < Math.min(MAX_PILES, pileEnd[w] + 1); k++)
      if (pile[first + k * PILE_WORDS] === 0) at = first + k * PILE_WORDS;
  }
  if (at < 0) {
    pushEvent(state, c.buffers, w, EVENT.lost, agent, item, count, cause);
    return false;
  }
  const dropped = pushEvent(state, c.buffers, w, event, agent, item, count, cause);
  pileEnd[w] = Math.max(pileEnd[w], Math.trunc((at - first) / PILE_WORDS) + 1);
  pile[at] = cell;
  pile[at + PILE_WORD.item] = item;
  pile[at + PILE_WORD.count] += count;
  pile[at + PILE_WORD.wear] = wear;
  pile[at + PILE_WORD.readyTick] = state.tick[w] + waitTicks;
  pile[at + PILE_WORD.cause] = dropped;
  return true;
}

/** Row of the pile in cell `cell` - 1 of world w onto which such items stack, or -1. */
function pileOf(c: TickContext, s: SurvivalTables, w: number, cell: number, item: number, wear: number): number {
  const { pile } = c.state;
  if (s.stack[item] === 1) return -1;
  for (let at = w * MAX_PILES * PILE_WORDS, end = at + c.index!.pileEnd[w] * PILE_WORDS; at < end; at += PILE_WORDS)
    if (pile[at] === cell && pile[at + PILE_WORD.item] === item && pile[at + PILE_WORD.wear] === wear) return at;
  return -1;
}

/** Cell in which items come to rest that are let go in a cell: the one above the first solid block, or -1 where they come into lava. */
function restingCell(c: TickContext, w: number, cell: number): number {
  const { voxels, cellsPerWorld } = c.state;
  const { solid, liquid } = c.program.blocks;
  const layer = c.sizeX * c.sizeZ;
  const base = w * cellsPerWorld;
  let at = cell;
  for (;;) {
    if (liquid[voxels[base + at]] === LAVA) return -1;
    if (at < layer || solid[voxels[base + at - layer]] === 1) return at;
    at -= layer;
  }
}

/** The piles in a cell, of which the block below may have gone, fall to where they come to rest, onto piles of the same. */
export function fallPiles(c: TickContext, s: SurvivalTables, w: number, cell: number): void {
  const { state } = c;
  const { pile } = state;
  const { pileEnd } = c.index!;
  const first = w * MAX_PILES * PILE_WORDS;
  for (let at = first; at < first + pileEnd[w] * PILE_WORDS; at += PILE_WORDS) {
    if (pile[at] !== cell + 1) continue;
    const to = restingCell(c, w, cell);
    if (to === cell) return;
    const item = pile[at + PILE_WORD.item];
    const count = pile[at + PILE_WORD.count];
    const onto = to < 0 ? -1 : pileOf(c, s, w, to + 1, item, pile[at + PILE_WORD.wear]);
    if (to >= 0 && onto < 0) {
      pile[at] = to + 1;
      continue;
    }
    if (to < 0) pushEvent(state, c.buffers, w, EVENT.lost, -1, item, count, pile[at + PILE_WORD.cause]);
    else {
      pile[onto + PILE_WORD.count] += count;
      pile[onto + PILE_WORD.readyTick] = Math.max(pile[onto + PILE_WORD.readyTick], pile[at + PILE_WORD.readyTick]);
    }
    pile.fill(0, at, at + PILE_WORDS);
  }
}

/** Agent i lays one of what it holds into its cell. */
export function dropHeld(c: TickContext, s: SurvivalTables, w: number, a: number): void {
  const { state } = c;
  const i = w * c.numAgents + a;
  const at = i * INVENTORY_SLOTS + state.heldSlot[i];
  if (state.inventoryCount[at] === 0) return;
  const { item, wear, cause } = { item: state.inventoryItem[at], wear: state.inventoryWear[at], cause: state.inventoryCause[at] };
  takeFromSlot(c, at, 1);
  dropPile(c, s, w, a, item, 1, wear, DROP_TICKS, cause);
}

/** All that slot a holds lies where it died. */
export function dropAll(c: TickContext, s: SurvivalTables, w: number, a: number, cause: number): void {
  const { state } = c;
  const first = (w * c.numAgents + a) * INVENTORY_SLOTS;
  for (let at = first; at < first + INVENTORY_SLOTS; at++) {
    const count = state.inventoryCount[at];
    if (count === 0) continue;
    const item = state.inventoryItem[at];
    const wear = state.inventoryWear[at];
    takeFromSlot(c, at, count);
    dropPile(c, s, w, a, item, count, wear, DROP_TICKS, cause);
  }
}

/** Living agents near a pile take of it what they have room for. */
export function collectPiles(c: TickContext, s: SurvivalTables, w: number): void {
  const { state, numAgents } = c;
  const { pile } = state;
  const { pileEnd } = c.index!;
  const now = state.tick[w];
  const firstSlot = now % numAgents;
  if (pileEnd[w] === 0) return;
  noteFeet(c, w);
  const first = w * MAX_PILES * PILE_WORDS;
  for (let at = first; at < first + pileEnd[w] * PILE_WORDS; at += PILE_WORDS) {
    if (pile[at] === 0 || pile[at + PILE_WORD.readyTick] > now) continue;
    const cell = pile[at] - 1;
    for (let k = 0; k < numAgents && pile[at] !== 0; k++) {
      const a = firstSlot + k < numAgents ? firstSlot + k : firstSlot + k - numAgents;
      const i = w * numAgents + a;
      if (!isNear(c, i, c.intentCell[a], cell)) continue;
      const left = addToSlots(
        c,
        s,
        w,
        a,
        pile[at + PILE_WORD.item],
        pile[at + PILE_WORD.count],
        pile[at + PILE_WORD.wear],
        pile[at + PILE_WORD.cause],
      );
      pile[at + PILE_WORD.count] = left;
      if (left === 0) pile.fill(0, at, at + PILE_WORDS);
    }
  }
  while (pileEnd[w] > 0 && pile[first + (pileEnd[w] - 1) * PILE_WORDS] === 0) pileEnd[w]--;
}

/** Number of no cell, far from all. */
const NOWHERE = -(1 << 30);

/** The cell of each agent's feet into `c.intentCell`, also where it is outside the world; the dead are nowhere. */
function noteFeet(c: TickContext, w: number): void {
  const { flags, posX, posY, posZ } = c.state;
  for (let a = 0, i = w * c.numAgents; a < c.numAgents; a++, i++)
    c.intentCell[a] = (flags[i] & ALIVE) === 0 ? NOWHERE : cellIndex(c, posX[i] >> 16, posY[i] >> 16, posZ[i] >> 16);
}

/** Whether the feet of agent i, in the cell `feet`, are within a block of another cell, along each axis. */
function isNear(c: TickContext, i: number, feet: number, cell: number): boolean {
  // Whoever is near is near in the order of cells too: that spares most the divisions.
  const most = c.sizeX * c.sizeZ + c.sizeX + 1;
  if (feet - cell > most || cell - feet > most) return false;
  const { posX, posY, posZ } = c.state;
  const line = Math.trunc(cell / c.sizeX);
  const cellY = Math.trunc(line / c.sizeZ);
  return (
    isBeside(posX[i] >> 16, cell - line * c.sizeX) && isBeside(posY[i] >> 16, cellY) && isBeside(posZ[i] >> 16, line - cellY * c.sizeZ)
  );
}

function isBeside(a: number, b: number): boolean {
  return a - b <= 1 && b - a <= 1;
}

/**
 * Gives items to slot a of world w, onto stacks first; what finds no room lies in the agent's cell.
 * @param wear uses of a tool so far. @param cause event id + 1.
 */
export function receive(
  c: TickContext,
  s: SurvivalTables,
  w: number,
  a: number,
  item: number,
  count: number,
  wear: number,
  cause: number,
): void {
  const left = addToSlots(c, s, w, a, item, count, wear, cause);
  if (left > 0) dropPile(c, s, w, a, item, left, wear, SPILL_TICKS, cause);
}
