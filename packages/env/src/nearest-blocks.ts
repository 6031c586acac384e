/** What blocks lie around an agent, for texts: of each kind the nearest. Data flow: the crop's block ids -> a cell per kind. */
import { AIR_ID, BLOCK_BY_ID } from '@kinovox/world';
import type { NamedRow } from './structured-observation.js';

interface Found {
  square: number;
  x: number;
  y: number;
  z: number;
}

/**
 * The nearest block of each kind in the crop but air, by its cell; ties to the first in y, z, x. Of more kinds than `most`, the nearest.
 * Kinds come in the order in which a walk over y, z, x meets them.
 */
export function nearestBlocks(crop: ArrayLike<number>, self: NamedRow, most: number): [string, readonly [number, number, number]][] {
  const edge = Math.round(Math.cbrt(crop.length));
  const half = edge >> 1;
  const corner = [self.x, self.y, self.z].map((value) => Math.floor(value) - half);
  const best = new Map<number, Found>();
  let lastId = -1;
  let last: Found | undefined;
  // Plain loops: hundreds of cells per agent and turn, and neighbours are mostly of one kind.
  for (let y = 0, cell = 0; y < edge; y++) {
    for (let z = 0; z < edge; z++) {
      const aside = (y - half) ** 2 + (z - half) ** 2;
      for (let x = 0; x < edge; x++, cell++) {
        const id = crop[cell];
        if (id === AIR_ID) continue;
        if (id !== lastId) {
          lastId = id;
          last = best.get(id);
          if (last === undefined) best.set(id, (last = { square: Number.POSITIVE_INFINITY, x, y, z }));
        }
        const square = aside + (x - half) ** 2;
        if (last === undefined || square >= last.square) continue;
        last.square = square;
        last.x = x;
        last.y = y;
        last.z = z;
      }
    }
  }
  const kinds = [...best];
  const chosen = kinds.length <= most ? kinds : kinds.sort((a, b) => a[1].square - b[1].square).slice(0, most);
  return chosen.map(([id, { x, y, z }]) => [BLOCK_BY_ID.get(id)?.name ?? 'unknown', [corner[0] + x, corner[1] + y, corner[2] + z]]);
}
