/**
 * The rules of survival as the kernel's tables: recipes, tools, food and growth by item id and palette index, and the numbers of the `survival` section.
 * Fractions become integers here, exactly or by rounding to nearest, so that every host gets the same tables.
 */
import {
  type BlockTables,
  DAYLIGHT_STEPS,
  DROP_COLUMN,
  DROP_COLUMNS,
  RECIPE_COLUMN,
  RECIPE_COLUMNS,
  RESPAWN,
  STATION,
  type SurvivalTables,
  TOOL_CLASS,
} from '@kinovox/physics';
import {
  BEDS,
  BLOCK_BY_ID,
  digTicksWith,
  dropsOf,
  dropsWithTool,
  FALLING,
  FOODS,
  FUELS,
  GROWS_INTO,
  HAND_ATTACK_TICKS,
  HAND_DAMAGE,
  ITEMS,
  itemByName,
  mobsOf,
  OAK_TREE,
  type Palette,
  PLACED_ON,
  type Recipe,
  type ResolvedScenario,
  recipesOf,
  SAPLING,
  TILLED,
  TOOLS,
  toQ16,
} from '@kinovox/world';
import { compileMobs } from './mobs.js';

const ALWAYS_Q16 = 65536;
/** Distances of the rules are in 1/64 block. */
const UNITS_PER_METRE = 64;
/** Most food; the state field's upper bound. */
const MAX_FOOD = 20;
/** Cells of a world per cell drawn in a tick: Minecraft draws three of each 16 x 16 x 16. */
const CELLS_PER_DRAW = 4096 / 3;

/** Minecraft 1.20 daylight: [time of day in 1/24000, sky light], linear between (minecraft.wiki "Daylight cycle"). */
const SKY_LIGHT: readonly (readonly [number, number])[] = [
  [0, 15],
  [12040, 15],
  [13670, 4],
  [22331, 4],
  [23961, 15],
  [24000, 15],
];
/** When a bed takes one in, clear sky, in 1/24000 of a day. */
const NIGHT_FROM = 12542;
const NIGHT_UNTIL = 23460;
const DAY_PARTS = 24000;

type Settings = NonNullable<ResolvedScenario['survival']>;

/** Tables of a scenario's survival section; `blocks` gives the dig times that the scenario permits. */
export function compileSurvival(resolved: ResolvedScenario, palette: Palette, blocks: BlockTables): SurvivalTables | undefined {
  const settings = resolved.survival;
  if (settings === undefined) return undefined;
  const { day, hunger, breath, attack } = settings;
  const [sizeX, sizeY, sizeZ] = resolved.world.size;
  const teams = [...new Set(resolved.agents.map((agent) => agent.team))];
  const mobs = compileMobs(mobsOf(settings), teams, resolved.world.size, palette);
  const reach = Math.round(attack.reachMetres * UNITS_PER_METRE);
  return {
    ...compileRecipes(recipesOf(settings)),
    ...compileItems(settings, palette),
    ...compileDigging(palette, blocks),
    ...compileBlocks(palette),
    ...compileGrowth(settings, palette, sizeX * sizeY * sizeZ),
    dayTicks: day.lengthTicks,
    dayStartTick: day.lengthTicks === 0 ? 0 : day.startTick,
    daylight: compileDaylight(),
    nightFrom: partOfDay(NIGHT_FROM, day.lengthTicks),
    nightUntil: partOfDay(NIGHT_UNTIL, day.lengthTicks),
    sleepTicks: day.sleepTicks,
    maxFood: MAX_FOOD,
    hungerTicks: hunger.everyTicks,
    starveTicks: hunger.starveEveryTicks,
    starveDamage: hunger.starveDamage,
    regenTicks: hunger.regenEveryTicks,
    regenFood: hunger.regenFood,
    breathTicks: breath.ticks,
    drownTicks: breath.damageEveryTicks,
    drownDamage: breath.damage,
    attack: attack.enabled ? 1 : 0,
    friendlyFire: attack.friendlyFire ? 1 : 0,
    attackReachQ6: reach * reach,
    knockbackQ16: toQ16(attack.knockback),
    knockbackUpQ16: toQ16(attack.knockbackUp),
    stationReach: settings.stationReach,
    respawn: RESPAWN[settings.respawn],
    respawnTicks: settings.respawnTicks,
    keepInventory: settings.keepInventory ? 1 : 0,
    ...(mobs === undefined ? {} : { mobs }),
  };
}

function compileRecipes(recipes: readonly Recipe[]): Pick<SurvivalTables, 'recipes' | 'numRecipes' | 'recipeNames'> {
  const table = new Int32Array(recipes.length * RECIPE_COLUMNS);
  recipes.forEach((recipe, r) => {
    const row = r * RECIPE_COLUMNS;
    const inputs = Object.entries(recipe.inputs);
    table[row + RECIPE_COLUMN.output] = itemByName(recipe.output).id;
    table[row + RECIPE_COLUMN.outputCount] = recipe.count;
    table[row + RECIPE_COLUMN.station] = recipe.station === null ? STATION.none : STATION[recipe.station];
    table[row + RECIPE_COLUMN.ticks] = recipe.ticks;
    table[row + RECIPE_COLUMN.fuel] = recipe.fuel ? 1 : 0;
    table[row + RECIPE_COLUMN.numInputs] = inputs.length;
    inputs.forEach(([name, count], i) => {
      table[row + RECIPE_COLUMN.input0 + 2 * i] = itemByName(name).id;
      table[row + RECIPE_COLUMN.input0 + 2 * i + 1] = count;
    });
  });
  return { recipes: table, numRecipes: recipes.length, recipeNames: recipes.map((recipe) => recipe.name) };
}

type ItemColumns = Pick<
  SurvivalTables,
  'toolClass' | 'toolRow' | 'durability' | 'damage' | 'attackTicks' | 'food' | 'stack' | 'fuelTicks' | 'placedOn'
>;

function compileItems(settings: Settings, palette: Palette): ItemColumns {
  const size = ITEMS[ITEMS.length - 1].id + 1;
  const items: ItemColumns = {
    toolClass: new Uint8Array(size),
    toolRow: new Uint8Array(size),
    durability: new Int32Array(size),
    damage: new Uint8Array(size).fill(HAND_DAMAGE),
    attackTicks: new Uint8Array(size).fill(HAND_ATTACK_TICKS),
    food: new Uint8Array(size),
    stack: new Uint8Array(size),
    fuelTicks: new Int32Array(size),
    placedOn: new Uint16Array(size),
  };
  for (const item of ITEMS) items.stack[item.id] = item.stack;
  TOOLS.forEach((tool, t) => {
    const { id } = itemByName(tool.item);
    const own = settings.tools[tool.item] ?? {};
    items.toolClass[id] = TOOL_CLASS[tool.class];
    items.toolRow[id] = t + 1;
    items.durability[id] = own.durability ?? tool.durability;
    items.damage[id] = own.damage ?? tool.damage;
    items.attackTicks[id] = own.attackTicks ?? tool.attackTicks;
  });
  for (const [name, points] of Object.entries({ ...FOODS, ...settings.foods })) items.food[itemByName(name).id] = points ?? 0;
  for (const [name, ticks] of Object.entries(FUELS)) items.fuelTicks[itemByName(name).id] = ticks;
  for (const [name, block] of Object.entries(PLACED_ON)) items.placedOn[itemByName(name).id] = palette.indexOfName(block) + 1;
  return items;
}

type DiggingColumns = Pick<SurvivalTables, 'numToolRows' | 'digTicks' | 'dropsWith' | 'firstDrop' | 'drops'>;

function compileDigging(palette: Palette, blocks: BlockTables): DiggingColumns {
  const numToolRows = TOOLS.length + 1;
  const size = palette.names.length;
  const digTicks = new Int32Array(size * numToolRows);
  const dropsWith = new Uint8Array(size * numToolRows);
  const firstDrop = new Uint16Array(size + 1);
  const drops: number[] = [];
  for (let p = 0; p < size; p++) {
    const block = BLOCK_BY_ID.get(palette.registryIds[p])!;
    for (let t = 0; t < numToolRows; t++) {
      const tool = t === 0 ? undefined : TOOLS[t - 1];
      digTicks[p * numToolRows + t] = blocks.digTicks[p] < 0 ? -1 : digTicksWith(block, tool);
      dropsWith[p * numToolRows + t] = dropsWithTool(block, tool) ? 1 : 0;
    }
    for (const drop of dropsOf(block)) {
      const row = new Array<number>(DROP_COLUMNS).fill(0);
      row[DROP_COLUMN.item] = itemByName(drop.item).id;
      row[DROP_COLUMN.count] = drop.count;
      row[DROP_COLUMN.chanceQ16] = Math.round(drop.chance * ALWAYS_Q16);
      drops.push(...row);
    }
    firstDrop[p + 1] = drops.length / DROP_COLUMNS;
  }
  return { numToolRows, digTicks, dropsWith, firstDrop, drops: Int32Array.from(drops) };
}

type BlockColumns = Pick<SurvivalTables, 'stationOf' | 'falls' | 'bed' | 'light' | 'opaque' | 'tilled'>;

function compileBlocks(palette: Palette): BlockColumns {
  const types = Array.from(palette.registryIds, (id) => BLOCK_BY_ID.get(id)!);
  const isStation = (name: string): name is 'crafting_table' | 'furnace' => Object.hasOwn(STATION, name);
  return {
    stationOf: Uint8Array.from(types, ({ name }) => (isStation(name) ? STATION[name] : STATION.none)),
    falls: Uint8Array.from(types, ({ name }) => (FALLING.includes(name) ? 1 : 0)),
    bed: Uint8Array.from(types, ({ name }) => (BEDS.includes(name) ? 1 : 0)),
    light: Uint8Array.from(types, ({ light }) => light),
    opaque: Uint8Array.from(types, ({ opaque }) => (opaque ? 1 : 0)),
    tilled: Uint8Array.from(types, ({ name }, p) => (Object.hasOwn(TILLED, name) ? palette.indexOfName(TILLED[name]) : p)),
  };
}

type GrowthColumns = Pick<SurvivalTables, 'growsInto' | 'growChanceQ16' | 'growsTree' | 'tree' | 'growthDraws'>;

/** A cell is drawn every cells / draws ticks in the mean, so that over the wanted mean is the chance. */
function compileGrowth({ growth }: Settings, palette: Palette, numCells: number): GrowthColumns {
  const speeds = [growth.cropTicks, growth.saplingTicks].filter((ticks) => ticks > 0);
  // Enough draws that no chance exceeds one.
  const growthDraws = speeds.length === 0 ? 0 : Math.ceil(numCells / Math.min(CELLS_PER_DRAW, ...speeds));
  const names = palette.names;
  const growsInto = Uint8Array.from(names, (name, p) => (Object.hasOwn(GROWS_INTO, name) ? palette.indexOfName(GROWS_INTO[name]) : p));
  const growChanceQ16 = Int32Array.from(names, (name, p) => {
    const meanTicks = name === SAPLING ? growth.saplingTicks : growth.cropTicks;
    if (growsInto[p] === p || meanTicks === 0) return 0;
    return Math.min(ALWAYS_Q16, Math.max(1, Math.round((ALWAYS_Q16 * numCells) / (growthDraws * meanTicks))));
  });
  return {
    growsInto,
    growChanceQ16,
    growsTree: Uint8Array.from(names, (name) => (name === SAPLING ? 1 : 0)),
    tree: Int32Array.from(OAK_TREE.flatMap(({ dx, dy, dz, block }) => [dx, dy, dz, palette.indexOfName(block)])),
    growthDraws,
  };
}

/** Sky light at the beginning of each part of the day, rounded down. */
function compileDaylight(): Uint8Array {
  return Uint8Array.from({ length: DAYLIGHT_STEPS }, (_, step) => {
    const time = (step * DAY_PARTS) / DAYLIGHT_STEPS;
    const next = SKY_LIGHT.findIndex(([end]) => end > time);
    const [from, lightFrom] = SKY_LIGHT[next - 1];
    const [to, lightTo] = SKY_LIGHT[next];
    return Math.floor(lightFrom + ((lightTo - lightFrom) * (time - from)) / (to - from));
  });
}

function partOfDay(part: number, dayTicks: number): number {
  return Math.round((part * dayTicks) / DAY_PARTS);
}
