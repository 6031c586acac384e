/**
 * Contacts between walkers: bodies within 1/16 block touch, and overlapping ones are pushed apart.
 * Each agent adds to its own velocity only, from positions at the start of the stage, so order does not matter.
 * Source of the push: Minecraft's Entity.push (0.05 block/tick^2 along the line between centres, falling with the root of the distance).
 */
import { EVENT, isqrt } from '@kinovox/world';
import { HALF_WIDTH_Q16, HEIGHT_Q16, PUSH_LEAST_Q16, TOUCH_MARGIN_Q16 } from '../bodies/walker.js';
import { BODY_WORD, BODY_WORDS } from '../program.js';
import { ALIVE, enterWorld, type TickContext } from './context.js';
import { pushEvent } from './events.js';

const WIDTH_Q16 = 2 * HALF_WIDTH_Q16;

/** Contacts and pushes of worlds [w0, w1). */
export function pushWalkers(c: TickContext, w0: number, w1: number): void {
  if (c.numAgents < 2) return;
  for (let w = w0; w < w1; w++) {
    enterWorld(c, w);
    pushWorld(c, w);
  }
}

function pushWorld(c: TickContext, w: number): void {
  const { state, numAgents, pushX, pushZ } = c;
  const { posX, posY, posZ, flags, contacts } = state;
  const words = state.layout.width.contacts;
  const first = w * numAgents;
  let any = false;
  for (let a = 0; a < numAgents; a++) {
    const i = first + a;
    if ((flags[i] & ALIVE) === 0) continue;
    const x = posX[i];
    const y = posY[i];
    const z = posZ[i];
    for (let b = a + 1; b < numAgents; b++) {
      const j = first + b;
      const dx = posX[j] - x;
      if (dx > WIDTH_Q16 + TOUCH_MARGIN_Q16 || dx < -WIDTH_Q16 - TOUCH_MARGIN_Q16) continue;
      const dz = posZ[j] - z;
      if (dz > WIDTH_Q16 + TOUCH_MARGIN_Q16 || dz < -WIDTH_Q16 - TOUCH_MARGIN_Q16) continue;
      const dy = posY[j] - y;
      if (dy > HEIGHT_Q16 + TOUCH_MARGIN_Q16 || dy < -HEIGHT_Q16 - TOUCH_MARGIN_Q16) continue;
      if ((flags[j] & ALIVE) === 0) continue;
      if (!any) {
        any = true;
        clearScratch(c);
      }
      touch(c, w, a, b);
      const root = overlapRoot(dx, dy, dz);
      if (root === 0) continue;
      addPush(c, a, 0 - dx, 0 - dz, root);
      addPush(c, b, dx, dz, root);
    }
  }
  // Contacts of this tick replace those of the last.
  for (let a = 0; a < numAgents; a++) {
    for (let k = 0; k < words; k++) contacts[(first + a) * words + k] = any ? c.touching[a * words + k] : 0;
    if (any && (flags[first + a] & ALIVE) !== 0) {
      state.velX[first + a] += pushX[a];
      state.velZ[first + a] += pushZ[a];
    }
  }
}

function clearScratch(c: TickContext): void {
  c.touching.fill(0);
  c.pushX.fill(0);
  c.pushZ.fill(0);
}

/** Marks a and b as touching; a contact that was not there in the last tick is an event of both. */
function touch(c: TickContext, w: number, a: number, b: number): void {
  const { state, touching, numAgents } = c;
  const words = state.layout.width.contacts;
  touching[a * words + (b >> 5)] |= 1 << (b & 31);
  touching[b * words + (a >> 5)] |= 1 << (a & 31);
  if ((state.contacts[(w * numAgents + a) * words + (b >> 5)] & (1 << (b & 31))) === 0) {
    const id = pushEvent(state, c.buffers, w, EVENT.touched, a, b, 0, 0);
    pushEvent(state, c.buffers, w, EVENT.touched, b, a, 0, id);
  }
}

/** Root, in Q16, of the distance at which two overlapping bodies stand; 0 where they do not overlap, or have no direction to part in. */
export function overlapRoot(dx: number, dy: number, dz: number): number {
  if (dx >= WIDTH_Q16 || dx <= -WIDTH_Q16 || dz >= WIDTH_Q16 || dz <= -WIDTH_Q16 || dy >= HEIGHT_Q16 || dy <= -HEIGHT_Q16) return 0;
  const far = Math.max(dx < 0 ? 0 - dx : dx, dz < 0 ? 0 - dz : dz);
  // far < 2^16 here, so far << 14 stays below 2^30.
  return far < PUSH_LEAST_Q16 ? 0 : isqrt(far << 14) << 1;
}

/** Adds to the push of slot a along (dx, dz), whose root is `rootQ16`. */
export function addPush(c: TickContext, a: number, dx: number, dz: number, rootQ16: number): void {
  // |dx| < 2^15.3 and push <= 2^13: below 2^29. The quotient is odd in dx.
  const push = c.program.bodies[a * BODY_WORDS + BODY_WORD.pushQ16];
  c.pushX[a] += (Math.imul(push, dx) / rootQ16) | 0;
  c.pushZ[a] += (Math.imul(push, dz) / rootQ16) | 0;
}
