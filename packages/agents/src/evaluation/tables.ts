/** An evaluation as files: CSV for other programs, LaTeX for a paper; for people see evaluation-page.ts. The same figures in each, rounded for reading but in the CSV. */

import type { ContestantReport, EvaluationReport, ScenarioScore } from './evaluate.js';
import type { TierReport } from './tiers.js';

/**
 * One line per contestant and scenario, full precision; every line carries the suite's hash.
 * @param tiers adds columns of the same levels on the rigid tier, empty where there is no comparison.
 */
export function evaluationCsv(report: EvaluationReport, tiers?: TierReport): string {
  const heading = `suite,suiteHash,split,seeds,contestant,runs,scenario,episodes,score,low,high,normalised,meanTicks,meanReturn,stuckShare,messages,calls,tokens,cost,invalidRate,refusedRate${tiers === undefined ? '' : ',rigidScore,rigidLow,rigidHigh,sameEpisodes,pushedEpisodes'}`;
  const rows = report.contestants.flatMap((contestant) =>
    contestant.scenarios.map((row) =>
      [
        report.suite.id,
        report.suite.hash,
        report.split,
        report.seeds,
        contestant.name,
        contestant.runs,
        row.scenario,
        row.episodes,
        row.score,
        ...row.interval,
        row.normalised ?? '',
        row.meanTicks,
        row.meanReturn,
        row.conduct.stuckShare,
        row.conduct.messages,
        ...languageCells(row),
        ...(tiers === undefined ? [] : tierCells(tiers, contestant.name, row.scenario)),
      ]
        .map(csvCell)
        .join(','),
    ),
  );
  return `${[heading, ...rows].join('\n')}\n`;
}

/** A `tabular` of scores in percent with half-widths of the intervals, and a line of interquartile means; needs the package booktabs. */
export function evaluationLatex(report: EvaluationReport): string {
  const { contestants } = report;
  const cell = (row: ScenarioScore | undefined) =>
    row === undefined
      ? '--'
      : `$${(100 * row.score).toFixed(1)}$ \\scriptsize[${(100 * row.interval[0]).toFixed(0)}, ${(100 * row.interval[1]).toFixed(0)}]`;
  const lines = report.suite.scenarios.map(
    (scenario) => `${latexText(scenario)} & ${contestants.map((one) => cell(scoreIn(one, scenario))).join(' & ')} \\\\`,
  );
  const means = contestants.map(({ iqm, iqmInterval }) =>
    iqm === null || iqmInterval === null
      ? '--'
      : `$${iqm.toFixed(2)}$ \\scriptsize[${iqmInterval[0].toFixed(2)}, ${iqmInterval[1].toFixed(2)}]`,
  );
  return [
    `% suite ${report.suite.id} ${report.suite.hash}, split ${report.split}, ${report.seeds} seeds from ${report.firstSeed}`,
    `\\begin{tabular}{l${'r'.repeat(contestants.length)}}`,
    '\\toprule',
    `scenario & ${contestants.map(({ name }) => latexText(name)).join(' & ')} \\\\`,
    '\\midrule',
    ...lines,
    '\\midrule',
    `IQM, normalised & ${means.join(' & ')} \\\\`,
    '\\bottomrule',
    '\\end{tabular}',
    '',
  ].join('\n');
}

/** Per episode; empty for those that ask no model. */
function languageCells({ language }: ScenarioScore): (string | number)[] {
  if (language === undefined) return ['', '', '', '', ''];
  const { perEpisode, invalidRate, refusedRate } = language;
  return [perEpisode.calls, perEpisode.tokens, perEpisode.cost, invalidRate, refusedRate];
}

function tierCells({ rows }: TierReport, contestant: string, scenario: string): (string | number)[] {
  const row = rows.find((one) => one.contestant === contestant && one.scenario === scenario);
  return row === undefined ? ['', '', '', '', ''] : [row.rigid.score, ...row.rigid.interval, row.sameEpisodes, row.pushedEpisodes];
}

/** Quoted where it must be; a leading sign that a spreadsheet would run as a formula is kept from it. */
function csvCell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@]/.test(value) ? `'${value}` : value;
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function latexText(text: string): string {
  return text.replace(/[\\&%$#_{}~^]/g, (sign) =>
    sign === '\\' ? '\\textbackslash{}' : sign === '~' || sign === '^' ? `\\${sign}{}` : `\\${sign}`,
  );
}

/** Undefined where it was not played. */
export function scoreIn(contestant: ContestantReport, scenario: string): ScenarioScore | undefined {
  return contestant.scenarios.find((row) => row.scenario === scenario);
}
