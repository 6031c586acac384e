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
  const firstMob = w * t.numMobs;
  const firstAgent = w * c.numAgents;
  let any = false;
  for (let slot = 0; slot < t.numMobs; slot++) {
    if ((mobFlags[firstMob + slot] & ALIVE) === 0) continue;
    for (let b = slot + 1; b < t.numMobs; b++) {
      const root = rootOf(m, firstMob + slot, m, firstMob + b);
      if (root === 0) continue;
      if (!any) any = clearScratch(c, m);
      part(m, slot, firstMob + slot, m, b, firstMob + b, root);
    }
    for (let a = 0; a < c.numAgents; a++) {
      const root = rootOf(m, firstMob + slot, c, firstAgent + a);
      if (root === 0) continue;
      if (!any) any = clearScratch(c, m);
      part(m, slot, firstMob + slot, c, a, firstAgent + a, root);
    }
  }
  if (!any) return;
  applyPushes(m, firstMob);
  applyPushes(c, firstAgent);
}

/** Root of the distance of two overlapping bodies as `overlapRoot` gives it; 0 for the rest, who are most. */
function rootOf(from: TickContext, i: number, to: TickContext, j: number): number {
  const dx = to.state.posX[j] - from.state.posX[i];
  if (dx >= WIDTH_Q16 || dx <= -WIDTH_Q16 || (to.state.flags[j] & ALIVE) === 0) return 0;
  return overlapRoot(dx, to.state.posY[j] - from.state.posY[i], to.state.posZ[j] - from.state.posZ[i]);
}

/** Slot a (body i) of one population and slot b (body j) of another push each other. */
function part(from: TickContext, a: number, i: number, to: TickContext, b: number, j: number, root: number): void {
  const dx = to.state.posX[j] - from.state.posX[i];
  const dz = to.state.posZ[j] - from.state.posZ[i];
  addPush(from, a, 0 - dx, 0 - dz, root);
  addPush(to, b, dx, dz, root);
}

function clearScratch(c: TickContext, m: TickContext): boolean {
  c.pushX.fill(0);
  c.pushZ.fill(0);
  m.pushX.fill(0);
  m.pushZ.fill(0);
  return true;
}

function applyPushes(body: TickContext, first: number): void {
  const { velX, velZ } = body.state;
  for (let a = 0; a < body.numAgents; a++) {
    velX[first + a] += body.pushX[a];
    velZ[first + a] += body.pushZ[a];
  }
}
