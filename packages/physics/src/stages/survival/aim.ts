/**
 * Whom an agent aims at: the nearest living other whose body the middle of the view passes within three quarters of a block of its centre,
 * within reach, with no block between. All in 1/64 block: components below 1024, so that products with Q14 stay below 2^26.
 */
import { AGENT_FLAG, cosQ14, raycastVoxels, sinQ14 } from '@kinovox/world';
import { EYE_Q16, EYE_SNEAKING_Q16, HEIGHT_Q16 } from '../../bodies/walker.js';
import type { SurvivalTables } from '../../survival/tables.js';
import { ALIVE, type TickContext } from '../context.js';
import { roundShift } from '../rounding.js';

/** Square of 48/64 block: farther from the middle of the view is a miss. */
const MISS_Q6 = 48 * 48;
/** Farthest component looked at, 1/64 block. */
const LONGEST_Q6 = 1024;

/** Slot that slot a of world w aims at, or -1. */
export function aimedAt(c: TickContext, s: SurvivalTables, w: number, a: number): number {
  const { state, numAgents } = c;
  const i = w * numAgents + a;
  const eye = state.posY[i] + ((state.flags[i] & AGENT_FLAG.sneaking) !== 0 ? EYE_SNEAKING_Q16 : EYE_Q16);
  const cosPitch = cosQ14(state.pitch[i]);
  const dirX = (0 - roundShift(Math.imul(sinQ14(state.yaw[i]), cosPitch), 14)) | 0;
  const dirZ = (0 - roundShift(Math.imul(cosQ14(state.yaw[i]), cosPitch), 14)) | 0;
  const dirY = sinQ14(state.pitch[i]);
  let best = -1;
  let bestSquare = 0;
  let bestAlong = 0;
  for (let b = 0; b < numAgents; b++) {
    const j = w * numAgents + b;
    if (b === a || (state.flags[j] & ALIVE) === 0) continue;
    const dx = roundShift(state.posX[j] - state.posX[i], 10);
    const dy = (state.posY[j] + (HEIGHT_Q16 >> 1) - eye) >> 10;
    const dz = roundShift(state.posZ[j] - state.posZ[i], 10);
    if (Math.abs(dx) > LONGEST_Q6 || Math.abs(dy) > LONGEST_Q6 || Math.abs(dz) > LONGEST_Q6) continue;
    const square = Math.imul(dx, dx) + Math.imul(dy, dy) + Math.imul(dz, dz);
    if (square > s.attackReachQ6 || (best >= 0 && square >= bestSquare)) continue;
    const along = (Math.imul(dx, dirX) + Math.imul(dy, dirY) + Math.imul(dz, dirZ)) >> 14;
    if (along <= 0 || square - Math.imul(along, along) > MISS_Q6) continue;
    best = b;
    bestSquare = square;
    bestAlong = along;
  }
  if (best < 0) return -1;
  // A block in the way counts up to the near side of the body.
  const rangeQ16 = Math.max(1, (bestAlong - 20) << 10);
  const offset = w * state.cellsPerWorld;
  const { targetable } = c.program.blocks;
  const blocked = raycastVoxels(
    targetable,
    state.voxels,
    offset,
    c.sizeX,
    c.sizeY,
    c.sizeZ,
    state.posX[i],
    eye,
    state.posZ[i],
    dirX,
    dirY,
    dirZ,
    rangeQ16,
    c.ray,
  );
  return blocked === 1 ? -1 : best;
}
