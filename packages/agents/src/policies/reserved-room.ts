/**
 * The room in which vehicles of one kind reserve their ways: blocks and those who stand about as boxes. Rovers: the plane of x and z at their level, where what is
 * no free ground is an obstacle. Quadcopters: the space over the floor, or over the layer in which rovers drive.
 */
import type { Obstacle, TeamRoom } from '@kinovox/planning';
import { Ground, type KeepOut } from '../navigation/ground.js';
import type { GridMember } from './squad-grid.js';
import type { SquadKind } from './squad-kind.js';

/** Metres that walls around the world are thick. */
const WALL = 1;
const WALKER = { half: 0.3, height: 1.8 };

/** @param others slots of agents who are in no squad: they count where they are. @param levelOfOthers height in blocks at which rovers drive. */
export function roomOf(
  kind: SquadKind,
  members: readonly GridMember[],
  others: readonly number[],
  levelOfOthers: number | undefined,
): TeamRoom {
  const [{ view }] = members;
  const ground = new Ground(view);
  ground.keepOut = members.flatMap(({ keepOut }): KeepOut => keepOut);
  const { sizeX, sizeY, sizeZ } = view;
  const level = view.cellOf()[1];
  const alive = others.filter((slot) => view.isAlive(slot));
  if (kind === 'rover') {
    const closed = (x: number, z: number) =>
      ground.isKeptOut(x, level, z) || !ground.isFree(x, level, z) || !ground.isSolid(x, level - 1, z);
    const obstacles = boxesOf([sizeX, 1, sizeZ], (x, _, z) => closed(x, z)).map(([x0, , z0, x1, , z1]) => box([x0, z0, 0], [x1, z1, 0]));
    const [x, z, w] = [sizeX, sizeZ, WALL];
    obstacles.push(
      box([-w, -w, 0], [0, z + w, 0]),
      box([x, -w, 0], [x + w, z + w, 0]),
      box([0, -w, 0], [x, 0, 0]),
      box([0, z, 0], [x, z + w, 0]),
    );
    for (const slot of alive) {
      const { half, low, high } = extentOf(view, slot);
      if (low < level + 1 && high > level)
        obstacles.push(box([view.x(slot) - half, view.z(slot) - half, 0], [view.x(slot) + half, view.z(slot) + half, 0]));
    }
    return { space: 2, min: [0, 0, 0], max: [sizeX, sizeZ, 0], obstacles };
  }
  const floor = levelOfOthers === undefined ? 0 : levelOfOthers + 1;
  const obstacles = boxesOf([sizeX, sizeY, sizeZ], (x, y, z) => y < floor || !ground.isFree(x, y, z) || ground.isKeptOut(x, y, z)).map(
    ([x0, y0, z0, x1, y1, z1]) => box([x0, y0, z0], [x1, y1, z1]),
  );
  const [x, y, z, w] = [sizeX, sizeY, sizeZ, WALL];
  obstacles.push(
    box([-w, 0, -w], [0, y, z + w]),
    box([x, 0, -w], [x + w, y, z + w]),
    box([0, 0, -w], [x, y, 0]),
    box([0, 0, z], [x, y, z + w]),
    box([-w, -w, -w], [x + w, 0, z + w]),
  );
  for (const slot of alive) {
    const { half, low, high } = extentOf(view, slot);
    obstacles.push(box([view.x(slot) - half, low, view.z(slot) - half], [view.x(slot) + half, high, view.z(slot) + half]));
  }
  return { space: 3, min: [0, 0, 0], max: [sizeX, sizeY, sizeZ], obstacles };
}

function extentOf(view: GridMember['view'], slot: number): { half: number; low: number; high: number } {
  const { body } = view.roster[slot];
  const y = view.y(slot);
  if (!('vehicle' in body)) return { half: WALKER.half, low: y, high: y + WALKER.height };
  const half = Math.hypot(body.size[0], body.size[2]) / 2;
  return { half, low: y - body.size[1] / 2, high: y + body.size[1] / 2 };
}

type Corner = readonly [number, number, number];

function box(low: Corner, high: Corner): Obstacle {
  const of = (axis: (k: number) => number) => [axis(0), axis(1), axis(2)] as const;
  return { shape: 'box', center: of((k) => (low[k] + high[k]) / 2), size: of((k) => high[k] - low[k]) };
}

/** Disjoint boxes, x0 y0 z0 x1 y1 z1 with exclusive upper corners, of all closed cells: each as long along x, then z, then y, as it can be. */
function boxesOf([sizeX, sizeY, sizeZ]: Corner, isClosed: (x: number, y: number, z: number) => boolean): number[][] {
  const left = new Uint8Array(sizeX * sizeY * sizeZ);
  const at = (x: number, y: number, z: number) => (y * sizeZ + z) * sizeX + x;
  for (let y = 0; y < sizeY; y++)
    for (let z = 0; z < sizeZ; z++) for (let x = 0; x < sizeX; x++) if (isClosed(x, y, z)) left[at(x, y, z)] = 1;
  const boxes: number[][] = [];
  for (let y = 0; y < sizeY; y++)
    for (let z = 0; z < sizeZ; z++)
      for (let x = 0; x < sizeX; x++) {
        if (left[at(x, y, z)] === 0) continue;
        let [x1, y1, z1] = [x + 1, y + 1, z + 1];
        const isFull = (fx: number, fy: number, fz: number, tx: number, ty: number, tz: number) => {
          for (let cy = fy; cy < ty; cy++)
            for (let cz = fz; cz < tz; cz++) for (let cx = fx; cx < tx; cx++) if (left[at(cx, cy, cz)] === 0) return false;
          return true;
        };
        while (x1 < sizeX && isFull(x1, y, z, x1 + 1, y1, z1)) x1++;
        while (z1 < sizeZ && isFull(x, y, z1, x1, y1, z1 + 1)) z1++;
        while (y1 < sizeY && isFull(x, y1, z, x1, y1 + 1, z1)) y1++;
        for (let cy = y; cy < y1; cy++) for (let cz = z; cz < z1; cz++) left.fill(0, at(x, cy, cz), at(x1, cy, cz));
        boxes.push([x, y, z, x1, y1, z1]);
      }
  return boxes;
}
