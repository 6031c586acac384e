/**
 * How far a walker's box may move along one axis before it meets solid cells. Only cells that the leading face newly enters are tested,
 * so a box that already overlaps a solid cell can leave it. At most five layers per axis, since |velocity| <= 4.
 */
import { HALF_WIDTH_Q16, HEIGHT_Q16 } from '../bodies/walker.js';
import type { TickContext } from './context.js';
import { boxSolid } from './solidity.js';

/*
 * All three alike: `sign` is -1 for a motion to the lower side, else 0; `front` is the outermost point of the box on the side that it moves to, and `step` the
 * way from cell to cell. A motion within the cells that the front is in, as most are, meets nothing new. No branch depends on the side: it changes too often.
 */

/** Motion along y, at most `dy`. Position is the feet centre in Q16; `base` the world's first row word. */
export function moveY(c: TickContext, rows: Uint32Array, base: number, x: number, y: number, z: number, dy: number): number {
  const sign = dy >> 31;
  const front = y + ((HEIGHT_Q16 - 1) & ~sign);
  const last = (front + dy) >> 16;
  let layer = front >> 16;
  if (layer === last) return dy;
  const x0 = (x - HALF_WIDTH_Q16) >> 16;
  const x1 = (x + HALF_WIDTH_Q16 - 1) >> 16;
  const z0 = (z - HALF_WIDTH_Q16) >> 16;
  const z1 = (z + HALF_WIDTH_Q16 - 1) >> 16;
  const step = (sign << 1) + 1;
  while (layer !== last) {
    layer += step;
    if (boxSolid(c, rows, base, x0, x1, layer, layer, z0, z1)) return ((layer - sign) << 16) - front - 1 - sign;
  }
  return dy;
}

/** How far, at most `up`, a box may rise that covers the body's place and the place (dx, dz) further. */
export function riseOver(
  c: TickContext,
  rows: Uint32Array,
  base: number,
  x: number,
  y: number,
  z: number,
  dx: number,
  dz: number,
  up: number,
): number {
  const x0 = (x + Math.min(dx, 0) - HALF_WIDTH_Q16) >> 16;
  const x1 = (x + Math.max(dx, 0) + HALF_WIDTH_Q16 - 1) >> 16;
  const z0 = (z + Math.min(dz, 0) - HALF_WIDTH_Q16) >> 16;
  const z1 = (z + Math.max(dz, 0) + HALF_WIDTH_Q16 - 1) >> 16;
  const top = y + HEIGHT_Q16;
  const last = (top + up - 1) >> 16;
  for (let layer = ((top - 1) >> 16) + 1; layer <= last; layer++)
    if (boxSolid(c, rows, base, x0, x1, layer, layer, z0, z1)) return (layer << 16) - top;
  return up;
}

/** Motion along x, at most `dx`. */
export function moveX(c: TickContext, rows: Uint32Array, base: number, x: number, y: number, z: number, dx: number): number {
  const sign = dx >> 31;
  const front = x + ((HALF_WIDTH_Q16 - 1) ^ sign);
  const last = (front + dx) >> 16;
  let cell = front >> 16;
  if (cell === last) return dx;
  const y0 = y >> 16;
  const y1 = (y + HEIGHT_Q16 - 1) >> 16;
  const z0 = (z - HALF_WIDTH_Q16) >> 16;
  const z1 = (z + HALF_WIDTH_Q16 - 1) >> 16;
  const step = (sign << 1) + 1;
  while (cell !== last) {
    cell += step;
    if (boxSolid(c, rows, base, cell, cell, y0, y1, z0, z1)) return ((cell - sign) << 16) - front - 1 - sign;
  }
  return dx;
}

/** Motion along z, at most `dz`. */
export function moveZ(c: TickContext, rows: Uint32Array, base: number, x: number, y: number, z: number, dz: number): number {
  const sign = dz >> 31;
  const front = z + ((HALF_WIDTH_Q16 - 1) ^ sign);
  const last = (front + dz) >> 16;
  let cell = front >> 16;
  if (cell === last) return dz;
  const y0 = y >> 16;
  const y1 = (y + HEIGHT_Q16 - 1) >> 16;
  const x0 = (x - HALF_WIDTH_Q16) >> 16;
  const x1 = (x + HALF_WIDTH_Q16 - 1) >> 16;
  const step = (sign << 1) + 1;
  while (cell !== last) {
    cell += step;
    if (boxSolid(c, rows, base, x0, x1, y0, y1, cell, cell)) return ((cell - sign) << 16) - front - 1 - sign;
  }
  return dz;
}
