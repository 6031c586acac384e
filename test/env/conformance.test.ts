import {
  assertConforms,
  type CheckedBatch,
  type CheckedEnv,
  checkBatchEnv,
  checkEngines,
  checkEnv,
  checkedAsync,
  createAsyncBatchEnv,
  createBatchEnvSync,
  createEnvSync,
  type EnvStep,
  loadScenario,
} from '@kinovox/env';
import type { Split } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { plant, plantedBatches } from './planted-batches.js';
import { bridge, nightMeadow, stroll, talk } from './sample-scenarios.js';

// Compiled once: every environment shares its levels.
const compiled = loadScenario(bridge);
const make = (options: { seed: number; split: Split }) => createEnvSync({ scenario: compiled, ...options });
const makeBatch = (options: { numWorlds: number; seed: number; split: Split }) => createBatchEnvSync({ scenario: compiled, ...options });

const failuresOf = (results: { name: string; ok: boolean }[]) => results.filter((result) => !result.ok).map((result) => result.name);

describe('checkEnv', () => {
  it.each([
    ['bridge', bridge, false],
    ['stroll', stroll, true],
    ['talk', talk, true],
    ['night meadow', nightMeadow, true],
  ])('passes the environment of %s', async (_, scenario, fixedLevel) => {
    const results = await checkEnv((options) => createEnvSync({ scenario, ...options }), { fixedLevel });
    expect(failuresOf(results)).toEqual([]);
    expect(results).toHaveLength(10);
    assertConforms(results);
  });

  let numMade = 0;
  const stepping = (change: (step: EnvStep, t: number, env: CheckedEnv) => EnvStep) => (options: { seed: number; split: Split }) => {
    const env = make(options);
    let t = 0;
    return plant<CheckedEnv>(env, { step: (actions) => change(env.step(actions), t++, env) });
  };

  it.each([
    [
      'a reset makes every possible agent live',
      (options) => plant<CheckedEnv>(make(options), { reset: () => ({ observations: {}, infos: {} }) }),
    ],
    ['a step is keyed by the agents that were live', stepping((step) => ({ ...step, rewards: { ada: 0 } }))],
    [
      'a step before the first reset is refused',
      (options) => {
        const env = make(options);
        env.reset();
        return env;
      },
    ],
    [
      'observations and actions lie in their spaces',
      stepping((step, t) =>
        t === 9
          ? {
              ...step,
              observations: {
                ...step.observations,
                ada: { ...step.observations.ada, self: step.observations.ada.self.map(() => Number.NaN) },
              },
            }
          : step,
      ),
    ],
    ['rewards are finite numbers', stepping((step) => ({ ...step, rewards: { ada: Number.NaN, bob: 0 } }))],
    [
      'missing actions are idle and unknown agents are refused',
      (options) => {
        const env = make(options);
        return plant<CheckedEnv>(env, {
          step: (actions) => env.step(Object.fromEntries(Object.entries(actions ?? {}).filter(([id]) => env.possibleAgents.includes(id)))),
        });
      },
    ],
    // Strays from the 30th step on, in every second environment: comparing first steps would not see it.
    [
      'the same seed and actions give the same trace',
      (options) => {
        const odd = numMade++ % 2 === 1;
        const env = make(options);
        let t = 0;
        return plant<CheckedEnv>(env, { step: (actions) => env.step(odd && t++ >= 30 ? {} : actions) });
      },
    ],
    [
      'a seed names its episode',
      (options) => {
        const env = make(options);
        return plant<CheckedEnv>(env, { reset: () => env.reset() });
      },
    ],
    ['splits play different levels', ({ seed }) => make({ seed, split: 'train' })],
    ['a restored snapshot continues as the original did', (options) => plant<CheckedEnv>(make(options), { restore: () => {} })],
  ] satisfies [string, (options: { seed: number; split: Split }) => CheckedEnv][])(
    'finds a planted breach of: %s',
    async (name, broken) => {
      numMade = 0;
      const failures = failuresOf(await checkEnv(broken, { ticks: 50 }));
      expect(
        failures.some((failure) => failure.startsWith(name)),
        failures.join('; '),
      ).toBe(true);
    },
  );
});

describe('checkBatchEnv', () => {
  it.each([
    ['bridge', bridge, false],
    ['stroll', stroll, true],
    ['talk', talk, true],
  ])('passes the batch of %s', async (_, scenario, fixedLevel) => {
    const results = await checkBatchEnv((options) => createBatchEnvSync({ scenario, ...options }), { fixedLevel });
    expect(failuresOf(results)).toEqual([]);
    expect(results).toHaveLength(9);
  });

  it.each(plantedBatches(async (options) => makeBatch(options)))('finds a planted breach of: %s', async (name, broken) => {
    const failures = failuresOf(await checkBatchEnv(broken, { ticks: 70 }));
    expect(
      failures.some((failure) => failure.startsWith(name)),
      failures.join('; '),
    ).toBe(true);
  });

  it('makes one batch after another, as a device that they share needs it', async () => {
    let making = 0;
    let most = 0;
    await checkBatchEnv(
      async (options) => {
        most = Math.max(most, ++making);
        await Promise.resolve();
        making--;
        return makeBatch(options);
      },
      { ticks: 10 },
    );
    expect(most).toBe(1);
  });

  it('passes a batch whose worlds answer by promises, and finds what is planted there', async () => {
    const make = async (options: { numWorlds: number; seed: number; split: Split }) =>
      checkedAsync(await createAsyncBatchEnv({ scenario: compiled, engine: 'cpu', ...options }));
    expect(failuresOf(await checkBatchEnv(make, { ticks: 70 }))).toEqual([]);
    for (const [name, broken] of plantedBatches(make)) {
      const failures = failuresOf(await checkBatchEnv(broken, { ticks: 70 }));
      expect(
        failures.some((failure) => failure.startsWith(name)),
        `${name}: ${failures.join('; ')}`,
      ).toBe(true);
    }
  });
});

describe('checkEngines', () => {
  it('passes engines that agree, a result for each but the first', async () => {
    const results = await checkEngines(
      { cpu: makeBatch, workers: (options) => createBatchEnvSync({ scenario: compiled, engine: 'workers', threads: 2, ...options }) },
      { ticks: 70 },
    );
    expect(results).toEqual([{ name: 'workers gives what cpu gives', ok: true, message: '' }]);
  });

  it.each([
    ['states', (env: CheckedBatch, t: number) => ({ rowHashes: () => env.rowHashes().map((hash) => (t > 40 ? `${hash}!` : hash)) })],
    [
      'observations',
      (env: CheckedBatch, t: number) => ({
        observations: { ...env.observations, vector: env.observations.vector.map((v) => v + (t > 40 ? 1 : 0)) },
      }),
    ],
    [
      'rewards',
      (env: CheckedBatch, t: number, actions: Float32Array) => ({
        ...env.stepSync(actions),
        rewards: new Float32Array(6).fill(t > 40 ? 2 : 0),
      }),
    ],
  ])('finds a planted breach of: %s must be equal at every step', async (what, change) => {
    const [{ ok, message }] = await checkEngines(
      {
        cpu: makeBatch,
        other: (options) => {
          const env = makeBatch(options);
          let t = 0;
          return new Proxy(env as CheckedBatch, {
            get(target, name) {
              if (name === 'stepSync')
                return (actions: Float32Array) => {
                  t++;
                  return what === 'rewards' ? change(target, t, actions) : target.stepSync(actions);
                };
              if (what !== 'rewards' && name === (what === 'states' ? 'rowHashes' : 'observations'))
                return (change(target, t, new Float32Array(0)) as Record<string | symbol, unknown>)[name];
              const value = Reflect.get(target, name, target);
              return typeof value === 'function' ? value.bind(target) : value;
            },
          });
        },
      },
      { ticks: 60 },
    );
    expect(ok).toBe(false);
    expect(message).toMatch(new RegExp(`^${what} must be equal at every step; .*4[0-9]`));
  });
});

it('assertConforms lists every fact that does not hold', () => {
  expect(() =>
    assertConforms([
      { name: 'a', ok: true, message: '' },
      { name: 'b', ok: false, message: 'no' },
      { name: 'c', ok: false, message: 'nor' },
    ]),
  ).toThrow(/pass all 3 checks; got 2 failures:\n- b: no\n- c: nor/);
});
