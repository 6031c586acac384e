/** Ends the episodes of worlds whose bodies can no longer be simulated: truncated, with an event that names the prop and the reason. */
import { AGENT_FLAG, EVENT, WORLD_STATUS } from '@kinovox/world';
import type { ScenarioProgram } from '../program.js';
import { ALIVE, type TickContext } from '../stages/context.js';
import { pushEvent } from '../stages/events.js';
import { HIGHEST_PROP, LOST_MARGIN, MAX_PROP_SPEED } from './constants.js';
import { type RigidWorld, UNSTABLE } from './rigid-world.js';

/** An end by `unstable` in words. @param prop data0 of the event. @param reason data1. */
export function describeUnstable({ props }: Pick<ScenarioProgram, 'props'>, prop: number, reason: number): string {
  const who = prop < 0 ? 'the bodies' : `prop "${props.ids[prop]}"`;
  switch (reason) {
    case UNSTABLE.notFinite:
      return `${who} had a position or speed that is no number`;
    case UNSTABLE.tooFast:
      return `${who} was faster than ${MAX_PROP_SPEED} m/s`;
    case UNSTABLE.outside:
      return `${who} left the world by more than ${LOST_MARGIN} m, or rose above ${HIGHEST_PROP} m`;
    default:
      return `${who} could not be simulated: Rapier failed`;
  }
}

/** After `score`: nothing decides such an episode any more, unless it was decided in the same tick. */
export function endUnstable(c: TickContext, w: number, world: RigidWorld): void {
  if (world.unstable === UNSTABLE.no || c.ending[w] === 1) return;
  const { state, outputs, numAgents } = c;
  pushEvent(state, c.buffers, w, EVENT.unstable, -1, world.unstableProp, world.unstable, 0);
  for (let i = w * numAgents; i < (w + 1) * numAgents; i++) {
    if ((state.flags[i] & ALIVE) === 0) continue;
    outputs.truncated[i] = 1;
    state.flags[i] = (state.flags[i] & ~ALIVE) | AGENT_FLAG.done;
  }
  state.status[w] = WORLD_STATUS.outOfTime;
  c.ending[w] = 1;
}
