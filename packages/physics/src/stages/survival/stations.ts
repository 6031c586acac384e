/** Stations within reach of an agent: `stationReach` blocks from the cell of its feet, along each axis, through walls too. */
import type { SurvivalTables } from '../../survival/tables.js';
import type { TickContext } from '../context.js';
import { cellOfPlace, type LevelIndex, MARK, MAX_LISTED, placeOf, TOO_MANY } from './level-index.js';

/** The free bits of a place, one per coordinate. */
const GUARDS = (1 << 9) | (1 << 19) | (1 << 29);

/** Kinds of station within reach of agent i: bit n for station n. */
export function stationsNear(c: TickContext, s: SurvivalTables, w: number, i: number): number {
  const { voxels, cellsPerWorld } = c.state;
  const index = c.index!;
  const numNear = findStations(c, s, index, w, i);
  let near = 0;
  for (let k = 0; k < numNear; k++) near |= 1 << s.stationOf[voxels[w * cellsPerWorld + cellOfPlace(c, index.near[k])]];
  return near;
}

/** Places of all stations and beds within reach of agent i into `index.near`, in no order. @returns how many. */
export function findStations(c: TickContext, s: SurvivalTables, index: LevelIndex, w: number, i: number): number {
  const { posX, posY, posZ } = c.state;
  const { places, length } = index.stations;
  const reach = s.stationReach;
  const x = posX[i] >> 16;
  const y = posY[i] >> 16;
  const z = posZ[i] >> 16;
  if (length[w] === TOO_MANY) return searchStations(c, index, w, x, y, z, reach);
  let numNear = 0;
  // Each coordinate of a place less the lowest, and of the highest less the place, keeps its guard bit unless it is negative: |x - x'| < 2^9 in all.
  const above = GUARDS - (x - reach + (z - reach) * 1024 + (y - reach) * 1048576);
  const below = GUARDS + (x + reach) + (z + reach) * 1024 + (y + reach) * 1048576;
  for (let at = w * MAX_LISTED, end = at + length[w]; at < end; at++) {
    const place = places[at];
    if (((above + place) & (below - place) & GUARDS) !== GUARDS) continue;
    index.near[numNear++] = place;
  }
  return numNear;
}

/** The same cell by cell, where stations are too many to list. */
function searchStations(c: TickContext, index: LevelIndex, w: number, x: number, y: number, z: number, reach: number): number {
  const { state, sizeX, sizeY, sizeZ } = c;
  let numNear = 0;
  for (let cy = Math.max(0, y - reach); cy <= Math.min(sizeY - 1, y + reach); cy++) {
    for (let cz = Math.max(0, z - reach); cz <= Math.min(sizeZ - 1, z + reach); cz++) {
      const line = (cy * sizeZ + cz) * sizeX;
      for (let cx = Math.max(0, x - reach); cx <= Math.min(sizeX - 1, x + reach); cx++)
        if ((index.marks[state.voxels[w * state.cellsPerWorld + line + cx]] & MARK.station) !== 0)
          index.near[numNear++] = placeOf(cx, cy, cz);
    }
  }
  return numNear;
}
