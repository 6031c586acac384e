/** Start of a tick: the lists of what happens in it are emptied, the tick counter advances, and who acts is noted. */
import { DEED_WORDS } from '../monitor/deeds.js';
import { enterWorld, type TickContext } from './context.js';
import { noteWays } from './ways.js';

/** Empties the lists of worlds [w0, w1): the first thing in a tick. */
export function clearLists(c: TickContext, w0: number, w1: number): void {
  const { buffers, numAgents } = c;
  buffers.eventCount.fill(0, w0, w1);
  buffers.editCount.fill(0, w0, w1);
  if (buffers.deeds.length > 0) {
    buffers.deeds.fill(0, w0 * numAgents * DEED_WORDS, w1 * numAgents * DEED_WORDS);
    const numMobs = c.program.survival?.mobs?.numMobs ?? 0;
    buffers.mobKillers.fill(0, w0 * numMobs, w1 * numMobs);
  }
  const propWords = numAgents * ((c.program.numProps + 31) >> 5);
  if (propWords > 0) buffers.pushedProps.fill(0, w0 * propWords, w1 * propWords);
}

/** Advances the tick counter of worlds [w0, w1) and notes who acts in this tick. */
export function beginTick(c: TickContext, w0: number, w1: number): void {
  const { state, numAgents } = c;
  for (let w = w0; w < w1; w++) {
    enterWorld(c, w);
    state.tick[w]++;
    for (let i = w * numAgents; i < (w + 1) * numAgents; i++) c.acted[i] = state.flags[i];
    if (c.program.shaping !== undefined) noteWays(c, c.program.shaping, w, w + 1, 0);
  }
}
