/** A world whose task or policy fails is cut short and told; no other row notices, and the row plays on as if nothing had been. */
import { type BatchEnv, createBatchEnvSync } from '@kinovox/env';
import { EVENT } from '@kinovox/world';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as monitor from '../../packages/physics/src/monitor/run-monitor.js';
import * as events from '../../packages/physics/src/stages/events.js';
import { bridge, randomActions } from '../env/sample-scenarios.js';

afterEach(() => vi.restoreAllMocks());

vi.mock('../../packages/physics/src/monitor/run-monitor.js', { spy: true });
vi.mock('../../packages/physics/src/stages/events.js', { spy: true });

interface Told {
  row: number;
  message: string;
  t: number;
}

function play(ticks: number, prepare?: (env: BatchEnv, t: number) => void) {
  const env = createBatchEnvSync({ scenario: bridge, numWorlds: 70, seed: 2 });
  env.reset();
  const told: Told[] = [];
  const ends: string[] = [];
  for (let t = 0; t < ticks; t++) {
    prepare?.(env, t);
    const { ended, truncated, terminated, rewards } = env.stepSync(randomActions(env.actionLength, 6, t));
    for (const crash of env.takeCrashes()) {
      told.push({ ...crash, t });
      const both = [2 * crash.row, 2 * crash.row + 1];
      expect([ended[crash.row], ...both.map((i) => [truncated[i], terminated[i], rewards[i]])]).toEqual([1, [1, 0, 0], [1, 0, 0]]);
    }
    ends.push(ended.join(''));
  }
  return { env, hashes: env.rowHashes(), told, ends };
}

/** Has the monitors of a row fail once, in tick `at`. */
function failIn(row: number, at: number): (env: BatchEnv, t: number) => void {
  const real = vi.mocked(monitor.runMonitors).getMockImplementation();
  return (_, t) => {
    vi.mocked(monitor.runMonitors).mockImplementation((...args) => {
      if (t === at && args[3] === row) throw new Error('a task that cannot be asked');
      return (real ?? original)(...args);
    });
  };
}
const { pushEvent } = await vi.importActual<typeof events>('../../packages/physics/src/stages/events.js');
const { runMonitors: original } = await vi.importActual<typeof monitor>('../../packages/physics/src/monitor/run-monitor.js');

describe('a world whose task fails', () => {
  it('is told, truncated and started anew, and no other row changes', () => {
    const untouched = play(40);
    expect(untouched.told).toEqual([]);
    const crashed = play(40, failIn(66, 9));
    expect(crashed.told).toEqual([{ row: 66, message: 'a task that cannot be asked', t: 9 }]);
    const differing = crashed.hashes.flatMap((hash, row) => (hash === untouched.hashes[row] ? [] : [row]));
    expect(differing).toEqual([66]);
    expect(crashed.env.rowInfo(66).episode).toBe(untouched.env.rowInfo(66).episode + 1);
    // Its next episode is the one that any end leads to.
    const next = createBatchEnvSync({ scenario: bridge, numWorlds: 1, seed: 2 + 66 });
    next.reset();
    next.reset();
    for (let t = 10; t < 40; t++) next.stepSync(randomActions(crashed.env.actionLength, 6, t).slice(66 * 22, 67 * 22));
    expect(next.rowHashes()[0]).toBe(crashed.hashes[66]);
  });

  it('may fail beside others in the same tick, at the ends of a pass too', () => {
    const untouched = play(30);
    const fail = vi.mocked(monitor.runMonitors);
    const crashed = play(30, (_, t) => {
      fail.mockImplementation((...args) => {
        if (t === 3 && [0, 1, 63, 64, 69].includes(args[3])) throw new Error(`no ${args[3]}`);
        return original(...args);
      });
    });
    expect(crashed.told.map(({ row, message }) => [row, message])).toEqual([0, 1, 63, 64, 69].map((row) => [row, `no ${row}`]));
    expect(crashed.hashes.flatMap((hash, row) => (hash === untouched.hashes[row] ? [] : [row]))).toEqual([0, 1, 63, 64, 69]);
  });

  it('is counted among the truncated episodes, with the state it came to', () => {
    const records: { row: number; outcome: string; ticks: number }[] = [];
    const fail = failIn(3, 5);
    const { env } = play(10, (batch, t) => {
      batch.onEpisodeEnd = (record) => records.push(record);
      fail(batch, t);
    });
    expect(records).toMatchObject([{ row: 3, outcome: 'outOfTime', ticks: 6 }]);
    expect(env.episodes.count).toBe(1);
  });
});

describe('a world whose score fails', () => {
  it('is told alike, and its next episode begins as in an undisturbed run', () => {
    let failing = 40;
    vi.mocked(events.pushEvent).mockImplementation((...args) => {
      // The tick that ends an episode by its limit tells so from the score.
      if (args[3] === EVENT.outOfTime && args[2] === failing) throw new Error('no word');
      return pushEvent(...args);
    });
    const crashed = play(62);
    failing = -1;
    const whole = play(62);
    expect(crashed.told).toEqual([{ row: 40, message: 'no word', t: 59 }]);
    expect(crashed.ends).toEqual(whole.ends);
    expect(crashed.hashes).toEqual(whole.hashes);
  });
});

describe('a world that is cut short from outside', () => {
  it('ends in the next step, once, whatever its task says', () => {
    const untouched = play(30);
    const crashed = play(30, (env, t) => {
      if (t !== 4) return;
      env.cutShort(1, new Error('no idea'));
      env.cutShort(1, 'again');
    });
    expect(crashed.told).toEqual([{ row: 1, message: 'no idea', t: 4 }]);
    expect(crashed.hashes.filter((hash, row) => hash !== untouched.hashes[row])).toHaveLength(1);
    expect(() => crashed.env.cutShort(70, 'x')).toThrow('A row must be an integer in 0..69');
  });

  it('ends on workers alike, whatever thread has it', () => {
    const run = (engine: 'cpu' | 'workers', row: number) => {
      const env = createBatchEnvSync({ scenario: bridge, numWorlds: 6, ...(engine === 'cpu' ? { engine } : { engine, threads: 2 }) });
      env.reset();
      for (let t = 0; t < 8; t++) {
        if (t === 5) env.cutShort(row, new Error('no idea'));
        env.stepSync(randomActions(env.actionLength, 6, t));
      }
      const result = { hashes: env.rowHashes(), told: env.takeCrashes() };
      env.close();
      return result;
    };
    for (const row of [1, 4]) {
      expect(run('workers', row)).toEqual(run('cpu', row));
      expect(run('workers', row).told).toEqual([{ row, message: 'no idea' }]);
    }
  });

  it('is not, once it was reset', () => {
    const env = createBatchEnvSync({ scenario: bridge, numWorlds: 2, seed: 1 });
    env.reset();
    env.cutShort(1, new Error('no idea'));
    env.reset({ seed: 1 });
    expect([...env.stepSync(new Float32Array(env.actionLength)).ended]).toEqual([0, 0]);
  });
});
