import { createMlpPolicy, createPolicy, runPolicies } from '@kinovox/agents';
import { createBatchEnvSync } from '@kinovox/env';
import { type Mlp, mlpInputsInto, mlpLayerInto } from '@kinovox/physics';
import { ACTION_FIELDS, ACTION_WORD, parseIntegerPolicy } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { sampleMlp } from '../env/sample-mlp.js';
import { bridge, stroll, talk } from '../env/sample-scenarios.js';

describe('the policy chase', () => {
  it('runs to its goal where there is one team', () => {
    const env = createBatchEnvSync({ scenario: stroll, numWorlds: 2, seed: 4 });
    const run = runPolicies(env, createPolicy('chase'));
    env.reset();
    for (let tick = 0; tick < 200; tick++) env.stepSync(run.act());
    expect(env.episodes.successRate).toBe(1);
  });

  it('runs to the nearest of another team, and reaches it', () => {
    const agents = bridge.agents.map((agent, k) => ({ ...agent, team: `team-${k}` }));
    const env = createBatchEnvSync({
      scenario: {
        ...bridge,
        agents,
        task: {
          reach: {
            agents: 'all',
            region: [
              [20, 6, 0],
              [31, 10, 23],
            ],
          },
        },
      },
      numWorlds: 4,
      seed: 2,
    });
    const run = runPolicies(env, createPolicy('chase'));
    env.reset();
    const { posX, posZ } = env.engine.state;
    const gap = (w: number) => Math.hypot(posX[2 * w] - posX[2 * w + 1], posZ[2 * w] - posZ[2 * w + 1]) / 65536;
    for (let tick = 0; tick < 50; tick++) env.stepSync(run.act());
    for (let w = 0; w < 4; w++) expect(gap(w)).toBeLessThan(1.5);
  });

  it('says that it needs the native profile', () => {
    const env = createBatchEnvSync({ scenario: talk });
    expect(() => runPolicies(env, createPolicy('chase'))).toThrow(/"chase" must have the native action profile/);
  });
});

describe('an integer network', () => {
  const file = {
    format: 'kinovox-mlp',
    version: 1,
    observationSize: 100,
    inputs: [{ component: 0, bits: 4 }],
    layers: [{ weights: [[3], [-128]], biases: [100, -7], shift: 2, relu: true }],
    heads: [
      { kind: 'axis', column: 'forward', bits: 8 },
      { kind: 'button', column: 'jump' },
    ],
  };

  it('rounds and clamps its inputs, and shifts its sums toward minus infinity', () => {
    const inputs = new Int32Array(4);
    const mlp = { components: Int32Array.of(0, 1, 2, 3), bits: Int32Array.of(0, 4, -2, 16) } satisfies Partial<Mlp>;
    mlpInputsInto(mlp, Float32Array.of(-0.5, 1.03125, 7, -3), 0, inputs);
    expect([...inputs]).toEqual([0, 17, 2, -32768]);
    const out = new Int32Array(2);
    const layer = { weights: Int8Array.of(3, -128), biases: Int32Array.of(100, -7), shift: 2, relu: false };
    mlpLayerInto(layer, Int32Array.of(1), 1, out);
    expect([...out]).toEqual([25, -34]);
    mlpLayerInto({ ...layer, relu: true }, Int32Array.of(-32768), 1, out);
    expect([...out]).toEqual([0, 32767]);
  });

  it('acts for some agents as for all, from a file', () => {
    const { observationSize } = sampleMlp(bridge, 'native');
    const policy = createMlpPolicy(parseIntegerPolicy(JSON.stringify({ ...file, observationSize }), 'walk.json'), 'walk.json');
    const env = createBatchEnvSync({ scenario: bridge, numWorlds: 3, seed: 1 });
    const all = runPolicies(env, policy);
    const one = runPolicies(env, { ada: policy, default: createPolicy('idle') });
    env.reset();
    const rows = all.act().slice();
    expect(rows[ACTION_WORD.forward]).toBeGreaterThan(0);
    const some = one.act();
    for (let w = 0; w < 3; w++) {
      const at = 2 * w * ACTION_FIELDS;
      expect(some.subarray(at, at + ACTION_FIELDS)).toEqual(rows.subarray(at, at + ACTION_FIELDS));
      expect(some.subarray(at + ACTION_FIELDS, at + 2 * ACTION_FIELDS).every((value) => value === 0)).toBe(true);
    }
  });

  it.each<[string, object, RegExp]>([
    [
      'a weight that is no i8',
      { layers: [{ weights: [[200]], biases: [0], shift: 0, relu: false }] },
      /must follow its format; got .*layers\[0\]\.weights/,
    ],
    ['an unknown key', { colour: 'red' }, /must follow its format/],
  ])('refuses %s', (_, change, sentence) => {
    expect(() => parseIntegerPolicy(JSON.stringify({ ...file, ...change }), 'bad.json')).toThrow(sentence);
  });

  it.each<[string, object, RegExp]>([
    [
      'weights of another size',
      {
        layers: [
          {
            ...file.layers[0],
            weights: [
              [3, 3],
              [1, 1],
            ],
          },
        ],
      },
      /layer 0 needs 1 x 2 weights; got 4/,
    ],
    ['heads that take other outputs', { heads: [file.heads[0]] }, /heads take 1 outputs; the last layer has 2/],
    ['a column that is none', { heads: [file.heads[0], { kind: 'button', column: 'fly' }] }, /no action column "fly"/],
  ])('refuses %s', (_, change, sentence) => {
    expect(() => createMlpPolicy(parseIntegerPolicy(JSON.stringify({ ...file, ...change }), 'bad.json'), 'bad.json')).toThrow(sentence);
  });

  it('refuses a scenario with other observations', () => {
    const policy = createMlpPolicy(parseIntegerPolicy(JSON.stringify({ ...file, observationSize: 7 }), 'walk.json'), 'walk.json');
    expect(() => runPolicies(createBatchEnvSync({ scenario: bridge }), policy)).toThrow(/made for observations of 7 components; got \d+/);
  });
});
