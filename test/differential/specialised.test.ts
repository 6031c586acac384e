/**
 * The text that a real GPU gets: a program's numbers written into its kernels, and what it cannot reach left out. Equal to `cpu` on a software driver,
 * which takes the shared text by itself.
 */
import { readFileSync } from 'node:fs';
import { compileScenario, loadScenario } from '@kinovox/env';
import { afterAll, describe, expect, it } from 'vitest';
import { testGpu } from './gpu-device.js';
import { compareEngines, whyNot } from './parity.js';

const folder = new URL('../../scenarios/', import.meta.url);
const gpu = await testGpu();
const texts: string[] = [];
if (gpu !== undefined) {
  const make = gpu.device.createShaderModule.bind(gpu.device);
  gpu.device.createShaderModule = (options) => {
    texts.push(options.code);
    return make(options);
  };
}

describe.skipIf(gpu === undefined)('webgpu with kernels of one program', () => {
  afterAll(() => gpu?.device.destroy());

  // Edits; plates, doors and two teams of walkers that push.
  it.each(['dig-tunnel-v1', 'plates-and-door-v1'])('plays %s as cpu does', async (id) => {
    texts.length = 0;
    const { scenario } = loadScenario(new URL(`${id}.scenario.json`, folder).pathname);
    const short = { ...scenario, episode: { ...scenario.episode, maxTicks: 120, variants: 8 } };
    const compiled = compileScenario(short, { readFile: (path) => readFileSync(new URL(path, folder)) });
    const row = await compareEngines(compiled, {
      checkpoints: [1, 10, 100, 300],
      numWorlds: 6,
      seed: 11,
      workers: [],
      gpu,
      specialise: true,
    });
    expect(row.difference).toBeUndefined();
    expect(whyNot(row, compiled)).toBeUndefined();
    const stages = texts.filter((text) => text.includes('NUM_WORLDS'));
    expect(stages.length).toBeGreaterThan(10);
    for (const text of stages) {
      expect(text).toContain('const NUM_WORLDS: i32 = 6;');
      expect(text).not.toMatch(/NUM_WORLDS = tables\[/);
    }
  });
});
