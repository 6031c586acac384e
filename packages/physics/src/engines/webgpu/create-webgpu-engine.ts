/** Makes the engine `webgpu`: refuses what a device cannot do, splits the batch into shards, and starts the first episodes. */
/// <reference types="@webgpu/types" />
import { drawVariant, EngineError, splitSeed, UsageError } from '@kinovox/world';
import { createObservationBuffers } from '../../observe/observe.js';
import type { ScenarioProgram, VariantData } from '../../program.js';
import { rivalFieldBytes, rivalQueueCells } from '../../stages/rival-fields.js';
import { type OpenGpu, openGpu, waitForDevice, watchDevice } from './device.js';
import { placesWithin } from './device-levels.js';
import { Shard } from './shard.js';
import { ShardGroup } from './shard-group.js';
import { WebGpuEngine, type WebGpuOptions } from './webgpu-engine.js';

/** Most bytes of a buffer that worlds of a shard share: the least binding that WebGPU promises. */
export const SHARD_BYTES = 128 * 2 ** 20;

/**
 * Creates the engine and starts the first episode of every row.
 * @throws UsageError without a GPU adapter, for props, unbounded variants, and worlds that do not fit; EngineError for a kernel that the driver does not take.
 */
export async function createWebGpuEngine(options: WebGpuOptions): Promise<WebGpuEngine> {
  const obstacle = webGpuObstacle(options.program);
  if (obstacle !== undefined) throw obstacle;
  const open = options.gpu ?? (await openGpu());
  return waitForDevice(open.software, () => createOn(open, options));
}

async function createOn({ device: gpu, description, software }: OpenGpu, options: WebGpuOptions): Promise<WebGpuEngine> {
  const { program, variants, numWorlds, autoreset = true, observe = true } = options;
  const watch = watchDevice(gpu);
  const numFailures = watch.failures.length;
  const { low, high } = splitSeed(options.seed);
  const sample = variants.get(drawVariant(program.numVariants, low, high));
  const levelBytes = options.levelBytes ?? SHARD_BYTES;
  const perShard = Math.min(numWorlds, options.worldsPerShard ?? worldsPerShard(program, sample, levelBytes, observe));
  const shards: Shard[] = [];
  gpu.pushErrorScope('out-of-memory');
  let scoped = true;
  try {
    for (let first = 0; first < numWorlds; first += perShard)
      shards.push(
        await Shard.create(
          gpu,
          {
            program,
            variants,
            first,
            count: Math.min(perShard, numWorlds - first),
            autoreset,
            observe,
            specialise: options.specialise ?? !software,
            levelBytes,
            onProgress: software || first > 0 ? undefined : options.onProgress,
          },
          sample,
        ),
      );
    const engine = await WebGpuEngine.create(options, gpu, new ShardGroup(shards, watch, description, software));
    scoped = false;
    const full = await gpu.popErrorScope();
    if (full !== null) throw tooLarge(program, numWorlds, engine.bytesPerWorld, full.message);
    // Drivers that compute on the CPU compile a kernel when it first runs.
    if (software && options.onProgress !== undefined) await shards[0].warmUp(options.onProgress);
    await engine.reset(
      undefined,
      Array.from({ length: numWorlds }, (_, w) => options.seed + w),
    );
    if (watch.failures.length > numFailures)
      throw new EngineError(
        'gpu-failed',
        `The GPU must take the kernels of ${program.id}; ${description} said: ${watch.failures[numFailures].slice(0, 500)}. Use the engine "cpu", and report this with your driver's version.`,
      );
    return engine;
  } catch (error) {
    if (options.gpu === undefined) gpu.destroy();
    else {
      if (scoped) void gpu.popErrorScope().catch(() => undefined);
      for (const shard of shards) shard.dispose();
    }
    throw error;
  }
}

/** Why a scenario cannot run on the device; undefined where it can. */
export function webGpuObstacle(program: ScenarioProgram): UsageError | undefined {
  if (program.numProps > 0)
    return new UsageError(
      'props-on-webgpu',
      `The engine "webgpu" must get a scenario without props; got ${program.numProps} in ${program.id}. Use "rigid".`,
    );
  if (program.numVariants > 65536)
    return new UsageError(
      'unbounded-on-webgpu',
      `The engine "webgpu" draws levels from a pool on the device; got unbounded variants in ${program.id}. Give episode.variants a number, or use "cpu".`,
    );
  return undefined;
}

function tooLarge(program: ScenarioProgram, numWorlds: number, bytesPerWorld: number, message: string): UsageError {
  const gib = ((numWorlds * bytesPerWorld) / 2 ** 30).toFixed(2);
  return new UsageError(
    'gpu-memory',
    `A batch of the engine "webgpu" must fit in the device's memory; got ${numWorlds} worlds of ${program.id}, ${gib} GiB at ${bytesPerWorld} bytes each, and the device said: ${message.slice(0, 200)}. Use fewer worlds, or the engine "cpu".`,
  );
}

/** Worlds whose state, observations and cells stay within a binding, and whose levels may all differ. */
export function worldsPerShard(program: ScenarioProgram, sample: VariantData, levelBytes: number, observe: boolean): number {
  const one = createObservationBuffers(program, observe ? 1 : 0);
  const rowWords =
    2 * (one.vector.length + one.crop.length) +
    4096 +
    program.numAgents * 512 +
    program.monitor.numRegisters +
    program.size[1] * program.size[2] * program.rowWords +
    (program.rivals === undefined ? 0 : rivalFieldBytes(program) / 4 + rivalQueueCells(program.size));
  const cells = program.size[0] * program.size[1] * program.size[2];
  const cellBytes = cells % 4 === 0 ? cells : 4 * cells;
  const fitting = Math.max(1, Math.floor(SHARD_BYTES / Math.max(4 * rowWords, cellBytes)));
  // Words of its arrays, with room for permission bits that it may lack and, half as much again, for levels with more places to spawn at.
  let words = cellBytes / 4 + cells / 16;
  for (const [name, part] of Object.entries(sample))
    if (ArrayBuffer.isView(part) && name !== 'voxels') words += (part as Int32Array).length;
  const places = placesWithin(levelBytes, program.numVariants, Math.ceil(1.5 * words));
  return places === program.numVariants ? fitting : Math.max(1, Math.min(fitting, places));
}
