/** Which engine runs a batch whose worlds need not lie in memory, and why; what an engine cannot do is refused with a sentence. */
import {
  type AsyncEngine,
  createGpuJsEngine,
  createHostAsyncEngine,
  createWebGpuEngine,
  findGpu,
  type GpuJsMode,
  type OpenGpu,
  type ReadSettings,
  type SetupProgress,
  webGpuObstacle,
} from '@kinovox/physics';
import { didYouMean, UsageError } from '@kinovox/world';
import type { ActionProfile } from './actions/profile.js';
import type { CompiledScenario } from './compile-scenario.js';
import { createEngine, ENGINE_NAMES, type EngineSettings } from './engine-choice.js';

export const ASYNC_ENGINE_NAMES = [...ENGINE_NAMES, 'webgpu'] as const;
export type AsyncEngineName = (typeof ASYNC_ENGINE_NAMES)[number];

/** Action profiles whose codecs do not look at worlds. */
export const DEVICE_PROFILES: readonly ActionProfile[] = ['native', 'discrete'];

/** What runs, and in one sentence why. */
export interface EngineChoice {
  name: Exclude<AsyncEngineName, 'auto'>;
  reason: string;
}

/** What only some engines look at; see `AsyncBatchEnvOptions`. */
export interface EngineParts {
  gpuJsMode?: GpuJsMode | 'auto' | undefined;
  worldsPerShard?: number | undefined;
  gpu?: OpenGpu | undefined;
  onProgress?: SetupProgress | undefined;
}

/**
 * The engine for a scenario. `auto` takes a GPU where there is a real one that can run it, never a driver that computes on the CPU; `workers` is never
 * picked, since whether its threads pay depends on what else the machine does.
 * @throws UsageError for an unknown name.
 */
export async function chooseAsyncEngine(name: AsyncEngineName, compiled: CompiledScenario, profile: ActionProfile): Promise<EngineChoice> {
  if (!ASYNC_ENGINE_NAMES.includes(name))
    throw new UsageError(
      'unknown-engine',
      `An engine must be one of ${ASYNC_ENGINE_NAMES.join(', ')}; got "${name}".${didYouMean(name, ASYNC_ENGINE_NAMES)}`,
    );
  if (name !== 'auto') return { name, reason: 'asked for' };
  const { program } = compiled;
  if (program.numProps > 0) return { name: 'rigid', reason: `${program.id} has props` };
  if (webGpuObstacle(program) !== undefined)
    return { name: 'cpu', reason: `${program.id} has unbounded variants, which are built in memory` };
  if (!DEVICE_PROFILES.includes(profile))
    return { name: 'cpu', reason: `the action profile "${profile}" looks at worlds, which must lie in memory` };
  const found = await findGpu();
  if (found === undefined) return { name: 'cpu', reason: 'this host has no GPU adapter' };
  const device = found.description || found.vendor;
  if (found.software) return { name: 'cpu', reason: `the only GPU adapter, ${device}, computes on the CPU` };
  return { name: 'webgpu', reason: `this host has a GPU, ${device}` };
}

/** @throws UsageError when the engine cannot run the scenario. */
export async function createAsyncEngine(
  name: EngineChoice['name'],
  compiled: CompiledScenario,
  settings: EngineSettings,
  read: ReadSettings,
  { gpuJsMode = 'auto', worldsPerShard, gpu, onProgress }: EngineParts = {},
): Promise<AsyncEngine> {
  const { split, threads: _, ...rest } = settings;
  if (name === 'gpujs')
    return createGpuJsEngine({ program: compiled.program, variants: compiled.playableLevels(split), mode: gpuJsMode, ...rest }, read);
  if (name !== 'webgpu') return createHostAsyncEngine(await createEngine(name, compiled, settings, onProgress), read);
  return createWebGpuEngine({
    program: compiled.program,
    variants: compiled.playableLevels(split),
    read,
    readPictures: read.pictures,
    onProgress,
    ...(worldsPerShard === undefined ? {} : { worldsPerShard }),
    ...(gpu === undefined ? {} : { gpu }),
    ...rest,
  });
}
