import {
  AUTORESET_MODES,
  type BatchEnv,
  type BatchEnvOptions,
  createBatchEnv,
  createBatchEnvSync,
  type EpisodeRecord,
  readMessages,
} from '@kinovox/env';
import { ACTION_FIELDS, ACTION_WORD, ResetNeededError, ShapeError, UsageError } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { bridge, randomActions, stroll, talk } from './sample-scenarios.js';

const make = (options: Partial<BatchEnvOptions> = {}) => createBatchEnvSync({ scenario: bridge, numWorlds: 4, seed: 11, ...options });

/** Steps with pseudo-random actions; row r of every batch gets the actions of key `keys[r]`. */
function run(env: BatchEnv, ticks: number, keys: readonly number[], from = 0): string[] {
  const perRow = env.actionLength / env.numWorlds;
  const actions = new Float32Array(env.actionLength);
  const hashes: string[] = [];
  for (let t = from; t < from + ticks; t++) {
    for (const [row, key] of keys.entries()) actions.set(randomActions(perRow, key, t), row * perRow);
    env.stepSync(actions);
    hashes.push(env.rowHashes().join(' '));
  }
  return hashes;
}

describe('BatchEnv', () => {
  it('gives the same hashes for the same seed and actions, and others for another seed', () => {
    const runs = [11, 11, 12].map((seed) => {
      const env = make({ seed });
      env.reset();
      return run(env, 80, [1, 2, 3, 4]);
    });
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).not.toEqual(runs[0]);
  });

  it('gives row 2 of 4 what a single world with its seed gives, whatever the other rows do', () => {
    const batch = make();
    batch.reset();
    const single = make({ numWorlds: 1, seed: 13 });
    single.reset();
    const ofBatch = run(batch, 80, [1, 2, 3, 4]).map((line) => line.split(' ')[2]);
    expect(ofBatch).toEqual(run(single, 80, [3]));
    const others = make();
    others.reset();
    expect(run(others, 80, [9, 8, 3, 7]).map((line) => line.split(' ')[2])).toEqual(ofBatch);
  });

  it('plays other levels in other splits', () => {
    const hashes = (['train', 'validation', 'test'] as const).map((split) => {
      const env = make({ split });
      env.reset();
      return env.stateHash();
    });
    expect(new Set(hashes).size).toBe(3);
  });

  it('goes on to the next episode without a seed and returns to the first with it', () => {
    const env = make();
    env.reset();
    const first = env.rowHashes();
    env.reset();
    expect(env.rowHashes()).not.toEqual(first);
    expect(env.rowInfo(1)).toMatchObject({ episode: 1, rowSeed: 12, tick: 0 });
    env.reset({ seed: 11 });
    expect(env.rowHashes()).toEqual(first);
  });

  it('resets only the rows of a mask', () => {
    const env = make();
    env.reset();
    run(env, 5, [1, 2, 3, 4]);
    const before = env.rowHashes();
    env.reset({ mask: Uint8Array.of(0, 1, 0, 0) });
    const after = env.rowHashes();
    expect(after.map((hash, row) => hash === before[row])).toEqual([true, false, true, true]);
    expect(env.rowInfo(1).episode).toBe(1);
  });

  it('gives the members of a group one seed, variant and first state', () => {
    const env = make({ numWorlds: 6 });
    env.reset({ seed: 40, groupSize: 3, groupId: 5 });
    const hashes = env.rowHashes();
    expect(new Set(hashes.slice(0, 3)).size).toBe(1);
    expect(new Set(hashes.slice(3)).size).toBe(1);
    expect(hashes[0]).not.toBe(hashes[3]);
    expect([...env.groupIds]).toEqual([5, 5, 5, 6, 6, 6]);
    expect([0, 5].map((row) => env.rowInfo(row).rowSeed)).toEqual([45, 46]);
    expect(() => env.reset({ groupSize: 4 })).toThrow(/divide numWorlds = 6; got 4/);
    expect(() => env.reset({ groupId: 2 })).toThrow(/groupId must come with groupSize; got 2 alone/);
    // What was refused changed nothing, and rows outside a mask stay in their group.
    expect([...env.groupIds]).toEqual([5, 5, 5, 6, 6, 6]);
    env.reset({ seed: 3, mask: Uint8Array.of(0, 1, 0, 0, 0, 0) });
    expect([...env.groupIds]).toEqual([5, -1, 5, 6, 6, 6]);
    env.reset();
    expect([...env.groupIds]).toEqual([5, -1, 5, 6, 6, 6]);
    expect(env.rowHashes()[0]).toBe(env.rowHashes()[2]);
    expect(env.rowHashes()[1]).not.toBe(env.rowHashes()[0]);
  });

  it('keeps the words given to other rows over the reset or restore of one', () => {
    const env = make({ scenario: { ...talk, messages: { ...talk.messages, loss: 0 } }, numWorlds: 3 });
    env.reset();
    const fresh = env.snapshot(2);
    for (let row = 0; row < 3; row++) env.say(row, 0, 'wait');
    env.reset({ mask: Uint8Array.of(1, 0, 0) });
    env.restore(2, fresh);
    env.stepSync(new Float32Array(env.actionLength));
    expect([0, 1, 2].map((row) => env.engine.state.messageCount[2 * row + 1])).toEqual([0, 1, 0]);
  });

  it('counts episodes and reports each with its outcome, length and final hash', () => {
    const records: EpisodeRecord[] = [];
    const env = make({ scenario: stroll, numWorlds: 2 });
    env.onEpisodeEnd = (record) => records.push(record);
    env.reset();
    const forward = new Float32Array(env.actionLength);
    // Row 0 walks to the goal; row 1 stands.
    forward[0] = 1;
    let final = '';
    let finalObservation = new Float32Array(0);
    let total = 0;
    for (let t = 0; t < 200; t++) {
      const before = env.observations.vector.slice();
      const { ended, rewards, terminated, truncated, finalObservations } = env.stepSync(forward);
      if (records.length === 0) total += rewards[0];
      if (ended[0] === 1 && final === '') {
        total += records.length === 1 ? rewards[0] : 0;
        final = records[0].stateHash;
        expect([terminated[0], truncated[0]]).toEqual([1, 0]);
        finalObservation = finalObservations.slice(0, env.observations.size);
        // The walker was within one tick's walk of where the final observation has it, and now stands at its spawn again.
        expect(Math.abs(finalObservation[2] - before[2])).toBeLessThan(0.5);
        expect(env.observations.vector[2]).toBeCloseTo(28.5, 3);
      }
    }
    expect(records[0]).toMatchObject({ row: 0, episode: 0, outcome: 'succeeded', progress: 1, rowSeed: 11 });
    expect(records[0].return).toBeCloseTo(total, 6);
    expect(records[0].return).toBeCloseTo(1.5, 3);
    expect(final).toMatch(/^[0-9a-f]{16}$/);
    const timeouts = records.filter((record) => record.row === 1);
    expect(timeouts).toHaveLength(1);
    expect(timeouts[0]).toMatchObject({ outcome: 'outOfTime', ticks: 200 });
    expect(env.episodes.count).toBe(records.length);
    expect(env.episodes.successRate).toBeCloseTo((records.length - 1) / records.length, 10);
  });

  it('plays the same episodes in the three autoreset modes', () => {
    const lines = AUTORESET_MODES.map((autoreset) => {
      const found: string[] = [];
      const env = make({ scenario: stroll, numWorlds: 2, autoreset });
      env.onEpisodeEnd = ({ row, episode, variant, ticks, stateHash }) => found.push([row, episode, variant, ticks, stateHash].join(' '));
      env.reset();
      const actions = new Float32Array(env.actionLength).fill(0);
      actions[0] = 1;
      actions[actions.length / 2] = 0.5;
      for (let t = 0; t < 420; t++) {
        const { ended } = env.stepSync(actions);
        if (autoreset === 'disabled' && ended.includes(1)) env.reset({ mask: ended });
      }
      return found;
    });
    for (const row of ['0', '1']) {
      const [same, next, disabled] = lines.map((found) => found.filter((line) => line.startsWith(row)));
      expect(same.length).toBeGreaterThan(2);
      expect(disabled).toEqual(same);
      // The extra reset steps leave room for fewer episodes.
      expect(same.slice(0, next.length)).toEqual(next);
    }
  });

  it('shows the final observation, then the first of the next episode with reward 0, in next-step mode', () => {
    const env = make({ scenario: stroll, numWorlds: 1, autoreset: 'next-step' });
    env.reset();
    const forward = Float32Array.from({ length: env.actionLength }, (_, i) => (i === 0 ? 1 : 0));
    let result = env.stepSync(forward);
    while (result.ended[0] === 0) result = env.stepSync(forward);
    expect(result.rewards[0]).toBeGreaterThan(0.9);
    expect(env.observations.vector[2]).toBeLessThan(17);
    result = env.stepSync(forward);
    expect([result.ended[0], result.terminated[0], result.truncated[0], result.rewards[0]]).toEqual([0, 0, 0, 0]);
    expect(env.observations.vector[2]).toBeCloseTo(28.5, 3);
    expect(env.rowInfo(0)).toMatchObject({ episode: 1, tick: 0 });
  });

  it('asks for a reset before the first step and, with autoreset disabled, after an end', () => {
    const env = make({ scenario: stroll, autoreset: 'disabled', numWorlds: 1 });
    const forward = Float32Array.from({ length: env.actionLength }, (_, i) => (i === 0 ? 1 : 0));
    expect(() => env.stepSync(forward)).toThrow(ResetNeededError);
    env.reset();
    while (env.stepSync(forward).ended[0] === 0);
    expect(() => env.stepSync(forward)).toThrow(/1 of them, first row 0/);
  });

  it.each([
    [
      'actions of another length',
      () => {
        const env = make();
        env.reset();
        env.stepSync(new Float32Array(7));
      },
      ShapeError,
      /numWorlds \* numAgents \* 11 = 88; got 7/,
    ],
    ['an unknown option', () => make({ numworlds: 3 } as never), UsageError, /got "numworlds"\. Did you mean "numWorlds"/],
    ['no worlds', () => make({ numWorlds: 0 }), ShapeError, /1\.\.65536; got 0/],
    ['a fractional seed', () => make({ seed: 0.5 }), ShapeError, /got 0.5/],
    ['seeds for other rows', () => make().reset({ seeds: [1, 2] }), ShapeError, /= 4; got 2/],
    [
      'an empty mask',
      () => {
        const env = make();
        env.reset();
        env.reset({ mask: new Uint8Array(4) });
      },
      ShapeError,
      /must select a row/,
    ],
    [
      'a mask that holds more than 0 and 1',
      () => {
        const env = make();
        env.reset();
        env.reset({ mask: Uint8Array.of(0, 2, 1, 0) });
      },
      ShapeError,
      /must hold 0 or 1; got 2 at row 1/,
    ],
    ['a seed that is no number', () => make().reset({ seed: 'x' as never }), ShapeError, /got x\. Round it/],
    ['a slot out of range, to speak', () => make().say(0, 2, 'go'), ShapeError, /0\.\.1; got 2/],
    ['a slot out of range, to ask', () => make().returnOf(0, -1), ShapeError, /0\.\.1; got -1/],
    ['a row out of range', () => make().rowInfo(4), ShapeError, /0\.\.3; got 4/],
    ['an unknown split', () => make({ split: 'tset' as never }), UsageError, /got "tset"\. Did you mean "test"/],
    [
      'an unknown mode of autoreset',
      () => make({ autoreset: 'samestep' as never }),
      UsageError,
      /got "samestep"\. Did you mean "same-step"/,
    ],
    ['an unknown engine', () => make({ engine: 'warp' as never }), UsageError, /"warp"/],
    ['a file that is not there', () => make({ scenario: 'nowhere/x.scenario.json' }), UsageError, /nowhere/],
    [
      'a call after close',
      () => {
        const env = make();
        env.close();
        env.reset();
      },
      UsageError,
      /after close/,
    ],
  ])('refuses %s and says what it got', (_, act, type, message) => {
    expect(act).toThrow(type);
    expect(act).toThrow(message);
  });

  it('counts actions that are no numbers or no choices, and idles instead', () => {
    const env = make({ numWorlds: 1 });
    env.reset();
    const idle = env.forkSync(0);
    env.stepSync(new Float32Array(env.actionLength).fill(Number.NaN));
    idle.stepSync(new Float32Array(env.actionLength));
    expect(env.invalidActions).toBe(env.actionLength);
    expect(env.stateHash()).toBe(idle.stateHash());
    const discrete = make({ scenario: talk, numWorlds: 1 });
    discrete.reset();
    discrete.stepSync(Float32Array.of(1, 2.5));
    expect(discrete.invalidActions).toBe(1);
  });
});

describe('snapshots and forks', () => {
  it('continue bit for bit, rewards and episode records included', async () => {
    const original = make({ scenario: stroll, numWorlds: 3 });
    original.reset();
    const forward = (env: BatchEnv) =>
      Float32Array.from({ length: env.actionLength }, (_, i) =>
        i % ACTION_FIELDS === 0 ? 1 : i % ACTION_FIELDS === ACTION_WORD.turn ? 0.01 : 0,
      );
    for (let t = 0; t < 25; t++) original.stepSync(forward(original));
    const fork = await original.fork(1, { numWorlds: 2 });
    const ends: string[][] = [[], []];
    original.onEpisodeEnd = (record) => record.row === 1 && ends[0].push(`${record.ticks} ${record.return} ${record.stateHash}`);
    fork.onEpisodeEnd = (record) => record.row === 1 && ends[1].push(`${record.ticks} ${record.return} ${record.stateHash}`);
    for (let t = 0; t < 150; t++) {
      const a = original.stepSync(forward(original));
      const b = fork.stepSync(forward(fork));
      expect(fork.rowHashes()).toEqual([original.rowHashes()[1], original.rowHashes()[1]]);
      expect([...b.rewards]).toEqual([a.rewards[1], a.rewards[1]]);
      expect(fork.observations.vector.subarray(0, fork.observations.size)).toEqual(
        original.observations.vector.subarray(original.observations.size, 2 * original.observations.size),
      );
    }
    expect(ends[0].length).toBeGreaterThan(1);
    expect(ends[1]).toEqual(ends[0]);
  });

  it('restore undoes edits of the voxels', () => {
    const env = make({ numWorlds: 2 });
    env.reset();
    run(env, 10, [1, 2]);
    const snapshot = env.snapshot(0);
    const hash = env.rowHashes()[0];
    const later = run(env, 40, [1, 2], 10).map((line) => line.split(' ')[0]);
    env.restore(0, snapshot);
    expect(env.rowHashes()[0]).toBe(hash);
    expect(run(env, 40, [1, 5], 10).map((line) => line.split(' ')[0])).toEqual(later);
  });

  it('hold the text of messages', () => {
    const env = make({ scenario: { ...talk, messages: { ...talk.messages, loss: 0 } }, numWorlds: 2 });
    env.reset();
    env.say(1, 0, 'please wait a bit');
    env.stepSync(new Float32Array(env.actionLength));
    const fork = env.forkSync(1);
    expect(readMessages(fork.engine, 0, 1, fork.compiled.scenario.messages.symbols, fork.texts)).toMatchObject([
      { symbol: 'wait', text: 'please wait a bit' },
    ]);
    fork.texts.put('another');
    expect([fork.texts.size, env.texts.size]).toEqual([2, 1]);
  });

  it('of another scenario or split are refused and leave the row as it was', () => {
    const env = make();
    env.reset();
    const before = env.rowHashes();
    const other = make({ scenario: stroll });
    other.reset();
    expect(() => env.restore(0, other.snapshot(0))).toThrow(ShapeError);
    expect(() => env.restore(0, other.snapshot(0))).toThrow(
      /must be of the scenario [0-9a-f]{16} and the split train; got [0-9a-f]{16} and train/,
    );
    const test = make({ split: 'test' });
    test.reset();
    expect(() => env.restore(0, test.snapshot(0))).toThrow(/split train; got [0-9a-f]{16} and test/);
    // Below the environment, the engine holds on to its row too.
    expect(() => env.engine.restore(0, other.snapshot(0).world)).toThrow(/must hold \d+ words and 12288 cells; got \d+ and 4096/);
    expect(env.rowHashes()).toEqual(before);
  });

  it('leave the original alone', () => {
    const env = make({ numWorlds: 2 });
    env.reset();
    const before = env.rowHashes();
    const fork = env.forkSync(0);
    run(fork, 20, [3]);
    expect(env.rowHashes()).toEqual(before);
    expect(fork.rowHashes()[0]).not.toBe(before[0]);
  });
});

it('createBatchEnv shares the levels of a compiled scenario', async () => {
  const first = await createBatchEnv({ scenario: bridge, numWorlds: 2 });
  const second = await createBatchEnv({ scenario: first.compiled, numWorlds: 2 });
  expect(second.compiled).toBe(first.compiled);
  first.reset();
  second.reset();
  expect(second.stateHash()).toBe(first.stateHash());
});
