/** Who computes the rollouts of MPPI: the plain reference, where it is called, or gpu.js in one of its modes, which may take its time. */
import { createGpuJsRollouts, type GpuJsRolloutSettings, type GpuJsRuntime, type RolloutRequest, rollOut } from '@kinovox/physics';

export interface RolloutRunner {
  /** For reports: `plain`, or the mode of gpu.js. */
  readonly name: string;
  /** Cost of each sequence, `[N]`, at once; undefined where the answer must be awaited. */
  runSync: ((request: RolloutRequest) => Float32Array) | undefined;
  run(request: RolloutRequest): Promise<Float32Array>;
  destroy(): void;
}

/** What rollouts are made for; as for gpu.js, which compiles it. */
export type RolloutSettings = GpuJsRolloutSettings;

export function createPlainRunner({ body, numSequences, numTicks }: RolloutSettings): RolloutRunner {
  const runSync = (request: RolloutRequest) => rollOut(body, numSequences, numTicks, request).costs;
  return { name: 'plain', runSync, run: async (request) => runSync(request), destroy: () => undefined };
}

/** @throws what `createGpuJsRollouts` throws. */
export function createGpuJsRunner(runtime: GpuJsRuntime, settings: RolloutSettings): RolloutRunner {
  const rollouts = createGpuJsRollouts(runtime, settings);
  return {
    name: runtime.mode,
    runSync: undefined,
    run: async (request) => (await rollouts.run(request)).costs,
    destroy: () => rollouts.destroy(),
  };
}
