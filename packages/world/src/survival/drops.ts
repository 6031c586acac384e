/**
 * What digging gives under the rules of survival, where that is not one of what the block table names.
 * Source: Minecraft Java 1.20 loot tables (minecraft.wiki "Leaves", "Wheat Seeds", "Clay"), bare of enchantments.
 */
import type { BlockType } from '../blocks/registry.js';

export interface Drop {
  readonly item: string;
  readonly count: number;
  /** Probability, 0..1; kept as n/65536. */
  readonly chance: number;
}

const always = (item: string, count = 1): Drop => ({ item, count, chance: 1 });
/** A grown crop gives one seed and three more with 4/7 each. */
const moreSeed: Drop = { item: 'wheat_seeds', count: 1, chance: 4 / 7 };

/** By block name; each row is drawn by itself. */
export const DROPS: Readonly<Record<string, readonly Drop[]>> = Object.freeze({
  oak_leaves: [
    { item: 'oak_sapling', count: 1, chance: 1 / 20 },
    { item: 'stick', count: 1, chance: 1 / 50 },
    { item: 'apple', count: 1, chance: 1 / 200 },
  ],
  birch_leaves: [{ item: 'stick', count: 1, chance: 1 / 50 }],
  spruce_leaves: [{ item: 'stick', count: 1, chance: 1 / 50 }],
  short_grass: [{ item: 'wheat_seeds', count: 1, chance: 1 / 8 }],
  clay: [always('clay_ball', 4)],
  wheat_crop: [always('wheat_seeds')],
  wheat_crop_1: [always('wheat_seeds')],
  wheat_crop_2: [always('wheat_seeds')],
  wheat_crop_3: [always('wheat'), always('wheat_seeds'), moreSeed, moreSeed, moreSeed],
});

/** The drops of a block: its rows here, or one of what the block table names. */
export function dropsOf(block: BlockType): readonly Drop[] {
  if (Object.hasOwn(DROPS, block.name)) return DROPS[block.name];
  return block.drops === null ? [] : [always(block.drops)];
}
