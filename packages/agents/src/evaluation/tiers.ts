/**
 * The same policies on the same levels on both tiers: as the scenario is, and on the engine `rigid` with idle props out of everybody's way.
 * Where nobody touches a prop, the two tiers have the same rules, so scores must agree; where somebody does, it is told.
 */
import { loadScenario } from '@kinovox/env';
import { UsageError } from '@kinovox/world';
import { type Contestant, scoreRun, withAnchors } from './evaluate.js';
import type { PlayOptions } from './play.js';
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

/**
 * @param idleProps props per world, 1..16.
 * @throws UsageError for a scenario that has props of its own; ScenarioError where a level has no place for so many.
 */
export async function compareTiers(
  suite: Suite,
  contestants: readonly Contestant[],
  { seeds, firstSeed, split, idleProps, onEpisode }: PlayOptions & { idleProps: number },
): Promise<TierComparison[]> {
  const comparisons: TierComparison[] = [];
  for (const compiled of suite.scenarios) {
    const scenario = compiled.scenario.id;
    if (compiled.program.numProps > 0)
      throw new UsageError(
        'tiers-props',
        `A scenario whose tiers are compared must run on both; got ${compiled.program.numProps} props of its own in ${scenario}. Leave it out of the suite.`,
      );
    const rigid = loadScenario(compiled, { idleProps });
    for (const { name, runs } of withAnchors(contestants)) {
      const options = { seeds, firstSeed, split, onEpisode };
      const [onBatch, onRigid] = [[], []] as Awaited<ReturnType<typeof scoreRun>>[][];
      try {
        for (const run of runs) {
          onBatch.push(await scoreRun(compiled, run, options));
          onRigid.push(await scoreRun(rigid, run, options));
        }
      } catch (error) {
        // Who cannot play the scenario is listed by the evaluation.
        if (error instanceof UsageError) continue;
        throw error;
      }
      const [batch, other] = [onBatch, onRigid].map((played) => scoreOf(played.map(({ scores }) => scores)));
      const [mine, theirs] = [onBatch, onRigid].map((played) => played.flatMap((run) => run.played));
      const same = mine.filter(
        (episode, k) => JSON.stringify({ ...episode, pushed: false }) === JSON.stringify({ ...theirs[k], pushed: false }),
      );
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
  }
  return comparisons;
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
