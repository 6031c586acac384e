/** The scripted policy plays the shipped survival scenarios: several levels of each, and what each leaves undone when something is missing. */

import { readFileSync } from 'node:fs';
import { createPolicy, runPolicies } from '@kinovox/agents';
import { createBatchEnvSync, loadScenario } from '@kinovox/env';
import { parseScenario, type ScenarioInput } from '@kinovox/world';
import { describe, expect, it } from 'vitest';

const read = (id: string) => JSON.parse(readFileSync(`scenarios/${id}.scenario.json`, 'utf8')) as ScenarioInput;

/** Names of the parts that were reached, and how the episode ended. */
function play(source: ScenarioInput, seed: number, policy = createPolicy('scripted')) {
  const compiled = loadScenario(parseScenario(source, 'the test'));
  const env = createBatchEnvSync({ scenario: compiled, split: 'validation', seed, autoreset: 'disabled', observe: false });
  env.reset();
  const run = runPolicies(env, policy);
  const { state, program } = env.engine;
  const reached = new Set<string>();
  for (let ended = false; !ended; ) {
    ended = env.stepSync(run.act()).ended[0] === 1;
    for (let node = 0; node < program.monitor.numNodes; node++)
      if ((state.register[node] & 3) === 1) reached.add(program.monitor.names[node]);
  }
  return { succeeded: state.status[0] === 1, reached, ticks: state.tick[0] };
}

describe.each([
  'smelt-iron-v1',
  'plant-tree-v1',
  'sleep-through-v1',
  'cook-meal-v1',
  'trade-emerald-v1',
  'hunt-v1',
  'farm-v1',
  'survival-team-v1',
])('%s', (id) => {
  it.each([1, 2])('is solved on level %i', (seed) => {
    expect(play(read(id), seed).succeeded).toBe(true);
  });
});

describe('the scripted policy', () => {
  it('does not smelt where there is no ore, and does what it can', () => {
    const source = read('smelt-iron-v1');
    const edits = source.world.edits!.filter((edit) => !('set' in edit && edit.set === 'iron_ore'));
    const { succeeded, reached } = play({ ...source, world: { ...source.world, edits }, episode: { maxTicks: 900 } }, 1);
    expect(succeeded).toBe(false);
    expect([...reached]).toEqual(expect.arrayContaining(['stone', 'furnace', 'coal']));
    expect(reached.has('ingot')).toBe(false);
  });

  it('keeps the night watch with a sword, and not without hands', () => {
    expect(play(read('night-watch-v1'), 1).succeeded).toBe(true);
    expect(play(read('night-watch-v1'), 1, createPolicy('idle')).succeeded).toBe(false);
  });

  it('cannot supply a yard through a wall without openings', () => {
    const source = read('survival-team-v1');
    const edits = source.world.edits!.filter((edit) => !('set' in edit && edit.set === 'air'));
    const { reached } = play({ ...source, world: { ...source.world, edits }, episode: { maxTicks: 600 } }, 1);
    expect(reached.has('wood for the miner')).toBe(false);
  });

  it('digs stairs to what lies deep, and comes back', () => {
    const { succeeded } = play(
      {
        version: 1,
        id: 'deep-v1',
        title: 'Deep',
        world: {
          size: [20, 24, 20],
          terrain: { generator: 'flat', ground: 14, top: 'grass_block', body: 'stone' },
          edits: [{ set: 'diamond_ore', at: [10, 4, 10] }],
        },
        agents: [{ id: 'ada', body: 'walker', spawn: { at: [4, 14, 4] }, inventory: { iron_pickaxe: 1 } }],
        survival: { day: { lengthTicks: 0 }, hunger: { everyTicks: 0 } },
        task: {
          sequence: [
            { holds: { agents: 'ada', item: 'diamond' } },
            {
              reach: {
                agents: 'ada',
                region: [
                  [0, 14, 0],
                  [19, 15, 19],
                ],
              },
            },
          ],
        },
        episode: { maxTicks: 1200 },
      },
      0,
    );
    expect(succeeded).toBe(true);
  });
});
