/** A row of the engine benchmark on `webgpu`, on a software driver: its figures say nothing there, but the game behind them is that of `cpu`. */
import { existsSync } from 'node:fs';
import { findGpu } from '@kinovox/physics';
import { describe, expect, it } from 'vitest';
import { compileBenchScenario } from '../../packages/server/src/bench/bench-load.js';
import { idlenessOf } from '../../packages/server/src/bench/bench-report.js';
import { measureDeviceRow } from '../../packages/server/src/bench/device-row.js';

const LAVAPIPE = '/usr/share/vulkan/icd.d/lvp_icd.json';
if (process.env.VK_ICD_FILENAMES === undefined && existsSync(LAVAPIPE)) process.env.VK_ICD_FILENAMES = LAVAPIPE;
const adapter = await findGpu();

describe('a row of the benchmark on webgpu', () => {
  it.skipIf(adapter === undefined)('has three columns, and counts what happened on cpu, which comes to the same hashes', async () => {
    const row = await measureDeviceRow({ engine: 'webgpu', worlds: 5, compiled: compileBenchScenario(8), turnMs: 1 });
    expect(row.reason).toBeUndefined();
    expect(Math.min(row.stepOnly!, row.withObservations!, row.withPolicy!, row.p50Ms!, row.bytesPerWorld!)).toBeGreaterThan(0);
    expect([idlenessOf(row.activity!), idlenessOf(row.policyActivity!)]).toEqual([undefined, undefined]);
    expect(row.policyActivity).not.toEqual(row.activity);
  });

  it('is tried only where there is an adapter, and says when it is not', () => {
    if (process.env.KINOVOX_REQUIRE_GPU === '1') expect(adapter, 'a Vulkan driver was installed, but gives no adapter').toBeDefined();
    if (adapter === undefined) console.warn('No GPU adapter: the benchmark of webgpu was NOT tested.');
  });
});
