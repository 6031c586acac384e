/** One robot among obstacles and the tracks of others: search, repair, and then the same way in fewer steps. */
import { type Dynamics, numControls } from '../dynamics/dynamics.js';
import type { Spending } from '../mapf/spending.js';
import type { ContinuousProblem, Robot } from '../problem/problem.js';
import { type Clearance, createClearance, horizonOf, type Track } from './clearance.js';
import { followStates } from './follow.js';
import { createGapSearch } from './gap-search.js';
import { createMotionSearch } from './motion-search.js';
import type { PrimitiveSource } from './primitives.js';
import { type Motion, repairMotion } from './repair.js';
import { createTimeToGo, type TimeToGo } from './time-to-go.js';

export type RobotPlan =
  | { readonly status: 'solved'; readonly motion: Motion; readonly level: number }
  | { readonly status: 'exhausted' | 'spent' | 'infeasible'; readonly reason: string };

export interface RobotSearch {
  /** Nodes after which a resolution is given up for the next finer one. */
  readonly nodesPerLevel: number;
  /** The first resolution that is tried, 0 by default. */
  readonly fromLevel?: number;
  /** The robot's time to its goal, where it was computed before. */
  readonly toGo?: TimeToGo;
  /** Searches over these with gaps, as db-A*, instead of motions that are rolled out from each other. */
  readonly primitives?: PrimitiveSource;
}

/** Coarse to fine. `share` is that of the base length of a motion. */
const LEVELS = [
  { share: 2, merge: { position: 0.2, angle: 0.4, other: 0.15 }, goalDistance: 0.5, gap: 0.006, greed: 2 },
  { share: 1, merge: { position: 0.12, angle: 0.25, other: 0.15 }, goalDistance: 0.4, gap: 0.006, greed: 1.2 },
  { share: 0.8, merge: { position: 0.1, angle: 0.2, other: 0.1 }, goalDistance: 0.3, gap: 0.005, greed: 1.2 },
  { share: 0.6, merge: { position: 0.08, angle: 0.15, other: 0.12 }, goalDistance: 0.2, gap: 0.004, greed: 1.2 },
  { share: 0.4, merge: { position: 0.05, angle: 0.1, other: 0.08 }, goalDistance: 0.2, gap: 0.003, greed: 1.2 },
] as const;
/** Base length of a motion, seconds: bodies that need long to reach top speed take longer ones. */
const QUICK_MOTION = 0.5;
const SLOW_MOTION = 1;
/** Largest gaps of a path of primitives, and how many of a library are used. */
const GAP_LEVELS = Array.from({ length: 8 }, (_, level) => ({ delta: 0.5 * 0.85 ** level, numPrimitives: Math.round(200 * 1.5 ** level) }));
export const MOST_PRIMITIVES = GAP_LEVELS[GAP_LEVELS.length - 1].numPrimitives;
const GAP = 0.004;
const GREED = 1.2;
const CANDIDATES_PER_LEVEL = 12;
/** Expansions that a repair counts for: it takes about as long. */
export const REPAIR_COST = 50;

export function planRobot(
  problem: ContinuousProblem,
  robot: Robot,
  others: readonly Track[],
  spending: Spending,
  { nodesPerLevel, fromLevel = 0, toGo: known, primitives }: RobotSearch,
): RobotPlan {
  const clearance = createClearance(problem, robot.dynamics, others);
  const horizon = horizonOf(others);
  const toGo = known ?? createTimeToGo(problem, robot, spending);
  if (toGo === undefined) return { status: 'spent', reason: spending.sentence };
  if (toGo.of(robot.start) === Infinity)
    return { status: 'infeasible', reason: `${robot.name} cannot reach its goal: not even the disc that fits into its body gets through.` };
  if (primitives !== undefined) {
    return tryLevels(problem, robot, clearance, horizon, spending, { nodesPerLevel, fromLevel }, GAP_LEVELS.length, (index) => {
      const { delta, numPrimitives } = GAP_LEVELS[index];
      const library = primitives(robot.dynamics, numPrimitives, () => spending.timeIsUp());
      const search = createGapSearch(problem, robot, clearance, toGo, library, { delta, horizon, gap: GAP, greed: GREED });
      return (spend) => {
        const found = search.next(spend);
        return typeof found === 'string' ? found : followStates(robot, found.states, found.controls);
      };
    });
  }
  const base = isSlow(robot.dynamics) ? SLOW_MOTION : QUICK_MOTION;
  return tryLevels(problem, robot, clearance, horizon, spending, { nodesPerLevel, fromLevel }, LEVELS.length, (index) => {
    const { share, ...level } = LEVELS[index];
    const motionSteps = Math.max(1, Math.round((share * base) / robot.dynamics.dt));
    return createMotionSearch(problem, robot, clearance, toGo, { ...level, motionSteps, horizon }).next;
  });
}

/** The controls of the next way to the neighbourhood of the goal. */
type NextWay = (spend: () => boolean) => Float64Array | 'exhausted' | 'spent';

/** Each resolution in turn: ways to the goal's neighbourhood, and the first that the repair brings to the goal. */
function tryLevels(
  problem: ContinuousProblem,
  robot: Robot,
  clearance: Clearance,
  horizon: number,
  spending: Spending,
  { nodesPerLevel, fromLevel = 0 }: RobotSearch,
  numLevels: number,
  searchAt: (level: number) => NextWay,
): RobotPlan {
  for (let level = fromLevel; level < numLevels; level++) {
    const next = searchAt(level);
    let nodes = 0;
    for (let candidate = 0; candidate < CANDIDATES_PER_LEVEL; candidate++) {
      const found = next(() => {
        spending.expand();
        return spending.spent || ++nodes > nodesPerLevel;
      });
      if (typeof found === 'string') break;
      const motion = reachGoal(problem, robot, clearance, found, horizon, spending);
      if (motion !== undefined) return { status: 'solved', motion, level };
      if (spending.spent) break;
    }
    if (spending.spent) return { status: 'spent', reason: spending.sentence };
  }
  return { status: 'exhausted', reason: `No way to the goal of ${robot.name} was found at the finest resolution.` };
}

/** Whether a speed among the state's components is more than a second away at full push. */
function isSlow(dynamics: Dynamics): boolean {
  const rest = new Float64Array(dynamics.stateHigh.length);
  const pushed = new Float64Array(rest.length);
  dynamics.stepInto(pushed, rest, dynamics.controlHigh);
  return dynamics.stateHigh.some((top, i) => Number.isFinite(top) && pushed[i] > 0 && (top / pushed[i]) * dynamics.dt > 1);
}

/** Steps that are added for the rest of the way to the goal. */
const EXTRA = [2, 8, 16];

function reachGoal(
  problem: ContinuousProblem,
  robot: Robot,
  clearance: Clearance,
  controls: Float64Array,
  horizon: number,
  spending: Spending,
): Motion | undefined {
  const nu = numControls(robot.dynamics);
  for (const extra of EXTRA) {
    if (spending.spent) return undefined;
    spending.expand(REPAIR_COST);
    const guess = new Float64Array(controls.length + extra * nu);
    guess.set(controls);
    for (let k = controls.length; k < guess.length; k++) guess[k] = robot.dynamics.neutral[k % nu];
    const motion = repairMotion(problem, robot, clearance, guess, horizon, spending);
    if (motion !== undefined) return motion;
  }
  return undefined;
}

/**
 * The same way in fewer steps, by resampling the controls and repairing anew, as long as it works and the budget lasts.
 * @param others tracks of all other robots.
 */
export function shortenMotion(
  problem: ContinuousProblem,
  robot: Robot,
  others: readonly Track[],
  motion: Motion,
  spending: Spending,
): Motion {
  const clearance = createClearance(problem, robot.dynamics, others);
  const horizon = horizonOf(others);
  const nu = numControls(robot.dynamics);
  let best = motion;
  let cut = 0.2;
  while (cut > 0.01 && !spending.spent) {
    const steps = best.controls.length / nu;
    const fewer = Math.floor(steps * (1 - cut));
    if (fewer < 1 || fewer === steps) break;
    spending.expand(REPAIR_COST);
    const shorter = repairMotion(problem, robot, clearance, resampled(best.controls, nu, fewer), horizon, spending);
    if (shorter === undefined) cut /= 2;
    else best = shorter;
  }
  return best;
}

/** `[from, nu]` to `[steps, nu]`. */
export function resampled(controls: Float64Array, nu: number, steps: number): Float64Array {
  const from = controls.length / nu;
  const out = new Float64Array(steps * nu);
  for (let k = 0; k < steps; k++) {
    const at = Math.min(from - 1, Math.floor(((k + 0.5) * from) / steps));
    // Commanded speeds rise by what the time shrinks; the repair clamps what goes beyond.
    for (let u = 0; u < nu; u++) out[k * nu + u] = controls[at * nu + u];
  }
  return out;
}
