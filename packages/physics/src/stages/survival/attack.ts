/** Attacks between agents: damage by the held item, a cooldown, knockback away from the attacker (Minecraft Wiki, "Attacking"). */
import { AGENT_FLAG, DAMAGE, EVENT, isqrt, MAX_VELOCITY_Q16 } from '@kinovox/world';
import { BODY_WORD, BODY_WORDS } from '../../program.js';
import type { SurvivalTables } from '../../survival/tables.js';
import { ALIVE, type TickContext } from '../context.js';
import { pushEvent } from '../events.js';
import { hurtBy } from '../health.js';
import { clampTo, roundShift } from '../rounding.js';
import { heldItem, wearHeld } from './stacks.js';

/** Whether slot a may hit slot b: attacks are on, and they are not of one team unless friendly fire is on. */
export function mayAttack(c: TickContext, s: SurvivalTables, a: number, b: number): boolean {
  const { bodies } = c.program;
  const sameTeam = bodies[a * BODY_WORDS + BODY_WORD.team] === bodies[b * BODY_WORDS + BODY_WORD.team];
  return s.attack === 1 && (s.friendlyFire === 1 || !sameTeam);
}

/** Slot a hits slot b, which both were alive and aimed at when the stage began; one that died in this stage is not hit again. */
export function attack(c: TickContext, s: SurvivalTables, w: number, a: number, b: number): void {
  const { state } = c;
  const i = w * c.numAgents + a;
  const j = w * c.numAgents + b;
  const item = heldItem(c, i);
  state.attackCooldown[i] = s.attackTicks[item];
  if ((state.flags[j] & ALIVE) === 0) return;
  const damage = s.damage[item];
  const hit = pushEvent(state, c.buffers, w, EVENT.attacked, a, b, damage, 0);
  knock(c, s, i, j);
  hurtBy(c, w, b, j, damage, DAMAGE.attack, hit, a + 1);
  wearHeld(c, s, w, a, true, hit);
}

/** Halves the velocity of agent j and adds the knock along the line from agent i: |knock * d| <= 2^18 * 2^10. */
function knock(c: TickContext, s: SurvivalTables, i: number, j: number): void {
  const { state } = c;
  const dx = clampTo(roundShift(state.posX[j] - state.posX[i], 10), 512);
  const dz = clampTo(roundShift(state.posZ[j] - state.posZ[i], 10), 512);
  const length = isqrt(Math.imul(dx, dx) + Math.imul(dz, dz));
  const kx = length === 0 ? 0 : Math.trunc(Math.imul(s.knockbackQ16, dx) / length);
  const kz = length === 0 ? 0 : Math.trunc(Math.imul(s.knockbackQ16, dz) / length);
  state.velX[j] = clampTo(Math.trunc(state.velX[j] / 2) + kx, MAX_VELOCITY_Q16);
  state.velZ[j] = clampTo(Math.trunc(state.velZ[j] / 2) + kz, MAX_VELOCITY_Q16);
  if ((state.flags[j] & AGENT_FLAG.onGround) !== 0) state.velY[j] = s.knockbackUpQ16;
}
