/** How many worlds share a buffer of the device: what the kernels really lay there must fit in the least binding that WebGPU promises. */
import { loadScenario } from '@kinovox/env';
import type { ScenarioProgram, VariantData } from '@kinovox/physics';
import { describe, expect, it } from 'vitest';
import { createBatchState, createTickBuffers } from '../../packages/physics/src/batch-state.js';
import { createOutputs } from '../../packages/physics/src/engines/outputs.js';
import { assembleKernel } from '../../packages/physics/src/engines/webgpu/assemble.js';
import { SHARD_BYTES, worldsPerShard } from '../../packages/physics/src/engines/webgpu/create-webgpu-engine.js';
import { createObservationBuffers } from '../../packages/physics/src/observe/observe.js';
import { createTickContext } from '../../packages/physics/src/stages/context.js';

const TAG = 'scenarios/tag-v1.scenario.json';

/** Bytes of the data buffer of a shard, and what further worlds add to it: all of its arrays are of so many words per world. */
function bytesPerWorld(program: ScenarioProgram, level: VariantData): number {
  const bytes = (numWorlds: number) => {
    const c = createTickContext({
      program,
      variants: { get: () => level },
      state: createBatchState(program, numWorlds),
      buffers: createTickBuffers(numWorlds, program),
      outputs: createOutputs(program, numWorlds),
      observations: createObservationBuffers(program, numWorlds, true),
    });
    return 4 * assembleKernel(c, level, { autoreset: true, observe: true, workgroup: 64, specialise: false }).dataWords;
  };
  return (bytes(128) - bytes(64)) / 64;
}

describe('the worlds of a shard', () => {
  it.each([
    ['without ways to rivals', undefined],
    ['with ways to rivals, whose fields are as large as the world', 6],
  ])('fit in a binding %s', (_, rivalGuidance) => {
    const compiled = loadScenario(TAG, { observation: rivalGuidance === undefined ? undefined : { rivalGuidance } });
    const level = compiled.variantSource('train').get(0);
    const count = worldsPerShard(compiled.program, level, SHARD_BYTES, true);
    const each = bytesPerWorld(compiled.program, level);
    expect(count * each).toBeLessThanOrEqual(SHARD_BYTES);
    // Nor is most of a binding left empty.
    expect(count * each).toBeGreaterThan(SHARD_BYTES / 8);
  });
});
