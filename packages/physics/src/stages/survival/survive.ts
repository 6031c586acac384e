/** Stage `survive`: what happens to bodies and the world without anyone's doing, in this order. */
import { enterWorld, type TickContext } from '../context.js';
import { grow } from './growth.js';
import { collectPiles } from './piles.js';
import { returnDead } from './respawn.js';
import { endNight } from './sleep.js';
import { live } from './vitals.js';

/** Survival in worlds [w0, w1); nothing in programs without. */
export function survive(c: TickContext, w0: number, w1: number): void {
  const s = c.program.survival;
  if (s === undefined) return;
  for (let w = w0; w < w1; w++) {
    enterWorld(c, w);
    collectPiles(c, s, w);
    live(c, s, w);
    returnDead(c, s, w);
    endNight(c, s, w);
    grow(c, s, w);
  }
}
