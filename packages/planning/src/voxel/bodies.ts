/** Bodies that stand in a level, as a walker sees them who must not touch them: plain data, and which moves they bar. */
import { HALF_WIDTH_Q16, HEIGHT_Q16, TOUCH_MARGIN_Q16 } from '@kinovox/physics';
import { BLOCK, HALF, type Primitive } from './primitives.js';
import type { Box } from './zones.js';

/** Where the feet of a walker that touches the body are: corners x0 y0 z0 x1 y1 z1 in 1/65536 block, those of the box included. */
export type TouchZone = Box;

/** Farthest that a move of the library leads from its start, blocks: three cells of gap and the far side, three down, a step up. */
const REACH = 5;

/** Of a body in a box; all in 1/65536 block. */
export function touchZone([x0, y0, z0, x1, y1, z1]: Box): TouchZone {
  const side = HALF_WIDTH_Q16 + TOUCH_MARGIN_Q16;
  return [x0 - side, y0 - HEIGHT_Q16 - TOUCH_MARGIN_Q16, z0 - side, x1 + side, y1 + TOUCH_MARGIN_Q16, z1 + side];
}

/** Of a walker, by its feet. */
export function touchZoneOfWalker(x: number, y: number, z: number): TouchZone {
  return touchZone([x - HALF_WIDTH_Q16, y, z - HALF_WIDTH_Q16, x + HALF_WIDTH_Q16, y + HEIGHT_Q16, z + HALF_WIDTH_Q16]);
}

export function isTouching([x0, y0, z0, x1, y1, z1]: TouchZone, x: number, y: number, z: number): boolean {
  return x >= x0 && x <= x1 && y >= y0 && y <= y1 && z >= z0 && z <= z1;
}

/** The zones of bodies, found by the cells that are near to them. */
export class StandingBodies {
  private readonly byCell = new Map<number, readonly TouchZone[]>();

  constructor(private readonly zones: readonly TouchZone[]) {}

  /** Those that a move from the cell may touch. @param cell any number that tells cells apart. */
  near(cell: number, x: number, y: number, z: number): readonly TouchZone[] {
    if (this.zones.length === 0) return this.zones;
    let near = this.byCell.get(cell);
    if (near === undefined) {
      near = this.zones.filter(
        ([x0, y0, z0, x1, y1, z1]) =>
          x0 <= (x + 1 + REACH) * BLOCK &&
          x1 >= (x - REACH) * BLOCK &&
          y0 <= (y + 1 + REACH) * BLOCK &&
          y1 >= (y - REACH) * BLOCK &&
          z0 <= (z + 1 + REACH) * BLOCK &&
          z1 >= (z - REACH) * BLOCK,
      );
      this.byCell.set(cell, near);
    }
    return near;
  }

  /** Whether a walker in the middle of the cell touches one. */
  touch(x: number, y: number, z: number): boolean {
    return this.zones.some((zone) => isTouching(zone, x * BLOCK + HALF, y * BLOCK, z * BLOCK + HALF));
  }
}

/** Whether a move from the cell touches one of the zones at the end of a tick. Who begins in touch may go away from the body, and no nearer. */
export function meetsBody(zones: readonly TouchZone[], { path }: Primitive, x: number, y: number, z: number): boolean {
  const [sx, sy, sz] = [x * BLOCK + HALF, y * BLOCK, z * BLOCK + HALF];
  for (const zone of zones) {
    const least = isTouching(zone, sx, sy, sz) ? farFrom(zone, sx, sz) : Number.POSITIVE_INFINITY;
    for (let k = 0; k < path.length; k += 3)
      if (isTouching(zone, sx + path[k], sy + path[k + 1], sz + path[k + 2]) && farFrom(zone, sx + path[k], sz + path[k + 2]) < least)
        return true;
  }
  return false;
}

/** From the middle of the zone, along the axis on which it is further; twice that. */
function farFrom([x0, , z0, x1, , z1]: TouchZone, x: number, z: number): number {
  return Math.max(Math.abs(2 * x - x0 - x1), Math.abs(2 * z - z0 - z1));
}
