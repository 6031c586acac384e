/** Cells that count as open because a clock alone opens and shuts them, and those that another mechanism fills, too. */
import { type AgentView, runPolicies } from '@kinovox/agents';
import { compileScenario, createBatchEnv } from '@kinovox/env';
import type { Lattice } from '@kinovox/planning';
import { parseScenario, type ScenarioInput } from '@kinovox/world';
import { expect, it } from 'vitest';
import { SquadWalls } from '../../packages/agents/src/policies/squad-walls.js';

/** Whether the gate counts as open in each of 60 ticks after the clock has changed it ten times. */
async function openAt(more: object[]): Promise<Set<boolean>> {
  const scenario = {
    version: 1,
    id: 'gate-v1',
    title: 'A gate',
    world: {
      size: [8, 6, 6],
      terrain: { generator: 'flat', ground: 2 },
      edits: [{ fill: 'stone_pressure_plate', from: [1, 2, 1], to: [1, 2, 1] }],
    },
    agents: [{ id: 'ada', body: 'walker', spawn: { at: [6, 2, 4] } }],
    mechanisms: [
      {
        id: 'gate',
        when: { any: [{ clock: { everyTicks: 20, onTicks: 10 } }] },
        effects: [
          {
            region: [
              [4, 2, 2],
              [4, 3, 2],
            ],
            on: 'iron_block',
            off: 'air',
          },
        ],
      },
      ...more,
    ],
    task: {
      reach: {
        agents: 'ada',
        region: [
          [0, 5, 0],
          [0, 5, 0],
        ],
      },
    },
    episode: { maxTicks: 400 },
  } as unknown as ScenarioInput;
  const env = await createBatchEnv({ scenario: compileScenario(parseScenario(scenario, 'gate-v1')), numWorlds: 1, autoreset: 'disabled' });
  env.reset({ seed: 0 });
  let seen: AgentView | undefined;
  const run = runPolicies(env, { name: 'idle', create: () => ({ reset() {}, act: (view) => void (seen = view) }) });
  run.act();
  const view = seen!;
  const walls = new SquadWalls('walker', view, { cell: 1 } as Lattice, [8, 1, 6]);
  walls.reset(undefined);
  const isOpen = () => walls.read(2, [] as never)[2 * 8 + 4] === 0;
  isOpen();
  const open = new Set<boolean>();
  for (let tick = 0; tick < 160; tick++) {
    env.stepSync(run.act());
    walls.hasChanged();
    if (tick >= 100) open.add(isOpen());
  }
  env.close();
  return open;
}

const other = (when: object) => ({
  id: 'shutter',
  when: { any: [when] },
  effects: [
    {
      region: [
        [4, 3, 2],
        [4, 3, 2],
      ],
      on: 'stone',
      off: 'air',
    },
  ],
});

it('a gate that a clock opens and shuts counts as open, and one that a plate shuts, too, as it stands', async () => {
  expect(await openAt([])).toEqual(new Set([true]));
  expect(await openAt([other({ plate: [1, 2, 1] })])).toEqual(new Set([true, false]));
});
