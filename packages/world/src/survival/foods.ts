/**
 * Food points (half drumsticks) of what can be eaten, and burn times of what feeds a furnace.
 * Source: Minecraft Java 1.20 (minecraft.wiki "Food", "Smelting"). Differs: no saturation, and rotten flesh does not make ill.
 */

/** Item name -> food points, 1..20. */
export const FOODS: Readonly<Record<string, number>> = Object.freeze({
  apple: 4,
  bread: 5,
  raw_beef: 3,
  cooked_beef: 8,
  raw_porkchop: 3,
  cooked_porkchop: 8,
  rotten_flesh: 4,
});

/** Item name -> ticks of fire; one smelt burns 200. */
export const FUELS: Readonly<Record<string, number>> = Object.freeze({
  coal: 1600,
  charcoal: 1600,
  coal_block: 16000,
  oak_log: 300,
  birch_log: 300,
  spruce_log: 300,
  oak_planks: 300,
  birch_planks: 300,
  spruce_planks: 300,
  stick: 100,
  oak_sapling: 100,
  crafting_table: 300,
  ladder: 300,
  bookshelf: 300,
  oak_door: 200,
  oak_pressure_plate: 300,
  wooden_pickaxe: 200,
  wooden_axe: 200,
  wooden_shovel: 200,
  wooden_sword: 200,
  wooden_hoe: 200,
});
