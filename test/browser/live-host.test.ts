// The built page in headless Chromium against the real host: a batch that runs, a fork of it, and a recording.
import { join } from 'node:path';
import { type HostOptions, type LiveHost, startHost } from 'kinovox';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DIGGERS, freshFolder, kinovox } from '../server/command.js';
import { artifact, launchChromium, skipReason } from './chromium.js';
import { countColors, decodePng } from './pixels.js';

interface State {
  connected: boolean;
  tick: number;
  world: number;
  episode: number;
  stream: number;
  meshedChunks: number;
  settled: boolean;
  totalEdits: number;
}

const reason = skipReason();
if (reason !== undefined) process.stderr.write(`\nSKIPPED: the tests of the live host in a browser, because ${reason}.\n\n`);

const WAIT_MS = 60_000;
const STAGE = { x: 290, y: 60, width: 400, height: 460 };

describe.skipIf(reason !== undefined)('the viewer on a real host', () => {
  let browser: Browser;
  let host: LiveHost | undefined;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
  });
  afterEach(async () => {
    await page?.close();
    await host?.close();
    host = undefined;
  });

  const state = () => page.evaluate(() => ({ ...(window as unknown as { __kinovox: State }).__kinovox }));
  const until = async (what: string, holds: (now: State) => boolean): Promise<State> => {
    const end = Date.now() + WAIT_MS;
    for (;;) {
      const now = await state();
      if (holds(now)) return now;
      if (Date.now() > end) throw new Error(`Waited ${WAIT_MS} ms for: ${what}; the page is at ${JSON.stringify(now)}.`);
      await page.waitForTimeout(40);
    }
  };
  const open = async (source: HostOptions['source'], url = (live: LiveHost) => live.controlUrl): Promise<void> => {
    host = await startHost({ source, port: 0 });
    page = await browser.newPage({ viewport: { width: 1000, height: 640 } });
    errors = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    // The page's security policy must allow everything that it does.
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.goto(url(host));
    await until('a level that is meshed', (now) => now.connected && now.meshedChunks > 0 && now.tick >= 0);
  };
  const batch = (ticksPerSecond: number): HostOptions['source'] => ({
    batch: {
      settings: {
        scenarioPath: DIGGERS,
        numWorlds: 16,
        seed: 5,
        split: 'train',
        policy: 'random',
        engine: 'cpu',
        out: undefined,
        recordRows: [],
        command: [],
      },
      headlessTicks: 0,
      ticksPerSecond,
      maxTicks: 0,
    },
  });

  it('draws a live world whose tick advances and whose edits show, without an error', async () => {
    await open(batch(60));
    const before = await state();
    const after = await until('edits of the world', (now) => now.totalEdits > before.totalEdits + 2);
    expect(after.tick !== before.tick || after.episode !== before.episode).toBe(true);
    await until('their chunks in the mesh', (now) => now.meshedChunks > before.meshedChunks && now.settled);
    await page.screenshot({ path: artifact('live-host.png') });
    expect(countColors(decodePng(await page.screenshot({ clip: STAGE })))).toBeGreaterThan(40);
    expect(await page.locator('.worlds h2').textContent()).toBe('16 worlds');
    expect(errors).toEqual([]);
  });

  it('forks the row at a pause, steps it by one tick, and goes back to the batch', async () => {
    await open(batch(20));
    await page.locator('.transport button[title^="Pause"]').click();
    await page.locator('.transport button[title^="Play"]').waitFor();
    const paused = await until('a fork', (now) => now.stream > 0);
    await page.waitForTimeout(500);
    expect((await state()).tick).toBe(paused.tick);
    await page.keyboard.press('.');
    expect((await until('one tick on', (now) => now.tick > paused.tick)).tick).toBe(paused.tick + 1);
    await page.locator('.text-button').click();
    await until('the batch', (now) => now.stream > paused.stream && now.connected);
    expect(await page.locator('.source').textContent()).toBe('Live batch');
    expect(host!.counters.unauthorised).toBe(0);
    expect(errors).toEqual([]);
  });

  it('resumes after the connection broke', async () => {
    await open(batch(60));
    const before = await state();
    // The host closes the connection below the protocol, as a broken network would.
    host!.breakConnections();
    await until(
      'later ticks on the same stream',
      // A slow line is closed only once it has been emptied, so the break itself must be waited for.
      (now) =>
        host!.counters.recovered === 1 &&
        now.connected &&
        now.stream === before.stream &&
        (now.tick > before.tick + 30 || now.episode > before.episode),
    );
    expect(host!.counters.recovered).toBe(1);
  });

  it('scrubs a recording', async () => {
    const out = join(freshFolder(), 'run');
    await kinovox('run', '--scenario', DIGGERS, '--policy', 'random', '--worlds', '2', '--ticks', '300', '--out', out, '--record', '0-1');
    await open({ recordings: [0, 1].map((row) => join(out, `recordings/row-${row}.kvr`)) });
    const slider = page.locator('.transport input[type="range"]');
    await slider.waitFor();
    const begin = await state();
    await slider.evaluate((input: HTMLInputElement) => {
      input.value = String(Math.round(Number(input.max) / 2));
      input.dispatchEvent(new Event('input', { bubbles: true }));
      input.dispatchEvent(new Event('change', { bubbles: true }));
    });
    const middle = await until('the middle', (now) => now.stream > begin.stream && (now.tick > 100 || now.episode > 0));
    expect(middle.connected).toBe(true);
    await page.screenshot({ path: artifact('live-host-recording.png') });
    expect(errors).toEqual([]);
  });
});
