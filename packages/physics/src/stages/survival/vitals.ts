/** Hunger, healing, starving and breath (Minecraft Wiki, "Hunger", "Drowning"): every period and amount is the scenario's. */
import { AGENT_FLAG, DAMAGE } from '@kinovox/world';
import { EYE_Q16, EYE_SNEAKING_Q16 } from '../../bodies/walker.js';
import type { SurvivalTables } from '../../survival/tables.js';
import { ALIVE, type TickContext } from '../context.js';
import { hurt } from '../health.js';
import { cellAt } from '../solidity.js';
import { MAX_HEALTH } from './respawn.js';

/** Ticks of breath regained per tick with the head above water (Minecraft Wiki, "Drowning"). */
export const BREATH_REGAINED = 4;
const WATER = 1;

/** Vitals of all living agents of world w. */
export function live(c: TickContext, s: SurvivalTables, w: number): void {
  const { state, numAgents } = c;
  for (let a = 0, i = w * numAgents; a < numAgents; a++, i++) {
    if ((state.flags[i] & ALIVE) === 0) continue;
    hunger(c, s, w, a, i);
    if ((state.flags[i] & ALIVE) !== 0 && s.breathTicks > 0) breathe(c, s, w, a, i);
  }
}

function hunger(c: TickContext, s: SurvivalTables, w: number, a: number, i: number): void {
  const { state } = c;
  if (s.hungerTicks > 0 && ++state.foodTimer[i] >= s.hungerTicks) {
    state.foodTimer[i] = 0;
    if (state.food[i] > 0) state.food[i]--;
  }
  if (state.food[i] === 0 && s.starveTicks > 0) {
    if (++state.healTimer[i] < s.starveTicks) return;
    state.healTimer[i] = 0;
    hurt(c, w, a, i, s.starveDamage, DAMAGE.starving, 0);
  } else if (s.regenTicks > 0 && state.food[i] >= s.regenFood && state.health[i] < MAX_HEALTH) {
    if (++state.healTimer[i] < s.regenTicks) return;
    state.healTimer[i] = 0;
    state.health[i]++;
  } else state.healTimer[i] = 0;
}

function breathe(c: TickContext, s: SurvivalTables, w: number, a: number, i: number): void {
  const { state } = c;
  const eye = state.posY[i] + ((state.flags[i] & AGENT_FLAG.sneaking) !== 0 ? EYE_SNEAKING_Q16 : EYE_Q16);
  const block = c.hasLiquid ? cellAt(c, w, state.posX[i] >> 16, eye >> 16, state.posZ[i] >> 16) : -1;
  if (block < 0 || c.program.blocks.liquid[block] !== WATER) {
    state.breath[i] = Math.min(s.breathTicks, Math.max(0, state.breath[i]) + BREATH_REGAINED);
    return;
  }
  if (--state.breath[i] > -s.drownTicks) return;
  state.breath[i] = 0;
  hurt(c, w, a, i, s.drownDamage, DAMAGE.drowning, 0);
}
