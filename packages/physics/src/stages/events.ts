/** Event rows of a tick: appended in stage order, numbered within the episode. */
import { EVENT_WORDS, MAX_EVENTS_PER_TICK } from '@kinovox/world';
import type { BatchState, TickBuffers } from '../batch-state.js';
import { noteDeed } from '../monitor/deeds.js';

/**
 * Appends an event of world w, and notes it for the task monitors. When the tick's buffer is full the row is dropped but still counted,
 * so ids stay the same.
 * @param cause id + 1 of the event that caused it, 0 for none.
 * @returns id + 1 of this event.
 */
export function pushEvent(
  state: BatchState,
  buffers: TickBuffers,
  w: number,
  kind: number,
  agent: number,
  data0: number,
  data1: number,
  cause: number,
): number {
  noteDeed(state, buffers, w, kind, agent, data0, data1);
  const index = buffers.eventCount[w]++;
  if (index < MAX_EVENTS_PER_TICK) {
    const at = (w * MAX_EVENTS_PER_TICK + index) * EVENT_WORDS;
    buffers.events[at] = kind;
    buffers.events[at + 1] = agent;
    buffers.events[at + 2] = data0;
    buffers.events[at + 3] = data1;
    buffers.events[at + 4] = cause;
  }
  return ++state.numEvents[w];
}

/** Row of the latest event of `kind` in this tick whose first data word is `data0`, or -1; rows beyond the buffer are not found. */
export function eventThisTick(buffers: TickBuffers, w: number, kind: number, data0: number): number {
  for (let row = Math.min(buffers.eventCount[w], MAX_EVENTS_PER_TICK) - 1; row >= 0; row--) {
    const at = (w * MAX_EVENTS_PER_TICK + row) * EVENT_WORDS;
    if (buffers.events[at] === kind && buffers.events[at + 2] === data0) return row;
  }
  return -1;
}
