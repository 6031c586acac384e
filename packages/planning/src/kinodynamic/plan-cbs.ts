/**
 * Planner `db-cbs`: conflict-based search for teams of robots with dynamics. The root has each robot's own plan; where two meet first, one child keeps the one
 * robot off the other's track during those steps, the other child the other way round. Plans without conflicts are shortened among each other's tracks.
 * Differs from db-CBS: a constraint is the track of the other during the conflict instead of a ball around the own state, and it grows where the same two meet
 * again, so there are fewer nodes and completeness is given up; repairs are single, within constraints.
 * @source Moldagalieva, Ortiz-Haro, Toussaint, Hoenig: db-CBS, ICRA 2024; Sharon et al.: Conflict-based search, AIJ 2015; Barer et al.: suboptimal variants
 * (focal), SoCS 2014.
 */
import { createSpending, type Spending } from '../mapf/spending.js';
import type { Budget, Planner, PlanOptions, PlanResult } from '../planner.js';
import type { ContinuousProblem } from '../problem/problem.js';
import type { Track } from './clearance.js';
import { type Conflict, createFineMotion, type FineMotion, firstConflict } from './conflicts.js';
import { finishTeam, shortenTeam } from './finish-team.js';
import { impossibility, refusesTeam } from './impossible-team.js';
import { shortenJointly } from './joint-repair.js';
import { planRobot, shortenMotion } from './plan-robot.js';
import type { Motion } from './repair.js';
import { createTimeToGo, type TimeToGo } from './time-to-go.js';

export const dbCbsPlanner: Planner<ContinuousProblem> = {
  name: 'db-cbs',
  description: 'Teams of robots with dynamics: conflict-based search over single plans of motion search and repair, then shortening.',
  source: 'Moldagalieva, Ortiz-Haro, Toussaint, Hoenig: db-CBS, ICRA 2024',
  refuses: (problem) => refusesTeam('db-cbs', problem),
  plan: planTeam,
};

/** Nodes of a robot's search per resolution in the first tree; each further tree takes four times as many. */
const NODES_FIRST = 5000;
const NODES_MOST = 80_000;
/** A node may cost this much more than the cheapest where it has fewer conflicts. */
const FOCAL = 1.3;
/** Steps before and after a conflict that count as part of it, doubled each time that the same two meet again. */
const PAD = 3;
/** Share of the budget until which better plans are looked for. */
const UNTIL = 0.5;

interface TreeNode {
  readonly fine: readonly FineMotion[];
  readonly conflicts: readonly Conflict[];
  /** Per robot, what it keeps off, and whose track each is. */
  readonly constraints: readonly (readonly Constraint[])[];
  /** Steps until arrival, summed over the robots. */
  readonly cost: number;
}

interface Constraint {
  readonly other: number;
  readonly track: Track;
}

function planTeam(problem: ContinuousProblem, budget: Budget, options: PlanOptions = {}): PlanResult {
  const spending = createSpending(budget, options);
  const impossible = impossibility(problem, spending);
  if (impossible !== undefined) return { status: 'infeasible', trajectories: [], stats: spending.stats(), reason: impossible };
  const timeout = (reason: string): PlanResult => ({ status: 'timeout', trajectories: [], stats: spending.stats(), reason });
  const limited = budget.ms !== undefined || budget.expansions !== undefined;
  const toGo: TimeToGo[] = [];
  for (const robot of problem.robots) {
    const one = spending.spent ? undefined : createTimeToGo(problem, robot, spending);
    if (one === undefined) return timeout(spending.sentence);
    toGo.push(one);
  }
  let best: readonly Motion[] | undefined;
  let numNodes = 0;
  let numPlans = 0;
  for (let nodesPerLevel = NODES_FIRST; nodesPerLevel <= NODES_MOST && best === undefined; nodesPerLevel *= 4) {
    // The resolution at which each robot found its own way: coarser ones need not fail again.
    const levels = problem.robots.map(() => 0);
    const planOne = (index: number, constraints: readonly Constraint[]): Motion | string | undefined => {
      const tracks = constraints.map(({ track }) => track);
      const plan = planRobot(problem, problem.robots[index], tracks, spending, {
        nodesPerLevel,
        fromLevel: levels[index],
        toGo: toGo[index],
      });
      if (plan.status === 'infeasible') return plan.reason;
      if (plan.status !== 'solved') return undefined;
      if (constraints.length === 0) levels[index] = plan.level;
      return shortenMotion(problem, problem.robots[index], tracks, plan.motion, spending);
    };
    const root = createRoot(problem, planOne);
    if (typeof root === 'string') return { status: 'infeasible', trajectories: [], stats: spending.stats(), reason: root };
    if (root === undefined) {
      if (spending.spent) break;
      continue;
    }
    const open: TreeNode[] = [root];
    while (open.length > 0 && !spending.spent && (best === undefined || (limited && spending.share < UNTIL))) {
      const node = takeBest(open);
      numNodes++;
      if (node.conflicts.length === 0) {
        numPlans++;
        const motions = improve(
          problem,
          node.fine.map(({ motion }) => motion),
          spending,
          budget,
        );
        if (best === undefined || isBetter(motions, best, problem)) best = motions;
        continue;
      }
      for (const child of childrenOf(problem, node, planOne)) open.push(child);
    }
  }
  if (best !== undefined) return finishTeam(problem, best, spending, { treeNodes: numNodes, plans: numPlans });
  return timeout(spending.spent ? spending.sentence : 'No tree of constraints that was tried has a plan without conflicts.');
}

type PlanOne = (index: number, constraints: readonly Constraint[]) => Motion | string | undefined;

function createRoot(problem: ContinuousProblem, planOne: PlanOne): TreeNode | string | undefined {
  const fine: FineMotion[] = [];
  for (const [index, robot] of problem.robots.entries()) {
    const motion = planOne(index, []);
    if (motion === undefined || typeof motion === 'string') return motion;
    fine.push(createFineMotion(robot, motion));
  }
  const conflicts: Conflict[] = [];
  for (let b = 0; b < fine.length; b++)
    for (let a = 0; a < b; a++) {
      const conflict = firstConflict(problem, fine, a, b);
      if (conflict !== undefined) conflicts.push(conflict);
    }
  return { fine, conflicts, constraints: fine.map(() => []), cost: costOf(fine) };
}

function* childrenOf(problem: ContinuousProblem, node: TreeNode, planOne: PlanOne): Generator<TreeNode> {
  const first = node.conflicts.reduce((least, one) => (one.from < least.from ? one : least));
  for (const [index, other] of [
    [first.a, first.b],
    [first.b, first.a],
  ]) {
    const before = node.constraints[index];
    const pad = PAD * 2 ** before.filter((one) => one.other === other).length;
    const { track } = node.fine[other];
    // One that has arrived stays in the way.
    const to = first.from >= track.steps ? Infinity : first.to + pad;
    const during: [number, number] = [Math.max(0, first.from - pad), to];
    const constraints = [...before, { other, track: { ...track, during } }];
    const motion = planOne(index, constraints);
    if (motion === undefined || typeof motion === 'string') continue;
    const fine = node.fine.with(index, createFineMotion(problem.robots[index], motion));
    const conflicts = node.conflicts.filter(({ a, b }) => a !== index && b !== index);
    for (let one = 0; one < fine.length; one++) {
      const conflict = one === index ? undefined : firstConflict(problem, fine, one, index);
      if (conflict !== undefined) conflicts.push(conflict);
    }
    yield { fine, conflicts, constraints: node.constraints.with(index, constraints), cost: costOf(fine) };
  }
}

function costOf(fine: readonly FineMotion[]): number {
  return fine.reduce((sum, { track }) => sum + track.steps, 0);
}

/** Takes the node with the fewest conflicts of those that cost little more than the cheapest. */
function takeBest(open: TreeNode[]): TreeNode {
  const most = FOCAL * open.reduce((least, { cost }) => Math.min(least, cost), Infinity);
  let best = -1;
  for (const [at, { cost, conflicts }] of open.entries()) {
    if (cost > most) continue;
    if (
      best < 0 ||
      conflicts.length < open[best].conflicts.length ||
      (conflicts.length === open[best].conflicts.length && cost < open[best].cost)
    )
      best = at;
  }
  return open.splice(best, 1)[0];
}

/** One at a time, then all at once; where that hastened the last, whoever can be earlier again, one at a time. */
function improve(problem: ContinuousProblem, motions: readonly Motion[], spending: Spending, budget: Budget): readonly Motion[] {
  const single = shortenTeam(problem, motions, spending, budget);
  if (budget.ms === undefined && budget.expansions === undefined) return single;
  const joint = shortenJointly(problem, single, spending);
  if (joint === single || !isFree(problem, joint)) return single;
  return shortenTeam(problem, joint, spending, budget);
}

function isFree(problem: ContinuousProblem, motions: readonly Motion[]): boolean {
  const fine = motions.map((motion, index) => createFineMotion(problem.robots[index], motion));
  return fine.every((_, b) => fine.slice(0, b).every((_, a) => firstConflict(problem, fine, a, b) === undefined));
}

/** An earlier last arrival, or as early a one and fewer steps in sum. */
function isBetter(motions: readonly Motion[], than: readonly Motion[], problem: ContinuousProblem): boolean {
  const steps = (team: readonly Motion[]): number[] => team.map(({ states }, index) => states.length / problem.robots[index].start.length);
  const [ours, theirs] = [steps(motions), steps(than)];
  const [last, lastBefore] = [Math.max(...ours), Math.max(...theirs)];
  const sum = (all: readonly number[]): number => all.reduce((total, one) => total + one, 0);
  return last < lastBefore || (last === lastBefore && sum(ours) < sum(theirs));
}
