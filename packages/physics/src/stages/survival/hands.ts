/**
 * Stage `hands`: craft, eat, drop, sleep, attack and give. Whom an agent aims at is read from the state at the start of the stage;
 * then all act in the order of the contest rule, from slot (tick mod A) on.
 */
import { ACTION_WORD, ACTION_WORDS, INTERACT } from '@kinovox/world';
import { USE_COOLDOWN_TICKS } from '../../bodies/walker.js';
import type { SurvivalTables } from '../../survival/tables.js';
import { ALIVE, enterWorld, type TickContext } from '../context.js';
import { lookedAt } from '../interact.js';
import { aimedAt } from './aim.js';
import { attack, mayAttack } from './attack.js';
import { craft, stopCraft } from './craft.js';
import { eat } from './eat.js';
import { give } from './give.js';
import { dropHeld } from './piles.js';
import { sleep, wake } from './sleep.js';

/** Hands of worlds [w0, w1). */
export function useHands(c: TickContext, w0: number, w1: number): void {
  const s = c.program.survival;
  if (s === undefined) return;
  for (let w = w0; w < w1; w++) {
    enterWorld(c, w);
    takeAims(c, s, w);
    actInTurn(c, s, w);
  }
}

/** What each agent of world w is about to do, into `c.intentKind`, and whom it aims at, into `c.intentCell`; what it does no more, it leaves off. */
function takeAims(c: TickContext, s: SurvivalTables, w: number): void {
  const { state, numAgents } = c;
  const words = c.buffers.actionWords;
  for (let a = 0, i = w * numAgents; a < numAgents; a++, i++) {
    c.intentKind[a] = 0;
    c.intentCell[a] = -1;
    if ((state.flags[i] & ALIVE) === 0) continue;
    const kind = words[i * ACTION_WORDS + ACTION_WORD.interact];
    if (state.attackCooldown[i] > 0) state.attackCooldown[i]--;
    if (kind !== INTERACT.craft) stopCraft(c, i);
    if (kind !== INTERACT.eat) state.eatProgress[i] = 0;
    if (kind !== INTERACT.sleep) wake(c, w, a, false);
    c.intentKind[a] = kind;
    if (kind === INTERACT.attack || kind === INTERACT.give) c.intentCell[a] = aimedAt(c, s, w, a);
  }
}

function actInTurn(c: TickContext, s: SurvivalTables, w: number): void {
  const { numAgents } = c;
  const first = c.state.tick[w] % numAgents;
  for (let k = 0; k < numAgents; k++) {
    const a = first + k < numAgents ? first + k : first + k - numAgents;
    act(c, s, w, a, c.intentKind[a], c.intentCell[a]);
  }
}

function act(c: TickContext, s: SurvivalTables, w: number, a: number, kind: number, target: number): void {
  const { state } = c;
  const i = w * c.numAgents + a;
  switch (kind) {
    case INTERACT.attack:
      if (target >= 0 && state.attackCooldown[i] === 0 && mayAttack(c, s, a, target)) attack(c, s, w, a, target);
      return;
    case INTERACT.eat:
      eat(c, s, w, a);
      return;
    case INTERACT.drop:
      if (!mayRepeat(c, i)) return;
      dropHeld(c, s, w, a);
      return;
    case INTERACT.craft:
      craft(c, s, w, a);
      return;
    case INTERACT.give:
      if (target >= 0 && mayRepeat(c, i)) give(c, s, w, a, target);
      return;
    case INTERACT.sleep:
      sleep(c, s, w, a, lookedAt(c, w, i));
      return;
  }
}

/** A held key drops or gives as often as it places. */
function mayRepeat(c: TickContext, i: number): boolean {
  if (c.state.useCooldown[i] > 0) return false;
  c.state.useCooldown[i] = USE_COOLDOWN_TICKS;
  return true;
}
