/**
 * The judge of all plans, written from docs/planning-validator.md; shares no code with planners. The verdict names the violation that comes first.
 */
import type { Problem } from '../problem/problem.js';
import type { CellPath, StateTrajectory, Trajectory } from '../trajectory.js';
import { checkCells } from './check-cells.js';
import { checkClearance } from './check-clearance.js';
import { checkStates } from './check-states.js';
import { EXACT, type Tolerances } from './tolerances.js';
import { CONSTRAINTS, type Constraint, type Verdict, type Violation } from './verdict.js';

/**
 * @param trajectories in the order of the problem's robots or agents. Anything that is no plan is a violation of `shape`, never an error.
 * @param except constraints that are not judged: `goal` for a plan that may end short of it.
 */
export function validatePlan(
  problem: Problem,
  trajectories: readonly Trajectory[],
  tolerances: Tolerances = EXACT,
  except: readonly Constraint[] = [],
): Verdict {
  const names = (problem.kind === 'grid' ? problem.agents : problem.robots).map((one) => one.name);
  const kind = problem.kind === 'grid' ? 'cells' : 'states';
  if (trajectories.length !== names.length || names.length === 0)
    return refuse(
      misshapen(undefined, `A plan must have one trajectory for each of ${names.length} robots; it has ${trajectories.length}.`),
    );
  for (const [index, one] of trajectories.entries()) {
    if (one.robot !== names[index])
      return refuse(misshapen(one.robot, `Trajectory ${index} must be that of ${names[index]}; it is that of ${one.robot}.`));
    if (one.kind !== kind) return refuse(misshapen(one.robot, `${one.robot} must be given as ${kind}; it is given as ${one.kind}.`));
    if (one.tail !== 'hold') return refuse(misshapen(one.robot, `${one.robot} must stay where it arrives; its plan lets it vanish.`));
  }
  const violations =
    problem.kind === 'grid'
      ? checkCells(problem, trajectories as readonly CellPath[], tolerances)
      : (() => {
          const found = checkStates(problem, trajectories as readonly StateTrajectory[], tolerances);
          // Places of states that are no states mean nothing.
          return found.some(({ constraint }) => constraint === 'shape')
            ? found
            : [...found, ...checkClearance(problem, trajectories as readonly StateTrajectory[], tolerances)];
        })();
  const judged = violations.filter(({ constraint }) => !except.includes(constraint));
  return judged.length === 0 ? { valid: true } : refuse(judged.reduce(earlier));
}

export function misshapen(robot: string | undefined, sentence: string): Violation {
  return { constraint: 'shape', robot, step: 0, time: 0, size: 0, sentence };
}

function refuse(violation: Violation): Verdict {
  return { valid: false, violation };
}

function earlier(a: Violation, b: Violation): Violation {
  const rank = (one: Violation) => (one.constraint === 'shape' ? -1 : CONSTRAINTS.indexOf(one.constraint));
  if (rank(a) < 0 || rank(b) < 0) return rank(b) < rank(a) ? b : a;
  if (Math.abs(a.time - b.time) > 1e-12) return a.time < b.time ? a : b;
  return rank(b) < rank(a) ? b : a;
}
