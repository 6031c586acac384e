/**
 * Batched control rollouts on gpu.js. A body, a world's size and the numbers of sequences and ticks are compiled once; start, controls, cost and the
 * world itself are arguments, so a planner calls `run` tick after tick. Final states equal those of `rollOut`; costs agree within 1e-4.
 */
import { ShapeError, SINE_Q14 } from '@kinovox/world';
import type { GridSize } from '../fields/grid.js';
import type { GpuJsKernel, GpuJsRuntime } from '../gpujs/runtime.js';
import { assertBody, type RolloutBody } from './bodies.js';
import { quantiseControls, rolloutParams } from './numbers.js';
import { FINAL_COLUMNS, type RolloutRequest, type RolloutResult } from './rollout.js';
import { ROLLOUT_FUNCTIONS, type RolloutOutput, rolloutSource } from './rollout-source.js';
import { paddedSize } from './rollout-world.js';

export interface GpuJsRolloutSettings {
  body: RolloutBody;
  /** Cells of the worlds that it will be given. */
  size: GridSize;
  numSequences: number;
  numTicks: number;
  /** The worlds have a guide. */
  guided?: boolean;
}

export interface GpuJsRollouts {
  /** @throws ShapeError as `rollOut`, and for a world of another size or without the guide it was made for. */
  run(request: RolloutRequest): Promise<RolloutResult>;
  destroy(): void;
}

export function createGpuJsRollouts(runtime: GpuJsRuntime, settings: GpuJsRolloutSettings): GpuJsRollouts {
  const { body, size, numSequences, numTicks, guided = false } = settings;
  assertBody(body);
  const padded = paddedSize(size);
  const sines = Float32Array.from(SINE_Q14);
  const noGuide = new Float32Array(1);
  const make = (output: RolloutOutput) =>
    runtime.kernel(rolloutSource(body.kind, padded, guided, output), {
      output: [numSequences],
      functions: [...ROLLOUT_FUNCTIONS] as never,
    });
  const costs = make('cost');
  let ends: readonly GpuJsKernel[] | undefined;
  return {
    async run(request) {
      const { world } = request;
      if (world.size.join() !== size.join() || (world.guide === undefined) === guided)
        throw new ShapeError(
          'rollout-world',
          `These rollouts were made for worlds of [${size.join(', ')}] ${guided ? 'with' : 'without'} a guide; got one of [${world.size.join(', ')}] ${world.guide ? 'with' : 'without'} one.`,
        );
      const params = rolloutParams(body, world, request.start, request.cost, numTicks);
      const controls = quantiseControls(body, request.controls, numSequences, numTicks);
      const args = [world.distance, world.guide ?? noGuide, controls, sines, params] as const;
      const result: RolloutResult = { costs: (await costs.run(...args)) as Float32Array, finals: undefined };
      if (!request.finals) return result;
      ends ??= [make('place'), make('motion')];
      const finals = new Float32Array(numSequences * FINAL_COLUMNS);
      for (const [part, kernel] of ends.entries()) {
        const rows = (await kernel.run(...args)) as unknown as Float32Array[];
        // Adding 0 turns a negative zero, which some modes give, into 0.
        rows.forEach((row, n) => {
          for (let k = 0; k < 4; k++) finals[n * FINAL_COLUMNS + 4 * part + k] = row[k] + 0;
        });
      }
      return { ...result, finals };
    },
    destroy() {
      for (const kernel of [costs, ...(ends ?? [])]) kernel.destroy();
    },
  };
}
