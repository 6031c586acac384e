/** Episodes of a policy in ledges-v1 with a safety filter of some mode, or of some other measure, on the first agent: what the filter said, and what happened. */
import { createPolicy, runPolicies } from '@kinovox/agents';
import { createBatchEnv, loadScenario } from '@kinovox/env';
import { createSafetyFilter, createWalkerValue, type SafetyMode, type WalkerValue } from '@kinovox/planning';

export const LEDGES = 'test/bench/safety/ledges.scenario.json';
/** Compiled once: its levels are kept. */
const compiled = loadScenario(LEDGES);

export interface ClosedLoop {
  mode: SafetyMode | 'flipped';
  episodes: number;
  ticks: number;
  seed: number;
}

export interface LoopEpisode {
  /** Of the first state, metres. */
  startValue: number;
  /** First tick in which the agent was harmed: in lava, or below the terraces. Undefined: never. */
  harmedAt: number | undefined;
  /** First tick whose action did not pass; and the first that led to harm however the blocks move. */
  flaggedAt: number | undefined;
  condemnedAt: number | undefined;
  seen: number;
  intervened: number;
}

/** A measure that calls safe what is unsafe, and the other way round: no filter should pass its tests with it. */
export const flipped: typeof createWalkerValue = (program, harm) => {
  const right = createWalkerValue(program, harm);
  const wrong: WalkerValue = {
    harm: right.harm,
    take: (...args) => right.take(...args),
    valueAfter: (action) => -right.valueAfter(action),
    brakeInto: (out) => right.brakeInto(out),
  };
  return wrong;
};

export async function playClosedLoop({ mode, episodes, ticks, seed }: ClosedLoop): Promise<LoopEpisode[]> {
  const env = await createBatchEnv({
    scenario: compiled,
    numWorlds: episodes,
    seed,
    split: 'test',
    autoreset: 'next-step',
    observe: false,
    engine: 'cpu',
  });
  env.reset();
  const { state, outputs } = env.engine;
  const A = env.numAgents;
  const results: LoopEpisode[] = [];
  let tick = 0;
  const filter = createSafetyFilter(
    env.engine,
    {
      mode: mode === 'flipped' ? 'enforce' : mode,
      onIntervention({ row, value, reason }) {
        const episode = results[row];
        episode.intervened++;
        episode.flaggedAt ??= tick;
        if (value < 0 && reason !== 'blocks') episode.condemnedAt ??= tick;
      },
    },
    mode === 'flipped' ? flipped : undefined,
  );
  for (let row = 0; row < episodes; row++)
    results.push({
      startValue: filter.valueOf(row, 0),
      harmedAt: undefined,
      flaggedAt: undefined,
      condemnedAt: undefined,
      seen: 0,
      intervened: 0,
    });
  const run = runPolicies(env, createPolicy('random'));
  const over = new Uint8Array(episodes);
  const health = state.health.slice();
  for (tick = 1; tick <= ticks && over.includes(0); tick++) {
    const actions = run.act();
    for (let row = 0; row < episodes; row++) {
      health[row * A] = state.health[row * A];
      if (over[row] === 0) results[row].seen++;
    }
    filter.filter(actions, over, [0]);
    env.stepSync(actions);
    for (let row = 0; row < episodes; row++) {
      if (over[row] !== 0) continue;
      const i = row * A;
      if (state.health[i] < health[i] || state.posY[i] < 6 * 65536) results[row].harmedAt ??= tick;
      over[row] = outputs.ended[row];
    }
  }
  env.close();
  return results;
}
