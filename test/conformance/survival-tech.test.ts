/** The long task: on levels of the test split the scripted policy gets to iron, and random play nowhere near. Rates over 100 levels are in docs/policies.md. */
import { fileURLToPath } from 'node:url';
import { createPolicy, runPolicies } from '@kinovox/agents';
import { createBatchEnvSync, loadScenario } from '@kinovox/env';
import { describe, expect, it } from 'vitest';

const compiled = loadScenario(fileURLToPath(new URL('../../scenarios/survival-tech-v1.scenario.json', import.meta.url)));
const SEEDS = [100, 101, 102, 103, 104, 105];

/** How many of the episodes reached each achievement. */
function reached(policy: string): Map<string, number> {
  const counts = new Map<string, number>();
  const env = createBatchEnvSync({ scenario: compiled, split: 'test', autoreset: 'disabled', observe: false });
  const run = runPolicies(env, createPolicy(policy));
  const { state, program } = env.engine;
  const { numNodes, names } = program.monitor;
  for (const seed of SEEDS) {
    env.reset({ seed });
    while (env.stepSync(run.act()).ended[0] === 0);
    for (let node = 0; node < numNodes; node++)
      if ((state.register[node] & 3) === 1) counts.set(names[node], (counts.get(names[node]) ?? 0) + 1);
  }
  return counts;
}

describe('survival-tech-v1', () => {
  const parts = (compiled.base.task as { all: { name: string }[] }).all.map(({ name }) => name);

  it('has at least 22 achievements, each with a name of its own', () => {
    expect(parts.length).toBeGreaterThanOrEqual(22);
    expect(new Set(parts).size).toBe(parts.length);
  });

  it('is climbed by the scripted policy to iron tools', () => {
    const counts = reached('scripted');
    const share = (name: string) => (counts.get(name) ?? 0) / SEEDS.length;
    for (const name of ['collect wood', 'table', 'wooden pickaxe', 'stone pickaxe', 'collect coal', 'furnace']) expect(share(name)).toBe(1);
    for (const name of ['sleep', 'smelt iron', 'iron pickaxe']) expect(share(name)).toBeGreaterThanOrEqual(0.5);
  });

  it('gives random play nothing but luck', () => {
    const counts = reached('random');
    for (const name of ['table', 'wooden pickaxe', 'furnace', 'smelt iron', 'sleep']) expect(counts.get(name) ?? 0).toBe(0);
  });
});
