/** `kinovox check` as a user runs it. That each of its facts can fail is held by test/env/conformance.test.ts. */
import { describe, expect, it } from 'vitest';
import { testGpu } from '../differential/gpu-device.js';
import { kinovox } from './command.js';

describe('kinovox check', () => {
  it('says which facts hold on each engine, what an engine refuses, and that engines agree', async () => {
    const { code, stdout } = await kinovox('check', 'tag-v1', 'push-crate-v1', '--engine', 'cpu,rigid', '--ticks', '10', '--json');
    const { ok, checked } = JSON.parse(stdout);
    const lines = checked.map(
      ({ scenario, engine, refused, results }: { scenario: string; engine: string; refused?: string; results: unknown[] }) => [
        scenario,
        engine,
        refused === undefined,
        results.length,
      ],
    );
    expect(lines).toEqual([
      ['tag-v1', 'cpu', true, 19],
      ['tag-v1', 'rigid', true, 19],
      ['tag-v1', 'cpu = rigid', true, 1],
      ['push-crate-v1', 'cpu', false, 0],
      ['push-crate-v1', 'rigid', true, 19],
    ]);
    expect(ok).toBe(true);
    expect(code).toBe(0);
  });

  it('checks batches whose worlds lie on a device, where there is one', async () => {
    const { code, stdout } = await kinovox('check', 'reach-flat-v1', '--engine', 'cpu,webgpu', '--ticks', '10', '--json');
    const [, device, between] = JSON.parse(stdout).checked;
    if ((await testGpu()) === undefined) expect(device.refused).toContain('needs a GPU adapter');
    else expect([device.engine, device.results.length, between.engine, between.results[0].ok]).toEqual(['webgpu', 9, 'cpu = webgpu', true]);
    expect(code).toBe(0);
  });

  it('refuses engines and scenarios that there are none of', async () => {
    expect((await kinovox('check', 'tag-v1', '--engine', 'cpu,cpux')).stderr).toContain('Did you mean "cpu"?');
    expect((await kinovox('check', 'tag-v1', '--engine', 'cpu,cpu')).stderr).toContain('must name each engine once');
    const missing = await kinovox('check', 'tagg-v1');
    expect(missing.stderr).toContain('tag-v1');
    expect(missing.code).toBe(2);
  });
});
