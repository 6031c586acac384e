/** Where agents start, and where they return after a death. */
import { randomBelow } from '@kinovox/world';
import type { TickContext } from './context.js';

/** Puts slot a at one of its spawn points, chosen by a random word. */
export function standAtSpawn(c: TickContext, w: number, a: number, random: number): void {
  const { state } = c;
  const { spawnFirst, spawnPoints } = state.variants[w];
  const i = w * c.numAgents + a;
  const at = 3 * (spawnFirst[a] + randomBelow(random, spawnFirst[a + 1] - spawnFirst[a]));
  state.posX[i] = spawnPoints[at];
  state.posY[i] = spawnPoints[at + 1];
  state.posZ[i] = spawnPoints[at + 2];
}
