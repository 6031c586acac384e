/**
 * Every shipped scenario plays on the rigid tier, with props that nobody can reach and one of them always in motion, what it plays on the batch tier:
 * agents, voxels, monitors and all the rest have the same hashes after every tick, whole episodes and resets included.
 * 100 ticks by random keys; with KINOVOX_LONG_RIGID=1 a thousand each by the random and the scripted policy, whose result is kept in test/bench/results.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { createPolicy, observationFor, policyProfile, runPolicies } from '@kinovox/agents';
import { loadScenario, type SideBySide, stepSideBySide } from '@kinovox/env';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import * as far from '../../packages/env/src/compile/far-props.js';

vi.mock('../../packages/env/src/compile/far-props.js', { spy: true });
const { farPropSpawns } = await vi.importActual<typeof far>('../../packages/env/src/compile/far-props.js');

afterEach(() => {
  vi.mocked(far.farPropSpawns).mockImplementation(farPropSpawns);
});

const IS_LONG = process.env.KINOVOX_LONG_RIGID === '1';
const TICKS = IS_LONG ? 1000 : 100;
const POLICIES = IS_LONG ? ['random', 'scripted'] : ['random'];
const SUFFIX = '.scenario.json';
const SCENARIOS = readdirSync('scenarios')
  .filter((name) => name.endsWith(SUFFIX))
  .map((name) => loadScenario(`scenarios/${name}`));

async function compare(scenario: (typeof SCENARIOS)[number], name: string, ticks: number): Promise<SideBySide> {
  const policy = createPolicy(name);
  return stepSideBySide({
    scenario,
    ticks,
    seed: 41,
    actionProfile: policyProfile(scenario, policy),
    observation: observationFor(scenario, policy),
    decide: (env) => {
      const run = runPolicies(env, policy);
      return () => run.act();
    },
  });
}

describe('both tiers are equal', () => {
  const kept: (SideBySide & { policy: string })[] = [];

  for (const policy of POLICIES)
    for (const scenario of SCENARIOS.filter(({ program }) => program.numProps === 0))
      it(`over ${TICKS} ticks of ${scenario.program.id} by the ${policy} policy`, async () => {
        const result = await compare(scenario, policy, TICKS);
        expect(result).toMatchObject({ props: 'out-of-reach', firstDivergence: null, maxPositionError: 0, crashes: 0 });
        expect(result.movingShare).toBe(1);
        expect(result.leastPropDistance).toBeGreaterThanOrEqual(far.FAR_DISTANCE);
        kept.push({ ...result, policy });
      });

  afterAll(() => {
    if (IS_LONG)
      writeFileSync('test/bench/results/rigid-twins.json', `[\n${kept.map((one) => `  ${JSON.stringify(one)}`).join(',\n')}\n]\n`);
  });
});

describe('both tiers differ', () => {
  it('in a scenario whose props stand before its agents', async () => {
    vi.mocked(far.farPropSpawns).mockImplementation((resolved, count) =>
      farPropSpawns(resolved, count).map((spawn, k) => ({
        ...spawn,
        exact: [(4 << 16) + 32768, (2 << 16) + 32768, ((5 + 2 * k) << 16) + 32768] as const,
        drift: undefined,
      })),
    );
    const door = SCENARIOS.find(({ program }) => program.id === 'plates-and-door-v1')!;
    const result = await compare(door, 'scripted', 60);
    expect(result.firstDivergence?.parts).toContain('agents');
    expect(result.leastPropDistance).toBeLessThan(1);
    expect(result.maxPositionError).toBeGreaterThan(0);
  });
});
