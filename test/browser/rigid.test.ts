/**
 * The engine `rigid` in a page of headless Chromium: a world with props has there the hashes that are pinned for Node (test/physics/rigid-golden.test.ts).
 * 1,500 ticks; with KINOVOX_LONG_RIGID=1 all 10,000.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { marksUpTo, type RigidRun } from '../physics/rigid-play.js';
import { bundleScript } from './bundle.js';
import { chromiumPath, launchChromium } from './chromium.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const demanded = process.env.CI !== undefined;
if (chromiumPath === undefined && !demanded)
  process.stderr.write('\nSKIPPED: the test of the rigid tier in a browser, because there is no Chromium.\n\n');
const TICKS = process.env.KINOVOX_LONG_RIGID === '1' ? 10_000 : 1500;
const SEED = 8;

describe.skipIf(chromiumPath === undefined && !demanded)('the rigid tier in Chromium', () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const code = await bundleScript('rigid-page.ts', ['webgpu', 'gpu.js']);
    browser = await launchChromium();
    page = await browser.newPage();
    page.on('pageerror', (error) => process.stderr.write(`${error}\n`));
    await page.addScriptTag({ content: code, type: 'module' });
    await page.waitForFunction(() => 'playPinned' in window);
  });
  afterAll(() => browser?.close());

  const play = (seed: number, ticks: number) =>
    page.evaluate(
      ([s, n]) => (window as unknown as { playPinned(seed: number, ticks: number): Promise<RigidRun> }).playPinned(s, n),
      [seed, ticks],
    );

  it(`has the hashes of Node over ${TICKS} ticks, and others for another seed`, async () => {
    const { marks } = JSON.parse(readFileSync(`${root}test/physics/golden/rigid-props.json`, 'utf8')) as { marks: Record<string, string> };
    const run = await play(SEED, TICKS);
    expect(run.marks).toEqual(Object.fromEntries(marksUpTo(TICKS).map((tick) => [tick, marks[tick]])));
    expect(run.happened.pushed).toBeGreaterThan(0);
    expect((await play(SEED + 1, 100)).marks[100]).not.toBe(marks[100]);
  });
});
