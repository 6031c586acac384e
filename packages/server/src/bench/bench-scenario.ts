/** The benchmark's scenario: two walkers with blocks in hand on hills with a little forest, on their way to a far plot. */
import type { ScenarioInput } from '@kinovox/world';

/** `numAgents` walkers; episodes of 256 ticks, so that resets are part of every figure. */
export function benchScenario(numAgents: number): ScenarioInput {
  return {
    version: 1,
    id: 'bench-hills-v1',
    title: 'Walkers with blocks on hills',
    world: { size: [32, 16, 32], terrain: { generator: 'hills', base: 5, amplitude: 3 } },
    agents: [
      {
        id: 'walker',
        count: numAgents,
        body: 'walker',
        spawn: {
          region: [
            [2, 3, 2],
            [12, 12, 29],
          ],
        },
        inventory: { dirt: 32 },
      },
    ],
    observation: { nearestAgents: 1, goals: 1, inventory: false, messages: 0 },
    task: {
      reach: {
        agents: 'all',
        region: [
          [28, 3, 12],
          [31, 15, 20],
        ],
      },
    },
    episode: { maxTicks: 256, variants: 64 },
  };
}
