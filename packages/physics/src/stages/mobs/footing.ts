/** What lies a step ahead of a mob on its feet: free ground, a step to jump, a wall, water, or a fall or lava. */
import { HALF_WIDTH_Q16 } from '../../bodies/walker.js';
import type { TickContext } from '../context.js';
import { roundShift } from '../rounding.js';
import { blockAtPoint, boxSolid } from '../solidity.js';

export const AHEAD = { free: 0, step: 1, wall: 2, water: 3, danger: 4 } as const;

/** How far ahead of its centre a mob looks: 0.7 block, that is 0.4 from its front. */
const STEP_Q16 = 45875;
/** Falls of up to three blocks cost nothing. */
const SAFE_BLOCKS = 3;
const WATER = 1;
const LAVA = 2;

/** What is ahead of mob i of the population `m` along (dirX, dirZ), Q14: 45875 * 2^14 < 2^30. */
export function lookAhead(m: TickContext, w: number, i: number, dirX: number, dirZ: number): number {
  const { state } = m;
  const x = state.posX[i] + roundShift(Math.imul(STEP_Q16, dirX), 14);
  const z = state.posZ[i] + roundShift(Math.imul(STEP_Q16, dirZ), 14);
  const y = state.posY[i] >> 16;
  if (isSolid(m, w, x, y + 1, z)) return AHEAD.wall;
  if (isSolid(m, w, x, y, z)) return isSolid(m, w, x, y + 2, z) || isRoofed(m, w, i, y + 2) ? AHEAD.wall : AHEAD.step;
  for (let down = 0; down <= SAFE_BLOCKS + 1; down++) {
    if (isSolid(m, w, x, y - down, z)) return AHEAD.free;
    if (!m.hasLiquid) continue;
    const block = blockAtPoint(m, w, m.program.blocks.liquid, x, y - down, z);
    if (block < 0) continue;
    const liquid = m.program.blocks.liquid[block];
    if (liquid === LAVA) return AHEAD.danger;
    if (liquid === WATER) return AHEAD.water;
  }
  return AHEAD.danger;
}

/** Whether one of the cells that the point (x, z), Q16, touches in layer y is solid; a point on a boundary touches both sides. */
function isSolid(m: TickContext, w: number, x: number, y: number, z: number): boolean {
  return boxSolid(m, m.state.rows, w * m.state.rowsPerWorld, (x - 1) >> 16, x >> 16, y, y, (z - 1) >> 16, z >> 16);
}

/** Whether something above the body keeps it from jumping. */
function isRoofed(m: TickContext, w: number, i: number, y: number): boolean {
  const { posX, posZ, rows, rowsPerWorld } = m.state;
  const x0 = (posX[i] - HALF_WIDTH_Q16) >> 16;
  const x1 = (posX[i] + HALF_WIDTH_Q16 - 1) >> 16;
  const z0 = (posZ[i] - HALF_WIDTH_Q16) >> 16;
  const z1 = (posZ[i] + HALF_WIDTH_Q16 - 1) >> 16;
  return boxSolid(m, rows, w * rowsPerWorld, x0, x1, y, y, z0, z1);
}
