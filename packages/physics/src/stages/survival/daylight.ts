/** The time of day and the light at a place. Light is shown to agents; rules ask only whether it is night. */
import { DAYLIGHT_STEPS, type SurvivalTables } from '../../survival/tables.js';
import type { TickContext } from '../context.js';
import { type CellList, lightOf, MAX_LISTED, placeX, placeY, placeZ, TOO_MANY } from './level-index.js';

/** Light of noon, and what a roof leaves of it. */
export const FULL_LIGHT = 15;

/** Time of day of world w, 0..dayTicks-1; 0 is sunrise. Worlds without days stay at 0. */
export function timeOfDay(c: Pick<TickContext, 'state'>, s: SurvivalTables, w: number): number {
  return s.dayTicks === 0 ? 0 : (c.state.tick[w] + s.dayStartTick + c.state.skippedTicks[w]) % s.dayTicks;
}

/** Whether it is night in world w. */
export function isNight(c: TickContext, s: SurvivalTables, w: number): boolean {
  if (s.dayTicks === 0) return false;
  const time = timeOfDay(c, s, w);
  return time >= s.nightFrom && time < s.nightUntil;
}

/** Sky light of world w under the open sky, 0..15. dayTicks <= 2^20 keeps the product below 2^28. */
export function skyLight(c: TickContext, s: SurvivalTables, w: number): number {
  return s.dayTicks === 0 ? FULL_LIGHT : s.daylight[Math.trunc((timeOfDay(c, s, w) * DAYLIGHT_STEPS) / s.dayTicks)];
}

/** Light at cell (x, y, z), 0..15: the sky's where no opaque block is above, or a lamp's less its distance along the axes. Walls do not dim lamps. */
export function lightAt(c: TickContext, s: SurvivalTables, w: number, x: number, y: number, z: number): number {
  return lightUnder(c, s, w, x, y, z, skyLight(c, s, w));
}

/** As `lightAt`, for those who know the sky light of the world already. */
export function lightUnder(c: TickContext, s: SurvivalTables, w: number, x: number, y: number, z: number, skyNow: number): number {
  const { sizeX, sizeY, sizeZ } = c;
  if (x < 0 || z < 0 || x >= sizeX || z >= sizeZ || y >= sizeY) return skyNow;
  const { roof, lamps } = c.index!;
  const sky = y >= roof[(w * sizeZ + z) * sizeX + x] ? skyNow : 0;
  if (sky === FULL_LIGHT || c.brightest <= sky) return sky;
  return lamps.length[w] === TOO_MANY ? searchLamps(c, s, w, x, y, z, sky) : lampLight(lamps, w, x, y, z, sky);
}

/** The brightest lamp's light, or `least` where none outshines it. */
function lampLight({ places, length }: CellList, w: number, x: number, y: number, z: number, least: number): number {
  let best = least;
  for (let at = w * MAX_LISTED, end = at + length[w]; at < end; at++) {
    const lamp = places[at];
    const left = lightOf(lamp) - Math.abs(placeX(lamp) - x) - Math.abs(placeY(lamp) - y) - Math.abs(placeZ(lamp) - z);
    if (left > best) best = left;
  }
  return best;
}

/** The same by searching every cell from which a lamp could outshine `least`, where lamps are too many to list. */
function searchLamps(c: TickContext, s: SurvivalTables, w: number, x: number, y: number, z: number, least: number): number {
  const { state, sizeX, sizeY, sizeZ } = c;
  const base = w * state.cellsPerWorld;
  const range = c.brightest - least - 1;
  let best = least;
  for (let cy = Math.max(0, y - range); cy <= Math.min(sizeY - 1, y + range); cy++) {
    const restY = range - Math.abs(cy - y);
    for (let cz = Math.max(0, z - restY); cz <= Math.min(sizeZ - 1, z + restY); cz++) {
      const rest = restY - Math.abs(cz - z);
      const line = base + (cy * sizeZ + cz) * sizeX;
      for (let cx = Math.max(0, x - rest); cx <= Math.min(sizeX - 1, x + rest); cx++) {
        const light = s.light[state.voxels[line + cx]];
        if (light === 0) continue;
        const left = light - (range - rest) - Math.abs(cx - x);
        if (left > best) best = left;
      }
    }
  }
  return best;
}
