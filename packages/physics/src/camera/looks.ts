/** How a ray meets each palette entry: passes, stops, tints, has holes, or stands smaller than its cell. Made once per camera from the registry. */
import { BLOCK_BY_ID } from '@kinovox/world';
import { isPlant } from './block-textures.js';

export const LOOK = {
  /** Passes unseen: air, barriers. */
  none: 0,
  /** Stops every ray. */
  cube: 1,
  /** Tints what is behind it: water, glass, ice. */
  clear: 2,
  /** A cube with holes in its faces: bars, ladders, vines, open doors. */
  holes: 3,
  /** A box smaller than its cell: plates, torches, levers, buttons, beds. */
  box: 4,
  /** Two crossed planes. */
  plant: 5,
} as const;

export interface BlockLooks {
  /** `[P]` LOOK. */
  look: Uint8Array;
  /** `[P, 6]` box of LOOK.box within its cell, Q16: least x y z, most x y z. */
  box: Int32Array;
  /** `[P]` 1 = its top and bottom lie turned, each cell another way: ground without a grain shows no rows of one texture. */
  turns: Uint8Array;
  /** `[P]` light that it gives, 0..15. */
  light: Uint8Array;
}

/** Least and most x y z in sixteenths, by name; the first name that fits. */
const BOXES: readonly (readonly [RegExp, readonly [number, number, number, number, number, number]])[] = [
  [/_pressure_plate$/, [1, 0, 1, 15, 1, 15]],
  [/_pressure_plate_pressed$/, [1, 0, 1, 15, 0.5, 15]],
  [/^torch$/, [7, 0, 7, 9, 10, 9]],
  [/^lever/, [6, 0, 6, 10, 9, 10]],
  [/^stone_button/, [6, 0, 6, 10, 2, 10]],
  [/_bed$/, [0, 0, 0, 16, 9, 16]],
];

export function createBlockLooks(registryIds: ArrayLike<number>): BlockLooks {
  const size = registryIds.length;
  const looks = { look: new Uint8Array(size), turns: new Uint8Array(size), box: new Int32Array(6 * size), light: new Uint8Array(size) };
  for (let p = 0; p < size; p++) {
    const block = BLOCK_BY_ID.get(registryIds[p]);
    if (block === undefined) {
      looks.look[p] = LOOK.cube;
      continue;
    }
    looks.light[p] = block.light;
    looks.turns[p] = block.pattern === 'speckle' || block.pattern === 'leaves' ? 1 : 0;
    const box = BOXES.find(([name]) => name.test(block.name));
    if (block.name === 'air' || block.name === 'barrier') looks.look[p] = LOOK.none;
    else if (box !== undefined) {
      looks.look[p] = LOOK.box;
      for (let k = 0; k < 6; k++) looks.box[6 * p + k] = box[1][k] * 4096;
    } else if (isPlant(block)) looks.look[p] = LOOK.plant;
    else if (block.liquid === 'water' || ['glass', 'ice', 'slime_block'].includes(block.name)) looks.look[p] = LOOK.clear;
    else if (['ladder', 'vine', 'iron_bars'].includes(block.name) || block.name.endsWith('_open')) looks.look[p] = LOOK.holes;
    else looks.look[p] = LOOK.cube;
  }
  return looks;
}
