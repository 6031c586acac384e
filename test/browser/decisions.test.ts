// The panel of decisions in headless Chromium against the real host: language agents as they play, and in the recording of a run.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HostOptions, type LiveHost, startHost } from 'kinovox';
import { describe, expect, it } from 'vitest';
import { freshFolder, kinovox } from '../server/command.js';
import { skipReason } from './chromium.js';
import { ViewerPage, WAIT_MS } from './viewer-page.js';

const reason = skipReason();
if (reason !== undefined) process.stderr.write(`\nSKIPPED: the tests of the panel of decisions in a browser, because ${reason}.\n\n`);

const SCENARIO = 'scenarios/bridge-gap-v1.scenario.json';
const POLICY = 'llm:examples/profiles/scripted.json';

describe.skipIf(reason !== undefined)('the panel of decisions', () => {
  const shown = new ViewerPage<LiveHost>();
  const open = async (source: HostOptions['source']): Promise<void> => {
    const live = await startHost({ source, port: 0 });
    await shown.open(live, live.controlUrl, { chunks: 1 });
    shown.page.setDefaultTimeout(WAIT_MS);
  };
  const batch = (policy: string): HostOptions['source'] =>
    ({
      batch: {
        settings: {
          scenarioPath: SCENARIO,
          numWorlds: 1,
          seed: 2,
          split: 'train',
          policy,
          engine: 'auto',
          out: undefined,
          recordRows: [],
          command: [],
        },
        headlessTicks: 0,
        ticksPerSecond: 40,
        maxTicks: 0,
      },
    }) as HostOptions['source'];

  it('lists what language agents decide while they play, late joiners included, and follows the agent of a chosen entry', async () => {
    await open(batch(POLICY));
    const { page } = shown;
    // The page comes after the first tick, and is told what came before.
    await page.locator('.decisions li', { hasText: 'The goal is open, so I go there.' }).first().waitFor();
    const first = page.locator('.decisions li:not(.episode)', { hasText: 'bob' }).last();
    await first.locator('button').click();
    expect(await first.locator('.details').textContent()).toMatch(
      /ToldYou are bob of team builders.*Callmove.*Profilerules.*prompt tokens/s,
    );
    expect((await shown.state()).camera).toBe('follow');
    await shown.picture('decisions.png');
    // A copy of the world has what the row had, and goes on.
    const numBefore = await page.locator('.decisions li em').count();
    await page.locator('.transport button[title^="Pause"]').click();
    await shown.until('the copy', (now) => now.stream > 0);
    expect(await page.locator('.decisions li em').count()).toBeGreaterThanOrEqual(numBefore);
    await page.locator('.transport button[title^="Play"]').click();
    await page.locator('.decisions li em').nth(numBefore).waitFor();
    await page.keyboard.press('t');
    await page.locator('.decisions').waitFor({ state: 'hidden' });
    await page.keyboard.press('t');
    await page.locator('.decisions').waitFor();
    expect(shown.errors).toEqual([]);
  });

  it('seeks to the tick of a chosen entry in a recording, shows markup as text, and is hidden where nobody decides', async () => {
    const out = join(freshFolder(), 'run');
    await kinovox('run', '--scenario', SCENARIO, '--policy', POLICY, '--worlds', '1', '--ticks', '200', '--out', out, '--record', '0');
    const log = join(out, 'decisions.jsonl');
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
    const markup = '<img src=x onerror="document.title=1">';
    writeFileSync(
      log,
      lines
        .map((line) => JSON.stringify({ ...JSON.parse(line), ...(line.includes('"kind":"result"') ? { sentence: markup } : {}) }))
        .join('\n'),
    );
    const later = lines.map((line) => JSON.parse(line)).filter(({ tick }) => tick > 20);
    expect(later.length).toBeGreaterThan(0);
    await open({ recordings: [join(out, 'recordings/row-0.kvr')] });
    const { page } = shown;
    await page.locator('.decisions .thought', { hasText: markup }).first().waitFor();
    expect(await page.locator('.decisions img').count()).toBe(0);
    expect(await page.locator('.decisions li em').count()).toBe(lines.length);
    expect(await page.locator('.decisions li.later').count()).toBeGreaterThan(0);
    const { tick } = later.at(-1);
    await page.locator('.decisions li button').first().click();
    await shown.until('the tick of the entry', (now) => now.tick === tick && now.camera === 'follow');
    await page.locator('.decisions li.later').first().waitFor({ state: 'detached' });
    await page.close();
    await shown.host!.close();
    await open(batch('scripted'));
    await shown.until('a world that goes on', (now) => now.tick > 4);
    expect(await shown.page.locator('.decisions').isVisible()).toBe(false);
    expect(shown.errors).toEqual([]);
  });
});
