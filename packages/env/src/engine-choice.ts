/** Which engine runs a scenario: rigid where there are props, otherwise cpu, unless another is asked for. What an engine cannot do is refused with a sentence. */
import * as os from 'node:os';
import {
  createCpuEngine,
  createGpuJsHostEngine,
  createRigidEngine,
  createRigidPoolEngine,
  createWorkersEngine,
  type Engine,
  type EngineOptions,
  rivalFieldBytes,
  type SetupProgress,
  type VariantSource,
} from '@kinovox/physics';
import { didYouMean, UsageError } from '@kinovox/world';
import type { CompiledScenario } from './compile-scenario.js';
import { buildFirstLevels } from './first-levels.js';
import { launchRigidCrew } from './rigid-crew.js';
import { launchCrew } from './worker-crew.js';

export const ENGINE_NAMES = ['auto', 'cpu', 'workers', 'gpujs', 'rigid'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];
/** Options of an engine without what the compiled scenario gives. */
export interface EngineSettings extends Omit<EngineOptions, 'program' | 'variants'> {
  split: 'train' | 'validation' | 'test';
  /** Threads of `workers`, the caller's included; default: as many as the machine runs at once. Of `rigid`, beside the caller's, which waits; default: none. */
  threads?: number | undefined;
}

/** The engine that `auto` picks for a scenario. */
export function chooseEngine(name: EngineName, compiled: CompiledScenario): Exclude<EngineName, 'auto'> {
  if ((name as string) === 'webgpu')
    throw new UsageError(
      'engine-on-device',
      'The engine "webgpu" must be made by createAsyncBatchEnv, since its worlds lie on the device; got createEnv or createBatchEnv.',
    );
  if (!ENGINE_NAMES.includes(name))
    throw new UsageError(
      'unknown-engine',
      `An engine must be one of ${ENGINE_NAMES.join(', ')}; got "${name}".${didYouMean(name, ENGINE_NAMES)}`,
    );
  const hasProps = compiled.program.numProps > 0;
  if (name === 'auto') return hasProps ? 'rigid' : 'cpu';
  if ((name === 'cpu' || name === 'workers') && hasProps) {
    throw new UsageError(
      `props-on-${name}`,
      `The engine "${name}" must get a scenario without props; got ${compiled.program.numProps} in ${compiled.program.id}. Use "rigid" or "auto".`,
    );
  }
  return name;
}

/**
 * Creates the engine; levels are built first, with turns for the rest of the process, and rigid and gpujs load their libraries.
 * @throws UsageError for more worlds than fit in memory.
 */
export async function createEngine(
  name: EngineName,
  compiled: CompiledScenario,
  settings: EngineSettings,
  onProgress?: SetupProgress,
): Promise<Engine> {
  const chosen = chooseEngine(name, compiled);
  assertFitsInMemory(compiled, settings.numWorlds);
  const levels = await buildFirstLevels(compiled, settings, onProgress);
  const options = optionsOf(compiled, settings, levels);
  try {
    if (chosen === 'rigid') return await createRigid(compiled, settings, options);
    if (chosen === 'gpujs') return await createGpuJsHostEngine(options);
    return createLoadedEngine(chosen, compiled, settings, options);
  } catch (error) {
    throw memoryError(error, compiled, settings.numWorlds);
  } finally {
    levels.release();
  }
}

/** In the caller's thread, or with `threads` in so many others. */
async function createRigid(compiled: CompiledScenario, { threads, split }: EngineSettings, options: EngineOptions): Promise<Engine> {
  if (threads === undefined) return createRigidEngine(options);
  if (compiled.program.numProps === 0)
    return createWorkersEngine({ ...options, name: 'rigid', threads, launch: (control) => launchCrew(compiled, split, control) });
  return createRigidPoolEngine({ ...options, threads, launch: (control) => launchRigidCrew(compiled, split, control) });
}

/** Creates an engine that needs no loading. @throws UsageError when only the rigid engine can run the scenario, and for one that must be loaded. */
export function createEngineSync(name: EngineName, compiled: CompiledScenario, settings: EngineSettings): Engine {
  const chosen = chooseEngine(name, compiled);
  if (chosen === 'rigid' || chosen === 'gpujs') {
    throw new UsageError(
      'engine-must-load',
      `The engine "${chosen}" must be loaded asynchronously; got a synchronous request for ${compiled.program.id}. Use createEnv or createBatchEnv with await.`,
    );
  }
  assertFitsInMemory(compiled, settings.numWorlds);
  try {
    return createLoadedEngine(chosen, compiled, settings, optionsOf(compiled, settings, compiled.playableLevels(settings.split)));
  } catch (error) {
    throw memoryError(error, compiled, settings.numWorlds);
  }
}

/** What the machine cannot hold in one array, though it has the memory, is refused like what does not fit; other errors are given back as they are. */
function memoryError(error: unknown, { program }: CompiledScenario, numWorlds: number): unknown {
  if (!(error instanceof RangeError) || !/array (?:buffer allocation|length)/i.test(error.message)) return error;
  return new UsageError(
    'memory',
    `A batch must fit in memory, each of its arrays in one piece; got ${numWorlds} worlds of ${program.size.join(' x ')} blocks, more than one array takes. Use fewer worlds, or smaller ones.`,
    { cause: error },
  );
}

function createLoadedEngine(name: 'cpu' | 'workers', compiled: CompiledScenario, settings: EngineSettings, options: EngineOptions): Engine {
  if (name === 'cpu') return createCpuEngine(options);
  const { threads = os.availableParallelism(), split } = settings;
  return createWorkersEngine({ ...options, threads, launch: (control) => launchCrew(compiled, split, control) });
}

/** Voxels are what fills memory, and fields where there are any. The system hands out untouched pages freely and kills the process later, so the check stands before. */
function assertFitsInMemory({ program }: CompiledScenario, numWorlds: number): void {
  const [sizeX, sizeY, sizeZ] = program.size;
  // One byte a cell, and its bit of solidity.
  const bytes = numWorlds * (sizeY * sizeZ * (sizeX + 4 * program.rowWords) + rivalFieldBytes(program));
  const limit = process.constrainedMemory?.() ?? 0;
  const memory = limit > 0 ? Math.min(limit, os.totalmem()) : os.totalmem();
  if (bytes <= memory) return;
  const gib = (n: number) => `${(n / 2 ** 30).toFixed(1)} GiB`;
  throw new UsageError(
    'memory',
    `A batch must fit in memory; got ${numWorlds} worlds of ${sizeX} x ${sizeY} x ${sizeZ} blocks, ${gib(bytes)} of ${gib(memory)}. Use fewer worlds, or smaller ones.`,
  );
}

function optionsOf(
  { program }: CompiledScenario,
  { split: _, threads: __, ...rest }: EngineSettings,
  variants: VariantSource,
): EngineOptions {
  return { program, variants, ...rest };
}
