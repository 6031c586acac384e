/** Observations of mobs and stations: what lives near an agent, and where it can craft, smelt and sleep. */
import { MOB_MOOD, TICKS_PER_SECOND } from '@kinovox/world';
import { ALIVE, type TickContext } from '../stages/context.js';
import { squareBetween } from '../stages/mobs/distance.js';
import { kindRow, wordOfAgent } from '../stages/mobs/population.js';
import { findStations } from '../stages/survival/stations.js';
import { MOB_COLUMN, type MobTables } from '../survival/mob-tables.js';
import { MOB_FIELDS, OBSERVED_STATIONS, STATION_FIELDS } from './observation.js';

const GROUP_SIZE = OBSERVED_STATIONS.length * STATION_FIELDS.length;
const METRE = 1 / 65536;
const METRE_PER_SECOND = TICKS_PER_SECOND / 65536;

/** The group `mobs` of worlds [w0, w1): the nearest living ones by squared distance in 1/64 block, ties to the lower slot. */
export function observeMobs(c: TickContext, w0: number, w1: number, out: Float32Array, offset: number): void {
  const { numAgents, program, acted, mobs } = c;
  const { flags } = c.state;
  const { size } = c.observations;
  const t = program.survival?.mobs;
  const rows = program.observation.nearestMobs ?? 0;
  if (mobs === undefined || t === undefined) return;
  for (let w = w0; w < w1; w++) {
    for (let a = 0, i = w * numAgents; a < numAgents; a++, i++) {
      const present = ((flags[i] | acted[i]) & ALIVE) !== 0;
      let at = i * size + offset;
      let lastSquare = -1;
      let lastSlot = -1;
      for (let k = 0; k < rows; k++, at += MOB_FIELDS.length) {
        // The k-th nearest is the least (distance, slot) above the one before, as in `observeAgents`.
        let best = -1;
        let bestSquare = 0;
        for (let slot = 0; present && slot < t.numMobs; slot++) {
          const j = w * t.numMobs + slot;
          if ((mobs.state.flags[j] & ALIVE) === 0) continue;
          const square = squareBetween(c, i, mobs, j);
          if (square < lastSquare || (square === lastSquare && slot <= lastSlot)) continue;
          if (best < 0 || square < bestSquare) {
            best = slot;
            bestSquare = square;
          }
        }
        if (best < 0) {
          for (const end = i * size + offset + rows * MOB_FIELDS.length; at < end; at++) out[at] = 0;
          break;
        }
        lastSquare = bestSquare;
        lastSlot = best;
        writeMob(c, mobs, t, out, at, i, a, best, w * t.numMobs + best);
      }
    }
  }
}

/** The components of mob j, in slot `slot`, as agent i in slot a sees it. */
function writeMob(
  c: TickContext,
  mobs: TickContext,
  t: MobTables,
  out: Float32Array,
  at: number,
  i: number,
  a: number,
  slot: number,
  j: number,
): void {
  const { state } = c;
  const { posX, posY, posZ, velX, velY, velZ, health } = mobs.state;
  out[at] = 1;
  out[at + 1] = slot;
  out[at + 2] = t.kindOf[slot] + 1;
  out[at + 3] = (posX[j] - state.posX[i]) * METRE;
  out[at + 4] = (posY[j] - state.posY[i]) * METRE;
  out[at + 5] = (posZ[j] - state.posZ[i]) * METRE;
  out[at + 6] = (velX[j] - state.velX[i]) * METRE_PER_SECOND;
  out[at + 7] = (velY[j] - state.velY[i]) * METRE_PER_SECOND;
  out[at + 8] = (velZ[j] - state.velZ[i]) * METRE_PER_SECOND;
  out[at + 9] = health[j] / t.kinds[kindRow(t, slot) + MOB_COLUMN.health];
  out[at + 10] = state.mobMood[j] === MOB_MOOD.chase && state.mobTarget[j] === wordOfAgent(a) ? 1 : 0;
}

/** The group `stations` of worlds [w0, w1): of each kind the nearest within `stationReach`, ties to the lower cell. */
export function observeStations(c: TickContext, w0: number, w1: number, out: Float32Array, offset: number): void {
  const { state, numAgents, acted, nearCell } = c;
  const { size } = c.observations;
  const { index } = c;
  const s = c.program.survival;
  if (s === undefined || index === undefined) return;
  for (let i = w0 * numAgents; i < w1 * numAgents; i++) {
    const w = Math.trunc(i / numAgents);
    const numNear = ((state.flags[i] | acted[i]) & ALIVE) === 0 ? 0 : findStations(c, s, index, w, i);
    if (numNear === 0) {
      const at = i * size + offset;
      for (let n = 0; n < GROUP_SIZE; n++) out[at + n] = 0;
      continue;
    }
    keepNearest(c, w, i, numNear);
    for (let k = 0; k < OBSERVED_STATIONS.length; k++) {
      const at = i * size + offset + k * STATION_FIELDS.length;
      const cell = nearCell[k];
      if (cell < 0) {
        for (let n = 0; n < STATION_FIELDS.length; n++) out[at + n] = 0;
        continue;
      }
      const line = Math.trunc(cell / c.sizeX);
      const layer = Math.trunc(line / c.sizeZ);
      out[at] = 1;
      out[at + 1] = (((cell - line * c.sizeX) << 16) + 32768 - state.posX[i]) * METRE;
      out[at + 2] = ((layer << 16) - state.posY[i]) * METRE;
      out[at + 3] = (((line - layer * c.sizeZ) << 16) + 32768 - state.posZ[i]) * METRE;
    }
  }
}

/** Of `numNear` cells in `index.near` the nearest to agent i of each kind into `c.nearCell`. At most 17 blocks away: squares in 1/64 block stay below 2^23. */
function keepNearest(c: TickContext, w: number, i: number, numNear: number): void {
  const { state, sizeX, sizeZ, stationRow, nearCell, nearSquare } = c;
  const { near } = c.index!;
  nearCell.fill(-1);
  for (let k = 0; k < numNear; k++) {
    const cell = near[k];
    const row = stationRow[state.voxels[w * state.cellsPerWorld + cell]] - 1;
    const line = Math.trunc(cell / sizeX);
    const layer = Math.trunc(line / sizeZ);
    const dx = (((cell - line * sizeX) << 16) + 32768 - state.posX[i]) >> 10;
    const dy = ((layer << 16) - state.posY[i]) >> 10;
    const dz = (((line - layer * sizeZ) << 16) + 32768 - state.posZ[i]) >> 10;
    const square = dx * dx + dy * dy + dz * dz;
    if (nearCell[row] >= 0 && (square > nearSquare[row] || (square === nearSquare[row] && cell > nearCell[row]))) continue;
    nearCell[row] = cell;
    nearSquare[row] = square;
  }
}
