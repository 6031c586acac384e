// A world with survival in the built page: mobs, night, vitals, inventory and achievements, as pixels and as what the page says.
import { describe, expect, it } from 'vitest';
import { skipReason, viewerDir } from './chromium.js';
import { createFixtureHost, type FixtureHost, type FixtureOptions, TOKEN } from './fixture-host.js';
import { DEATH_TICK, FOOD, HEALTH, MIDNIGHT_TICK, NOON_TICK } from './fixture-survival.js';
import { brightness, countWhere, crop, type Picture } from './pixels.js';
import { ViewerPage } from './viewer-page.js';

const reason = skipReason();
if (reason !== undefined) process.stderr.write(`\nSKIPPED: the tests of survival in a browser, because ${reason}.\n\n`);

/** The middle of the picture, between the panels and above the slots. */
const STAGE = { x: 290, y: 60, width: 400, height: 380 };
const NUM_KINDS = 7;

describe.skipIf(reason !== undefined)('survival in Chromium', () => {
  const shown = new ViewerPage<FixtureHost>();
  const open = async (options: Partial<FixtureOptions> = {}): Promise<void> => {
    const host = await createFixtureHost({ mode: 'recording', numWorlds: 2, viewerDir, survival: true, ...options });
    await shown.open(host, `${host.url}?token=${TOKEN}`, { chunks: 18 });
    await shown.page.locator('.transport button[title^="Pause"]').click();
    await shown.page.locator('.transport button[title^="Play"]').waitFor();
  };
  const seek = async (tick: number) => {
    await shown.page.locator('.timeline').fill(String(tick));
    await shown.until(`tick ${tick}`, (now) => now.shownTick === tick && now.settled);
    await shown.rest(600);
  };
  const picture = async (name?: string): Promise<Picture> => crop(await shown.picture(name), STAGE);
  /** From near, so that a mob is more than a few pixels. */
  const zoomIn = async () => {
    await shown.page.mouse.move(490, 300);
    await shown.page.mouse.wheel(0, -3000);
    await shown.rest(800);
  };
  /** The pink of pigs: nothing else of the world has it in these amounts. */
  const isPink = (red: number, green: number, blue: number) =>
    red > 170 && green > red * 0.55 && green < red * 0.8 && Math.abs(green - blue) < 22;

  it('draws mobs, and takes away the one that died', async () => {
    await open({ mobs: false });
    await seek(NOON_TICK);
    await zoomIn();
    const without = countWhere(await picture('survival-no-mobs.png'), isPink);
    expect((await shown.state()).numMobs).toBe(0);
    await shown.page.close();
    await shown.host!.close();
    await open();
    await seek(NOON_TICK);
    await zoomIn();
    const withMobs = countWhere(await picture('survival-mobs.png'), isPink);
    expect(withMobs - without).toBeGreaterThan(60);
    expect((await shown.state()).numMobs).toBe(NUM_KINDS);
    await seek(DEATH_TICK + 40);
    expect((await shown.state()).numMobs).toBe(NUM_KINDS - 1);
    expect(shown.errors).toEqual([]);
  });

  it('is dark at midnight, but for what the torches light, and bright again at noon', async () => {
    await open();
    await seek(NOON_TICK);
    const noon = await picture('survival-noon.png');
    await seek(MIDNIGHT_TICK);
    const midnight = await picture('survival-midnight.png');
    expect((await shown.state()).dayShare).toBeCloseTo(0.75, 3);
    expect(brightness(midnight)).toBeLessThan(0.5 * brightness(noon));
    // Grass by torchlight is yellower and brighter than any grass by moonlight.
    const isLit = (red: number, green: number, blue: number) => green > 75 && red > 0.6 * green && blue < 0.75 * green;
    expect(countWhere(midnight, isLit)).toBeGreaterThan(100);
    await seek(NOON_TICK);
    expect(brightness(await picture('survival-noon-again.png'))).toBeGreaterThan(0.97 * brightness(noon));
    expect(shown.errors).toEqual([]);
  });

  it('says how the followed agent fares and what it carries', async () => {
    await open();
    await seek(NOON_TICK);
    const halves = (meter: string) => shown.page.locator(`.meter.${meter}`).getAttribute('data-halves');
    expect(await halves('heart')).toBe(String(HEALTH));
    expect(await halves('food')).toBe(String(FOOD));
    expect(await shown.page.locator('.meter.heart').getAttribute('title')).toBe('Health: 6.5 of 10');
    expect(await shown.page.locator('.meter.bubble').isVisible()).toBe(true);
    expect(await shown.page.locator('.agent-status .doing').textContent()).toBe('makes stick');
    expect(await shown.page.locator('.slot.held').getAttribute('data-item')).toBe('stone_sword');
    expect(await shown.page.locator('.slot').nth(2).textContent()).toBe('37');
    expect(await shown.page.locator('.slot').nth(1).getAttribute('title')).toBe('1 stone sword, 22 % of its uses left');
    // Red hearts are really drawn: six and a half of ten.
    const { x, y, width, height } = (await shown.page.locator('.meter.heart').boundingBox())!;
    const area = { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) };
    const hearts = crop(await shown.picture(), area);
    const red = countWhere(hearts, (r, g, b) => r > 190 && g < 110 && b < 110);
    expect(red / (hearts.width * hearts.height)).toBeGreaterThan(0.2);
    await shown.page.keyboard.press(']');
    await shown.page.locator('.agent-status b', { hasText: 'bob' }).waitFor();
    expect(await halves('heart')).toBe('20');
    expect(await shown.page.locator('.meter.bubble').isVisible()).toBe(false);
    expect(await shown.page.locator('.slot').first().getAttribute('data-item')).toBe('');
  });

  it('ticks achievements off, and announces one as it comes', async () => {
    await open();
    await seek(NOON_TICK);
    const done = shown.page.locator('.achievements .satisfied');
    await shown.page.waitForFunction(() => document.querySelectorAll('.achievements .satisfied').length === 1);
    expect(await done.allTextContents()).toEqual(['collect wood']);
    expect(await shown.page.locator('.achievements b').textContent()).toBe('1 of 6');
    await seek(176);
    await shown.page.keyboard.press(' ');
    await shown.page.locator('.toast').waitFor();
    expect(await shown.page.locator('.toast b').first().textContent()).toBe('✓ place table');
    await shown.page.locator('.events li', { hasText: 'ada killed a zombie.' }).first().waitFor();
  });

  it('shows nothing of it in a world without survival', async () => {
    await open({ survival: false });
    await seek(MIDNIGHT_TICK);
    expect(await shown.page.locator('.agent-status').isHidden()).toBe(true);
    expect(await shown.page.locator('.achievements').count()).toBe(0);
    expect(await shown.state()).toMatchObject({ numMobs: 0, dayShare: -1 });
    expect(brightness(await picture('survival-absent.png'))).toBeGreaterThan(100);
  });
});
