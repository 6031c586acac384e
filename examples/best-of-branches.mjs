/**
 * Planning with the simulator itself: 64 rows begin as one group in one state, each tries its own curve for 8 ticks, and the one that
 * has the least way left to the goal is copied into all others. No policy and no map: `shaping` tells the way left, snapshots do the rest.
 * Run: node examples/best-of-branches.mjs
 */
import { createBatchEnv, Env } from '@kinovox/env';
import { WORLD_STATUS } from '@kinovox/world';

const scenario = `${import.meta.dirname}/../scenarios/reach-maze-v1.scenario.json`;
const BRANCHES = 64;
const env = await createBatchEnv({ scenario, numWorlds: BRANCHES, split: 'test', shaping: true, repeat: 8 });
env.reset({ seed: 5, groupSize: BRANCHES });
console.log(`${new Set(env.rowHashes()).size} state in ${BRANCHES} rows: a group shares seed, level and start`);

const columns = env.spaces.actionRow.names;
const actions = new Float32Array(env.actionLength);
for (let row = 0; row < BRANCHES; row++) {
  const at = row * columns.length;
  actions[at + columns.indexOf('forward')] = 1;
  actions[at + columns.indexOf('sprint')] = row % 2;
  // Held for 8 ticks: from half a turn to the left to half a turn to the right.
  actions[at + columns.indexOf('turn')] = ((row / (BRANCHES - 1)) * 2 - 1) * (Math.PI / 8);
}

const leftAfter = (wayLeft, row) => wayLeft[2 * row + 1];
let decisions = 0;
let arrived = -1;
for (; arrived < 0 && decisions < 100; decisions++) {
  const before = env.snapshot(0);
  const { wayLeft, ended, endStatus } = env.stepSync(actions);
  arrived = endStatus.findIndex((status, row) => ended[row] === 1 && status === WORLD_STATUS.succeeded);
  let best = 0;
  for (let row = 1; row < BRANCHES; row++) if (leftAfter(wayLeft, row) < leftAfter(wayLeft, best)) best = row;
  if (decisions % 8 === 0) console.log(`decision ${decisions}: best branch ${best}, ${leftAfter(wayLeft, best) / 10} m left`);
  if (arrived >= 0) env.restore(0, before);
  else for (let row = 0, kept = env.snapshot(best); row < BRANCHES; row++) env.restore(row, kept);
}
console.log(`arrived after ${decisions} decisions`);

// A fork goes on by itself, here as an environment keyed by agent: the last decision again, tick by tick, with its outcome in words.
const last = new Env(await env.fork(0, { autoreset: 'disabled', repeat: 1 }));
const row = actions.subarray(arrived * columns.length, (arrived + 1) * columns.length);
const action = Object.fromEntries(columns.map((name, k) => [name, row[k]]));
let step;
while (last.agents.length > 0) step = last.step({ [last.agents[0]]: action });
const { outcome, ticks, explanation } = step.infos[last.possibleAgents[0]].outcome;
console.log(`${outcome} after ${ticks} ticks. ${explanation}`);
