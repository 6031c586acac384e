/**
 * What the observation group `rivalGuidance` costs: `node test/bench/rival-guidance.js [worlds]` prints one JSON object, processor time per agent-step of `cpu` in tag-v1.
 * Two batches of the same worlds, one with the group, take the same actions in turns of 100 ticks: `far`, where everybody wanders about and chasers seldom come near,
 * and `near`, where chasers follow the guide. Medians of the rounds after the first ten.
 */
import { createBatchEnvSync } from '../../packages/env/dist/index.js';
import { ACTION_WORD, randomU32 } from '../../packages/world/dist/index.js';

const WORLDS = Number(process.argv[2] ?? 64);
const ROUNDS = 50;
const TICKS = 100;
const AGENTS = 3;

console.log(JSON.stringify({ worlds: WORLDS, far: measure(false), near: measure(true) }));

/** Microseconds per agent-step without the group and with it, and their difference. */
function measure(follow) {
  const make = (observation) =>
    createBatchEnvSync({
      scenario: 'scenarios/tag-v1.scenario.json',
      numWorlds: WORLDS,
      seed: 1,
      observation: { crop: 0, nearestAgents: 2, ...observation },
    });
  const envs = { plain: make({}), guided: make({ rivalGuidance: 3 }) };
  const spent = { plain: [], guided: [] };
  for (const env of Object.values(envs)) env.reset();
  for (let round = 0; round < ROUNDS; round++) {
    const log = [];
    for (const name of ['guided', 'plain']) {
      let microseconds = 0;
      for (let t = 0; t < TICKS; t++) {
        // The batch without the group plays what the other one played.
        if (name === 'guided') log.push(decide(envs.guided, round * TICKS + t, follow));
        const before = process.cpuUsage();
        envs[name].stepSync(log[t]);
        const { user, system } = process.cpuUsage(before);
        microseconds += user + system;
      }
      spent[name].push(microseconds / TICKS / WORLDS / AGENTS);
    }
  }
  if (envs.plain.stateHash() !== envs.guided.stateHash()) throw new Error('both batches must play the same worlds');
  const [plain, guided] = ['plain', 'guided'].map((name) => spent[name].slice(10).sort((a, b) => a - b)[(ROUNDS - 10) >> 1]);
  return { plainUs: round2(plain), guidedUs: round2(guided), addedUs: round2(guided - plain) };
}

/** Everybody sprints and turns now and then; with `follow` chasers run to what the guide shows. */
function decide(env, tick, follow) {
  const width = env.actionLength / (WORLDS * AGENTS);
  const { groups, size, vector } = env.observations;
  const { offset } = groups.find(({ name }) => name === 'rivalGuidance');
  const actions = new Float32Array(env.actionLength);
  for (let i = 0; i < WORLDS * AGENTS; i++) {
    const at = i * width;
    actions[at + ACTION_WORD.forward] = actions[at + ACTION_WORD.sprint] = 1;
    if (follow && i % AGENTS < 2) {
      const [dx, , dz] = vector.subarray(i * size + offset + 2, i * size + offset + 5);
      const turn = Math.atan2(-dx, -dz) - Math.atan2(vector[i * size + 6], vector[i * size + 7]);
      actions[at + ACTION_WORD.turn] = Math.atan2(Math.sin(turn), Math.cos(turn));
    } else if (randomU32(1, 0, tick, i & 255, 1, i >> 8) % 8 === 0)
      actions[at + ACTION_WORD.turn] = (randomU32(1, 0, tick, i & 255, 2, i >> 8) % 600) / 100 - 3;
  }
  return actions;
}

function round2(value) {
  return Math.round(100 * value) / 100;
}
