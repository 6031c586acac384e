/**
 * Hamilton-Jacobi value functions on grids: V_s = H(x, grad V) in the time s that is left, from V = target at s = 0, where H is the optimum of
 * grad V . x' over the inputs of the system. For avoiding, the target is the signed distance to what is unsafe, and V(x) < 0 says that no control
 * keeps clear of it; for reaching, V(x) <= 0 says that the target can be reached within s.
 * Data flow: system -> tables on the grid -> per stage: derivatives by axis -> Hamiltonian + dissipation -> V.
 * Lax-Friedrichs in space with the speeds of each node as dissipation, TVD Runge-Kutta in time. Nothing is allocated between steps.
 * @source (scheme) Osher & Shu 1991; Mitchell, "A toolbox of level set methods" (2007); (tubes) Mitchell, Bayen & Tomlin, TAC 50 (2005).
 */
import { ShapeError, UsageError } from '@kinovox/world';
import { type AffineSystem, tabulate } from './affine-system.js';
import { type DerivativeOrder, derivativesInto } from './upwind.js';
import type { ValueGrid } from './value-grid.js';

export interface Accuracy {
  readonly derivatives: DerivativeOrder;
  /** Stages of the TVD Runge-Kutta method. */
  readonly stages: 1 | 2 | 3;
}

/** `low` never calls an unsafe state of a braking problem safe, and smears; the others are closer, and may err to either side. */
export const ACCURACIES = {
  low: { derivatives: 'order1', stages: 1 },
  medium: { derivatives: 'eno2', stages: 2 },
  high: { derivatives: 'weno3', stages: 3 },
} as const satisfies Readonly<Record<string, Accuracy>>;
export type AccuracyName = keyof typeof ACCURACIES;

export interface ValueProblem {
  readonly grid: ValueGrid;
  readonly system: AffineSystem;
  /** `[numNodes]` V at s = 0. */
  readonly target: Float64Array;
  /** Seconds. */
  readonly horizon: number;
  /**
   * `tube` (default): at some time within s, so V never rises; `set`: at time s exactly; `touch`: V = min(V, target) after each step, which says the
   * same as `tube` where the target is what counts, and lets values elsewhere rise.
   */
  readonly kind?: 'tube' | 'set' | 'touch';
  /** `[numNodes]` V is held at or above this: obstacles of a reaching problem, positive inside. */
  readonly obstacle?: Float64Array;
}

export interface ValueOptions {
  /** Default `low`. */
  readonly accuracy?: AccuracyName | Accuracy;
  /** Default `local`. */
  readonly dissipation?: 'local' | 'global';
  /** Share of the largest stable step, in (0, 1]; default 0.75. */
  readonly cfl?: number;
  /** Ends before the horizon when no value changed faster than this, per second. Default: never. */
  readonly settledBelow?: number;
  /** Told after each step: seconds done, and V, to be read only. */
  onStep?(seconds: number, values: Float64Array): void;
}

export interface ValueFunction {
  readonly grid: ValueGrid;
  /** `[numNodes]` */
  readonly values: Float64Array;
  /** Seconds that were solved for: the horizon, or less where values settled. */
  readonly seconds: number;
  readonly steps: number;
  /** Largest change of a value in the last step, per second. */
  readonly change: number;
}

/** @throws ShapeError for arrays that do not fit the grid; UsageError for an option out of its range. */
export function solveValueFunction(problem: ValueProblem, options: ValueOptions = {}): ValueFunction {
  const { grid, horizon, kind = 'tube', target, obstacle } = problem;
  const { derivatives, stages } = accuracyOf(options.accuracy);
  const { settledBelow = -1, onStep } = options;
  assertProblem(problem, options);
  const rates = createRates(problem, options, derivatives);
  const longest = (options.cfl ?? 0.75) / rates.perSecond;
  const numSteps = Math.max(1, Math.ceil(horizon / longest - 1e-9));
  const dt = horizon / numSteps;
  const values = target.slice();
  const stage = new Float64Array(grid.numNodes);
  const rate = new Float64Array(grid.numNodes);
  const limit = (v: Float64Array) => {
    if (kind === 'touch') for (let n = 0; n < v.length; n++) if (target[n] < v[n]) v[n] = target[n];
    if (obstacle !== undefined) for (let n = 0; n < v.length; n++) if (obstacle[n] > v[n]) v[n] = obstacle[n];
  };
  limit(values);
  let change = 0;
  let step = 0;
  while (step < numSteps) {
    stage.set(values);
    for (let k = 0; k < stages; k++) {
      rates.into(rate, stage);
      // Shu & Osher: v <- (1 - share) v0 + share (v + dt rate).
      const share = STAGE_SHARES[stages][k];
      for (let n = 0; n < rate.length; n++) stage[n] = share * (stage[n] + dt * rate[n]) + (1 - share) * values[n];
      limit(stage);
    }
    change = 0;
    for (let n = 0; n < stage.length; n++) {
      const moved = Math.abs(stage[n] - values[n]);
      if (!(moved <= change)) change = moved;
    }
    change /= dt;
    values.set(stage);
    step++;
    onStep?.(step * dt, values);
    if (change <= settledBelow) break;
  }
  return { grid, values, seconds: step * dt, steps: step, change };
}

/** First time at which V <= 0, per node, between steps along a line; infinite where it is never. Give its `onStep` to `solveValueFunction`. */
export function createArrivalTimes(target: Float64Array): { times: Float64Array; onStep(seconds: number, values: Float64Array): void } {
  const times = Float64Array.from(target, (v) => (v <= 0 ? 0 : Number.POSITIVE_INFINITY));
  const before = target.slice();
  let since = 0;
  return {
    times,
    onStep(seconds, values) {
      for (let n = 0; n < times.length; n++) {
        if (values[n] <= 0 && times[n] === Number.POSITIVE_INFINITY)
          times[n] = since + ((seconds - since) * before[n]) / (before[n] - values[n]);
        before[n] = values[n];
      }
      since = seconds;
    },
  };
}

export const STAGE_SHARES: Readonly<Record<1 | 2 | 3, readonly number[]>> = { 1: [1], 2: [1, 1 / 2], 3: [1, 1 / 4, 2 / 3] };

export function accuracyOf(accuracy: AccuracyName | Accuracy = 'low'): Accuracy {
  if (typeof accuracy !== 'string') return accuracy;
  if (Object.hasOwn(ACCURACIES, accuracy)) return ACCURACIES[accuracy];
  throw new UsageError('value-accuracy', `accuracy must be one of ${Object.keys(ACCURACIES).join(', ')}; got "${accuracy}".`);
}

/** What both solvers refuse. */
export function assertProblem({ grid, target, obstacle, horizon }: ValueProblem, { cfl = 0.75 }: ValueOptions): void {
  for (const [name, list] of [['target', target] as const, ['obstacle', obstacle] as const]) {
    if (list === undefined) continue;
    if (list.length !== grid.numNodes)
      throw new ShapeError('value-problem', `${name} must have one value per node, ${grid.numNodes}; got ${list.length}.`);
    const bad = list.findIndex((v) => !Number.isFinite(v));
    if (bad >= 0) throw new ShapeError('value-problem', `${name} must be finite; got ${list[bad]} at node ${bad}.`);
  }
  if (!(horizon > 0 && Number.isFinite(horizon)))
    throw new UsageError('value-horizon', `horizon must be above 0 seconds and finite; got ${horizon}.`);
  if (!(cfl > 0 && cfl <= 1)) throw new UsageError('value-cfl', `cfl must be in (0, 1]; got ${cfl}. A larger step is not stable.`);
}

/** dV/ds at every node. */
function createRates({ grid, system, kind = 'tube' }: ValueProblem, { dissipation = 'local' }: ValueOptions, order: DerivativeOrder) {
  const { numNodes, axes } = grid;
  const tables = tabulate(grid, system, dissipation);
  const mean = new Float64Array(numNodes);
  const jump = new Float64Array(numNodes);
  /** Per input, grad V . gain so far. */
  const slopes = tables.inputs.map(() => new Float64Array(numNodes));
  function into(rate: Float64Array, v: Float64Array): void {
    for (let axis = 0; axis < axes.length; axis++) {
      derivativesInto(mean, jump, grid, v, axis, order);
      const { values: drift, mask } = tables.drift[axis];
      const { values: speed, mask: speedMask } = tables.speed[axis];
      if (axis === 0) for (let n = 0; n < numNodes; n++) rate[n] = drift[n & mask] * mean[n] + speed[n & speedMask] * jump[n];
      else for (let n = 0; n < numNodes; n++) rate[n] += drift[n & mask] * mean[n] + speed[n & speedMask] * jump[n];
      for (let k = 0; k < slopes.length; k++) {
        const slope = slopes[k];
        if (axis === 0) slope.fill(0);
        const { values: gain, mask: gainMask, absent } = tables.inputs[k].gain[axis];
        if (!absent) for (let n = 0; n < numNodes; n++) slope[n] += gain[n & gainMask] * mean[n];
      }
    }
    for (let k = 0; k < slopes.length; k++) {
      const slope = slopes[k];
      const { low, high, greatest } = tables.inputs[k];
      const above = greatest ? high : low;
      const below = greatest ? low : high;
      for (let n = 0; n < numNodes; n++) rate[n] += slope[n] > 0 ? above * slope[n] : below * slope[n];
    }
    if (kind === 'tube') for (let n = 0; n < numNodes; n++) if (rate[n] > 0) rate[n] = 0;
  }
  return { into, perSecond: tables.rate > 0 ? tables.rate : 1e-9 };
}
