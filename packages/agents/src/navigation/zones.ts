/**
 * Floods over the cells where a walker can be, by walking, single steps, ladders and water; no leaps, no edits.
 * Distances are in steps, and undirected: a drop counts as a way back up, so callers use short ones.
 */
import type { Ground } from './ground.js';

const SIDES: readonly (readonly [number, number])[] = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
];

/** Calls `visit` with the cells next to a cell that a walker can go to. */
export function visitNeighbours(ground: Ground, x: number, y: number, z: number, visit: (x: number, y: number, z: number) => void): void {
  for (const [dx, dz] of SIDES) {
    for (let dy = 1; dy >= -1; dy--) {
      if (!ground.isPlace(x + dx, y + dy, z + dz)) continue;
      if (dy === 1 ? ground.isFree(x, y + 2, z) : dy === 0 || ground.isFree(x + dx, y + 1, z + dz)) visit(x + dx, y + dy, z + dz);
    }
  }
  for (const dy of [1, -1]) if (ground.isPlace(x, y + dy, z)) visit(x, y + dy, z);
}

/** Steps from the nearest of some cells, per cell; -1 where none leads. Stops behind `most` steps. */
export function floodDistances(ground: Ground, from: readonly (readonly [number, number, number])[], most = 65535): Int32Array {
  const { sizeX, sizeY, sizeZ } = ground.view;
  const steps = new Int32Array(sizeX * sizeY * sizeZ).fill(-1);
  const queue: number[] = [];
  const add = (x: number, y: number, z: number, distance: number) => {
    const cell = ground.cell(x, y, z);
    if (steps[cell] >= 0) return;
    steps[cell] = distance;
    queue.push(cell);
  };
  for (const [x, y, z] of from) if (ground.isInside(x, y, z)) add(x, y, z, 0);
  for (let head = 0; head < queue.length; head++) {
    const cell = queue[head];
    if (steps[cell] >= most) break;
    const [x, y, z] = cellAt(ground, cell);
    visitNeighbours(ground, x, y, z, (nx, ny, nz) => add(nx, ny, nz, steps[cell] + 1));
  }
  return steps;
}

/** Number of the connected part that each cell belongs to, from 0 in the order of cells; -1 for cells where nobody can be. */
export function labelZones(ground: Ground): { zones: Int32Array; numZones: number } {
  const { sizeX, sizeY, sizeZ } = ground.view;
  const zones = new Int32Array(sizeX * sizeY * sizeZ).fill(-1);
  const queue: number[] = [];
  let numZones = 0;
  const add = (x: number, y: number, z: number) => {
    const cell = ground.cell(x, y, z);
    if (zones[cell] >= 0) return;
    zones[cell] = numZones;
    queue.push(cell);
  };
  for (let start = 0; start < zones.length; start++) {
    const [startX, startY, startZ] = cellAt(ground, start);
    if (zones[start] >= 0 || !ground.isPlace(startX, startY, startZ)) continue;
    queue.length = 0;
    add(startX, startY, startZ);
    for (let head = 0; head < queue.length; head++) {
      const [x, y, z] = cellAt(ground, queue[head]);
      visitNeighbours(ground, x, y, z, add);
    }
    numZones++;
  }
  return { zones, numZones };
}

function cellAt(ground: Ground, cell: number): [number, number, number] {
  const { sizeX, sizeZ } = ground.view;
  const x = cell % sizeX;
  const row = (cell - x) / sizeX;
  const z = row % sizeZ;
  return [x, (row - z) / sizeZ, z];
}
