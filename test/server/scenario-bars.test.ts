/** What the table of `kinovox bench --scenarios` takes for the solver's line. */
import { benchScenario } from '@kinovox/agents';
import { expect, it } from 'vitest';
import { scenarioResult } from '../../packages/server/src/bench/scenario-bars.js';

const path = (id: string) => new URL(`../../scenarios/${id}.scenario.json`, import.meta.url).pathname;

it('the rate of another line than the solver stands for the solver nowhere', async () => {
  const walked = scenarioResult(await benchScenario(path('alcove-v1'), { seeds: 1, lines: ['random'] }), []);
  expect([walked.solver, walked.solved, walked.random]).toEqual(['planner:lacam', undefined, 0]);
  const played = scenarioResult(await benchScenario(path('reach-flat-v1'), { seeds: 1, lines: ['greedy', 'scripted'] }), []);
  expect([played.solver, played.solved, played.greedy]).toEqual(['scripted', 1, 1]);
});
