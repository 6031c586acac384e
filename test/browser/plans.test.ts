// The overlay of plans in headless Chromium against the real host: what is drawn is what the policies mean to do.
import { join } from 'node:path';
import { type HostOptions, type LiveHost, startHost } from 'kinovox';
import { describe, expect, it } from 'vitest';
import { freshFolder, kinovox } from '../server/command.js';
import { skipReason } from './chromium.js';
import { countWhere, crop, drawnShare } from './pixels.js';
import { ViewerPage, WAIT_MS } from './viewer-page.js';

const reason = skipReason();
if (reason !== undefined) process.stderr.write(`\nSKIPPED: the tests of the overlay of plans in a browser, because ${reason}.\n\n`);

const STAGE = { x: 290, y: 60, width: 400, height: 460 };
const SOON_TICKS = 40;

describe.skipIf(reason !== undefined)('the overlay of plans', () => {
  const shown = new ViewerPage<LiveHost>();
  const open = async (scenario: string, policy: string, ticksPerSecond = 5): Promise<void> => {
    const settings = {
      scenarioPath: `scenarios/${scenario}.scenario.json`,
      numWorlds: 1,
      seed: 3,
      split: 'train',
      policy,
      engine: 'auto',
      out: undefined,
      recordRows: [],
      command: [],
    };
    const source = { batch: { settings, headlessTicks: 0, ticksPerSecond, maxTicks: 0 } } as HostOptions['source'];
    const live = await startHost({ source, port: 0 });
    await shown.open(live, live.controlUrl, { chunks: 1 });
    // Pictures take their time on a busy machine.
    shown.page.setDefaultTimeout(WAIT_MS);
  };
  /** Stands still, so that plans and picture are of one moment. */
  const pause = async () => {
    await shown.page.locator('.transport button[title^="Pause"]').click();
    await shown.page.locator('.transport button[title^="Play"]').waitFor();
  };
  const stage = async () => crop(await shown.picture(), STAGE);

  it('draws the ways and kept cells of a team that are in the data, over a copy that stands still', async () => {
    // So slowly that most of the way is left, however long the page takes.
    await open('corridor-swap-v1', 'planner:lacam', 1);
    await shown.until('agents on their way', (now) => now.tick > 2);
    await pause();
    await shown.rest(800);
    const without = await stage();
    expect((await shown.state()).plans).toBeUndefined();
    await shown.page.keyboard.press('p');
    const { plans, tick } = await shown.until('the plans', (now) => now.plans !== undefined);
    const { data, drawn } = plans!;
    expect(data.tick).toBe(tick);
    expect(data.agents.map(({ planner }) => planner)).toEqual(Array(6).fill('lacam'));
    const ways = data.agents.filter(({ path }) => path.length > 1);
    expect(drawn.ways).toBe(ways.length);
    expect(drawn.ways).toBeGreaterThan(0);
    expect(drawn.dots).toBe(ways.reduce((sum, { path }) => sum + Math.floor((path.at(-1)![3] - tick) / 20), 0));
    const cells = data.agents.flatMap((agent) => agent.cells);
    expect(drawn.held).toBe(cells.filter(({ held }) => held).length);
    expect(drawn.held).toBeGreaterThanOrEqual(6);
    expect(drawn.soon).toBe(cells.filter(({ held, from }) => !held && from - tick <= SOON_TICKS).length);
    await shown.rest(500);
    const over = drawnShare(without, await stage());
    expect(over).toBeGreaterThan(0.001);
    expect(await shown.page.locator('.plans').textContent()).toMatch(/west-0.*Plan 1, made because/);
    // Another agent is followed, and the panel speaks of it.
    await shown.page.keyboard.press(']');
    await shown.page.locator('.plans .who b', { hasText: /-1$/ }).waitFor();
    await shown.page.keyboard.press('2');
    await shown.rest(1500);
    await shown.picture('plans-team.png');
    // Nothing of it stays.
    await shown.page.keyboard.press('1');
    await shown.page.keyboard.press('p');
    await shown.until('no plans', (now) => now.plans === undefined);
    expect(await shown.page.locator('.plans').isVisible()).toBe(false);
    expect(shown.errors).toEqual([]);
  });

  it('marks in red where walkers that plan by themselves would meet', async () => {
    await open('corridor-swap-v1', 'planner:voxel');
    await shown.page.keyboard.press('p');
    const { plans } = await shown.until('somebody to meet', (now) => (now.plans?.data.conflicts.length ?? 0) > 0);
    expect(plans!.drawn.conflicts).toBe(plans!.data.conflicts.length);
    await pause();
    await shown.until('the plans of the copy', (now) => now.stream > 0 && (now.plans?.drawn.conflicts ?? 0) > 0);
    await shown.rest(500);
    await shown.picture('plans-conflicts.png');
    const isMark = (red: number, green: number, blue: number) => red > 235 && green < 80 && blue < 80;
    // A busy machine draws fewer pixels.
    const marked = countWhere(await stage(), isMark);
    expect(marked).toBeGreaterThan(8);
    await shown.page.keyboard.press('p');
    await shown.rest(300);
    expect(countWhere(await stage(), isMark)).toBeLessThan(marked / 4);
    expect(shown.errors).toEqual([]);
  });

  it('draws the plan of a rover with what was tried for it', async () => {
    await open('rover-slalom-v1', 'planner:mppi');
    await shown.page.keyboard.press('p');
    await shown.page.keyboard.press('2');
    const { plans } = await shown.until('a plan', (now) => (now.plans?.drawn.ways ?? 0) > 0);
    expect(plans!.data.agents[0].path).toHaveLength(15);
    expect(plans!.drawn.rollouts).toBe(plans!.data.agents[0].rollouts.length);
    expect(plans!.drawn.rollouts).toBe(8);
    await shown.rest(1500);
    await shown.picture('plans-rover.png');
    expect(shown.errors).toEqual([]);
  });

  it('lays the slice of a safety filter around the followed agent, with its scale', async () => {
    await open('parkour-v1', 'safe:enforce:scripted');
    await shown.page.keyboard.press('p');
    const { plans } = await shown.until('a slice', (now) => (now.plans?.drawn.squares ?? 0) > 0);
    const [slice] = plans!.data.slices;
    expect(slice.values).toHaveLength(slice.nodes ** 2);
    const isThere = (x: number, z: number) => slice.values[z * slice.nodes + x] !== null;
    let squares = 0;
    for (let z = 1; z < slice.nodes; z++)
      for (let x = 1; x < slice.nodes; x++) if (isThere(x, z) && isThere(x - 1, z) && isThere(x, z - 1) && isThere(x - 1, z - 1)) squares++;
    expect(plans!.drawn.squares).toBe(squares);
    const values = slice.values.filter((value) => value !== null);
    expect(Math.min(...values)).toBeLessThan(0);
    expect(Math.max(...values)).toBe(1);
    await shown.page.keyboard.press('2');
    await shown.rest(1500);
    await shown.picture('plans-safety.png');
    expect(await shown.page.locator('.plans').textContent()).toContain('filter: enforce');
    expect(await shown.page.locator('.value-scale').isVisible()).toBe(true);
    expect(shown.errors).toEqual([]);
  });

  it('says of a recording, and of a policy without plans, that there are none', async () => {
    const out = join(freshFolder(), 'run');
    const scenario = 'scenarios/corridor-swap-v1.scenario.json';
    await kinovox(
      'run',
      '--scenario',
      scenario,
      '--policy',
      'planner:lacam',
      '--worlds',
      '1',
      '--ticks',
      '60',
      '--out',
      out,
      '--record',
      '0',
    );
    const live = await startHost({ source: { recordings: [join(out, 'recordings/row-0.kvr')] }, port: 0 });
    await shown.open(live, live.controlUrl, { chunks: 1 });
    await shown.page.keyboard.press('p');
    await shown.page.locator('.plans', { hasText: 'A recording holds what was done and no plans.' }).waitFor();
    expect((await shown.state()).plans).toBeUndefined();
    await shown.page.close();
    await live.close();
    await open('corridor-swap-v1', 'random');
    await shown.page.keyboard.press('p');
    await shown.page.locator('.plans', { hasText: 'Its policy makes no plans.' }).waitFor();
    expect((await shown.state()).plans?.drawn.ways).toBe(0);
    expect(shown.errors).toEqual([]);
  });
});
