/**
 * Evaluation: contestants over a suite of scenarios, on the same seeds and so the same levels, beside the anchors `random` and `scripted`.
 * Data flow: suite -> episodes (play.ts) -> scores of runs -> normalised scores -> interquartile means with intervals, cross-play, ratings.
 * A score is the share of an episode's tasks that succeeded. In a scenario whose teams have tasks of their own, a contestant plays each team
 * in turn against the scripted policy, and its score is the mean over the teams.
 */
import type { CompiledScenario } from '@kinovox/env';
import { type Split, UsageError } from '@kinovox/world';
import { createPolicy } from '../create-policy.js';
import type { PolicyFactory } from '../policy.js';
import type { PolicyAssignment } from '../run-policies.js';
import { type CrossPlay, type Matches, playCross, playMatches } from './pairings.js';
import { type PlayedEpisode, type PlayOptions, playEpisodes } from './play.js';
import { type Interval, interquartileMean, mean, stratifiedBootstrap, wilsonInterval } from './statistics.js';
import { type Suite, teamsWithTasks } from './suite.js';

/** What is judged: one policy, or several runs of one method (a policy per training seed). */
export interface Contestant {
  name: string;
  runs: readonly PolicyFactory[];
}

export interface EvaluateOptions {
  /** Episodes per run and scenario (and team); default 100. */
  seeds?: number;
  /** Default 0. */
  firstSeed?: number;
  /** Default `test`. */
  split?: Split;
  /** Whether teams are mixed from two contestants each, and competitions rated; default false. Costs P^2 lines per scenario. */
  pairings?: boolean;
  /** Called after every episode. */
  onProgress?: OnProgress;
}

/** Told what is played, and how many episodes of all that will be. */
export type OnProgress = (progress: { scenario: string; line: string; done: number; total: number }) => void;

/** A contestant in a scenario. */
export interface ScenarioScore {
  scenario: string;
  episodes: number;
  /** 0..1: mean score. */
  score: number;
  /** 95 %: Wilson's for one run, bootstrap over runs for several. */
  interval: Interval;
  /** 0 = random, 1 = scripted; null where scripted does not beat random. */
  normalised: number | null;
  meanTicks: number;
  meanReturn: number;
}

export interface ContestantReport {
  name: string;
  runs: number;
  scenarios: ScenarioScore[];
  /** Over normalised scores of runs (or of blocks of seeds, where there is one run) in all scenarios that have one; null where none has. */
  iqm: number | null;
  iqmInterval: Interval | null;
  /** Scenarios that it cannot play, and why. */
  refused: { scenario: string; reason: string }[];
}

export interface EvaluationReport {
  suite: { id: string; hash: string; scenarios: string[] };
  split: Split;
  seeds: number;
  firstSeed: number;
  contestants: ContestantReport[];
  /** Per scenario with a team of several; empty without `pairings`. */
  crossPlay: CrossPlay[];
  /** Per scenario whose teams have tasks of their own; empty without `pairings`. */
  matches: Matches[];
}

/** Names of the anchors, always in the tables. */
export const ANCHORS = ['random', 'scripted'] as const;
/** Blocks that the seeds of a single run are cut into, as its runs. */
const BLOCKS = 10;

/** @throws UsageError for two contestants of one name; ScenarioError for a scenario that cannot be compiled. */
export async function evaluate(suite: Suite, contestants: readonly Contestant[], options: EvaluateOptions = {}): Promise<EvaluationReport> {
  const { seeds = 100, firstSeed = 0, split = 'test', pairings = false } = options;
  const all = withAnchors(contestants);
  const progress = new ProgressCount(suite, all, seeds, pairings, options.onProgress);
  const play = (compiled: CompiledScenario, line: string): PlayOptions => ({
    seeds,
    firstSeed,
    split,
    onEpisode: () => progress.add(compiled.scenario.id, line),
  });
  const runScores = new Map<string, { scenario: string; runs: number[][]; episodes: PlayedEpisode[] }[]>(all.map(({ name }) => [name, []]));
  const refused = new Map<string, { scenario: string; reason: string }[]>(all.map(({ name }) => [name, []]));
  const crossPlay: CrossPlay[] = [];
  const matches: Matches[] = [];
  for (const compiled of suite.scenarios) {
    const able: Contestant[] = [];
    for (const contestant of all) {
      try {
        const runs: number[][] = [];
        const episodes: PlayedEpisode[] = [];
        for (const factory of contestant.runs) {
          const { scores, played } = await scoreRun(compiled, factory, play(compiled, contestant.name));
          runs.push(scores);
          episodes.push(...played);
        }
        runScores.get(contestant.name)!.push({ scenario: compiled.scenario.id, runs, episodes });
        able.push(contestant);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        refused.get(contestant.name)!.push({ scenario: compiled.scenario.id, reason: error.message });
      }
    }
    if (!pairings) continue;
    const players = able.map(({ name, runs }) => ({ name, policy: runs[0] }));
    if (teamsWithTasks(compiled).length > 1) matches.push(await playMatches(compiled, players, play(compiled, 'match')));
    else if (compiled.base.agents.length > 1) crossPlay.push(await playCross(compiled, players, play(compiled, 'cross-play')));
  }
  const anchors = (scenario: string) => {
    const of = (name: string) => runScores.get(name)!.find((entry) => entry.scenario === scenario);
    return { random: meanScore(of('random')), scripted: meanScore(of('scripted')) };
  };
  return {
    suite: { id: suite.id, hash: suite.hash, scenarios: suite.scenarios.map(({ scenario }) => scenario.id) },
    split,
    seeds,
    firstSeed,
    contestants: all.map((contestant) => ({
      ...summarise(contestant, runScores.get(contestant.name)!, anchors),
      refused: refused.get(contestant.name)!,
    })),
    crossPlay,
    matches,
  };
}

export function withAnchors(contestants: readonly Contestant[]): Contestant[] {
  const names = contestants.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new UsageError(
      'contestant-twice',
      `Every contestant must have a name of its own; got "${twice}" twice. Rename one: --policy other=...`,
    );
  const anchors = ANCHORS.filter((name) => !names.includes(name)).map((name) => ({ name, runs: [createPolicy(name)] }));
  return [...anchors, ...contestants];
}

/** Scores of the episodes of one run, 0..1; where teams have tasks of their own, of the team that the run plays. */
export async function scoreRun(
  compiled: CompiledScenario,
  factory: PolicyFactory,
  options: PlayOptions,
): Promise<{ scores: number[]; played: PlayedEpisode[] }> {
  const teams = teamsWithTasks(compiled);
  if (teams.length <= 1) {
    const played = await playEpisodes(compiled, factory, options);
    return { scores: played.map(({ succeeded }) => (succeeded[0] ? 1 : 0)), played };
  }
  const sums = new Array<number>(options.seeds).fill(0);
  const played: PlayedEpisode[] = [];
  for (const [task, team] of teams.entries()) {
    const assignment: PolicyAssignment = { default: createPolicy('scripted'), [team]: factory };
    const episodes = await playEpisodes(compiled, assignment, options);
    for (const [i, { succeeded }] of episodes.entries()) sums[i] += (succeeded[task] ? 1 : 0) / teams.length;
    played.push(...episodes);
  }
  return { scores: sums, played };
}

function meanScore(entry: { runs: number[][] } | undefined): number | undefined {
  return entry === undefined ? undefined : mean(entry.runs.flat());
}

function summarise(
  contestant: Contestant,
  entries: readonly { scenario: string; runs: number[][]; episodes: PlayedEpisode[] }[],
  anchors: (scenario: string) => { random: number | undefined; scripted: number | undefined },
): Omit<ContestantReport, 'refused'> {
  const strata: number[][] = [];
  const scenarios = entries.map(({ scenario, runs, episodes }): ScenarioScore => {
    const scores = runs.flat();
    const { random, scripted } = anchors(scenario);
    const normalise = (score: number): number | null =>
      random === undefined || scripted === undefined || scripted <= random ? null : (score - random) / (scripted - random);
    const byRun = runs.length > 1 ? runs.map(mean) : blockMeans(scores);
    const normalised = byRun.map(normalise);
    if (normalised.every((score) => score !== null)) strata.push(normalised as number[]);
    return {
      scenario,
      episodes: episodes.length,
      score: mean(scores),
      interval:
        runs.length > 1
          ? stratifiedBootstrap([runs.map(mean)], mean)
          : wilsonInterval(
              scores.reduce((a, b) => a + b, 0),
              scores.length,
            ),
      normalised: normalise(mean(scores)),
      meanTicks: mean(episodes.map(({ ticks }) => ticks)),
      meanReturn: mean(episodes.map((episode) => episode.return)),
    };
  });
  const pooled = strata.flat();
  return {
    name: contestant.name,
    runs: contestant.runs.length,
    scenarios,
    iqm: pooled.length === 0 ? null : interquartileMean(pooled),
    iqmInterval: pooled.length === 0 ? null : stratifiedBootstrap(strata),
  };
}

function blockMeans(scores: readonly number[]): number[] {
  const blocks = Math.min(BLOCKS, scores.length);
  return Array.from({ length: blocks }, (_, b) =>
    mean(scores.slice(Math.floor((b * scores.length) / blocks), Math.floor(((b + 1) * scores.length) / blocks))),
  );
}

/** Counts episodes over everything that will be played. */
export class ProgressCount {
  readonly #total: number;
  readonly #report: OnProgress | undefined;
  #done = 0;

  constructor(suite: Suite, all: readonly Contestant[], seeds: number, pairings: boolean, report: OnProgress | undefined) {
    const runs = all.reduce((sum, contestant) => sum + contestant.runs.length, 0);
    let lines = 0;
    for (const compiled of suite.scenarios) {
      const teams = teamsWithTasks(compiled).length;
      lines += runs * Math.max(1, teams);
      if (pairings && (teams > 1 || compiled.base.agents.length > 1)) lines += all.length ** 2;
    }
    this.#total = lines * seeds;
    this.#report = report;
  }

  add(scenario: string, line: string): void {
    this.#done++;
    this.#report?.({ scenario, line, done: this.#done, total: Math.max(this.#total, this.#done) });
  }
}
