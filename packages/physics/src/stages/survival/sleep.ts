/**
 * Sleeping: at night, an agent that keeps looking at a bed within reach sleeps for as long as it keeps the action up.
 * When all living agents of the world have slept long enough, the night is over.
 */
import { EVENT } from '@kinovox/world';
import type { SurvivalTables } from '../../survival/tables.js';
import { ALIVE, type TickContext } from '../context.js';
import { pushEvent } from '../events.js';
import { cellIndex } from '../voxel-edits.js';
import { isNight, timeOfDay } from './daylight.js';

/** One tick of sleep of slot a, whose view ray in `c.ray` met a block when `looking`. */
export function sleep(c: TickContext, s: SurvivalTables, w: number, a: number, looking: boolean): void {
  const { state } = c;
  const i = w * c.numAgents + a;
  const cell = looking ? cellIndex(c, c.ray[0], c.ray[1], c.ray[2]) : -1;
  if (cell < 0 || s.bed[state.voxels[w * state.cellsPerWorld + cell]] === 0 || !isNight(c, s, w)) {
    wake(c, w, a, false);
    return;
  }
  if (state.sleeping[i] === 0) pushEvent(state, c.buffers, w, EVENT.slept, a, cell, 0, 0);
  state.sleeping[i]++;
}

/** Slot a wakes, if it slept. */
export function wake(c: TickContext, w: number, a: number, rested: boolean): void {
  const { state } = c;
  const i = w * c.numAgents + a;
  const ticks = state.sleeping[i];
  if (ticks === 0) return;
  state.sleeping[i] = 0;
  pushEvent(state, c.buffers, w, EVENT.woke, a, rested ? 1 : 0, ticks, 0);
}

/** Ends the night of world w when all its living agents have slept long enough. */
export function endNight(c: TickContext, s: SurvivalTables, w: number): void {
  const { state, numAgents } = c;
  if (s.dayTicks === 0) return;
  const first = w * numAgents;
  let sleepers = 0;
  for (let i = first; i < first + numAgents; i++) {
    if ((state.flags[i] & ALIVE) === 0) continue;
    if (state.sleeping[i] < Math.max(1, s.sleepTicks)) return;
    sleepers++;
  }
  if (sleepers === 0) return;
  state.skippedTicks[w] += s.dayTicks - timeOfDay(c, s, w);
  for (let a = 0; a < numAgents; a++) wake(c, w, a, true);
}
