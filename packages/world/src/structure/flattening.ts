/**
 * Minecraft block states to registry blocks. A name of the registry maps to itself, its states by property (`oak_door[open=true]`);
 * shapes that are not full cubes and materials that the registry lacks go through the explicit table below, and each use is noted.
 * What is in neither is unknown, and the importer refuses it by name.
 */
import { BLOCK_BY_NAME } from '../blocks/registry.js';
import { didYouMean } from '../errors.js';

export interface Flattened {
  /** Registry block name. */
  readonly name: string;
  /** Set when something was lost: `oak_stairs -> oak_planks`. */
  readonly note?: string;
}

/** Block states that are registry blocks of their own: [block, property, state block]. */
const STATE_BLOCKS: readonly (readonly [string, string, string])[] = [
  ['oak_door', 'open=true', 'oak_door_open'],
  ['iron_door', 'open=true', 'iron_door_open'],
  ['stone_pressure_plate', 'powered=true', 'stone_pressure_plate_pressed'],
  ['oak_pressure_plate', 'powered=true', 'oak_pressure_plate_pressed'],
  ['lever', 'powered=true', 'lever_on'],
  ['stone_button', 'powered=true', 'stone_button_pressed'],
  ['redstone_lamp', 'lit=true', 'redstone_lamp_on'],
];

/** Registry blocks that Minecraft lacks; they are written under a namespace of their own. */
const OWN_BLOCKS: ReadonlySet<string> = new Set(['goal_pad', 'start_pad', 'hazard_pad', 'red_team_pad', 'blue_team_pad', 'training_wall']);
const OWN_NAMESPACE = 'kinovox:';
const MINECRAFT_NAMESPACE = 'minecraft:';

const FLATTENINGS: ReadonlyMap<string, string> = createFlattenings();

/**
 * The registry block of a Minecraft block state such as `minecraft:oak_stairs[facing=north]`, with or without namespace.
 * @returns undefined when it is neither in the registry nor in the table.
 */
export function flattenBlockState(state: string): Flattened | undefined {
  const bracket = state.indexOf('[');
  const full = bracket < 0 ? state : state.slice(0, bracket);
  const properties = bracket < 0 ? [] : state.slice(bracket + 1, -1).split(',');
  const name = full.startsWith(MINECRAFT_NAMESPACE)
    ? full.slice(MINECRAFT_NAMESPACE.length)
    : full.startsWith(OWN_NAMESPACE)
      ? full.slice(OWN_NAMESPACE.length)
      : full;
  if (BLOCK_BY_NAME.has(name)) {
    for (const [block, property, stateBlock] of STATE_BLOCKS)
      if (block === name && properties.includes(property)) return { name: stateBlock };
    const flowing = BLOCK_BY_NAME.get(name)?.liquid !== 'none' && properties.some((p) => p.startsWith('level=') && p !== 'level=0');
    return flowing ? { name, note: `flowing ${name} -> still ${name}` } : { name };
  }
  const target = FLATTENINGS.get(name);
  if (target === undefined) return undefined;
  return { name: target, note: `${name} -> ${target}` };
}

/** The block state that `flattenBlockState` turns back into that registry block. */
export function blockStateOf(name: string): string {
  for (const [block, property, stateBlock] of STATE_BLOCKS) if (stateBlock === name) return `${MINECRAFT_NAMESPACE}${block}[${property}]`;
  return (OWN_BLOCKS.has(name) ? OWN_NAMESPACE : MINECRAFT_NAMESPACE) + name;
}

/** ` Did you mean "...?"` among registry and table. */
export function suggestBlockState(state: string): string {
  const name = state.replace(/^[^:[]*:/, '').replace(/\[.*$/, '');
  return didYouMean(name, [...BLOCK_BY_NAME.keys(), ...FLATTENINGS.keys()]);
}

function createFlattenings(): ReadonlyMap<string, string> {
  const table = new Map<string, string>();
  const add = (target: string, names: readonly string[]) => {
    for (const name of names) if (!BLOCK_BY_NAME.has(name)) table.set(name, target);
  };
  addWoods(add);
  addStones(add);
  addColors(add);
  // Things that fill no space and that nothing stands on.
  add('air', [
    'cave_air',
    'void_air',
    'structure_void',
    'light',
    'fire',
    'soul_fire',
    'redstone_wire',
    'repeater',
    'comparator',
    'tripwire',
    'tripwire_hook',
  ]);
  add('air', [
    'rail',
    'powered_rail',
    'detector_rail',
    'activator_rail',
    'snow',
    'cobweb',
    'string',
    'flower_pot',
    'candle',
    'chain',
    'lightning_rod',
    'end_rod',
  ]);
  add('air', [
    'short_grass',
    'grass',
    'tall_grass',
    'fern',
    'large_fern',
    'dead_bush',
    'seagrass',
    'tall_seagrass',
    'kelp',
    'kelp_plant',
    'sugar_cane',
    'lily_pad',
    'moss_carpet',
  ]);
  add('air', [
    'dandelion',
    'poppy',
    'blue_orchid',
    'allium',
    'azure_bluet',
    'red_tulip',
    'orange_tulip',
    'white_tulip',
    'pink_tulip',
    'oxeye_daisy',
    'cornflower',
  ]);
  add('air', [
    'lily_of_the_valley',
    'sunflower',
    'lilac',
    'rose_bush',
    'peony',
    'brown_mushroom',
    'red_mushroom',
    'sweet_berry_bush',
    'wheat',
    'carrots',
    'potatoes',
    'beetroots',
  ]);
  add('torch', ['wall_torch', 'soul_torch', 'soul_wall_torch', 'redstone_torch', 'redstone_wall_torch', 'lantern', 'soul_lantern']);
  add('dirt', ['coarse_dirt', 'rooted_dirt', 'podzol', 'mycelium', 'farmland', 'mud']);
  add('grass_block', ['dirt_path', 'moss_block']);
  add('sand', ['red_sand', 'soul_sand', 'soul_soil']);
  add('packed_ice', ['blue_ice', 'frosted_ice']);
  add('snow_block', ['powder_snow']);
  add('glass', ['glass_pane', 'tinted_glass']);
  add('water', ['bubble_column']);
  add('glowstone', ['sea_lantern', 'shroomlight', 'jack_o_lantern', 'beacon']);
  add('oak_planks', [
    'chest',
    'trapped_chest',
    'barrel',
    'composter',
    'lectern',
    'note_block',
    'jukebox',
    'loom',
    'cartography_table',
    'fletching_table',
    'smithing_table',
  ]);
  add('furnace', ['blast_furnace', 'smoker']);
  add('iron_block', ['iron_trapdoor', 'anvil', 'hopper', 'cauldron', 'copper_block', 'cut_copper']);
  add('vine', ['glow_lichen', 'cave_vines', 'cave_vines_plant', 'twisting_vines', 'weeping_vines']);
  add('ladder', ['scaffolding']);
  add('coal_ore', ['deepslate_coal_ore']);
  add('iron_ore', ['deepslate_iron_ore', 'copper_ore', 'deepslate_copper_ore']);
  add('gold_ore', ['deepslate_gold_ore', 'nether_gold_ore']);
  add('diamond_ore', [
    'deepslate_diamond_ore',
    'emerald_ore',
    'deepslate_emerald_ore',
    'lapis_ore',
    'deepslate_lapis_ore',
    'redstone_ore',
    'deepslate_redstone_ore',
  ]);
  return table;
}

type Add = (target: string, names: readonly string[]) => void;

/** Every wood becomes the nearest of oak, birch and spruce. */
function addWoods(add: Add): void {
  const woods: Readonly<Record<string, string>> = {
    oak: 'oak',
    birch: 'birch',
    spruce: 'spruce',
    jungle: 'oak',
    acacia: 'oak',
    dark_oak: 'spruce',
    mangrove: 'spruce',
    cherry: 'birch',
  };
  for (const [wood, near] of Object.entries(woods)) {
    add(`${near}_planks`, [`${wood}_planks`, `${wood}_stairs`, `${wood}_slab`, `${wood}_fence`, `${wood}_trapdoor`]);
    add(`${near}_log`, [`${wood}_log`, `${wood}_wood`, `stripped_${wood}_log`, `stripped_${wood}_wood`]);
    add(`${near}_leaves`, [`${wood}_leaves`]);
    add('oak_door', [`${wood}_door`, `${wood}_fence_gate`]);
    add('oak_pressure_plate', [`${wood}_pressure_plate`]);
    add('stone_button', [`${wood}_button`]);
    add('air', [
      `${wood}_sapling`,
      `potted_${wood}_sapling`,
      `${wood}_sign`,
      `${wood}_wall_sign`,
      `${wood}_hanging_sign`,
      `${wood}_wall_hanging_sign`,
    ]);
  }
}

/** Stairs, slabs and walls become full cubes of their material, and materials of one look one block. */
function addStones(add: Add): void {
  const shapes = (target: string, stems: readonly string[]) => {
    for (const stem of stems) add(target, [`${stem}_stairs`, `${stem}_slab`, `${stem}_wall`]);
  };
  shapes('stone', ['stone']);
  shapes('cobblestone', ['cobblestone']);
  shapes('mossy_cobblestone', ['mossy_cobblestone']);
  shapes('stone_bricks', ['stone_brick', 'mossy_stone_brick']);
  shapes('smooth_stone', ['smooth_stone', 'quartz', 'smooth_quartz']);
  shapes('bricks', ['brick', 'nether_brick', 'red_nether_brick', 'mud_brick']);
  shapes('sandstone', [
    'sandstone',
    'smooth_sandstone',
    'cut_sandstone',
    'red_sandstone',
    'smooth_red_sandstone',
    'cut_red_sandstone',
    'end_stone_brick',
  ]);
  shapes('granite', ['granite', 'polished_granite']);
  shapes('diorite', ['diorite', 'polished_diorite']);
  shapes('andesite', ['andesite', 'polished_andesite']);
  shapes('cobbled_deepslate', [
    'cobbled_deepslate',
    'deepslate_brick',
    'deepslate_tile',
    'polished_deepslate',
    'blackstone',
    'polished_blackstone',
    'polished_blackstone_brick',
  ]);
  add('granite', ['polished_granite']);
  add('diorite', ['polished_diorite', 'calcite']);
  add('andesite', ['polished_andesite', 'tuff']);
  add('stone_bricks', ['mossy_stone_bricks', 'cracked_stone_bricks', 'chiseled_stone_bricks']);
  add('smooth_stone', ['quartz_block', 'smooth_quartz', 'quartz_bricks', 'quartz_pillar', 'chiseled_quartz_block', 'bone_block']);
  add('bricks', ['nether_bricks', 'red_nether_bricks', 'mud_bricks', 'terracotta']);
  add('sandstone', [
    'smooth_sandstone',
    'cut_sandstone',
    'chiseled_sandstone',
    'red_sandstone',
    'smooth_red_sandstone',
    'cut_red_sandstone',
    'end_stone',
    'end_stone_bricks',
  ]);
  add('cobbled_deepslate', [
    'deepslate_bricks',
    'deepslate_tiles',
    'polished_deepslate',
    'chiseled_deepslate',
    'blackstone',
    'polished_blackstone',
    'polished_blackstone_bricks',
    'basalt',
  ]);
  add('stone_pressure_plate', ['light_weighted_pressure_plate', 'heavy_weighted_pressure_plate', 'polished_blackstone_pressure_plate']);
  add('obsidian', ['crying_obsidian']);
}

/** Everything dyed becomes wool of its colour, panes of glass become glass, and what is thin becomes air. */
function addColors(add: Add): void {
  for (const wool of BLOCK_BY_NAME.keys()) {
    if (!wool.endsWith('_wool')) continue;
    const color = wool.slice(0, -'_wool'.length);
    add(wool, [
      `${color}_concrete`,
      `${color}_concrete_powder`,
      `${color}_terracotta`,
      `${color}_glazed_terracotta`,
      `${color}_shulker_box`,
    ]);
    add('glass', [`${color}_stained_glass`, `${color}_stained_glass_pane`]);
    add('air', [`${color}_carpet`, `${color}_banner`, `${color}_wall_banner`, `${color}_candle`, `${color}_bed`]);
  }
}
