/** The observation groups `guidance` and `rivalGuidance` are the same on every engine, last observations and resets included. */
import { compileScenario, createBatchEnvSync, createEngine, loadScenario } from '@kinovox/env';
import { createGpuJsEngine, createWebGpuEngine, type Engine, type ObservationBuffers, type StepOutputs } from '@kinovox/physics';
import { ACTION_FIELDS } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { randomWords } from '../physics/fixture.js';
import { MODES } from '../physics/gpujs/modes.js';

const TICKS = 120;
const NUM_WORLDS = 12;

interface Steps {
  observations: ObservationBuffers;
  outputs: Pick<StepOutputs, 'ended'>;
  reset(mask: Uint8Array): unknown;
  step(actions: Float32Array): unknown;
}

/** The vectors of all ticks, and the last ones of the episodes that ended in each; half of the rows begin anew in the middle. */
async function play(engine: Steps, numAgents: number): Promise<Float32Array[]> {
  const next = randomWords(6);
  const vectors: Float32Array[] = [];
  for (let tick = 0; tick < TICKS; tick++) {
    if (tick === TICKS / 2) await engine.reset(Uint8Array.from({ length: NUM_WORLDS }, (_, w) => w & 1));
    const draw = (field: number) => (field === 0 ? 1 : field === 5 && (next() >>> 8) % 4 === 0 ? ((next() >>> 8) % 200) / 100 - 1 : 0);
    await engine.step(Float32Array.from({ length: NUM_WORLDS * numAgents * ACTION_FIELDS }, (_, k) => draw(k % ACTION_FIELDS)));
    const { vector, finalVector, size } = engine.observations;
    vectors.push(vector.slice());
    for (let w = 0; w < NUM_WORLDS; w++)
      if (engine.outputs.ended[w] === 1) vectors.push(finalVector.slice(w * numAgents * size, (w + 1) * numAgents * size));
  }
  return vectors;
}

/** The engine with its actions decoded before each step. */
const stepped = (engine: Engine): Steps => ({
  observations: engine.observations,
  outputs: engine.outputs,
  reset: (mask) => engine.reset(mask),
  step: (actions) => {
    engine.decode(actions);
    engine.step();
  },
});

describe.each([
  ['guidance', 'reach-maze-v1', { guidance: 3, crop: 0 }],
  ['rivalGuidance', 'tag-v1', { rivalGuidance: 3, crop: 0, nearestAgents: 1 }],
] as const)('the group %s', async (group, id, observation) => {
  const { scenario } = loadScenario(`scenarios/${id}.scenario.json`);
  // Short episodes, so that some end, and few levels, so that rows meet one again.
  const compiled = compileScenario({ ...scenario, episode: { ...scenario.episode, maxTicks: 50, variants: 16 } }, { observation });
  const { numAgents } = compiled.program;
  const settings = { numWorlds: NUM_WORLDS, seed: 3, split: 'train' } as const;
  const options = { program: compiled.program, variants: compiled.playableLevels('train'), numWorlds: NUM_WORLDS, seed: 3 };
  const cpu = await createEngine('cpu', compiled, settings);
  const wanted = await play(stepped(cpu), numAgents);

  it('has something to differ in', () => {
    const { size, groups } = cpu.observations;
    const { offset } = groups.find(({ name }) => name === group)!;
    expect(new Set(wanted.map((vector) => vector[size + offset + 1])).size).toBeGreaterThan(10);
    expect(new Set(wanted.map((vector) => vector[size + offset + 2])).size).toBeGreaterThan(50);
    expect(wanted.length).toBeGreaterThanOrEqual(TICKS + NUM_WORLDS);
  });
  it('is on workers what it is on cpu', async () => {
    const env = createBatchEnvSync({ scenario: compiled, numWorlds: NUM_WORLDS, seed: 3, engine: 'workers', threads: 2 });
    env.reset();
    const steps = {
      observations: env.observations,
      outputs: env.engine.outputs,
      reset: (mask: Uint8Array) => env.reset({ mask }),
      step: (a: Float32Array) => env.stepSync(a),
    };
    expect(await play(steps, numAgents)).toEqual(wanted);
    env.close();
  });
  it('is on rigid what it is on cpu', async () => {
    const engine = await createEngine('rigid', compiled, settings);
    expect(await play(stepped(engine), numAgents)).toEqual(wanted);
    engine.dispose();
  });
  it.skipIf(!MODES.includes('webgpu'))('is on webgpu what it is on cpu', async () => {
    const engine = await createWebGpuEngine(options);
    expect(await play(engine, numAgents)).toEqual(wanted);
    engine.dispose();
  });
  it('is on gpujs what it is on cpu', async () => {
    const engine = await createGpuJsEngine({ ...options, mode: 'webasm' });
    expect(await play(engine, numAgents)).toEqual(wanted);
    engine.dispose();
  });
});
