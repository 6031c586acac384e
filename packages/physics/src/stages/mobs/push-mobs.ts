/**
 * Overlapping bodies part: mobs among themselves, and mobs and agents, as agents do (`push.ts`), without an event.
 * All pushes are of the places at the start of the stage; agents feel theirs in the next tick.
 */
import { HALF_WIDTH_Q16 } from '../../bodies/walker.js';
import type { MobTables } from '../../survival/mob-tables.js';
import { ALIVE, type TickContext } from '../context.js';
import { addPush, overlapRoot } from '../push.js';

const WIDTH_Q16 = 2 * HALF_WIDTH_Q16;

/** Pushes of world w. */
export function pushMobs(c: TickContext, m: TickContext, t: MobTables, w: number): void {
  const { mobFlags } = c.state;
  const first = w * t.numMobs;
  let any = false;
  for (let slot = 0; slot < t.numMobs; slot++) {
    if ((mobFlags[first + slot] & ALIVE) === 0) continue;
    any = pushFrom(c, m, w, slot, m, slot + 1, any);
    any = pushFrom(c, m, w, slot, c, 0, any);
  }
  if (!any) return;
  applyPushes(m, first);
  applyPushes(c, w * c.numAgents);
}

/** Pushes between a mob and the bodies of a population from slot `from` on. @returns whether anybody was pushed so far. */
function pushFrom(c: TickContext, m: TickContext, w: number, slot: number, others: TickContext, from: number, any: boolean): boolean {
  const { posX, posY, posZ, flags } = others.state;
  const { numAgents } = others;
  const i = w * m.numAgents + slot;
  const x = m.state.posX[i];
  const y = m.state.posY[i];
  const z = m.state.posZ[i];
  for (let b = from, j = w * numAgents + from; b < numAgents; b++, j++) {
    const dx = posX[j] - x;
    if (dx >= WIDTH_Q16 || dx <= -WIDTH_Q16) continue;
    const dz = posZ[j] - z;
    if (dz >= WIDTH_Q16 || dz <= -WIDTH_Q16 || (flags[j] & ALIVE) === 0) continue;
    const root = overlapRoot(dx, posY[j] - y, dz);
    if (root === 0) continue;
    if (!any) clearScratch(c, m);
    any = true;
    addPush(m, slot, 0 - dx, 0 - dz, root);
    addPush(others, b, dx, dz, root);
  }
  return any;
}

function clearScratch(c: TickContext, m: TickContext): void {
  c.pushX.fill(0);
  c.pushZ.fill(0);
  m.pushX.fill(0);
  m.pushZ.fill(0);
}

function applyPushes(body: TickContext, first: number): void {
  const { velX, velZ } = body.state;
  for (let a = 0; a < body.numAgents; a++) {
    velX[first + a] += body.pushX[a];
    velZ[first + a] += body.pushZ[a];
  }
}
