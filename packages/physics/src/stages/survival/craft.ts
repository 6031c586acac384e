/**
 * Crafting and smelting. The action is held until the work is done, like digging; inputs and fuel are taken at its end, so that nothing is lost
 * to an interruption. Fuel burns for the agent that lit it: what one piece leaves unused serves its next smelting, at any furnace.
 */
import { ACTION_WORD, ACTION_WORDS, EVENT, INVENTORY_SLOTS } from '@kinovox/world';
import { RECIPE_COLUMN, RECIPE_COLUMNS, STATION, type SurvivalTables } from '../../survival/tables.js';
import type { TickContext } from '../context.js';
import { pushEvent } from '../events.js';
import { receive } from './piles.js';
import { causeOf, consume, countOf } from './stacks.js';
import { stationsNear } from './stations.js';

/** Advances the work of slot a on the recipe that its action names. */
export function craft(c: TickContext, s: SurvivalTables, w: number, a: number): void {
  const { state } = c;
  const i = w * c.numAgents + a;
  const wanted = c.buffers.actionWords[i * ACTION_WORDS + ACTION_WORD.argument];
  if (wanted === 0 || wanted > s.numRecipes || !canCraft(c, s, w, i, wanted - 1)) {
    stopCraft(c, i);
    return;
  }
  if (state.craftRecipe[i] !== wanted) {
    state.craftRecipe[i] = wanted;
    state.craftProgress[i] = 0;
  }
  if (++state.craftProgress[i] < s.recipes[(wanted - 1) * RECIPE_COLUMNS + RECIPE_COLUMN.ticks]) return;
  stopCraft(c, i);
  finish(c, s, w, a, wanted - 1);
}

/** Forgets the work of agent i. */
export function stopCraft(c: TickContext, i: number): void {
  c.state.craftRecipe[i] = 0;
  c.state.craftProgress[i] = 0;
}

/** Whether agent i has the inputs, the fuel and the station of a recipe at hand. */
export function canCraft(c: TickContext, s: SurvivalTables, w: number, i: number, recipe: number): boolean {
  const station = s.recipes[recipe * RECIPE_COLUMNS + RECIPE_COLUMN.station];
  return hasInputs(c, s, i, recipe) && (station === STATION.none || ((stationsNear(c, s, w, i) >> station) & 1) === 1);
}

/** Whether agent i holds the inputs and the fuel of a recipe. */
function hasInputs(c: TickContext, s: SurvivalTables, i: number, recipe: number): boolean {
  const { recipes } = s;
  const row = recipe * RECIPE_COLUMNS;
  let fuelInInputs = 0;
  for (let k = 0, at = row + RECIPE_COLUMN.input0; k < recipes[row + RECIPE_COLUMN.numInputs]; k++, at += 2) {
    if (countOf(c, i, recipes[at]) < recipes[at + 1]) return false;
    fuelInInputs += s.fuelTicks[recipes[at]] * recipes[at + 1];
  }
  return recipes[row + RECIPE_COLUMN.fuel] === 0 || fuelOf(c, s, i) - fuelInInputs >= recipes[row + RECIPE_COLUMN.ticks];
}

/** Ticks of fire that agent i could make: 9 slots of 64 items, at most 2^16 ticks each, stay below 2^26. */
function fuelOf(c: TickContext, s: SurvivalTables, i: number): number {
  const { state } = c;
  let ticks = state.burnTicks[i];
  for (let at = i * INVENTORY_SLOTS; at < (i + 1) * INVENTORY_SLOTS; at++)
    ticks += Math.imul(s.fuelTicks[state.inventoryItem[at]], state.inventoryCount[at]);
  return ticks;
}

function finish(c: TickContext, s: SurvivalTables, w: number, a: number, recipe: number): void {
  const { state, buffers } = c;
  const { recipes } = s;
  const i = w * c.numAgents + a;
  const row = recipe * RECIPE_COLUMNS;
  const output = recipes[row + RECIPE_COLUMN.output];
  const count = recipes[row + RECIPE_COLUMN.outputCount];
  const kind = recipes[row + RECIPE_COLUMN.station] === STATION.furnace ? EVENT.smelted : EVENT.crafted;
  const made = pushEvent(state, buffers, w, kind, a, output, count, causeOf(c, i, recipes[row + RECIPE_COLUMN.input0]));
  for (let k = 0, at = row + RECIPE_COLUMN.input0; k < recipes[row + RECIPE_COLUMN.numInputs]; k++, at += 2)
    consume(c, w, a, recipes[at], recipes[at + 1], made);
  if (recipes[row + RECIPE_COLUMN.fuel] === 1) burn(c, s, w, a, recipes[row + RECIPE_COLUMN.ticks], made);
  receive(c, s, w, a, output, count, 0, made);
}

/** Burns `ticks` of fire, lighting fuel from the first slots on as it is needed. */
function burn(c: TickContext, s: SurvivalTables, w: number, a: number, ticks: number, cause: number): void {
  const { state } = c;
  const i = w * c.numAgents + a;
  for (let at = i * INVENTORY_SLOTS; at < (i + 1) * INVENTORY_SLOTS && state.burnTicks[i] < ticks; at++) {
    while (state.burnTicks[i] < ticks && state.inventoryCount[at] > 0 && s.fuelTicks[state.inventoryItem[at]] > 0) {
      const item = state.inventoryItem[at];
      state.burnTicks[i] += s.fuelTicks[item];
      consume(c, w, a, item, 1, cause);
    }
  }
  state.burnTicks[i] -= ticks;
}
