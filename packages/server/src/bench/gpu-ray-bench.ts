/** Rays per second of the ray camera on a GPU: the pictures of many worlds, traced again and again where they lie; nothing is read back. */
import { createBatchEnv } from '@kinovox/env';
import { type CameraChannel, findGpu, GpuTracer } from '@kinovox/physics';
import { findScenario } from '../catalog.js';

/** Worlds whose agents' pictures fill a GPU: with two agents, four million rays at 64 x 64. */
const WORLDS = 512;
/** Least time of a measurement, ms, and most rounds in one submission. */
const LEAST_MS = 500;
const MOST_ROUNDS = 256;

export interface GpuRays {
  /** Adapter, in words. */
  device: string;
  /** Rays per second of pictures of `edge` x `edge` in a shipped scenario. */
  measure(scenario: string, channels: readonly CameraChannel[], edge: number): Promise<number>;
}

/**
 * @param worlds of a measurement; a driver that computes on the CPU is refused unless `software` is true: its speed says nothing.
 * @returns the measure, or a sentence that says why there is none.
 */
export async function openGpuRays(options: { software?: boolean; worlds?: number; leastMs?: number } = {}): Promise<GpuRays | string> {
  const { software = false, worlds = WORLDS, leastMs = LEAST_MS } = options;
  const found = await findGpu();
  if (found === undefined) return 'this host has no GPU adapter';
  if (found.software && !software) return `the adapter "${found.description}" computes on the CPU, for tests: its speed says nothing`;
  return {
    device: found.description,
    async measure(scenario, channels, edge) {
      const env = await createBatchEnv({ scenario: findScenario(scenario), numWorlds: worlds, seed: 1, observe: false, engine: 'cpu' });
      env.reset();
      const { program } = env.compiled;
      const camera = { width: edge, height: edge, fovDeg: 90, farM: 64, channels };
      const tracer = await GpuTracer.create({ program, state: env.engine.state, camera });
      try {
        tracer.upload();
        // The first round compiles and moves memory.
        await tracer.trace();
        let rounds = 1;
        for (;;) {
          const begin = performance.now();
          await tracer.trace(rounds);
          const ms = performance.now() - begin;
          if (ms >= leastMs || rounds >= MOST_ROUNDS) return Math.round((rounds * worlds * program.numAgents * edge * edge * 1000) / ms);
          rounds = Math.min(MOST_ROUNDS, 2 * rounds);
        }
      } finally {
        tracer.dispose();
        env.close();
      }
    },
  };
}
