/** Recipes, tools, foods, fuels and mobs as Markdown: the generated part of docs/survival.md. */
import { FOODS, FUELS } from './foods.js';
import { MOB_KINDS, MOB_NAMES, type MobKind } from './mobs.js';
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
    '',
    '### Mobs',
    '',
    '| kind | behaviour | hearts | speed, wandering (m/s) | sight (m) | damage (half hearts), every ticks | spawns in light, on | drops | offers |',
    '| --- | --- | --: | --: | --: | --: | --- | --- | --- |',
    ...MOB_NAMES.map((name) => mobLine(name, MOB_KINDS[name])),
  ].join('\n');
}

function mobLine(name: string, kind: MobKind): string {
  const { behaviour, health, speed, wanderSpeed, sightMetres, damage, attackTicks, spawn } = kind;
  const attack = damage === 0 ? '' : `${damage}, ${attackTicks}`;
  const where = `${spawn.light.join('..')}, ${spawn.on.length === 0 ? 'any solid block' : spawn.on.map((block) => `\`${block}\``).join(', ')}`;
  const drops = kind.drops.map(({ item, least, most }) => `${least === most ? most : `${least}..${most}`} \`${item}\``);
  const offers = kind.trades.map(
    ({ wants, wantsCount, gives, givesCount, stock }) =>
      `${wantsCount} \`${wants}\` -> ${givesCount} \`${gives}\`${stock === 0 ? '' : ` (${stock} times)`}`,
  );
  return `| \`${name}\` | ${behaviour} | ${health / 2} | ${speed}, ${wanderSpeed} | ${sightMetres} | ${attack} | ${where} | ${drops.join(', ')} | ${offers.join(', ')} |`;
}

function recipeLine({ name, inputs, output, count, station, ticks }: Recipe, action: number): string {
  const taken = Object.entries(inputs).map(([item, n]) => `${n} \`${item}\``);
  return `| ${action} | \`${name}\` | ${taken.join(', ')} | ${count} \`${output}\` | ${station === null ? '' : `\`${station}\``} | ${ticks} |`;
}
