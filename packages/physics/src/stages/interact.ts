/**
 * Dig, place and use. All intents are read from the state at the start of the stage; a cell that several agents would change in one tick goes
 * to the least (slot - episode tick) mod A, the others get a `contested` event and keep their item.
 * Blocks and reach follow Minecraft 1.20 for a bare hand; drops go straight into the inventory.
 */
import {
  ACTION_WORD,
  ACTION_WORDS,
  AGENT_FLAG,
  cosQ14,
  EVENT,
  INTERACT,
  INVENTORY_SLOTS,
  raycastSolid,
  raycastVoxels,
  sinQ14,
} from '@kinovox/world';
import { EYE_Q16, EYE_SNEAKING_Q16, HALF_WIDTH_Q16, HEIGHT_Q16, REACH_Q16, USE_COOLDOWN_TICKS } from '../bodies/walker.js';
import { propInCell } from '../rigid/prop-bounds.js';
import { TOOL_CLASS } from '../survival/tables.js';
import { ALIVE, enterWorld, type TickContext } from './context.js';
import { pushEvent } from './events.js';
import { giveItem } from './inventory.js';
import { roundShift } from './rounding.js';
import { harvest } from './survival/harvest.js';
import { heldItem, wearHeld } from './survival/stacks.js';
import { cellIndex, isProtected, isUnbuildable, setCell } from './voxel-edits.js';

/** Selects slots and carries out the interactions of worlds [w0, w1). */
export function interact(c: TickContext, w0: number, w1: number): void {
  for (let w = w0; w < w1; w++) {
    enterWorld(c, w);
    readIntents(c, w);
    carryOutIntents(c, w);
  }
}

/** What each agent of world w would change, into `c.intentKind`, `c.intentCell` and `c.intentBlock`. */
function readIntents(c: TickContext, w: number): void {
  const { numAgents } = c;
  const words = c.buffers.actionWords;
  for (let a = 0, i = w * numAgents; a < numAgents; a++, i++) {
    c.intentKind[a] = 0;
    if ((c.state.flags[i] & ALIVE) === 0) continue;
    const slot = words[i * ACTION_WORDS + ACTION_WORD.slot];
    if (slot !== 0 && slot <= INVENTORY_SLOTS) select(c, i, slot - 1);
    readIntent(c, w, a, i);
  }
}

function carryOutIntents(c: TickContext, w: number): void {
  for (let a = 0; a < c.numAgents; a++) if (c.intentKind[a] !== 0) carryOut(c, w, a);
}

/** Takes another slot in hand. With survival the tool decides how fast a block gives way, so a dig begins anew. */
function select(c: TickContext, i: number, slot: number): void {
  const { state } = c;
  if (c.program.survival !== undefined && state.heldSlot[i] !== slot) {
    state.digCell[i] = 0;
    state.digProgress[i] = 0;
  }
  state.heldSlot[i] = slot;
}

/** Decides what agent i changes in this tick, if anything; digging only advances until it is done. */
function readIntent(c: TickContext, w: number, a: number, i: number): void {
  const { state } = c;
  const kind = c.buffers.actionWords[i * ACTION_WORDS + ACTION_WORD.interact];
  if (kind !== INTERACT.dig) {
    state.digCell[i] = 0;
    state.digProgress[i] = 0;
  }
  const repeats = kind === INTERACT.place || kind === INTERACT.use || kind === INTERACT.drop || kind === INTERACT.give;
  if (!repeats) state.useCooldown[i] = 0;
  else if (state.useCooldown[i] > 0 && --state.useCooldown[i] > 0) return;
  if (kind === INTERACT.none || kind > INTERACT.use || !hasReason(c, i, kind) || !lookedAt(c, w, i)) {
    state.digCell[i] = 0;
    state.digProgress[i] = 0;
    return;
  }
  if (kind === INTERACT.place) {
    placeIntent(c, w, a, i);
    return;
  }
  const cell = cellIndex(c, c.ray[0], c.ray[1], c.ray[2]);
  const block = state.voxels[w * state.cellsPerWorld + cell];
  if (kind === INTERACT.dig) digIntent(c, w, a, i, cell, block);
  else useIntent(c, w, a, i, cell, block);
}

/** Whether the ray can matter at all: there is something in hand to place, or the world has something to use. */
function hasReason(c: TickContext, i: number, kind: number): boolean {
  if (kind === INTERACT.dig) return true;
  if (kind === INTERACT.use) return c.hasUsable || c.program.survival !== undefined;
  const slot = i * INVENTORY_SLOTS + c.state.heldSlot[i];
  return c.state.inventoryCount[slot] !== 0;
}

/** Casts the view ray of agent i into `c.ray`. */
export function lookedAt(c: TickContext, w: number, i: number): boolean {
  const { state } = c;
  const cosPitch = cosQ14(state.pitch[i]);
  // Q14 * Q14 = Q28, rounded back to Q14.
  const dx = (0 - roundShift(Math.imul(sinQ14(state.yaw[i]), cosPitch), 14)) | 0;
  const dz = (0 - roundShift(Math.imul(cosQ14(state.yaw[i]), cosPitch), 14)) | 0;
  const eye = (state.flags[i] & AGENT_FLAG.sneaking) !== 0 ? EYE_SNEAKING_Q16 : EYE_Q16;
  if (c.solidStopsRays)
    return (
      raycastSolid(
        state.rows,
        w * state.rowsPerWorld,
        c.rowWords,
        c.sizeX,
        c.sizeY,
        c.sizeZ,
        state.posX[i],
        state.posY[i] + eye,
        state.posZ[i],
        dx,
        sinQ14(state.pitch[i]),
        dz,
        REACH_Q16,
        c.ray,
      ) === 1
    );
  const { targetable } = c.program.blocks;
  return (
    raycastVoxels(
      targetable,
      state.voxels,
      w * state.cellsPerWorld,
      c.sizeX,
      c.sizeY,
      c.sizeZ,
      state.posX[i],
      state.posY[i] + eye,
      state.posZ[i],
      dx,
      sinQ14(state.pitch[i]),
      dz,
      REACH_Q16,
      c.ray,
    ) === 1
  );
}

function digIntent(c: TickContext, w: number, a: number, i: number, cell: number, block: number): void {
  const { state } = c;
  const ticks = digTicksOf(c, i, block);
  if (ticks < 0 || isProtected(c, w, cell)) {
    state.digCell[i] = 0;
    state.digProgress[i] = 0;
    return;
  }
  if (state.digCell[i] !== cell + 1) {
    state.digCell[i] = cell + 1;
    state.digProgress[i] = 0;
  }
  if (++state.digProgress[i] < ticks) return;
  c.intentKind[a] = INTERACT.dig;
  c.intentCell[a] = cell;
}

/** Ticks that agent i needs for a block with what it holds; -1 for never. */
export function digTicksOf(c: TickContext, i: number, block: number): number {
  const { survival, blocks } = c.program;
  return survival === undefined
    ? blocks.digTicks[block]
    : survival.digTicks[block * survival.numToolRows + survival.toolRow[heldItem(c, i)]];
}

function useIntent(c: TickContext, w: number, a: number, i: number, cell: number, block: number): void {
  const { survival } = c.program;
  if (survival !== undefined && survival.tilled[block] !== block && survival.toolClass[heldItem(c, i)] === TOOL_CLASS.hoe) {
    if (isProtected(c, w, cell)) return;
    c.intentKind[a] = INTERACT.use;
    c.intentCell[a] = cell;
    c.intentBlock[a] = survival.tilled[block];
    return;
  }
  if (c.program.blocks.usable[block] === 0) return;
  c.intentKind[a] = INTERACT.use;
  c.intentCell[a] = cell;
  c.intentBlock[a] = c.program.blocks.usedState[block];
}

function placeIntent(c: TickContext, w: number, a: number, i: number): void {
  const { state, program } = c;
  const slot = i * INVENTORY_SLOTS + state.heldSlot[i];
  const placed = program.placedByItem[state.inventoryItem[slot]];
  if (state.inventoryCount[slot] === 0 || placed === undefined || placed === 0) return;
  // Faces are -x, +x, -y, +y, -z, +z: two per axis, the second one outwards.
  const face = c.ray[3];
  const outwards = (face & 1) * 2 - 1;
  const x = c.ray[0] + (face >> 1 === 0 ? outwards : 0);
  const y = c.ray[1] + (face >> 1 === 1 ? outwards : 0);
  const z = c.ray[2] + (face >> 1 === 2 ? outwards : 0);
  if (x < 0 || y < 0 || z < 0 || x >= c.sizeX || y >= c.sizeY || z >= c.sizeZ) return;
  const cell = cellIndex(c, x, y, z);
  if (!isReplaceable(c, w, x, y, z, cell) || isUnbuildable(c, w, cell)) return;
  const under = program.survival?.placedOn[state.inventoryItem[slot]] ?? 0;
  if (under !== 0 && (y === 0 || state.voxels[w * state.cellsPerWorld + cellIndex(c, x, y - 1, z)] !== under - 1)) return;
  if (program.blocks.solid[placed] === 1 && cellOccupied(c, w, x, y, z)) return;
  c.intentKind[a] = INTERACT.place;
  c.intentCell[a] = cell;
  c.intentBlock[a] = placed;
}

/** Whether a block may be placed in the cell. Where everything but solids gives way, the solidity rows say so: the view ray has just been there. */
function isReplaceable(c: TickContext, w: number, x: number, y: number, z: number, cell: number): boolean {
  const { state } = c;
  if (c.openGivesWay) return ((state.rows[w * state.rowsPerWorld + (y * c.sizeZ + z) * c.rowWords + (x >> 5)] >>> (x & 31)) & 1) === 0;
  return c.program.blocks.replaceable[state.voxels[w * state.cellsPerWorld + cell]] !== 0;
}

/** Whether a living body, of an agent or a mob, or a prop overlaps cell (x, y, z). */
export function cellOccupied(c: TickContext, w: number, x: number, y: number, z: number): boolean {
  return (
    bodyInCell(c, w, x, y, z) ||
    (c.mobs !== undefined && bodyInCell(c.mobs, w, x, y, z)) ||
    (c.program.numProps > 0 && propInCell(c, w, x, y, z))
  );
}

function bodyInCell(c: TickContext, w: number, x: number, y: number, z: number): boolean {
  const { state, numAgents } = c;
  const x0 = x << 16;
  const y0 = y << 16;
  const z0 = z << 16;
  for (let i = w * numAgents; i < (w + 1) * numAgents; i++) {
    if ((state.flags[i] & ALIVE) === 0) continue;
    const dx = state.posX[i] - x0;
    const dy = state.posY[i] - y0;
    const dz = state.posZ[i] - z0;
    if (
      dx > -HALF_WIDTH_Q16 &&
      dx < 65536 + HALF_WIDTH_Q16 &&
      dz > -HALF_WIDTH_Q16 &&
      dz < 65536 + HALF_WIDTH_Q16 &&
      dy > -HEIGHT_Q16 &&
      dy < 65536
    )
      return true;
  }
  return false;
}

/** Applies the intent of slot a unless another slot has the better claim to the cell. */
function carryOut(c: TickContext, w: number, a: number): void {
  const { state, buffers, numAgents, program } = c;
  const i = w * numAgents + a;
  const cell = c.intentCell[a];
  const winner = winnerOf(c, cell, state.tick[w]);
  if (winner !== a) {
    pushEvent(state, buffers, w, EVENT.contested, a, cell, winner, 0);
    state.digCell[i] = 0;
    state.digProgress[i] = 0;
    return;
  }
  const before = state.voxels[w * state.cellsPerWorld + cell];
  const { registryId, dropItem } = program.blocks;
  setCell(c, w, cell, c.intentKind[a] === INTERACT.dig ? 0 : c.intentBlock[a]);
  if (c.intentKind[a] === INTERACT.dig) {
    state.digCell[i] = 0;
    state.digProgress[i] = 0;
    const dug = pushEvent(state, buffers, w, EVENT.dug, a, cell, registryId[before], 0);
    if (program.survival !== undefined) harvest(c, program.survival, w, a, before, dug);
    else if (dropItem[before] !== 0) giveItem(c, w, a, dropItem[before], 1, dug);
  } else if (c.intentKind[a] === INTERACT.place) {
    const slot = i * INVENTORY_SLOTS + state.heldSlot[i];
    pushEvent(state, buffers, w, EVENT.placed, a, cell, registryId[c.intentBlock[a]], state.inventoryCause[slot]);
    if (--state.inventoryCount[slot] === 0) {
      state.inventoryItem[slot] = 0;
      state.inventoryCause[slot] = 0;
    }
    state.useCooldown[i] = USE_COOLDOWN_TICKS;
  } else {
    const used = pushEvent(state, buffers, w, EVENT.used, a, cell, registryId[before], 0);
    if (program.survival !== undefined && program.blocks.usable[before] === 0) wearHeld(c, program.survival, w, a, false, used);
    state.useCooldown[i] = USE_COOLDOWN_TICKS;
  }
}

/** The slot with the least (slot - tick) mod A among those that would change `cell`. */
function winnerOf(c: TickContext, cell: number, tick: number): number {
  const { numAgents } = c;
  const first = tick % numAgents;
  for (let k = 0; k < numAgents; k++) {
    const a = first + k < numAgents ? first + k : first + k - numAgents;
    if (c.intentKind[a] !== 0 && c.intentCell[a] === cell) return a;
  }
  return -1;
}
