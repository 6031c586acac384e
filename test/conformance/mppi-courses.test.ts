/** That MPPI solves the courses of vehicles; how often, over 100 levels and by the plain reference too, `node test/bench/mppi.js` measures. */
import { createMppiFactory, playEpisodes } from '@kinovox/agents';
import { loadScenario } from '@kinovox/env';
import { createGpuJs } from '@kinovox/physics';
import { createGpuJsRunner } from '@kinovox/planning';
import { expect, it } from 'vitest';

it.each(['rover-slalom-v1', 'quad-window-v1'])('solves a level of %s, by 256 rollouts on gpu.js', async (id) => {
  const runtime = await createGpuJs({ mode: 'webasm' });
  const policy = createMppiFactory({ numSequences: 256, createRunner: (settings) => createGpuJsRunner(runtime, settings) });
  const compiled = loadScenario(new URL(`../../scenarios/${id}.scenario.json`, import.meta.url).pathname);
  const [episode] = await playEpisodes(compiled, policy, { seeds: 1, firstSeed: 3, split: 'test' });
  await runtime.destroy();
  expect(episode.succeeded).toEqual([true]);
});
