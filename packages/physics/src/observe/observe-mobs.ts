/** Observations of mobs: what lives near an agent. */
import { MOB_MOOD, TICKS_PER_SECOND } from '@kinovox/world';
import { ALIVE, type TickContext } from '../stages/context.js';
import { squareBetween } from '../stages/mobs/distance.js';
import { kindRow, wordOfAgent } from '../stages/mobs/population.js';
import { MOB_COLUMN, type MobTables } from '../survival/mob-tables.js';
import { MOB_FIELDS } from './observation.js';

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
