/** Threads run worlds side by side: whatever a stage writes must be a world's own. */
import { readFileSync } from 'node:fs';
import { compileScenario, loadScenario } from '@kinovox/env';
import { createObservationBuffers } from '@kinovox/physics';
import { afterEach, describe, expect, it } from 'vitest';
import { createBatchState, createTickBuffers } from '../../packages/physics/src/batch-state.js';
import { createOutputs } from '../../packages/physics/src/engines/outputs.js';
import { assembleKernel } from '../../packages/physics/src/engines/webgpu/assemble.js';
import { KERNEL } from '../../packages/physics/src/engines/webgpu/kernel.generated.js';
import { createTickContext } from '../../packages/physics/src/stages/context.js';

const folder = new URL('../../scenarios/', import.meta.url);

/** More worlds than most arrays of a single world have elements, and no divisor of theirs. */
const NUM_WORLDS = 127;

function assembled(id: string) {
  const { scenario } = loadScenario(new URL(`${id}.scenario.json`, folder).pathname);
  const { program, playableLevels } = compileScenario(
    { ...scenario, episode: { ...scenario.episode, variants: 1 } },
    { readFile: (path) => readFileSync(new URL(path, folder)) },
  );
  const variants = playableLevels('train');
  const context = createTickContext({
    program,
    variants,
    state: createBatchState(program, NUM_WORLDS),
    buffers: createTickBuffers(NUM_WORLDS, program),
    outputs: createOutputs(program, NUM_WORLDS),
    observations: createObservationBuffers(program, NUM_WORLDS),
  });
  return assembleKernel(context, variants.get(0), { autoreset: true, observe: true, workgroup: 64, specialise: false });
}

describe('the kernels of a program', () => {
  const storages = KERNEL.arrays.map(({ storage }) => storage);
  afterEach(() => {
    KERNEL.arrays.forEach((array, k) => {
      array.storage = storages[k];
    });
  });

  // Survival with mobs, messages with mechanisms: between them nearly every array of a tick.
  it.each(['hunt-v1', 'survival-team-v1', 'relay-code-v1'])('keep every array that worlds write apart in %s', (id) => {
    expect(assembled(id).kernels.length).toBeGreaterThan(15);
  });

  it('are refused where worlds would share scratch', () => {
    for (const array of KERNEL.arrays) if (array.path === 'c.nearPlace') array.storage = 'word';
    expect(() => assembled('hunt-v1')).toThrow(/Every world must have its part of c\.nearPlace; got 3 words for 127 worlds/);
  });
});
