/** A network of f32 as one of integers: how often both act alike, and what would make them not. */
import { agreement, createLearnedPolicy, createMlpPolicy, quantisePolicy, runPolicies, watchPolicy } from '@kinovox/agents';
import { createBatchEnvSync, loadScenario } from '@kinovox/env';
import { ACTION_FIELDS, type IntegerPolicy, type LearnedPolicyFile, parseIntegerPolicy, randomU32 } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { bridge } from '../env/sample-scenarios.js';

const scenario = { ...bridge, id: 'sample-quantise-v1', actions: { profile: 'discrete' as const } };
const components = ['self.vx', 'self.vz', 'self.onGround', 'goals.0.dx', 'goals.0.dy', 'goals.0.dz', 'goals.0.progress'];
const packed = (values: readonly number[]) => Buffer.from(Float32Array.from(values).buffer).toString('base64');
/** About normal, with a spread of 1. */
const drawn = (seed: number, k: number) => [0, 1, 2, 3].reduce((sum, n) => sum + randomU32(seed, k, n, 1, 2, 3) / 2 ** 32 - 0.5, 0) * 1.7;
const layer = (seed: number, inputs: number, outputs: number, activation: 'tanh' | 'relu' | 'none') => ({
  outputs,
  weights: packed(Array.from({ length: inputs * outputs }, (_, k) => drawn(seed, k) / Math.sqrt(inputs))),
  biases: packed(Array.from({ length: outputs }, (_, k) => 0.3 * drawn(seed + 100, k))),
  activation,
});
const CHOICES = ['forward', 'back', 'left', 'right', 'jump-forward', 'turn-left', 'turn-right'];
const trained = (activation: 'tanh' | 'relu', rest: Partial<LearnedPolicyFile> = {}): LearnedPolicyFile => ({
  format: 'kinovox-policy',
  version: 1,
  name: `sample-${activation}`,
  scenario: scenario.id,
  observation: {},
  components,
  // A component that hardly moves and has a mean far off is what training leaves; its weights are as large as any.
  mean: [0, 0, 0.9999, 12, 1, 0, 0],
  scale: [2, 2, 0.0001, 6, 2, 5, 0.5],
  clip: 10,
  layers: [layer(1, components.length, 32, activation), layer(2, 32, 32, activation), layer(3, 32, CHOICES.length, 'none')],
  choices: CHOICES,
  repeat: 1,
  ...rest,
});
const compiled = loadScenario(scenario);

function quantised(file: LearnedPolicyFile): { made: IntegerPolicy; share: number; shareOf(changed: IntegerPolicy): number } {
  const made = parseIntegerPolicy(
    JSON.stringify(quantisePolicy(file, compiled, watchPolicy(file, compiled, { count: 600, seed: 900 }))),
    'made',
  );
  const seen = watchPolicy(file, compiled, { count: 1500, split: 'test' });
  const shareOf = (changed: IntegerPolicy) => agreement(file, changed, compiled, seen);
  return { made, share: shareOf(made), shareOf };
}

describe('a quantised policy', () => {
  it.each(['tanh', 'relu'] as const)('acts as its f32 twin with %s nearly always, and otherwise once it is damaged', (activation) => {
    const { made, share, shareOf } = quantised(trained(activation));
    expect(share).toBeGreaterThan(0.95);
    expect(share).toBeLessThanOrEqual(1);
    const [first, ...others] = made.layers;
    const coarse = { ...first, weights: first.weights.map((row) => row.map((weight) => (weight >> 6) << 6)) };
    expect(shareOf({ ...made, layers: [coarse, ...others] })).toBeLessThan(share - 0.05);
    const shifted = made.inputs.map((input) => ({ ...input, centre: input.centre! + 100 * Math.sign(input.centre! || 1) }));
    expect(
      shareOf({ ...made, inputs: shifted.map((input) => ({ ...input, least: input.least! + 200, most: input.most! - 200 })) }),
    ).toBeLessThan(share - 0.02);
  });

  it('holds its actions as long as the f32 one, in seats of its own', () => {
    const file = trained('tanh', { repeat: 5 });
    const { made } = quantised(file);
    expect(made.repeat).toBe(5);
    const env = createBatchEnvSync({ scenario: compiled, numWorlds: 2, seed: 3, actionProfile: 'native' });
    const run = runPolicies(env, { ada: createMlpPolicy(made, 'made'), default: createLearnedPolicy(file) });
    env.reset();
    let changes = 0;
    let before = new Float32Array(ACTION_FIELDS);
    for (let tick = 0; tick < 40; tick++) {
      const row = run.act().slice(0, ACTION_FIELDS);
      if (!row.every((value, k) => value === before[k])) {
        changes++;
        expect(tick % 5).toBe(0);
      }
      before = row;
      env.stepSync(run.actions);
    }
    expect(changes).toBeGreaterThan(0);
  });

  it('is refused for a network that is too wide, and for a scenario that does not show what it needs', () => {
    const seen = { vectors: new Float32Array(0), count: 0 };
    const wide = trained('relu', { layers: [layer(1, components.length, 300, 'relu'), layer(2, 300, CHOICES.length, 'none')] });
    expect(() => quantisePolicy(wide, compiled, seen)).toThrow(/at most 256 inputs and outputs a layer to be quantised; got 300/);
    const blind = trained('relu', { components: ['vitals.health', ...components.slice(1)] });
    expect(() => quantisePolicy(blind, compiled, seen)).toThrow(/must be shown what it was trained on; got no "vitals.health"/);
  });
});
