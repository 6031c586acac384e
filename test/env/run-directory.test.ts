import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { createBatchEnvSync, RunDirectory, readRunDirectory, recordRow, replayRecording } from '@kinovox/env';
import { ACTION_FIELDS, ProtocolError, UsageError } from '@kinovox/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stroll } from './sample-scenarios.js';

let folder: string;
let count = 0;
const free = () => path.join(folder, `run-${count++}`);
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kinovox-run-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** Two rows walk for 250 ticks, row 0 recorded. */
function run(close: boolean): { out: string; directory: RunDirectory; episodes: number } {
  const out = free();
  const env = createBatchEnvSync({ scenario: stroll, numWorlds: 2, seed: 4 });
  const directory = RunDirectory.create(out, env, { command: ['kinovox', 'run'], policy: 'forward' });
  env.onEpisodeEnd = (record) => directory.addEpisode(record);
  env.reset();
  const recorder = recordRow(env, 0, directory.recordingPath(0));
  const forward = Float32Array.from({ length: env.actionLength }, (_, i) => (i % ACTION_FIELDS === 0 ? 1 : 0));
  for (let t = 0; t < 250; t++) env.stepSync(forward);
  if (close) {
    recorder.close();
    directory.close('finished', { successRate: env.episodes.successRate });
  } else directory.flush();
  return { out, directory, episodes: env.episodes.count };
}

describe('a run directory', () => {
  it('is read back with its manifest, episodes and recordings', async () => {
    const { out, episodes } = run(true);
    const stored = readRunDirectory(out);
    expect(stored.manifest).toMatchObject({
      status: 'finished',
      scenario: 'sample-stroll-v1',
      seed: 4,
      split: 'train',
      worlds: 2,
      agents: 1,
      engine: 'cpu',
      policy: 'forward',
      summary: { successRate: 1 },
    });
    expect(stored.episodes).toHaveLength(episodes);
    expect(episodes).toBeGreaterThan(2);
    expect(stored.episodes[0]).toMatchObject({ row: 0, episode: 0, outcome: 'succeeded' });
    expect(stored.cutLine).toBe(false);
    expect(stored.recordings.map((recording) => recording.row)).toEqual([0]);
    expect((await replayRecording(stored.recordings[0].path)).verified).toBe(true);
    expect(fs.readdirSync(out).sort()).toEqual(['metrics.jsonl', 'recordings', 'run.json']);
  });

  it('of a run still going says so, and of one whose process is gone that it was interrupted', () => {
    const { out } = run(false);
    expect(readRunDirectory(out).manifest.status).toBe('running');
    const manifest = JSON.parse(fs.readFileSync(path.join(out, 'run.json'), 'utf8'));
    // Above the largest process id that Linux gives.
    fs.writeFileSync(path.join(out, 'run.json'), JSON.stringify({ ...manifest, pid: 4194305 }));
    expect(readRunDirectory(out).manifest.status).toBe('interrupted');
  });

  it('leaves out a half-written last line of its metrics', () => {
    const { out, episodes } = run(false);
    fs.appendFileSync(path.join(out, 'metrics.jsonl'), '{"row":1,"epis');
    const stored = readRunDirectory(out);
    expect(stored.cutLine).toBe(true);
    expect(stored.episodes).toHaveLength(episodes);
  });

  it('keeps lines back until it is flushed, and none after it was closed', () => {
    const { out, directory } = run(true);
    expect(() => directory.addEpisode({} as never)).toThrow(UsageError);
    directory.close('interrupted', {});
    expect(readRunDirectory(out).manifest.status).toBe('finished');
  });

  it.each([
    [
      'a path that holds files',
      () => {
        const { out } = run(true);
        RunDirectory.create(out, createBatchEnvSync({ scenario: stroll }), { command: [], policy: 'x' });
      },
      UsageError,
      /new or empty; got/,
    ],
    ['a directory without a run', () => readRunDirectory(folder), UsageError, /must hold a run\.json/],
    [
      'a damaged manifest',
      () => {
        const { out } = run(true);
        fs.writeFileSync(path.join(out, 'run.json'), '{');
        readRunDirectory(out);
      },
      ProtocolError,
      /must be JSON/,
    ],
    [
      'a damaged line, by its number',
      () => {
        const { out } = run(true);
        fs.appendFileSync(path.join(out, 'metrics.jsonl'), 'x\n{}\n');
        readRunDirectory(out);
      },
      ProtocolError,
      /metrics\.jsonl:\d+ must be a JSON object/,
    ],
    [
      'another format',
      () => {
        const { out } = run(true);
        fs.writeFileSync(path.join(out, 'run.json'), '{"formatVersion":9}');
        readRunDirectory(out);
      },
      ProtocolError,
      /format version 1; got 9/,
    ],
  ])('refuses %s', (_, act, type, message) => {
    expect(act).toThrow(type);
    expect(act).toThrow(message);
  });

  it.skipIf(process.platform !== 'linux')('refuses a folder in which none can be made', () => {
    const env = createBatchEnvSync({ scenario: stroll, numWorlds: 1 });
    const create = () => RunDirectory.create('/proc/kinovox/run', env, { command: [], policy: 'forward' });
    expect(create).toThrow(UsageError);
    expect(create).toThrow(/path that can be made/);
  });
});
