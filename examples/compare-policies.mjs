/**
 * A learned policy judged beside `random`, `greedy` and `scripted`, on the same unseen levels: what `kinovox eval` does, from code.
 * Run: node examples/compare-policies.mjs [policy.json], a file that python/examples/ppo.py or cem.py wrote for reach-flat-v1.
 */
import { readFileSync } from 'node:fs';
import { createLearnedPolicy, createPolicy, createSuite, evaluate } from '@kinovox/agents';
import { loadScenario } from '@kinovox/env';
import { parseLearnedPolicy } from '@kinovox/world';

const folder = `${import.meta.dirname}/..`;
const path = process.argv[2] ?? `${folder}/test/agents/fixtures/reach-flat.policy.json`;
const learned = createLearnedPolicy(parseLearnedPolicy(readFileSync(path, 'utf8'), path));

const suite = createSuite('first-walk', [loadScenario(`${folder}/scenarios/reach-flat-v1.scenario.json`)]);
// Several runs of one method, say one per training seed, go into one `runs`; `random` and `scripted` are always there.
const contestants = [
  { name: 'learned', runs: [learned] },
  { name: 'greedy', runs: [createPolicy('greedy')] },
];
// evaluationCsv, evaluationLatex and evaluationHtml make files of the report.
const report = await evaluate(suite, contestants, { seeds: 50, split: 'test' });

const percent = (share) => `${(100 * share).toFixed(0)} %`.padStart(5);
console.log(`suite ${suite.id} ${suite.hash}: ${report.seeds} levels of the split ${report.split}`);
for (const { name, scenarios, iqm, refused } of report.contestants) {
  for (const { score, interval, meanTicks } of scenarios)
    console.log(
      `${name.padEnd(8)} ${percent(score)} [${interval.map(percent).join(',')}]  ${meanTicks.toFixed(0).padStart(3)} ticks  normalised ${iqm?.toFixed(2)}`,
    );
  for (const { scenario, reason } of refused) console.log(`${name.padEnd(8)} cannot play ${scenario}: ${reason}`);
}
