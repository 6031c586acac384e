/** Carrying a prop into a box of cells: take it, walk where both have room, put it down when all of it is over the box. */
import type { AgentView } from '../agent-view.js';
import { type Box, Ground } from '../navigation/ground.js';
import type { Navigator } from '../navigation/navigator.js';
import { putOver, sizeOf, takeProp } from './carry-prop.js';
import type { Controls } from './controls.js';

/** Distance from the walls that a prop wider than a body needs: it is carried along the middle, this many cells from them. */
const WIDE = 1.2;
/** Level distance from the middle of the box at which it is put down there, metres. */
const NEAR = 2.6;

export class Carriage {
  /** Free cells beside walls, taken for solid while something wide is carried; by the map that they are of. */
  #tight: ReadonlyMap<number, number> | undefined;
  #map = 0;

  reset(): void {
    this.#tight = undefined;
  }

  step(c: Controls, navigator: Navigator, prop: number, box: Box): void {
    const { view } = c;
    if (!takeProp(c, navigator, prop)) return;
    const middle = { x: (box[0] + box[3] + 1) / 2, y: box[1], z: (box[2] + box[5] + 1) / 2 };
    if (Math.hypot(middle.x - view.x(), middle.z - view.z()) <= NEAR) {
      putOver(c, navigator, middle);
      return;
    }
    const [width, , depth] = sizeOf(view, prop);
    const { ground } = navigator;
    const [mx, mz] = [Math.floor(middle.x), Math.floor(middle.z)];
    const to: Box = [mx - 1, box[1] - 1, mz - 1, mx + 1, box[1] + 1, mz + 1];
    const before = ground.assumed;
    if (Math.max(width, depth) > WIDE) ground.assumed = this.#tightCells(view);
    const status = navigator.travel(c, { box: to, mayEdit: false });
    ground.assumed = before;
    if (status === 'blocked') navigator.travel(c, { box: to, mayEdit: false });
    c.levelView();
  }

  #tightCells(view: AgentView): ReadonlyMap<number, number> {
    if (this.#tight !== undefined && this.#map === view.mapVersion) return this.#tight;
    const ground = new Ground(view);
    const tight = new Map<number, number>();
    for (let y = 0; y < view.sizeY; y++)
      for (let z = 0; z < view.sizeZ; z++)
        for (let x = 0; x < view.sizeX; x++)
          if (!ground.isSolid(x, y, z) && besideWall(ground, x, y, z)) tight.set(ground.cell(x, y, z), 1);
    this.#tight = tight;
    this.#map = view.mapVersion;
    return tight;
  }
}

function besideWall(ground: Ground, x: number, y: number, z: number): boolean {
  for (let dz = -1; dz <= 1; dz++)
    for (let dx = -1; dx <= 1; dx++) if ((dx !== 0 || dz !== 0) && ground.isSolid(x + dx, y, z + dz)) return true;
  return false;
}
