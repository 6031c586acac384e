/** The shaping channel is the same on every engine, resets included. */
import { createBatchEnvSync, loadScenario } from '@kinovox/env';
import { createCpuEngine, createGpuJsEngine, createWebGpuEngine, type StepOutputs } from '@kinovox/physics';
import { ACTION_FIELDS } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { randomWords } from '../physics/fixture.js';
import { MODES } from '../physics/gpujs/modes.js';

const TICKS = 220;
const compiled = loadScenario('scenarios/reach-maze-v1.scenario.json', { shaping: true });
const { program } = compiled;
const options = { program, variants: compiled.playableLevels('train'), numWorlds: 24, seed: 3 };

function wandering(): () => Float32Array {
  const next = randomWords(6);
  return () =>
    Float32Array.from({ length: 24 * ACTION_FIELDS }, (_, k) => {
      const field = k % ACTION_FIELDS;
      return field === 0 ? 1 : field === 5 && (next() >>> 8) % 4 === 0 ? ((next() >>> 8) % 200) / 100 - 1 : 0;
    });
}

/** Ways of all ticks on `cpu`; half of the rows begin anew in the middle. */
const { wanted, mask } = (() => {
  const engine = createCpuEngine(options);
  const actions = wandering();
  const half = Uint8Array.from({ length: 24 }, (_, w) => w & 1);
  const ways: Int32Array[] = [];
  for (let tick = 0; tick < TICKS; tick++) {
    if (tick === TICKS / 2) engine.reset(half);
    engine.decode(actions());
    engine.step();
    ways.push(engine.outputs.wayLeft.slice());
  }
  return { wanted: ways, mask: half };
})();

async function expectSame(engine: {
  outputs: StepOutputs;
  reset(mask: Uint8Array): unknown;
  step(actions: Float32Array): unknown;
}): Promise<void> {
  const actions = wandering();
  for (let tick = 0; tick < TICKS; tick++) {
    if (tick === TICKS / 2) await engine.reset(mask);
    await engine.step(actions());
    expect(engine.outputs.wayLeft, `tick ${tick + 1}`).toEqual(wanted[tick]);
  }
}

describe('the shaping channel', () => {
  it('has something to differ in: ways that change, and rows that begin anew', () => {
    expect(new Set(wanted.flatMap((ways) => [...ways])).size).toBeGreaterThan(100);
    const jump = wanted[TICKS / 2].filter((way, i) => i % 2 === 0 && Math.abs(way - wanted[TICKS / 2 - 1][i + 1]) > 30).length;
    expect(jump).toBeGreaterThan(3);
  });
  it('is on workers what it is on cpu', async () => {
    const env = createBatchEnvSync({ scenario: compiled, numWorlds: 24, seed: 3, engine: 'workers', threads: 3 });
    env.reset();
    await expectSame({
      outputs: env.engine.outputs,
      reset: (rows) => env.reset({ mask: rows }),
      step: (actions) => env.stepSync(actions),
    });
    env.close();
  });
  it.skipIf(!MODES.includes('webgpu'))('is on webgpu what it is on cpu', async () => {
    const engine = await createWebGpuEngine({ ...options, worldsPerShard: 16, observe: false });
    await expectSame(engine);
    engine.dispose();
  });
  it('is on gpujs what it is on cpu', async () => {
    const engine = await createGpuJsEngine({ ...options, mode: 'webasm' });
    await expectSame(engine);
    engine.dispose();
  });
});
