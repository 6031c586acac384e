/**
 * Evaluation: contestants over a suite of scenarios, on the same seeds and so the same levels, beside the anchors `random` and `scripted`.
 * Data flow: suite -> episodes (play.ts) -> scores of runs -> normalised scores -> interquartile means with intervals, cross-play, ratings.
 * A score is the share of an episode's tasks that succeeded. In a scenario whose teams have tasks of their own, a contestant plays each team
 * in turn against the scripted policy, and its score is the mean over the teams.
 */
import type { CompiledScenario } from '@kinovox/env';
import { type Split, UsageError } from '@kinovox/world';
import { createPolicy } from '../create-policy.js';
import type { LanguageEntry, LanguageReport } from '../language/loop/decision.js';
import { isFactory, type PolicyAssignment } from '../run-policies.js';
import { type Conduct, type ConductReport, summariseConduct } from './conduct.js';
import { type LanguageMeter, type LanguageSummary, summariseLanguage } from './language-meter.js';
import { type CrossPlay, type Matches, type Player, playCross, playMatches } from './pairings.js';
import { type PlayedEpisode, type PlayOptions, playEpisodes, type RecordTo } from './play.js';
import { type Interval, interquartileMean, mean, stratifiedBootstrap, wilsonInterval } from './statistics.js';
import { type Suite, teamsWithTasks } from './suite.js';

/** What is judged: one policy, or several by agent; or several runs of one method (a policy per training seed). */
export interface Contestant {
  name: string;
  runs: readonly PolicyAssignment[];
  /** Told what its language agents ask and spend; undefined where it has none. */
  language?: LanguageMeter | undefined;
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
  /** Whether every episode is listed in the report; default false. */
  listEpisodes?: boolean;
  /** Where the first episodes of a contestant's run in a scenario are recorded; undefined: nowhere. */
  recordTo?: (place: EpisodePlace) => RecordTo | undefined;
  /**
   * Keeps what language agents asked and did in an episode, and returns the file; told after each episode in which they did something.
   * @param record what `recordTo` gave for the run that the episode is of.
   */
  keepDecisions?: (place: EpisodePlace, entries: readonly LanguageEntry[], record: RecordTo | undefined) => string | undefined;
}

/** What episodes are of. */
export interface EpisodePlace {
  contestant: string;
  /** Number of the run. */
  run: number;
  scenario: string;
  /** The team that is played, where teams have tasks of their own. */
  team?: string | undefined;
}

/** One episode of a contestant. */
export interface EpisodeRow extends EpisodePlace {
  seed: number;
  succeeded: boolean;
  /** Of the first task, 0..1. */
  progress: number;
  ticks: number;
  return: number;
  /** 0..1 of the agents' ticks. */
  stuckShare: number;
  messages: number;
  contribution: Readonly<Record<string, number>>;
  /** Of a contestant with language agents. */
  language?: LanguageReport;
  /** File that holds the episode, and its number there, from 0. */
  recording?: { path: string; episode: number };
  /** File that holds what its language agents asked and did, beside that of other episodes of the run. */
  decisions?: string;
}

/** Told what is played, and how many episodes of all that will be; what it promises is awaited. */
export type OnProgress = (progress: { scenario: string; line: string; done: number; total: number }) => void | Promise<void>;

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
  conduct: ConductReport;
  /** Of a contestant with language agents. */
  language?: LanguageSummary;
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
  /** With `listEpisodes`: every episode that scores are made of. */
  episodes?: EpisodeRow[];
}

/** Names of the anchors, always in the tables. */
export const ANCHORS = ['random', 'scripted'] as const;
/** Blocks that the seeds of a single run are cut into, as its runs. */
const BLOCKS = 10;

/** @throws UsageError for two contestants of one name; ScenarioError for a scenario that cannot be compiled. */
export async function evaluate(suite: Suite, contestants: readonly Contestant[], options: EvaluateOptions = {}): Promise<EvaluationReport> {
  const { seeds = 100, firstSeed = 0, split = 'test', pairings = false, listEpisodes = false, recordTo, keepDecisions } = options;
  const all = withAnchors(contestants);
  const progress = new ProgressCount(suite, all, seeds, pairings, options.onProgress);
  const play = (compiled: CompiledScenario, line: string): PlayOptions => ({
    seeds,
    firstSeed,
    split,
    onEpisode: () => progress.add(compiled.scenario.id, line),
  });
  const runScores = new Map<string, ScenarioRuns[]>(all.map(({ name }) => [name, []]));
  const rows: EpisodeRow[] = [];
  const refused = new Map<string, { scenario: string; reason: string }[]>(all.map(({ name }) => [name, []]));
  // Before anything is played.
  if (pairings) all.forEach(playerOf);
  const crossPlay: CrossPlay[] = [];
  const matches: Matches[] = [];
  for (const compiled of suite.scenarios) {
    const able: Contestant[] = [];
    for (const contestant of all) {
      try {
        const scenario = compiled.scenario.id;
        const runs: number[][] = [];
        const episodes: EpisodeRow[] = [];
        const conducts: Conduct[] = [];
        // What mixed teams asked before is not of these episodes.
        contestant.language?.take();
        if (contestant.language !== undefined) contestant.language.keepsEntries = keepDecisions !== undefined;
        for (const [run, policy] of contestant.runs.entries()) {
          const place = { contestant: contestant.name, run, scenario };
          const options = play(compiled, contestant.name);
          const { scores } = await scoreRun(compiled, policy, {
            ...options,
            recordTo: (team) => recordTo?.({ ...place, team }),
            onTeamEpisode: (played, succeeded, number, team, record) => {
              conducts.push(played.conduct);
              const language = contestant.language?.take();
              const decisions = language && language.entries.length > 0 && keepDecisions?.({ ...place, team }, language.entries, record);
              episodes.push({
                ...place,
                ...(team !== undefined && { team }),
                ...rowOf(played, succeeded),
                ...(language && { language: language.report }),
                ...(record !== undefined && number < record.episodes && { recording: { path: record.path, episode: number } }),
                ...(decisions && { decisions }),
              });
            },
          });
          runs.push(scores);
        }
        runScores.get(contestant.name)!.push({ scenario, runs, episodes, conducts });
        rows.push(...episodes);
        able.push(contestant);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        refused.get(contestant.name)!.push({ scenario: compiled.scenario.id, reason: error.message });
      } finally {
        if (contestant.language !== undefined) contestant.language.keepsEntries = false;
      }
    }
    if (!pairings) continue;
    const players = able.map(playerOf);
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
    ...(listEpisodes && { episodes: rows }),
  };
}

/** A contestant's episodes in a scenario. */
interface ScenarioRuns {
  scenario: string;
  /** Scores by run. */
  runs: number[][];
  episodes: EpisodeRow[];
  conducts: Conduct[];
}

function rowOf({ seed, progress, ticks, return: total, conduct }: PlayedEpisode, succeeded: boolean) {
  const { agentTicks, stuckTicks, messages, contribution } = conduct;
  return {
    seed,
    succeeded,
    progress,
    ticks,
    return: total,
    stuckShare: agentTicks === 0 ? 0 : stuckTicks / agentTicks,
    messages,
    contribution,
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

/** @throws UsageError for several policies by agent: pairings mix teams by themselves. */
function playerOf({ name, runs: [policy] }: Contestant): Player {
  if (isFactory(policy)) return { name, policy };
  throw new UsageError(
    'team-pairings',
    `Pairings must mix policies that decide for any agent; got "${name}", a policy by agent. Leave one out: the contestant, or the pairings.`,
  );
}

/** How a run is played, and who is told of its episodes. */
export interface ScoreOptions extends Pick<PlayOptions, 'seeds' | 'firstSeed' | 'split' | 'onEpisode'> {
  recordTo?: (team: string | undefined) => RecordTo | undefined;
  /** @param number of the episode, from 0. @param team that the run plays, where teams have tasks of their own. */
  onTeamEpisode?: (
    played: PlayedEpisode,
    succeeded: boolean,
    number: number,
    team: string | undefined,
    record: RecordTo | undefined,
  ) => void;
}

/** Scores of the episodes of one run, 0..1; where teams have tasks of their own, of the team that the run plays. */
export async function scoreRun(
  compiled: CompiledScenario,
  policy: PolicyAssignment,
  { recordTo, onTeamEpisode, ...options }: ScoreOptions,
): Promise<{ scores: number[]; played: PlayedEpisode[] }> {
  const teams = teamsWithTasks(compiled);
  const isRivalry = teams.length > 1;
  const scores = new Array<number>(options.seeds).fill(0);
  const played: PlayedEpisode[] = [];
  for (const [task, name] of (isRivalry ? teams : [undefined]).entries()) {
    const assignment = name === undefined ? policy : againstScripted(compiled, name, policy);
    const record = recordTo?.(name);
    const episodes = await playEpisodes(compiled, assignment, {
      ...options,
      team: name,
      record,
      onEpisode: (episode) => {
        const number = episode.seed - options.firstSeed;
        onTeamEpisode?.(episode, episode.succeeded[task], number, name, record);
        return options.onEpisode?.(episode);
      },
    });
    for (const [i, { succeeded }] of episodes.entries()) scores[i] += (succeeded[task] ? 1 : 0) / (isRivalry ? teams.length : 1);
    played.push(...episodes);
  }
  return { scores, played };
}

/** @throws UsageError for several policies by agent. */
function againstScripted({ scenario }: CompiledScenario, team: string, policy: PolicyAssignment): PolicyAssignment {
  if (isFactory(policy)) return { default: createPolicy('scripted'), [team]: policy };
  throw new UsageError(
    'team-in-rivalry',
    `Where teams have tasks of their own, as in ${scenario.id}, a contestant must be one policy, which plays each team in turn; got a policy by agent.`,
  );
}

function meanScore(entry: { runs: number[][] } | undefined): number | undefined {
  return entry === undefined ? undefined : mean(entry.runs.flat());
}

function summarise(
  contestant: Contestant,
  entries: readonly ScenarioRuns[],
  anchors: (scenario: string) => { random: number | undefined; scripted: number | undefined },
): Omit<ContestantReport, 'refused'> {
  const strata: number[][] = [];
  const scenarios = entries.map(({ scenario, runs, episodes, conducts }): ScenarioScore => {
    const language = episodes.flatMap((episode) => (episode.language === undefined ? [] : [episode.language]));
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
      conduct: summariseConduct(conducts),
      ...(language.length > 0 && { language: summariseLanguage(language) }),
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

  add(scenario: string, line: string): void | Promise<void> {
    this.#done++;
    return this.#report?.({ scenario, line, done: this.#done, total: Math.max(this.#total, this.#done) });
  }
}
