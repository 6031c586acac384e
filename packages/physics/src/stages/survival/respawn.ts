/** Death under survival: what is held falls to the ground, and the agent waits for its return or leaves the episode, as the scenario says. */
import { AGENT_FLAG, EVENT, PURPOSE, randomU32 } from '@kinovox/world';
import { RESPAWN, type SurvivalTables } from '../../survival/tables.js';
import { ALIVE, type TickContext } from '../context.js';
import { pushEvent } from '../events.js';
import { standAtSpawn } from '../spawn-point.js';
import { dropAll, feetCell } from './piles.js';

/** Full health, half hearts. */
export const MAX_HEALTH = 20;

/** What becomes of slot a, which died in this tick by the event `cause`. */
export function layDown(c: TickContext, s: SurvivalTables, w: number, a: number, cause: number): void {
  const { state } = c;
  const i = w * c.numAgents + a;
  if (s.keepInventory === 0) dropAll(c, s, w, a, cause);
  state.sleeping[i] = 0;
  state.craftRecipe[i] = 0;
  state.craftProgress[i] = 0;
  state.eatProgress[i] = 0;
  state.respawnTimer[i] = s.respawn === RESPAWN.spawn ? Math.max(1, s.respawnTicks) : 0;
}

/** Counts the dead of world w towards their return, from the tick after their death on. */
export function returnDead(c: TickContext, s: SurvivalTables, w: number): void {
  const { state, numAgents } = c;
  if (s.respawn !== RESPAWN.spawn) return;
  for (let a = 0, i = w * numAgents; a < numAgents; a++, i++) {
    if (state.respawnTimer[i] === 0 || (c.acted[i] & ALIVE) !== 0) continue;
    if (--state.respawnTimer[i] === 0) comeBack(c, s, w, a);
  }
}

/** Slot a stands at its spawn again: where it has several cells, at one drawn by the tick. What it holds, it kept. */
function comeBack(c: TickContext, s: SurvivalTables, w: number, a: number): void {
  const { state } = c;
  const i = w * c.numAgents + a;
  standAtSpawn(c, w, a, randomU32(state.seedLow[w], state.seedHigh[w], state.tick[w], a, PURPOSE.respawn, 0));
  state.velX[i] = 0;
  state.velY[i] = 0;
  state.velZ[i] = 0;
  state.yaw[i] = state.variants[w].spawnYaw[a];
  state.pitch[i] = 0;
  state.fallDistance[i] = 0;
  state.jumpCooldown[i] = 0;
  state.useCooldown[i] = 0;
  state.attackCooldown[i] = 0;
  state.digCell[i] = 0;
  state.digProgress[i] = 0;
  state.health[i] = MAX_HEALTH;
  startVitals(c, s, i);
  state.flags[i] = AGENT_FLAG.alive;
  pushEvent(state, c.buffers, w, EVENT.respawned, a, feetCell(c, i), 0, 0);
}

/** Food and breath of agent i at the beginning of a life. */
export function startVitals(c: TickContext, s: SurvivalTables, i: number): void {
  const { state } = c;
  state.food[i] = s.maxFood;
  state.foodTimer[i] = 0;
  state.healTimer[i] = 0;
  state.breath[i] = s.breathTicks;
  state.burnTicks[i] = 0;
}
