/** Making items by a recipe of the scenario; goes to the station that it needs. */
import { RECIPE_COLUMN, RECIPE_COLUMNS, STATION, type SurvivalTables } from '@kinovox/env';
import { didYouMean, INVENTORY_SLOTS, ITEM_ALIASES, ITEM_BY_ID, ITEM_BY_NAME } from '@kinovox/world';
import { z } from 'zod';
import type { AgentView } from '../../agent-view.js';
import type { Controls } from '../../skills/controls.js';
import type { Cell } from '../../skills/hands.js';
import { countItems } from '../../skills/inventory.js';
import { nameField } from '../arguments.js';
import { Journey, notArrived, Patience } from '../journey.js';
import { carriedItems } from '../names.js';
import { done, listed, RUNNING, refuse, refused } from '../outcome.js';
import type { Refusal, Skill, SkillBody, SkillRun, SkillStep } from '../skill.js';

const STATION_NAMES = ['', 'crafting_table', 'furnace'] as const;

const parameters = z.strictObject({
  item: nameField('Item to make, or the name of a recipe where several make it.'),
  count: z.int().min(1).max(64).default(1).describe('How many to make, at least, 1..64; default 1.'),
});
type Args = z.output<typeof parameters>;

/** A recipe as the tables have it. */
interface Recipe {
  readonly index: number;
  readonly name: string;
  readonly output: number;
  readonly outputCount: number;
  readonly station: number;
  readonly ticks: number;
  readonly burns: boolean;
  /** Item and count. */
  readonly inputs: readonly (readonly [number, number])[];
}

export const craft: Skill<Args> = {
  name: 'craft',
  description: 'Makes items by hand, at a crafting table or in a furnace, from what you hold; goes to the station that it needs.',
  parameters,
  precondition: 'You hold the ingredients, and fuel where the recipe burns; the station stands within reach or can be walked to.',
  effect: 'The ingredients are gone and you hold what was made.',
  refusals: {
    'unknown-recipe': 'No recipe of the scenario makes this.',
    'missing-ingredients': 'You hold too little of something.',
    'missing-fuel': 'You hold too little that burns.',
    'no-station': 'The station that it needs stands nowhere.',
    'no-way': 'There is no way to the station; the sentence says what blocks it.',
    stuck: 'Nothing happened for 8 s.',
  },
  interruptible: true,
  suits: ({ survival }) => survival !== undefined && survival.numRecipes > 0,
  begin(body, { item, count }) {
    const { view } = body;
    const { survival } = view;
    if (survival === undefined) return refuse('unknown-recipe', 'Nothing is made in this scenario: it has no recipes.', { item });
    const name = Object.hasOwn(ITEM_ALIASES, item) ? ITEM_ALIASES[item] : item;
    const recipes = recipesFor(survival, name);
    if (recipes.length === 0) {
      const outputs = Array.from({ length: survival.numRecipes }, (_, k) => itemName(recipeAt(survival, k).output));
      return refuse('unknown-recipe', `No recipe here makes "${item}".${didYouMean(name, [...outputs, ...survival.recipeNames])}`, {
        item,
      });
    }
    // Of several ways the one with the least that is missing, and of equals the first.
    const judged = recipes.map((recipe) => ({ recipe, missing: missingFor(view, recipe, Math.ceil(count / recipe.outputCount)) }));
    const lacking = (missing: ReadonlyMap<string, number>) => [...missing.values()].reduce((sum, one) => sum + one, 0);
    const { recipe, missing } = judged.reduce((best, one) => (lacking(one.missing) < lacking(best.missing) ? one : best));
    const times = Math.ceil(count / recipe.outputCount);
    return lackingFor(view, survival, recipe, times, missing) ?? beginAt(body, survival, recipe, times);
  },
};

function recipeAt(s: SurvivalTables, index: number): Recipe {
  const row = index * RECIPE_COLUMNS;
  const at = (column: number) => s.recipes[row + column];
  return {
    index,
    name: s.recipeNames[index],
    output: at(RECIPE_COLUMN.output),
    outputCount: at(RECIPE_COLUMN.outputCount),
    station: at(RECIPE_COLUMN.station),
    ticks: at(RECIPE_COLUMN.ticks),
    burns: at(RECIPE_COLUMN.fuel) === 1,
    inputs: Array.from(
      { length: at(RECIPE_COLUMN.numInputs) },
      (_, k) => [at(RECIPE_COLUMN.input0 + 2 * k), at(RECIPE_COLUMN.input0 + 2 * k + 1)] as const,
    ),
  };
}

/** By the name of a recipe, else all that make the item. */
export function recipesFor(s: SurvivalTables, name: string): Recipe[] {
  const all = Array.from({ length: s.numRecipes }, (_, k) => recipeAt(s, k));
  const item = ITEM_BY_NAME.get(name)?.id;
  const makers = all.filter(({ output }) => output === item);
  return makers.length > 0 ? makers : all.filter((recipe) => recipe.name === name);
}

export function recipeText({ inputs, outputCount, output, station, burns }: Recipe): string {
  const from = listed(inputs.map(([item, count]) => [itemName(item), count] as const));
  const where = station === STATION.none ? '' : ` at a ${STATION_NAMES[station]}`;
  return `${outputCount} ${itemName(output)} from ${from}${where}${burns ? ' with fuel' : ''}`;
}

function itemName(item: number): string {
  return ITEM_BY_ID.get(item)!.name;
}

function missingFor(view: AgentView, { inputs }: Recipe, times: number): Map<string, number> {
  const missing = new Map<string, number>();
  for (const [item, count] of inputs) {
    const lacks = count * times - countItems(view, item);
    if (lacks > 0) missing.set(itemName(item), lacks);
  }
  return missing;
}

function lackingFor(
  view: AgentView,
  s: SurvivalTables,
  recipe: Recipe,
  times: number,
  missing: ReadonlyMap<string, number>,
): { readonly refusal: Refusal } | undefined {
  const held = carriedItems(view);
  const facts = { recipe: recipe.name, times, held: Object.fromEntries(held) };
  if (missing.size > 0)
    return refuse(
      'missing-ingredients',
      `${times * recipe.outputCount} ${itemName(recipe.output)} lack ${listed(missing)}: a recipe makes ${recipeText(recipe)}. You hold ${listed(held)}.`,
      { ...facts, missing: Object.fromEntries(missing) },
    );
  if (!recipe.burns) return undefined;
  let fuelTicks = view.burnTicks;
  for (let k = 0; k < INVENTORY_SLOTS; k++) fuelTicks += s.fuelTicks[view.itemAt(k)] * view.countAt(k);
  for (const [item, count] of recipe.inputs) fuelTicks -= s.fuelTicks[item] * count * times;
  const needed = recipe.ticks * times;
  if (fuelTicks >= needed) return undefined;
  return refuse('missing-fuel', `${recipe.name} burns ${needed} ticks of fuel; what you hold gives ${Math.max(0, fuelTicks)}.`, {
    ...facts,
    neededTicks: needed,
    fuelTicks: Math.max(0, fuelTicks),
  });
}

function beginAt(body: SkillBody, s: SurvivalTables, recipe: Recipe, times: number): SkillRun | { readonly refusal: Refusal } {
  if (recipe.station === STATION.none) return new Crafting(body, recipe, times, undefined);
  const station = nearestStation(body, s, recipe.station);
  if (station !== undefined) return new Crafting(body, recipe, times, station);
  const name = STATION_NAMES[recipe.station];
  const held = carriedItems(body.view).get(name) ?? 0;
  return refuse(
    'no-station',
    `${recipe.name} needs a ${name}, and none stands in this world; ${held > 0 ? `place the one that you hold` : `make and place one`}.`,
    {
      recipe: recipe.name,
      station: name,
      stationsHeld: held,
    },
  );
}

function nearestStation({ view, index }: SkillBody, s: SurvivalTables, station: number): Cell | undefined {
  let best: Cell | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let block = 0; block < s.stationOf.length; block++) {
    if (s.stationOf[block] !== station || index.count(block) === 0) continue;
    for (const cell of index.cells(block)) {
      const [x, y, z] = view.cellAt(cell);
      const square = (x + 0.5 - view.x()) ** 2 + (y - view.y()) ** 2 + (z + 0.5 - view.z()) ** 2;
      if (square < least) [least, best] = [square, [x, y, z]];
    }
  }
  return best;
}

class Crafting implements SkillRun {
  readonly #body: SkillBody;
  readonly #recipe: Recipe;
  readonly #times: number;
  readonly #station: Cell | undefined;
  readonly #journey: Journey;
  readonly #patience: Patience;
  readonly #since: number;
  readonly #inputBefore: number;

  constructor(body: SkillBody, recipe: Recipe, times: number, station: Cell | undefined) {
    this.#body = body;
    this.#recipe = recipe;
    this.#times = times;
    this.#station = station;
    this.#journey = new Journey(body, `the ${STATION_NAMES[recipe.station]} at ${station?.join(' ')}`);
    this.#patience = new Patience(body);
    this.#since = body.view.tick;
    this.#inputBefore = countItems(body.view, recipe.inputs[0][0]);
  }

  /** Inputs are taken when a piece is made. */
  get #made(): number {
    const [item, count] = this.#recipe.inputs[0];
    return Math.floor((this.#inputBefore - countItems(this.#body.view, item)) / count);
  }

  get progress(): number {
    return Math.min(1, (this.#made + this.#body.view.ownWord('craftProgress') / this.#recipe.ticks) / this.#times);
  }

  get doing(): string {
    return `making ${itemName(this.#recipe.output)}, ${this.#made * this.#recipe.outputCount} of ${this.#times * this.#recipe.outputCount} done`;
  }

  step(c: Controls): SkillStep {
    const { view } = this.#body;
    const { output, outputCount, index, name } = this.#recipe;
    if (this.#made >= this.#times) {
      c.displace(0, 0, false);
      const ticks = view.tick - this.#since;
      return done(`You made ${this.#times * outputCount} ${itemName(output)} in ${ticks / 20} s; you hold ${countItems(view, output)}.`, {
        recipe: name,
        made: this.#times * outputCount,
        ticks,
        held: Object.fromEntries(carriedItems(view)),
      });
    }
    if (this.#station !== undefined && !this.#isNear(this.#station)) {
      const [x, y, z] = this.#station;
      const reach = view.survival!.stationReach;
      const status = this.#journey.step(c, { box: [x - reach, y - reach, z - reach, x + reach, y + reach, z + reach] });
      if (typeof status === 'object') return notArrived(status);
      return RUNNING;
    }
    c.displace(0, 0, false);
    c.craft(index);
    if (view.ownWord('craftProgress') > 0) this.#patience.renew();
    const stuck = this.#patience.check(`Making ${itemName(output)}`);
    return stuck === undefined ? RUNNING : refused(stuck);
  }

  #isNear(station: Cell): boolean {
    const { view } = this.#body;
    const reach = view.survival!.stationReach;
    return view.cellOf().every((value, axis) => Math.abs(value - station[axis]) <= reach);
  }
}
