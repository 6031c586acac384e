// The built page in headless Chromium, against a host of synthetic worlds.
import { describe, expect, it } from 'vitest';
import { skipReason, viewerDir } from './chromium.js';
import { createFixtureHost, type FixtureHost, type FixtureOptions, TOKEN } from './fixture-host.js';
import { countColors, crop, difference, type Picture } from './pixels.js';
import { ViewerPage } from './viewer-page.js';

const reason = skipReason();
if (reason !== undefined) process.stderr.write(`\nSKIPPED: the tests of the viewer in a browser, because ${reason}.\n\n`);

/** The free middle of the picture, between the panels. */
const STAGE = { x: 290, y: 60, width: 400, height: 460 };

describe.skipIf(reason !== undefined)('the viewer in Chromium', () => {
  const shown = new ViewerPage<FixtureHost>();
  const open = async (options: Partial<FixtureOptions> = {}, query = `?token=${TOKEN}`): Promise<void> => {
    const host = await createFixtureHost({ mode: 'batch', numWorlds: 256, viewerDir, ...options });
    await shown.open(host, host.url + query, { chunks: 18, strict: false });
  };
  /** For tests that compare pictures, which take longer to draw so. */
  const openSharp = (options: Partial<FixtureOptions> = {}): Promise<void> => open(options, `?token=${TOKEN}&quality=fixed`);
  /** Pauses, so that two pictures differ by what the test did alone. */
  const pause = async () => {
    await shown.page.locator('.transport button[title^="Pause"]').click();
    await shown.page.locator('.transport button[title^="Play"]').waitFor();
    await shown.until('all chunks at rest', (now) => now.settled);
    await shown.rest(700);
  };
  const picture = async (name?: string): Promise<Picture> => crop(await shown.picture(name), STAGE);

  it('draws a live world whose tick advances, without an error', async () => {
    await open();
    const before = await shown.state();
    await shown.until('later ticks', (now) => now.tick > before.tick + 10);
    const live = await picture('viewer-live.png');
    expect(countColors(live)).toBeGreaterThan(40);
    expect(difference(live, { ...live, rgb: new Uint8Array(live.rgb.length) })).toBeGreaterThan(0.9);
    expect(await shown.page.locator('.worlds h2').textContent()).toBe('256 worlds');
    await shown.page.locator('.events li').first().waitFor();
    expect(await shown.page.locator('.events li').first().textContent()).toMatch(/(ada|bob|cleo|dan) (placed|dug)|%:/);
    expect(shown.errors).toEqual([]);
  });

  it('shows other pixels for another world, and the same again for the same', async () => {
    await openSharp();
    await pause();
    const first = await picture('viewer-world-0.png');
    expect(difference(first, await picture())).toBeLessThan(0.002);
    await shown.page.locator('.worlds input').fill('9');
    await shown.page.locator('.worlds input').press('Enter');
    await shown.until('world 9', (now) => now.world === 9 && now.episode === 0 && now.settled);
    await shown.rest(900);
    expect(difference(first, await picture('viewer-world-9.png'))).toBeGreaterThan(0.05);
    expect(shown.page.url()).toContain('world=9');
  });

  it('watches the world whose tile is clicked', async () => {
    await open({ numWorlds: 16 });
    const box = (await shown.page.locator('.tiles').boundingBox())!;
    await shown.page.mouse.click(box.x + 45, box.y + 15);
    await shown.until('world 1', (now) => now.world === 1);
    expect(await shown.page.locator('.worlds input').inputValue()).toBe('1');
  });

  it('draws a paused world seldom', async () => {
    await open();
    await pause();
    await shown.rest(1500);
    // However slow the machine is: frames of the screen that have no picture of their own.
    const spared = await shown.page.evaluate(
      ([enough, waitMs]) =>
        new Promise<number>((done) => {
          const pictures = () => (window as unknown as { __kinovox: { pictures: number } }).__kinovox.pictures;
          const [before, endMs] = [pictures(), performance.now() + waitMs];
          const next = (frames: number, nowMs: number) => {
            const spared = frames - (pictures() - before);
            if (spared >= enough || nowMs > endMs) done(spared);
            else requestAnimationFrame((nowMs) => next(frames + 1, nowMs));
          };
          next(0, 0);
        }),
      [20, 30_000],
    );
    expect(spared).toBe(20);
  });

  it('steps a paused copy by one tick, and goes back to the batch', async () => {
    await open();
    await pause();
    const before = await shown.state();
    await shown.page.keyboard.press('.');
    expect((await shown.until('one tick on', (now) => now.tick > before.tick)).tick).toBe(before.tick + 1);
    expect(await shown.page.locator('.source').textContent()).toBe('Your copy of this world');
    await shown.page.getByRole('button', { name: 'Back to the batch' }).click();
    await shown.until('the batch', (now) => now.stream > before.stream && now.tick > before.tick + 1);
    expect(await shown.page.locator('.source').textContent()).toBe('Live batch');
  });

  it('shows a block edit and meshes only the chunks that it touches', async () => {
    await openSharp();
    await pause();
    const before = await shown.state();
    const picture0 = await picture('viewer-before-edit.png');
    for (let x = 22; x < 27; x++) for (let y = 9; y < 13; y++) shown.host!.edit(0, x, y, 25, 'red_wool');
    const after = await shown.until(
      'the edits in the mesh',
      (now) => now.totalEdits === before.totalEdits + 20 && now.settled && now.meshedChunks > before.meshedChunks,
    );
    await shown.rest(600);
    expect(difference(picture0, await picture('viewer-after-edit.png'))).toBeGreaterThan(0.002);
    // Twenty edits in one chunk, of 18 in the world; how many are coalesced depends on when they arrive.
    const first = after.meshedChunks - before.meshedChunks;
    expect(first).toBeGreaterThanOrEqual(1);
    expect(first).toBeLessThanOrEqual(20);
    shown.host!.edit(0, 24, 10, 25, 'gold_ore');
    const single = await shown.until(
      'one more edit',
      (now) => now.totalEdits === after.totalEdits + 1 && now.settled && now.meshedChunks > after.meshedChunks,
    );
    expect(single.meshedChunks - after.meshedChunks).toBe(1);
  });

  it('follows an agent and looks through its eyes', async () => {
    await openSharp();
    const orbit = await picture('viewer-orbit.png');
    await shown.page.keyboard.press('2');
    await shown.until('the follower', (now) => now.camera === 'follow');
    await shown.rest(500);
    const follow = await picture('viewer-follow.png');
    await shown.page.keyboard.press('3');
    await shown.until('the eyes', (now) => now.camera === 'first-person');
    await shown.rest(500);
    const eyes = await picture('viewer-eyes.png');
    expect(difference(orbit, follow)).toBeGreaterThan(0.3);
    expect(difference(follow, eyes)).toBeGreaterThan(0.1);
  });

  it('scrubs a recording forth and back', async () => {
    await openSharp({ mode: 'recording', numWorlds: 2 });
    await pause();
    const slider = shown.page.locator('.timeline');
    await slider.fill('800');
    const late = await shown.until('tick 200 of the second episode', (now) => now.episode === 1 && now.tick === 200);
    await shown.until('its mesh', (now) => now.settled);
    await shown.rest(600);
    const latePicture = await picture('viewer-recording-late.png');
    await slider.fill('16');
    const early = await shown.until('tick 16 of the first episode', (now) => now.episode === 0 && now.tick === 16);
    await shown.until('its mesh', (now) => now.settled);
    await shown.rest(600);
    expect(early.stream).toBeGreaterThan(late.stream);
    expect(difference(latePicture, await picture('viewer-recording-early.png'))).toBeGreaterThan(0.002);
    await shown.page.keyboard.press(',');
    await shown.until('one tick back', (now) => now.tick === 15);
  });

  it('goes on after the line is cut, and says so meanwhile', async () => {
    await open();
    const before = await shown.until('a few edits', (now) => now.totalEdits > 0);
    const levels = shown.host!.levelsSent;
    shown.host!.cutLines();
    await shown.until('the cut', (now) => !now.connected);
    expect(await shown.page.locator('.banner').textContent()).toMatch(/retrying/);
    await shown.until(
      'more ticks and edits',
      (now) => now.connected && now.tick > before.tick + 10 && now.totalEdits > before.totalEdits + 2,
    );
    // What was missed was replayed: no level was needed.
    expect(shown.host!.levelsSent).toBe(levels);
    expect(await shown.page.locator('.banner').isHidden()).toBe(true);
  });

  it('begins anew from a level when the host has forgotten it', async () => {
    await open();
    const before = await shown.state();
    const levels = shown.host!.levelsSent;
    await shown.host!.shut();
    await shown.until('the loss', (now) => !now.connected);
    await shown.picture('viewer-lost.png');
    await shown.host!.reopen();
    await shown.until('more ticks', (now) => now.connected && now.tick > before.tick + 5);
    expect(shown.host!.levelsSent).toBeGreaterThan(levels);
  });

  it('asks for a level when a reliable message is missing', async () => {
    await open();
    await shown.until('edits', (now) => now.totalEdits > 0);
    const levels = shown.host!.levelsSent;
    shown.host!.loseMessage(0);
    const before = await shown.state();
    await shown.until('edits after the gap', (now) => now.totalEdits > before.totalEdits + 2);
    expect(shown.host!.levelsSent).toBe(levels + 1);
  });

  it('lets nobody control without the token', async () => {
    await open({}, '');
    expect(await shown.page.locator('.transport button[title^="Watching only"]').count()).toBeGreaterThan(0);
    const before = await shown.state();
    await shown.page.keyboard.press(' ');
    expect(await shown.page.locator('.notice').first().textContent()).toMatch(/token/);
    await shown.until('the batch to go on', (now) => now.tick > before.tick + 5 && now.stream === before.stream);
  });

  it('keeps its panels apart at 1280 x 800, and usable at 800 x 600', async () => {
    await open();
    for (const [width, height] of [
      [1280, 800],
      [800, 600],
    ]) {
      await shown.page.setViewportSize({ width, height });
      await shown.rest(400);
      const boxes = await shown.page.evaluate(() =>
        ['.top-bar', '.left .panel', '.right .task', '.right .reward', '.right .feed', '.transport'].flatMap((selector) => {
          const node = document.querySelector<HTMLElement>(selector);
          if (node === null || node.offsetParent === null) return [];
          const { left, top, right, bottom } = node.getBoundingClientRect();
          return [{ selector, left, top, right, bottom }];
        }),
      );
      await shown.picture(`viewer-${width}x${height}.png`);
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
    const host = await createFixtureHost({ mode: 'batch', numWorlds: 4, viewerDir });
    await shown.blank(host);
    await shown.page.addInitScript(() => {
      HTMLCanvasElement.prototype.getContext = new Proxy(HTMLCanvasElement.prototype.getContext, {
        apply: (target, self, args) => (String(args[0]).startsWith('webgl') ? null : Reflect.apply(target, self, args)),
      });
    });
    await shown.page.goto(host.url);
    await shown.until('frames', (now) => now.tick > 3);
    expect(await shown.page.locator('.cover').textContent()).toMatch(/no WebGL/);
    await shown.page
      .waitForFunction(() => /tick \d+ \/ 600/.test(document.querySelector('.tick')?.textContent ?? ''), undefined, { timeout: 10_000 })
      .catch(() => undefined);
    expect(shown.errors).toEqual([]);
    expect(await shown.page.locator('.tick').textContent()).toMatch(/tick \d+ \/ 600/);
  });

  it('says that it waits while no host answers', async () => {
    const host = await createFixtureHost({ mode: 'batch', numWorlds: 4, viewerDir });
    await shown.blank(host);
    await shown.page.goto(`${host.url}?host=http://127.0.0.1:9`);
    await shown.page.waitForFunction(() => /cannot be reached/.test(document.querySelector('.cover')?.textContent ?? ''));
    expect((await shown.state()).connected).toBe(false);
  });
});
