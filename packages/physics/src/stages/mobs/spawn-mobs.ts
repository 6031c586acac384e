/**
 * How mobs come and go. At the start of an episode every kind has its `startCount`, wherever in its region there is room; during it each kind
 * tries one drawn place every `spawnTicks` while it has a free slot, and a mob far from every living agent vanishes if its kind says so.
 * Who is there at the start came without an event, like the agents.
 */
import { AGENT_FLAG, DAMAGE, EVENT, MOB_MOOD, PURPOSE, randomBelow, randomU32 } from '@kinovox/world';
import { MOB_COLUMN, MOB_COLUMNS, type MobTables } from '../../survival/mob-tables.js';
import type { SurvivalTables } from '../../survival/tables.js';
import { ALIVE, type TickContext } from '../context.js';
import { pushEvent } from '../events.js';
import { cellAt } from '../solidity.js';
import { lightAt } from '../survival/daylight.js';
import { cellIndex } from '../voxel-edits.js';
import { squareBetween } from './distance.js';
import { clearMob } from './harm.js';

/** Draws at the start before all cells of the region are tried. */
const START_DRAWS = 16;
/** Most ticks that a newcomer stands before it wanders. */
const FIRST_IDLE_TICKS = 60;

/** The mobs of a new episode of world w; its agents stand already. */
export function startMobs(c: TickContext, t: MobTables, w: number): void {
  const numKinds = t.kinds.length / MOB_COLUMNS;
  for (let kind = 0; kind < numKinds; kind++) {
    const row = kind * MOB_COLUMNS;
    const first = t.kinds[row + MOB_COLUMN.firstSlot];
    for (let slot = first; slot < first + t.kinds[row + MOB_COLUMN.startCount]; slot++) {
      const cell = startCell(c, t, w, slot, row);
      // Not even a crowded cell: none will be found for the next one either.
      if (cell < 0) break;
      place(c, t, w, slot, row, cell);
    }
  }
}

/** A free cell for a mob: drawn, or the next one after the last draw; rather one that nobody stands near. -1 when there is none. */
function startCell(c: TickContext, t: MobTables, w: number, slot: number, row: number): number {
  let cell = -1;
  for (let draw = 0; draw < START_DRAWS; draw++) {
    cell = drawnCell(c, t, w, slot, row, 2 * draw);
    const found = footingBelow(c, t, w, row, cell);
    if (found >= 0 && !isCrowded(c, t, w, found)) return found;
  }
  const alone = nextFree(c, t, w, row, cell, true);
  return alone >= 0 ? alone : nextFree(c, t, w, row, cell, false);
}

/** A cell of the region of a kind, by draws `draw` and `draw + 1` of the tick: sizes are at most 256, so two axes share one. */
function drawnCell(c: TickContext, t: MobTables, w: number, slot: number, row: number, draw: number): number {
  const { seedLow, seedHigh, tick } = c.state;
  const region = row + MOB_COLUMN.region0;
  const { kinds } = t;
  const level = randomU32(seedLow[w], seedHigh[w], tick[w], slot, PURPOSE.mobSpawn, draw);
  const height = randomU32(seedLow[w], seedHigh[w], tick[w], slot, PURPOSE.mobSpawn, draw + 1);
  return cellIndex(
    c,
    kinds[region] + randomBelow(level, kinds[region + 3] - kinds[region] + 1),
    kinds[region + 1] + randomBelow(height, kinds[region + 4] - kinds[region + 1] + 1),
    kinds[region + 2] + randomBelow((level << 16) >>> 0, kinds[region + 5] - kinds[region + 2] + 1),
  );
}

/** The first cell from `cell` down, within the region, where a mob can stand; -1 none. */
function footingBelow(c: TickContext, t: MobTables, w: number, row: number, cell: number): number {
  const layer = c.sizeX * c.sizeZ;
  const lowest = t.kinds[row + MOB_COLUMN.region0 + 1] * layer;
  for (let at = cell; at >= lowest; at -= layer) if (isStandable(c, w, at)) return at;
  return -1;
}

/** The next cell of the region after `cell`, x first, then z, then y, and from the front again, where a mob can stand; -1 none. */
function nextFree(c: TickContext, t: MobTables, w: number, row: number, cell: number, alone: boolean): number {
  const region = row + MOB_COLUMN.region0;
  const x0 = t.kinds[region];
  const y0 = t.kinds[region + 1];
  const z0 = t.kinds[region + 2];
  const sizeX = t.kinds[region + 3] - x0 + 1;
  const sizeZ = t.kinds[region + 5] - z0 + 1;
  const numCells = sizeX * sizeZ * (t.kinds[region + 4] - y0 + 1);
  const line = Math.trunc(cell / c.sizeX);
  const y = Math.trunc(line / c.sizeZ);
  let at = ((y - y0) * sizeZ + (line - y * c.sizeZ - z0)) * sizeX + (cell - line * c.sizeX - x0);
  for (let k = 0; k < numCells; k++) {
    at = at + 1 < numCells ? at + 1 : 0;
    const row = Math.trunc(at / sizeX);
    const layer = Math.trunc(row / sizeZ);
    const found = cellIndex(c, x0 + at - row * sizeX, y0 + layer, z0 + row - layer * sizeZ);
    if (isStandable(c, w, found) && (!alone || !isCrowded(c, t, w, found))) return found;
  }
  return -1;
}

/** Whether a mob can stand in a cell: dry room for feet and head on something solid. Below the world is ground. */
function isStandable(c: TickContext, w: number, cell: number): boolean {
  const { voxels, cellsPerWorld } = c.state;
  const { solid } = c.program.blocks;
  const layer = c.sizeX * c.sizeZ;
  const at = w * cellsPerWorld + cell;
  if (cell >= layer && solid[voxels[at - layer]] === 0) return false;
  return isRoom(c, voxels[at]) && (cell + layer >= cellsPerWorld || isRoom(c, voxels[at + layer]));
}

function isRoom(c: TickContext, block: number): boolean {
  const { solid, liquid } = c.program.blocks;
  return solid[block] === 0 && liquid[block] === 0;
}

/** Whether a living mob or agent stands within a block of the cell, two up and down. */
function isCrowded(c: TickContext, t: MobTables, w: number, cell: number): boolean {
  const line = Math.trunc(cell / c.sizeX);
  const layer = Math.trunc(line / c.sizeZ);
  const x = ((cell - line * c.sizeX) << 16) + 32768;
  const y = layer << 16;
  const z = ((line - layer * c.sizeZ) << 16) + 32768;
  for (let i = w * c.numAgents; i < (w + 1) * c.numAgents; i++) if (isBeside(c, i, x, y, z)) return true;
  const m = c.mobs;
  if (m === undefined) return false;
  for (let i = w * t.numMobs; i < (w + 1) * t.numMobs; i++) if (isBeside(m, i, x, y, z)) return true;
  return false;
}

function isBeside(body: TickContext, i: number, x: number, y: number, z: number): boolean {
  const { flags, posX, posY, posZ } = body.state;
  const dx = posX[i] - x;
  const dy = posY[i] - y;
  const dz = posZ[i] - z;
  return (flags[i] & ALIVE) !== 0 && dx > -65536 && dx < 65536 && dy > -131072 && dy < 131072 && dz > -65536 && dz < 65536;
}

/** A mob comes to be in a free slot. */
function place(c: TickContext, t: MobTables, w: number, slot: number, row: number, cell: number): void {
  const { state } = c;
  const i = w * t.numMobs + slot;
  const line = Math.trunc(cell / c.sizeX);
  const layer = Math.trunc(line / c.sizeZ);
  const look = randomU32(state.seedLow[w], state.seedHigh[w], state.tick[w], slot, PURPOSE.mobs, 2);
  const rest = randomU32(state.seedLow[w], state.seedHigh[w], state.tick[w], slot, PURPOSE.mobs, 3);
  state.mobPosX[i] = ((cell - line * c.sizeX) << 16) + 32768;
  state.mobPosY[i] = layer << 16;
  state.mobPosZ[i] = ((line - layer * c.sizeZ) << 16) + 32768;
  state.mobYaw[i] = look | 0;
  state.mobFlags[i] = AGENT_FLAG.alive;
  state.mobHealth[i] = t.kinds[row + MOB_COLUMN.health];
  state.mobMood[i] = MOB_MOOD.idle;
  state.mobMoodTicks[i] = 1 + randomBelow(rest, FIRST_IDLE_TICKS);
  state.mobHome[i] = cell + 1;
}

/** Arrivals of world w, one attempt per kind whose time it is. */
export function spawn(c: TickContext, m: TickContext, s: SurvivalTables, t: MobTables, w: number): void {
  const { state } = c;
  const numKinds = t.kinds.length / MOB_COLUMNS;
  for (let kind = 0; kind < numKinds; kind++) {
    const row = kind * MOB_COLUMNS;
    const everyTicks = t.kinds[row + MOB_COLUMN.spawnTicks];
    if (everyTicks === 0 || state.tick[w] % everyTicks !== 0) continue;
    const slot = freeSlot(c, t, w, row);
    if (slot < 0) continue;
    const cell = footingBelow(c, t, w, row, drawnCell(c, t, w, slot, row, 0));
    if (cell < 0 || !mayComeTo(c, s, t, w, kind, cell) || isCrowded(c, t, w, cell)) continue;
    place(c, t, w, slot, row, cell);
    if (isTooNear(c, m, t, w, slot, row)) clearMob(c, t, w, slot);
    else pushEvent(state, c.buffers, w, EVENT.mobSpawned, -1, slot, cell, 0);
  }
}

function freeSlot(c: TickContext, t: MobTables, w: number, row: number): number {
  const first = t.kinds[row + MOB_COLUMN.firstSlot];
  for (let slot = first; slot < first + t.kinds[row + MOB_COLUMN.numSlots]; slot++)
    if ((c.state.mobFlags[w * t.numMobs + slot] & ALIVE) === 0) return slot;
  return -1;
}

/** Whether ground and light of a cell suit a kind. */
function mayComeTo(c: TickContext, s: SurvivalTables, t: MobTables, w: number, kind: number, cell: number): boolean {
  const row = kind * MOB_COLUMNS;
  const line = Math.trunc(cell / c.sizeX);
  const y = Math.trunc(line / c.sizeZ);
  const x = cell - line * c.sizeX;
  const z = line - y * c.sizeZ;
  const ground = cellAt(c, w, x, y - 1, z);
  if (ground < 0 || t.spawnsOn[kind * c.program.blocks.solid.length + ground] === 0) return false;
  const light = lightAt(c, s, w, x, y, z);
  return light >= t.kinds[row + MOB_COLUMN.lightMin] && light <= t.kinds[row + MOB_COLUMN.lightMax];
}

/** Whether a living agent is nearer to a newcomer than its kind allows. */
function isTooNear(c: TickContext, m: TickContext, t: MobTables, w: number, slot: number, row: number): boolean {
  const i = w * t.numMobs + slot;
  for (let j = w * c.numAgents; j < (w + 1) * c.numAgents; j++)
    if ((c.state.flags[j] & ALIVE) !== 0 && squareBetween(m, i, c, j) < t.kinds[row + MOB_COLUMN.spawnFarQ6]) return true;
  return false;
}

/** Mobs of world w that no living agent is near enough to keep vanish, without drops. Where no agent lives, they stay. */
export function despawn(c: TickContext, m: TickContext, t: MobTables, w: number): void {
  const { state } = c;
  for (let slot = 0, i = w * t.numMobs; slot < t.numMobs; slot++, i++) {
    if ((state.mobFlags[i] & ALIVE) === 0) continue;
    const farQ6 = t.kinds[t.kindOf[slot] * MOB_COLUMNS + MOB_COLUMN.despawnQ6];
    if (farQ6 === 0 || !isForsaken(c, m, w, i, farQ6)) continue;
    pushEvent(state, c.buffers, w, EVENT.slain, -1, slot, DAMAGE.despawned, 0);
    clearMob(c, t, w, slot);
  }
}

function isForsaken(c: TickContext, m: TickContext, w: number, i: number, farQ6: number): boolean {
  let any = false;
  for (let j = w * c.numAgents; j < (w + 1) * c.numAgents; j++) {
    if ((c.state.flags[j] & ALIVE) === 0) continue;
    if (squareBetween(m, i, c, j) <= farQ6) return false;
    any = true;
  }
  return any;
}
