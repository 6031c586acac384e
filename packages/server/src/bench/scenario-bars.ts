/** What the shipped scenarios must show about themselves, judged from how policies fare in them. */
import type { ScenarioBenchReport } from '@kinovox/agents';

/** Shares of successful episodes. A line that a scenario lacks is undefined. */
export interface ScenarioResult {
  scenario: string;
  tags: readonly string[];
  /** The policy that shows that it can be solved, by name, and how often it succeeds. */
  solver: string;
  solved: number | undefined;
  scripted: number | undefined;
  greedy: number | undefined;
  random: number | undefined;
  /** Best of the lines with one agent idle, and which agent that was. */
  bestIdle: { agent: string; successRate: number } | undefined;
  /** The scripted policy without messages. */
  silent: number | undefined;
}

export interface Bar {
  sentence: string;
  met: boolean;
  /** Scenarios that miss it. */
  missedBy: string[];
}

/** Solvable: the scripted policy, or a planner where one plan is needed, nearly always succeeds. Not trivial: chance nearly never does. */
const LEAST_SOLVED = 0.95;
const MOST_RANDOM = 0.05;
/** Walking straight on is not enough, but where nothing is in the way. */
const MOST_GREEDY = 0.5;
const OPEN_FIELD = 'reach-flat-v1';
/** Share of scenarios that must be solvable and not trivial. */
const LEAST_SHARE = 0.8;
/** Tag of scenarios that no agent may solve alone. */
const COORDINATE = 'coordinate';

export function scenarioResult(report: ScenarioBenchReport, tags: readonly string[]): ScenarioResult {
  const rate = (name: string) => report.lines.find((line) => line.line === name)?.successRate;
  const idle = report.lines.filter((line) => line.line.startsWith('idle:')).sort((a, b) => b.successRate - a.successRate)[0];
  return {
    scenario: report.scenario,
    tags,
    solver: report.solver,
    solved: rate(report.solver),
    scripted: rate('scripted'),
    greedy: rate('greedy'),
    random: rate('random'),
    bestIdle: idle === undefined ? undefined : { agent: idle.line.slice('idle:'.length), successRate: idle.successRate },
    silent: rate('silent'),
  };
}

export function judgeScenarios(results: readonly ScenarioResult[]): Bar[] {
  const named = (chosen: readonly ScenarioResult[]) => chosen.map((result) => result.scenario);
  const weak = results.filter(({ solved, random }) => !((solved ?? 0) >= LEAST_SOLVED && (random ?? 1) <= MOST_RANDOM));
  const easy = results.filter(({ scenario, greedy }) => scenario !== OPEN_FIELD && (greedy ?? 0) > MOST_GREEDY);
  const alone = results.filter(({ tags, bestIdle }) => tags.includes(COORDINATE) && (bestIdle?.successRate ?? 1) > MOST_RANDOM);
  const mute = results.filter(({ silent }) => (silent ?? 0) > MOST_RANDOM);
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  return [
    {
      sentence: `scripted, or a planner for all, at least ${percent(LEAST_SOLVED)} and random at most ${percent(MOST_RANDOM)} in ${percent(LEAST_SHARE)} of the scenarios`,
      met: results.length - weak.length >= results.length * LEAST_SHARE,
      missedBy: named(weak),
    },
    { sentence: `greedy at most ${percent(MOST_GREEDY)} outside ${OPEN_FIELD}`, met: easy.length === 0, missedBy: named(easy) },
    {
      sentence: `any one agent idle at most ${percent(MOST_RANDOM)} where the tag is "${COORDINATE}"`,
      met: alone.length === 0,
      missedBy: named(alone),
    },
    {
      sentence: `without messages at most ${percent(MOST_RANDOM)}, no better than chance, where messages are enabled`,
      met: mute.length === 0,
      missedBy: named(mute),
    },
  ];
}
