/** Every shipped scenario passes the shipped conformance checks, as one world and as a batch, and its recording replays. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  checkBatchEnv,
  checkEngines,
  checkEnv,
  createBatchEnv,
  createEnv,
  hasFixedLevel,
  loadScenario,
  recordRow,
  replayRecording,
} from '@kinovox/env';
import { randomU32, SCENARIO_SUFFIX, type Split } from '@kinovox/world';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../../scenarios/', import.meta.url));
const files = fs.readdirSync(folder).filter((name) => name.endsWith(SCENARIO_SUFFIX));

it('ships scenarios', () => {
  expect(files.length).toBeGreaterThan(0);
});

describe.each(files)('%s', (name) => {
  const compiled = loadScenario(path.join(folder, name));
  const fixedLevel = hasFixedLevel(compiled.scenario);
  // A crowd is the same code for longer.
  const [ticks, rigidTicks, recordedTicks] = compiled.program.numAgents > 16 ? [15, 10, 60] : [60, 20, 250];
  const failures = (results: { ok: boolean; name: string; message: string }[]) =>
    results.filter((result) => !result.ok).map((result) => `${result.name}: ${result.message}`);

  it('conforms as one world keyed by agent', async () => {
    expect(failures(await checkEnv((options) => createEnv({ scenario: compiled, ...options }), { ticks, fixedLevel }))).toEqual([]);
  });

  it('conforms as a batch', async () => {
    expect(failures(await checkBatchEnv((options) => createBatchEnv({ scenario: compiled, ...options }), { ticks, fixedLevel }))).toEqual(
      [],
    );
  });

  it.runIf(compiled.program.numProps === 0)('conforms on the rigid tier, which gives what cpu gives', async () => {
    const make = (engine: 'cpu' | 'rigid') => (options: { numWorlds: number; seed: number; split: Split }) =>
      createBatchEnv({ scenario: compiled, engine, ...options });
    expect(failures(await checkBatchEnv(make('rigid'), { ticks: rigidTicks, fixedLevel }))).toEqual([]);
    expect(failures(await checkEngines({ cpu: make('cpu'), rigid: make('rigid') }, { ticks: 2 * rigidTicks }))).toEqual([]);
  });

  it('replays to the same hashes', async () => {
    const env = await createBatchEnv({ scenario: compiled, numWorlds: 2, seed: 9 });
    env.reset();
    const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'kinovox-conformance-'));
    const recorder = recordRow(env, 1, path.join(temporary, 'row-1.kvr'));
    const actions = new Float32Array(env.actionLength);
    for (let t = 0; t < recordedTicks; t++) {
      for (let i = 0; i < actions.length; i++) {
        const unit = randomU32(9, 0, t, i & 255, 1001, i >> 8) / 4294967296;
        actions[i] = env.actionProfile === 'discrete' ? Math.floor(unit * 20) : unit * 2 - 1;
      }
      env.stepSync(actions);
    }
    recorder.close();
    const report = await replayRecording(recorder.writer.path);
    fs.rmSync(temporary, { recursive: true });
    expect(report.mismatch).toBeUndefined();
    expect(report).toMatchObject({ verified: true, ticks: recordedTicks });
  });
});
