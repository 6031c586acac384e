import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import {
  type BatchEnvOptions,
  createBatchEnvSync,
  Env,
  KEYFRAME_TICKS,
  openRecording,
  type RecordingEntry,
  RecordingWriter,
  readRecording,
  recordRow,
  replayRecording,
} from '@kinovox/env';
import { ProtocolError, type ScenarioInput, UsageError } from '@kinovox/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bridge, randomActions, stroll, talk } from './sample-scenarios.js';

let folder: string;
let count = 0;
const file = () => path.join(folder, `${count++}.kvr`);
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kinovox-recording-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** Three hundred ticks of digging, placing and walking without an early end. */
const work: ScenarioInput = {
  ...bridge,
  id: 'sample-work-v1',
  task: { elapsed: { ticks: 5000 } },
  episode: { maxTicks: 450, variants: 16 },
};

interface Recorded {
  path: string;
  /** State hash of row `row` after every tick, final ones before the reset. */
  hashes: string[];
}

function record(options: Partial<BatchEnvOptions> & { row?: number; ticks?: number; close?: boolean; warmUp?: number } = {}): Recorded {
  const { row = 0, ticks = 150, close = true, warmUp = 0, ...rest } = options;
  const env = createBatchEnvSync({ scenario: bridge, numWorlds: 2, seed: 21, ...rest });
  const hashes: string[] = [];
  let final = '';
  env.onEpisodeEnd = (episode) => {
    if (episode.row === row) final = episode.stateHash;
  };
  env.reset();
  const step = (t: number) => {
    final = '';
    const { ended } = env.stepSync(
      env.actionProfile === 'discrete'
        ? randomActions(env.actionLength * 10, 5, t)
            .slice(0, env.actionLength)
            .map((x) => Math.floor((x + 1) * 9))
        : randomActions(env.actionLength, 5, t),
    );
    if (env.autoreset === 'disabled' && ended.includes(1)) env.reset({ mask: ended });
    return final !== '' ? final : env.rowHashes()[row];
  };
  for (let t = 0; t < warmUp; t++) step(t);
  const recorder = recordRow(env, row, file(), { notes: { policy: 'random' } });
  for (let t = warmUp; t < warmUp + ticks; t++) hashes.push(step(t));
  if (close) recorder.close();
  else recorder.writer.flush();
  return { path: recorder.writer.path, hashes };
}

const bytesOf = (recorded: Recorded) => new Uint8Array(fs.readFileSync(recorded.path));

describe('recording and replay', () => {
  it.each([
    ['with same-step autoreset', {}],
    ['with autoreset by the caller', { autoreset: 'disabled' as const }],
    ['with next-step autoreset', { autoreset: 'next-step' as const }],
    ['of row 1, joined in the middle of its second episode', { row: 1, warmUp: 77 }],
    ['of mechanisms and choices', { scenario: talk }],
    ['of 400 ticks of edits, over two keyframes', { scenario: work, ticks: 420 }],
  ])('recomputes every hash %s', async (_, options) => {
    const recorded = record(options);
    const report = await replayRecording(recorded.path);
    expect(report.mismatch).toBeUndefined();
    expect(report).toMatchObject({ verified: true, complete: true });
    const entries = [...readRecording(recorded.path).entries()];
    const ticks = entries.filter((entry) => entry.type === 'tick');
    expect(report.ticks).toBe(ticks.length);
    if ((options as BatchEnvOptions).autoreset !== 'next-step') {
      expect(ticks.map((tick) => tick.hash1.toString(16).padStart(8, '0') + tick.hash0.toString(16).padStart(8, '0'))).toEqual(
        recorded.hashes,
      );
    }
    expect(report.sentence).toMatch(/^All \d+ state hashes were recomputed and are equal\. The recording is complete/);
  });

  it('writes a full keyframe at every episode and a list of changed cells every 200 ticks', () => {
    const entries = [...readRecording(record({ scenario: work, ticks: 420 }).path).entries()];
    const keyframes = entries.filter((entry) => entry.type === 'keyframe');
    expect(keyframes.map((frame) => [frame.tick, frame.voxels !== undefined])).toEqual([
      [0, true],
      [KEYFRAME_TICKS, false],
      [2 * KEYFRAME_TICKS, false],
    ]);
    expect(keyframes[1].cells!.length).toBeGreaterThan(0);
  });

  it('keeps events with their parents, seeds, parameters and notes', () => {
    const recording = readRecording(record({ ticks: 150 }).path);
    expect(recording.header).toMatchObject({
      split: 'train',
      seed: 21,
      row: 0,
      agentIds: ['ada', 'bob'],
      notes: { policy: 'random' },
      actionProfile: 'native',
    });
    const entries = [...recording.entries()];
    const episodes = entries.filter((entry) => entry.type === 'episode');
    expect(episodes.map((entry) => [entry.episode, entry.rowSeed, entry.tick])).toEqual([
      [0, 21, 0],
      [1, 21, 0],
      [2, 21, 0],
    ]);
    expect(episodes[0].parameters.gap).toBeGreaterThanOrEqual(2);
  });

  it('keeps every event with its number in the episode and its cause', () => {
    const env = new Env(createBatchEnvSync({ scenario: { ...talk, messages: { ...talk.messages, loss: 0 } }, autoreset: 'disabled' }));
    env.reset();
    const recorder = recordRow(env.batch, 0, file());
    for (let t = 0; t < 30; t++) env.step({ keeper: { action: 'forward', message: 'wait' } });
    recorder.close();
    const events = [...readRecording(recorder.writer.path).entries()].flatMap((entry) => (entry.type === 'tick' ? entry.events : []));
    expect(events.map((event) => event.id)).toEqual(events.map((_, i) => i + 1));
    expect(events.some((event) => event.kind === 'switched' && event.cause !== null)).toBe(true);
    expect(events.some((event) => event.cause !== null)).toBe(true);
    for (const event of events) if (event.cause !== null) expect(event.cause).toBeLessThan(event.id);
  });

  it('keeps free text and learner columns beside the ticks', async () => {
    const env = new Env(createBatchEnvSync({ scenario: { ...talk, messages: { ...talk.messages, loss: 0 } }, autoreset: 'disabled' }));
    env.reset();
    const recorder = recordRow(env.batch, 0, file());
    env.step({});
    recorder.addColumns({ groupId: 3, policyVersion: ['v7', null], behaviourLogProb: [-0.5, null], tokenIds: [[1, 2, 3], null] });
    env.step({ keeper: { action: 0, message: 'the gate open sign' } });
    env.step({});
    recorder.close();
    const player = await openRecording(recorder.writer.path);
    player.seek(2);
    expect([...player.texts.values()]).toEqual(['the gate open sign']);
    expect(player.columnsAt(2)).toEqual({
      groupId: 3,
      policyVersion: ['v7', null],
      behaviourLogProb: [-0.5, null],
      tokenIds: [[1, 2, 3], null],
    });
    expect(player.columnsAt(1)).toBeUndefined();
    expect(player.eventsAt(2).map((event) => event.kind)).toContain('heard');
    expect((await replayRecording(recorder.writer.path)).verified).toBe(true);
  });

  it('plays under other rules and says that it cannot be verified', async () => {
    const report = await replayRecording(record({ scenario: work, ticks: 210 }).path, { rulesVersion: 2 });
    expect(report).toMatchObject({ verified: false, ticks: 210, mismatch: undefined });
    expect(report.sentence).toMatch(/rules version 1 and this is 2: it was played from its keyframes and cannot be verified/);
  });
});

describe('a recording that is not whole', () => {
  it('of a killed run is readable up to its last whole record and says so', async () => {
    const whole = record({ close: false, ticks: 100 });
    const bytes = bytesOf(whole);
    expect(readRecording(bytes)).toMatchObject({ finished: false, ignoredBytes: 0, numTicks: 100 });
    for (const cut of [1, 7, 60, 333]) {
      const recording = readRecording(bytes.subarray(0, bytes.length - cut));
      expect(recording.finished).toBe(false);
      expect(recording.numTicks).toBeLessThan(100);
      expect(recording.describe()).toMatch(/was cut off: \d+ ticks/);
      const report = await replayRecording(recording);
      expect(report).toMatchObject({ verified: true, complete: false, ticks: recording.numTicks });
    }
  });

  it('keeps what was flushed when nobody closed it', () => {
    const env = createBatchEnvSync({ scenario: stroll });
    env.reset();
    const recorder = recordRow(env, 0, file(), { flushTicks: 10 });
    for (let t = 0; t < 25; t++) env.stepSync(new Float32Array(env.actionLength));
    expect(readRecording(recorder.writer.path)).toMatchObject({ finished: false, numTicks: 20 });
    recorder.close();
    expect(readRecording(recorder.writer.path)).toMatchObject({ finished: true, numTicks: 25 });
  });

  it('is refused when a finished file was cut, with byte and tick', () => {
    const bytes = bytesOf(record());
    for (const length of [bytes.length - 1, bytes.length - 30, bytes.length >> 1, 41]) {
      expect(() => readRecording(bytes.subarray(0, length))).toThrow(ProtocolError);
      expect(() => readRecording(bytes.subarray(0, length))).toThrow(
        new RegExp(
          `must have ${bytes.length} bytes and 150 ticks; got ${length} bytes, the last whole record ending at byte \\d+ of the recording, after tick \\d+`,
        ),
      );
    }
  });

  it('is refused wherever one byte was altered', () => {
    const bytes = bytesOf(record({ ticks: 40 }));
    let found = 0;
    let named = 0;
    // Every byte of the head with every bit, every byte near the start, and each 17th of the rest.
    const places = Array.from({ length: bytes.length }, (_, at) => at).filter((at) => at < 600 || (at - 600) % 17 === 0);
    const changes = places.flatMap((at) => (at < 40 ? [1, 2, 4, 8, 16, 32, 64, 128] : [16]).map((bit) => ({ at, bit })));
    for (const { at, bit } of changes) {
      const altered = bytes.slice();
      altered[at] ^= bit;
      try {
        readRecording(altered);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
        found++;
        if (/at byte \d+ of the recording, after tick \d+/.test((error as Error).message)) named++;
        continue;
      }
      expect.fail(`byte ${at} was altered and nobody noticed`);
    }
    expect(found).toBe(changes.length);
    // The eight bytes of the magic and the four of the version have sentences of their own, and the free bytes of the head name themselves.
    expect(named).toBeGreaterThanOrEqual(found - 8 * 20);
  });

  it('is refused when it was called open again, cut or not', () => {
    const bytes = bytesOf(record({ ticks: 40 }));
    bytes[12] = 0;
    for (const length of [bytes.length, bytes.length - 50])
      expect(() => readRecording(bytes.subarray(0, length))).toThrow(
        /head of an open recording must be zero from byte 16 on; got \d+ at byte \d+/,
      );
    // A run that was killed between its end record and its head is whole.
    bytes.fill(0, 16, 40);
    expect(readRecording(bytes)).toMatchObject({ finished: true, numTicks: 40 });
  });

  it('is refused when bytes are added', () => {
    const bytes = bytesOf(record({ ticks: 5 }));
    expect(() => readRecording(Uint8Array.from([...bytes, 0, 0, 0]))).toThrow(/behind the end record/);
  });

  it.each([
    ['another kind of file', () => readRecording(new Uint8Array(100)), ProtocolError, /Give a \.kvr file/],
    [
      'a later format',
      () => {
        const bytes = bytesOf(record({ ticks: 2 }));
        bytes[8] = 9;
        return readRecording(bytes);
      },
      ProtocolError,
      /format version 2; got 9/,
    ],
    ['a path that is not there', () => readRecording('nowhere.kvr'), UsageError, /nowhere\.kvr/],
    [
      'a path that exists, to write',
      () => {
        const { path: taken } = record({ ticks: 1 });
        return new RecordingWriter(taken, {} as never);
      },
      UsageError,
      /new file in a folder that exists/,
    ],
  ])('refuses %s', (_, act, type, message) => {
    expect(act).toThrow(type);
    expect(act).toThrow(message);
  });
});

describe('a recording whose chain was made anew', () => {
  /** Writes the entries again with a change, as a forger would: the chain is right, the story is not. */
  function forge(change: (entry: Exclude<RecordingEntry, { type: 'end' }>, index: number) => void): string {
    const recording = readRecording(record({ ticks: 60 }).path);
    const target = file();
    const writer = new RecordingWriter(target, recording.header);
    let index = 0;
    for (const entry of recording.entries()) {
      if (entry.type === 'end') continue;
      change(entry, index++);
      writer.write(entry);
    }
    writer.close();
    return target;
  }

  it('is refused without the episode and keyframe that ticks begin from', () => {
    const recording = readRecording(record({ ticks: 3 }).path);
    const rewrite = (skip: RecordingEntry['type']) => {
      const writer = new RecordingWriter(file(), recording.header);
      for (const entry of recording.entries()) if (entry.type !== 'end' && entry.type !== skip) writer.write(entry);
      writer.close();
      return () => readRecording(writer.path);
    };
    expect(rewrite('columns')).not.toThrow();
    expect(rewrite('keyframe')).toThrow(/a tick before the first keyframe at byte \d+ of .*, after tick 0/);
    expect(rewrite('episode')).toThrow(/a keyframe before the first episode at byte \d+/);
  });

  it('is refused when its header is no object', () => {
    const writer = new RecordingWriter(file(), 7 as never);
    writer.close();
    expect(() => readRecording(writer.path)).toThrow(ProtocolError);
    expect(() => readRecording(writer.path)).toThrow(/must hold a JSON object; got "7" at byte \d+/);
  });

  it('replays when nothing was changed', async () => {
    expect((await replayRecording(forge(() => {}))).verified).toBe(true);
  });

  it.each([
    [
      'an action',
      'state',
      (entry: RecordingEntry) => {
        if (entry.type === 'tick' && entry.tick === 12) entry.changes[1] ^= 512;
      },
    ],
    [
      'a hash',
      'state',
      (entry: RecordingEntry) => {
        if (entry.type === 'tick' && entry.tick === 12) entry.hash0 ^= 1;
      },
    ],
    [
      'the cause of an event',
      'events',
      (entry: RecordingEntry) => {
        if (entry.type === 'tick' && entry.tick >= 10 && entry.events.length > 0) entry.events[0].cause = 1 - (entry.events[0].cause ?? 0);
      },
    ],
    [
      'the seed',
      'level',
      (entry: RecordingEntry) => {
        if (entry.type === 'episode') entry.rowSeed++;
      },
    ],
    [
      'a keyframe',
      'state',
      (entry: RecordingEntry) => {
        if (entry.type === 'keyframe') entry.words[0]++;
      },
    ],
  ])('is caught by verification when %s was changed', async (_, what, change) => {
    const report = await replayRecording(forge(change));
    expect(report.verified).toBe(false);
    expect(report.mismatch?.what).toBe(what);
    expect(report.sentence).toMatch(/^The replay differs from tick \d+ of episode 0 on/);
  });
});

describe('RecordingPlayer', () => {
  it('shows any frame in any order with the state that was recorded', async () => {
    const recorded = record({ scenario: work, ticks: 500 });
    const player = await openRecording(recorded.path);
    // 500 ticks, and the first states of two episodes.
    expect(player.numFrames).toBe(502);
    expect(player.episodeFrames).toEqual([0, 451]);
    const { hashWorld } = await import('@kinovox/physics');
    for (const frame of [0, 10, 9, 200, 199, 201, 450, 451, 452, 501, 320, 5, 400, 399]) {
      const place = player.seek(frame);
      expect(hashWorld(player.engine.state, 0), `frame ${frame}`).toBe(place.stateHash);
      expect(player.engine.state.tick[0]).toBe(place.tick);
      expect(player.frameOf(place.episode, place.tick)).toBe(frame);
    }
    expect(player.exact).toBe(true);
    expect(() => player.seek(502)).toThrow(/0\.\.501; got 502/);
    expect(() => player.frameOf(0, 451)).toThrow(/tick 451 of episode 0/);
  });

  it('plays a killed run up to its end', async () => {
    const bytes = bytesOf(record({ close: false, ticks: 90 }));
    const player = await openRecording(bytes.subarray(0, bytes.length - 5));
    const place = player.seek(player.numFrames - 1);
    expect(place.tick).toBeGreaterThan(0);
  });
});
