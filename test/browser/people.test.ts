// People in a live world, in headless Chromium against the real host: they speak to language agents, and play agents.
import { type LiveHost, startHost } from 'kinovox';
import { describe, expect, it } from 'vitest';
import { artifact, skipReason } from './chromium.js';
import { ViewerPage, WAIT_MS } from './viewer-page.js';

const reason = skipReason();
if (reason !== undefined) process.stderr.write(`\nSKIPPED: the tests of people in the viewer, because ${reason}.\n\n`);

describe.skipIf(reason !== undefined)('people in the viewer', () => {
  const shown = new ViewerPage<LiveHost>();
  const open = async (policy: string, url = (live: LiveHost) => live.controlUrl): Promise<void> => {
    const settings = {
      scenarioPath: 'scenarios/bridge-gap-v1.scenario.json',
      numWorlds: 1,
      seed: 2,
      split: 'train',
      policy,
      engine: 'auto',
      out: undefined,
      recordRows: [],
      command: [],
    } as const;
    const live = await startHost({ source: { batch: { settings, headlessTicks: 0, ticksPerSecond: 20, maxTicks: 0 } }, port: 0 });
    await shown.open(live, url(live), { chunks: 1 });
    shown.page.setDefaultTimeout(WAIT_MS);
  };

  it('speak to language agents, whose entries show the words; keys of the page rest while they write', async () => {
    await open('llm:examples/profiles/scripted.json');
    const { page } = shown;
    await page.locator('.decisions li').first().waitFor();
    await page.keyboard.press('m');
    const line = page.locator('.chat input');
    await line.waitFor();
    const before = await shown.state();
    await page.keyboard.type('Wait for <b>me</b> at the pit, both! 123 c t w');
    expect(await line.inputValue()).toBe('Wait for <b>me</b> at the pit, both! 123 c t w');
    const after = await shown.state();
    expect([after.camera, after.colliders, after.stream]).toEqual([before.camera, before.colliders, before.stream]);
    expect(await page.locator('.decisions').isVisible()).toBe(true);
    await page.keyboard.press('Enter');
    await page.locator('.chat').waitFor({ state: 'hidden' });
    const words = page.locator('.decisions .person', { hasText: '“Wait for <b>me</b> at the pit, both! 123 c t w”' });
    await words.nth(1).waitFor();
    expect(await words.count()).toBe(2);
    await page.locator('.decisions select').selectOption('0');
    // The agent's own next turn tells it, as data.
    const told = page.locator('.decisions li:not(.episode)', { hasNotText: 'a spectator speaks' }).first();
    await told.locator('button').click();
    await page.screenshot({ path: artifact('chat.png') });
    await page.keyboard.press('m');
    await page.keyboard.press('Escape');
    await page.locator('.chat').waitFor({ state: 'hidden' });
    expect(shown.host!.counters.malformed).toBe(0);
    expect(shown.errors).toEqual([]);
  });

  it('play an agent by keys that do nothing else meanwhile; without them it idles, and the page says so', async () => {
    await open('ada=human,default=idle');
    const { page } = shown;
    await page.locator('.pilot', { hasText: 'Nobody plays ada: it idles' }).waitFor();
    expect((await shown.state()).played).toBe(-1);
    await page.keyboard.press('j');
    await page.locator('.pilot', { hasText: 'You play ada' }).waitFor();
    const begin = await shown.until('the eyes of the agent', ({ camera, played }) => camera === 'first-person' && played === 0);
    await page.keyboard.down('w');
    await shown.until('a step', (now) => distance(now.cameraPosition, begin.cameraPosition) > 0.5);
    await page.keyboard.up('w');
    await page.screenshot({ path: artifact('play.png') });
    const after = await shown.state();
    // W also shows and hides the list of worlds, space pauses: not now.
    await page.keyboard.press(' ');
    expect([await page.locator('.left').isVisible(), after.stream, (await shown.state()).stream]).toEqual([
      true,
      begin.stream,
      begin.stream,
    ]);
    await page.keyboard.press('Escape');
    await shown.until('nobody at the agent', ({ played }) => played === -1);
    await page.locator('.pilot', { hasText: 'Nobody plays ada: it idles' }).waitFor();
    expect([shown.host!.counters.malformed, shown.host!.counters.rateLimited]).toEqual([0, 0]);
    expect(shown.errors).toEqual([]);
  });
});

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.hypot(...a.map((value, i) => value - b[i]));
}
