/** Checks of the `survival` section: names that must exist, recipes that must be distinct, mobs that must fit. */
import { RECIPES } from '../survival/recipes.js';
import { MAX_RECIPES, recipesOf } from '../survival/schema.js';
import { TOOLS } from '../survival/tools.js';
import { type CheckContext, hint, type Path } from './check-context.js';
import { checkMobs } from './mob-checks.js';

export function checkSurvival(check: CheckContext): void {
  const { survival } = check.scenario;
  if (survival === undefined) return;
  const path: Path = ['survival'];
  const { recipes, tools, foods, day } = survival;
  const names = RECIPES.map((recipe) => recipe.name);
  for (const [i, name] of (recipes.only ?? []).entries()) {
    if (!names.includes(name))
      check.add('unknown-recipe', [...path, 'recipes', 'only', i], 'must be the name of a default recipe', name, hint(name, names));
  }
  check.unique(recipes.only ?? [], [...path, 'recipes', 'only'], 'recipe');
  check.unique(
    recipes.add.map((recipe) => recipe.name),
    [...path, 'recipes', 'add'],
    'recipe',
  );
  for (const [i, recipe] of recipes.add.entries()) {
    const at: Path = [...path, 'recipes', 'add', i];
    for (const item of Object.keys(recipe.inputs)) check.item(item, [...at, 'inputs', item]);
    check.item(recipe.output, [...at, 'output']);
  }
  const total = recipesOf(survival).length;
  if (total > MAX_RECIPES) check.add('limit', [...path, 'recipes'], `must come to at most ${MAX_RECIPES} recipes`, total);
  const toolNames = TOOLS.map((tool) => tool.item);
  for (const item of Object.keys(tools)) {
    if (!toolNames.includes(item)) check.add('unknown-tool', [...path, 'tools', item], 'must be a tool', item, hint(item, toolNames));
  }
  for (const item of Object.keys(foods)) check.item(item, [...path, 'foods', item]);
  checkMobs(check);
  if (day.lengthTicks > 0 && day.startTick >= day.lengthTicks) {
    check.add(
      'day-start',
      [...path, 'day', 'startTick'],
      `must be below the length of the day, ${day.lengthTicks} ticks`,
      day.startTick,
      'Choose an earlier time.',
    );
  }
}
