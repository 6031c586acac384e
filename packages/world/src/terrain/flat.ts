/** Level ground: `ground` layers, the highest of its own block. */
import type { VoxelGrid } from '../voxels/grid.js';
import type { FlatTerrain } from './schema.js';

export function generateFlat(grid: VoxelGrid, spec: FlatTerrain): void {
  const { ground } = spec;
  if (ground === 0) return;
  const [lastX, lastZ] = [grid.sizeX - 1, grid.sizeZ - 1];
  if (ground > 1) grid.fill([0, 0, 0], [lastX, ground - 2, lastZ], grid.palette.indexOfName(spec.body));
  grid.fill([0, ground - 1, 0], [lastX, ground - 1, lastZ], grid.palette.indexOfName(spec.top));
}
