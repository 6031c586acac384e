import { createLearnedPolicy, createSuite, evaluate, observationFor, runPolicies } from '@kinovox/agents';
import { createBatchEnvSync, loadScenario } from '@kinovox/env';
import { type LearnedPolicyFile, parseLearnedPolicy, UsageError } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { smallScenario, walkerAt } from './small-worlds.js';

const FLOOR = ['##########', '##########', '##########'];
const AIR = ['..........', '..........', '..........'];
const lane = (profile: 'native' | 'discrete') =>
  loadScenario(
    smallScenario({
      layers: [FLOOR, AIR, AIR],
      task: {
        reach: {
          agents: 'all',
          region: [
            [8, 1, 0],
            [9, 2, 2],
          ] as never,
        },
      },
      agents: [walkerAt('ada', [0, 1, 1])],
      maxTicks: 120,
      rest: { id: `lane-${profile}-v1`, actions: { profile } },
    }),
  );

const packed = (values: readonly number[]) => Buffer.from(Float32Array.from(values).buffer).toString('base64');

/** Walks on while the goal is more than `metres` ahead in x, else stands: one input, two outputs. */
const walkerFile = (metres: number, rest: Partial<LearnedPolicyFile> = {}): LearnedPolicyFile => ({
  format: 'kinovox-policy',
  version: 1,
  name: 'walk-on',
  scenario: 'lane-native-v1',
  observation: {},
  components: ['goals.0.dx'],
  mean: [metres],
  scale: [2],
  clip: 5,
  layers: [
    { outputs: 3, weights: packed([1, -1, 0]), biases: packed([0, 0, 0.25]), activation: 'relu' },
    { outputs: 2, weights: packed([0, 1, 0, 1, 0, 0]), biases: packed([0.01, 0]), activation: 'none' },
  ],
  choices: ['idle', 'forward'],
  repeat: 1,
  ...rest,
});
const textOf = (file: object) => JSON.stringify(file);

describe('a learned policy', () => {
  it('follows guidance where it was trained on it', () => {
    const file = walkerFile(4, { observation: { guidance: 2 }, components: ['guidance.left'] });
    const { scenario } = lane('native');
    const env = createBatchEnvSync({ scenario, numWorlds: 1, autoreset: 'disabled', observation: file.observation });
    const run = runPolicies(env, createLearnedPolicy(parseLearnedPolicy(textOf(file), 'test')));
    env.reset();
    for (let t = 0; t < 100; t++) env.stepSync(run.act());
    const { offset } = env.observations.groups.find(({ name }) => name === 'guidance')!;
    // Stopped within the last metre before 4 m are left: it started with 8.
    expect(env.observations.vector[offset + 1]).toBeLessThanOrEqual(4);
    expect(env.observations.vector[offset + 1]).toBeGreaterThanOrEqual(3);
  });
  it('decides by its network: it walks to where its file says, and stands there', () => {
    for (const profile of ['native', 'discrete'] as const) {
      const compiled = lane(profile);
      const env = createBatchEnvSync({ scenario: compiled, numWorlds: 2, autoreset: 'disabled' });
      const run = runPolicies(env, createLearnedPolicy(parseLearnedPolicy(textOf(walkerFile(4)), 'test')));
      env.reset();
      for (let t = 0; t < 100; t++) env.stepSync(run.act());
      const dx = env.observations.vector[env.observations.groups.find(({ name }) => name === 'goals')!.offset + 1];
      expect(dx).toBeLessThanOrEqual(4.05);
      expect(dx).toBeGreaterThan(3.3);
      expect(env.engine.state.posX[0]).toBe(env.engine.state.posX[1]);
    }
  });

  it("succeeds in an evaluation where its goal is the task's, and not where it stops short", async () => {
    const report = await evaluate(
      createSuite('lane', [lane('native')]),
      [
        { name: 'on', runs: [createLearnedPolicy(walkerFile(0.3))] },
        { name: 'short', runs: [createLearnedPolicy(walkerFile(6))] },
      ],
      { seeds: 2 },
    );
    expect(report.contestants.slice(2).map(({ scenarios }) => scenarios[0].score)).toEqual([1, 0]);
  });

  it('runs to a point of the compass whichever way it looks, in native actions alone', () => {
    const file = (run: string, rest: object = {}) =>
      parseLearnedPolicy(textOf(walkerFile(-100, { choices: ['idle', run], ...rest })), 'test');
    const compiled = lane('native');
    const moved = (run: string, yawDeg: number) => {
      const { scenario } = compiled;
      const [ada] = scenario.agents;
      const env = createBatchEnvSync({
        scenario: { ...scenario, agents: [{ ...ada, spawn: { at: [4, 1, 1], yawDeg } }] } as never,
        autoreset: 'disabled',
      });
      const policy = runPolicies(env, createLearnedPolicy(file(run)));
      env.reset();
      const { posX, posZ } = env.engine.state;
      const [x, z] = [posX[0], posZ[0]];
      for (let t = 0; t < 3; t++) env.stepSync(policy.act());
      return [posX[0] - x, posZ[0] - z].map((way) => (Math.abs(way) < 256 ? 0 : Math.sign(way)));
    };
    for (const yawDeg of [0, 90, 200]) {
      expect(moved('run-n', yawDeg)).toEqual([0, -1]);
      expect(moved('run-nw', yawDeg)).toEqual([-1, -1]);
      expect(moved('run-e', yawDeg)).toEqual([1, 0]);
    }
    const policy = createLearnedPolicy(file('run-n'));
    expect('batch' in policy && policy.batch.choose).toBeUndefined();
    expect(() => moved('run-up', 0)).toThrow(/must choose among the discrete actions of lane-native-v1; got "run-up"/);
  });

  it('holds a choice for as many ticks as it says', () => {
    const env = createBatchEnvSync({ scenario: lane('discrete'), autoreset: 'disabled' });
    const run = runPolicies(env, createLearnedPolicy(walkerFile(7, { repeat: 20 })));
    env.reset();
    const choices = Array.from({ length: 30 }, () => {
      const [choice] = run.act();
      env.stepSync(run.actions);
      return choice;
    });
    expect(new Set(choices.slice(0, 20))).toEqual(new Set([1]));
    expect(choices[20]).toBe(0);
  });

  it('is shown what it asks for, and refuses an environment that does not show it', () => {
    const compiled = lane('native');
    const policy = createLearnedPolicy(walkerFile(4, { observation: { nearestAgents: 5 }, components: ['agents.4.dx'] }));
    expect(observationFor(compiled, policy)).toEqual({ nearestAgents: 5 });
    const blind = createBatchEnvSync({ scenario: compiled });
    blind.reset();
    expect(() => runPolicies(blind, policy).act()).toThrow(UsageError);
    expect(() => runPolicies(blind, policy).act()).toThrow(/no "agents\.4\.dx"/);
    const shown = createBatchEnvSync({ scenario: compiled, observation: observationFor(compiled, policy) });
    shown.reset();
    runPolicies(shown, policy).act();
  });

  it('asks for the most that any policy or the scenario shows', () => {
    const compiled = lane('native');
    const factories = [
      { goals: 2, inventory: false },
      { goals: 1, crop: 5 },
    ].map((observation) => createLearnedPolicy(walkerFile(1, { observation })));
    expect(observationFor(compiled, { a: factories[0], b: factories[1] })).toEqual({ goals: 4, inventory: true, crop: 5 });
  });
});

describe('parseLearnedPolicy', () => {
  it.each([
    ['no JSON', '{', /must be JSON/],
    ['another format', textOf({ ...walkerFile(1), format: 'kinovox-mlp' }), /at format/],
    ['an unknown key', textOf({ ...walkerFile(1), code: 'alert(1)' }), /code/],
    [
      'weights of another size',
      textOf({ ...walkerFile(1), components: ['goals.0.dx', 'goals.0.dz'], mean: [0, 0], scale: [1, 1] }),
      /3 x 2 weights/,
    ],
    ['means of another number', textOf({ ...walkerFile(1), mean: [0, 0] }), /a mean and a scale per component; got 2 and 1 for 1/],
    ['choices of another number', textOf({ ...walkerFile(1), choices: ['idle', 'forward', 'back'] }), /2 outputs for 3 choices/],
    ['a scale of zero', textOf({ ...walkerFile(1), scale: [0] }), /scale/],
    ['text for weights', textOf({ ...walkerFile(1), layers: [{ outputs: 2, weights: '!!', biases: '', activation: 'none' }] }), /base64/],
  ])('refuses %s and says where', (_, text, message) => {
    expect(() => parseLearnedPolicy(text, 'mine.json')).toThrow(UsageError);
    expect(() => parseLearnedPolicy(text, 'mine.json')).toThrow(message);
    expect(() => parseLearnedPolicy(text, 'mine.json')).toThrow(/mine\.json/);
  });
});
