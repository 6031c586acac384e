/**
 * The policy `planner:voxel` beside scripted, greedy and random, on levels of the test split: successes, mean ticks, and how many planned ticks parted from
 * what was foreseen. Run after a build: `node test/bench/planner-voxel.js [SEEDS] [SCENARIO...]`.
 */
import { createPolicy, policyProfile, runPolicies } from '@kinovox/agents';
import { createBatchEnv, loadScenario } from '@kinovox/env';

const [seeds = '100', ...named] = process.argv.slice(2);
const scenarios = named.length > 0 ? named : ['reach-flat-v1', 'reach-maze-v1', 'parkour-v1', 'dig-tunnel-v1', 'water-crossing-v1'];

for (const id of scenarios) {
  const compiled = loadScenario(new URL(`../../scenarios/${id}.scenario.json`, import.meta.url).pathname);
  for (const name of ['planner:voxel', 'scripted', 'greedy', 'random']) {
    const policy = createPolicy(name);
    const env = await createBatchEnv({
      scenario: compiled,
      split: 'test',
      seed: 0,
      autoreset: 'disabled',
      observe: false,
      actionProfile: policyProfile(compiled, policy),
    });
    const run = runPolicies(env, policy);
    for (let seed = 0; seed < Number(seeds); seed++) {
      env.reset({ seed });
      while ((await env.step(run.act())).ended[0] === 0);
    }
    const { successes, count, meanTicks } = env.episodes;
    env.close();
    const { tally } = policy;
    const plans =
      tally === undefined
        ? ''
        : `, ${tally.plans} plans, ${tally.parted} parted in ${tally.plannedTicks} ticks, ${tally.scriptedTicks} ticks left to scripted`;
    console.log(`${id.padEnd(20)}${name.padEnd(15)}${successes} of ${count}, ${meanTicks.toFixed(1)} ticks${plans}`);
  }
}
