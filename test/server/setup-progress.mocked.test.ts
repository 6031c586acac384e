// The bar of a run's setup comes down however the setup ends: one left standing hides the cursor and keeps the process alive.
import { findScenario } from 'kinovox';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { standUp, takeDownBars } from '../../packages/server/src/cli/standing-bars.js';
import { runHeadless } from '../../packages/server/src/commands/run.js';
import { setupProgress } from '../../packages/server/src/run/setup-progress.js';

vi.mock('../../packages/server/src/run/setup-progress.js', { spy: true });

const stop = vi.fn();
const SETTINGS = {
  scenarioPath: findScenario('reach-flat-v1'),
  numWorlds: 1,
  seed: 0,
  split: 'train',
  policy: 'idle',
  engine: 'cpu',
  out: undefined,
  recordRows: [],
  command: [],
} as const;
const OPTIONS = { ticks: 1, json: true, rowHashes: false };
const never = { requested: false, signalled: new Promise<void>(() => undefined), dispose: () => undefined };

const watched = () => vi.mocked(setupProgress).mockReturnValueOnce({ update: () => undefined, stop });

afterEach(() => {
  vi.restoreAllMocks();
  stop.mockReset();
});

describe('bars that stand', () => {
  it('are stopped once, by whoever began them or else when the command fails', () => {
    const [mine, left] = [{ stop: vi.fn() }, { stop: vi.fn() }];
    const stopMine = standUp(mine);
    standUp(left);
    stopMine();
    expect(left.stop).not.toHaveBeenCalled();
    takeDownBars();
    stopMine();
    expect([mine.stop.mock.calls.length, left.stop.mock.calls.length]).toEqual([1, 1]);
  });
});

describe('the bar of a setup', () => {
  it('comes down where the setup fails', async () => {
    watched();
    await expect(runHeadless({ ...SETTINGS, policy: 'idel' }, OPTIONS, never)).rejects.toThrow('Did you mean "idle"?');
    expect(stop).toHaveBeenCalled();
  });

  it('comes down before a signal ends the process', async () => {
    watched();
    const stopsAtExit: number[] = [];
    vi.spyOn(process, 'exit').mockImplementation(() => {
      stopsAtExit.push(stop.mock.calls.length);
      throw new Error('exit');
    });
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const abandoned = vi.fn();
    const signalled = { ...never, requested: true, signalled: Promise.resolve() };
    await expect(runHeadless(SETTINGS, { ...OPTIONS, onAbandoned: abandoned }, signalled)).rejects.toThrow('exit');
    expect(stopsAtExit).toEqual([1]);
    expect(abandoned).toHaveBeenCalledOnce();
  });
});
