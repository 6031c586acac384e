/** A maze of corridors `cellSize` wide between walls 1 block thick; what is left over at the far sides is wall. */
import type { VoxelGrid } from '../voxels/grid.js';
import { AIR_INDEX } from '../voxels/palette.js';
import { createPassages } from './passages.js';
import type { MazeTerrain } from './schema.js';

export function generateMaze(grid: VoxelGrid, spec: MazeTerrain, seedLow: number, seedHigh: number): void {
  const { cellSize, ground, height } = spec;
  const pitch = cellSize + 1;
  const lowest = ground;
  const highest = ground + height - 1;
  grid.fill([0, 0, 0], [grid.sizeX - 1, ground - 1, grid.sizeZ - 1], grid.palette.indexOfName(spec.floor));
  grid.fill([0, lowest, 0], [grid.sizeX - 1, highest, grid.sizeZ - 1], grid.palette.indexOfName(spec.wall));
  const numX = Math.floor((grid.sizeX - 1) / pitch);
  const numZ = Math.floor((grid.sizeZ - 1) / pitch);
  const passages = createPassages(numX, numZ, spec.loops, seedLow, seedHigh);
  for (let cellZ = 0; cellZ < numZ; cellZ++) {
    for (let cellX = 0; cellX < numX; cellX++) {
      const cell = cellZ * numX + cellX;
      const x0 = 1 + cellX * pitch;
      const z0 = 1 + cellZ * pitch;
      // A passage takes the wall beyond the cell away, so the cell's box grows by 1 that way.
      const [x1, z1] = [x0 + cellSize - 1, z0 + cellSize - 1];
      grid.fill([x0, lowest, z0], [x1 + passages.east[cell], highest, z1], AIR_INDEX);
      if (passages.south[cell] === 1) grid.fill([x0, lowest, z1 + 1], [x1, highest, z1 + 1], AIR_INDEX);
    }
  }
}
