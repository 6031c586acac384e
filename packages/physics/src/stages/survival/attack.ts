/** Attacks by agents, on agents and mobs: damage by the held item, a cooldown, knockback away from the attacker (Minecraft Wiki, "Attacking"). */
import { DAMAGE, EVENT } from '@kinovox/world';
import { BODY_WORD, BODY_WORDS } from '../../program.js';
import type { MobTables } from '../../survival/mob-tables.js';
import type { SurvivalTables } from '../../survival/tables.js';
import { ALIVE, type TickContext } from '../context.js';
import { pushEvent } from '../events.js';
import { hurtBy } from '../health.js';
import { hurtMob } from '../mobs/harm.js';
import { wordOfAgent } from '../mobs/population.js';
import { knock } from './knock.js';
import { heldItem, wearHeld } from './stacks.js';

/** Whether slot a may hit what `aimedAt` named b: any mob, and agents where attacks are on, of another team unless friendly fire is on. */
export function mayAttack(c: TickContext, s: SurvivalTables, a: number, b: number): boolean {
  if (b >= c.numAgents) return true;
  const { bodies } = c.program;
  const sameTeam = bodies[a * BODY_WORDS + BODY_WORD.team] === bodies[b * BODY_WORDS + BODY_WORD.team];
  return s.attack === 1 && (s.friendlyFire === 1 || !sameTeam);
}

/** Slot a hits what it aimed at when the stage began; a body that died in this stage is not hit again. */
export function attack(c: TickContext, s: SurvivalTables, w: number, a: number, b: number): void {
  const { state } = c;
  const i = w * c.numAgents + a;
  if (b >= c.numAgents) {
    if (c.mobs !== undefined && s.mobs !== undefined) attackMob(c, c.mobs, s, s.mobs, w, a, b - c.numAgents);
    return;
  }
  const j = w * c.numAgents + b;
  const item = heldItem(c, i);
  state.attackCooldown[i] = s.attackTicks[item];
  if ((state.flags[j] & ALIVE) === 0) return;
  const damage = s.damage[item];
  const hit = pushEvent(state, c.buffers, w, EVENT.attacked, a, b, damage, 0);
  knock(s, c, i, c, j);
  hurtBy(c, w, b, j, damage, DAMAGE.attack, hit, a + 1);
  wearHeld(c, s, w, a, true, hit);
}

function attackMob(c: TickContext, m: TickContext, s: SurvivalTables, t: MobTables, w: number, a: number, slot: number): void {
  const { state } = c;
  const i = w * c.numAgents + a;
  const j = w * t.numMobs + slot;
  const item = heldItem(c, i);
  state.attackCooldown[i] = s.attackTicks[item];
  if ((state.mobFlags[j] & ALIVE) === 0) return;
  const damage = s.damage[item];
  const hit = pushEvent(state, c.buffers, w, EVENT.struck, a, slot, damage, 0);
  knock(s, c, i, m, j);
  hurtMob(c, m, s, t, w, slot, damage, DAMAGE.attack, hit, wordOfAgent(a));
  wearHeld(c, s, w, a, true, hit);
}
