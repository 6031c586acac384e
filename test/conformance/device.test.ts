/** The conformance kit over the engine `webgpu`, whose worlds lie on a device: it holds there, and each of its facts can fail there. */
import { checkBatchEnv, checkEngines, checkedAsync, createAsyncBatchEnv, createBatchEnv, loadScenario } from '@kinovox/env';
import { afterAll, describe, expect, it } from 'vitest';
import { testGpu } from '../differential/gpu-device.js';
import { type BatchOptions, plantedBatches } from '../env/planted-batches.js';
import { bridge } from '../env/sample-scenarios.js';

const compiled = loadScenario(bridge);
const gpu = await testGpu();
const make = async (options: BatchOptions) =>
  checkedAsync(await createAsyncBatchEnv({ scenario: compiled, engine: 'webgpu', gpu, resume: false, ...options }));
const TICKS = 10;
const failuresOf = (results: { name: string; ok: boolean; message: string }[]) => results.filter((result) => !result.ok);

describe.skipIf(gpu === undefined)('a batch on a device', () => {
  afterAll(() => gpu?.device.destroy());

  it('conforms, and does what cpu does', async () => {
    const results = await checkBatchEnv(make, { ticks: TICKS });
    expect(failuresOf(results)).toEqual([]);
    expect(results).toHaveLength(9);
    expect(
      failuresOf(
        await checkEngines({ cpu: (options) => createBatchEnv({ scenario: compiled, ...options }), webgpu: make }, { ticks: TICKS }),
      ),
    ).toEqual([]);
  });

  it('is found out wherever it breaks its contract', async () => {
    for (const [name, broken] of plantedBatches(make)) {
      const failures = failuresOf(await checkBatchEnv(broken, { ticks: TICKS })).map((failure) => failure.name);
      expect(
        failures.some((failure) => failure.startsWith(name)),
        `${name}: ${failures.join('; ')}`,
      ).toBe(true);
    }
  });
});
