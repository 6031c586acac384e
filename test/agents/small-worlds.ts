/** Small worlds for tests of policies, drawn as characters, and one way to play them. */

import { createPolicy, type PolicyAssignment, runPolicies } from '@kinovox/agents';
import { type CompiledScenario, createBatchEnvSync, loadScenario } from '@kinovox/env';
import type { ScenarioInput } from '@kinovox/world';

type Agent = ScenarioInput['agents'][number];

export interface SmallWorld {
  /** Layers from the bottom up, rows along z, characters along x: `#` stone, `~` water, `L` lava, `H` ladder, `D` dirt, `.` air. */
  layers: string[][];
  task: ScenarioInput['task'];
  agents?: Agent[];
  maxTicks?: number;
  rest?: Partial<ScenarioInput>;
  /** Height of the world; default the layers and four more. */
  height?: number;
}

/** One walker at a cell, looking along +x. */
export function walkerAt(id: string, at: [number, number, number], rest: Partial<Agent> = {}): Agent {
  return { id, body: 'walker', spawn: { at, yawDeg: -90 }, ...rest };
}

export function smallScenario({ layers, task, agents, maxTicks = 400, rest, height }: SmallWorld): ScenarioInput {
  const [sizeZ, sizeX] = [layers[0].length, layers[0][0].length];
  return {
    version: 1,
    id: 'small-v1',
    title: 'Small world',
    agents: agents ?? [walkerAt('ada', [0, 1, 0])],
    task,
    episode: { maxTicks, variants: 1 },
    ...rest,
    world: {
      size: [sizeX, height ?? layers.length + 4, sizeZ],
      terrain: { generator: 'empty' },
      structures: [{ layers, palette: { '#': 'stone', '~': 'water', L: 'lava', H: 'ladder', D: 'dirt' }, at: [0, 0, 0] }],
      ...rest?.world,
    } as ScenarioInput['world'],
  };
}

/** Outcome, ticks and the hash of the last state of one episode. */
export function play(source: ScenarioInput | CompiledScenario, policies: PolicyAssignment = createPolicy('scripted'), seed = 0) {
  const env = createBatchEnvSync({ scenario: loadScenario(source), seed, autoreset: 'disabled', observe: false });
  env.reset();
  const run = runPolicies(env, policies);
  while (env.stepSync(run.act()).ended[0] === 0);
  const { successRate, meanTicks } = env.episodes;
  return { succeeded: successRate === 1, ticks: meanTicks, hash: env.rowHashes()[0], env };
}
