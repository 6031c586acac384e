/** The end of every plan for a team: its motions in fewer steps, one robot at a time, and the result. */
import { numStates } from '../dynamics/dynamics.js';
import type { Spending } from '../mapf/spending.js';
import type { Budget, PlanResult } from '../planner.js';
import type { ContinuousProblem } from '../problem/problem.js';
import type { StateTrajectory } from '../trajectory.js';
import { createTrack } from './clearance.js';
import { shortenMotion } from './plan-robot.js';
import type { Motion } from './repair.js';

/** Each in turn, the slowest first, among the tracks of all others, until no one gets shorter. */
export function shortenTeam(problem: ContinuousProblem, motions: readonly Motion[], spending: Spending, budget: Budget): Motion[] {
  const best = [...motions];
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

/** @param more what else the planner counts. */
export function finishTeam(
  problem: ContinuousProblem,
  motions: readonly Motion[],
  spending: Spending,
  more: Readonly<Record<string, number>>,
): PlanResult {
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
      more,
    ),
  };
}
