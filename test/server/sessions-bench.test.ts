// The load benchmark of the OpenEnv server in small: that it counts, disturbs and judges. Its figures are not looked at.
import { describe, expect, it } from 'vitest';
import { benchSessions, missedBars, type SessionsHalf } from '../../packages/server/dist/bench/sessions-bench.js';

const GOOD: SessionsHalf = {
  disturbed: false,
  stepsPerSecond: 2560,
  leastHertz: 5,
  p50Ms: 2,
  p99Ms: 9,
  maxMs: 20,
  errors: 0,
  serverMsPerStep: 0.2,
};

describe('the load benchmark of sessions', () => {
  it('steps every session in both halves, with clients that stall and crash in the second', async () => {
    const { halves, crashed, sessions } = await benchSessions({ sessions: 6, halfSeconds: 1.5, warmUpSeconds: 0.2 });
    expect(sessions).toBe(6);
    expect(halves.map(({ disturbed }) => disturbed)).toEqual([false, true]);
    for (const { leastHertz, errors, serverMsPerStep } of halves) {
      expect(leastHertz).toBeGreaterThan(0);
      expect(errors).toBe(0);
      if (process.platform === 'linux') expect(serverMsPerStep).toBeGreaterThan(0);
    }
    expect(crashed).toBeGreaterThan(0);
  });

  it('says which bars were missed, each by its own sentence', () => {
    expect(missedBars(512, [GOOD], [100, 105])).toEqual([]);
    const bad = { stepsPerSecond: 2400, leastHertz: 4, p99Ms: 101, errors: 1 };
    for (const [name, value] of Object.entries(bad)) expect(missedBars(512, [{ ...GOOD, [name]: value }], null)).toHaveLength(1);
    expect(missedBars(512, [GOOD], [100, 120])).toEqual([expect.stringContaining('memory grew')]);
  });
});
