/**
 * All recipes that an agent can make now. Each recipe waits at one of its inputs, the one that the fewest recipes share, so that only recipes
 * whose rarest input is held are looked at; and they are looked at anew only when what the agent holds is not what it held when they last were.
 */
import { INVENTORY_SLOTS } from '@kinovox/world';
import { RECIPE_COLUMN, RECIPE_COLUMNS, STATION, type SurvivalTables } from '../../survival/tables.js';
import type { TickContext } from '../context.js';
import { stationsNear } from './stations.js';

/** Words of what an agent held: items, counts, ticks of fire. */
const HELD_WORDS = 2 * INVENTORY_SLOTS + 1;

export interface RecipeIndex {
  /** `[I + 1]` first entry in `recipes` of each item; the next item's first ends it. */
  first: Uint16Array;
  /** `[R]` recipes by the item at which they wait. */
  recipes: Uint8Array;
  /** `[B, A, HELD_WORDS]` what each agent held when its recipes were last looked at, -1 before; `[B, A, R]` those it had inputs and fuel for, and how many. */
  lastHeld: Int32Array;
  supplied: Uint8Array;
  numSupplied: Uint8Array;
  /** Scratch: `[I]` how many of each item the agent in question holds, zero between uses; which items these are; the recipes found. */
  held: Int32Array;
  kinds: Int32Array;
  found: Uint8Array;
}

export function createRecipeIndex({ recipes, numRecipes, stack }: SurvivalTables, numAgents: number): RecipeIndex {
  const numItems = stack.length;
  const inputs = Array.from({ length: numRecipes }, (_, r) => {
    const row = r * RECIPE_COLUMNS;
    return Array.from({ length: recipes[row + RECIPE_COLUMN.numInputs] }, (_, k) => recipes[row + RECIPE_COLUMN.input0 + 2 * k]);
  });
  const uses = new Int32Array(numItems);
  for (const item of inputs.flat()) uses[item]++;
  const rarest = inputs.map((items) => items.reduce((best, item) => (uses[item] < uses[best] ? item : best)));
  const byItem = Array.from({ length: numItems }, (_, item) => rarest.flatMap((wanted, r) => (wanted === item ? [r] : [])));
  const first = new Uint16Array(numItems + 1);
  byItem.forEach((list, item) => {
    first[item + 1] = first[item] + list.length;
  });
  return {
    first,
    recipes: Uint8Array.from(byItem.flat()),
    lastHeld: new Int32Array(numAgents * HELD_WORDS).fill(-1),
    supplied: new Uint8Array(numAgents * numRecipes),
    numSupplied: new Uint8Array(numAgents),
    held: new Int32Array(numItems),
    kinds: new Int32Array(INVENTORY_SLOTS),
    found: new Uint8Array(numRecipes),
  };
}

/** Recipes for which agent i has inputs, fuel and station at hand, in no order, into `index.found`. @returns how many. */
export function findCraftable(c: TickContext, s: SurvivalTables, index: RecipeIndex, w: number, i: number): number {
  const { supplied, numSupplied, found } = index;
  if (!holdsTheSame(c, index, i)) supply(c, s, index, i);
  let numFound = 0;
  // Looked for once, and only when a recipe that could be made asks: -1 is not known yet.
  let stations = -1;
  for (let at = i * s.numRecipes, end = at + numSupplied[i]; at < end; at++) {
    const recipe = supplied[at];
    const station = s.recipes[recipe * RECIPE_COLUMNS + RECIPE_COLUMN.station];
    if (station !== STATION.none) {
      if (stations < 0) stations = stationsNear(c, s, w, i);
      if (((stations >> station) & 1) === 0) continue;
    }
    found[numFound++] = recipe;
  }
  return numFound;
}

/** Whether agent i holds what it held when its recipes were last looked at; notes what it holds. */
function holdsTheSame(c: TickContext, { lastHeld }: RecipeIndex, i: number): boolean {
  const { inventoryItem, inventoryCount, burnTicks } = c.state;
  const to = i * HELD_WORDS;
  const from = i * INVENTORY_SLOTS;
  let differs = lastHeld[to + 2 * INVENTORY_SLOTS] ^ burnTicks[i];
  lastHeld[to + 2 * INVENTORY_SLOTS] = burnTicks[i];
  for (let k = 0; k < INVENTORY_SLOTS; k++) {
    const item = inventoryItem[from + k];
    const count = inventoryCount[from + k];
    differs |= (lastHeld[to + k] ^ item) | (lastHeld[to + INVENTORY_SLOTS + k] ^ count);
    lastHeld[to + k] = item;
    lastHeld[to + INVENTORY_SLOTS + k] = count;
  }
  return differs === 0;
}

/** Notes the recipes for which agent i has inputs and fuel. */
function supply(c: TickContext, s: SurvivalTables, index: RecipeIndex, i: number): void {
  const { inventoryItem, inventoryCount, burnTicks } = c.state;
  const { held, kinds, supplied, numSupplied, first, recipes } = index;
  let numKinds = 0;
  let fuel = burnTicks[i];
  for (let at = i * INVENTORY_SLOTS, end = at + INVENTORY_SLOTS; at < end; at++) {
    const item = inventoryItem[at];
    if (item === 0) continue;
    if (held[item] === 0) kinds[numKinds++] = item;
    held[item] += inventoryCount[at];
    fuel += Math.imul(s.fuelTicks[item], inventoryCount[at]);
  }
  const begin = i * s.numRecipes;
  let at = begin;
  for (let n = 0; n < numKinds; n++)
    for (let k = first[kinds[n]], end = first[kinds[n] + 1]; k < end; k++)
      if (hasAll(s, held, fuel, recipes[k])) supplied[at++] = recipes[k];
  numSupplied[i] = at - begin;
  for (let n = 0; n < numKinds; n++) held[kinds[n]] = 0;
}

/** Whether counts by item, and ticks of fire, suffice for a recipe. Fuel that goes into the work as an input does not burn. */
function hasAll(s: SurvivalTables, held: Int32Array, fuel: number, recipe: number): boolean {
  const { recipes } = s;
  const row = recipe * RECIPE_COLUMNS;
  let fuelInInputs = 0;
  for (let k = 0, at = row + RECIPE_COLUMN.input0; k < recipes[row + RECIPE_COLUMN.numInputs]; k++, at += 2) {
    if (held[recipes[at]] < recipes[at + 1]) return false;
    fuelInInputs += Math.imul(s.fuelTicks[recipes[at]], recipes[at + 1]);
  }
  return recipes[row + RECIPE_COLUMN.fuel] === 0 || fuel - fuelInInputs >= recipes[row + RECIPE_COLUMN.ticks];
}
