/**
 * Speed of the ray camera: pictures by packets beside the plain loop, in one run on one core. Both trace the very same pictures in turns,
 * so that a busy machine slows both; the ratio is that of the sums. Setting a picture up counts. Beside them, rays on a GPU where there is one.
 */
import { createBatchEnv } from '@kinovox/env';
import { type CameraChannel, type CameraSpec, createImages, createRayCamera, renderAgentInto, type TraceMethod } from '@kinovox/physics';
import { findScenario } from '../catalog.js';
import { currentCommit, currentDevice } from './figures.js';
import { openGpuRays } from './gpu-ray-bench.js';

/** Least ratio of the two over all rows. */
export const RAYS_BAR = 1.4;
/** Open ground, walls close by, and a village with mobs at night. */
const SCENARIOS = ['bridge-gap-v1', 'tag-v1', 'survival-team-v1', 'night-watch-v1'] as const;
const CHANNELS: readonly (readonly CameraChannel[])[] = [['depth', 'block', 'body'], ['rgb']];
const WORLDS = 8;
const EDGE = 64;
const WARM_ROUNDS = 2;
const ROUNDS = 8;

export interface RayBenchRow {
  scenario: string;
  channels: readonly CameraChannel[];
  plainRaysPerSecond: number;
  packetRaysPerSecond: number;
  ratio: number;
  /** On the GPU, of many worlds at once; null where there is none, see `webgpuReason`. */
  webgpuRaysPerSecond: number | null;
  /** Of the packets, per picture of 64 x 64. */
  msPerPicture: number;
}

export interface RayBenchReport {
  commit: string;
  device: string;
  pixels: readonly [number, number];
  rows: RayBenchRow[];
  /** Adapter of the GPU, or null and a sentence why there are no figures of it. */
  webgpuDevice: string | null;
  webgpuReason: string | null;
  /** Plain time over packet time, summed over all rows. */
  ratio: number;
  bar: number;
  ok: boolean;
}

export async function benchRays(options: { onProgress?(done: number, total: number): void } = {}): Promise<RayBenchReport> {
  const rows: RayBenchRow[] = [];
  const gpu = await openGpuRays();
  let plainMs = 0;
  let packetMs = 0;
  for (const scenario of SCENARIOS) {
    const env = await createBatchEnv({ scenario: findScenario(scenario), numWorlds: WORLDS, seed: 1 });
    env.reset();
    for (const channels of CHANNELS) {
      const spec: CameraSpec = { width: EDGE, height: EDGE, fovDeg: 90, farM: 64, channels };
      const camera = createRayCamera(env.compiled.program, env.engine.state, spec);
      const images = createImages(channels, camera.size);
      const round = (method: TraceMethod): number => {
        const begin = performance.now();
        for (let w = 0; w < WORLDS; w++) for (let a = 0; a < env.numAgents; a++) renderAgentInto(camera, images, 0, w, a, method);
        return performance.now() - begin;
      };
      const sums = { plain: 0, packet: 0 };
      for (let n = 0; n < WARM_ROUNDS + ROUNDS; n++) {
        const plain = round('plain');
        const packet = round('packet');
        if (n < WARM_ROUNDS) continue;
        sums.plain += plain;
        sums.packet += packet;
      }
      const pictures = ROUNDS * WORLDS * env.numAgents;
      rows.push({
        scenario,
        channels,
        plainRaysPerSecond: Math.round((pictures * camera.size * 1000) / sums.plain),
        packetRaysPerSecond: Math.round((pictures * camera.size * 1000) / sums.packet),
        webgpuRaysPerSecond: typeof gpu === 'string' ? null : await gpu.measure(scenario, channels, EDGE),
        ratio: sums.plain / sums.packet,
        msPerPicture: sums.packet / pictures,
      });
      plainMs += sums.plain / pictures;
      packetMs += sums.packet / pictures;
      options.onProgress?.(rows.length, SCENARIOS.length * CHANNELS.length);
    }
    env.close();
  }
  const ratio = plainMs / packetMs;
  return {
    commit: currentCommit(),
    device: currentDevice(),
    webgpuDevice: typeof gpu === 'string' ? null : gpu.device,
    webgpuReason: typeof gpu === 'string' ? gpu : null,
    pixels: [EDGE, EDGE],
    rows,
    ratio,
    bar: RAYS_BAR,
    ok: ratio >= RAYS_BAR,
  };
}
