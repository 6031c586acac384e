/** The benchmark's scenario: walkers with blocks in hand on hills with a little forest, on their way to a far plot. */
import type { ScenarioInput } from '@kinovox/world';

/** Ticks of an episode, and of one with many agents: a world resets for all of them, and there must be a reset in 1,000 agent-steps. */
const EPISODE_TICKS = 256;
const LONGEST_AGENT_STEPS = 768;

/** `numAgents` walkers; short episodes, so that resets are part of every figure. */
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
    episode: { maxTicks: Math.min(EPISODE_TICKS, Math.floor(LONGEST_AGENT_STEPS / numAgents)), variants: 64 },
  };
}
