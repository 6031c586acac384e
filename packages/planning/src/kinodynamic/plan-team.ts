/**
 * Planner `db-astar`: robots with dynamics, one or a team. A single robot: search, repair, shorten. A team: one after the other in an order of priority, later
 * ones among the tracks of the earlier; where one finds no way it goes first and all begin anew. Not complete.
 * @source Hoenig, Ortiz-Haro, Toussaint: db-A*, IROS 2022; Erdmann and Lozano-Perez: On multiple moving objects, 1987 (priorities).
 */
import { createSpending, type Spending } from '../mapf/spending.js';
import type { Budget, Planner, PlanOptions, PlanResult } from '../planner.js';
import type { ContinuousProblem } from '../problem/problem.js';
import { createTrack, type Track } from './clearance.js';
import { finishTeam, shortenTeam } from './finish-team.js';
import { impossibility, refusesTeam } from './impossible-team.js';
import { MOST_PRIMITIVES, planRobot, type RobotPlan, shortenMotion } from './plan-robot.js';
import { createPrimitiveSource, type PrimitiveLibrary, type PrimitiveSource } from './primitives.js';
import type { Motion } from './repair.js';

export const dbAstarPlanner: Planner<ContinuousProblem> = {
  name: 'db-astar',
  description: 'Robots with dynamics (unicycles, cars, integrators), one or a team by priorities: motion search, repair, shortening.',
  source: 'Hoenig, Ortiz-Haro, Toussaint, IROS 2022; Erdmann and Lozano-Perez, 1987',
  refuses: (problem) => refusesTeam('db-astar', problem),
  plan: planTeam,
};

/**
 * Planner `db-astar-gaps`: the same over primitives that are laid beside each other with gaps, which the repair closes, as the paper has it.
 * @param libraries by the dynamics' names, such as those of dynobench; for others libraries are made.
 */
export function createGapPlanner(libraries: Readonly<Record<string, PrimitiveLibrary>> = {}): Planner<ContinuousProblem> {
  return {
    name: 'db-astar-gaps',
    description: 'As db-astar, over a library of motion primitives joined with gaps that the repair closes.',
    source: 'Hoenig, Ortiz-Haro, Toussaint: db-A*, IROS 2022',
    refuses: (problem) => refusesTeam('db-astar-gaps', problem),
    plan: (problem, budget, options) => planTeam(problem, budget, options, createPrimitiveSource(MOST_PRIMITIVES, libraries)),
  };
}

/** For a robot alone, and for one of a team in the first order; every further order takes twice as many. */
const NODES_ALONE = 60_000;
const NODES_IN_TEAM = 5000;
/** Finer resolutions find the same way. */
const FINEST_TO_BETTER = 2;

function planTeam(problem: ContinuousProblem, budget: Budget, options: PlanOptions = {}, primitives?: PrimitiveSource): PlanResult {
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
      const plan = planRobot(problem, robots[index], tracks, spending, { nodesPerLevel, primitives });
      if (plan.status === 'infeasible') return { status: 'infeasible', trajectories: [], stats: spending.stats(), reason: plan.reason };
      if (plan.status !== 'solved') {
        if (spending.spent || robots.length === 1)
          return { status: 'timeout', trajectories: [], stats: spending.stats(), reason: plan.reason };
        failed = index;
        break;
      }
      motions.set(index, robots.length === 1 ? bestOfLevels(problem, plan, spending, budget, primitives) : plan.motion);
      tracks.push(createTrack(robots[index].dynamics, plan.motion.states));
    }
    if (failed < 0) {
      const found = robots.map((_, index) => motions.get(index) as Motion);
      return finishTeam(problem, shortenTeam(problem, found, spending, budget), spending, { orders: round + 1 });
    }
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
function bestOfLevels(
  problem: ContinuousProblem,
  first: RobotPlan & { status: 'solved' },
  spending: Spending,
  budget: Budget,
  primitives?: PrimitiveSource,
): Motion {
  const [robot] = problem.robots;
  if (budget.ms === undefined && budget.expansions === undefined) return first.motion;
  let best = shortenMotion(problem, robot, [], first.motion, spending);
  for (let level = first.level + 1; level <= FINEST_TO_BETTER && spending.share < 0.5; ) {
    const plan = planRobot(problem, robot, [], spending, { nodesPerLevel: NODES_ALONE, fromLevel: level, primitives });
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
