/** The observation group `guidance` is the same on every engine, last observations and resets included. */
import { createBatchEnvSync, loadScenario } from '@kinovox/env';
import { createCpuEngine, createGpuJsEngine, createWebGpuEngine, type ObservationBuffers } from '@kinovox/physics';
import { ACTION_FIELDS } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { randomWords } from '../physics/fixture.js';
import { MODES } from '../physics/gpujs/modes.js';

const TICKS = 120;
const NUM_WORLDS = 12;
const observation = { guidance: 3, crop: 0 };
const compiled = loadScenario('scenarios/reach-maze-v1.scenario.json', { observation });
const options = { program: compiled.program, variants: compiled.playableLevels('train'), numWorlds: NUM_WORLDS, seed: 3 };

interface Steps {
  observations: ObservationBuffers;
  reset(mask: Uint8Array): unknown;
  step(actions: Float32Array): unknown;
}

/** The vectors of all ticks; half of the rows begin anew in the middle. */
async function play(engine: Steps): Promise<Float32Array[]> {
  const next = randomWords(6);
  const vectors: Float32Array[] = [];
  for (let tick = 0; tick < TICKS; tick++) {
    if (tick === TICKS / 2) await engine.reset(Uint8Array.from({ length: NUM_WORLDS }, (_, w) => w & 1));
    const draw = (field: number) => (field === 0 ? 1 : field === 5 && (next() >>> 8) % 4 === 0 ? ((next() >>> 8) % 200) / 100 - 1 : 0);
    await engine.step(Float32Array.from({ length: NUM_WORLDS * ACTION_FIELDS }, (_, k) => draw(k % ACTION_FIELDS)));
    vectors.push(engine.observations.vector.slice());
  }
  return vectors;
}

const cpu = createCpuEngine(options);
const wanted = await play({
  observations: cpu.observations,
  reset: (mask) => cpu.reset(mask),
  step: (actions) => {
    cpu.decode(actions);
    cpu.step();
  },
});

describe('the group guidance', () => {
  it('has something to differ in', () => {
    const { size, groups } = cpu.observations;
    const { offset } = groups.find(({ name }) => name === 'guidance')!;
    expect(new Set(wanted.map((vector) => vector[size + offset + 1])).size).toBeGreaterThan(10);
    expect(new Set(wanted.map((vector) => vector[size + offset + 2])).size).toBeGreaterThan(50);
  });
  it('is on workers what it is on cpu', async () => {
    const env = createBatchEnvSync({ scenario: compiled, numWorlds: NUM_WORLDS, seed: 3, engine: 'workers', threads: 2 });
    env.reset();
    const steps = {
      observations: env.observations,
      reset: (mask: Uint8Array) => env.reset({ mask }),
      step: (a: Float32Array) => env.stepSync(a),
    };
    expect(await play(steps)).toEqual(wanted);
    env.close();
  });
  it.skipIf(!MODES.includes('webgpu'))('is on webgpu what it is on cpu', async () => {
    const engine = await createWebGpuEngine(options);
    expect(await play(engine)).toEqual(wanted);
    engine.dispose();
  });
  it('is on gpujs what it is on cpu', async () => {
    const engine = await createGpuJsEngine({ ...options, mode: 'webasm' });
    expect(await play(engine)).toEqual(wanted);
    engine.dispose();
  });
});
