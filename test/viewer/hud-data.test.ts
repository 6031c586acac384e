// The data behind the panels: tiles, colours, reward history, quality, bounds.
import { createWorldTable, type Frame, WORLD_STATUS } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { DrawPace } from '../../packages/viewer/src/draw-pace.js';
import { FrameRate } from '../../packages/viewer/src/frame-rate.js';
import { RewardHistory } from '../../packages/viewer/src/hud/reward-history.js';
import {
  formatNumber,
  group,
  RESULT_COLORS,
  rampColor,
  returnRange,
  tableSentence,
  tileColor,
  tileSentence,
} from '../../packages/viewer/src/hud/tile-colors.js';
import { layoutTiles, tileAt } from '../../packages/viewer/src/hud/tile-layout.js';
import { surfaceBounds } from '../../packages/viewer/src/world-bounds.js';

describe('tiles', () => {
  it.each([1, 2, 16, 100, 256, 1000, 1024, 4096, 10_000])('of %i worlds fit into the panel, each findable at its own middle', (count) => {
    const layout = layoutTiles(count, 216, 300);
    expect(layout.width).toBeLessThanOrEqual(216);
    expect(layout.height).toBeLessThanOrEqual(300);
    expect(layout.columns * layout.rows).toBeGreaterThanOrEqual(count);
    for (const index of [0, 1, count >> 1, count - 1]) {
      if (index >= count) continue;
      const x = ((index % layout.columns) + 0.5) * layout.pitch;
      const y = (Math.floor(index / layout.columns) + 0.5) * layout.pitch;
      expect(tileAt(layout, count, x, y)).toBe(index);
    }
  });

  it('leave no world under points outside', () => {
    const layout = layoutTiles(5, 60, 300);
    expect(tileAt(layout, 5, -1, 5)).toBe(-1);
    expect(tileAt(layout, 5, layout.width + 1, 5)).toBe(-1);
    expect(tileAt(layout, 5, layout.pitch * 1.5, layout.pitch * 2.5)).toBe(-1);
  });
});

describe('colours', () => {
  it('grow lighter from nothing to all, and clamp outside', () => {
    const lightness = [0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => rampColor(share).reduce((sum, channel) => sum + channel, 0));
    for (let i = 1; i < lightness.length; i++) expect(lightness[i]).toBeGreaterThan(lightness[i - 1]);
    expect(rampColor(-3)).toEqual(rampColor(0));
    expect(rampColor(7)).toEqual(rampColor(1));
  });

  it('show the measure that was chosen', () => {
    const table = createWorldTable(2);
    table.progress[1] = 16384;
    table.returns.set([-1, 3]);
    table.episodes[1] = 4;
    table.successes[1] = 4;
    table.status[1] = WORLD_STATUS.failed;
    const range = returnRange(table);
    expect(range).toEqual([-1, 3]);
    expect(tileColor(table, 1, 'progress', range)).toEqual(rampColor(1));
    expect(tileColor(table, 0, 'return', range)).toEqual(rampColor(0));
    expect(tileColor(table, 1, 'success rate', range)).toEqual(rampColor(1));
    expect(tileColor(table, 0, 'success rate', range)).not.toEqual(rampColor(0));
    expect(tileColor(table, 1, 'last result', range)).toEqual(RESULT_COLORS[WORLD_STATUS.failed].rgb);
  });

  it('come with a sentence for one world and for all', () => {
    const table = createWorldTable(3);
    expect(tileSentence(table, 0)).toBe('World 0 · tick 0 · progress 0 % · first episode · return 0');
    expect(tableSentence(table)).toBe('0 episodes');
    table.episodes.set([1, 1200, 3]);
    table.successes.set([0, 600, 2]);
    expect(tileSentence(table, 0)).toContain('0 of 1 episode succeeded');
    expect(tableSentence(table)).toBe('1 204 episodes, 50 % succeeded');
    expect([group(4096), group(12), formatNumber(0.123456), formatNumber(-0)]).toEqual(['4 096', '12', '0.123', '0']);
  });
});

describe('the reward history', () => {
  const frameAt = (tick: number) => ({ tick, rewardTerms: Float32Array.of(tick * 2, -tick) }) as Frame;

  it('stays bounded over a long episode, keeps its beginning and its exact end', () => {
    const history = new RewardHistory();
    history.reset(2);
    for (let tick = 1; tick <= 20_000; tick++) history.push(frameAt(tick));
    const [ticks, first, second] = history.columns;
    expect(history.length).toBeLessThanOrEqual(601);
    expect(history.length).toBeGreaterThan(250);
    expect(ticks[0]).toBe(1);
    expect([ticks.at(-1), first.at(-1), second.at(-1)]).toEqual([20_000, 40_000, -20_000]);
    for (let i = 1; i < ticks.length; i++) expect(ticks[i]).toBeGreaterThan(ticks[i - 1]);
  });

  it('keeps every point of a short one', () => {
    const history = new RewardHistory();
    history.reset(2);
    for (let tick = 0; tick < 50; tick++) history.push(frameAt(tick));
    expect(history.columns[0]).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });

  it('begins anew when time goes back', () => {
    const history = new RewardHistory();
    history.reset(2);
    history.push(frameAt(40));
    history.push(frameAt(3));
    expect(history.columns[0]).toEqual([3]);
  });
});

describe('the quality of the picture', () => {
  const run = (rate: FrameRate, pictures: number, ms: number) => {
    for (let i = 0; i < pictures; i++) rate.note(ms);
  };

  it('falls while pictures take long and keeps to what works', () => {
    const rate = new FrameRate(false);
    run(rate, 300, 16);
    expect(rate.quality).toEqual({ scale: 1, shadows: true });
    run(rate, 30, 80);
    expect(rate.quality.scale).toBeLessThan(1);
    run(rate, 300, 80);
    expect(rate.quality.shadows).toBe(false);
    const low = rate.quality;
    run(rate, 600, 16);
    expect(rate.quality).toEqual(low);
  });

  it('falls within seconds where a picture takes most of one', () => {
    const rate = new FrameRate(false);
    run(rate, 12, 700);
    expect(rate.quality).toEqual({ scale: 0.6, shadows: false });
  });

  it('rises from the lowest where a processor draws fast enough, and stays there otherwise', () => {
    const [fast, slow] = [new FrameRate(true), new FrameRate(true)];
    expect(fast.quality).toEqual({ scale: 0.6, shadows: false });
    run(fast, 1000, 16);
    expect(fast.quality).toEqual({ scale: 1, shadows: true });
    run(slow, 1000, 60);
    expect(slow.quality).toEqual({ scale: 0.6, shadows: false });
  });

  it('does not take a hidden tab for a slow picture', () => {
    const rate = new FrameRate(false);
    for (let i = 0; i < 100; i++) {
      rate.note(5000);
      rate.note(16);
    }
    expect(rate.quality.scale).toBe(1);
  });
});

describe('the pace of pictures', () => {
  /** Pictures in a second of a screen with 60 of them, `wakes` of which are said to change something. */
  const drawn = (pace: DrawPace, fromMs: number, wakes: (picture: number) => boolean): number => {
    let count = 0;
    for (let picture = 0; picture < 60; picture++) {
      const nowMs = fromMs + picture * (1000 / 60);
      if (wakes(picture)) pace.wake(nowMs);
      if (pace.isDue(nowMs)) count++;
    }
    return count;
  };

  it('is that of the screen while something changes, goes on for half a second, and is four a second afterwards', () => {
    const pace = new DrawPace();
    expect(drawn(pace, 10_000, () => true)).toBe(60);
    expect(drawn(pace, 11_000, (picture) => picture === 0)).toBe(32);
    expect(drawn(pace, 12_000, () => false)).toBe(4);
  });

  it.each([100, 600, 1200, 2000])('leaves a machine that takes %i ms for a picture about half of its time', (pictureMs) => {
    const pace = new DrawPace();
    let drawn = 0;
    let nowMs = 10_000;
    while (nowMs < 30_000) {
      const isDue = pace.isDue(nowMs);
      nowMs += isDue ? pictureMs : 1000 / 60;
      if (isDue) drawn++;
    }
    expect((drawn * pictureMs) / (nowMs - 10_000)).toBeGreaterThan(0.25);
    expect((drawn * pictureMs) / (nowMs - 10_000)).toBeLessThan(0.65);
  });

  it('draws now and then on a screen that is always late', () => {
    const pace = new DrawPace();
    let drawn = 0;
    for (let nowMs = 10_000; nowMs < 40_000; nowMs += 300) drawn += Number(pace.isDue(nowMs));
    expect(drawn).toBe(17);
  });

  it('picks up at once', () => {
    const pace = new DrawPace();
    expect(pace.isDue(11_000)).toBe(true);
    expect(pace.isDue(11_016)).toBe(false);
    pace.wake(11_020);
    expect(pace.isDue(11_033)).toBe(true);
  });
});

it('bounds the surfaces of a world from the lowest to the highest column', () => {
  const size = [3, 5, 2] as const;
  const voxels = new Uint8Array(30);
  for (let column = 0; column < 6; column++) voxels[column] = 1;
  voxels[2 * 6 + 4] = 1;
  expect(surfaceBounds(size, voxels)).toEqual({ low: 1, high: 3 });
  expect(surfaceBounds(size, new Uint8Array(30))).toEqual({ low: 0, high: 0 });
});
