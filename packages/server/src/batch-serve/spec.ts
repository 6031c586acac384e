/** What a client is told about the batch that it made: spaces, arrays, names. Plain data. */
import { BatchEnv } from '@kinovox/env';
import type { ResultArrays } from './result-arrays.js';
import type { ServedBatch } from './session.js';

export function specOf(env: ServedBatch, results: ResultArrays): Record<string, unknown> {
  const { agents, messages } = env.compiled.scenario;
  const { program } = env.compiled;
  const rows = [env.numWorlds, env.numAgents];
  const perAgent = env.actionLength / (rows[0] * rows[1]);
  return {
    scenario: program.id,
    scenarioHash: program.scenarioHash,
    engine: env.engineName,
    seed: env.seed,
    split: env.split,
    autoreset: env.autoreset,
    repeat: env instanceof BatchEnv ? env.repeat : 1,
    numWorlds: env.numWorlds,
    agents: env.agentIds,
    teams: agents.flatMap((agent) => Array.from({ length: agent.count ?? 1 }, () => agent.team ?? null)),
    symbols: messages.symbols,
    actionProfile: env.actionProfile,
    actions: { dtype: 'float32', shape: env.actionProfile === 'discrete' ? rows : [...rows, perAgent] },
    actionSpace: env.spaces.actionRow,
    observationSpace: env.spaces.vector,
    observationSpaces: env.spaces.observation.spaces,
    groups: env.observations.groups.map(({ name, offset, rows: numRows, fields }) => ({ name, offset, size: numRows * fields.length })),
    draws: {
      parameters: Object.keys(env.compiled.scenario.parameters),
      randomisation: Object.keys(env.compiled.scenario.randomisation ?? {}),
    },
    rewardTerms: program.rewards.map(({ name }) => name),
    arrays: results.layout.arrays,
    arrayBytes: results.layout.bytes,
    final: results.final,
  };
}
