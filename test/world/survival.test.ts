// The data of survival: recipes that can all be reached, tools as in Minecraft, a section of the scenario that helps who mistypes it.
import { readFileSync } from 'node:fs';
import {
  BLOCK_BY_NAME,
  BLOCKS,
  blockByName,
  digTicksWith,
  dropsOf,
  dropsWithTool,
  FOODS,
  FUELS,
  isPlaceable,
  itemByName,
  MOB_KINDS,
  OAK_TREE,
  parseScenario,
  RECIPES,
  type Recipe,
  recipesOf,
  renderSurvivalTables,
  ScenarioError,
  type ScenarioInput,
  SurvivalSchema,
  scenarioHash,
  scenarioPalette,
  TOOLS,
  type Tool,
} from '@kinovox/world';
import { describe, expect, it } from 'vitest';

const tool = (name: string): Tool => TOOLS.find(({ item }) => item === name)!;

/** Blocks that a level of nature holds. */
const NATURE = [
  ...['grass_block', 'dirt', 'sand', 'gravel', 'clay', 'short_grass', 'stone', 'deepslate', 'white_wool'],
  ...['oak_log', 'oak_leaves', 'birch_log', 'spruce_log', 'coal_ore', 'iron_ore', 'gold_ore', 'diamond_ore'],
];
/** What can be had from animals and spiders without a tool. */
const FROM_MOBS = (['cow', 'pig', 'sheep', 'spider'] as const).flatMap((kind) => MOB_KINDS[kind].drops.map(({ item }) => item));

/**
 * Items that can be had from blocks of a level and what is carried in: dig with the tools at hand, craft at the stations at hand, plant, again until nothing is new.
 * A fire needs fuel, a station must itself be had, ripe wheat needs seeds and a hoe.
 */
function reachable(
  nature: readonly string[],
  carried: readonly string[],
  recipes: readonly Recipe[],
): { items: Set<string>; made: Set<string> } {
  const items = new Set(carried);
  const made = new Set<string>();
  const blocks = new Set(nature);
  for (let size = -1; size !== items.size + made.size + blocks.size; ) {
    size = items.size + made.size + blocks.size;
    const hands = [undefined, ...TOOLS.filter(({ item }) => items.has(item))];
    for (const name of blocks) {
      const block = blockByName(name);
      if (block.digTicks < 0 || !hands.some((hand) => dropsWithTool(block, hand))) continue;
      for (const drop of dropsOf(block)) if (drop.chance > 0) items.add(drop.item);
    }
    for (const name of items) {
      const { places } = itemByName(name);
      if (places !== null) blocks.add(places);
    }
    const canSow = items.has('wheat_seeds') && [...items].some((name) => name.endsWith('_hoe'));
    if (!canSow) blocks.delete('wheat_crop');
    else blocks.add('wheat_crop_3');
    for (const recipe of recipes) {
      if (recipe.station !== null && !items.has(recipe.station)) continue;
      if (recipe.fuel && !Object.keys(FUELS).some((name) => items.has(name))) continue;
      if (!Object.keys(recipe.inputs).every((name) => items.has(name))) continue;
      items.add(recipe.output);
      made.add(recipe.name);
    }
  }
  return { items, made };
}

describe('recipes', () => {
  it('name items of the registry, in amounts that fit, and each name once', () => {
    expect(new Set(RECIPES.map(({ name }) => name)).size).toBe(RECIPES.length);
    expect(RECIPES.length).toBeLessThanOrEqual(255);
    for (const recipe of RECIPES) {
      const inputs = Object.entries(recipe.inputs);
      expect(inputs.length >= 1 && inputs.length <= 4, recipe.name).toBe(true);
      for (const [name, count] of inputs) expect([itemByName(name).name, count > 0 && count <= 64]).toEqual([name, true]);
      expect(itemByName(recipe.output).name).toBe(recipe.output);
      expect(recipe.fuel, recipe.name).toBe(recipe.station === 'furnace');
      // Never something from nothing: no recipe makes an item of itself.
      expect(Object.keys(recipe.inputs)).not.toContain(recipe.output);
    }
  });

  it('can all be reached from what levels hold and what mobs drop', () => {
    const { made } = reachable(NATURE, FROM_MOBS, RECIPES);
    expect(RECIPES.filter(({ name }) => !made.has(name)).map(({ name }) => name)).toEqual([]);
  });

  it('cannot when a link is missing: without stone nothing of iron, without seeds no bread, without tables no tool', () => {
    const without = (gone: string[]) =>
      reachable(
        NATURE.filter((name) => !gone.includes(name)),
        [],
        RECIPES,
      ).items;
    expect(without(['stone', 'deepslate']).has('iron_ingot')).toBe(false);
    expect(without(['stone', 'deepslate']).has('wooden_pickaxe')).toBe(true);
    expect(without(['short_grass']).has('bread')).toBe(false);
    const noTable = reachable(
      NATURE,
      [],
      RECIPES.filter(({ output }) => output !== 'crafting_table'),
    );
    expect(TOOLS.filter(({ item }) => noTable.items.has(item))).toEqual([]);
    expect(noTable.items.has('cobblestone')).toBe(false);
  });

  it('gain no matter in a circle: packing and unpacking gives back what went in', () => {
    for (const pack of RECIPES.filter(({ inputs }) => Object.values(inputs).some((n) => n === 9))) {
      const [[input, count]] = Object.entries(pack.inputs);
      const unpack = RECIPES.find(({ inputs, output }) => output === input && inputs[pack.output] === 1);
      expect([pack.output, unpack?.count]).toEqual([pack.output, count]);
    }
  });
});

describe('tools', () => {
  it("dig in Minecraft's times", () => {
    const ticks = (block: string, name?: string) => digTicksWith(blockByName(block), name === undefined ? undefined : tool(name));
    // minecraft.wiki "Breaking", 1.20: stone 7.5 s by hand, 1.15 s, 0.6 s, 0.4 s, 0.3 s; oak log 3 s and 1.5 s; dirt 0.75 s and 0.4 s.
    expect(['wooden', 'stone', 'iron', 'diamond'].map((tier) => ticks('stone', `${tier}_pickaxe`))).toEqual([23, 12, 8, 6]);
    expect([ticks('stone'), ticks('oak_log'), ticks('oak_log', 'wooden_axe')]).toEqual([150, 60, 30]);
    expect([ticks('dirt'), ticks('dirt', 'wooden_shovel'), ticks('obsidian', 'diamond_pickaxe')]).toEqual([15, 8, 188]);
    // Too low a tier is quicker than the hand, and slower than a fit one.
    expect([ticks('iron_ore', 'wooden_pickaxe'), ticks('iron_ore', 'stone_pickaxe')]).toEqual([150, 23]);
    // The wrong tool is a hand, and bedrock stays.
    expect([ticks('stone', 'diamond_axe'), ticks('bedrock', 'diamond_pickaxe'), ticks('torch', 'diamond_axe')]).toEqual([150, -1, 0]);
  });

  it('give drops from their tier on', () => {
    const drops = (block: string, name?: string) => dropsWithTool(blockByName(block), name === undefined ? undefined : tool(name));
    expect([drops('stone'), drops('stone', 'wooden_axe'), drops('stone', 'wooden_pickaxe')]).toEqual([false, false, true]);
    expect([drops('iron_ore', 'wooden_pickaxe'), drops('iron_ore', 'stone_pickaxe')]).toEqual([false, true]);
    expect([drops('diamond_ore', 'stone_pickaxe'), drops('diamond_ore', 'iron_pickaxe')]).toEqual([false, true]);
    expect([drops('obsidian', 'iron_pickaxe'), drops('obsidian', 'diamond_pickaxe')]).toEqual([false, true]);
    expect([drops('oak_log'), drops('iron_door_open'), drops('white_wool')]).toEqual([true, false, true]);
  });

  it('take a slot each', () => {
    expect(TOOLS).toHaveLength(20);
    expect(TOOLS.map(({ item }) => itemByName(item).stack)).toEqual(new Array(20).fill(1));
  });
});

describe('foods, fuels, drops and plants', () => {
  it('name items and blocks that exist', () => {
    for (const name of [...Object.keys(FOODS), ...Object.keys(FUELS)]) expect(itemByName(name).name).toBe(name);
    for (const block of BLOCKS) for (const drop of dropsOf(block)) expect(itemByName(drop.item).name).toBe(drop.item);
  });

  it('sow with an item of another name', () => {
    expect(itemByName('wheat_seeds').places).toBe('wheat_crop');
    expect(isPlaceable(BLOCK_BY_NAME.get('wheat_crop')!)).toBe(false);
    expect(() => itemByName('wheat_crop')).toThrow(ScenarioError);
  });

  it('grow an oak that a quarter turn and a mirror leave as it is', () => {
    const cells = (turn: (dx: number, dz: number) => [number, number]) =>
      OAK_TREE.map(({ dx, dy, dz, block }) => [...turn(dx, dz), dy, block].join()).sort();
    const own = cells((dx, dz) => [dx + 0, dz + 0]);
    expect(cells((dx, dz) => [-dz + 0, dx])).toEqual(own);
    expect(cells((dx, dz) => [-dx + 0, dz])).toEqual(own);
    expect(cells((dx, dz) => [dx + 1, dz])).not.toEqual(own);
    expect(new Set(own).size).toBe(own.length);
  });
});

const base: ScenarioInput = {
  version: 1,
  id: 'camp-v1',
  title: 'A camp',
  world: { size: [8, 8, 8], terrain: { generator: 'flat', ground: 3 } },
  agents: [{ id: 'ada', body: 'walker', spawn: { at: [2, 3, 2] } }],
  task: { crafted: { agents: 'ada', item: 'stick' } },
  episode: { maxTicks: 100 },
};
const messageOf = (survival: unknown): string => {
  try {
    parseScenario({ ...base, survival } as ScenarioInput, 'camp');
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

describe('the survival section', () => {
  it('takes every default from {}, and parses to itself again', () => {
    const settings = SurvivalSchema.parse({});
    expect([settings.day.lengthTicks, settings.hunger.everyTicks, settings.breath.ticks, settings.respawn]).toEqual([
      24000,
      600,
      300,
      'none',
    ]);
    expect(SurvivalSchema.parse(settings)).toEqual(settings);
    expect(recipesOf(settings)).toEqual(RECIPES);
  });

  it('leaves scenarios without it as they were: same hash whether the key is absent or undefined, no survival block in the palette', () => {
    const plain = parseScenario(base, 'camp');
    expect(plain.survival).toBeUndefined();
    expect(scenarioHash(parseScenario({ ...base, survival: undefined }, 'camp'))).toBe(scenarioHash(plain));
    expect(scenarioPalette(plain).names).not.toContain('farmland');
    const alive = parseScenario({ ...base, survival: {} }, 'camp');
    expect(scenarioHash(alive)).not.toBe(scenarioHash(plain));
    for (const name of ['farmland', 'wheat_crop_3', 'oak_sapling', 'oak_leaves', 'crafting_table', 'furnace', 'white_bed'])
      expect(scenarioPalette(alive).names).toContain(name);
  });

  it('chooses, replaces and adds recipes, in order', () => {
    const own = { name: 'stick', inputs: { planks: 1 }, output: 'stick', count: 8 };
    const extra = { name: 'gift', inputs: { stick: 1 }, output: 'diamond' };
    const { survival } = parseScenario({ ...base, survival: { recipes: { only: ['stick', 'oak_planks'], add: [extra, own] } } }, 'camp');
    expect(recipesOf(survival!).map(({ name, count }) => [name, count])).toEqual([
      ['stick', 8],
      ['oak_planks', 4],
      ['gift', 1],
    ]);
  });

  it('refuses names that do not exist with the nearest ones', () => {
    expect(messageOf({ recipes: { only: ['stik'] } })).toMatch(/must be the name of a default recipe.*"stik".*Did you mean "stick"\?/s);
    expect(messageOf({ foods: { aple: 3 } })).toMatch(/must be an item of the registry.*Did you mean "apple"\?/s);
    expect(messageOf({ tools: { wooden_pickax: { durability: 3 } } })).toMatch(/must be a tool.*Did you mean "wooden_pickaxe"\?/s);
    expect(messageOf({ recipes: { add: [{ name: 'x', inputs: { stik: 1 }, output: 'stick' }] } })).toMatch(/Did you mean "stick"\?/);
    expect(messageOf({ recipes: { add: [{ name: 'x', inputs: {}, output: 'stick' }] } })).toMatch(/1\.\.4 items/);
    expect(messageOf({ hungr: {} })).toMatch(/Did you mean "hunger"\?/);
    expect(messageOf({ day: { lengthTicks: 400, startTick: 400 } })).toMatch(/must be below the length of the day, 400 ticks/);
    expect(messageOf({ day: { lengthTicks: 0, startTick: 400 } })).toBe('');
  });
});

describe('docs/survival.md', () => {
  const page = readFileSync(new URL('../../docs/survival.md', import.meta.url), 'utf8');

  it('shows the tables as they are', () => {
    expect(page.split('held by a test -->\n')[1].split('\n<!-- end -->')[0]).toBe(renderSurvivalTables());
  });

  it('holds an example that parses', () => {
    const [, example] = page.match(/```json\n([\s\S]*?)```/)!;
    expect(messageOf(JSON.parse(`{${example}}`).survival)).toBe('');
  });
});
