/** Knockback: who is hit loses half of its velocity and is thrown away from the attacker. */
import { AGENT_FLAG, isqrt, MAX_VELOCITY_Q16 } from '@kinovox/world';
import type { SurvivalTables } from '../../survival/tables.js';
import type { TickContext } from '../context.js';
import { clampTo, roundShift } from '../rounding.js';

/** Body j of population `to` is hit by body i of population `from`, agents or mobs: |knock * d| <= 2^18 * 2^10. */
export function knock(s: SurvivalTables, from: TickContext, i: number, to: TickContext, j: number): void {
  const { posX, posZ, velX, velY, velZ, flags } = to.state;
  const dx = clampTo(roundShift(posX[j] - from.state.posX[i], 10), 512);
  const dz = clampTo(roundShift(posZ[j] - from.state.posZ[i], 10), 512);
  const length = isqrt(Math.imul(dx, dx) + Math.imul(dz, dz));
  const kx = length === 0 ? 0 : Math.trunc(Math.imul(s.knockbackQ16, dx) / length);
  const kz = length === 0 ? 0 : Math.trunc(Math.imul(s.knockbackQ16, dz) / length);
  velX[j] = clampTo(Math.trunc(velX[j] / 2) + kx, MAX_VELOCITY_Q16);
  velZ[j] = clampTo(Math.trunc(velZ[j] / 2) + kz, MAX_VELOCITY_Q16);
  if ((flags[j] & AGENT_FLAG.onGround) !== 0) velY[j] = s.knockbackUpQ16;
}
