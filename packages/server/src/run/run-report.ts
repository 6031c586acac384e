/** Results of a run, as JSON and as tables for people. */
import type { LanguageReport } from '@kinovox/agents';
import type { Activity } from '../bench/bench-report.js';
import { formatCount, formatRate, formatShare, printFacts, printTable } from '../cli/print.js';
import { describeLanguage } from './language-agents.js';

export interface RunReport {
  scenario: string;
  seed: number;
  split: string;
  policy: string;
  worlds: number;
  /** Per world. */
  agents: number;
  /** Ticks of every world. */
  ticks: number;
  episodes: number;
  /** Share of the ended episodes that succeeded, 0..1; 0 where none has ended. */
  successRate: number;
  /** Mean over ended episodes of the mean over agents of the sum of rewards. */
  meanReturn: number;
  meanEpisodeTicks: number;
  /** Mean progress of the first task at the end, 0..1. */
  meanProgress: number;
  /** Where the task collects achievements: how often each was reached in ended episodes, and Crafter's score of that. */
  achievements?: { score: number; rates: { name: string; rate: number }[] };
  agentSteps: number;
  /** Stages, resets and observations; deciding is not in it. */
  agentStepsPerSecond: number;
  /** The same with the time in which policies decide. */
  agentStepsPerSecondWithPolicy: number;
  /** Null where the worlds lie on a device. */
  activity: Activity | null;
  /** Action values that were NaN, infinite or no choice. */
  invalidActions: number;
  /** Actions that did not pass, or in `monitor` would not have passed, the safety filter of a policy `safe:MODE:...`; left out for others. */
  interventions?: number;
  /** What language agents asked and spent; left out where none played. */
  language?: LanguageReport;
  /** Worlds whose tick failed: their episodes were cut short. Left out where none did. */
  crashes?: { count: number; first: { row: number; message: string } };
  /** Threads of the rigid tier that were replaced, where any were, and why the first was. Results are those of a run without. */
  restarts?: { count: number; reason: string };
  /** Episodes that ended since their bodies could no longer be simulated, and why the first did. Left out where none did. */
  unstable?: { count: number; first: { row: number; tick: number; message: string } };
  engine: string;
  /** Why this engine, in words. */
  engineReason: string;
  /** Hash of the whole batch after the last tick. */
  stateHash: string;
  /** Per row, when asked for. */
  rowHashes?: string[];
  /** Whether all ticks asked for were run. */
  status: 'finished' | 'interrupted';
  /** Folder of the results. */
  directory?: string;
}

/** For people. */
export function printReport(report: RunReport): void {
  const { activity } = report;
  printTable(
    ['episodes', 'success', 'mean return', 'episode ticks', 'agent-steps/s', 'engine', 'state hash'],
    [
      [
        formatCount(report.episodes),
        report.episodes === 0 ? 'none ended' : formatShare(report.successRate),
        report.meanReturn.toFixed(3),
        report.meanEpisodeTicks.toFixed(0),
        formatRate(report.agentStepsPerSecond),
        report.engine,
        report.stateHash,
      ],
    ],
  );
  if (report.achievements !== undefined) printAchievements(report.achievements, report.episodes);
  printFacts([
    [
      'run',
      `${report.scenario}, ${report.split}, seed ${report.seed}: ${formatCount(report.worlds)} worlds x ${report.agents} ${report.agents === 1 ? 'agent' : 'agents'} x ${formatCount(report.ticks)} ticks, policy ${report.policy}`,
    ],
    [
      'speed',
      `${formatRate(report.agentStepsPerSecond)} agent-steps/s with resets and observations, ${formatRate(report.agentStepsPerSecondWithPolicy)} with the policy deciding`,
    ],
    ['engine', `${report.engine}: ${report.engineReason}`],
    [
      'activity',
      activity === null
        ? 'not counted, since the worlds lie on a device'
        : `${formatShare(activity.movingShare)} moving; per 1,000 agent-steps ${activity.collisionsPer1000.toFixed(1)} collisions, ${activity.editsPer1000.toFixed(2)} edits, ${activity.resetsPer1000.toFixed(2)} resets`,
    ],
    ...(report.interventions === undefined
      ? []
      : [
          [
            'safety',
            `${formatCount(report.interventions)} of ${formatCount(report.agentSteps)} actions ${report.policy.startsWith('safe:monitor:') ? 'would not have passed' : 'did not pass'} the filter`,
          ] as const,
        ]),
    ...(report.language === undefined ? [] : [['models', describeLanguage(report.language)] as const]),
    ...(report.crashes === undefined
      ? []
      : [
          [
            'crashes',
            `${formatCount(report.crashes.count)} episodes were cut short by a failure; the first in world ${report.crashes.first.row}: ${report.crashes.first.message}`,
          ] as const,
        ]),
    ...(report.restarts === undefined
      ? []
      : [
          [
            'restarts',
            `${formatCount(report.restarts.count)} threads were replaced, without a trace in the results; the first after: ${report.restarts.reason}`,
          ] as const,
        ]),
    ...(report.unstable === undefined
      ? []
      : [
          [
            'unstable',
            `${formatCount(report.unstable.count)} ${report.unstable.count === 1 ? 'episode' : 'episodes'} ended early; the first in world ${report.unstable.first.row}, at tick ${report.unstable.first.tick} of the run: ${report.unstable.first.message}`,
          ] as const,
        ]),
    ...(report.directory === undefined ? [] : [['results', report.directory] as const]),
  ]);
}

function printAchievements({ score, rates }: NonNullable<RunReport['achievements']>, episodes: number): void {
  printTable(
    ['achievement', 'episodes that reached it'],
    rates.map(({ name, rate }) => [name, episodes === 0 ? 'none ended' : formatShare(rate)]),
  );
  if (episodes === 0) return;
  printFacts([
    [
      'score',
      `${score.toFixed(1)} %: Crafter's geometric mean, exp(mean(ln(1 + success rate in percent))) - 1, over ${formatCount(episodes)} episodes`,
    ],
  ]);
}
