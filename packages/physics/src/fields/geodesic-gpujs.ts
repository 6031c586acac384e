/** Geodesic fields on gpu.js: every cell takes the least of its own value and its neighbours' plus the move, until nothing changes. Exact on every mode. */
import { invariant } from '@kinovox/world';
import type { GpuJsRuntime } from '../gpujs/runtime.js';
import { geodesicStart } from './geodesic.js';
import { assertGrid, type CellRegion, type Field, type GridSize, numCells, type SolidGrid } from './grid.js';
import { type MoveSet, moveEdges, WALK_MOVES } from './moves.js';
import { createGpuJsStencil } from './stencil-gpujs.js';

export interface GpuJsGeodesicField {
  /** @throws ShapeError for another grid size than this was made for. */
  run(grid: SolidGrid, goals: readonly CellRegion[]): Promise<Field>;
  destroy(): Promise<void>;
}

/** Compiles for one grid size and one set of moves. */
export function createGpuJsGeodesicField(runtime: GpuJsRuntime, size: GridSize, set: MoveSet = WALK_MOVES): GpuJsGeodesicField {
  const neighbours = set.moves.map(({ offset, cost }) => ({ offset, plus: cost }));
  const stencil = createGpuJsStencil(runtime, size, { neighbours, combine: 'least', keepOwn: true });
  return {
    async run(grid, goals) {
      assertGrid(size, grid.solid.length, 'solid');
      const edges = moveEdges(grid, set);
      const start = geodesicStart(grid, goals, edges);
      // No shortest way has more moves than there are cells.
      const { values, settled } = await stencil.run({ size, start, edges }, { maxSteps: numCells(size) + 32, tolerance: 0 });
      invariant(settled, 'A geodesic field settles within as many steps as it has cells.');
      return { size, values };
    },
    destroy: () => stencil.destroy(),
  };
}
