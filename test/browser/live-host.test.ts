// The built page in headless Chromium against the real host: a batch that runs, a fork of it, and a recording.
import { join } from 'node:path';
import { type HostOptions, type LiveHost, startHost } from 'kinovox';
import { describe, expect, it } from 'vitest';
import { DIGGERS, freshFolder, kinovox } from '../server/command.js';
import { skipReason } from './chromium.js';
import { countColors, crop, drawnShare } from './pixels.js';
import { ViewerPage } from './viewer-page.js';

const reason = skipReason();
if (reason !== undefined) process.stderr.write(`\nSKIPPED: the tests of the live host in a browser, because ${reason}.\n\n`);

const STAGE = { x: 290, y: 60, width: 400, height: 460 };

describe.skipIf(reason !== undefined)('the viewer on a real host', () => {
  const shown = new ViewerPage<LiveHost>();
  const open = async (source: HostOptions['source'], url = (live: LiveHost) => live.controlUrl): Promise<void> => {
    const live = await startHost({ source, port: 0 });
    await shown.open(live, url(live), { chunks: 1 });
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
    const before = await shown.state();
    const after = await shown.until('edits of the world', (now) => now.totalEdits > before.totalEdits + 2);
    expect(after.tick !== before.tick || after.episode !== before.episode).toBe(true);
    await shown.until('their chunks in the mesh', (now) => now.meshedChunks > before.meshedChunks && now.settled);
    expect(countColors(crop(await shown.picture('live-host.png'), STAGE))).toBeGreaterThan(40);
    expect(await shown.page.locator('.worlds h2').textContent()).toBe('16 worlds');
    expect(shown.errors).toEqual([]);
  });

  it('lights where a walker pushes a prop, and outlines what collides', async () => {
    const { batch: plain } = batch(20) as { batch: { settings: object } };
    const settings = {
      ...plain.settings,
      scenarioPath: 'scenarios/push-crate-v1.scenario.json',
      numWorlds: 1,
      policy: 'scripted',
      engine: 'rigid',
    };
    await open({ batch: { ...plain, settings } } as HostOptions['source']);
    await shown.page.keyboard.press('2');
    await shown.until('a push', (now) => now.numFlashes > 0);
    await shown.page.locator('.transport button[title^="Pause"]').click();
    await shown.page.locator('.transport button[title^="Play"]').waitFor();
    await shown.until('no light while nothing happens', (now) => now.numFlashes === 0);
    // All of the world, since the pause may have caught the walker anywhere, and the crate too.
    await shown.page.keyboard.press('1');
    await shown.page.keyboard.press('r');
    await shown.rest(1500);
    const plainPicture = crop(await shown.picture(), STAGE);
    await shown.page.keyboard.press('c');
    await shown.until('the outlines', (now) => now.colliders);
    await shown.rest(500);
    const outlined = crop(await shown.picture('colliders.png'), STAGE);
    const lines = drawnShare(plainPicture, outlined);
    expect(lines).toBeGreaterThan(0.0003);
    await shown.page.keyboard.press('c');
    await shown.until('no outlines', (now) => !now.colliders);
    await shown.rest(500);
    expect(drawnShare(plainPicture, crop(await shown.picture(), STAGE))).toBeLessThan(lines / 4);
    expect(shown.errors).toEqual([]);
  });

  it('forks the row at a pause, steps it by one tick, and goes back to the batch', async () => {
    await open(batch(20));
    await shown.page.locator('.transport button[title^="Pause"]').click();
    await shown.page.locator('.transport button[title^="Play"]').waitFor();
    const paused = await shown.until('a fork', (now) => now.stream > 0);
    await shown.rest(500);
    expect((await shown.state()).tick).toBe(paused.tick);
    await shown.page.keyboard.press('.');
    expect((await shown.until('one tick on', (now) => now.tick > paused.tick)).tick).toBe(paused.tick + 1);
    await shown.page.getByRole('button', { name: 'Back to the batch' }).click();
    await shown.until('the batch', (now) => now.stream > paused.stream && now.connected);
    expect(await shown.page.locator('.source').textContent()).toBe('Live batch');
    expect(shown.host!.counters.unauthorised).toBe(0);
    expect(shown.errors).toEqual([]);
  });

  it('resumes after the connection broke', async () => {
    await open(batch(60));
    const before = await shown.state();
    // The host closes the connection below the protocol, as a broken network would.
    shown.host!.breakConnections();
    await shown.until(
      'later ticks on the same stream',
      // A slow line is closed only once it has been emptied, so the break itself must be waited for.
      (now) =>
        shown.host!.counters.recovered === 1 &&
        now.connected &&
        now.stream === before.stream &&
        (now.tick > before.tick + 30 || now.episode > before.episode),
    );
    expect(shown.host!.counters.recovered).toBe(1);
  });

  it('scrubs a recording', async () => {
    const out = join(freshFolder(), 'run');
    await kinovox('run', '--scenario', DIGGERS, '--policy', 'random', '--worlds', '2', '--ticks', '300', '--out', out, '--record', '0-1');
    await open({ recordings: [0, 1].map((row) => join(out, `recordings/row-${row}.kvr`)) });
    const slider = shown.page.locator('.transport input[type="range"]');
    await slider.waitFor();
    const begin = await shown.state();
    await slider.evaluate((input: HTMLInputElement) => {
      input.value = String(Math.round(Number(input.max) / 2));
      input.dispatchEvent(new Event('input', { bubbles: true }));
      input.dispatchEvent(new Event('change', { bubbles: true }));
    });
    const middle = await shown.until('the middle', (now) => now.stream > begin.stream && (now.tick > 100 || now.episode > 0));
    expect(middle.connected).toBe(true);
    await shown.picture('live-host-recording.png');
    expect(shown.errors).toEqual([]);
  });
});
