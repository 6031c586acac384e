/**
 * Signed distance from a point to what is solid, exact, in metres: how far the nearest solid cube is, or below 0 how deep the point lies in solid ones.
 * It reads the solidity bits of the world as they stand, so an edit counts in the next question and nothing has to be made anew.
 * Outside a world it is solid at the four sides and below, and empty above, as in the rules of motion.
 * Cost: the rows of cells within `farM`, 32 cells at a time where nothing is solid; for fields of whole worlds see `distanceField`.
 */
import { ShapeError } from '@kinovox/world';
import type { Engine } from '../engine.js';

export interface SolidView {
  /** `[Y, Z, rowWords]` bits of the world from `base` on; read at each question. */
  readonly rows: Uint32Array;
  readonly base: number;
  readonly rowWords: number;
  /** Cells along x, y, z. */
  readonly size: readonly [number, number, number];
  /** `[Y, Z, rowWords]` bits of cells that count as solid too, such as those that a mechanism may put there. */
  readonly also?: Uint32Array | undefined;
}

/** The solid cells of world w: a view that every later edit shows in. */
export function solidViewOf({ program, state }: Pick<Engine, 'program' | 'state'>, w: number, also?: Uint32Array): SolidView {
  return { rows: state.rows, base: w * state.rowsPerWorld, rowWords: program.rowWords, size: program.size, also };
}

/**
 * @param farM distances end here, metres, in (0, 64]; default 8.
 * @returns metres in [-farM, farM]; negative inside.
 * @throws ShapeError for a point that is not finite, or `farM` out of range.
 */
export function signedDistanceAt(view: SolidView, x: number, y: number, z: number, farM = 8): number {
  if (!Number.isFinite(x + y + z)) throw new ShapeError('distance-point', `A point must be finite; got [${x}, ${y}, ${z}].`);
  if (!(farM > 0 && farM <= 64)) throw new ShapeError('distance-far', `farM must be in (0, 64] metres; got ${farM}.`);
  const inside = isSolidCell(view, Math.floor(x), Math.floor(y), Math.floor(z));
  const metres = nearest(view, x, y, z, farM, !inside);
  return inside ? -metres : metres;
}

/** Whether a cell stops bodies, also one outside the world. */
export function isSolidCell({ rows, base, rowWords, size, also }: SolidView, x: number, y: number, z: number): boolean {
  const [sizeX, sizeY, sizeZ] = size;
  if (x < 0 || z < 0 || x >= sizeX || z >= sizeZ || y < 0) return true;
  if (y >= sizeY) return false;
  const word = (y * sizeZ + z) * rowWords + (x >> 5);
  return (((also === undefined ? 0 : also[word]) | rows[base + word]) & (1 << (x & 31))) !== 0;
}

/** Metres to the nearest cell that is solid, or that is not. */
function nearest(view: SolidView, x: number, y: number, z: number, farM: number, solid: boolean): number {
  const { rows, base, rowWords, size, also } = view;
  const [sizeX, sizeY, sizeZ] = size;
  let best = farM * farM;
  for (let cy = Math.floor(y - farM); cy <= Math.floor(y + farM); cy++) {
    const dy = beyond(y, cy);
    if (dy * dy >= best) continue;
    for (let cz = Math.floor(z - farM); cz <= Math.floor(z + farM); cz++) {
      const dz = beyond(z, cz);
      const apart = dy * dy + dz * dz;
      if (apart >= best) continue;
      const isRow = cy >= 0 && cy < sizeY && cz >= 0 && cz < sizeZ;
      const row = (cy * sizeZ + cz) * rowWords;
      const last = Math.floor(x + farM);
      for (let cx = Math.floor(x - farM); cx <= last; cx++) {
        if (isRow && solid && cx >= 0 && (cx & 31) === 0 && cx < sizeX) {
          const word = row + (cx >> 5);
          if (((also === undefined ? 0 : also[word]) | rows[base + word]) === 0 && cx + 32 <= sizeX) {
            cx += 31;
            continue;
          }
        }
        if (isSolidCell(view, cx, cy, cz) !== solid) continue;
        const dx = beyond(x, cx);
        best = Math.min(best, apart + dx * dx);
      }
    }
  }
  return Math.sqrt(best);
}

/** How far a coordinate is from the cell [c, c + 1]. */
function beyond(at: number, c: number): number {
  return at < c ? c - at : at > c + 1 ? at - c - 1 : 0;
}
