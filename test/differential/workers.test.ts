/** The engine `workers` gives what `cpu` gives, at any number of threads, in every shipped batch scenario; and a thread that dies ends the run with a sentence. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type BatchEnv,
  type BatchEnvOptions,
  checkBatchEnv,
  createBatchEnv,
  createBatchEnvSync,
  createEngineSync,
  loadScenario,
} from '@kinovox/env';
import { hashBatch, slicesOf } from '@kinovox/physics';
import { ACTION_FIELDS, AGENT_FLAG, EngineError, randomU32, SCENARIO_SUFFIX, UsageError } from '@kinovox/world';
import { afterEach, describe, expect, it } from 'vitest';
import { DECODE_TOGETHER } from '../../packages/physics/src/engines/workers/workers.js';

const folder = fileURLToPath(new URL('../../scenarios/', import.meta.url));
const scenario = (id: string) => path.join(folder, `${id}${SCENARIO_SUFFIX}`);
const shipped = fs
  .readdirSync(folder)
  .filter((name) => name.endsWith(SCENARIO_SUFFIX))
  .map((name) => loadScenario(path.join(folder, name)))
  // A crowd is the same code for longer; conformance plays it.
  .filter(({ program }) => program.numProps === 0 && program.numAgents <= 16);

const open: BatchEnv[] = [];
const make = (options: BatchEnvOptions): BatchEnv => {
  const env = createBatchEnvSync(options);
  open.push(env);
  return env;
};
afterEach(() => {
  for (const env of open.splice(0)) env.close();
});

/** Players that keep their keys for a while, so that they get somewhere. */
function fillActions(env: BatchEnv, actions: Float32Array, tick: number): void {
  const unit = (i: number, draw: number, hold = 12) =>
    randomU32(5, 0, Math.floor(tick / hold), i & 255, 1001, (i >> 8) * 16 + draw) / 4294967296;
  if (env.actionProfile === 'discrete') {
    for (let i = 0; i < actions.length; i++) actions[i] = Math.floor(unit(i, 0) * 20);
    return;
  }
  const width = actions.length / (env.numWorlds * env.numAgents);
  for (let i = 0; i < env.numWorlds * env.numAgents; i++) {
    const at = i * width;
    actions[at] = unit(i, 0) < 0.8 ? 1 : -0.5;
    actions[at + 1] = unit(i, 1) * 2 - 1;
    actions[at + 2] = unit(i, 2, 2) < 0.3 ? 1 : 0;
    actions[at + 3] = unit(i, 3) < 0.5 ? 1 : 0;
    actions[at + 5] = (unit(i, 5) - 0.5) * 0.3;
    actions[at + 6] = (unit(i, 6) - 0.6) * 0.1;
    actions[at + 7] = Math.floor(unit(i, 7) * 10);
    actions[at + 8] = Math.floor(unit(i, 8) * 10);
    actions[at + 9] = unit(i, 9) < 0.2 ? 1 : 0;
    actions[at + 10] = Math.floor(unit(i, 10) * 20);
  }
}

/** Everything that a step gives, as bytes. */
function resultsOf(env: BatchEnv): Uint8Array[] {
  const { engine } = env;
  const {
    rootStatus,
    rootProgress,
    achieved,
    rewards,
    rewardTerms,
    terminated,
    truncated,
    ended,
    endStatus,
    endTicks,
    endProgress,
    endHash,
  } = engine.outputs;
  const { vector, finalVector, crop, finalCrop } = engine.observations;
  const { events, eventCount, editCount } = engine.buffers;
  return [
    ...[rootStatus, rootProgress, achieved, rewards, rewardTerms, terminated, truncated, ended, endStatus, endTicks, endProgress, endHash],
    ...[vector, finalVector, crop, finalCrop, events, eventCount, editCount, engine.state.arena, engine.state.voxels, engine.state.rows],
  ].map((array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
}

function expectSame(env: BatchEnv, reference: BatchEnv, where: string): void {
  const wanted = resultsOf(reference);
  resultsOf(env).forEach((bytes, k) => {
    if (Buffer.compare(bytes, wanted[k]) !== 0) throw new Error(`array ${k} differs ${where}`);
  });
  expect(env.stateHash(), where).toBe(reference.stateHash());
}

const TICKS = 160;
const WORLDS = 7;

describe('the engine workers', () => {
  const seen = { collisions: 0, edits: 0, resets: 0 };

  // The calling thread plays too.
  it.each(shipped.map((compiled, n) => [compiled.program.id, n === 0 ? [2, 3, 4] : [2 + (n % 3)], compiled] as const))(
    'plays %s as cpu does, with %o threads',
    (_, threadCounts, compiled) => {
      const reference = make({ scenario: compiled, numWorlds: WORLDS, seed: 21 });
      const others = threadCounts.map((threads) => make({ scenario: compiled, numWorlds: WORLDS, seed: 21, engine: 'workers', threads }));
      const all = [reference, ...others];
      expect(others.map((env) => env.engineName)).toEqual(threadCounts.map(() => 'workers'));
      const actions = new Float32Array(reference.actionLength);
      for (const env of all) env.reset();
      let edits = 0;
      for (let t = 0; t < TICKS; t++) {
        fillActions(reference, actions, t);
        // What the caller's thread does between ticks is seen by the workers: resets by mask and seed, snapshots, another level.
        if (t === 40) for (const env of all) env.reset({ mask: Uint8Array.from({ length: WORLDS }, (_, row) => row & 1), seed: 900 });
        if (t === 80) for (const env of all) env.restore(WORLDS - 1, env.snapshot(0));
        if (t === 120) for (const env of all) env.reset();
        for (const env of all) env.stepSync(actions);
        for (const env of others) expectSame(env, reference, `at tick ${t}`);
        const { editCount } = reference.engine.buffers;
        edits += editCount.reduce((sum, count) => sum + Math.max(0, count), 0);
        seen.collisions += reference.engine.state.flags.reduce(
          (sum, flags) => sum + ((flags & AGENT_FLAG.collidedHorizontally) === 0 ? 0 : 1),
          0,
        );
        seen.resets += reference.engine.outputs.ended.reduce((sum, ended) => sum + ended, 0);
      }
      seen.edits += edits;
      const masks = reference.actionMasks();
      for (const env of others) {
        expect(env.actionMasks()).toEqual(masks);
        expect(env.invalidActions).toBe(reference.invalidActions);
        // Levels that changed in another thread are looked up here when asked for.
        expect(Array.from({ length: WORLDS }, (_, row) => env.engine.state.variants[row].variant)).toEqual(
          Array.from({ length: WORLDS }, (_, row) => reference.engine.state.variants[row].variant),
        );
      }
    },
  );

  it('was compared where things happened', () => {
    console.log(`compared over ${seen.collisions} collisions, ${seen.edits} edits, ${seen.resets} resets in steps`);
    expect(Math.min(seen.collisions, seen.edits, seen.resets)).toBeGreaterThan(0);
  });

  it.each(['same-step', 'next-step'] as const)('resets ended rows as cpu does, %s', (autoreset) => {
    const short = { ...loadScenario(scenario('bridge-gap-v1')).scenario, episode: { maxTicks: 9, variants: 32 } };
    const options = { scenario: short, numWorlds: 9, seed: 4, autoreset } as const;
    const reference = make(options);
    const env = make({ ...options, engine: 'workers', threads: 3 });
    const actions = new Float32Array(env.actionLength);
    for (const one of [reference, env]) one.reset();
    for (let t = 0; t < 60; t++) {
      fillActions(reference, actions, t);
      for (const one of [reference, env]) one.stepSync(actions);
      expectSame(env, reference, `at tick ${t}`);
    }
    expect(env.episodes.count).toBe(reference.episodes.count);
    expect(env.episodes.count).toBeGreaterThan(45);
  });

  it('conforms, and forks', async () => {
    const compiled = loadScenario(scenario('plates-and-door-v1'));
    const results = await checkBatchEnv((options) => createBatchEnv({ scenario: compiled, engine: 'workers', threads: 2, ...options }), {
      ticks: 30,
    });
    expect(results.filter((result) => !result.ok)).toEqual([]);
    const env = make({ scenario: compiled, numWorlds: 4, seed: 8, engine: 'workers', threads: 2 });
    env.reset();
    const actions = new Float32Array(env.actionLength);
    for (let t = 0; t < 10; t++) {
      fillActions(env, actions, t);
      env.stepSync(actions);
    }
    const fork = env.forkSync(3, { numWorlds: 2 });
    open.push(fork);
    expect(fork.rowHashes()).toEqual([env.rowHashes()[3], env.rowHashes()[3]]);
  });

  it('decodes the actions of a large batch on all threads, to the words and the count of one', () => {
    const compiled = loadScenario(scenario('reach-flat-v1'));
    const numWorlds = Math.ceil(DECODE_TOGETHER / compiled.program.numAgents);
    const numActions = numWorlds * compiled.program.numAgents * ACTION_FIELDS;
    const actions = Float32Array.from({ length: numActions }, (_, k) => (k % 97 === 0 ? Number.NaN : (k % 31) / 5 - 3));
    const seen = [1, 2, 3].map((threads) => {
      const engine = createEngineSync(threads === 1 ? 'cpu' : 'workers', compiled, {
        numWorlds,
        seed: 1,
        split: 'train',
        ...(threads === 1 ? {} : { threads }),
      });
      engine.decode(actions);
      engine.decode(actions);
      const words = engine.buffers.actionWords.slice();
      engine.step();
      const hash = hashBatch(engine.state);
      engine.dispose();
      return { words, hash, invalid: engine.invalidActions };
    });
    expect(seen[0].invalid).toBe(2 * Math.ceil(numActions / 97));
    expect(seen[0].words.some((word) => word !== 0)).toBe(true);
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
  });

  it('takes large batches in slices that share no cache line', () => {
    expect(slicesOf(4096, 3)).toEqual([
      [0, 1344],
      [1344, 2752],
      [2752, 4096],
    ]);
    expect(slicesOf(3, 8)).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
  });
});

describe('a worker that dies', () => {
  const options = { scenario: scenario('reach-flat-v1'), numWorlds: 6, engine: 'workers', threads: 3 } as const;

  /** Runs a module in a process of its own. @returns what it printed. */
  const run = (body: string): string =>
    execFileSync(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { Worker } from 'node:worker_threads';
         import { syncBuiltinESMExports, createRequire } from 'node:module';
         const threads = createRequire(import.meta.url)('node:worker_threads');
         const workers = [];
         threads.Worker = class extends Worker { constructor(...args) { super(...args); workers.push(this); } };
         syncBuiltinESMExports();
         const { createBatchEnv } = await import(${JSON.stringify(new URL('../../packages/env/dist/index.js', import.meta.url).href)});
         const env = await createBatchEnv(${JSON.stringify(options)});
         env.reset();
         const actions = new Float32Array(env.actionLength);
         ${body}`,
      ],
      { encoding: 'utf8', timeout: 60_000 },
    );

  it('is reported with its slice, and the run stops there', () => {
    const printed = run(`
      env.stepSync(actions);
      // The thread is told to end, and ends while this one waits for it: no event tells of it.
      workers[1].terminate();
      const started = performance.now();
      try { for (let t = 0; t < 1e6; t++) env.stepSync(actions); } catch (error) { console.log(error.name, error.code, error.message); }
      console.log(performance.now() - started < 10_000 ? 'in time' : 'late');
      for (const call of [() => env.stepSync(actions), () => env.reset(), () => env.snapshot(0)])
        try { call(); console.log('went on'); } catch (error) { console.log(error.code); }
      env.close();`);
    expect(printed).toMatch(/^EngineError worker-lost Worker 2 of 2 \(worlds 4\.\.5\) must keep running; got: its thread (is gone|ended)/);
    expect(printed.trim().split('\n').slice(1)).toEqual(['in time', 'worker-lost', 'worker-lost', 'worker-lost']);
  });

  it('of an error tells it', () => {
    const compiled = loadScenario(scenario('random-map-v1'));
    make({ ...options, scenario: compiled });
    expect([...compiled.files.keys()]).toEqual(['structures/random-32-32-10.map']);
    // Files that the workers are not handed.
    const broken = { ...compiled, files: new Map([['structures/random-32-32-10.map', new Uint8Array(0)]]) };
    expect(() => make({ ...options, scenario: broken })).toThrow(EngineError);
    expect(() => make({ ...options, scenario: broken })).toThrow(
      /^Worker 1 of 2 \(worlds 2\.\.3\) must finish its tick; got: .+structures\/random-32-32-10\.map.+close it, and go on/,
    );
  });

  it('leaves no process alive, nor does a batch that nobody closes', () => {
    expect(run(`env.stepSync(actions); console.log('stepped');`)).toBe('stepped\n');
    const printed = run(`env.close(); setTimeout(() => console.log(workers.every((one) => one.threadId === -1)), 500);`);
    expect(printed).toBe('true\n');
  });
});

describe('what the engine workers cannot do', () => {
  const refusal = (options: Partial<BatchEnvOptions>) => () => make({ scenario: scenario('reach-flat-v1'), ...options });
  it('is refused with a sentence', () => {
    expect(refusal({ scenario: scenario('push-crate-v1'), engine: 'workers' })).toThrow(
      /"workers" must get a scenario without props; got 1/,
    );
    expect(refusal({ threads: 2 })).toThrow(UsageError);
    expect(refusal({ threads: 2 })).toThrow(/threads must come with the engine "workers" or "rigid"; got 2 with "auto"/);
    expect(refusal({ engine: 'workers', threads: 0 })).toThrow(/threads must be an integer in 1\.\.256; got 0/);
  });
});
