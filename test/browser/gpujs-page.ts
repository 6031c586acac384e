/** The page of the engine `gpujs`: plays a scenario on it, gpu.js and all, in the mode asked for. */
import { createGpuJsEngine, type GpuJsMode, hashBatch } from '@kinovox/physics';
import { parseScenario, type ScenarioInput } from '@kinovox/world';
import { compileScenario } from '../../packages/env/src/compile-scenario.js';

export interface GpuJsRun {
  scenario: ScenarioInput;
  /** Texts of the structure files that it names. */
  files: Record<string, string>;
  mode: GpuJsMode;
  numWorlds: number;
  seed: number;
  /** Of each tick, `[B, A, F]`. */
  actions: number[][];
}

/** @returns what computed, and the state's hash after each tick. */
export async function playOnGpuJs({
  scenario,
  files,
  mode,
  numWorlds,
  seed,
  actions,
}: GpuJsRun): Promise<{ device: string; hashes: string[] }> {
  const readFile = (path: string) => new TextEncoder().encode(files[path]);
  const { program, playableLevels } = compileScenario(parseScenario(scenario, scenario.id), { readFile });
  const engine = await createGpuJsEngine({ program, variants: playableLevels('train'), numWorlds, seed, mode });
  const hashes: string[] = [];
  for (const words of actions) {
    await engine.step(Float32Array.from(words));
    hashes.push(hashBatch(engine.engine.state));
  }
  engine.dispose();
  return { device: engine.device, hashes };
}

if (typeof window !== 'undefined') Object.assign(window, { playOnGpuJs });
