/**
 * Starting an episode in a row: seed, variant, level, agents at their spawns. A pure function of the row's seed and episode number;
 * nothing of the episode before it survives.
 */
import { AGENT_FLAG, drawVariant, EVENT, episodeSeedWord, INVENTORY_SLOTS, PURPOSE, randomU32 } from '@kinovox/world';
import { resetMonitors } from '../monitor/run-monitor.js';
import type { TickContext } from './context.js';
import { pushEvent } from './events.js';
import { startMobs } from './mobs/spawn-mobs.js';
import { standAtSpawn } from './spawn-point.js';
import { startIndex } from './survival/level-index.js';
import { startVitals } from './survival/respawn.js';

/** Begins episode `state.episode[w]` of row w from its row seed. */
export function startEpisode(c: TickContext, w: number): void {
  const { state, program, numAgents } = c;
  const low = episodeSeedWord(state.rowSeedLow[w], state.rowSeedHigh[w], state.episode[w], 0);
  const high = episodeSeedWord(state.rowSeedLow[w], state.rowSeedHigh[w], state.episode[w], 1);
  clearRow(c, w);
  state.seedLow[w] = low;
  state.seedHigh[w] = high;
  const variant = drawVariant(program.numVariants, low, high);
  loadLevel(c, w, variant);
  for (let a = 0; a < numAgents; a++) spawn(c, w, a);
  const mobs = program.survival?.mobs;
  if (mobs !== undefined) startMobs(c, mobs, w);
  resetMonitors(state, program, w);
  // A fresh level replaces every cell: watchers take it whole.
  c.buffers.editCount[w] = -1;
  pushEvent(state, c.buffers, w, EVENT.reset, -1, variant, state.episode[w], 0);
}

/** Sets every field of the row to its default, keeping the row's seed and episode number. */
function clearRow(c: TickContext, w: number): void {
  const { state } = c;
  const low = state.rowSeedLow[w];
  const high = state.rowSeedHigh[w];
  const episode = state.episode[w];
  const { fields } = state.layout;
  for (let f = 0; f < fields.length; f++) {
    const field = fields[f];
    const start = field.base + w * field.wordsPerWorld;
    state.arena.fill(field.defaultValue, start, start + field.wordsPerWorld);
  }
  state.rowSeedLow[w] = low;
  state.rowSeedHigh[w] = high;
  state.episode[w] = episode;
}

/** Copies the level of a variant into the row, with what survival derives from it. */
export function loadLevel(c: TickContext, w: number, variant: number): void {
  copyLevel(c, w, variant);
  if (c.index !== undefined) startIndex(c, c.index, w, c.state.variants[w]);
}

function copyLevel(c: TickContext, w: number, variant: number): void {
  const { state } = c;
  const level = c.variants.get(variant);
  state.variant[w] = variant;
  state.variants[w] = level;
  state.voxels.set(level.voxels, w * state.cellsPerWorld);
  state.rows.set(level.rows, w * state.rowsPerWorld);
  state.voxelHash[2 * w] = level.hash0;
  state.voxelHash[2 * w + 1] = level.hash1;
}

/** Attempts at a spawn cell that no earlier slot took. */
const SPAWN_DRAWS = 16;

function spawn(c: TickContext, w: number, a: number): void {
  const { state, program, numAgents } = c;
  const i = w * numAgents + a;
  for (let draw = 0; draw < SPAWN_DRAWS; draw++) {
    standAtSpawn(c, w, a, randomU32(state.seedLow[w], state.seedHigh[w], 0, a, PURPOSE.spawn, draw));
    if (!takenByEarlier(c, w, a)) break;
  }
  state.yaw[i] = state.variants[w].spawnYaw[a];
  state.flags[i] = AGENT_FLAG.alive;
  if (program.survival !== undefined) startVitals(c, program.survival, i);
  for (let k = 0; k < INVENTORY_SLOTS; k++) {
    state.inventoryItem[i * INVENTORY_SLOTS + k] = program.startItems[a * INVENTORY_SLOTS + k];
    state.inventoryCount[i * INVENTORY_SLOTS + k] = program.startCounts[a * INVENTORY_SLOTS + k];
  }
}

/** Whether an earlier slot stands within a block of slot a. */
export function takenByEarlier(c: TickContext, w: number, a: number): boolean {
  const { state, numAgents } = c;
  const i = w * numAgents + a;
  for (let j = w * numAgents; j < i; j++) {
    const dx = state.posX[j] - state.posX[i];
    const dy = state.posY[j] - state.posY[i];
    const dz = state.posZ[j] - state.posZ[i];
    if (dx > -65536 && dx < 65536 && dy > -131072 && dy < 131072 && dz > -65536 && dz < 65536) return true;
  }
  return false;
}
