/** Distances and lines between bodies and homes. In 1/64 block, rounded to nearest and odd, so that mirrored worlds agree. */
import { isqrt, raycastVoxels } from '@kinovox/world';
import { EYE_Q16 } from '../../bodies/walker.js';
import type { TickContext } from '../context.js';
import { roundShift } from '../rounding.js';

/** Square of the distance between body i of one population and body j of another: components are at most 2^14, the sum below 2^30. */
export function squareBetween(from: TickContext, i: number, to: TickContext, j: number): number {
  const dx = roundShift(to.state.posX[j] - from.state.posX[i], 10);
  const dy = roundShift(to.state.posY[j] - from.state.posY[i], 10);
  const dz = roundShift(to.state.posZ[j] - from.state.posZ[i], 10);
  return Math.imul(dx, dx) + Math.imul(dy, dy) + Math.imul(dz, dz);
}

/** East and south of the floor centre of a cell, Q16. */
export function cellCentreX(c: TickContext, cell: number): number {
  return ((cell % c.sizeX) << 16) + 32768;
}
export function cellCentreZ(c: TickContext, cell: number): number {
  return ((Math.trunc(cell / c.sizeX) % c.sizeZ) << 16) + 32768;
}

/** Square of the distance of body j from the floor centre of a cell, level only: a home is a column. */
export function squareFromCell(to: TickContext, j: number, cell: number): number {
  const dx = roundShift(to.state.posX[j] - cellCentreX(to, cell), 10);
  const dz = roundShift(to.state.posZ[j] - cellCentreZ(to, cell), 10);
  return Math.imul(dx, dx) + Math.imul(dz, dz);
}

/** How far before the other's eye the line ends, 1/64 block: its own cell does not hide it. */
const HEAD_Q6 = 20;

/** Whether the line from eye to eye meets no block for which `blocking` is 1. Lines are cut to 60 blocks: |d| < 2^12, so d << 14 < 2^26. */
export function isLineFree(
  blocking: Uint8Array,
  c: TickContext,
  w: number,
  from: TickContext,
  i: number,
  to: TickContext,
  j: number,
): boolean {
  const { state } = c;
  const dx = roundShift(to.state.posX[j] - from.state.posX[i], 10);
  const dy = roundShift(to.state.posY[j] - from.state.posY[i], 10);
  const dz = roundShift(to.state.posZ[j] - from.state.posZ[i], 10);
  const length = isqrt(Math.imul(dx, dx) + Math.imul(dy, dy) + Math.imul(dz, dz));
  if (length <= HEAD_Q6) return true;
  return (
    raycastVoxels(
      blocking,
      state.voxels,
      w * state.cellsPerWorld,
      c.sizeX,
      c.sizeY,
      c.sizeZ,
      from.state.posX[i],
      from.state.posY[i] + EYE_Q16,
      from.state.posZ[i],
      Math.trunc((dx << 14) / length),
      Math.trunc((dy << 14) / length),
      Math.trunc((dz << 14) / length),
      (length - HEAD_Q6) << 10,
      c.ray,
    ) === 0
  );
}
