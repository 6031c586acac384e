/**
 * The rules of survival as plain typed arrays: what is crafted, how fast a tool digs, what food gives, how the day goes.
 * Made by @kinovox/env from a scenario's `survival` section; `ScenarioProgram.survival` is undefined without one, and no survival stage runs then.
 * Shape letters: R recipes, I item ids (0 up to the greatest of the registry), P palette entries, T tool rows, D drops, N cells of a tree.
 */
import type { MobTables } from './mob-tables.js';

/** Columns of `recipes`. An unused input has item 0 and count 0; inputs are filled from the front, in the order of the recipe. */
export const RECIPE_COLUMN = {
  /** Item id of what is made. */
  output: 0,
  /** How many are made at once, 1..64. */
  outputCount: 1,
  /** STATION that must be within reach; 0 none. */
  station: 2,
  /** Ticks of uninterrupted work until the output is there, 1..10000. Inputs are taken when the work is done. */
  ticks: 3,
  /** 1 = also burns `ticks` ticks of fuel. */
  fuel: 4,
  /** Number of inputs, 1..4. */
  numInputs: 5,
  /** First of `RECIPE_INPUTS` pairs of item id and count. */
  input0: 6,
} as const;
/** Most kinds of input of one recipe. */
export const RECIPE_INPUTS = 4;
export const RECIPE_COLUMNS = 6 + 2 * RECIPE_INPUTS;
/** Most recipes of a program: the action column `argument` names recipe + 1 in 1..255. */
export const MAX_RECIPES = 255;

/** Values of `RECIPE_COLUMN.station` and of `stationOf`. */
export const STATION = { none: 0, crafting_table: 1, furnace: 2 } as const;

/** Values of `toolClass`; `hand` is every item that is no tool. */
export const TOOL_CLASS = { hand: 0, pickaxe: 1, axe: 2, shovel: 3, sword: 4, hoe: 5 } as const;

/** Columns of `drops`. */
export const DROP_COLUMN = {
  item: 0,
  count: 1,
  /** Probability in 1/65536; 65536 is always. */
  chanceQ16: 2,
} as const;
export const DROP_COLUMNS = 3;

/** Values of `SurvivalTables.respawn`. */
export const RESPAWN = { none: 0, spawn: 1 } as const;

/** Entries of `daylight`: the day in equal parts. */
export const DAYLIGHT_STEPS = 256;

export interface SurvivalTables {
  /** `[R, RECIPE_COLUMNS]` */
  recipes: Int32Array;
  numRecipes: number;
  /** `[R]` names, for people and for the craftable mask. */
  recipeNames: string[];

  /** `[I]` TOOL_CLASS of a held item. */
  toolClass: Uint8Array;
  /** `[I]` row of `digTicks` and `dropsWith` that applies while the item is held; 0 is the bare hand. */
  toolRow: Uint8Array;
  /** `[I]` uses until a tool breaks; 0 never wears. A dug block is one use; an attack is one of a sword, two of another tool. */
  durability: Int32Array;
  /** `[I]` half hearts of an attack with the item, 1 bare hand. */
  damage: Uint8Array;
  /** `[I]` ticks between two attacks with the item. */
  attackTicks: Uint8Array;
  /** `[I]` food points that eating gives; 0 cannot be eaten. */
  food: Uint8Array;
  /** `[I]` most of them in one slot, 1..64; 0 is no item. */
  stack: Uint8Array;
  /** `[I]` ticks of a furnace's fire; 0 does not burn. */
  fuelTicks: Int32Array;
  /** `[I]` palette index + 1 that the block below must have where the item is placed (seeds on farmland); 0 anywhere. */
  placedOn: Uint16Array;

  /** Tool rows, T: the hand, then one per tool. */
  numToolRows: number;
  /** `[P, T]` ticks to dig; -1 cannot be dug, also where the scenario forbids it. */
  digTicks: Int32Array;
  /** `[P, T]` 1 = digging with that tool gives the block's drops. */
  dropsWith: Uint8Array;
  /** `[P + 1]` first row in `drops` of each palette entry; the next entry's first row ends it. */
  firstDrop: Uint16Array;
  /** `[D, DROP_COLUMNS]`; takes the place of `BlockTables.dropItem`. */
  drops: Int32Array;

  /** `[P]` STATION that the block is. */
  stationOf: Uint8Array;
  /** `[P]` 1 = falls when the cell below is replaceable (sand, gravel). */
  falls: Uint8Array;
  /** `[P]` 1 = can be slept in. */
  bed: Uint8Array;
  /** `[P]` light that the block gives, 0..15. */
  light: Uint8Array;
  /** `[P]` 1 = sky light does not pass. */
  opaque: Uint8Array;
  /** `[P]` palette index that `use` with a hoe makes of it (dirt -> farmland); own index: nothing. */
  tilled: Uint8Array;
  /** `[P]` palette index that it grows into; own index: does not grow. A sapling grows into its trunk, see `tree`. */
  growsInto: Uint8Array;
  /** `[P]` probability in 1/65536 that it grows when a drawn cell is it. */
  growChanceQ16: Int32Array;
  /** `[P]` 1 = grows as a tree: all cells of `tree` at once, if every one of them is replaceable or the sapling itself. */
  growsTree: Uint8Array;
  /** `[N, 4]` dx, dy, dz, palette index of a grown tree, from the sapling's cell. Cells of the trunk come first. */
  tree: Int32Array;
  /** Cells drawn per world and tick, with replacement, to grow; 0 nothing grows. */
  growthDraws: number;

  /** Ticks that a full day takes; 0 it is always noon. */
  dayTicks: number;
  /** Time of day at the episode's tick 0, 0..dayTicks-1; 0 is sunrise. */
  dayStartTick: number;
  /** `[DAYLIGHT_STEPS]` sky light 4..15 at time of day floor(time * DAYLIGHT_STEPS / dayTicks); dayTicks <= 2^20, so the product fits. */
  daylight: Uint8Array;
  /** Time of day from which, and up to which (exclusive), agents may fall asleep: nightFrom <= time < nightUntil. */
  nightFrom: number;
  nightUntil: number;
  /** Ticks in bed after which the night is over for the sleeper's world, if all living agents sleep. */
  sleepTicks: number;

  /** Food at the start, and most of it. */
  maxFood: number;
  /** Ticks per lost food point; 0 no hunger. */
  hungerTicks: number;
  /** Ticks between two losses of `starveDamage` half hearts at food 0. */
  starveTicks: number;
  starveDamage: number;
  /** Ticks per half heart gained while food >= regenFood; 0 no healing. */
  regenTicks: number;
  regenFood: number;
  /** Ticks that a breath lasts with the eyes in water; 0 nobody drowns. */
  breathTicks: number;
  /** Ticks between two losses of `drownDamage` half hearts without breath. */
  drownTicks: number;
  drownDamage: number;

  /** 1 = agents can attack each other; attacks within a team also need `friendlyFire`. */
  attack: number;
  friendlyFire: number;
  /** Greatest distance of an attack, give or bed: square of 1/64 block units from eye to the body's centre. */
  attackReachQ6: number;
  /** Horizontal speed given to the attacked, Q16 block per tick, and the upward part. */
  knockbackQ16: number;
  knockbackUpQ16: number;
  /** Blocks from the feet's cell, along each axis, within which a station counts as near. */
  stationReach: number;

  /** RESPAWN of an agent that dies. */
  respawn: number;
  /** Ticks from death to the respawn. */
  respawnTicks: number;
  /** 1 = the inventory stays with the dead; 0 = it falls to the ground where they died. */
  keepInventory: number;

  /** Mobs; undefined when the scenario has none. */
  mobs?: MobTables | undefined;
}
