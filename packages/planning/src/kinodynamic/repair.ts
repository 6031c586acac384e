/**
 * Brings a rolled-out motion exactly to its goal, off obstacles and within bounds: iLQR with box constraints on the controls. The states are always the dynamics'
 * own steps, so the result needs no stitching. Cost: controls that change the guess little; hinges on the gap to obstacles and on state bounds; the goal.
 * @source Tassa, Mansard, Todorov: Control-limited differential dynamic programming, ICRA 2014; differs: clamped components are found by pinning, and
 * second derivatives of the dynamics are left out (Gauss-Newton).
 */
import { angleDifference } from '../dynamics/angles.js';
import { type Dynamics, numControls, numStates } from '../dynamics/dynamics.js';
import type { Spending } from '../mapf/spending.js';
import type { ContinuousProblem, Robot } from '../problem/problem.js';
import type { Clearance, PartialGap } from './clearance.js';
import { linearise, multiply, solveRows } from './riccati.js';

export interface Motion {
  /** `[N + 1, numStates]` */
  readonly states: Float64Array;
  /** `[N, numControls]` */
  readonly controls: Float64Array;
}

/** The gap that the repair strives for, and the one that it must keep at every step, metres. */
const AIM = 0.03;
const KEEP = 0.004;
/** Steps that count as the first. */
const FIRST = 5;
/** Largest difference of a component to the goal. */
const GOAL = 0.005;
const GOAL_WEIGHTS = [30, 1000, 30_000];
const ROUNDS = 40;

/**
 * @param guess `[N, numControls]`; the motion has as many steps.
 * @param horizon step until which others move: parked at its goal, the robot must keep clear of them too.
 * @param spending its clock is looked at between rounds; expansions are the caller's to count.
 * @returns undefined where no motion of this many steps was found, or the time is up.
 */
export function repairMotion(
  problem: ContinuousProblem,
  robot: Robot,
  clearance: Clearance,
  guess: Float64Array,
  horizon: number,
  spending: Spending,
): Motion | undefined {
  const work = createWork(problem, robot, clearance, guess, horizon);
  rollOut(work, work.controls, work.states);
  for (const weight of GOAL_WEIGHTS) {
    work.goalWeight = weight;
    let damping = 1e-4;
    let cost = costOf(work, work.controls, work.states);
    for (let round = 0; round < ROUNDS; round++) {
      if (spending.timeIsUp()) return undefined;
      if (!backward(work, damping)) {
        damping *= 10;
        continue;
      }
      const better = forward(work, cost, spending);
      if (better === undefined) {
        damping *= 10;
        if (damping > 1e4) break;
        continue;
      }
      damping = Math.max(1e-7, damping / 5);
      const gained = (cost - better) / Math.max(1e-9, cost);
      cost = better;
      if (isRight(work)) return { states: work.states.slice(), controls: work.controls.slice() };
      if (gained < 1e-4) break;
    }
  }
  return isRight(work) ? { states: work.states.slice(), controls: work.controls.slice() } : undefined;
}

interface Work {
  readonly dynamics: Dynamics;
  readonly robot: Robot;
  readonly clearance: Clearance;
  readonly gaps: readonly PartialGap[];
  readonly nx: number;
  readonly nu: number;
  readonly steps: number;
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly horizon: number;
  /** Gap to keep: less than usual where start or goal leave less. */
  readonly keep: number;
  /** Gap to keep at the first steps, at most that of the start itself, which may touch. */
  readonly keepFirst: number;
  goalWeight: number;
  controls: Float64Array;
  states: Float64Array;
  trialControls: Float64Array;
  trialStates: Float64Array;
  /** Feed-forward `[N, nu]` and gains `[N, nu, nx]`. */
  readonly feed: Float64Array;
  readonly gains: Float64Array;
}

function createWork(problem: ContinuousProblem, robot: Robot, clearance: Clearance, guess: Float64Array, horizon: number): Work {
  const { dynamics } = robot;
  const nx = numStates(dynamics);
  const nu = numControls(dynamics);
  const steps = guess.length / nu;
  const startGap = clearance.gap(robot.start, 0);
  const keep = Math.max(1e-5, Math.min(KEEP, 0.9 * startGap, 0.9 * clearance.gap(robot.goal, Math.max(steps, horizon))));
  return {
    dynamics,
    robot,
    clearance,
    // Speeds move no part.
    gaps: clearance.gaps ?? [
      {
        movers: Array.from({ length: nx }, (_, i) => i).filter((i) => i < dynamics.space || dynamics.angles.includes(i)),
        gap: clearance.gap,
      },
    ],
    nx,
    nu,
    steps,
    low: dynamics.stateLow.map((bound, i) => (i < problem.space ? problem.min[i] : bound)),
    high: dynamics.stateHigh.map((bound, i) => (i < problem.space ? problem.max[i] : bound)),
    horizon,
    keep,
    keepFirst: Math.min(keep, startGap),
    goalWeight: GOAL_WEIGHTS[0],
    controls: guess.map((value, i) => Math.max(dynamics.controlLow[i % nu], Math.min(dynamics.controlHigh[i % nu], value))),
    states: new Float64Array((steps + 1) * nx),
    trialControls: new Float64Array(steps * nu),
    trialStates: new Float64Array((steps + 1) * nx),
    feed: new Float64Array(steps * nu),
    gains: new Float64Array(steps * nu * nx),
  };
}

function rollOut({ dynamics, robot, nx, nu, steps }: Work, controls: Float64Array, states: Float64Array): void {
  states.set(robot.start);
  for (let k = 0; k < steps; k++)
    dynamics.stepInto(
      states.subarray((k + 1) * nx, (k + 2) * nx),
      states.subarray(k * nx, (k + 1) * nx),
      controls.subarray(k * nu, (k + 1) * nu),
    );
}

function goalError({ dynamics, robot }: Work, state: Float64Array, i: number): number {
  return dynamics.angles.includes(i) ? angleDifference(state[i], robot.goal[i]) : state[i] - robot.goal[i];
}

function isRight(work: Work): boolean {
  const { nx, steps, states, low, high, clearance, horizon, keep, keepFirst } = work;
  const last = states.subarray(steps * nx);
  for (let i = 0; i < nx; i++) if (Math.abs(goalError(work, last, i)) > GOAL) return false;
  for (let k = steps + 1; k <= horizon; k++) if (clearance.gap(last, k) < keep) return false;
  const middle = new Float64Array(nx);
  for (let k = 0; k <= steps; k++) {
    const state = states.subarray(k * nx, (k + 1) * nx);
    for (let i = 0; i < nx; i++) if (state[i] < low[i] - 1e-10 || state[i] > high[i] + 1e-10) return false;
    const least = k < FIRST ? keepFirst : keep;
    if (clearance.gap(state, k) < least) return false;
    if (k === steps) break;
    for (let i = 0; i < nx; i++) middle[i] = (state[i] + states[(k + 1) * nx + i]) / 2;
    if (clearance.gap(middle, k) < Math.min(least, least / 2)) return false;
  }
  return true;
}

const CONTROL_WEIGHT = 1e-3;
const GAP_WEIGHT = 3000;
const BOUND_WEIGHT = 3000;
/** State bounds are aimed at from within, by this share of their range. */
const BOUND_MARGIN = 2e-3;

function stateCost(work: Work, state: Float64Array, step: number): number {
  let cost = 0;
  for (const { gap } of work.gaps) {
    const short = AIM - gap(state, step);
    if (short > 0) cost += GAP_WEIGHT * short * short;
  }
  for (let i = 0; i < work.nx; i++) {
    const out = boundExcess(work, state, i);
    cost += BOUND_WEIGHT * out * out;
  }
  return cost;
}

/** How far a component lies outside its bounds, with the sign of the side. */
function boundExcess({ low, high }: Work, state: Float64Array, i: number): number {
  if (low[i] === -Infinity && high[i] === Infinity) return 0;
  const margin = BOUND_MARGIN * (high[i] - low[i]);
  if (state[i] > high[i] - margin) return state[i] - high[i] + margin;
  if (state[i] < low[i] + margin) return state[i] - low[i] - margin;
  return 0;
}

function costOf(work: Work, controls: Float64Array, states: Float64Array): number {
  const { dynamics, nx, nu, steps } = work;
  let cost = 0;
  for (let k = 0; k <= steps; k++) cost += stateCost(work, states.subarray(k * nx, (k + 1) * nx), k);
  for (let i = 0; i < controls.length; i++) {
    const range = dynamics.controlHigh[i % nu] - dynamics.controlLow[i % nu];
    cost += CONTROL_WEIGHT * ((controls[i] - dynamics.neutral[i % nu]) / range) ** 2;
  }
  for (let i = 0; i < nx; i++) cost += work.goalWeight * goalError(work, states.subarray(steps * nx), i) ** 2;
  return cost;
}

/** Riccati sweep. @returns false where the damping is too small. */
function backward(work: Work, damping: number): boolean {
  const { dynamics, nx, nu, steps, states, controls, feed, gains } = work;
  const vx = new Float64Array(nx);
  const vxx = new Float64Array(nx * nx);
  const a = new Float64Array(nx * nx);
  const b = new Float64Array(nx * nu);
  const qx = new Float64Array(nx);
  const qu = new Float64Array(nu);
  const qxx = new Float64Array(nx * nx);
  const quu = new Float64Array(nu * nu);
  const qux = new Float64Array(nu * nx);
  const va = new Float64Array(nx * nx);
  const vb = new Float64Array(nx * nu);
  const last = states.subarray(steps * nx);
  for (let i = 0; i < nx; i++) {
    vx[i] = 2 * work.goalWeight * goalError(work, last, i);
    vxx[i * nx + i] = 2 * work.goalWeight;
  }
  addStateDerivatives(work, last, steps, vx, vxx);
  for (let k = steps - 1; k >= 0; k--) {
    const state = states.subarray(k * nx, (k + 1) * nx);
    const control = controls.subarray(k * nu, (k + 1) * nu);
    linearise(dynamics, state, control, a, b);
    multiply(vxx, a, nx, nx, nx, va);
    multiply(vxx, b, nx, nx, nu, vb);
    qx.fill(0);
    qxx.fill(0);
    addStateDerivatives(work, state, k, qx, qxx);
    for (let i = 0; i < nx; i++)
      for (let m = 0; m < nx; m++) {
        qx[i] += a[m * nx + i] * vx[m];
        for (let j = 0; j < nx; j++) qxx[i * nx + j] += a[m * nx + i] * va[m * nx + j];
      }
    for (let i = 0; i < nu; i++) {
      const range = dynamics.controlHigh[i] - dynamics.controlLow[i];
      qu[i] = (2 * CONTROL_WEIGHT * (control[i] - dynamics.neutral[i])) / (range * range);
      for (let m = 0; m < nx; m++) qu[i] += b[m * nu + i] * vx[m];
      for (let j = 0; j < nu; j++) {
        let sum = i === j ? (2 * CONTROL_WEIGHT) / (range * range) + damping : 0;
        for (let m = 0; m < nx; m++) sum += b[m * nu + i] * vb[m * nu + j];
        quu[i * nu + j] = sum;
      }
      for (let j = 0; j < nx; j++) {
        let sum = 0;
        for (let m = 0; m < nx; m++) sum += b[m * nu + i] * va[m * nx + j];
        qux[i * nx + j] = sum;
      }
    }
    if (!boxStep(work, control, quu, qu, qux, feed.subarray(k * nu, (k + 1) * nu), gains.subarray(k * nu * nx, (k + 1) * nu * nx)))
      return false;
    const ff = feed.subarray(k * nu, (k + 1) * nu);
    const fb = gains.subarray(k * nu * nx, (k + 1) * nu * nx);
    for (let i = 0; i < nx; i++) {
      let sum = qx[i];
      for (let u = 0; u < nu; u++) {
        let quuFf = qu[u];
        for (let w = 0; w < nu; w++) quuFf += quu[u * nu + w] * ff[w];
        sum += fb[u * nx + i] * quuFf + qux[u * nx + i] * ff[u];
      }
      vx[i] = sum;
    }
    for (let i = 0; i < nx; i++)
      for (let j = 0; j < nx; j++) {
        let sum = qxx[i * nx + j];
        for (let u = 0; u < nu; u++) {
          let quuFb = qux[u * nx + j];
          for (let w = 0; w < nu; w++) quuFb += quu[u * nu + w] * fb[w * nx + j];
          sum += fb[u * nx + i] * quuFb + qux[u * nx + i] * fb[u * nx + j];
        }
        vxx[i * nx + j] = sum;
      }
    for (let i = 0; i < nx; i++)
      for (let j = 0; j < i; j++) {
        const mean = (vxx[i * nx + j] + vxx[j * nx + i]) / 2;
        vxx[i * nx + j] = mean;
        vxx[j * nx + i] = mean;
      }
  }
  return true;
}

/** The best change of a control within its bounds: components that would leave them are pinned to them, one after the other. */
function boxStep(
  { dynamics, nx, nu }: Work,
  control: Float64Array,
  quu: Float64Array,
  qu: Float64Array,
  qux: Float64Array,
  feed: Float64Array,
  gains: Float64Array,
): boolean {
  const pinned = new Array<boolean>(nu).fill(false);
  gains.fill(0);
  for (let pass = 0; pass <= nu; pass++) {
    const free = Array.from({ length: nu }, (_, i) => i).filter((i) => !pinned[i]);
    const n = free.length;
    if (n === 0) return true;
    // Rows of [Quu_ff | -(qu + Quu_fp d_p) | -qux].
    const width = n + 1 + nx;
    const rows = new Float64Array(n * width);
    for (let r = 0; r < n; r++) {
      for (let c = 0; c < n; c++) rows[r * width + c] = quu[free[r] * nu + free[c]];
      let right = -qu[free[r]];
      for (let p = 0; p < nu; p++) if (pinned[p]) right -= quu[free[r] * nu + p] * feed[p];
      rows[r * width + n] = right;
      for (let j = 0; j < nx; j++) rows[r * width + n + 1 + j] = -qux[free[r] * nx + j];
    }
    if (!solveRows(rows, n, width)) return false;
    let worst = -1;
    let excess = 1e-12;
    for (let r = 0; r < n; r++) {
      const i = free[r];
      feed[i] = rows[r * width + n];
      for (let j = 0; j < nx; j++) gains[i * nx + j] = rows[r * width + n + 1 + j];
      const over = Math.max(control[i] + feed[i] - dynamics.controlHigh[i], dynamics.controlLow[i] - control[i] - feed[i]);
      if (over > excess) {
        excess = over;
        worst = i;
      }
    }
    if (worst < 0) return true;
    pinned[worst] = true;
    feed[worst] = (feed[worst] > 0 ? dynamics.controlHigh[worst] : dynamics.controlLow[worst]) - control[worst];
    gains.fill(0, worst * nx, (worst + 1) * nx);
  }
  return true;
}

function forward(work: Work, cost: number, spending: Spending): number | undefined {
  const { dynamics, robot, nx, nu, steps, states, controls, trialControls, trialStates, feed, gains } = work;
  for (const share of [1, 0.5, 0.25, 0.1, 0.03]) {
    if (spending.timeIsUp()) return undefined;
    trialStates.set(robot.start);
    for (let k = 0; k < steps; k++) {
      for (let u = 0; u < nu; u++) {
        let value = controls[k * nu + u] + share * feed[k * nu + u];
        for (let i = 0; i < nx; i++) value += gains[(k * nu + u) * nx + i] * (trialStates[k * nx + i] - states[k * nx + i]);
        trialControls[k * nu + u] = Math.max(dynamics.controlLow[u], Math.min(dynamics.controlHigh[u], value));
      }
      dynamics.stepInto(
        trialStates.subarray((k + 1) * nx, (k + 2) * nx),
        trialStates.subarray(k * nx, (k + 1) * nx),
        trialControls.subarray(k * nu, (k + 1) * nu),
      );
    }
    const trial = costOf(work, trialControls, trialStates);
    if (trial < cost) {
      [work.states, work.trialStates] = [trialStates, states];
      [work.controls, work.trialControls] = [trialControls, controls];
      return trial;
    }
  }
  return undefined;
}

/** Gauss-Newton terms of the hinges. */
function addStateDerivatives(work: Work, state: Float64Array, step: number, lx: Float64Array, lxx: Float64Array): void {
  const { nx, gaps } = work;
  for (const { gap, movers } of gaps) {
    const short = AIM - gap(state, step);
    if (short <= 0) continue;
    const slope = new Float64Array(nx);
    const moved = state.slice();
    for (const i of movers) {
      moved[i] = state[i] + 1e-5;
      const ahead = gap(moved, step);
      moved[i] = state[i] - 1e-5;
      slope[i] = (ahead - gap(moved, step)) / 2e-5;
      moved[i] = state[i];
    }
    for (const i of movers) {
      lx[i] -= 2 * GAP_WEIGHT * short * slope[i];
      for (const j of movers) lxx[i * nx + j] += 2 * GAP_WEIGHT * slope[i] * slope[j];
    }
  }
  for (let i = 0; i < nx; i++) {
    const out = boundExcess(work, state, i);
    if (out === 0) continue;
    lx[i] += 2 * BOUND_WEIGHT * out;
    lxx[i * nx + i] += 2 * BOUND_WEIGHT;
  }
}
