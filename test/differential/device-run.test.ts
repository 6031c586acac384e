/** `kinovox run` on a device that is lost in the middle: the run ends on cpu with the hashes of one that was there all along. A software driver is enough. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findGpu, type WebGpuEngine } from '@kinovox/physics';
import { describe, expect, it } from 'vitest';
import { createDeviceRun } from '../../packages/server/src/run/device-run.js';
import { createRunSession } from '../../packages/server/src/run/run-session.js';
import type { RunSettings } from '../../packages/server/src/run/run-settings.js';
import { bridge } from '../env/sample-scenarios.js';
import { eventually, startKinovox } from '../server/command.js';
import { testGpu } from './gpu-device.js';

(await testGpu())?.device.destroy();
const adapter = await findGpu();
const TICKS = 150;

function settings(engine: 'cpu' | 'webgpu'): RunSettings {
  const scenarioPath = join(mkdtempSync(join(tmpdir(), 'kinovox-device-run-')), 'bridge.scenario.json');
  writeFileSync(scenarioPath, JSON.stringify(bridge));
  const base = {
    scenarioPath,
    numWorlds: 4,
    seed: 5,
    split: 'test' as const,
    policy: 'random',
    out: undefined,
    recordRows: [],
    command: [],
  };
  return { ...base, engine };
}

describe.skipIf(adapter === undefined)('kinovox run on a device', () => {
  it.each([true, false])('has the hashes of cpu, lost in the middle: %s, and says where it ended', async (loses) => {
    const onCpu = await createRunSession(settings('cpu'), 'asked for');
    while (!(await onCpu.stepSlice(TICKS, 1000)));
    const wanted = await onCpu.report('finished', { rowHashes: true });
    const run = await createDeviceRun(settings('webgpu'), 'asked for');
    while (!(await run.stepSlice(TICKS, 0))) if (loses && run.ticks > 20) (run.env.engine as Partial<WebGpuEngine>).gpu?.destroy();
    const report = await run.report('finished', { rowHashes: true });
    const { stateHash, rowHashes, episodes, meanReturn, ticks } = report;
    expect({ stateHash, rowHashes, episodes, meanReturn, ticks }).toEqual({
      stateHash: wanted.stateHash,
      rowHashes: wanted.rowHashes,
      episodes: wanted.episodes,
      meanReturn: wanted.meanReturn,
      ticks: TICKS,
    });
    expect(episodes).toBeGreaterThan(4);
    expect(report.engine).toBe(loses ? 'cpu' : 'webgpu');
    if (loses) expect(report.engineReason).toMatch(/^the device was lost; \d+ ticks were played again\. /);
    run.close();
    onCpu.close(wanted);
  });

  it('is over at once at a signal while kernels are compiled', async () => {
    const args = ['run', '--scenario', 'tag-v1', '--worlds', '2', '--ticks', '5', '--policy', 'random', '--engine', 'webgpu'];
    // Mesa's driver would take kernels of an earlier run from its cache.
    const { child, ended, output } = startKinovox(args, { env: { MESA_SHADER_CACHE_DISABLE: 'true' } });
    await eventually('kernels are compiled', () => output().stderr.includes('compiling kernels'), 60_000);
    child.kill('SIGTERM');
    const { code, stdout, stderr } = await ended;
    expect([code, stdout]).toEqual([130, '']);
    expect(stderr).toContain('Interrupted before the first tick; nothing was written.');
  });
});
