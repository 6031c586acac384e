/**
 * How far a walker's box may move along one axis before it meets solid cells. Only cells that the leading face newly enters are tested,
 * so a box that already overlaps a solid cell can leave it. At most five layers per axis, since |velocity| <= 4.
 */
import { HALF_WIDTH_Q16, HEIGHT_Q16 } from '../bodies/walker.js';
import type { TickContext } from './context.js';
import { boxSolid } from './solidity.js';

/** Motion along y, at most `dy`. Position is the feet centre in Q16; `base` the world's first row word. */
export function moveY(c: TickContext, rows: Uint32Array, base: number, x: number, y: number, z: number, dy: number): number {
  const x0 = (x - HALF_WIDTH_Q16) >> 16;
  const x1 = (x + HALF_WIDTH_Q16 - 1) >> 16;
  const z0 = (z - HALF_WIDTH_Q16) >> 16;
  const z1 = (z + HALF_WIDTH_Q16 - 1) >> 16;
  if (dy < 0) {
    const last = (y + dy) >> 16;
    for (let layer = (y >> 16) - 1; layer >= last; layer--) {
      if (boxSolid(c, rows, base, x0, x1, layer, layer, z0, z1)) return ((layer + 1) << 16) - y;
    }
    return dy;
  }
  const top = y + HEIGHT_Q16;
  const last = (top + dy - 1) >> 16;
  for (let layer = ((top - 1) >> 16) + 1; layer <= last; layer++) {
    if (boxSolid(c, rows, base, x0, x1, layer, layer, z0, z1)) return (layer << 16) - top;
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
  const y0 = y >> 16;
  const y1 = (y + HEIGHT_Q16 - 1) >> 16;
  const z0 = (z - HALF_WIDTH_Q16) >> 16;
  const z1 = (z + HALF_WIDTH_Q16 - 1) >> 16;
  if (dx < 0) {
    const edge = x - HALF_WIDTH_Q16;
    const last = (edge + dx) >> 16;
    for (let cell = (edge >> 16) - 1; cell >= last; cell--)
      if (boxSolid(c, rows, base, cell, cell, y0, y1, z0, z1)) return ((cell + 1) << 16) - edge;
    return dx;
  }
  const edge = x + HALF_WIDTH_Q16;
  const last = (edge + dx - 1) >> 16;
  for (let cell = ((edge - 1) >> 16) + 1; cell <= last; cell++)
    if (boxSolid(c, rows, base, cell, cell, y0, y1, z0, z1)) return (cell << 16) - edge;
  return dx;
}

/** Motion along z, at most `dz`. */
export function moveZ(c: TickContext, rows: Uint32Array, base: number, x: number, y: number, z: number, dz: number): number {
  const y0 = y >> 16;
  const y1 = (y + HEIGHT_Q16 - 1) >> 16;
  const x0 = (x - HALF_WIDTH_Q16) >> 16;
  const x1 = (x + HALF_WIDTH_Q16 - 1) >> 16;
  if (dz < 0) {
    const edge = z - HALF_WIDTH_Q16;
    const last = (edge + dz) >> 16;
    for (let cell = (edge >> 16) - 1; cell >= last; cell--)
      if (boxSolid(c, rows, base, x0, x1, y0, y1, cell, cell)) return ((cell + 1) << 16) - edge;
    return dz;
  }
  const edge = z + HALF_WIDTH_Q16;
  const last = (edge + dz - 1) >> 16;
  for (let cell = ((edge - 1) >> 16) + 1; cell <= last; cell++)
    if (boxSolid(c, rows, base, x0, x1, y0, y1, cell, cell)) return (cell << 16) - edge;
  return dz;
}
