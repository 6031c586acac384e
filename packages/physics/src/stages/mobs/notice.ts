/**
 * Moods and targets of mobs, from bodies as they stand at the start of the stage. A mood is one of:
 *   idle    stands for a while, then wanders;
 *   wander  walks along a drawn heading for a while, then stands;
 *   flee    runs from who hurt it, for `fleeTicks`;
 *   chase   goes after an enemy that it saw, while that is within sight (guards: within their ground), hidden or not;
 *   hide    by day, for kinds that do: runs from agents near it;
 *   return  guards and traders too far from home walk back.
 * An enemy is noticed in a line of sight only; whoever is nearest, ties to the least (slot - tick) mod A.
 */
import { MOB_MOOD, PURPOSE, randomBelow, randomU32 } from '@kinovox/world';
import { BODY_WORD, BODY_WORDS } from '../../program.js';
import { BY_DAY, MOB_BEHAVIOUR, MOB_COLUMN, MOB_ENEMY, type MobTables } from '../../survival/mob-tables.js';
import type { SurvivalTables } from '../../survival/tables.js';
import { ALIVE, type TickContext } from '../context.js';
import { skyLight } from '../survival/daylight.js';
import { isLineFree, squareBetween, squareFromCell } from './distance.js';
import { kindRow, populationOf, slotOf, wordOfAgent, wordOfMob } from './population.js';

/** Sky light from which on it is day to mobs. */
export const DAY_LIGHT = 12;
/** A mob looks for enemies every fourth tick, each slot in its own. */
const LOOK_TICKS = 4;
/** Agents within 6 blocks frighten a mob that hides by day: square of 1/64 block. */
const HIDE_Q6 = 384 * 384;
/** How far guards and traders wander from home, and when they are back: squares of 1/64 block. */
const HOME_RANGE_Q6 = 256 * 256;
const HOME_Q6 = 64 * 64;
/** Ticks that a mob stands still, and wanders: the least, and how many more are drawn. */
const IDLE_TICKS = 20;
const IDLE_DRAWN = 80;
const WANDER_TICKS = 20;
const WANDER_DRAWN = 60;

/** What the mobs of world w are about in this tick. */
export function notice(c: TickContext, m: TickContext, s: SurvivalTables, t: MobTables, w: number): void {
  const { mobFlags, mobAttackCooldown, mobMoodTicks } = c.state;
  const day = skyLight(c, s, w) >= DAY_LIGHT;
  for (let slot = 0, i = w * t.numMobs; slot < t.numMobs; slot++, i++) {
    if ((mobFlags[i] & ALIVE) === 0) continue;
    if (mobAttackCooldown[i] > 0) mobAttackCooldown[i]--;
    if (mobMoodTicks[i] > 0) mobMoodTicks[i]--;
    decide(c, m, s, t, w, slot, day);
  }
}

function decide(c: TickContext, m: TickContext, s: SurvivalTables, t: MobTables, w: number, slot: number, day: boolean): void {
  const { mobMood, mobMoodTicks, mobTarget } = c.state;
  const i = w * t.numMobs + slot;
  const row = kindRow(t, slot);
  if (mobMood[i] === MOB_MOOD.flee) {
    if (mobTarget[i] !== 0 && !isLiving(c, m, w, mobTarget[i])) mobTarget[i] = 0;
    if (mobMoodTicks[i] > 0) return;
    calm(c, i);
  }
  const behaviour = t.kinds[row + MOB_COLUMN.behaviour];
  if (behaviour === MOB_BEHAVIOUR.hostile || behaviour === MOB_BEHAVIOUR.guard) {
    const hides = day && t.kinds[row + MOB_COLUMN.byDay] === BY_DAY.hide;
    const target = hides ? nearestAgent(c, m, t, w, i, row) : enemyOf(c, m, s, t, w, slot, i, row);
    if (target !== 0) {
      mobTarget[i] = target;
      mobMood[i] = hides ? MOB_MOOD.hide : MOB_MOOD.chase;
      return;
    }
    if (mobMood[i] === MOB_MOOD.chase || mobMood[i] === MOB_MOOD.hide) calm(c, i);
  }
  stroll(c, m, t, w, slot, i, behaviour === MOB_BEHAVIOUR.guard || behaviour === MOB_BEHAVIOUR.trader);
}

/** The target of a mob that fights: the one it has while that is good, or every few ticks a new one; 0 nobody. */
function enemyOf(c: TickContext, m: TickContext, s: SurvivalTables, t: MobTables, w: number, slot: number, i: number, row: number): number {
  const { state } = c;
  const kept = state.mobMood[i] === MOB_MOOD.chase ? state.mobTarget[i] : 0;
  if (kept !== 0 && isLiving(c, m, w, kept)) {
    const body = populationOf(c, m, kept);
    const j = w * body.numAgents + slotOf(kept);
    if (squareBetween(m, i, body, j) <= t.kinds[row + MOB_COLUMN.sightQ6] && isOnGround(c, t, body, i, j, row)) return kept;
  }
  if ((state.tick[w] + slot) % LOOK_TICKS !== 0) return 0;
  const enemies = t.kinds[row + MOB_COLUMN.enemies];
  let best = 0;
  let bestSquare = t.kinds[row + MOB_COLUMN.sightQ6] + 1;
  if ((enemies & MOB_ENEMY.agents) !== 0) {
    const first = state.tick[w] % c.numAgents;
    for (let k = 0; k < c.numAgents; k++) {
      const a = first + k < c.numAgents ? first + k : first + k - c.numAgents;
      const j = w * c.numAgents + a;
      if ((state.flags[j] & ALIVE) === 0 || !isEnemy(c, m, t, row, wordOfAgent(a))) continue;
      const square = squareBetween(m, i, c, j);
      if (square >= bestSquare || !isOnGround(c, t, c, i, j, row) || !isLineFree(s.opaque, c, w, m, i, c, j)) continue;
      best = wordOfAgent(a);
      bestSquare = square;
    }
  }
  if ((enemies & MOB_ENEMY.hostileMobs) !== 0) {
    const first = state.tick[w] % t.numMobs;
    for (let k = 0; k < t.numMobs; k++) {
      const b = first + k < t.numMobs ? first + k : first + k - t.numMobs;
      const j = w * t.numMobs + b;
      if (b === slot || (state.mobFlags[j] & ALIVE) === 0 || !isEnemy(c, m, t, row, wordOfMob(b))) continue;
      const square = squareBetween(m, i, m, j);
      if (square >= bestSquare || !isOnGround(c, t, m, i, j, row) || !isLineFree(s.opaque, c, w, m, i, m, j)) continue;
      best = wordOfMob(b);
      bestSquare = square;
    }
  }
  return best;
}

/** Whether body j stands where mob i goes after it: anywhere, or on the ground that a guard keeps. */
function isOnGround(c: TickContext, t: MobTables, body: TickContext, i: number, j: number, row: number): boolean {
  if (t.kinds[row + MOB_COLUMN.behaviour] !== MOB_BEHAVIOUR.guard) return true;
  return squareFromCell(body, j, c.state.mobHome[i] - 1) <= t.kinds[row + MOB_COLUMN.guardQ6];
}

/** The nearest agent that frightens mob i by day, as a target word; 0 none. */
function nearestAgent(c: TickContext, m: TickContext, t: MobTables, w: number, i: number, row: number): number {
  const { state, numAgents } = c;
  const first = state.tick[w] % numAgents;
  let best = 0;
  let bestSquare = HIDE_Q6 + 1;
  for (let k = 0; k < numAgents; k++) {
    const a = first + k < numAgents ? first + k : first + k - numAgents;
    const j = w * numAgents + a;
    if ((state.flags[j] & ALIVE) === 0 || isFriend(c, t, row, a)) continue;
    const square = squareBetween(m, i, c, j);
    if (square >= bestSquare) continue;
    best = wordOfAgent(a);
    bestSquare = square;
  }
  return best;
}

/** Whether mobs of a kind attack whom a target word names: by the kind's enemies, and never its friends. */
export function isEnemy(c: TickContext, m: TickContext, t: MobTables, row: number, target: number): boolean {
  const behaviour = t.kinds[row + MOB_COLUMN.behaviour];
  const enemies = t.kinds[row + MOB_COLUMN.enemies];
  if (behaviour !== MOB_BEHAVIOUR.hostile && behaviour !== MOB_BEHAVIOUR.guard) return false;
  const slot = slotOf(target);
  if (populationOf(c, m, target) === c) return (enemies & MOB_ENEMY.agents) !== 0 && !isFriend(c, t, row, slot);
  return (enemies & MOB_ENEMY.hostileMobs) !== 0 && t.kinds[kindRow(t, slot) + MOB_COLUMN.behaviour] === MOB_BEHAVIOUR.hostile;
}

function isFriend(c: TickContext, t: MobTables, row: number, a: number): boolean {
  return c.program.bodies[a * BODY_WORDS + BODY_WORD.team] === t.kinds[row + MOB_COLUMN.friendTeam];
}

function isLiving(c: TickContext, m: TickContext, w: number, target: number): boolean {
  const body = populationOf(c, m, target);
  return (body.state.flags[w * body.numAgents + slotOf(target)] & ALIVE) !== 0;
}

/** Mob i has nobody in mind any more and stands for a moment. */
function calm(c: TickContext, i: number): void {
  c.state.mobMood[i] = MOB_MOOD.idle;
  c.state.mobMoodTicks[i] = IDLE_TICKS;
  c.state.mobTarget[i] = 0;
}

/** Standing and wandering in turn; who has a home goes back when it is too far. */
function stroll(c: TickContext, m: TickContext, t: MobTables, w: number, slot: number, i: number, hasHome: boolean): void {
  const { state } = c;
  if (hasHome) {
    const away = squareFromCell(m, i, state.mobHome[i] - 1);
    if (state.mobMood[i] === MOB_MOOD.return) {
      if (away > HOME_Q6) return;
      calm(c, i);
    } else if (away > HOME_RANGE_Q6) {
      state.mobMood[i] = MOB_MOOD.return;
      state.mobMoodTicks[i] = 0;
      return;
    }
  }
  if (state.mobMoodTicks[i] > 0) return;
  const length = randomU32(state.seedLow[w], state.seedHigh[w], state.tick[w], slot, PURPOSE.mobs, 1);
  if (state.mobMood[i] === MOB_MOOD.idle && t.kinds[kindRow(t, slot) + MOB_COLUMN.wanderQ12] > 0) {
    state.mobMood[i] = MOB_MOOD.wander;
    state.mobWanderYaw[i] = randomU32(state.seedLow[w], state.seedHigh[w], state.tick[w], slot, PURPOSE.mobs, 0) | 0;
    state.mobMoodTicks[i] = WANDER_TICKS + randomBelow(length, WANDER_DRAWN);
  } else {
    state.mobMood[i] = MOB_MOOD.idle;
    state.mobMoodTicks[i] = IDLE_TICKS + randomBelow(length, IDLE_DRAWN);
  }
}
