import { createMppiFactory, createPolicy, runPolicies } from '@kinovox/agents';
import { createBatchEnv, loadScenario } from '@kinovox/env';
import { createGpuJs } from '@kinovox/physics';
import { createGpuJsRunner } from '@kinovox/planning';
import { describe, expect, it } from 'vitest';

const scenario = (id: string) => loadScenario(new URL(`../../scenarios/${id}.scenario.json`, import.meta.url).pathname);

describe('planner:mppi', () => {
  it('decides at once with the plain reference, the same in every run', async () => {
    const env = await createBatchEnv({ scenario: scenario('quad-window-v1'), numWorlds: 1, seed: 2, autoreset: 'disabled' });
    const play = () => {
      env.reset({ seed: 2 });
      const run = runPolicies(env, createMppiFactory({ numSequences: 64 }));
      for (let tick = 0; tick < 40; tick++) env.stepSync(run.act());
      return env.rowHashes();
    };
    expect(play()).toEqual(play());
    env.close();
  });
  it('must be awaited where its runner must be', async () => {
    const runtime = await createGpuJs({ mode: 'cpu' });
    const policy = createMppiFactory({ numSequences: 16, createRunner: (settings) => createGpuJsRunner(runtime, settings) });
    const env = await createBatchEnv({ scenario: scenario('quad-window-v1'), numWorlds: 1, seed: 2 });
    env.reset();
    const run = runPolicies(env, policy);
    expect(() => run.act()).toThrow('Await PolicyRun.think()');
    await run.think();
    expect(() => run.act()).not.toThrow();
    env.close();
    await runtime.destroy();
  });
  it('refuses walkers and cars by name', async () => {
    for (const [id, body] of [
      ['reach-flat-v1', 'walker'],
      ['car-park-v1', 'car'],
    ]) {
      const env = await createBatchEnv({ scenario: scenario(id), numWorlds: 1 });
      env.reset();
      const run = runPolicies(env, createPolicy('planner:mppi'));
      expect(() => run.act()).toThrow(`got a ${body} at agents`);
      env.close();
    }
  });
  it('is found by its name, and what is near it is suggested', () => {
    expect(createPolicy('planner:mppi').name).toBe('planner:mppi');
    expect(() => createPolicy('planner:mpi')).toThrow('Did you mean "mppi"?');
  });
});
