/** Props through the whole contract: `createEnv`, batches, forks, recordings and replays. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { compileScenario, createBatchEnv, createBatchEnvSync, createEnv, openRecording, recordRow, replayRecording } from '@kinovox/env';
import { createRigidEngine, hashBatch, hashVoxelsInto } from '@kinovox/physics';
import { ACTION_FIELDS, PROP_WORDS, parseScenario } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { arena, crateAt, METRES, walkerAt } from './rigid-worlds.js';

const region: [[number, number, number], [number, number, number]] = [
  [18, 4, 12],
  [24, 6, 20],
];
const push = (maxTicks = 300) =>
  arena([crateAt(12.5, 4.5, 16.5, { massKg: 20 })], [walkerAt(8.5, 16.5)], {
    task: { propIn: { prop: 'crate', region } },
    episode: { maxTicks, variants: 2 },
  });

/** Actions of rows that walk ahead. */
const ahead = (length: number) => Float32Array.from({ length }, (_, k) => (k % ACTION_FIELDS === 0 ? 1 : 0));

describe('a scenario with props', () => {
  it('runs through createEnv on the rigid engine, shows the prop as a goal and succeeds', async () => {
    const env = await createEnv({ scenario: push(), seed: 5 });
    expect(env.batch.engineName).toBe('rigid');
    env.reset({ seed: 5 });
    let ticks = 0;
    let terminated = false;
    while (!terminated && ticks < 300) {
      terminated = env.step({ ada: { forward: 1 } }).terminations.ada;
      ticks++;
    }
    expect(terminated).toBe(true);
    expect(env.batch.engine.outputs.rootStatus[0]).toBe(1);
    expect(env.batch.engine.program.goals[0].map(({ kind }) => kind)).toContain('prop');
    env.close();
  });

  it('must be loaded asynchronously, and is refused by the cpu engine', async () => {
    expect(() => createBatchEnvSync({ scenario: push(), numWorlds: 1 })).toThrow(/"rigid" must be loaded asynchronously/);
    await expect(createBatchEnv({ scenario: push(), numWorlds: 1, engine: 'cpu' })).rejects.toThrow(/without props; got 1/);
  });

  it('asks for no level but that of the snapshot that its engine goes on from, dug cells included', async () => {
    const compiled = compileScenario(parseScenario(push(), 'push'));
    const { program } = compiled;
    const levels = compiled.playableLevels('train');
    const settings = { program, numWorlds: 1, seed: 0 };
    const whole = await createRigidEngine({ ...settings, variants: levels });
    const other = Array.from({ length: 64 }, (_, seed) => seed).find((seed) => {
      whole.reset(undefined, [seed]);
      return whole.state.variant[0] === 1;
    });
    expect(other).toBeDefined();
    // A cell is dug behind the rules' back, in the snapshot: the solidity and the hash follow the cells.
    const snapshot = whole.snapshot(0);
    const cell = snapshot.voxels.findIndex((block) => block !== 0);
    snapshot.voxels[cell] = 0;
    whole.restore(0, snapshot);
    const asked = new Set<number>();
    const variants = {
      get(variant: number) {
        asked.add(variant);
        return levels.get(variant);
      },
    };
    const from = await createRigidEngine({ ...settings, variants, from: snapshot });
    expect([...asked]).toEqual([1]);
    // Without it, the seed's own level is.
    (await createRigidEngine({ ...settings, variants })).dispose();
    expect([...asked]).toEqual([1, 0]);
    const [size] = program.size;
    expect((from.state.rows[Math.floor(cell / size) * program.rowWords + ((cell % size) >> 5)] >>> ((cell % size) & 31)) & 1).toBe(0);
    const lanes = new Uint32Array(2);
    hashVoxelsInto(lanes, from.state, program, 0);
    expect(from.state.voxelHash.slice(0, 2)).toEqual(lanes);
    const actions = ahead(ACTION_FIELDS);
    for (let t = 0; t < 40; t++) {
      for (const engine of [whole, from]) {
        engine.decode(actions);
        engine.step();
      }
      expect(hashBatch(from.state)).toBe(hashBatch(whole.state));
    }
    for (const engine of [whole, from]) engine.dispose();
  });

  it('forks in the middle of a push, and every fork goes on as the row does', async () => {
    const env = await createBatchEnv({ scenario: push(), numWorlds: 3, seed: 9 });
    env.reset();
    const actions = ahead(env.actionLength);
    for (let t = 0; t < 40; t++) env.stepSync(actions);
    const fork = await env.fork(1, { numWorlds: 2 });
    for (let t = 0; t < 25; t++) {
      env.stepSync(actions);
      fork.stepSync(ahead(fork.actionLength));
      expect(fork.rowHashes()).toEqual([env.rowHashes()[1], env.rowHashes()[1]]);
    }
    env.close();
    fork.close();
  });

  it('replays from its recording, props included, and a keyframe holds them', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kinovox-rigid-'));
    try {
      const env = await createBatchEnv({ scenario: push(), numWorlds: 2, seed: 3 });
      env.reset();
      const recorder = recordRow(env, 1, path.join(folder, 'push.kvr'));
      const actions = ahead(env.actionLength);
      const crateX: number[] = [];
      for (let t = 0; t < 250; t++) {
        env.stepSync(actions);
        crateX.push(env.engine.state.prop[PROP_WORDS]);
      }
      recorder.close();
      env.close();
      expect(Math.max(...crateX) * METRES).toBeGreaterThan(15);
      expect((await replayRecording(recorder.writer.path)).verified).toBe(true);
      expect(await openRecording(recorder.writer.path)).toBeDefined();
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
