/**
 * Attacks by mobs: a mob that chases hits its target within reach, with no block between their eyes, as often as its cooldown allows.
 * They strike in the order of the contest rule, from slot (tick mod M) on; who dies in it strikes no more and is not struck again.
 */
import { DAMAGE, EVENT, MOB_MOOD } from '@kinovox/world';
import { MOB_COLUMN, type MobTables } from '../../survival/mob-tables.js';
import type { SurvivalTables } from '../../survival/tables.js';
import { ALIVE, type TickContext } from '../context.js';
import { pushEvent } from '../events.js';
import { hurtBy } from '../health.js';
import { knock } from '../survival/knock.js';
import { isLineFree, squareBetween } from './distance.js';
import { hurtMob } from './harm.js';
import { kindRow, populationOf, slotOf, wordOfMob } from './population.js';

/** Attacks in world w. */
export function strike(c: TickContext, m: TickContext, s: SurvivalTables, t: MobTables, w: number): void {
  const { mobFlags, mobMood } = c.state;
  const first = c.state.tick[w] % t.numMobs;
  for (let k = 0; k < t.numMobs; k++) {
    const slot = first + k < t.numMobs ? first + k : first + k - t.numMobs;
    const i = w * t.numMobs + slot;
    if ((mobFlags[i] & ALIVE) !== 0 && mobMood[i] === MOB_MOOD.chase) strikeTarget(c, m, s, t, w, slot, i);
  }
}

function strikeTarget(c: TickContext, m: TickContext, s: SurvivalTables, t: MobTables, w: number, slot: number, i: number): void {
  const { state, buffers } = c;
  const row = kindRow(t, slot);
  const damage = t.kinds[row + MOB_COLUMN.damage];
  const target = state.mobTarget[i];
  if (damage === 0 || target === 0 || state.mobAttackCooldown[i] > 0) return;
  const body = populationOf(c, m, target);
  const victim = slotOf(target);
  const j = w * body.numAgents + victim;
  if ((body.state.flags[j] & ALIVE) === 0 || squareBetween(m, i, body, j) > t.kinds[row + MOB_COLUMN.reachQ6]) return;
  if (!isLineFree(c.program.blocks.targetable, c, w, m, i, body, j)) return;
  state.mobAttackCooldown[i] = t.kinds[row + MOB_COLUMN.attackTicks];
  knock(s, m, i, body, j);
  if (body === c) {
    const hit = pushEvent(state, buffers, w, EVENT.mobAttacked, victim, slot, damage, 0);
    hurtBy(c, w, victim, j, damage, DAMAGE.mob, hit, 0);
  } else hurtMob(c, m, s, t, w, victim, damage, DAMAGE.mob, 0, wordOfMob(slot));
}
