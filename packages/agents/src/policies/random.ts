/** The random policy: the draws of the random source (see its docs), for agents of a batch that others may share. */
import { randomChoice, randomSymbols, writeRandomRow } from '@kinovox/env';
import { ACTION_FIELDS, AGENT_FLAG } from '@kinovox/world';
import type { BatchDecider, PolicyHost } from '../policy.js';

export const randomDecider: BatchDecider = {
  fill({ engine }: PolicyHost, slots: readonly number[], out: Float32Array): void {
    const numSymbols = randomSymbols(engine.program);
    forLiving(engine, slots, (i, low, high, tick, slot) => writeRandomRow(out, i * ACTION_FIELDS, low, high, tick, slot, numSymbols));
  },

  choose({ engine }: PolicyHost, slots: readonly number[], out: Float32Array): void {
    forLiving(engine, slots, (i, low, high, tick, slot) => {
      out[i] = randomChoice(low, high, tick, slot);
    });
  },
};

function forLiving(
  { state, numWorlds, program }: PolicyHost['engine'],
  slots: readonly number[],
  draw: (i: number, low: number, high: number, tick: number, slot: number) => void,
): void {
  for (let w = 0; w < numWorlds; w++) {
    const low = state.seedLow[w];
    const high = state.seedHigh[w];
    const tick = state.tick[w];
    for (const slot of slots) {
      const i = w * program.numAgents + slot;
      if ((state.flags[i] & AGENT_FLAG.alive) !== 0) draw(i, low, high, tick, slot);
    }
  }
}
