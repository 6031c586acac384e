// The built page in headless Chromium, against a host of synthetic worlds.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { artifact, launchChromium, skipReason, viewerDir } from './chromium.js';
import { createFixtureHost, type FixtureHost, type FixtureOptions, TOKEN } from './fixture-host.js';
import { countColors, decodePng, difference, type Picture } from './pixels.js';

interface State {
  connected: boolean;
  tick: number;
  world: number;
  episode: number;
  stream: number;
  meshedChunks: number;
  settled: boolean;
  totalEdits: number;
  camera: string;
}

const reason = skipReason();
if (reason !== undefined) process.stderr.write(`\nSKIPPED: the tests of the viewer in a browser, because ${reason}.\n\n`);

/** The free middle of the picture, between the panels. */
const STAGE = { x: 290, y: 60, width: 400, height: 460 };
const WAIT_MS = 60_000;

describe.skipIf(reason !== undefined)('the viewer in Chromium', () => {
  let browser: Browser;
  let host: FixtureHost | undefined;
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
  const open = async (options: Partial<FixtureOptions> = {}, query = `?token=${TOKEN}&quality=fixed`): Promise<void> => {
    host = await createFixtureHost({ mode: 'batch', numWorlds: 256, viewerDir, ...options });
    page = await browser.newPage({ viewport: { width: 1000, height: 640 } });
    errors = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(host.url + query);
    await until('a level that is meshed', (now) => now.connected && now.meshedChunks >= 18 && now.tick >= 0);
  };
  /** Pauses, so that two pictures differ by what the test did alone. */
  const pause = async () => {
    await page.locator('.transport button[title^="Pause"]').click();
    await page.locator('.transport button[title^="Play"]').waitFor();
    await until('all chunks at rest', (now) => now.settled);
    await page.waitForTimeout(700);
  };
  const picture = async (name: string): Promise<Picture> => {
    await page.screenshot({ path: artifact(name) });
    return decodePng(await page.screenshot({ clip: STAGE }));
  };

  it('draws a live world whose tick advances, without an error', async () => {
    await open();
    const before = await state();
    await until('later ticks', (now) => now.tick > before.tick + 10);
    const live = await picture('viewer-live.png');
    expect(countColors(live)).toBeGreaterThan(40);
    expect(difference(live, { ...live, rgb: new Uint8Array(live.rgb.length) })).toBeGreaterThan(0.9);
    expect(await page.locator('.worlds h2').textContent()).toBe('256 worlds');
    await page.locator('.events li').first().waitFor();
    expect(await page.locator('.events li').first().textContent()).toMatch(/(ada|bob|cleo|dan) (placed|dug)|%:/);
    expect(errors).toEqual([]);
  });

  it('shows other pixels for another world, and the same again for the same', async () => {
    await open();
    await pause();
    const first = await picture('viewer-world-0.png');
    expect(difference(first, decodePng(await page.screenshot({ clip: STAGE })))).toBeLessThan(0.002);
    await page.locator('.worlds input').fill('9');
    await page.locator('.worlds input').press('Enter');
    await until('world 9', (now) => now.world === 9 && now.episode === 0 && now.settled);
    await page.waitForTimeout(900);
    expect(difference(first, await picture('viewer-world-9.png'))).toBeGreaterThan(0.05);
    expect(page.url()).toContain('world=9');
  });

  it('watches the world whose tile is clicked', async () => {
    await open({ numWorlds: 16 });
    const box = (await page.locator('.tiles').boundingBox())!;
    await page.mouse.click(box.x + 45, box.y + 15);
    await until('world 1', (now) => now.world === 1);
    expect(await page.locator('.worlds input').inputValue()).toBe('1');
  });

  it('steps a paused copy by one tick, and goes back to the batch', async () => {
    await open();
    await pause();
    const before = await state();
    await page.keyboard.press('.');
    expect((await until('one tick on', (now) => now.tick > before.tick)).tick).toBe(before.tick + 1);
    expect(await page.locator('.source').textContent()).toBe('Your copy of this world');
    await page.locator('.text-button').click();
    await until('the batch', (now) => now.stream > before.stream && now.tick > before.tick + 1);
    expect(await page.locator('.source').textContent()).toBe('Live batch');
  });

  it('shows a block edit and meshes only the chunks that it touches', async () => {
    await open();
    await pause();
    const before = await state();
    const picture0 = await picture('viewer-before-edit.png');
    for (let x = 22; x < 27; x++) for (let y = 9; y < 13; y++) host!.edit(0, x, y, 25, 'red_wool');
    const after = await until(
      'the edits in the mesh',
      (now) => now.totalEdits === before.totalEdits + 20 && now.settled && now.meshedChunks > before.meshedChunks,
    );
    await page.waitForTimeout(600);
    expect(difference(picture0, await picture('viewer-after-edit.png'))).toBeGreaterThan(0.002);
    // Twenty edits in one chunk, of 18 in the world; how many are coalesced depends on when they arrive.
    const first = after.meshedChunks - before.meshedChunks;
    expect(first).toBeGreaterThanOrEqual(1);
    expect(first).toBeLessThanOrEqual(20);
    host!.edit(0, 24, 10, 25, 'gold_ore');
    const single = await until(
      'one more edit',
      (now) => now.totalEdits === after.totalEdits + 1 && now.settled && now.meshedChunks > after.meshedChunks,
    );
    expect(single.meshedChunks - after.meshedChunks).toBe(1);
  });

  it('follows an agent and looks through its eyes', async () => {
    await open();
    const orbit = await picture('viewer-orbit.png');
    await page.keyboard.press('2');
    await until('the follower', (now) => now.camera === 'follow');
    await page.waitForTimeout(500);
    const follow = await picture('viewer-follow.png');
    await page.keyboard.press('3');
    await until('the eyes', (now) => now.camera === 'first-person');
    await page.waitForTimeout(500);
    const eyes = await picture('viewer-eyes.png');
    expect(difference(orbit, follow)).toBeGreaterThan(0.3);
    expect(difference(follow, eyes)).toBeGreaterThan(0.1);
  });

  it('scrubs a recording forth and back', async () => {
    await open({ mode: 'recording', numWorlds: 2 });
    await pause();
    const slider = page.locator('.timeline');
    await slider.fill('800');
    const late = await until('tick 200 of the second episode', (now) => now.episode === 1 && now.tick === 200);
    await until('its mesh', (now) => now.settled);
    await page.waitForTimeout(600);
    const latePicture = await picture('viewer-recording-late.png');
    await slider.fill('16');
    const early = await until('tick 16 of the first episode', (now) => now.episode === 0 && now.tick === 16);
    await until('its mesh', (now) => now.settled);
    await page.waitForTimeout(600);
    expect(early.stream).toBeGreaterThan(late.stream);
    expect(difference(latePicture, await picture('viewer-recording-early.png'))).toBeGreaterThan(0.002);
    await page.keyboard.press(',');
    await until('one tick back', (now) => now.tick === 15);
  });

  it('goes on after the line is cut, and says so meanwhile', async () => {
    await open();
    const before = await until('a few edits', (now) => now.totalEdits > 0);
    const levels = host!.levelsSent;
    host!.cutLines();
    await until('the cut', (now) => !now.connected);
    expect(await page.locator('.banner').textContent()).toMatch(/retrying/);
    await until('more ticks and edits', (now) => now.connected && now.tick > before.tick + 10 && now.totalEdits > before.totalEdits + 2);
    // What was missed was replayed: no level was needed.
    expect(host!.levelsSent).toBe(levels);
    expect(await page.locator('.banner').isHidden()).toBe(true);
  });

  it('begins anew from a level when the host has forgotten it', async () => {
    await open();
    const before = await state();
    const levels = host!.levelsSent;
    await host!.shut();
    await until('the loss', (now) => !now.connected);
    await page.screenshot({ path: artifact('viewer-lost.png') });
    await host!.reopen();
    await until('more ticks', (now) => now.connected && now.tick > before.tick + 5);
    expect(host!.levelsSent).toBeGreaterThan(levels);
  });

  it('asks for a level when a reliable message is missing', async () => {
    await open();
    await until('edits', (now) => now.totalEdits > 0);
    const levels = host!.levelsSent;
    host!.loseMessage(0);
    const before = await state();
    await until('edits after the gap', (now) => now.totalEdits > before.totalEdits + 2);
    expect(host!.levelsSent).toBe(levels + 1);
  });

  it('lets nobody control without the token', async () => {
    await open({}, '');
    expect(await page.locator('.transport button[title^="Watching only"]').count()).toBeGreaterThan(0);
    const before = await state();
    await page.keyboard.press(' ');
    expect(await page.locator('.notice').first().textContent()).toMatch(/token/);
    await until('the batch to go on', (now) => now.tick > before.tick + 5 && now.stream === before.stream);
  });

  it('keeps its panels apart at 1280 x 800, and usable at 800 x 600', async () => {
    await open();
    for (const [width, height] of [
      [1280, 800],
      [800, 600],
    ]) {
      await page.setViewportSize({ width, height });
      await page.waitForTimeout(400);
      const boxes = await page.evaluate(() =>
        ['.top-bar', '.left .panel', '.right .task', '.right .reward', '.right .feed', '.transport'].flatMap((selector) => {
          const node = document.querySelector<HTMLElement>(selector);
          if (node === null || node.offsetParent === null) return [];
          const { left, top, right, bottom } = node.getBoundingClientRect();
          return [{ selector, left, top, right, bottom }];
        }),
      );
      await page.screenshot({ path: artifact(`viewer-${width}x${height}.png`) });
      expect(boxes.length).toBeGreaterThanOrEqual(4);
      for (const a of boxes) {
        expect(a.left >= 0 && a.top >= 0 && a.right <= width && a.bottom <= height, `${a.selector} within ${width} x ${height}`).toBe(true);
        for (const b of boxes)
          if (a !== b)
            expect(
              a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom,
              `${a.selector} over ${b.selector} at ${width}`,
            ).toBe(false);
      }
    }
  });

  it('says in a sentence that there is no WebGL, and shows the numbers all the same', async () => {
    host = await createFixtureHost({ mode: 'batch', numWorlds: 4, viewerDir });
    page = await browser.newPage({ viewport: { width: 1000, height: 640 } });
    await page.addInitScript(() => {
      HTMLCanvasElement.prototype.getContext = new Proxy(HTMLCanvasElement.prototype.getContext, {
        apply: (target, self, args) => (String(args[0]).startsWith('webgl') ? null : Reflect.apply(target, self, args)),
      });
    });
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(host.url);
    await until('frames', (now) => now.tick > 3);
    expect(await page.locator('.cover').textContent()).toMatch(/no WebGL/);
    await page
      .waitForFunction(() => /tick \d+ \/ 600/.test(document.querySelector('.tick')?.textContent ?? ''), undefined, { timeout: 10_000 })
      .catch(() => undefined);
    expect(errors).toEqual([]);
    expect(await page.locator('.tick').textContent()).toMatch(/tick \d+ \/ 600/);
  });

  it('says that it waits while no host answers', async () => {
    host = await createFixtureHost({ mode: 'batch', numWorlds: 4, viewerDir });
    page = await browser.newPage({ viewport: { width: 1000, height: 640 } });
    await page.goto(`${host.url}?host=http://127.0.0.1:9`);
    await page.waitForFunction(() => /cannot be reached/.test(document.querySelector('.cover')?.textContent ?? ''));
    expect((await state()).connected).toBe(false);
  });
});
