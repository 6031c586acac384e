/** A planner's answer, judged: no plan leaves here that the validator refuses. */
import { UsageError } from '@kinovox/world';
import { numControls, numStates } from '../dynamics/dynamics.js';
import type { Budget, Planner, PlanOptions, PlanResult } from '../planner.js';
import type { ContinuousProblem, Problem } from '../problem/problem.js';
import type { Trajectory } from '../trajectory.js';
import { EXACT, type Tolerances } from '../validator/tolerances.js';
import { validatePlan } from '../validator/validate-plan.js';
import type { Verdict } from '../validator/verdict.js';
import { PLANNERS } from './registry.js';

/** `refused`: the planner called it solved, and the validator found it wrong; that is a defect of the planner, and the plan is not handed out. */
export type CheckedResult =
  | (PlanResult & { readonly verdict: Verdict | null })
  | {
      readonly status: 'refused';
      readonly trajectories: readonly [];
      readonly stats: PlanResult['stats'];
      readonly reason: string;
      readonly verdict: Verdict;
    };

/**
 * Partial plans end short of goals, so of those the goal alone is not judged.
 * @throws UsageError where the planner cannot take the problem.
 */
export async function planChecked(
  planner: Planner<never>,
  problem: Problem,
  budget: Budget,
  options?: PlanOptions,
  tolerances: Tolerances = EXACT,
): Promise<CheckedResult> {
  const reason = planner.refuses(problem);
  if (reason !== undefined) {
    const others = PLANNERS.filter((one) => one.refuses(problem) === undefined).map((one) => one.name);
    const next = others.length === 0 ? 'No planner can yet.' : `Planners that can: ${others.join(', ')}.`;
    throw new UsageError(
      'unfit-planner',
      `The planner ${planner.name} must be able to take the problem; got ${problem.name}: ${reason} ${next}`,
    );
  }
  const result = await planner.plan(problem as never, budget, options);
  if (result.status !== 'solved' && result.status !== 'partial') return { ...result, verdict: null };
  const verdict = validatePlan(problem, result.trajectories, tolerances);
  if (verdict.valid) return { ...result, verdict };
  // The first violation hides later ones: others may still run into a robot that has stopped short.
  const rest =
    result.status === 'partial' && verdict.violation.constraint === 'goal'
      ? validatePlan(problem, result.trajectories, tolerances, ['goal'])
      : verdict;
  if (rest.valid) return { ...result, verdict };
  return {
    status: 'refused',
    trajectories: [],
    stats: { ...result.stats, makespan: null, sumOfCosts: null },
    reason: `The planner ${planner.name} made a plan that the validator refuses: ${rest.violation.sentence} The plan is not handed out.`,
    verdict: rest,
  };
}

/** When each robot arrives for good: standing at its last state or cell counts no more. Seconds, or steps or lengths on grids. */
export function arrivalTimes(problem: Problem, trajectories: readonly Trajectory[]): number[] {
  return trajectories.map((one, index) => {
    if (one.kind === 'cells') {
      const { cells, times } = one;
      let last = times.length - 1;
      while (last > 0 && [0, 1, 2].every((axis) => cells[3 * last + axis] === cells[3 * (last - 1) + axis])) last--;
      return times[last];
    }
    const { dynamics } = (problem as ContinuousProblem).robots[index];
    const nx = numStates(dynamics);
    let last = one.controls.length / numControls(dynamics);
    while (last > 0 && one.states.subarray(last * nx, (last + 1) * nx).every((value, i) => value === one.states[(last - 1) * nx + i]))
      last--;
    // Sums of tenths without the last bits of binary fractions.
    return last === 0 ? 0 : Number((one.start + last * one.dt).toFixed(9));
  });
}
