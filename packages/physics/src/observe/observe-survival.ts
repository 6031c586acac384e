/** Observations of survival: how an agent fares, what the hour is, and what it could make now. */
import { AGENT_FLAG, cosQ14, sinQ14 } from '@kinovox/world';
import { EYE_Q16, EYE_SNEAKING_Q16 } from '../bodies/walker.js';
import { ALIVE, type TickContext } from '../stages/context.js';
import { findCraftable } from '../stages/survival/craftable.js';
import { FULL_LIGHT, isNight, lightUnder, skyLight, timeOfDay } from '../stages/survival/daylight.js';
import { RECIPE_COLUMN, RECIPE_COLUMNS } from '../survival/tables.js';
import { VITAL_FIELDS } from './observation.js';

const UNIT_Q14 = 1 / 16384;

/** `part / whole` of a turn as an i32 angle, rounded down; 0 <= part < whole <= 2^20, so the one f64 division is exact enough. */
export function turnShare(part: number, whole: number): number {
  return Math.floor((part * 4294967296) / whole) | 0;
}

/** The group `vitals` of worlds [w0, w1). */
export function observeVitals(c: TickContext, w0: number, w1: number, out: Float32Array, offset: number): void {
  const { state, numAgents, acted } = c;
  const { size } = c.observations;
  const s = c.program.survival;
  if (s === undefined) return;
  for (let w = w0; w < w1; w++) {
    const angle = s.dayTicks === 0 ? 1 << 30 : turnShare(timeOfDay(c, s, w), s.dayTicks);
    const sinTime = sinQ14(angle) * UNIT_Q14;
    const cosTime = cosQ14(angle) * UNIT_Q14;
    const sky = skyLight(c, s, w);
    const night = isNight(c, s, w) ? 1 : 0;
    for (let i = w * numAgents; i < (w + 1) * numAgents; i++) {
      const at = i * size + offset;
      if (((state.flags[i] | acted[i]) & ALIVE) === 0) {
        for (let k = 0; k < VITAL_FIELDS.length; k++) out[at + k] = 0;
        continue;
      }
      const eye = state.posY[i] + ((state.flags[i] & AGENT_FLAG.sneaking) !== 0 ? EYE_SNEAKING_Q16 : EYE_Q16);
      const recipe = state.craftRecipe[i];
      out[at] = s.maxFood === 0 ? 0 : state.food[i] / s.maxFood;
      out[at + 1] = s.breathTicks === 0 ? 1 : state.breath[i] > 0 ? state.breath[i] / s.breathTicks : 0;
      out[at + 2] = lightUnder(c, s, w, state.posX[i] >> 16, eye >> 16, state.posZ[i] >> 16, sky) / FULL_LIGHT;
      out[at + 3] = sinTime;
      out[at + 4] = cosTime;
      out[at + 5] = state.attackCooldown[i];
      out[at + 6] = recipe === 0 ? 0 : state.craftProgress[i] / s.recipes[(recipe - 1) * RECIPE_COLUMNS + RECIPE_COLUMN.ticks];
      out[at + 7] = state.sleeping[i] > 0 ? 1 : 0;
      out[at + 8] = night;
    }
  }
}

/** The group `craftable` of worlds [w0, w1): 1 for each recipe whose inputs, fuel and station the agent has at hand. */
export function observeCraftable(c: TickContext, w0: number, w1: number, out: Float32Array, offset: number): void {
  const { state, numAgents } = c;
  const { size } = c.observations;
  const { recipeIndex } = c;
  const s = c.program.survival;
  if (s === undefined || recipeIndex === undefined) return;
  for (let w = w0; w < w1; w++) {
    for (let i = w * numAgents; i < (w + 1) * numAgents; i++) {
      const at = i * size + offset;
      out.fill(0, at, at + s.numRecipes);
      if ((state.flags[i] & ALIVE) === 0) continue;
      const numFound = findCraftable(c, s, recipeIndex, w, i);
      for (let k = 0; k < numFound; k++) out[at + recipeIndex.found[k]] = 1;
    }
  }
}
