// Interpolation between frames.
import type { Frame } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { FrameTimeline } from '../../packages/viewer/src/frame-timeline.js';

const frameAt = (tick: number) => ({ tick }) as Frame;

describe('the tick shown', () => {
  it('grows steadily and lags the host by about a frame at 20 frames a second', () => {
    const timeline = new FrameTimeline();
    const shown: number[] = [];
    for (let ms = 0; ms <= 2000; ms += 10) {
      if (ms % 50 === 0) timeline.push(frameAt(ms / 50), ms);
      shown.push(timeline.sample(ms)!.tick);
    }
    for (let i = 1; i < shown.length; i++) expect(shown[i]).toBeGreaterThanOrEqual(shown[i - 1]);
    const late = shown.slice(100);
    for (let i = 1; i < late.length; i++) expect(late[i] - late[i - 1]).toBeLessThan(0.45);
    expect(40 - shown[shown.length - 1]).toBeLessThanOrEqual(1.2);
  });

  it('reaches the newest frame and stays there when none follows', () => {
    const timeline = new FrameTimeline();
    timeline.push(frameAt(0), 0);
    timeline.push(frameAt(1), 50);
    expect(timeline.sample(10_000)).toMatchObject({ tick: 1, mix: 1 });
  });

  it('is unharmed by a long pause before a step', () => {
    const timeline = new FrameTimeline();
    for (let i = 0; i < 20; i++) timeline.push(frameAt(i), i * 50);
    timeline.push(frameAt(20), 60_000);
    expect(timeline.sample(60_000)!.tick).toBe(19);
    expect(timeline.sample(60_120)!.tick).toBe(20);
  });

  it('blends the two frames around it when frames skip ticks', () => {
    const timeline = new FrameTimeline();
    timeline.push(frameAt(0), 0);
    timeline.push(frameAt(10), 50);
    const { before, after, mix, tick } = timeline.sample(75)!;
    expect([before.tick, after.tick]).toEqual([0, 10]);
    expect(mix * 10).toBeCloseTo(tick);
    expect(tick).toBeGreaterThan(0);
    expect(tick).toBeLessThan(10);
  });
});

it('has nothing to show before the first frame or after a reset', () => {
  const timeline = new FrameTimeline();
  expect(timeline.sample(0)).toBeUndefined();
  timeline.push(frameAt(3), 1);
  timeline.reset();
  expect(timeline.sample(2)).toBeUndefined();
});
