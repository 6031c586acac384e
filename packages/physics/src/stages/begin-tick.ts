/** Start of a tick: event and edit lists are emptied, the tick counter advances, and who acts is noted. */
import type { TickContext } from './context.js';

/** Empties the lists of worlds [w0, w1): the first thing in a tick. */
export function clearLists(c: TickContext, w0: number, w1: number): void {
  c.buffers.eventCount.fill(0, w0, w1);
  c.buffers.editCount.fill(0, w0, w1);
}

/** Advances the tick counter of worlds [w0, w1) and notes who acts in this tick. */
export function beginTick(c: TickContext, w0: number, w1: number): void {
  const { state, numAgents } = c;
  for (let w = w0; w < w1; w++) state.tick[w]++;
  for (let i = w0 * numAgents; i < w1 * numAgents; i++) c.acted[i] = state.flags[i];
}
