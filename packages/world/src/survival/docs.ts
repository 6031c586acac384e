/** Recipes, tools, foods and fuels as Markdown: the generated part of docs/survival.md. */
import { FOODS, FUELS } from './foods.js';
import { RECIPES, type Recipe } from './recipes.js';
import { TOOLS } from './tools.js';

/** The text between the markers of docs/survival.md. */
export function renderSurvivalTables(): string {
  return [
    '### Recipes',
    '',
    '| action | name | inputs | gives | station | ticks |',
    '| --: | --- | --- | --- | --- | --: |',
    ...RECIPES.map((recipe, i) => recipeLine(recipe, i + 1)),
    '',
    '### Tools',
    '',
    '| item | speed | durability | damage (half hearts) | ticks between attacks |',
    '| --- | --: | --: | --: | --: |',
    ...TOOLS.map((tool) => `| \`${tool.item}\` | ${tool.speed} | ${tool.durability} | ${tool.damage} | ${tool.attackTicks} |`),
    '',
    '### Foods and fuels',
    '',
    '| item | food points | ticks of fire |',
    '| --- | --: | --: |',
    ...[...new Set([...Object.keys(FOODS), ...Object.keys(FUELS)])].map(
      (name) => `| \`${name}\` | ${FOODS[name] ?? ''} | ${FUELS[name] ?? ''} |`,
    ),
  ].join('\n');
}

function recipeLine({ name, inputs, output, count, station, ticks }: Recipe, action: number): string {
  const taken = Object.entries(inputs).map(([item, n]) => `${n} \`${item}\``);
  return `| ${action} | \`${name}\` | ${taken.join(', ')} | ${count} \`${output}\` | ${station === null ? '' : `\`${station}\``} | ${ticks} |`;
}
