/**
 * A learned policy (f32, `learned:FILE`) as an integer network (`mlp:FILE`): i8 weights, i32 sums, the same on every engine bit for bit, a GPU included.
 * Data flow: observations that the policy saw -> scales of inputs and layers -> weights rounded -> file; `agreement` tells what the rounding costs.
 * Per layer one scale: sum = S_w S_in (W x + b), shifted right by a power of two; tanh becomes a table of the shifted sum, whatever its scale.
 * Limits: at most 256 inputs and outputs a layer; of choices that are drawn, the best is taken.
 */
import { type CompiledScenario, createBatchEnvSync, createMlpSource, vectorNames } from '@kinovox/env';
import { AGENT_FLAG, type IntegerPolicy, type LearnedPolicyFile, type Split, UsageError } from '@kinovox/world';
import { runPolicies } from '../run-policies.js';
import { createLearnedPolicy, Network, nativeRowsOf } from './learned.js';
import { mlpOf } from './source-policy.js';

/** Steps of an input per standard deviation: fine enough that weights, not inputs, bound the precision. */
const INPUT_STEPS = 256;
/** A table spans this much of its function's argument on either side; beyond, tanh is flat to four digits. */
const TABLE_REACH = 5;
const TABLE_SIZE = 4096;
/** What 1 is at the end of a table. */
const TABLE_ONE = 16384;
/** Largest values of i16, and of whole numbers that f32 holds. */
const I16 = 32767;
const F32_WHOLE = 2 ** 24;
/** Largest weights are cut to one of these shares of their own, whichever makes the layer's sums most exact: 1 down to 1/256. */
const CUTS = Array.from({ length: 65 }, (_, k) => 2 ** (-k / 8));
const MAX_WIDTH = 256;
/** Worlds in which a policy is watched. */
const WATCHED_WORLDS = 16;

/** What a policy saw when it decided. N observations of D components. */
export interface SeenObservations {
  /** `[N, D]` */
  vectors: Float32Array;
  count: number;
}

/**
 * Plays the policy in all seats and keeps what agents saw when they chose.
 * @param compiled with the policy's observation, as `observationFor` gives it.
 * @param count observations, at least 1; rows play seed, seed + 1, ...
 */
export function watchPolicy(
  file: LearnedPolicyFile,
  compiled: CompiledScenario,
  { count, seed = 0, split = 'train' }: { count: number; seed?: number; split?: Split },
): SeenObservations {
  const env = createBatchEnvSync({ scenario: compiled, numWorlds: WATCHED_WORLDS, seed, split, engine: 'cpu', actionProfile: 'native' });
  const run = runPolicies(env, createLearnedPolicy(file));
  env.reset();
  const { state, observations, program } = env.engine;
  const { size } = observations;
  const vectors = new Float32Array(count * size);
  let seen = 0;
  while (seen < count) {
    for (let i = 0; i < WATCHED_WORLDS * program.numAgents && seen < count; i++) {
      if ((state.flags[i] & AGENT_FLAG.alive) === 0 || state.tick[Math.floor(i / program.numAgents)] % file.repeat !== 0) continue;
      vectors.set(observations.vector.subarray(i * size, (i + 1) * size), seen++ * size);
    }
    env.stepSync(run.act());
  }
  env.close();
  return { vectors, count };
}

/**
 * @param compiled with the policy's observation.
 * @param seen from play of the policy itself: activations it does not show are scaled blindly.
 * @throws UsageError for a network that is too wide, or that the scenario does not suit.
 */
export function quantisePolicy(file: LearnedPolicyFile, compiled: CompiledScenario, seen: SeenObservations): IntegerPolicy {
  const names = vectorNames(compiled.program.observation);
  const columns = file.components.map((component) => names.indexOf(component));
  const missing = columns.indexOf(-1);
  if (missing >= 0)
    throw new UsageError(
      'policy-component',
      `The policy "${file.name}" must be shown what it was trained on; got no "${file.components[missing]}" in ${compiled.program.id}. Quantise it for the scenario that it was trained in.`,
    );
  const widest = Math.max(file.components.length, ...file.layers.map(({ outputs }) => outputs));
  if (widest > MAX_WIDTH)
    throw new UsageError(
      'quantise-width',
      `A network must have at most ${MAX_WIDTH} inputs and outputs a layer to be quantised; got ${widest} in "${file.name}". Train a narrower one.`,
    );
  const network = new Network(file);
  const inputs = file.components.map((_, k) => inputOf(columns[k], file.mean[k], file.scale[k], file.clip));
  // One unit of x, (component - mean) / scale, in steps of the input; what rounding left of the mean goes into the biases.
  let unit = file.scale.map((scale, k) => scale * 2 ** inputs[k].bits);
  let centre = file.mean.map((mean, k) => mean * 2 ** inputs[k].bits - inputs[k].centre);
  const play = playOf(network, seen, columns, names.length);
  const layers = network.layers.map(({ weights, biases, activation }, l) => {
    const layer = quantiseLayer(weights, biases, activation, unit, centre, play[l]);
    unit = new Array(biases.length).fill(layer.unit);
    centre = new Array(biases.length).fill(0);
    return layer.file;
  });
  return {
    format: 'kinovox-mlp',
    version: 1,
    observationSize: names.length,
    inputs,
    layers,
    heads: [{ kind: 'rows', rows: nativeRowsOf(file, compiled.program).map((row) => Array.from(row)) }],
    ...(file.repeat === 1 ? {} : { repeat: file.repeat }),
    observation: file.observation,
    notes: { quantisedFrom: file.name, scenario: compiled.program.id },
  };
}

/** Share of observations for which both take the same action: of choices with equal rows either is the same. */
export function agreement(file: LearnedPolicyFile, quantised: IntegerPolicy, compiled: CompiledScenario, seen: SeenObservations): number {
  const names = vectorNames(compiled.program.observation);
  const columns = Int32Array.from(file.components, (component) => names.indexOf(component));
  const network = new Network(file);
  const rows = nativeRowsOf(file, compiled.program);
  const source = createMlpSource({ ...mlpOf(quantised, file.name), repeat: 1 });
  // One world of one agent that is alive, as far as the network looks.
  const program = { ...compiled.program, numAgents: 1 };
  const row = new Float32Array(rows[0].length);
  let same = 0;
  for (let n = 0; n < seen.count; n++) {
    const vector = seen.vectors.subarray(n * names.length, (n + 1) * names.length);
    const state = { flags: Int32Array.of(1), tick: Int32Array.of(0) };
    source.fill({ program, numWorlds: 1, state, observations: { vector, size: names.length } } as never, row);
    const wanted = rows[network.choose(vector, 0, columns)];
    if (row.every((value, k) => value === Math.fround(wanted[k]))) same++;
  }
  return seen.count === 0 ? 0 : same / seen.count;
}

/** An input in whole steps of a power of two, about `INPUT_STEPS` to a standard deviation, from its mean on; whole numbers of f32 end at 2^24. */
function inputOf(component: number, mean: number, scale: number, clip: number): Required<IntegerPolicy['inputs'][number]> {
  const reach = Math.abs(mean) + clip * scale;
  const wanted = Math.round(Math.log2(INPUT_STEPS / scale));
  const bits = Math.max(-16, Math.min(24, wanted, Math.floor(Math.log2(2 ** 24 / reach)), Math.floor(Math.log2(I16 / (clip * scale)))));
  const steps = (value: number) => Math.round(value * 2 ** bits);
  const centre = Math.max(-F32_WHOLE, Math.min(F32_WHOLE, steps(mean)));
  const within = (value: number) => Math.max(-F32_WHOLE, centre - I16, Math.min(F32_WHOLE, centre + I16, steps(value)));
  return { component, bits, least: within(mean - clip * scale), most: within(mean + clip * scale), centre };
}

interface QuantisedLayer {
  file: IntegerPolicy['layers'][number];
  /** What 1 of its outputs is, in steps. */
  unit: number;
}

/** @param weights `[outputs, inputs]`, row-major. @param play what the layer was seen to do. */
function quantiseLayer(
  weights: Float32Array,
  biases: Float32Array,
  activation: 'none' | 'relu' | 'tanh',
  unit: readonly number[],
  centre: readonly number[],
  play: LayerPlay,
): QuantisedLayer {
  const numInputs = unit.length;
  // Weights as they meet inputs in steps.
  const perStep = Float64Array.from(weights, (weight, at) => weight / unit[at % numInputs]);
  const top = perStep.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) || 1;
  const scale = 127 / (top * bestCut(perStep, top, unit, play.spread));
  const rounded = perStep.map((weight) => rounded8(weight * scale));
  const reach = activation === 'tanh' ? TABLE_REACH : Math.max(play.largest, 1e-6);
  const room = activation === 'tanh' ? TABLE_SIZE / 2 : I16 / 2;
  const shift = Math.max(0, Math.min(30, Math.ceil(Math.log2((scale * reach) / room))));
  const outputScale = scale / 2 ** shift;
  const most = 2 ** 30 - 1;
  const sums = Array.from(biases, (bias, o) => {
    let sum = bias * scale;
    for (let k = 0; k < numInputs; k++) {
      const at = o * numInputs + k;
      // What rounding takes from the mean input is given back once for all.
      sum += (perStep[at] * scale - rounded[at]) * unit[k] * play.mean[k] - rounded[at] * centre[k];
    }
    // Half a step, since a shift rounds down.
    return Math.max(-most, Math.min(most, Math.round(sum + (shift === 0 ? 0 : 2 ** (shift - 1)))));
  });
  const rows = Array.from(biases, (_, o) => Array.from(rounded.subarray(o * numInputs, (o + 1) * numInputs)));
  const lookup = Array.from({ length: TABLE_SIZE }, (_, k) => Math.round(TABLE_ONE * Math.tanh((k - TABLE_SIZE / 2) / outputScale)));
  return {
    file: { weights: rows, biases: sums, shift, relu: activation === 'relu', ...(activation === 'tanh' ? { lookup } : {}) },
    unit: activation === 'tanh' ? TABLE_ONE : outputScale,
  };
}

function rounded8(value: number): number {
  return Math.max(-127, Math.min(127, Math.round(value)));
}

/** The cut of the largest weights with the least squared error of the sums, as inputs were seen to vary. */
function bestCut(perStep: Float64Array, top: number, unit: readonly number[], spread: Float64Array): number {
  const numInputs = spread.length;
  let best = { cut: 1, error: Number.POSITIVE_INFINITY };
  for (const cut of CUTS) {
    const scale = 127 / (top * cut);
    let error = 0;
    for (let at = 0; at < perStep.length; at++) {
      const k = at % numInputs;
      error += ((rounded8(perStep[at] * scale) / scale - perStep[at]) * unit[k] * spread[k]) ** 2;
    }
    if (error < best.error) best = { cut, error };
  }
  return best.cut;
}

/** What a layer did over all observations. */
interface LayerPlay {
  /** Largest magnitude of W x + b. */
  largest: number;
  /** `[inputs]` mean and standard deviation of x. */
  mean: Float64Array;
  spread: Float64Array;
}

function playOf(network: Network, { vectors, count }: SeenObservations, columns: readonly number[], size: number): LayerPlay[] {
  const play = network.layers.map(({ weights, biases }) => {
    const numInputs = weights.length / biases.length;
    return { largest: 0, mean: new Float64Array(numInputs), spread: new Float64Array(numInputs) };
  });
  const at = Int32Array.from(columns);
  for (let n = 0; n < count; n++)
    network.choose(vectors, n * size, at, (l, output, sum, input) => {
      const layer = play[l];
      layer.largest = Math.max(layer.largest, Math.abs(sum));
      if (output > 0) return;
      for (let k = 0; k < input.length; k++) {
        layer.mean[k] += input[k];
        layer.spread[k] += input[k] ** 2;
      }
    });
  for (const { mean, spread } of play)
    for (let k = 0; k < mean.length; k++) {
      mean[k] /= count;
      spread[k] = Math.sqrt(Math.max(0, spread[k] / count - mean[k] ** 2));
    }
  return play;
}
