/**
 * Whom an agent aims at: the nearest living other, agent or mob, whose feet, centre or head the middle of the view passes within 0.6 blocks,
 * its centre within reach, with no block between. All in 1/64 block: components below 1024, so that products with Q14 stay below 2^26.
 */
import { AGENT_FLAG, cosQ14, raycastVoxels, sinQ14 } from '@kinovox/world';
import { EYE_Q16, EYE_SNEAKING_Q16, HEIGHT_Q16 } from '../../bodies/walker.js';
import type { SurvivalTables } from '../../survival/tables.js';
import { ALIVE, type TickContext } from '../context.js';
import { roundShift } from '../rounding.js';

/** Parts of a body that can be aimed at, from its centre, 1/64 block: 0.3, 0.9 and 1.5 blocks above the feet. */
const PARTS_Q6 = [0, 38, -38] as const;
/** Square of 38/64 block: a view that passes all parts farther off is a miss. */
const MISS_Q6 = 38 * 38;
/** Farthest component looked at, 1/64 block. */
const LONGEST_Q6 = 1024;

/** Slot that slot a of world w aims at, A + mob slot for a mob, or -1. */
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
  const numBodies = numAgents + (c.mobs?.numAgents ?? 0);
  for (let b = 0; b < numBodies; b++) {
    const others = b < numAgents || c.mobs === undefined ? c : c.mobs;
    const { posX, posY, posZ, flags } = others.state;
    const j = others === c ? w * numAgents + b : w * others.numAgents + b - numAgents;
    if (b === a || (flags[j] & ALIVE) === 0) continue;
    const dx = roundShift(posX[j] - state.posX[i], 10);
    const dy = (posY[j] + (HEIGHT_Q16 >> 1) - eye) >> 10;
    const dz = roundShift(posZ[j] - state.posZ[i], 10);
    if (Math.abs(dx) > LONGEST_Q6 || Math.abs(dy) > LONGEST_Q6 || Math.abs(dz) > LONGEST_Q6) continue;
    const square = Math.imul(dx, dx) + Math.imul(dy, dy) + Math.imul(dz, dz);
    if (square > s.attackReachQ6 || (best >= 0 && square >= bestSquare)) continue;
    let along = 0;
    for (let part = 0; part < PARTS_Q6.length; part++) {
      const partY = dy + PARTS_Q6[part];
      const partAlong = (Math.imul(dx, dirX) + Math.imul(partY, dirY) + Math.imul(dz, dirZ)) >> 14;
      const partSquare = Math.imul(dx, dx) + Math.imul(partY, partY) + Math.imul(dz, dz);
      if (partAlong > along && partSquare - Math.imul(partAlong, partAlong) <= MISS_Q6) along = partAlong;
    }
    if (along === 0) continue;
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
