/** The scripted policy climbs the tech tree: it finds the way to a thing backwards through recipes, stations, fuel and tools. */
import { readFileSync } from 'node:fs';
import { createPolicy, runPolicies } from '@kinovox/agents';
import { createBatchEnv } from '@kinovox/env';
import { parseScenario, type ScenarioInput } from '@kinovox/world';
import { describe, expect, it } from 'vitest';

const basics = JSON.parse(readFileSync('scenarios/survival-basics-v1.scenario.json', 'utf8')) as ScenarioInput;

/** The yard of survival-basics with ores in its corners and all recipes. */
function yard(item: string, ores: readonly string[]): ScenarioInput {
  return {
    ...basics,
    id: 'tech-v1',
    parameters: { ...basics.parameters, rockZ: { int: [5, 14] } },
    world: {
      ...basics.world,
      edits: [
        ...basics.world.edits!,
        ...ores.map((fill, i) => ({
          fill,
          from: [2, 5, 1 + 4 * i] as [number, number, number],
          size: [1, 1, 3] as [number, number, number],
        })),
        { fill: 'stone', from: [28, 5, 0], size: [4, 2, 3] },
      ],
    },
    survival: { day: { lengthTicks: 0 }, hunger: { everyTicks: 0 } },
    task: { holds: { agents: 'ada', item } },
    episode: { maxTicks: 6000 },
  };
}

async function play(scenario: ScenarioInput): Promise<{ success: boolean; ticks: number }> {
  const env = await createBatchEnv({ scenario: parseScenario(scenario, 'the yard'), seed: 4, autoreset: 'disabled', observe: false });
  env.reset();
  const run = runPolicies(env, createPolicy('scripted'));
  const { state } = env.engine;
  while (state.status[0] === 0) env.stepSync(run.act());
  return { success: state.status[0] === 1, ticks: state.tick[0] };
}

describe('the scripted policy', () => {
  it.each([
    ['stone_sword', []],
    ['iron_pickaxe', ['iron_ore']],
    ['diamond_pickaxe', ['iron_ore', 'diamond_ore']],
  ] as const)('makes a %s from bare hands', async (item, ores) => {
    expect((await play(yard(item, ores))).success).toBe(true);
  });

  it('does not where an ore is missing', async () => {
    const poor = yard('iron_pickaxe', []);
    expect(await play({ ...poor, episode: { maxTicks: 1500 } })).toEqual({ success: false, ticks: 1500 });
  });
});
