/** Worlds for tests of fields: random ones from a seed, and drawn ones. */
import type { SolidGrid } from '@kinovox/physics';
import { randomWords } from '../fixture.js';

/** Each cell solid with `share`/256; with `floor`, the lowest layer is. */
export function randomGrid(size: SolidGrid['size'], seed: number, share: number, floor = false): SolidGrid {
  const next = randomWords(seed);
  const solid = Uint8Array.from({ length: size[0] * size[1] * size[2] }, () => ((next() >>> 8) % 256 < share ? 1 : 0));
  if (floor) solid.fill(1, 0, size[0] * size[2]);
  return { size, solid };
}

/** A plane seen from above, `#` solid, with a floor below and `height` layers. */
export function drawnGrid(rows: readonly string[], height = 3): SolidGrid {
  const [sizeX, sizeZ] = [rows[0].length, rows.length];
  const solid = new Uint8Array(sizeX * sizeZ * (height + 1));
  for (let y = 0; y <= height; y++)
    for (let z = 0; z < sizeZ; z++)
      for (let x = 0; x < sizeX; x++) solid[(y * sizeZ + z) * sizeX + x] = y === 0 || rows[z][x] === '#' ? 1 : 0;
  return { size: [sizeX, height + 1, sizeZ], solid };
}

/** What `drawnGrid` makes: walkers stand in layer 1. */
export const GROUND_LAYER = 1;
