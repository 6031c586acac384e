/**
 * The engine `gpujs` in the mode `webgl`, which Node has not: its kernel runs in headless Chromium, everything else here, and the worlds come out
 * as on `cpu`. WebGL is drawn in software there, and compiles a kernel with liquids for half a minute: short runs of two scenarios, one with contacts
 * and one with water and ladders. KINOVOX_GPUJS_WEBGL=all runs every shipped scenario without edits.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { loadScenario } from '@kinovox/env';
import { createCpuEngine, GpuJsEngine, type GpuJsRuntime, hashBatch } from '@kinovox/physics';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heldActions } from '../differential/held-actions.js';
import { chromiumPath, launchChromium } from './chromium.js';

const EDIT_FREE = ['parkour-v1', 'random-map-v1', 'reach-flat-v1', 'reach-maze-v1', 'relay-code-v1', 'tag-v1', 'water-crossing-v1'];
const CHOSEN = process.env.KINOVOX_GPUJS_WEBGL === 'all' ? EDIT_FREE : ['tag-v1', 'water-crossing-v1'];
const WORLDS = 3;
const TICKS = 100;

describe.skipIf(chromiumPath === undefined)('the engine gpujs in the mode webgl', () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await launchChromium();
    page = await browser.newPage();
    // A page of its own address: gpu.js starts workers from blobs.
    await page.goto('data:text/html,<title>gpu.js</title>');
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve('gpu.js/dist/gpu-browser.min.js') });
  });
  afterAll(async () => browser?.close());

  it.each(CHOSEN)('gives in %s what cpu gives, bit for bit', async (id) => {
    expect(await firstDifference(page, load(id))).toBeUndefined();
  });

  it('differs from cpu when its kernel was changed', async () => {
    expect(await firstDifference(page, load('tag-v1'), (source) => source.replace('vy - 5243', 'vy - 5244'))).toBe(1);
  });
});

const load = (id: string) => loadScenario(fileURLToPath(new URL(`../../scenarios/${id}.scenario.json`, import.meta.url)));

/** Plays both engines side by side. @returns the first tick after which they differ. */
async function firstDifference(
  page: Page,
  compiled: ReturnType<typeof loadScenario>,
  change = (source: string) => source,
): Promise<number | undefined> {
  const options = { program: compiled.program, variants: compiled.playableLevels('train'), numWorlds: WORLDS, seed: 4 };
  const cpu = createCpuEngine(options);
  const gpu = new GpuJsEngine(options, inPage(page, change));
  const act = heldActions(compiled.program, WORLDS, 4);
  try {
    for (let tick = 1; tick <= TICKS; tick++) {
      const actions = act();
      cpu.decode(actions);
      cpu.step();
      await gpu.step(actions);
      if (hashBatch(gpu.engine.state) !== hashBatch(cpu.state)) return tick;
    }
    expect(gpu.observations).toEqual(cpu.observations);
    expect(gpu.outputs).toEqual(cpu.outputs);
    return undefined;
  } finally {
    gpu.dispose();
  }
}

/** What the page keeps of a kernel: its name there. */
interface PageWindow {
  GPU: { GPU?: new (settings: object) => unknown } & (new (settings: object) => unknown);
  kernels: Map<number, { call: (...args: unknown[]) => unknown /** What computes. */; mode(): string }>;
  arrays: Map<string, Float32Array>;
}

let serial = 0;

/** gpu.js in the page, by its own browser build. Arrays are sent when they changed. */
function inPage(page: Page, change: (source: string) => string): GpuJsRuntime {
  return {
    mode: 'webgl',
    device: 'WebGL in Chromium',
    software: true,
    gpu: undefined as never,
    input: () => {
      throw new Error('the engine passes flat arrays');
    },
    kernel(source, settings) {
      const id = serial++;
      const sent = new Map<number, string>();
      const made = page.evaluate(
        ([k, text, options]) => {
          const w = globalThis as unknown as PageWindow;
          const Gpu = w.GPU.GPU ?? w.GPU;
          const gpu = new Gpu({ mode: 'webgl2' }) as { createKernel(text: string, options: object): unknown };
          const kernel = gpu.createKernel(text, options) as ((...args: unknown[]) => unknown) & { kernel: { context: object } };
          w.kernels ??= new Map();
          w.arrays ??= new Map();
          w.kernels.set(k, { call: kernel, mode: () => kernel.kernel.context.constructor.name });
        },
        [id, change(String(source)), settings] as const,
      );
      return {
        shortcut: undefined as never,
        async run(...args) {
          await made;
          const changed = args.map((array, k) => {
            const text = JSON.stringify(Array.from(array as Float32Array));
            if (sent.get(k) === text) return undefined;
            sent.set(k, text);
            return text;
          });
          const { mode, quads } = await page.evaluate(
            ([k, texts]) => {
              const w = globalThis as unknown as PageWindow;
              const arrays = texts.map((text, n) => {
                const name = `${k}:${n}`;
                if (text !== undefined && text !== null) w.arrays.set(name, Float32Array.from(JSON.parse(text) as number[]));
                return w.arrays.get(name);
              });
              const kernel = w.kernels.get(k)!;
              const result = kernel.call(...arrays) as Float32Array[][][];
              return { mode: kernel.mode(), quads: result.map((rows) => rows.map((row) => row.map((quad) => Array.from(quad)))) };
            },
            [id, changed] as const,
          );
          expect(mode).toBe('WebGL2RenderingContext');
          return quads as never;
        },
        runSync: () => {
          throw new Error('a page must be awaited');
        },
        destroy: () => {},
      };
    },
    destroy: async () => {},
  };
}
