/**
 * Whether plans that teams have carried out hold when nobody looks: `planner:lacam` plays levels of the test split, and its log of actions is played again
 * without it. Columns: episodes that succeeded; contacts in the replay; replays whose last state differs; action values outside
 * their range; agent-ticks faster than the body's limit. Exits with 1 when any of the last four is not 0.
 * Run after a build: `node test/bench/team-replays.js [SEEDS] [SCENARIO...]`.
 */
import { createPolicy, policyProfile, runPolicies } from '@kinovox/agents';
import { createBatchEnv, loadScenario } from '@kinovox/env';
import { ACTION_FIELDS, ACTION_SPEC, EVENT, EVENT_WORDS } from '@kinovox/world';

const [seeds = '10', ...named] = process.argv.slice(2);
const TEAMS = ['alcove-v1', 'corridor-swap-v1', 'corridor-swap-changing-v1', 'crowd-doors-v1', 'crowd-doors-changing-v1', 'warehouse-v1'];
/** Fastest that a walker gets on the ground, sprinting, metres per tick, and what rounding adds. */
const WALKER_LIMIT = 0.2806 + 0.001;

for (const id of named.length > 0 ? named : TEAMS) {
  const compiled = loadScenario(new URL(`../../scenarios/${id}.scenario.json`, import.meta.url).pathname);
  const planner = createPolicy('planner:lacam');
  const env = await createBatchEnv({
    scenario: compiled,
    split: 'test',
    autoreset: 'disabled',
    observe: false,
    actionProfile: policyProfile(compiled, planner),
  });
  const counts = { contacts: 0, differing: 0, outOfRange: 0, tooFast: 0 };
  const { numAgents } = compiled.program;
  let succeeded = 0;
  for (let seed = 0; seed < Number(seeds); seed++) {
    env.reset({ seed });
    const before = env.episodes.successes;
    const run = runPolicies(env, planner);
    const log = [];
    do log.push(run.act().slice());
    while ((await env.step(log[log.length - 1])).ended[0] === 0);
    const hash = env.rowHashes()[0];
    succeeded += env.episodes.successes - before;
    env.reset({ seed });
    for (const actions of log) {
      counts.outOfRange += actions.filter((value, k) => !isWithin(ACTION_SPEC[k % ACTION_FIELDS], value)).length;
      await env.step(actions);
      const { buffers, state } = env.engine;
      for (let k = 0; k < buffers.eventCount[0]; k++) if (buffers.events[k * EVENT_WORDS] === EVENT.touched) counts.contacts++;
      for (let i = 0; i < numAgents; i++) {
        if (!('vehicle' in compiled.base.agents[i].body) && Math.hypot(state.velX[i], state.velZ[i]) / 65536 > WALKER_LIMIT)
          counts.tooFast++;
      }
    }
    if (env.rowHashes()[0] !== hash) counts.differing++;
  }
  console.log(
    `${id.padEnd(28)} ${succeeded}/${seeds} succeeded, replays: ${counts.contacts} contacts, ${counts.differing} differ, ${counts.outOfRange} values out of range, ${counts.tooFast} agent-ticks too fast`,
  );
  if (Object.values(counts).some((count) => count > 0)) process.exitCode = 1;
  env.close();
}

function isWithin({ min, max }, value) {
  return value >= min && value <= max;
}
