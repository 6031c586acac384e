/**
 * Messages: what was said in this tick enters the rings of those in range. A record is readable from the tick it carries, so a delay needs no queue.
 * All senders act on positions at the start of the tick; receivers fill their rings in the order of the senders' slots.
 */
import { ACTION_WORD, ACTION_WORDS, EVENT, MESSAGE_RING, MESSAGE_WORDS, PURPOSE, randomI32 } from '@kinovox/world';
import { BODY_WORD, BODY_WORDS } from '../program.js';
import { ALIVE, enterWorld, type TickContext } from './context.js';
import { pushEvent } from './events.js';

/** Routes the messages of worlds [w0, w1). */
export function routeMessages(c: TickContext, w0: number, w1: number): void {
  if (!c.program.messages.enabled) return;
  const { numAgents } = c;
  const words = c.buffers.actionWords;
  for (let w = w0; w < w1; w++) {
    enterWorld(c, w);
    for (let a = 0, i = w * numAgents; a < numAgents; a++, i++) if (words[i * ACTION_WORDS + ACTION_WORD.message] !== 0) say(c, w, a, i);
  }
}

function say(c: TickContext, w: number, a: number, i: number): void {
  const { state, buffers, numAgents, program } = c;
  const { messages, bodies } = program;
  const action = i * ACTION_WORDS;
  const symbol = buffers.actionWords[action + ACTION_WORD.message];
  if ((state.flags[i] & ALIVE) === 0 || symbol > messages.numSymbols || bodies[a * BODY_WORDS + BODY_WORD.canMessage] === 0) return;
  const tick = state.tick[w];
  if (state.lastMessageTick[i] !== 0 && tick + 1 - state.lastMessageTick[i] < messages.everyTicks) return;
  state.lastMessageTick[i] = tick + 1;
  const said = pushEvent(state, buffers, w, EVENT.said, a, symbol - 1, 0, 0);
  for (let b = 0; b < numAgents; b++) {
    if (b === a || !hears(c, w, a, b, tick)) continue;
    const j = w * numAgents + b;
    const ring = (j * MESSAGE_RING + (state.messageCount[j] % MESSAGE_RING)) * MESSAGE_WORDS;
    state.messageRing[ring] = a + 1;
    state.messageRing[ring + 1] = tick + 1 + messages.delayTicks;
    state.messageRing[ring + 2] = symbol;
    state.messageRing[ring + 3] = buffers.actionWords[action + ACTION_WORD.textLength];
    state.messageRing[ring + 4] = buffers.actionWords[action + ACTION_WORD.textHash];
    state.messageCount[j]++;
    pushEvent(state, buffers, w, EVENT.heard, b, symbol - 1, a, said);
  }
}

/** Whether a message from slot a reaches slot b: alive, in scope, in range, not lost. */
function hears(c: TickContext, w: number, a: number, b: number, tick: number): boolean {
  const { state, numAgents, program } = c;
  const { messages, bodies } = program;
  const i = w * numAgents + a;
  const j = w * numAgents + b;
  if ((state.flags[j] & ALIVE) === 0) return false;
  if (messages.teamOnly && bodies[a * BODY_WORDS + BODY_WORD.team] !== bodies[b * BODY_WORDS + BODY_WORD.team]) return false;
  if (messages.rangeQ6 !== 0x7fffffff) {
    // 1/64 block: components below 2^14, squares below 2^28, the sum of three below 2^30.
    const dx = (state.posX[j] - state.posX[i]) >> 10;
    const dy = (state.posY[j] - state.posY[i]) >> 10;
    const dz = (state.posZ[j] - state.posZ[i]) >> 10;
    if (Math.imul(dx, dx) + Math.imul(dy, dy) + Math.imul(dz, dz) > messages.rangeQ6) return false;
  }
  if (messages.loss256 === 0) return true;
  return (randomI32(state.seedLow[w], state.seedHigh[w], tick, a, PURPOSE.messageLoss, b) & 255) >= messages.loss256;
}
