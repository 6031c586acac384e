/**
 * Planner `db-astar`: robots with dynamics, one or a team. A single robot: search, repair, shorten. A team: one after the other in an order of priority, later
 * ones among the tracks of the earlier; where one finds no way it goes first and all begin anew. Not complete.
 * @source Hoenig, Ortiz-Haro, Toussaint: db-A*, IROS 2022; Erdmann and Lozano-Perez: On multiple moving objects, 1987 (priorities).
 */
import { numStates } from '../dynamics/dynamics.js';
import { createSpending, type Spending } from '../mapf/spending.js';
import type { Budget, Planner, PlanOptions, PlanResult } from '../planner.js';
import type { ContinuousProblem, Problem, Robot } from '../problem/problem.js';
import type { StateTrajectory } from '../trajectory.js';
import { createClearance, createTrack, type Track } from './clearance.js';
import { CONTACT } from './motion-search.js';
import { planRobot, type RobotPlan, shortenMotion } from './plan-robot.js';
import type { Motion } from './repair.js';

export const dbAstarPlanner: Planner<ContinuousProblem> = {
  name: 'db-astar',
  description: 'Robots with dynamics (unicycles, cars, integrators), one or a team by priorities: motion search, repair, shortening.',
  source: 'Hoenig, Ortiz-Haro, Toussaint, IROS 2022; Erdmann and Lozano-Perez, 1987',
  refuses,
  plan: planTeam,
};

function refuses(problem: Problem): string | undefined {
  if (problem.kind === 'grid') return 'db-astar plans for robots with dynamics; this problem has agents on cells.';
  const unfit = problem.robots.find(({ dynamics }) => /^quad/.test(dynamics.name));
  if (unfit !== undefined) return `db-astar holds a control for several steps, and ${unfit.dynamics.name} falls over meanwhile.`;
  const steps = new Set(problem.robots.map(({ dynamics }) => dynamics.dt));
  return steps.size > 1 ? 'db-astar plans for robots whose steps are equally long.' : undefined;
}

/** For a robot alone, and for one of a team in the first order; every further order takes twice as many. */
const NODES_ALONE = 60_000;
const NODES_IN_TEAM = 5000;
/** Finer resolutions find the same way. */
const FINEST_TO_BETTER = 2;

function planTeam(problem: ContinuousProblem, budget: Budget, options: PlanOptions = {}): PlanResult {
  const spending = createSpending(budget, options);
  const impossible = impossibility(problem, spending);
  if (impossible !== undefined) return { status: 'infeasible', trajectories: [], stats: spending.stats(), reason: impossible };
  if (spending.spent) return { status: 'timeout', trajectories: [], stats: spending.stats(), reason: spending.sentence };
  const { robots } = problem;
  let order = robots.map((_, index) => index);
  const tried = new Set<string>();
  for (let round = 0; ; round++) {
    tried.add(order.join());
    const nodesPerLevel = robots.length === 1 ? NODES_ALONE : Math.min(NODES_ALONE, NODES_IN_TEAM * 2 ** round);
    const motions = new Map<number, Motion>();
    const tracks: Track[] = [];
    let failed = -1;
    for (const index of order) {
      const plan = planRobot(problem, robots[index], tracks, spending, { nodesPerLevel });
      if (plan.status === 'infeasible') return { status: 'infeasible', trajectories: [], stats: spending.stats(), reason: plan.reason };
      if (plan.status !== 'solved') {
        if (spending.spent || robots.length === 1)
          return { status: 'timeout', trajectories: [], stats: spending.stats(), reason: plan.reason };
        failed = index;
        break;
      }
      motions.set(index, robots.length === 1 ? bestOfLevels(problem, plan, spending, budget) : plan.motion);
      tracks.push(createTrack(robots[index].dynamics, plan.motion.states));
    }
    if (failed < 0) return finish(problem, shorten(problem, motions, spending, budget), spending, round + 1);
    // When all orders were tried, they are tried again with more nodes.
    let next = nextOrder(order, failed, tried);
    if (next === undefined && nodesPerLevel < NODES_ALONE) {
      tried.clear();
      next = nextOrder(order, failed, tried);
    }
    if (next === undefined)
      return {
        status: 'timeout',
        trajectories: [],
        stats: spending.stats(undefined, { orders: round + 1 }),
        reason: `No order of priority that was tried lets ${robots[failed].name} through.`,
      };
    order = next;
  }
}

/** The coarsest way may go around the wrong side of an obstacle: finer resolutions have their say while less than half of the budget is spent. */
function bestOfLevels(problem: ContinuousProblem, first: RobotPlan & { status: 'solved' }, spending: Spending, budget: Budget): Motion {
  const [robot] = problem.robots;
  if (budget.ms === undefined && budget.expansions === undefined) return first.motion;
  let best = shortenMotion(problem, robot, [], first.motion, spending);
  for (let level = first.level + 1; level <= FINEST_TO_BETTER && spending.share < 0.5; ) {
    const plan = planRobot(problem, robot, [], spending, { nodesPerLevel: NODES_ALONE, fromLevel: level });
    if (plan.status !== 'solved') break;
    const motion = shortenMotion(problem, robot, [], plan.motion, spending);
    if (motion.controls.length < best.controls.length) best = motion;
    level = plan.level + 1;
  }
  return best;
}

/** The failed one first; where that was tried, the next rotation that was not. */
function nextOrder(order: readonly number[], failed: number, tried: ReadonlySet<string>): number[] | undefined {
  const first = [failed, ...order.filter((index) => index !== failed)];
  for (let turn = 0; turn < order.length; turn++) {
    const candidate = [...first.slice(turn), ...first.slice(0, turn)];
    if (!tried.has(candidate.join())) return candidate;
  }
  const reversed = [...first].reverse();
  return tried.has(reversed.join()) ? undefined : reversed;
}

/** Each in turn, the slowest first, among the tracks of all others, until no one gets shorter. */
function shorten(problem: ContinuousProblem, motions: ReadonlyMap<number, Motion>, spending: Spending, budget: Budget): Motion[] {
  const best = problem.robots.map((_, index) => motions.get(index) as Motion);
  // Without a budget nothing says how long to go on.
  if (budget.ms === undefined && budget.expansions === undefined) return best;
  const tracks = best.map((motion, index) => createTrack(problem.robots[index].dynamics, motion.states));
  for (let round = 0; round < 3; round++) {
    let gained = false;
    const slowest = best.map((_, index) => index).sort((a, b) => best[b].states.length - best[a].states.length || a - b);
    for (const index of slowest) {
      const others = tracks.filter((_, other) => other !== index);
      const shorter = shortenMotion(problem, problem.robots[index], others, best[index], spending);
      if (shorter === best[index]) continue;
      best[index] = shorter;
      tracks[index] = createTrack(problem.robots[index].dynamics, shorter.states);
      gained = true;
    }
    if (!gained || spending.spent) break;
  }
  return best;
}

function finish(problem: ContinuousProblem, motions: readonly Motion[], spending: Spending, orders: number): PlanResult {
  const trajectories = motions.map(({ states, controls }, index): StateTrajectory => {
    const { name, dynamics } = problem.robots[index];
    return { kind: 'states', robot: name, type: dynamics.name, start: 0, dt: dynamics.dt, states, controls, tail: 'hold' };
  });
  const times = trajectories.map(({ states, dt }, index) =>
    Number(((states.length / numStates(problem.robots[index].dynamics) - 1) * dt).toFixed(9)),
  );
  return {
    status: 'solved',
    trajectories,
    stats: spending.stats(
      { makespan: Math.max(...times), sumOfCosts: Number(times.reduce((sum, time) => sum + time, 0).toFixed(9)) },
      { orders },
    ),
  };
}

/** What a plan may differ from a goal in each component, metres or radians; from bounds and starts by rounding only. */
const GOAL_SLACK = 0.01;
const BOUND_SLACK = 1e-9;

/** Overlap that ending beside the goal can mend, metres: a shift along each axis, and a turn of the farthest point of the body. */
function goalSlack({ dynamics, goal }: Robot, space: number): number {
  const places = new Float64Array(7 * dynamics.parts.length);
  dynamics.placeInto(places, goal);
  const farthest = dynamics.parts.reduce((most, part, p) => {
    const size = part.shape === 'ball' ? part.radius : Math.hypot(...part.half);
    return Math.max(most, size + Math.hypot(...[0, 1, 2].map((axis) => places[7 * p + axis] - (axis < space ? goal[axis] : 0))));
  }, 0);
  return CONTACT + GOAL_SLACK * (Math.sqrt(space) + farthest * dynamics.angles.length);
}

/** What no plan can mend: a start or goal in a wall, out of bounds, or in another robot's, by more than the validator lets pass. */
export function impossibility(problem: ContinuousProblem, spending: Spending): string | undefined {
  const { robots } = problem;
  for (const which of ['start', 'goal'] as const) {
    const slack = (robot: Robot): number => (which === 'start' ? CONTACT : goalSlack(robot, problem.space));
    const boundSlack = which === 'start' ? BOUND_SLACK : GOAL_SLACK;
    for (const [index, robot] of robots.entries()) {
      if (spending.look()) return undefined;
      const state = robot[which];
      const out = state.findIndex((value, i) => {
        const low = i < problem.space ? problem.min[i] : robot.dynamics.stateLow[i];
        const high = i < problem.space ? problem.max[i] : robot.dynamics.stateHigh[i];
        return value < low - boundSlack || value > high + boundSlack;
      });
      if (out >= 0) return `The ${which} of ${robot.name} lies outside the bounds of ${robot.dynamics.stateNames[out]}.`;
      if (createClearance(problem, robot.dynamics).gap(state, 0) < -slack(robot))
        return `The ${which} of ${robot.name} lies in an obstacle.`;
      for (const other of robots.slice(0, index)) {
        if (spending.look()) return undefined;
        const track = createTrack(other.dynamics, other[which]);
        if (
          createClearance({ ...problem, obstacles: [] }, robot.dynamics, [track]).gap(state, 0) <
          -Math.max(CONTACT, slack(robot) + slack(other) - CONTACT)
        )
          return `The ${which}s of ${other.name} and ${robot.name} overlap.`;
      }
    }
  }
  return undefined;
}
