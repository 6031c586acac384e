/** What no plan of a team can mend, told before any search: starts and goals in walls, out of bounds, or in each other. */
import type { Spending } from '../mapf/spending.js';
import type { ContinuousProblem, Problem, Robot } from '../problem/problem.js';
import { createClearance, createTrack } from './clearance.js';
import { CONTACT } from './motion-search.js';

/** Why planners over held controls cannot take a problem, in a sentence. */
export function refusesTeam(name: string, problem: Problem): string | undefined {
  if (problem.kind === 'grid') return `${name} plans for robots with dynamics; this problem has agents on cells.`;
  const unfit = problem.robots.find(({ dynamics }) => /^quad/.test(dynamics.name));
  if (unfit !== undefined) return `${name} holds a control for several steps, and ${unfit.dynamics.name} falls over meanwhile.`;
  const steps = new Set(problem.robots.map(({ dynamics }) => dynamics.dt));
  return steps.size > 1 ? `${name} plans for robots whose steps are equally long.` : undefined;
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
