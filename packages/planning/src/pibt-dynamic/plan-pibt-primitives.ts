/**
 * Planner `pibt-primitives`: teams of robots with dynamics, a round ahead at a time, until all are at their goals. It does not search, so it may not arrive: then it
 * begins anew with drawn preferences, and in the end hands over where the team got, with every robot braked to rest. One expansion = one move that was looked at.
 */
import { numControls, numStates } from '../dynamics/dynamics.js';
import { impossibility } from '../kinodynamic/impossible-team.js';
import { createSpending } from '../mapf/spending.js';
import type { Budget, Planner, PlanOptions, PlanResult } from '../planner.js';
import type { ContinuousProblem, Problem } from '../problem/problem.js';
import type { StateTrajectory } from '../trajectory.js';
import { createBodyMotions, isAtRest } from './body-motions.js';
import { createDynamicTeam, createGuidance, createLattices, type DynamicTeam, ROUND } from './dynamic-team.js';

export const pibtPrimitivesPlanner: Planner<ContinuousProblem> = {
  name: 'pibt-primitives',
  description:
    'Teams of unicycles and integrators, a round ahead: PIBT over moves that end in reserved braking ways; safe when stopped at any step, not sure to arrive.',
  source: 'Okumura et al., Artificial Intelligence 310, 2022; Moldagalieva et al., db-LaCAM, 2025',
  refuses,
  plan: planPibtPrimitives,
};

/** Attempts with drawn preferences after the first. */
const ATTEMPTS = 8;
/** Rounds after which a team that has not arrived is taken to turn in circles: of the longest single way, and per robot. */
const PATIENCE = 4;
const PATIENCE_PER_ROBOT = 8;

function refuses(problem: Problem): string | undefined {
  if (problem.kind === 'grid') return 'pibt-primitives plans for robots with dynamics; this problem has agents on cells.';
  const unfit = problem.robots.find(({ dynamics }) => createBodyMotions(dynamics) === undefined);
  if (unfit !== undefined)
    return `pibt-primitives needs bodies that brake and go straight to a point: unicycles that can stand still, and integrators; ${unfit.name} is ${unfit.dynamics.name}.`;
  const steps = new Set(problem.robots.map(({ dynamics }) => dynamics.dt));
  return steps.size > 1 ? 'pibt-primitives plans for robots whose steps are equally long.' : undefined;
}

function planPibtPrimitives(problem: ContinuousProblem, budget: Budget, options: PlanOptions = {}): PlanResult {
  const spending = createSpending(budget, options);
  const impossible = impossibility(problem, spending) ?? movingGoal(problem);
  if (impossible !== undefined) return { status: 'infeasible', trajectories: [], stats: spending.stats(), reason: impossible };
  const order = Array.from(problem.robots.keys());
  const lattices = spending.look() ? undefined : createLattices(problem, spending);
  const first = lattices && createGuidance(problem, lattices, order, spending);
  if (lattices === undefined || first === undefined)
    return { status: 'timeout', trajectories: [], stats: spending.stats(), reason: spending.sentence };
  let guidance = first;
  const longest = problem.robots.reduce((most, { start }, i) => Math.max(most, guidance.guides[i].of(start)), 0);
  const patience =
    (PATIENCE * Math.min(longest, 1000)) / (ROUND * problem.robots[0].dynamics.dt) + PATIENCE_PER_ROBOT * (problem.robots.length + 1);
  let best: DynamicTeam | undefined;
  let attempts = 0;
  for (; attempts <= ATTEMPTS && (attempts === 0 || !spending.look()); attempts++) {
    const team = createDynamicTeam(problem, guidance, spending, attempts === 0 ? 0 : (options.seed ?? 0) * (ATTEMPTS + 1) + attempts);
    if (typeof team === 'string') return { status: 'infeasible', trajectories: [], stats: spending.stats(), reason: team };
    for (let round = 0; team.numAtGoal < problem.robots.length && round < patience && !spending.look(); round++) team.round();
    if (best === undefined || team.numAtGoal > best.numAtGoal) best = team;
    if (team.numAtGoal === problem.robots.length) return finish(problem, team, 'solved', spending.stats, attempts);
    // Another one has the shortest way next time.
    order.push(order.shift() as number);
    if (problem.robots.length > 1) guidance = createGuidance(problem, lattices, order, spending) ?? guidance;
  }
  return finish(problem, best as DynamicTeam, 'partial', spending.stats, attempts - 1);
}

function movingGoal({ robots }: ContinuousProblem): string | undefined {
  const moving = robots.find(
    ({ dynamics, goal }) => !isAtRest(goal, createBodyMotions(dynamics) as NonNullable<ReturnType<typeof createBodyMotions>>),
  );
  return moving === undefined ? undefined : `${moving.name} has a goal with a speed; pibt-primitives brings robots to rest.`;
}

function finish(
  problem: ContinuousProblem,
  team: DynamicTeam,
  status: 'solved' | 'partial',
  stats: ReturnType<typeof createSpending>['stats'],
  restarts: number,
): PlanResult {
  const trajectories = team.plan().map(({ states, controls }, index): StateTrajectory => {
    const { name, dynamics } = problem.robots[index];
    const nx = numStates(dynamics);
    const nu = numControls(dynamics);
    // Standing at the end says nothing that the last state does not say.
    let steps = controls.length / nu;
    while (steps > 0 && controls.subarray((steps - 1) * nu, steps * nu).every((u) => u === 0) && sameRow(states, nx, steps, steps - 1))
      steps--;
    return {
      kind: 'states',
      robot: name,
      type: dynamics.name,
      start: 0,
      dt: dynamics.dt,
      states: states.slice(0, (steps + 1) * nx),
      controls: controls.slice(0, steps * nu),
      tail: 'hold',
    };
  });
  if (status === 'partial')
    return {
      status,
      trajectories,
      stats: stats(undefined, { restarts }),
      reason: `After ${team.step} steps ${problem.robots.length - team.numAtGoal} of ${problem.robots.length} robots are not at their goals; all are at rest.`,
    };
  const times = trajectories.map(({ controls, dt }, i) => (controls.length / numControls(problem.robots[i].dynamics)) * dt);
  const rounded = (seconds: number): number => Number(seconds.toFixed(9));
  const costs = { makespan: rounded(Math.max(...times)), sumOfCosts: rounded(times.reduce((sum, time) => sum + time, 0)) };
  return { status, trajectories, stats: stats(costs, { restarts }) };
}

function sameRow(states: Float64Array, nx: number, a: number, b: number): boolean {
  for (let i = 0; i < nx; i++) if (states[a * nx + i] !== states[b * nx + i]) return false;
  return true;
}
