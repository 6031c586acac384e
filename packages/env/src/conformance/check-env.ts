/**
 * Checks that an environment keyed by agent id keeps its contract: API, spaces, determinism over many steps, seeds, splits, snapshots.
 * Determinism is compared by a trace of every step: comparing the first step alone would pass an environment that strays later.
 */
import { hashText, type Split } from '@kinovox/world';
import type { AgentAction, Env, EnvStep } from '../env.js';
import { spaceContains } from '../spaces.js';
import type { Observation } from '../structured-observation.js';
import { type CheckResult, expectRefusal, expectThat, runChecks } from './check-result.js';
import { sampleAction } from './sampled-action.js';

/** What the checks ask of an environment: `Env`, or anything that wraps one. */
export type CheckedEnv = Pick<
  Env,
  'agents' | 'possibleAgents' | 'reset' | 'step' | 'observationSpace' | 'actionSpace' | 'stateHash' | 'snapshot' | 'restore' | 'close'
>;
export type MakeEnv = (options: { seed: number; split: Split }) => CheckedEnv | Promise<CheckedEnv>;

export interface CheckOptions {
  /** Ticks of each trace; default 100. */
  ticks?: number;
  /** Whether the scenario has one level only (no parameters, no random terrain), so that splits cannot differ; default false. */
  fixedLevel?: boolean;
}

export async function checkEnv(make: MakeEnv, { ticks = 100, fixedLevel = false }: CheckOptions = {}): Promise<CheckResult[]> {
  const made: CheckedEnv[] = [];
  const create = async (seed = 0, split: Split = 'train') => {
    const env = await make({ seed, split });
    made.push(env);
    return env;
  };
  const results = await runChecks([
    ['a reset makes every possible agent live and observed', async () => checkReset(await create())],
    ['a step is keyed by the agents that were live, and those that ended leave for good', async () => checkKeys(await create(), ticks)],
    ['a step before the first reset is refused', async () => checkOrder(await create())],
    ['observations and actions lie in their spaces, which stay the same objects', async () => checkSpaces(await create(), ticks)],
    ['rewards are finite numbers', async () => checkRewards(await create(), ticks)],
    ['missing actions are idle and unknown agents are refused', async () => checkActions(await create())],
    ['the same seed and actions give the same trace', async () => checkDeterminism(await create(), await create(), ticks)],
    ['a seed names its episode, and other seeds give others', async () => checkSeeds(await create(), ticks)],
    [
      'splits play different levels',
      async () => fixedLevel || checkSplits(await Promise.all((['train', 'validation', 'test'] as const).map((split) => create(0, split)))),
    ],
    ['a restored snapshot continues as the original did', async () => checkSnapshot(await create(), ticks)],
  ]);
  for (const env of made) env.close();
  return results;
}

const CHECK_KEY = 4711;

function actionsFor(env: CheckedEnv, key: number, tick: number): Record<string, AgentAction> {
  return Object.fromEntries(env.agents.map((id) => [id, sampleAction(env.actionSpace(id), key, tick, env.possibleAgents.indexOf(id))]));
}

function checkReset(env: CheckedEnv): void {
  const { observations, infos } = env.reset({ seed: 0, options: { anything: 1 } });
  for (const id of env.possibleAgents) {
    expectThat(env.agents.includes(id), `agents must hold "${id}" after a reset; got ${env.agents.join(', ') || 'nobody'}.`);
    expectThat(observations[id] !== undefined && infos[id] !== undefined, `reset must return an observation and info of "${id}".`);
  }
}

function checkKeys(env: CheckedEnv, ticks: number): void {
  env.reset({ seed: 0 });
  const gone = new Set<string>();
  for (let t = 0; t < ticks && env.agents.length > 0; t++) {
    const live = [...env.agents];
    const step = env.step(actionsFor(env, CHECK_KEY, t));
    for (const part of ['observations', 'rewards', 'terminations', 'truncations', 'infos'] as const) {
      const keys = Object.keys(step[part]).sort().join();
      expectThat(
        keys === [...live].sort().join(),
        `${part} must be keyed by the agents live before the step (${live.join(', ')}); got ${keys || 'none'} at tick ${t + 1}.`,
      );
    }
    for (const id of live) {
      const ended = step.terminations[id] || step.truncations[id];
      expectThat(
        ended !== env.agents.includes(id),
        `"${id}" must leave agents exactly when it ends; got ended = ${ended} at tick ${t + 1}.`,
      );
      if (ended) gone.add(id);
    }
    for (const id of env.agents)
      expectThat(!gone.has(id), `"${id}" must not come back in an episode that it left; it did at tick ${t + 1}.`);
  }
  if (env.agents.length === 0) expectRefusal(() => env.step({}), 'a step after the last agent ended');
}

function checkOrder(env: CheckedEnv): void {
  expectRefusal(() => env.step({}), 'a step before the first reset');
}

function checkSpaces(env: CheckedEnv, ticks: number): void {
  let { observations } = env.reset({ seed: 1 });
  const first = env.possibleAgents.map((id) => [env.observationSpace(id), env.actionSpace(id)] as const);
  for (let t = 0; t < ticks && env.agents.length > 0; t++) {
    for (const [id, observation] of Object.entries(observations)) {
      expectThat(
        spaceContains(env.observationSpace(id), observation),
        `the observation of "${id}" must lie in its space; got one outside at tick ${t}.`,
      );
    }
    observations = env.step(actionsFor(env, CHECK_KEY, t)).observations;
  }
  env.possibleAgents.forEach((id, i) => {
    expectThat(
      env.observationSpace(id) === first[i][0] && env.actionSpace(id) === first[i][1],
      `the spaces of "${id}" must be the same objects on every call.`,
    );
  });
}

function checkRewards(env: CheckedEnv, ticks: number): void {
  env.reset({ seed: 2 });
  for (let t = 0; t < ticks && env.agents.length > 0; t++) {
    for (const [id, reward] of Object.entries(env.step(actionsFor(env, CHECK_KEY, t)).rewards)) {
      expectThat(Number.isFinite(reward), `the reward of "${id}" must be a finite number; got ${reward} at tick ${t + 1}.`);
    }
  }
}

function checkActions(env: CheckedEnv): void {
  env.reset({ seed: 0 });
  env.step({});
  expectRefusal(
    () => env.step({ 'nobody-of-this-name': env.actionSpace(env.possibleAgents[0]).kind === 'discrete' ? 0 : {} }),
    'an action of an unknown agent',
  );
}

function checkDeterminism(a: CheckedEnv, b: CheckedEnv, ticks: number): void {
  const [first, second] = [a, b].map((env) => {
    env.reset({ seed: 5 });
    return trace(env, ticks, CHECK_KEY);
  });
  expectSame(first, second, 'two environments with the same seed and actions');
}

function checkSeeds(env: CheckedEnv, ticks: number): void {
  env.reset({ seed: 6 });
  const first = trace(env, ticks, CHECK_KEY);
  env.reset({ seed: 7 });
  const other = trace(env, ticks, CHECK_KEY);
  env.reset({ seed: 6 });
  expectSame(first, trace(env, ticks, CHECK_KEY), 'two episodes of the same seed');
  expectThat(first.join() !== other.join(), 'seeds 6 and 7 must give different episodes; got the same.');
}

/** Episodes compared between splits: a single level may be drawn alike by chance. */
const SPLIT_EPISODES = 8;

function checkSplits(envs: readonly CheckedEnv[]): void {
  const starts = envs.map((env) =>
    Array.from({ length: SPLIT_EPISODES }, (_, seed) => {
      // Levels may differ in numbers of the task alone, which agents see and the state does not hold.
      const { observations } = env.reset({ seed });
      return `${env.stateHash()} ${JSON.stringify(observations)}`;
    }).join(),
  );
  expectThat(
    new Set(starts).size === starts.length,
    `train, validation and test must play different levels; the first ${SPLIT_EPISODES} seeds of two of them start alike.`,
  );
}

function checkSnapshot(env: CheckedEnv, ticks: number): void {
  env.reset({ seed: 8 });
  const half = Math.max(1, ticks >> 1);
  trace(env, half, CHECK_KEY);
  const snapshot = env.snapshot();
  const agents = env.agents.join();
  const first = trace(env, half, CHECK_KEY + 1);
  env.restore(snapshot);
  expectThat(
    env.agents.join() === agents,
    `a restored environment must have the agents of the snapshot (${agents}); got ${env.agents.join()}.`,
  );
  expectSame(first, trace(env, half, CHECK_KEY + 1), 'what follows a snapshot and what follows its restoration');
}

/** One line per step: state hash, observations, rewards, ends, events. Stops when nobody is live. */
function trace(env: CheckedEnv, ticks: number, key: number): string[] {
  const lines: string[] = [];
  for (let t = 0; t < ticks && env.agents.length > 0; t++)
    lines.push(`${env.stateHash()} ${fingerprint(env.step(actionsFor(env, key, t)))}`);
  lines.push(env.stateHash());
  return lines;
}

function fingerprint(step: EnvStep): string {
  const observed = Object.entries(step.observations).map(([id, observation]) => [
    id,
    ...Object.values(observation as Observation).map((values) => Array.from(values as Float32Array)),
  ]);
  const events = Object.values(step.infos).map((info) => [info.rewardTerms, info.events]);
  return hashText(JSON.stringify([observed, step.rewards, step.terminations, step.truncations, events]));
}

function expectSame(a: readonly string[], b: readonly string[], what: string): void {
  const length = Math.max(a.length, b.length);
  for (let t = 0; t < length; t++)
    expectThat(a[t] === b[t], `${what} must agree at every step; they differ at step ${t + 1} of ${length}.`);
}
