/**
 * A learned policy: a small network over the observation vector that takes the largest of its discrete choices, as the file says.
 * Forward passes are f64 sums over f32 weights in a fixed order, so the same file decides alike in every batch; a choice is logged as the action that it is,
 * so replays ask no network.
 */
import { type CompiledScenario, componentNames, discreteChoices } from '@kinovox/env';
import {
  ACTION_FIELDS,
  ACTION_SPEC,
  ACTION_WORD,
  AGENT_FLAG,
  COMPASS_RUNS,
  didYouMean,
  type LearnedPolicyFile,
  UsageError,
} from '@kinovox/world';
import type { BatchDecider, PolicyFactory, PolicyHost } from '../policy.js';

const TURN = 2 ** 32;

/** @param file as `parseLearnedPolicy` gives it. */
export function createLearnedPolicy(file: LearnedPolicyFile): PolicyFactory {
  const network = new Network(file);
  const seats = new WeakMap<object, Seats>();
  const seatsOf = (host: PolicyHost) => {
    let found = seats.get(host.engine);
    if (found === undefined) seats.set(host.engine, (found = new Seats(host, file)));
    return found;
  };
  const batch: BatchDecider = {
    fill(host, slots, out) {
      const { rows, yaws } = seatsOf(host);
      seatsOf(host).decide(host, slots, network, (i, choice) => {
        out.set(rows[choice], i * ACTION_FIELDS);
        const yaw = yaws[choice];
        if (yaw !== undefined) out[i * ACTION_FIELDS + ACTION_WORD.turn] = (((yaw - host.engine.state.yaw[i]) | 0) / TURN) * 2 * Math.PI;
      });
    },
  };
  // The discrete profile knows no compass.
  if (!file.choices.some(isCompassRun))
    batch.choose = (host, slots, out) => {
      const { numbers } = seatsOf(host);
      seatsOf(host).decide(host, slots, network, (i, choice) => {
        out[i] = numbers[choice];
      });
    };
  return { name: file.name, batch, observation: file.observation };
}

/** What a host shows of what the network needs, and the choice that each agent holds. */
class Seats {
  /** Native row of each choice, the yaw that it turns to as an i32 angle, and its number in the discrete profile, -1 for one that is not in it. */
  readonly rows: readonly Float32Array[];
  readonly yaws: readonly (number | undefined)[];
  readonly numbers: readonly number[];
  readonly #columns: Int32Array;
  readonly #size: number;
  readonly #repeat: number;
  /** `[B, A]` */
  readonly #held: Int32Array;

  constructor(host: PolicyHost, { name, components, choices, repeat }: LearnedPolicyFile) {
    const { program, observations, numWorlds } = host.engine;
    const names = componentNames(observations.groups);
    this.#columns = Int32Array.from(components, (component) => {
      const index = names.indexOf(component);
      if (index >= 0) return index;
      throw new UsageError(
        'policy-component',
        `The policy "${name}" must be shown what it was trained on; got no "${component}" in ${program.id}.${didYouMean(component, names) || ' Make the environment with its observation.'}`,
      );
    });
    this.rows = choices.map((choice) => (isCompassRun(choice) ? RUN : nativeRowsOf({ name, choices: [choice] }, program)[0]));
    this.yaws = choices.map((choice) =>
      isCompassRun(choice) ? ((COMPASS_RUNS as readonly string[]).indexOf(choice) * TURN) / 8 : undefined,
    );
    this.numbers = choices.map((choice) => (isCompassRun(choice) ? -1 : choiceNumbers({ name, choices: [choice] }, program)[0]));
    this.#size = observations.size;
    this.#repeat = repeat;
    this.#held = new Int32Array(numWorlds * program.numAgents);
  }

  decide(host: PolicyHost, slots: readonly number[], network: Network, write: (i: number, choice: number) => void): void {
    const { state, program, observations, numWorlds } = host.engine;
    for (let w = 0; w < numWorlds; w++) {
      for (const slot of slots) {
        const i = w * program.numAgents + slot;
        if ((state.flags[i] & AGENT_FLAG.alive) === 0) continue;
        if (state.tick[w] % this.#repeat === 0) this.#held[i] = network.choose(observations.vector, i * this.#size, this.#columns);
        write(i, this.#held[i]);
      }
    }
  }
}

function isCompassRun(choice: string): boolean {
  return (COMPASS_RUNS as readonly string[]).includes(choice);
}

/** Number of each choice in the discrete profile. @throws UsageError for one that the scenario does not have. */
function choiceNumbers({ name, choices }: Pick<LearnedPolicyFile, 'name' | 'choices'>, program: CompiledScenario['program']): number[] {
  const known = discreteChoices(program);
  return choices.map((choice) => {
    const index = known.findIndex((one) => one.name === choice);
    if (index >= 0) return index;
    throw new UsageError(
      'policy-choice',
      `The policy "${name}" must choose among the discrete actions of ${program.id}; got "${choice}".${didYouMean(
        choice,
        known.map((one) => one.name),
      )}`,
    );
  });
}

/** Native row of each choice. */
export function nativeRowsOf(file: Pick<LearnedPolicyFile, 'name' | 'choices'>, program: CompiledScenario['program']): Float32Array[] {
  const known = discreteChoices(program);
  return choiceNumbers(file, program).map((index) => nativeRow(known[index].columns));
}

/** Ahead as fast as it can; the turn is each agent's own. */
const RUN = nativeRow({ forward: 1, sprint: 1 });

function nativeRow(columns: Readonly<Record<string, number>>): Float32Array {
  return Float32Array.from(ACTION_SPEC, (field) => columns[field.name] ?? field.neutral);
}

/** The network of a file. */
export class Network {
  readonly #mean: Float64Array;
  readonly #scale: Float64Array;
  readonly #clip: number;
  readonly layers: readonly { weights: Float32Array; biases: Float32Array; activation: 'none' | 'relu' | 'tanh'; out: Float64Array }[];
  readonly #input: Float64Array;

  constructor({ mean, scale, clip, layers }: LearnedPolicyFile) {
    this.#mean = Float64Array.from(mean);
    this.#scale = Float64Array.from(scale);
    this.#clip = clip;
    this.#input = new Float64Array(mean.length);
    this.layers = layers.map(({ weights, biases, activation, outputs }) => ({
      weights: floatsOf(weights),
      biases: floatsOf(biases),
      activation,
      out: new Float64Array(outputs),
    }));
  }

  /** The number of the largest output, of equals the first. @param onSum told W x + b of every output of every layer. */
  choose(
    vector: Float32Array,
    first: number,
    columns: Int32Array,
    onSum?: (layer: number, output: number, sum: number, input: Float64Array) => void,
  ): number {
    let input = this.#input;
    for (let k = 0; k < columns.length; k++) {
      const value = (vector[first + columns[k]] - this.#mean[k]) / this.#scale[k];
      input[k] = value > this.#clip ? this.#clip : value < -this.#clip ? -this.#clip : value;
    }
    for (const [l, { weights, biases, activation, out }] of this.layers.entries()) {
      for (let o = 0, at = 0; o < out.length; o++) {
        let sum = biases[o];
        for (let k = 0; k < input.length; k++, at++) sum += weights[at] * input[k];
        onSum?.(l, o, sum, input);
        out[o] = activation === 'relu' ? Math.max(0, sum) : activation === 'tanh' ? Math.tanh(sum) : sum;
      }
      input = out;
    }
    let best = 0;
    for (let o = 1; o < input.length; o++) if (input[o] > input[best]) best = o;
    return best;
  }
}

function floatsOf(text: string): Float32Array {
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}
