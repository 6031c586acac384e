/**
 * The random policy: keys and axes drawn from the episode's seed, so a row of any batch plays like a single world with its seed.
 * Axes are uniform and held for 8 ticks (keys that change every tick go nowhere), buttons and hands are drawn per tick.
 * Two random words an agent and tick, no allocation: it is the load of benchmarks.
 */
import { ACTION_FIELDS, AGENT_FLAG, DISCRETE_ACTIONS, INTERACT, INVENTORY_SLOTS, PURPOSE, randomBelow, randomU32 } from '@kinovox/world';
import type { BatchDecider, PolicyHost } from '../policy.js';

/** Ticks for which axes are held: 2^3. */
const HOLD_SHIFT = 3;
/** Draws of an agent and tick. */
const AXES = 0;
const BUTTONS = 1;
const CHOICE = 2;
/** Ticks for which a discrete choice is held: 2^1. */
const CHOICE_HOLD_SHIFT = 1;
/** Widest turn and look, rad/tick: a quarter turn in a second. */
const TURN_SCALE = Math.PI / 40 / 128;

export const randomDecider: BatchDecider = {
  fill({ engine }: PolicyHost, slots: readonly number[], out: Float32Array): void {
    const { state, numWorlds, program } = engine;
    const { numAgents, messages } = program;
    const numSymbols = messages.enabled ? messages.numSymbols : 0;
    for (let w = 0; w < numWorlds; w++) {
      const low = state.seedLow[w];
      const high = state.seedHigh[w];
      const tick = state.tick[w];
      for (const slot of slots) {
        const i = w * numAgents + slot;
        if ((state.flags[i] & AGENT_FLAG.alive) === 0) continue;
        writeRow(out, i * ACTION_FIELDS, low, high, tick, slot, numSymbols);
      }
    }
  },

  choose({ engine }: PolicyHost, slots: readonly number[], out: Float32Array): void {
    const { state, numWorlds, program } = engine;
    for (let w = 0; w < numWorlds; w++) {
      for (const slot of slots) {
        const i = w * program.numAgents + slot;
        const word = randomU32(state.seedLow[w], state.seedHigh[w], state.tick[w] >> CHOICE_HOLD_SHIFT, slot, PURPOSE.policy, CHOICE);
        if ((state.flags[i] & AGENT_FLAG.alive) !== 0) out[i] = randomBelow(word, DISCRETE_ACTIONS.length);
      }
    }
  },
};

/** Columns in the order of ACTION_SPEC. Byte b of a word as b - 128 is uniform in [-128, 127]. */
function writeRow(out: Float32Array, at: number, low: number, high: number, tick: number, slot: number, numSymbols: number): void {
  const axes = randomU32(low, high, tick >> HOLD_SHIFT, slot, PURPOSE.policy, AXES);
  const buttons = randomU32(low, high, tick, slot, PURPOSE.policy, BUTTONS);
  out[at] = ((axes & 255) - 128) / 128;
  out[at + 1] = (((axes >>> 8) & 255) - 128) / 128;
  out[at + 2] = (buttons & 7) === 0 ? 1 : 0;
  out[at + 3] = (axes & 3) === 0 ? 1 : 0;
  out[at + 4] = (axes & 60) === 0 ? 1 : 0;
  out[at + 5] = (((axes >>> 16) & 255) - 128) * TURN_SCALE;
  out[at + 6] = ((axes >>> 24) - 128) * TURN_SCALE;
  // Hands are held with the axes, since digging takes time: 3/16 dig, 2/16 place, 1/16 use, otherwise nothing.
  const hands = (axes >>> 12) & 15;
  out[at + 7] = hands < 3 ? INTERACT.dig : hands < 5 ? INTERACT.place : hands === 5 ? INTERACT.use : INTERACT.none;
  out[at + 8] = ((buttons >>> 3) & 63) === 0 ? 1 + ((((buttons >>> 9) & 255) * INVENTORY_SLOTS) >> 8) : 0;
  if (numSymbols > 0) out[at + 9] = ((buttons >>> 17) & 31) === 0 ? 1 + (((buttons >>> 22) * numSymbols) >> 10) : 0;
}
