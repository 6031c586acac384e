/** Ends the episodes of worlds whose bodies can no longer be simulated: truncated, with an event that names the prop and the reason. */
import { AGENT_FLAG, EVENT, WORLD_STATUS } from '@kinovox/world';
import { ALIVE, type TickContext } from '../stages/context.js';
import { pushEvent } from '../stages/events.js';
import { type RigidWorld, UNSTABLE } from './rigid-world.js';

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
