/** How near the props of a world are to its agents, and whether any of them moves: from the quantised poses alone. */
import { PROP_WORDS } from '@kinovox/world';
import type { BatchState } from '../batch-state.js';
import { HALF_WIDTH_Q16, HEIGHT_Q16 } from '../bodies/walker.js';
import type { ScenarioProgram } from '../program.js';
import { ALIVE } from '../stages/context.js';
import { halfReach, POSE } from './prop-bounds.js';

/** Least distance in world w between the box of a living agent and the box around a prop, in blocks; Infinity where either is missing. */
export function leastPropDistance(state: BatchState, { numAgents, numProps, props }: ScenarioProgram, w: number): number {
  const pose = state.prop;
  let least = Infinity;
  for (let p = 0, at = w * numProps * PROP_WORDS; p < numProps; p++, at += PROP_WORDS) {
    const reachX = halfReach(props, pose, at, p, 0) + HALF_WIDTH_Q16;
    const reachY = halfReach(props, pose, at, p, 1) + HEIGHT_Q16 / 2;
    const reachZ = halfReach(props, pose, at, p, 2) + HALF_WIDTH_Q16;
    for (let i = w * numAgents; i < (w + 1) * numAgents; i++) {
      if ((state.flags[i] & ALIVE) === 0) continue;
      const dx = Math.max(0, Math.abs(pose[at + POSE.x] - state.posX[i]) - reachX);
      const dy = Math.max(0, Math.abs(pose[at + POSE.y] - state.posY[i] - HEIGHT_Q16 / 2) - reachY);
      const dz = Math.max(0, Math.abs(pose[at + POSE.z] - state.posZ[i]) - reachZ);
      least = Math.min(least, dx * dx + dy * dy + dz * dz);
    }
  }
  return Math.sqrt(least) / 65536;
}

/** Whether a prop of world w is awake and has a speed. */
export function hasMovingProp(state: BatchState, { numProps }: ScenarioProgram, w: number): boolean {
  const pose = state.prop;
  for (let p = 0, at = w * numProps * PROP_WORDS; p < numProps; p++, at += PROP_WORDS)
    if (pose[at + POSE.sleeping] === 0 && (pose[at + POSE.vx] | pose[at + POSE.vy] | pose[at + POSE.vz]) !== 0) return true;
  return false;
}
