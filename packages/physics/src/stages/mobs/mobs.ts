/**
 * Stage `mobs`, after the hands of agents and before damage, in this order:
 *   notice  targets and moods, from bodies as they stand
 *   steer   moods become actions
 *   accelerate, sweep  the stages of the walker, over the population of mobs
 *   push    between them: overlapping bodies part
 *   strike  mobs hit whom they are after
 *   harm    falls, lava, daylight
 *   despawn, spawn
 * Limits: every mob has the walker's box; no path-finding; props of the rigid tier are nothing to mobs.
 */

import { accelerateWalkers } from '../accelerate.js';
import { enterWorld, type TickContext } from '../context.js';
import { sweepWalkers } from '../sweep.js';
import { harm } from './harm.js';
import { notice } from './notice.js';
import { pushMobs } from './push-mobs.js';
import { despawn, spawn } from './spawn-mobs.js';
import { steer } from './steer.js';
import { strike } from './strike.js';

/** Mobs of worlds [w0, w1); nothing in programs without. */
export function moveMobs(c: TickContext, w0: number, w1: number): void {
  const m = c.mobs;
  const s = c.program.survival;
  const t = s?.mobs;
  if (m === undefined || s === undefined || t === undefined) return;
  for (let w = w0; w < w1; w++) {
    enterWorld(c, w);
    notice(c, m, s, t, w);
    steer(c, m, t, w);
    accelerateWalkers(m, w, w + 1);
    pushMobs(c, m, t, w);
    sweepWalkers(m, w, w + 1);
    strike(c, m, s, t, w);
    harm(c, m, s, t, w);
    despawn(c, m, t, w);
    spawn(c, m, s, t, w);
  }
}
