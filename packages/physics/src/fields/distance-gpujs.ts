/** Distance fields on gpu.js: the three passes of `distance.ts` as one plan. Squares and steps are exact on every mode; the root is f32. */
import type { GpuJsRuntime } from '../gpujs/runtime.js';
import { coordinates, type DistanceOptions, distanceSettings, passesOf, seeds } from './distance.js';
import { assertGrid, type Field, type GridSize, numCells, type SolidGrid, strideOf } from './grid.js';

export interface GpuJsDistanceField {
  /** @throws ShapeError for another grid size than this was made for. */
  run(grid: SolidGrid): Promise<Field>;
  destroy(): Promise<void>;
}

/** Compiles for one grid size. @throws ShapeError as `distanceField` does. */
export function createGpuJsDistanceField(runtime: GpuJsRuntime, size: GridSize, options: DistanceOptions = {}): GpuJsDistanceField {
  const length = numCells(size);
  const { metric, farM, signed, level } = distanceSettings({ size, solid: new Uint8Array(length) }, options);
  const passes = passesOf(level);
  const kernels = passes.map((axis, p) =>
    runtime.kernel(passSource(size, axis, metric, metric === 'euclidean' && p === passes.length - 1), { output: [length] }),
  );
  const along = passes.map((axis) => coordinates(size, axis));
  // Lengths are arguments: with constants a driver may unroll the loops, and take seconds to compile them.
  const lines = passes.map((axis) => size[axis]);
  const [first, second, third] = kernels.map(
    (kernel) => (values: unknown, at: unknown, line: unknown) => kernel.shortcut(values as never, at as never, line as never),
  );
  const plan = runtime.pipeline(
    level
      ? (start: unknown, a: unknown, b: unknown, lineA: unknown, lineB: unknown) => second(first(start, a, lineA), b, lineB)
      : (start: unknown, a: unknown, b: unknown, c: unknown, lineA: unknown, lineB: unknown, lineC: unknown) =>
          third(second(first(start, a, lineA), b, lineB), c, lineC),
  );
  const metresTo = async (grid: SolidGrid, target: 0 | 1) =>
    (await plan.run(seeds(grid, target, metric, farM), ...along, ...lines)) as Float32Array;
  return {
    async run(grid) {
      assertGrid(size, grid.solid.length, 'solid');
      const outside = await metresTo(grid, 1);
      if (!signed) return { size, values: outside };
      const inside = await metresTo(grid, 0);
      return { size, values: outside.map((metres, i) => metres - inside[i]) };
    },
    async destroy() {
      await plan.destroy();
      for (const kernel of kernels) kernel.destroy();
    },
  };
}

function passSource(size: GridSize, axis: 0 | 1 | 2, metric: 'euclidean' | 'manhattan', root: boolean): string {
  const stride = strideOf(size, axis);
  return `function pass${axis}(values, coordinates, line) {
  const i = this.thread.x;
  const at = coordinates[i];
  let best = values[i];
  for (let k = 1; k < line; k++) {
    const far = ${metric === 'euclidean' ? 'k * k' : 'k'};
    if (far >= best) { break; }
    if (k <= at) { best = Math.min(best, values[i - k * ${stride}] + far); }
    if (at + k < line) { best = Math.min(best, values[i + k * ${stride}] + far); }
  }
  return ${root ? 'Math.sqrt(best)' : 'best'};
}`;
}
