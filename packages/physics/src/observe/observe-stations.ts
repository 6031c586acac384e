/** Observations of stations: where an agent can craft, smelt and sleep. */
import { ALIVE, type TickContext } from '../stages/context.js';
import { cellOfPlace, placeX, placeY, placeZ } from '../stages/survival/level-index.js';
import { findStations } from '../stages/survival/stations.js';
import { OBSERVED_STATIONS, STATION_FIELDS } from './observation.js';

const METRE = 1 / 65536;
const GROUP_SIZE = OBSERVED_STATIONS.length * STATION_FIELDS.length;

/** The group `stations` of worlds [w0, w1): of each kind the nearest within `stationReach`, ties to the lower cell. */
export function observeStations(c: TickContext, w0: number, w1: number, out: Float32Array, offset: number): void {
  const { state, numAgents, acted, nearPlace, index } = c;
  const { size } = c.observations;
  const s = c.program.survival;
  if (s === undefined || index === undefined) return;
  for (let w = w0, i = w0 * numAgents, at = i * size + offset; w < w1; w++) {
    for (const end = i + numAgents; i < end; i++, at += size) {
      for (let n = 0; n < GROUP_SIZE; n++) out[at + n] = 0;
      const numNear = ((state.flags[i] | acted[i]) & ALIVE) === 0 ? 0 : findStations(c, s, index, w, i);
      if (numNear === 0) continue;
      keepNearest(c, w, i, numNear);
      for (let k = 0, row = at; k < OBSERVED_STATIONS.length; k++, row += STATION_FIELDS.length) {
        const place = nearPlace[k];
        if (place < 0) continue;
        out[row] = 1;
        out[row + 1] = ((placeX(place) << 16) + 32768 - state.posX[i]) * METRE;
        out[row + 2] = ((placeY(place) << 16) - state.posY[i]) * METRE;
        out[row + 3] = ((placeZ(place) << 16) + 32768 - state.posZ[i]) * METRE;
      }
    }
  }
}

/** Of `numNear` places in `index.near` the nearest to agent i of each kind into `c.nearPlace`. At most 17 blocks away: squares in 1/64 block stay below 2^23. */
function keepNearest(c: TickContext, w: number, i: number, numNear: number): void {
  const { state, stationRow, nearPlace, nearSquare } = c;
  const { near } = c.index!;
  for (let k = 0; k < nearPlace.length; k++) nearPlace[k] = -1;
  for (let k = 0; k < numNear; k++) {
    const place = near[k];
    const row = stationRow[state.voxels[w * state.cellsPerWorld + cellOfPlace(c, place)]] - 1;
    const dx = ((placeX(place) << 16) + 32768 - state.posX[i]) >> 10;
    const dy = ((placeY(place) << 16) - state.posY[i]) >> 10;
    const dz = ((placeZ(place) << 16) + 32768 - state.posZ[i]) >> 10;
    const square = dx * dx + dy * dy + dz * dz;
    if (nearPlace[row] >= 0 && (square > nearSquare[row] || (square === nearSquare[row] && place > nearPlace[row]))) continue;
    nearPlace[row] = place;
    nearSquare[row] = square;
  }
}
