/**
 * Rewards and ends. Runs after the monitors: pays the reward terms, marks agents whose task is decided, and ends worlds in which no agent is left.
 */
import { AGENT_FLAG, EVENT, WORLD_STATUS } from '@kinovox/world';
import { NODE_STATUS } from '../monitor/program.js';
import { ALIVE, enterWorld, type TickContext } from './context.js';
import { pushEvent } from './events.js';
import { REWARD_COLUMN, REWARD_COLUMNS, REWARD_ON } from './program-tables.js';
import { shareQ14 } from './rounding.js';
import { noteWays } from './ways.js';

const { done: DONE } = AGENT_FLAG;

/** Rewards and ends of worlds [w0, w1). */
export function score(c: TickContext, w0: number, w1: number): void {
  for (let w = w0; w < w1; w++) {
    enterWorld(c, w);
    payRewards(c, w);
    decide(c, w);
    if (c.program.shaping !== undefined) noteWays(c, c.program.shaping, w, w + 1, 1);
  }
}

function payRewards(c: TickContext, w: number): void {
  const { outputs, numAgents, program } = c;
  const { rewards, rewardAgents, numRewards } = c.tables;
  const numRoots = program.monitor.roots.length;
  const first = w * numAgents;
  for (let i = first; i < first + numAgents; i++) outputs.rewards[i] = 0;
  for (let t = 0; t < numRewards; t++) {
    const on = rewards[t * REWARD_COLUMNS + REWARD_COLUMN.on];
    const valueQ16 = rewards[t * REWARD_COLUMNS + REWARD_COLUMN.valueQ16];
    const root = w * numRoots + rewards[t * REWARD_COLUMNS + REWARD_COLUMN.root];
    const status = outputs.rootStatus[root];
    let paidQ16 = 0;
    if (on === REWARD_ON.progress) {
      const change = outputs.rootProgress[root] - c.lastProgress[root];
      if (change !== 0) paidQ16 = shareQ14(valueQ16, change);
    } else {
      const wanted = on === REWARD_ON.failure ? NODE_STATUS.violated : NODE_STATUS.satisfied;
      if (status === wanted && c.lastStatus[root] !== wanted) paidQ16 = valueQ16;
    }
    if (paidQ16 === 0 && c.quietTerms[w * numRewards + t] === 1) continue;
    c.quietTerms[w * numRewards + t] = paidQ16 === 0 ? 1 : 0;
    const paid = Math.fround(paidQ16 / 65536);
    for (let a = 0; a < numAgents; a++) {
      const i = first + a;
      const mine = paid !== 0 && rewardAgents[t * numAgents + a] === 1 && (c.acted[i] & ALIVE) !== 0 ? paid : 0;
      outputs.rewardTerms[i * numRewards + t] = mine;
      if (mine !== 0) outputs.rewards[i] += mine;
    }
  }
}

/** Terminated: the agent's task is decided, or it died and does not return. Truncated: the last tick passed without a decision. */
function decide(c: TickContext, w: number): void {
  const { state, buffers, outputs, numAgents, program } = c;
  const { numTasks, roots } = program.monitor;
  const first = w * numAgents;
  const atLimit = state.tick[w] >= program.maxTicks;
  let left = 0;
  for (let a = 0; a < numAgents; a++) {
    const i = first + a;
    outputs.terminated[i] = 0;
    outputs.truncated[i] = 0;
    const waiting = state.respawnTimer[i] > 0 && (state.flags[i] & DONE) === 0;
    if ((c.acted[i] & ALIVE) === 0 && !waiting && (state.flags[i] & ALIVE) === 0) continue;
    const status = outputs.rootStatus[w * roots.length + program.taskOfAgent[a]];
    const dead = (state.flags[i] & ALIVE) === 0 && !waiting;
    if (dead || status !== NODE_STATUS.pending) outputs.terminated[i] = 1;
    else if (atLimit) outputs.truncated[i] = 1;
    else {
      left++;
      continue;
    }
    state.flags[i] = (state.flags[i] & ~ALIVE) | DONE;
    state.respawnTimer[i] = 0;
  }
  for (let task = 0; task < numTasks; task++) {
    const status = outputs.rootStatus[w * roots.length + task];
    if (status !== NODE_STATUS.pending && anyActed(c, w, task))
      pushEvent(state, buffers, w, status === NODE_STATUS.satisfied ? EVENT.succeeded : EVENT.failed, -1, task, 0, 0);
  }
  if (left > 0) {
    c.ending[w] = 0;
    return;
  }
  const main = outputs.rootStatus[w * roots.length];
  const succeeded = main === NODE_STATUS.satisfied;
  const undecided = main === NODE_STATUS.pending && atLimit;
  if (undecided) pushEvent(state, buffers, w, EVENT.outOfTime, -1, state.tick[w], 0, 0);
  state.status[w] = succeeded ? WORLD_STATUS.succeeded : undecided ? WORLD_STATUS.outOfTime : WORLD_STATUS.failed;
  c.ending[w] = 1;
}

/** Whether an agent of the task acted in this tick: a task is decided once, in the tick in which its agents leave. */
function anyActed(c: TickContext, w: number, task: number): boolean {
  for (let a = 0; a < c.numAgents; a++) {
    const i = w * c.numAgents + a;
    if (c.program.taskOfAgent[a] === task && ((c.acted[i] & ALIVE) !== 0 || c.outputs.terminated[i] === 1)) return true;
  }
  return false;
}
