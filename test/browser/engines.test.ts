/**
 * The engines in a page of headless Chromium: what `cpu` and `rigid` (over every shipped scenario) and `webgpu` (by SwiftShader) come to there is what `cpu`,
 * or `rigid`, comes to in Node, bit for bit. On `webgpu` two scenarios are played, whose kernels SwiftShader compiles in bearable time; `KINOVOX_BROWSER_PARITY=all`, or
 * names with commas between them, plays those on `webgpu` as well, and for 1,000 ticks.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createPolicy, runPolicies } from '@kinovox/agents';
import { createBatchEnv } from '@kinovox/env';
import type { ScenarioInput } from '@kinovox/world';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleScript } from './bundle.js';
import { chromiumPath, launchChromium } from './chromium.js';
import { type EngineResult, type EngineRun, playOnEngine, resetMask, resetTick } from './engine-run.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const WEBGPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'];
/** CI must not pass without them. */
const demanded = process.env.KINOVOX_REQUIRE_GPU === '1' || process.env.CI !== undefined;
if (chromiumPath === undefined && !demanded)
  process.stderr.write('\nSKIPPED: the tests of the engines in a browser, because there is no Chromium.\n\n');

const SUFFIX = '.scenario.json';

function shipped(id: string): ScenarioInput {
  return JSON.parse(readFileSync(`${root}scenarios/${id}.scenario.json`, 'utf8')) as ScenarioInput;
}
const CAMERA = { width: 13, height: 9, channels: ['depth', 'block', 'face', 'body', 'rgb'] as const };
const shippedIds = readdirSync(`${root}scenarios`).flatMap((file) => (file.endsWith(SUFFIX) ? [file.slice(0, -SUFFIX.length)] : []));
/** Scenarios with props or vehicles run on the rigid tier. */
const isRigid = ({ props, agents }: ScenarioInput) =>
  props !== undefined || agents.some(({ body }) => body === 'rigid' || (typeof body === 'object' && body.type === 'rigid'));
const batchIds = shippedIds.filter((id) => !isRigid(shipped(id)));
const asked = process.env.KINOVOX_BROWSER_PARITY?.split(',') ?? [];
const onDeviceToo = batchIds.filter((id) => asked.includes('all') || asked.includes(id));
/** Edits; collisions and mechanisms, with pictures and lidar: and what must have happened in each for the test to say anything. */
const SCENARIOS: [string, ScenarioInput, string[]][] = [
  ['bridge-gap-v1', shipped('bridge-gap-v1'), ['placed']],
  ['plates-and-door-v1 with a camera', withPictures(shipped('plates-and-door-v1')), ['pressed', 'switched', 'touched']],
];

function withPictures(scenario: ScenarioInput): ScenarioInput {
  return {
    ...scenario,
    observation: {
      ...scenario.observation,
      camera: { ...CAMERA, channels: [...CAMERA.channels] },
      lidar: { beams: 5, ringsDeg: [0, -20] },
    },
  };
}
const TICKS = 150;

describe.skipIf(chromiumPath === undefined && !demanded)('engines in Chromium', () => {
  let browser: Browser;
  let server: Server;
  let page: Page;

  beforeAll(async () => {
    const code = await bundleScript('engine-page.ts', ['webgpu', 'gpu.js']);
    server = createServer((request, response) => {
      const isScript = request.url === '/page.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(isScript ? code : '<!doctype html><title>engines</title><script type="module" src="/page.js"></script>');
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    browser = await launchChromium(WEBGPU);
    page = await browser.newPage();
    page.on('pageerror', (error) => process.stderr.write(`${error}\n`));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction(() => 'playOnEngine' in window);
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  const inPage = (run: EngineRun) =>
    page.evaluate((asked) => (window as unknown as { playOnEngine(run: EngineRun): Promise<EngineResult> }).playOnEngine(asked), run);

  it.each(SCENARIOS)('come to in %s what cpu comes to in Node', async (_, scenario, kinds) => {
    const run: EngineRun = { scenario, engine: 'cpu', numWorlds: 4, seed: 21, actions: await scriptedPlay(scenario, 4, 21, TICKS) };
    const wanted = await playOnEngine(run);
    // Hashes tell runs apart, and what could differ happened in them.
    expect(new Set(wanted.marks.map(({ state }) => state)).size).toBe(wanted.marks.length);
    expect((await playOnEngine({ ...run, seed: 22 })).marks[3]).not.toEqual(wanted.marks[3]);
    for (const kind of kinds) expect(wanted.happened[kind] ?? 0, kind).toBeGreaterThan(0);
    expect((await inPage(run)).marks).toEqual(wanted.marks);
    const onDevice = await inPage({ ...run, engine: 'webgpu' });
    expect(onDevice.device).toMatch(/swiftshader/i);
    expect(onDevice.marks).toEqual(wanted.marks);
  });

  it.each(shippedIds)('come to in %s, as it is shipped, what they come to in Node', async (id) => {
    const scenario = shipped(id);
    const engine = isRigid(scenario) ? 'rigid' : 'cpu';
    const actions = await scriptedPlay(scenario, 2, 5, onDeviceToo.includes(id) ? 1000 : TICKS);
    const run: EngineRun = { scenario, engine, numWorlds: 2, seed: 5, actions, files: filesOf(scenario) };
    const wanted = await playOnEngine(run);
    expect(new Set(wanted.marks.map(({ state }) => state)).size).toBe(wanted.marks.length);
    expect((await inPage(run)).marks).toEqual(wanted.marks);
    if (!onDeviceToo.includes(id)) return;
    const onDevice = await inPage({ ...run, engine: 'webgpu' });
    expect(onDevice.device).toMatch(/swiftshader/i);
    expect(onDevice.marks).toEqual(wanted.marks);
  });
});

/** What the scripted policy does, tick by tick: it builds, digs and steps on plates where a random one does not get that far. */
async function scriptedPlay(scenario: ScenarioInput, numWorlds: number, seed: number, ticks: number): Promise<number[][]> {
  const env = await createBatchEnv({
    scenario,
    numWorlds,
    seed,
    engine: isRigid(scenario) ? 'rigid' : 'cpu',
    readFile: (path) => readFileSync(`${root}scenarios/${path}`),
  });
  env.reset();
  const policy = runPolicies(env, createPolicy('scripted'));
  const actions: number[][] = [];
  for (let tick = 1; tick <= ticks; tick++) {
    if (tick === resetTick(ticks)) env.reset({ mask: resetMask(numWorlds) });
    actions.push([...policy.act()]);
    env.stepSync(Float32Array.from(actions[tick - 1]));
  }
  env.close();
  return actions;
}

function filesOf({ world }: ScenarioInput): Record<string, number[]> {
  // A structure is either a file or a drawing of cells in the scenario itself.
  const paths = (world.structures ?? []).flatMap(({ file }) => file ?? []);
  return Object.fromEntries(paths.map((path) => [path, [...readFileSync(`${root}scenarios/${path}`)]]));
}
