/** Rigid worlds over threads are those of one thread, at any number of threads, whatever the caller does between ticks. */
import * as fs from 'node:fs';
import { type BatchEnv, checkBatchEnv, createBatchEnv, loadScenario } from '@kinovox/env';
import { hashWorld } from '@kinovox/physics';
import { randomU32, SCENARIO_SUFFIX, ScenarioError, ShapeError } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { pool, reference, resultsOf, shortEpisodes, tick, WORLDS } from './rigid-pool-runs.js';
import { arena, crateAt } from './rigid-worlds.js';

describe('rigid worlds over threads', () => {
  it('are those of one thread, with 1, 2 and 3 threads, over resets, restores, held rows and ends', async () => {
    const one = await reference();
    const pools = [1, 2, 3].map((threads) => pool(threads));
    const all = [one, ...pools.map(({ engine }) => engine)];
    let ends = 0;
    let pushed = 0;
    for (let t = 0; t < 84; t++) {
      if (t === 30) for (const engine of all) engine.reset(Uint8Array.of(1, 0, 1, 0, 0), [7, 0, 8, 0, 0]);
      if (t === 50) for (const engine of all) engine.restore(4, engine.snapshot(0));
      // A snapshot goes from a pool to one thread and to the other pools.
      if (t === 60) {
        const snapshot = all[2].snapshot(1);
        for (const engine of all) engine.restore(3, snapshot);
      }
      if (t === 64) for (const engine of all) engine.cutShort(2, 'enough');
      for (const engine of all) engine.held![1] = t >= 70 && t < 76 ? 1 : 0;
      for (const engine of all) tick(engine, t);
      const wanted = resultsOf(one);
      for (const [k, engine] of all.entries()) if (k > 0) expect(resultsOf(engine), `pool ${k} at tick ${t}`).toEqual(wanted);
      ends += one.outputs.ended.reduce((sum, ended) => sum + ended, 0);
      pushed += one.buffers.pushedProps.reduce((sum, bits) => sum + (bits === 0 ? 0 : 1), 0);
    }
    expect(ends).toBeGreaterThan(WORLDS);
    expect(pushed).toBeGreaterThan(20);
    const told = all.map((engine) => engine.takeCrashes());
    expect(told[0]).toEqual([{ row: 2, message: 'enough' }]);
    for (const crashes of told) expect(crashes).toEqual(told[0]);
    for (const { engine } of pools) expect(engine.takeRestarts!()).toEqual([]);
    for (const engine of all) engine.dispose();
  });

  const make = (options: object): Promise<BatchEnv> =>
    createBatchEnv({ scenario: loadScenario('scenarios/push-crate-v1.scenario.json'), engine: 'rigid', threads: 2, ...options });

  it.runIf(process.env.KINOVOX_LONG_RIGID === '1')('are an environment that conforms', async () => {
    const results = await checkBatchEnv(make, { ticks: 12 });
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
  });

  it.runIf(process.env.KINOVOX_LONG_RIGID === '1')('are those of one thread in every shipped scenario with props', async () => {
    const shipped = fs
      .readdirSync('scenarios')
      .filter((name) => name.endsWith(SCENARIO_SUFFIX))
      .map((name) => loadScenario(`scenarios/${name}`))
      .filter(({ program }) => program.numProps > 0);
    expect(shipped.length).toBeGreaterThan(0);
    for (const scenario of shipped) {
      const options = { scenario, numWorlds: 5, seed: 3, engine: 'rigid' } as const;
      const [one, two] = [await createBatchEnv(options), await createBatchEnv({ ...options, threads: 2 })];
      const actions = new Float32Array(one.actionLength);
      for (const env of [one, two]) env.reset();
      for (let t = 0; t < 160; t++) {
        for (let i = 0; i < actions.length; i++) actions[i] = actionAt(one, i, Math.floor(t / 9));
        if (t === 90) for (const env of [one, two]) env.restore(4, env.snapshot(1));
        for (const env of [one, two]) env.stepSync(actions);
        expect(resultsOf(two.engine), `${scenario.program.id}, tick ${t}`).toEqual(resultsOf(one.engine));
      }
      for (const env of [one, two]) env.close();
    }
  });

  it('fork, and are closed', async () => {
    const env = await make({ numWorlds: 3, seed: 4 });
    env.reset();
    for (let t = 0; t < 8; t++) env.stepSync(new Float32Array(env.actionLength).fill(0.4));
    const [few, single] = [await env.fork(2, { numWorlds: 2 }), await env.fork(2)];
    expect([...few.rowHashes(), ...single.rowHashes()]).toEqual(Array(3).fill(env.rowHashes()[2]));
    for (const one of [env, few, single]) one.close();
    expect(() => env.stepSync(new Float32Array(env.actionLength))).toThrow(/must be open/);
  });

  it('leave without threads a scenario that has no props to the threads of the batch tier', async () => {
    const env = await createBatchEnv({ scenario: { ...shortEpisodes(), props: [] }, engine: 'rigid', threads: 2, numWorlds: 2 });
    expect(env.engineName).toBe('rigid');
    env.reset();
    env.stepSync(new Float32Array(env.actionLength));
    env.close();
  });
});

/** Value i of the actions: walks mostly, keeps its keys for a while. */
function actionAt({ actionProfile, codec }: BatchEnv, i: number, turn: number): number {
  const draw = randomU32(11, 0, turn, i & 255, 1001, i >> 8) / 2 ** 32;
  if (actionProfile === 'discrete') return Math.floor(draw * 20);
  const column = i % codec.width;
  if (column === 0) return draw < 0.8 ? 1 : -0.5;
  if (column < 5) return draw < 0.3 ? 1 : 0;
  return column < 7 ? (draw - 0.5) * 0.2 : Math.floor(draw * 4);
}

describe('a rigid pool', () => {
  it('refuses what one thread refuses, with its words, and goes on', async () => {
    const { engine } = pool(2);
    const snapshot = engine.snapshot(4);
    const { rigid, ...bare } = snapshot;
    expect(() => engine.restore(4, bare)).toThrow(/must hold the state of its 3 props; got none/);
    expect(() => engine.restore(4, { ...snapshot, rigid: rigid!.slice(0, 90) })).toThrow(ShapeError);
    engine.restore(4, snapshot);
    expect(hashWorld(engine.state, 4)).toBe(hashWorld((await reference()).state, 4));
    engine.dispose();
    expect(() => engine.snapshot(0)).toThrow(/closed engine/);
    const outside = arena([crateAt(500, 4, 4)]);
    const made = createBatchEnv({ scenario: outside, engine: 'rigid', threads: 1 });
    await expect(made).rejects.toThrow(ScenarioError);
    await expect(createBatchEnv({ scenario: shortEpisodes(), threads: 2 })).rejects.toThrow(
      /threads must come with the engine "workers" or "rigid"; got 2 with "auto"/,
    );
  });
});
