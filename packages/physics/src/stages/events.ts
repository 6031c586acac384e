/** Event rows of a tick: appended in stage order, numbered within the episode. */
import { EVENT_WORDS, MAX_EVENTS_PER_TICK } from '@kinovox/world';
import type { BatchState, TickBuffers } from '../batch-state.js';

/**
 * Appends an event of world w. When the tick's buffer is full the row is dropped but still counted, so ids stay the same.
 * @param cause id + 1 of the event that caused it, 0 for none.
 * @returns id + 1 of this event.
 */
export function pushEvent(state: BatchState, buffers: TickBuffers, w: number, kind: number, agent: number, data0: number, data1: number, cause: number): number {
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

/** Cause of the latest event of `kind` by `agent` in this tick: its id + 1, or 0. */
export function eventThisTick(state: BatchState, buffers: TickBuffers, w: number, kind: number, agent: number): number {
  const count = Math.min(buffers.eventCount[w], MAX_EVENTS_PER_TICK);
  const first = state.numEvents[w] - buffers.eventCount[w];
  for (let i = count - 1; i >= 0; i--) {
    const at = (w * MAX_EVENTS_PER_TICK + i) * EVENT_WORDS;
    if (buffers.events[at] === kind && buffers.events[at + 1] === agent) return first + i + 1;
  }
  return 0;
}
