/**
 * What grows, falls, is tilled and is slept in.
 * Differs from Minecraft: wheat has four stages, an oak always grows to the same tree, and neither asks for light or water.
 */

/** Block -> what it grows into. */
export const GROWS_INTO: Readonly<Record<string, string>> = Object.freeze({
  wheat_crop: 'wheat_crop_1',
  wheat_crop_1: 'wheat_crop_2',
  wheat_crop_2: 'wheat_crop_3',
  oak_sapling: 'oak_log',
});
/** Grows as a whole tree, see `OAK_TREE`. */
export const SAPLING = 'oak_sapling';
/** Item -> block that must lie below the cell where it is placed. */
export const PLACED_ON: Readonly<Record<string, string>> = Object.freeze({ wheat_seeds: 'farmland' });
/** Block -> what a hoe makes of it. */
export const TILLED: Readonly<Record<string, string>> = Object.freeze({ dirt: 'farmland', grass_block: 'farmland' });
export const FALLING: readonly string[] = Object.freeze(['sand', 'gravel']);
export const BEDS: readonly string[] = Object.freeze(['white_bed']);

export interface TreeCell {
  readonly dx: number;
  readonly dy: number;
  readonly dz: number;
  readonly block: 'oak_log' | 'oak_leaves';
}

const TRUNK_HEIGHT = 4;
/** Half edge of the square of leaves at each height; the two wide ones are without their corners. */
const CROWN: readonly (readonly [dy: number, radius: number])[] = [
  [2, 2],
  [3, 2],
  [4, 1],
];

/** An oak from the cell of its sapling, the trunk first; the same after any turn or mirroring. */
export const OAK_TREE: readonly TreeCell[] = Object.freeze([...trunk(), ...crown()]);

function trunk(): TreeCell[] {
  return Array.from({ length: TRUNK_HEIGHT }, (_, dy) => ({ dx: 0, dy, dz: 0, block: 'oak_log' }));
}

function crown(): TreeCell[] {
  const cells: TreeCell[] = [];
  for (const [dy, radius] of CROWN) {
    for (let dz = -radius; dz <= radius; dz++) {
      for (let dx = -radius; dx <= radius; dx++) {
        const isTrunk = dx === 0 && dz === 0 && dy < TRUNK_HEIGHT;
        const isCorner = radius === 2 && Math.abs(dx) === 2 && Math.abs(dz) === 2;
        if (!isTrunk && !isCorner) cells.push({ dx, dy, dz, block: 'oak_leaves' });
      }
    }
  }
  return cells;
}
