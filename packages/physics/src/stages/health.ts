/** Damage from falls and lava, and death. A dead agent leaves the episode: it stands nowhere, touches nothing and acts no more. */
import { AGENT_FLAG, DAMAGE, EVENT } from '@kinovox/world';
import { LAVA_DAMAGE, LAVA_DAMAGE_TICKS, SAFE_FALL_Q16 } from '../bodies/walker.js';
import { liquidFlags } from './accelerate.js';
import { ALIVE, enterWorld, type TickContext } from './context.js';
import { pushEvent } from './events.js';
import { layDown } from './survival/respawn.js';
import { wake } from './survival/sleep.js';
import { isBouncy } from './sweep.js';

/** Damage in worlds [w0, w1). */
export function applyDamage(c: TickContext, w0: number, w1: number): void {
  const { state, numAgents } = c;
  for (let w = w0, i = w0 * numAgents; w < w1; w++) {
    enterWorld(c, w);
    for (let a = 0; a < numAgents; a++, i++) {
      const flags = state.flags[i];
      if ((flags & ALIVE) === 0) continue;
      if ((flags & AGENT_FLAG.onGround) !== 0 && state.fallDistance[i] !== 0) land(c, w, a, i);
      if ((flags & AGENT_FLAG.inLava) !== 0 && state.tick[w] % LAVA_DAMAGE_TICKS === 0) hurt(c, w, a, i, LAVA_DAMAGE, DAMAGE.lava, 0);
    }
  }
}

function land(c: TickContext, w: number, a: number, i: number): void {
  const { state } = c;
  const fall = state.fallDistance[i];
  const damage = endFall(c, w, i);
  if (damage === 0) return;
  const landed = pushEvent(state, c.buffers, w, EVENT.landed, a, fall, damage, 0);
  hurt(c, w, a, i, damage, DAMAGE.fall, landed);
}

/** Ends the fall of body i, which stands on ground. @returns half hearts that it costs. */
export function endFall(c: TickContext, w: number, i: number): number {
  const { state } = c;
  const fall = state.fallDistance[i];
  state.fallDistance[i] = 0;
  if (fall <= SAFE_FALL_Q16) return 0;
  // Water on the ground that was hit breaks the fall, however fast; slime gives it back, unless one sneaks.
  if (c.hasLiquid && (liquidFlags(c, w, i) & AGENT_FLAG.inWater) !== 0) return 0;
  if (c.hasGround && (state.flags[i] & AGENT_FLAG.sneaking) === 0 && isBouncy(c, w, state.posX[i], state.posY[i], state.posZ[i])) return 0;
  return (fall - SAFE_FALL_Q16 + 65535) >> 16;
}

/** Takes `damage` half hearts from agent i; at none left it dies. */
export function hurt(c: TickContext, w: number, a: number, i: number, damage: number, reason: number, cause: number): void {
  hurtBy(c, w, a, i, damage, reason, cause, 0);
}

/** As `hurt`, by the hand of an agent: `killer` is its slot + 1, or 0. */
export function hurtBy(
  c: TickContext,
  w: number,
  a: number,
  i: number,
  damage: number,
  reason: number,
  cause: number,
  killer: number,
): void {
  const { state, buffers } = c;
  const { survival } = c.program;
  const id = pushEvent(state, buffers, w, EVENT.hurt, a, damage, reason, cause);
  state.health[i] = Math.max(0, state.health[i] - damage);
  if (survival !== undefined) wake(c, w, a, false);
  if (state.health[i] > 0) return;
  const died = pushEvent(state, buffers, w, EVENT.died, a, reason, killer, id);
  state.flags[i] &= ~ALIVE;
  if (survival !== undefined) layDown(c, survival, w, a, died);
}
