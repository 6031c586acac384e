/**
 * Model predictive path integral control: the plan of the last time, moved on, is varied by noise N times; each variant is rolled out, and the new plan
 * is their mean, weighted by exp(-cost / temperature). No gradients, so costs may be anything: contacts, the way left through a maze.
 * Data flow: plan + noise -> controls [N, T, C] -> rollouts -> costs [N] -> weights -> plan [T, C]; the first controls are applied, then again.
 * The plan is a function of seed, starts and costs; rollouts in f32 and f64 give costs within 1e-4 of each other, so their plans nearly agree.
 * @source Williams, Drews, Goldfain, Rehg and Theodorou, Information-Theoretic Model Predictive Control, IEEE T-RO 34(6), 2018, Alg. 2; differs: noise is
 *   straight between knots, its size differs among the sequences, the temperature is a share of the spread of costs, the control cost is the
 *   rollout's own effort term.
 */
import { CONTROLS_OF, type RolloutCost, type RolloutState, type RolloutWorld } from '@kinovox/physics';
import { drawU32, PURPOSE, randomStream } from '@kinovox/world';
import { createNoise } from './noise.js';
import type { RolloutRunner, RolloutSettings } from './rollout-runner.js';

export interface MppiSettings extends RolloutSettings {
  /** Standard deviation of the noise per control, in shares of the control's range of [-1, 1]; one number per control. */
  deviation: readonly number[];
  /** Ticks between knots of the noise; default 5. */
  knotTicks?: number;
  /**
   * Temperature as a share of the difference between the mean of all costs and the least: small = nearly the best sequence alone. Default 0.03.
   */
  temperature?: number;
  seed?: number;
}

export interface MppiProblem {
  world: RolloutWorld;
  start: RolloutState;
  cost: RolloutCost;
}

/** What one improvement came to. */
export interface MppiOutcome {
  /** Least and mean cost of the sequences. */
  least: number;
  mean: number;
  /** How many sequences share the weight, 1..N: (sum w)^2 / sum w^2. */
  effective: number;
}

export interface Mppi {
  /** `[T, C]`, each in [-1, 1]: the plan, from the next tick on. */
  readonly plan: Float32Array;
  readonly numControls: number;
  /** `[T, C]`: sequence n of the last improvement, a copy. */
  sequence(n: number): Float32Array;
  /** Forgets the plan: zeros. `episode` names the noise that follows, so that the same episode is planned in the same way. */
  reset(episode?: number): void;
  /** Some ticks have passed: the plan begins later, and its last control is held. */
  advance(ticks: number): void;
  improve(problem: MppiProblem): Promise<MppiOutcome>;
  /** As `improve`, at once. Only with a runner that can. */
  improveSync(problem: MppiProblem): MppiOutcome;
}

/** Sizes of the noise, from sequence to sequence. */
const SIZES = [1, 0.5, 0.25, 1] as const;
/** Weights below this, of the best sequence's 1, count as none. */
const NEGLIGIBLE = 1e-6;

export function createMppi(runner: RolloutRunner, settings: MppiSettings): Mppi {
  const { body, numSequences, numTicks, deviation, knotTicks = 5, temperature = 0.03, seed = 0 } = settings;
  const numControls = CONTROLS_OF[body.kind];
  const width = numTicks * numControls;
  const plan = new Float32Array(width);
  const controls = new Float32Array(numSequences * width);
  const weights = new Float64Array(numSequences);
  const mixed = new Float64Array(width);
  /** Twice as many rows as sequences: each improvement takes a window of them, so that no two in a row see the same noise. */
  const noise = createNoise(2 * numSequences, numTicks, numControls, knotTicks, seed);
  let stream = 0;
  let draws = 0;

  /** Sequence 0 is the plan itself, sequence 1 no control at all, the others the plan with noise. */
  function sample(): void {
    const from = drawU32(stream, draws++) % numSequences;
    controls.set(plan, 0);
    controls.fill(0, width, 2 * width);
    for (let n = 2; n < numSequences; n++) {
      const size = SIZES[n % SIZES.length];
      const row = (from + n) * width;
      for (let i = 0, c = 0; i < width; i++) {
        const x = plan[i] + size * deviation[c] * noise[row + i];
        controls[n * width + i] = x < -1 ? -1 : x > 1 ? 1 : x;
        c = c + 1 === numControls ? 0 : c + 1;
      }
    }
  }

  function update(costs: Float32Array): MppiOutcome {
    let least = Number.POSITIVE_INFINITY;
    let mean = 0;
    for (let n = 0; n < numSequences; n++) {
      if (costs[n] < least) least = costs[n];
      mean += costs[n] / numSequences;
    }
    const scale = Math.max(1e-9, temperature * (mean - least));
    let sum = 0;
    let squares = 0;
    for (let n = 0; n < numSequences; n++) {
      const weight = Math.exp((least - costs[n]) / scale);
      weights[n] = weight < NEGLIGIBLE ? 0 : weight;
      sum += weights[n];
      squares += weights[n] * weights[n];
    }
    mixed.fill(0);
    for (let n = 0; n < numSequences; n++) {
      if (weights[n] === 0) continue;
      for (let i = 0; i < width; i++) mixed[i] += weights[n] * controls[n * width + i];
    }
    for (let i = 0; i < width; i++) plan[i] = mixed[i] / sum;
    return { least, mean, effective: (sum * sum) / squares };
  }

  const request = ({ world, start, cost }: MppiProblem) => {
    sample();
    return { world, start, cost, controls };
  };
  return {
    plan,
    numControls,
    sequence: (n) => controls.slice(n * width, (n + 1) * width),
    reset(episode = 0) {
      plan.fill(0);
      stream = randomStream(seed, episode, 0, 0, PURPOSE.policy);
      draws = 0;
    },
    advance(ticks) {
      const moved = Math.min(ticks, numTicks - 1) * numControls;
      plan.copyWithin(0, moved);
      for (let i = width - moved; i < width; i++) plan[i] = plan[i - numControls];
    },
    async improve(problem) {
      return update(await runner.run(request(problem)));
    },
    improveSync(problem) {
      return update(runner.runSync!(request(problem)));
    },
  };
}
