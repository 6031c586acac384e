/**
 * The same policies on the same levels on both tiers: as the scenario is, and on the engine `rigid` with idle props out of everybody's way.
 * Where nobody touches a prop, the two tiers have the same rules, so scores must agree; where somebody does, it is told.
 */
import { type CompiledScenario, loadScenario } from '@kinovox/env';
import { ScenarioError, UsageError } from '@kinovox/world';
import { type Contestant, type OnProgress, ProgressCount, scoreRun, withAnchors } from './evaluate.js';
import type { PlayedEpisode, PlayOptions } from './play.js';
import { type Interval, mean, stratifiedBootstrap, wilsonInterval } from './statistics.js';
import type { Suite } from './suite.js';

/** One contestant in one scenario. */
export interface TierComparison {
  scenario: string;
  contestant: string;
  episodes: number;
  /** On the batch tier, 0..1, with its 95 % interval as in an evaluation. */
  batch: { score: number; interval: Interval };
  rigid: { score: number; interval: Interval };
  /** Whether the rigid score lies in the batch tier's interval. */
  within: boolean;
  /** Episodes that had the same score, length and return on both tiers. */
  sameEpisodes: number;
  /** Episodes in which a prop was pushed: the idle props were not idle. */
  pushedEpisodes: number;
}

/** Both tiers over a suite. */
export interface TierReport {
  rows: TierComparison[];
  /** Scenarios of which nothing is compared: a level that is played has no place for so many props. */
  refused: { scenario: string; reason: string }[];
}

export interface CompareTiersOptions extends Pick<PlayOptions, 'seeds' | 'firstSeed' | 'split'> {
  /** Props per world, 1..16. */
  idleProps: number;
  /** Called after every episode, of either tier. */
  onProgress?: OnProgress | undefined;
}

/** @throws UsageError for a scenario that has props of its own. */
export async function compareTiers(suite: Suite, contestants: readonly Contestant[], options: CompareTiersOptions): Promise<TierReport> {
  const own = suite.scenarios.find(({ program }) => program.numProps > 0);
  if (own !== undefined)
    throw new UsageError(
      'tiers-props',
      `A scenario whose tiers are compared must run on both; got ${own.program.numProps} props of its own in ${own.scenario.id}. Leave it out of the suite.`,
    );
  const all = withAnchors(contestants);
  // Everything is played once on each tier.
  const progress = new ProgressCount(
    { ...suite, scenarios: [...suite.scenarios, ...suite.scenarios] },
    all,
    options.seeds,
    false,
    options.onProgress,
  );
  const report: TierReport = { rows: [], refused: [] };
  for (const compiled of suite.scenarios) {
    try {
      report.rows.push(...(await compareScenario(compiled, all, options, progress)));
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      report.refused.push({ scenario: compiled.scenario.id, reason: error.message });
    }
  }
  return report;
}

/** A line per contestant that can play the scenario. @throws ScenarioError where a level has no place for so many props. */
async function compareScenario(
  compiled: CompiledScenario,
  all: readonly Contestant[],
  { seeds, firstSeed, split, idleProps }: CompareTiersOptions,
  progress: ProgressCount,
): Promise<TierComparison[]> {
  const comparisons: TierComparison[] = [];
  const scenario = compiled.scenario.id;
  const rigid = loadScenario(compiled, { idleProps });
  const play = (line: string): PlayOptions => ({ seeds, firstSeed, split, onEpisode: () => progress.add(scenario, line) });
  for (const { name, runs } of all) {
    const [onBatch, onRigid] = [[], []] as Awaited<ReturnType<typeof scoreRun>>[][];
    try {
      for (const run of runs) {
        onBatch.push(await scoreRun(compiled, run, play(`${name}, batch tier`)));
        onRigid.push(await scoreRun(rigid, run, play(`${name}, rigid tier`)));
      }
    } catch (error) {
      // Who cannot play the scenario is listed by the evaluation.
      if (error instanceof UsageError) continue;
      throw error;
    }
    const [batch, other] = [onBatch, onRigid].map((played) => scoreOf(played.map(({ scores }) => scores)));
    const [mine, theirs] = [onBatch, onRigid].map((played) => played.flatMap((run) => run.played));
    const same = mine.filter((episode, k) => outcomeOf(episode) === outcomeOf(theirs[k]));
    comparisons.push({
      scenario,
      contestant: name,
      episodes: mine.length,
      batch,
      rigid: other,
      within: other.score >= batch.interval[0] && other.score <= batch.interval[1],
      sameEpisodes: same.length,
      pushedEpisodes: theirs.filter(({ pushed }) => pushed).length,
    });
  }
  return comparisons;
}

/** What must be the same on both tiers where nobody meets a prop. */
function outcomeOf({ pushed: _, conduct: __, ...outcome }: PlayedEpisode): string {
  return JSON.stringify(outcome);
}

function scoreOf(runs: readonly number[][]): { score: number; interval: Interval } {
  const scores = runs.flat();
  const interval =
    runs.length > 1
      ? stratifiedBootstrap([runs.map(mean)], mean)
      : wilsonInterval(
          scores.reduce((a, b) => a + b, 0),
          scores.length,
        );
  return { score: mean(scores), interval };
}
