// Survival rules as tables: item and block columns agree with the registry, numbers of the scenario arrive, chances and times stay in their ranges.
import { compileScenario } from '@kinovox/env';
import { DAYLIGHT_STEPS, DROP_COLUMN, DROP_COLUMNS, RECIPE_COLUMN, RECIPE_COLUMNS, RESPAWN, STATION, TOOL_CLASS } from '@kinovox/physics';
import { BLOCK_BY_NAME, dropsOf, ITEMS, itemByName, parseScenario, RECIPES, type ScenarioInput, TOOLS } from '@kinovox/world';
import { describe, expect, it } from 'vitest';

const camp = (survival: ScenarioInput['survival'], rest: Partial<ScenarioInput> = {}): ScenarioInput => ({
  version: 1,
  id: 'camp-v1',
  title: 'A camp',
  world: {
    size: [16, 12, 16],
    terrain: { generator: 'flat', ground: 3 },
    edits: [
      { set: 'stone', cells: [[4, 3, 4]] },
      { set: 'oak_leaves', cells: [[5, 3, 4]] },
      { set: 'sand', cells: [[6, 3, 4]] },
    ],
  },
  agents: [{ id: 'ada', body: 'walker', spawn: { at: [2, 3, 2] } }],
  task: { crafted: { agents: 'ada', item: 'stick' } },
  episode: { maxTicks: 100 },
  survival,
  ...rest,
});
const compile = (survival: ScenarioInput['survival'], rest: Partial<ScenarioInput> = {}) => {
  const { program, palette } = compileScenario(parseScenario(camp(survival, rest), 'camp'));
  return { program, tables: program.survival!, p: (name: string) => palette.indexOfName(name) };
};
const id = (name: string) => itemByName(name).id;

describe('survival tables', () => {
  it('are absent without the section, and its observation groups too', () => {
    const { program } = compileScenario(parseScenario({ ...camp({}), survival: undefined, task: { alive: { agents: 'ada' } } }, 'camp'));
    expect([program.survival, program.observation.recipes]).toEqual([undefined, undefined]);
  });

  it('hold every recipe as a row', () => {
    const { tables, program } = compile({});
    expect(tables.numRecipes).toBe(RECIPES.length);
    expect(program.observation.recipes).toEqual(RECIPES.map(({ name }) => name));
    RECIPES.forEach((recipe, r) => {
      const row = [...tables.recipes.subarray(r * RECIPE_COLUMNS, (r + 1) * RECIPE_COLUMNS)];
      expect(row[RECIPE_COLUMN.output]).toBe(id(recipe.output));
      expect(row[RECIPE_COLUMN.station]).toBe(recipe.station === null ? STATION.none : STATION[recipe.station]);
      const inputs = Object.entries(recipe.inputs).flatMap(([name, count]) => [id(name), count]);
      expect(row.slice(RECIPE_COLUMN.input0, RECIPE_COLUMN.input0 + inputs.length)).toEqual(inputs);
      expect(row.slice(RECIPE_COLUMN.input0 + inputs.length).every((word) => word === 0)).toBe(true);
      expect([row[RECIPE_COLUMN.ticks], row[RECIPE_COLUMN.fuel]]).toEqual(recipe.station === 'furnace' ? [200, 1] : [1, 0]);
    });
  });

  it('hold tools, food, fuel and stacks by item id', () => {
    const { tables, p } = compile({ foods: { apple: 9, bread: 0 }, tools: { iron_sword: { damage: 20, durability: 0 } } });
    expect([tables.food[id('apple')], tables.food[id('bread')], tables.food[id('cooked_beef')], tables.food[id('stick')]]).toEqual([
      9, 0, 8, 0,
    ]);
    expect([tables.damage[id('iron_sword')], tables.durability[id('iron_sword')], tables.damage[id('stick')]]).toEqual([20, 0, 1]);
    expect([tables.toolClass[id('iron_axe')], tables.durability[id('iron_axe')]]).toEqual([TOOL_CLASS.axe, 250]);
    expect([tables.fuelTicks[id('coal')], tables.fuelTicks[id('stone')]]).toEqual([1600, 0]);
    for (const item of ITEMS) expect(tables.stack[item.id]).toBe(item.stack);
    expect(tables.placedOn[id('wheat_seeds')]).toBe(p('farmland') + 1);
    expect(TOOLS.map(({ item }) => tables.toolRow[id(item)])).toEqual(TOOLS.map((_, t) => t + 1));
  });

  it('hold dig times and drops per block and tool, and what the scenario forbids stays forbidden', () => {
    const { tables, program, p } = compile({});
    const at = (block: string, item: string) => p(block) * tables.numToolRows + tables.toolRow[id(item)];
    expect([tables.digTicks[at('stone', 'stick')], tables.digTicks[at('stone', 'wooden_pickaxe')]]).toEqual([150, 23]);
    expect([tables.dropsWith[at('stone', 'stick')], tables.dropsWith[at('stone', 'wooden_pickaxe')]]).toEqual([0, 1]);
    for (let q = 0; q < program.blocks.digTicks.length; q++)
      expect(tables.digTicks[q * tables.numToolRows]).toBe(program.blocks.digTicks[q]);
    const leaves = [
      ...tables.drops.subarray(tables.firstDrop[p('oak_leaves')] * DROP_COLUMNS, tables.firstDrop[p('oak_leaves') + 1] * DROP_COLUMNS),
    ];
    expect(leaves.length / DROP_COLUMNS).toBe(dropsOf(BLOCK_BY_NAME.get('oak_leaves')!).length);
    expect([leaves[DROP_COLUMN.item], leaves[DROP_COLUMN.chanceQ16]]).toEqual([id('oak_sapling'), 3277]);
    const none = compile({}, { world: { ...camp({}).world, diggable: 'none' } }).tables;
    expect(none.digTicks.every((ticks) => ticks === -1)).toBe(true);
  });

  it('say what stands, falls, grows and is tilled', () => {
    const { tables, p } = compile({ growth: { cropTicks: 700, saplingTicks: 0 } });
    expect([tables.stationOf[p('crafting_table')], tables.stationOf[p('furnace')], tables.stationOf[p('stone')]]).toEqual([1, 2, 0]);
    expect([tables.falls[p('sand')], tables.falls[p('stone')], tables.bed[p('white_bed')]]).toEqual([1, 0, 1]);
    expect([tables.tilled[p('dirt')], tables.tilled[p('grass_block')], tables.tilled[p('stone')]]).toEqual([
      p('farmland'),
      p('farmland'),
      p('stone'),
    ]);
    expect([tables.growsInto[p('wheat_crop')], tables.growsInto[p('wheat_crop_3')]]).toEqual([p('wheat_crop_1'), p('wheat_crop_3')]);
    const numCells = 16 * 12 * 16;
    const meanTicks = ((numCells / tables.growthDraws) * 65536) / tables.growChanceQ16[p('wheat_crop')];
    expect(Math.abs(meanTicks - 700)).toBeLessThan(1);
    expect([tables.growChanceQ16[p('oak_sapling')], tables.growChanceQ16[p('stone')]]).toEqual([0, 0]);
    expect(compile({ growth: { cropTicks: 0, saplingTicks: 0 } }).tables.growthDraws).toBe(0);
    expect(compile({ growth: { cropTicks: 1 } }).tables.growChanceQ16[p('wheat_crop')]).toBe(65536);
  });

  it('let the sky darken by night only, and scale with the day', () => {
    const { tables } = compile({ day: { lengthTicks: 2400, startTick: 7 } });
    expect(tables.daylight).toHaveLength(DAYLIGHT_STEPS);
    expect([Math.min(...tables.daylight), Math.max(...tables.daylight), tables.daylight[0], tables.daylight[192]]).toEqual([4, 15, 15, 4]);
    for (let step = 1; step < DAYLIGHT_STEPS; step++)
      expect(Math.abs(tables.daylight[step] - tables.daylight[step - 1])).toBeLessThanOrEqual(1);
    expect([tables.dayTicks, tables.dayStartTick, tables.nightFrom, tables.nightUntil]).toEqual([2400, 7, 1254, 2346]);
    expect(compile({ day: { lengthTicks: 0 } }).tables.dayStartTick).toBe(0);
  });

  it('carry the numbers of the scenario', () => {
    const { tables } = compile({
      hunger: { everyTicks: 11, starveEveryTicks: 12, starveDamage: 3, regenEveryTicks: 13, regenFood: 14 },
      breath: { ticks: 15, damageEveryTicks: 16, damage: 4 },
      attack: { enabled: false, friendlyFire: true, reachMetres: 2, knockback: 0.5, knockbackUp: 0.25 },
      respawn: 'spawn',
      respawnTicks: 17,
      keepInventory: true,
      stationReach: 5,
    });
    const { hungerTicks, starveTicks, starveDamage, regenTicks, regenFood, breathTicks, drownTicks, drownDamage } = tables;
    expect([hungerTicks, starveTicks, starveDamage, regenTicks, regenFood, breathTicks, drownTicks, drownDamage]).toEqual([
      11, 12, 3, 13, 14, 15, 16, 4,
    ]);
    const { attack, friendlyFire, attackReachQ6, knockbackQ16, knockbackUpQ16, respawn, respawnTicks, keepInventory, stationReach } =
      tables;
    expect([attack, friendlyFire, attackReachQ6, knockbackQ16, knockbackUpQ16, respawn, respawnTicks, keepInventory, stationReach]).toEqual(
      [0, 1, 128 * 128, 32768, 16384, RESPAWN.spawn, 17, 1, 5],
    );
  });
});
