/**
 * The engine `gpujs` in a page of headless Chromium, above all in the mode `webgl`, which Node has not: tick by tick it comes to what `cpu` comes to in Node.
 * WebGL is drawn in software there.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { loadScenario } from '@kinovox/env';
import { createCpuEngine, type GpuJsMode, hashBatch } from '@kinovox/physics';
import type { ScenarioInput } from '@kinovox/world';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heldActions } from '../differential/held-actions.js';
import { bundle } from './bundle.js';
import { chromiumPath, launchChromium } from './chromium.js';
import type { GpuJsRun, playOnGpuJs } from './gpujs-page.js';

const EDIT_FREE = ['parkour-v1', 'random-map-v1', 'reach-flat-v1', 'reach-maze-v1', 'relay-code-v1', 'tag-v1', 'water-crossing-v1'];
const RUNS = [...EDIT_FREE.map((id): [GpuJsMode, string] => ['webgl', id]), ['webasm', 'tag-v1'] as [GpuJsMode, string]];
const WORLDS = 3;
const TICKS = 100;
const root = fileURLToPath(new URL('../../', import.meta.url));

describe.skipIf(chromiumPath === undefined)('the engine gpujs in Chromium', () => {
  let browser: Browser;
  let server: Server;
  let page: Page;
  beforeAll(async () => {
    const files = await bundle('gpujs-page.ts', { external: ['webgpu', '@dimforge/rapier3d'], split: true });
    server = createServer((request, response) => {
      const code = files.get(request.url?.slice(1) ?? '');
      response.setHeader('content-type', code === undefined ? 'text/html' : 'text/javascript');
      response.end(code ?? `<!doctype html><title>gpujs</title><script type="module" src="/${[...files.keys()][0]}"></script>`);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    browser = await launchChromium();
    page = await browser.newPage();
    page.on('pageerror', (error) => process.stderr.write(`${error}\n`));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction(() => 'playOnGpuJs' in window);
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it.each(RUNS)('comes in the mode %s in %s to the hashes of cpu', async (mode, id) => {
    const path = `${root}scenarios/${id}.scenario.json`;
    const compiled = loadScenario(path);
    const act = heldActions(compiled.program, WORLDS, 4);
    // What is no number does not travel as JSON.
    const actions = Array.from({ length: TICKS }, () => [...act()].map((value) => (Number.isNaN(value) ? 0 : value)));
    const hashes = playOnCpu(compiled, actions, 4);
    expect(playOnCpu(compiled, actions, 5)[0]).not.toBe(hashes[0]);
    const scenario = JSON.parse(readFileSync(path, 'utf8')) as ScenarioInput;
    const files = Object.fromEntries(
      (scenario.world.structures ?? []).flatMap((structure) =>
        'file' in structure ? [[structure.file, readFileSync(`${root}scenarios/${structure.file}`, 'utf8')]] : [],
      ),
    ) as Record<string, string>;
    const run: GpuJsRun = { scenario, files, mode, numWorlds: WORLDS, seed: 4, actions };
    const played = await page.evaluate((asked) => (window as unknown as { playOnGpuJs: typeof playOnGpuJs }).playOnGpuJs(asked), run);
    expect(played.device).toBe(mode === 'webgl' ? 'WebGL (webgl2)' : 'the CPU');
    expect(played.hashes).toEqual(hashes);
  });
});

/** The state's hash after each tick. */
function playOnCpu({ program, playableLevels }: ReturnType<typeof loadScenario>, actions: number[][], seed: number): string[] {
  const cpu = createCpuEngine({ program, variants: playableLevels('train'), numWorlds: WORLDS, seed });
  return actions.map((words) => {
    cpu.decode(Float32Array.from(words));
    cpu.step();
    return hashBatch(cpu.state);
  });
}
