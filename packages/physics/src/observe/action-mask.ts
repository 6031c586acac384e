/**
 * Which choices can do something now, per agent: for samplers and learners that would rather not try the rest.
 * A mask is of what the agent can begin in this tick; an aim may still miss, and a contest may be lost. Nothing here allocates.
 */
import { ACTION_SPEC, INTERACT, INVENTORY_SLOTS } from '@kinovox/world';
import { BODY_WORD, BODY_WORDS, type ScenarioProgram } from '../program.js';
import { ALIVE, type TickContext } from '../stages/context.js';
import { kindRow } from '../stages/mobs/population.js';
import { canTake } from '../stages/mobs/trade.js';
import { aimedAt } from '../stages/survival/aim.js';
import { mayAttack } from '../stages/survival/attack.js';
import { findCraftable } from '../stages/survival/craftable.js';
import { isNight } from '../stages/survival/daylight.js';
import { MOB_COLUMN, MOB_COLUMNS } from '../survival/mob-tables.js';
import type { SurvivalTables } from '../survival/tables.js';

/** Choices of the column `interact`, then those of the column `argument` from 0 (nothing) on: recipes, and offers of a trader aimed at. */
export const INTERACT_CHOICES = ACTION_SPEC.find((field) => field.name === 'interact')!.max + 1;

/** Words of one agent's mask. */
export function actionMaskSize(program: ScenarioProgram): number {
  const s = program.survival;
  return INTERACT_CHOICES + 1 + (s === undefined ? 0 : Math.max(s.numRecipes, mostOffers(s)));
}

/** Most offers of one kind of mob. */
function mostOffers(s: SurvivalTables): number {
  let most = 0;
  for (let at: number = MOB_COLUMN.numTrades; s.mobs !== undefined && at < s.mobs.kinds.length; at += MOB_COLUMNS)
    most = Math.max(most, s.mobs.kinds[at]);
  return most;
}

/** The mask of slot a of world w into `out` from `at` on, `size` words: 1 can do something, 0 cannot. `none` and argument 0 are always 1. */
export function actionMaskInto(out: Uint8Array, at: number, size: number, c: TickContext, w: number, a: number): void {
  const { state, program } = c;
  const s = program.survival;
  const i = w * c.numAgents + a;
  out.fill(0, at, at + size);
  out[at + INTERACT.none] = 1;
  out[at + INTERACT_CHOICES] = 1;
  if ((state.flags[i] & ALIVE) === 0) return;
  const held = i * INVENTORY_SLOTS + state.heldSlot[i];
  const holds = state.inventoryCount[held] > 0;
  const item = state.inventoryItem[held];
  const body = a * BODY_WORDS;
  out[at + INTERACT.dig] = program.bodies[body + BODY_WORD.canDig];
  out[at + INTERACT.place] = program.bodies[body + BODY_WORD.canPlace] === 1 && holds && program.placedByItem[item] > 0 ? 1 : 0;
  out[at + INTERACT.use] = program.bodies[body + BODY_WORD.canUse];
  if (program.carrying !== undefined && state.carriedProp[i] !== 0) {
    // Full hands put down or throw, and do nothing else.
    out[at + INTERACT.dig] = 0;
    out[at + INTERACT.place] = 0;
    out[at + INTERACT.attack] = 1;
    return;
  }
  if (s === undefined) return;
  const target = aimedAt(c, s, w, a);
  out[at + INTERACT.attack] = target >= 0 && state.attackCooldown[i] <= 1 && mayAttack(c, s, a, target) ? 1 : 0;
  out[at + INTERACT.eat] = holds && s.food[item] > 0 && state.food[i] < s.maxFood ? 1 : 0;
  out[at + INTERACT.drop] = holds ? 1 : 0;
  if (target >= c.numAgents && s.mobs !== undefined) {
    const slot = target - c.numAgents;
    const numTrades = s.mobs.kinds[kindRow(s.mobs, slot) + MOB_COLUMN.numTrades];
    for (let offer = 0; offer < numTrades; offer++) {
      if (!canTake(c, s.mobs, w, i, slot, offer)) continue;
      out[at + INTERACT_CHOICES + 1 + offer] = 1;
      out[at + INTERACT.give] = 1;
    }
  } else out[at + INTERACT.give] = holds && target >= 0 ? 1 : 0;
  out[at + INTERACT.sleep] = isNight(c, s, w) ? 1 : 0;
  const numFound = findCraftable(c, s, c.recipeIndex!, w, i);
  if (numFound > 0) out[at + INTERACT.craft] = 1;
  for (let k = 0; k < numFound; k++) out[at + INTERACT_CHOICES + 1 + c.recipeIndex!.found[k]] = 1;
}
