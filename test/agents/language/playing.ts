/** Small worlds played by language agents whose models are functions. */
import {
  createLanguageFactory,
  type LanguageEntry,
  type MemoryFiles,
  type ModelProvider,
  type ModelReply,
  type ModelRequest,
  type ProfileInput,
  parseProfile,
  runPolicies,
  type SpectatorWords,
} from '@kinovox/agents';
import { createBatchEnvSync, loadScenario } from '@kinovox/env';
import { drawU32, randomBelow, randomStream, type ScenarioInput, type Split } from '@kinovox/world';
import { smallScenario, walkerAt } from '../small-worlds.js';

export const profileOf = (rest: Partial<ProfileInput> = {}) =>
  parseProfile({ version: 1, name: 'test', provider: 'scripted', ...rest }, 'test.json');

/** A reply that calls one tool. */
export function call(name: string, args: object | string = {}, completionTokens = 10): ModelReply {
  return {
    text: '',
    toolCalls: [{ name, arguments: typeof args === 'string' ? args : JSON.stringify(args) }],
    usage: { promptTokens: 100, completionTokens },
    finishReason: 'tool-calls',
  };
}

/** A model that is a function of the request. */
export const modelOf = (answer: (request: ModelRequest, signal: AbortSignal) => ModelReply | Promise<ModelReply>): ModelProvider => ({
  ask: async (request, signal) => answer(request, signal),
});

/** A lawn with three walkers that shall reach its far side. */
export const LAWN: ScenarioInput = smallScenario({
  layers: [Array.from({ length: 9 }, () => '#'.repeat(14))],
  agents: [walkerAt('ada', [1, 1, 1]), walkerAt('bob', [1, 1, 4]), walkerAt('cyd', [1, 1, 7])],
  task: {
    reach: {
      agents: 'all',
      region: [
        [11, 1, 0],
        [13, 2, 8],
      ],
    },
  },
  maxTicks: 300,
});

export interface Played {
  hash: string;
  ticks: number;
  entries: LanguageEntry[];
}

/** Plays ticks of one episode. */
export async function playModel(
  provider: ModelProvider,
  {
    profile = {},
    scenario = LAWN,
    ticks = 60,
    seed = 3,
    split = 'train',
    memory,
    onTick,
    words = {},
  }: {
    profile?: Partial<ProfileInput>;
    scenario?: ScenarioInput;
    ticks?: number;
    seed?: number;
    split?: Split;
    memory?: MemoryFiles;
    onTick?: (tick: number) => void;
    /** What people say, by tick. */
    words?: Readonly<Record<number, readonly SpectatorWords[]>>;
  } = {},
): Promise<Played> {
  const env = createBatchEnvSync({ scenario: loadScenario(scenario), seed, split, autoreset: 'disabled' });
  env.reset();
  const entries: LanguageEntry[] = [];
  const run = runPolicies(
    env,
    createLanguageFactory(profileOf(profile), {
      environment: {},
      provider,
      onEntry: (entry) => entries.push(entry),
      ...(memory === undefined ? {} : { memory }),
    }),
  );
  let played = 0;
  for (; played < ticks; played++) {
    onTick?.(played);
    await run.think(words[played]);
    if (env.stepSync(run.act()).ended[0] === 1) break;
  }
  return { hash: env.rowHashes()[0], ticks: played, entries };
}

/** Entries by agent, in the order of their own. */
export function ofAgent({ entries }: Played, agent: string): LanguageEntry[] {
  return entries.filter((entry) => entry.agent === agent);
}

/** Draws from a seed. */
export function drawer(seed: number): { below(n: number): number } {
  const stream = randomStream(seed, 0, 0, 0, 0);
  let draw = 0;
  return { below: (n) => randomBelow(drawU32(stream, draw++), n) };
}
