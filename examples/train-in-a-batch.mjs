/**
 * A training loop: 256 worlds stepped together, discrete actions, and a policy that learns from how its episodes end.
 * Every candidate of the cross-entropy method plays four levels of the split `train`; the answer is judged on 256 levels of `test`.
 * Run: node examples/train-in-a-batch.mjs
 */
import { createBatchEnv } from '@kinovox/env';

const options = { scenario: `${import.meta.dirname}/../scenarios/reach-flat-v1.scenario.json`, numWorlds: 256, actionProfile: 'discrete' };
const train = await createBatchEnv({ ...options, split: 'train' });
const test = await createBatchEnv({ ...options, split: 'test' });

// What the policy sees, by name, and what it may choose.
const { names } = train.spaces.vector;
const size = names.length;
const seen = ['self.sinYaw', 'self.cosYaw', 'goals.0.dx', 'goals.0.dz', 'goals.0.distance'].map((name) => names.indexOf(name));
const choices = ['sprint', 'turn-left', 'turn-right'].map((name) => train.spaces.actionRow.names.indexOf(name));

/** Plays one episode in every row, row r by the 15 weights `policyOf(r)`. A score is the share of time left, or minus the metres to the goal. */
function play(env, seeds, policyOf) {
  const scores = new Float32Array(env.numWorlds).fill(Number.NaN);
  env.onEpisodeEnd = ({ row, outcome, ticks }) => {
    const metres = env.stepResult.finalObservations[row * size + seen[4]];
    if (Number.isNaN(scores[row])) scores[row] = outcome === 'succeeded' ? 1 - ticks / 300 : -metres;
  };
  const { vector } = env.reset({ seeds });
  const actions = new Float32Array(env.actionLength);
  while (scores.some(Number.isNaN)) {
    for (let row = 0; row < env.numWorlds; row++) {
      const [sin, cos, dx, dz, distance] = seen.map((at) => vector[row * size + at]);
      const inputs = [1, (sin * dx) / distance, (cos * dx) / distance, (sin * dz) / distance, (cos * dz) / distance];
      const weights = policyOf(row);
      const values = choices.map((_, c) => inputs.reduce((sum, input, k) => sum + input * weights[5 * c + k], 0));
      actions[row] = choices[values.indexOf(Math.max(...values))];
    }
    env.stepSync(actions);
  }
  return { scores, successRate: scores.filter((score) => score >= 0).length / env.numWorlds };
}

// Normal draws with a seed (a linear congruence and Box-Muller), so that every run of this file learns the same.
let state = 1;
const uniform = () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) + 1) / 2 ** 32;
const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());

let mean = new Array(15).fill(0);
let spread = new Array(15).fill(1);
for (let generation = 1; generation <= 8; generation++) {
  const candidates = Array.from({ length: 64 }, () => mean.map((m, k) => m + spread[k] * normal()));
  const seeds = Array.from({ length: 256 }, (_, row) => 4 * generation + (row % 4));
  const { scores, successRate } = play(train, seeds, (row) => candidates[row >> 2]);
  const scoreOf = (c) => scores.subarray(4 * c, 4 * c + 4).reduce((a, b) => a + b);
  const ranked = [...candidates.keys()].sort((a, b) => scoreOf(b) - scoreOf(a));
  const best = ranked.slice(0, 8).map((c) => candidates[c]);
  mean = mean.map((_, k) => best.reduce((sum, weights) => sum + weights[k] / 8, 0));
  spread = mean.map((m, k) => Math.sqrt(best.reduce((sum, weights) => sum + (weights[k] - m) ** 2 / 8, 0)) + 0.05);
  console.log(`generation ${generation}: ${(100 * successRate).toFixed(1)} % of 256 episodes succeed`);
}
const unseen = play(test, [...Array(256).keys()], () => mean);
console.log(`the mean of the best: ${(100 * unseen.successRate).toFixed(1)} % of 256 unseen levels`);
