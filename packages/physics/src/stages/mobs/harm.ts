/**
 * What hurts mobs, and their death: the slot is empty at once, with every word of it back at its default, and what they drop lies in their cell.
 * Falls and lava cost what they cost agents. Kinds that burn lose life under the open sky by day. Mobs do not drown or starve.
 */
import { AGENT_FLAG, DAMAGE, EVENT, MAX_TRADES, MOB_MOOD, PURPOSE, randomBelow, randomU32 } from '@kinovox/world';
import { LAVA_DAMAGE, LAVA_DAMAGE_TICKS } from '../../bodies/walker.js';
import { BY_DAY, MOB_COLUMN, MOB_DROP_COLUMN, MOB_DROP_COLUMNS, type MobTables } from '../../survival/mob-tables.js';
import type { SurvivalTables } from '../../survival/tables.js';
import { ALIVE, type TickContext } from '../context.js';
import { pushEvent } from '../events.js';
import { endFall } from '../health.js';
import { cellAt } from '../solidity.js';
import { skyLight } from '../survival/daylight.js';
import { feetCell, layPile, SPILL_TICKS } from '../survival/piles.js';
import { DAY_LIGHT, isEnemy } from './notice.js';
import { kindRow, populationOf, slotOf, wordOfMob } from './population.js';

/** Daylight costs 2 half hearts a second. */
const BURN_DAMAGE = 2;
const BURN_TICKS = 20;

/** Falls, lava and daylight in world w. */
export function harm(c: TickContext, m: TickContext, s: SurvivalTables, t: MobTables, w: number): void {
  const { mobFlags, mobHealth, mobFallDistance, tick } = c.state;
  const inLavaTick = tick[w] % LAVA_DAMAGE_TICKS === 0;
  const inSunTick = tick[w] % BURN_TICKS === 0 && skyLight(c, s, w) >= DAY_LIGHT;
  for (let slot = 0, i = w * t.numMobs; slot < t.numMobs; slot++, i++) {
    const flags = mobFlags[i];
    if ((flags & ALIVE) === 0) continue;
    if ((flags & AGENT_FLAG.onGround) !== 0 && mobFallDistance[i] !== 0) {
      const damage = endFall(m, w, i);
      if (damage > 0) hurtMob(c, m, s, t, w, slot, damage, DAMAGE.fall, 0, 0);
    }
    if (inLavaTick && mobHealth[i] > 0 && (flags & AGENT_FLAG.inLava) !== 0) hurtMob(c, m, s, t, w, slot, LAVA_DAMAGE, DAMAGE.lava, 0, 0);
    if (inSunTick && mobHealth[i] > 0 && burns(c, s, t, w, slot, i)) hurtMob(c, m, s, t, w, slot, BURN_DAMAGE, DAMAGE.burning, 0, 0);
  }
}

/** Whether daylight falls on a mob that burns in it. Water keeps the fire off. */
function burns(c: TickContext, s: SurvivalTables, t: MobTables, w: number, slot: number, i: number): boolean {
  const { mobPosX, mobPosY, mobPosZ, mobFlags } = c.state;
  if (t.kinds[kindRow(t, slot) + MOB_COLUMN.byDay] !== BY_DAY.burn || (mobFlags[i] & AGENT_FLAG.inWater) !== 0) return false;
  for (let y = Math.max(0, mobPosY[i] >> 16); y < c.sizeY; y++) {
    const block = cellAt(c, w, mobPosX[i] >> 16, y, mobPosZ[i] >> 16);
    if (block >= 0 && s.opaque[block] === 1) return false;
  }
  return true;
}

/**
 * Takes half hearts from a living mob; at none left it dies.
 * @param event event id + 1 of what hurt it, 0 for none. @param by target word of who did it, 0 nobody.
 */
export function hurtMob(
  c: TickContext,
  m: TickContext,
  s: SurvivalTables,
  t: MobTables,
  w: number,
  slot: number,
  damage: number,
  reason: number,
  event: number,
  by: number,
): void {
  const { state } = c;
  const i = w * t.numMobs + slot;
  state.mobHealth[i] = Math.max(0, state.mobHealth[i] - damage);
  if (event !== 0) state.mobCause[i] = event;
  if (state.mobHealth[i] > 0) {
    if (by !== 0) react(c, m, t, slot, i, by);
    return;
  }
  const killer = by !== 0 && populationOf(c, m, by) === c ? slotOf(by) : -1;
  const slain = pushEvent(state, c.buffers, w, EVENT.slain, killer, slot, reason, state.mobCause[i]);
  dropLoot(c, m, s, t, w, slot, slain);
  clearMob(c, t, w, slot);
}

/** Who was hurt flees, if its kind does; a fighter turns on an enemy that hit it. */
function react(c: TickContext, m: TickContext, t: MobTables, slot: number, i: number, by: number): void {
  const { mobMood, mobMoodTicks, mobTarget } = c.state;
  const row = kindRow(t, slot);
  const fleeTicks = t.kinds[row + MOB_COLUMN.fleeTicks];
  if (fleeTicks > 0) {
    mobMood[i] = MOB_MOOD.flee;
    mobMoodTicks[i] = fleeTicks;
    mobTarget[i] = by;
  } else if (isEnemy(c, m, t, row, by)) {
    mobMood[i] = MOB_MOOD.chase;
    mobTarget[i] = by;
  }
}

/** What a mob leaves in its cell, drawn by tick and slot. */
function dropLoot(c: TickContext, m: TickContext, s: SurvivalTables, t: MobTables, w: number, slot: number, cause: number): void {
  const { seedLow, seedHigh, tick } = c.state;
  const row = kindRow(t, slot);
  const first = t.kinds[row + MOB_COLUMN.firstDrop];
  for (let d = 0; d < t.kinds[row + MOB_COLUMN.numDrops]; d++) {
    const at = (first + d) * MOB_DROP_COLUMNS;
    const draw = randomU32(seedLow[w], seedHigh[w], tick[w], slot, PURPOSE.mobDrops, 2 * d);
    if (draw >>> 16 >= t.drops[at + MOB_DROP_COLUMN.chanceQ16]) continue;
    const least = t.drops[at + MOB_DROP_COLUMN.least];
    const more = t.drops[at + MOB_DROP_COLUMN.most] - least + 1;
    const count = least + randomBelow(randomU32(seedLow[w], seedHigh[w], tick[w], slot, PURPOSE.mobDrops, 2 * d + 1), more);
    if (count === 0) continue;
    const item = t.drops[at + MOB_DROP_COLUMN.item];
    layPile(c, s, w, feetCell(m, w * t.numMobs + slot), item, count, 0, SPILL_TICKS, EVENT.mobDropped, -1, cause);
  }
}

/** Empties a slot: every word of it is at its default again, and nobody is after it any more. */
export function clearMob(c: TickContext, t: MobTables, w: number, slot: number): void {
  const { state } = c;
  const first = w * t.numMobs;
  const i = first + slot;
  state.mobPosX[i] = 0;
  state.mobPosY[i] = 0;
  state.mobPosZ[i] = 0;
  state.mobVelX[i] = 0;
  state.mobVelY[i] = 0;
  state.mobVelZ[i] = 0;
  state.mobYaw[i] = 0;
  state.mobFlags[i] = 0;
  state.mobHealth[i] = 0;
  state.mobFallDistance[i] = 0;
  state.mobJumpCooldown[i] = 0;
  state.mobMood[i] = MOB_MOOD.idle;
  state.mobMoodTicks[i] = 0;
  state.mobTarget[i] = 0;
  state.mobWanderYaw[i] = 0;
  state.mobAttackCooldown[i] = 0;
  state.mobHome[i] = 0;
  state.mobCause[i] = 0;
  state.mobTradesUsed.fill(0, i * MAX_TRADES, (i + 1) * MAX_TRADES);
  const target = wordOfMob(slot);
  for (let j = first; j < first + t.numMobs; j++) if (state.mobTarget[j] === target) state.mobTarget[j] = 0;
}
