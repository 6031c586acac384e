/**
 * The greedy policy: straight to the nearest goal that is open, jumping when something is in the way. It knows no map and no task,
 * which makes it the measure of what a scenario asks beyond walking.
 */
import { ACTION_WORD } from '@kinovox/world';
import type { AgentView, VisibleGoal } from '../agent-view.js';
import { wrapAngle, yawTo } from '../geometry/heading.js';
import type { Policy } from '../policy.js';

/** Stands still within this horizontal distance of a goal, metres. */
const ARRIVED = 0.35;
/** Walks while the goal is within this angle of the heading, radians. */
const AHEAD = 0.8;
/** Turns at most this far a tick, radians. */
const TURN = 0.5;

export function createGreedyPolicy(): Policy {
  return { reset() {}, act };
}

function act(view: AgentView, out: Float32Array): void {
  const goal = nearest(view);
  if (goal === undefined) return;
  const dx = goal.x - view.x();
  const dz = goal.z - view.z();
  if (dx * dx + dz * dz < ARRIVED * ARRIVED) return;
  const error = wrapAngle(yawTo(dx, dz) - view.yaw());
  out[ACTION_WORD.turn] = Math.max(-TURN, Math.min(TURN, error));
  out[ACTION_WORD.forward] = Math.abs(error) < AHEAD ? 1 : 0;
  out[ACTION_WORD.jump] = view.isBlocked || view.inWater ? 1 : 0;
}

/** The nearest goal not done; of equals the more urgent. */
function nearest(view: AgentView): VisibleGoal | undefined {
  let best: VisibleGoal | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const goal of view.goals()) {
    if (goal.done) continue;
    const [dx, dy, dz] = [goal.x - view.x(), goal.y - view.y(), goal.z - view.z()];
    const distance = dx * dx + dy * dy + dz * dz;
    if (distance < least) {
      least = distance;
      best = goal;
    }
  }
  return best;
}
