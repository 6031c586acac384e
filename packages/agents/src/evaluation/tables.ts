/** An evaluation as files: CSV for other programs, LaTeX for a paper, HTML for people. The same figures in each, rounded for reading but in the CSV. */

import type { ContestantReport, EvaluationReport, ScenarioScore } from './evaluate.js';
import type { CrossPlay, Matches } from './pairings.js';
import type { Interval } from './statistics.js';
import type { TierReport } from './tiers.js';

/**
 * One line per contestant and scenario, full precision; every line carries the suite's hash.
 * @param tiers adds columns of the same levels on the rigid tier, empty where there is no comparison.
 */
export function evaluationCsv(report: EvaluationReport, tiers?: TierReport): string {
  const heading = `suite,suiteHash,split,seeds,contestant,runs,scenario,episodes,score,low,high,normalised,meanTicks,meanReturn${tiers === undefined ? '' : ',rigidScore,rigidLow,rigidHigh,sameEpisodes,pushedEpisodes'}`;
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

/** One page that needs nothing else. @param tiers adds their table. */
export function evaluationHtml(report: EvaluationReport, tiers?: TierReport): string {
  const { suite, contestants } = report;
  const heading = `<tr><th>scenario</th>${contestants.map(({ name }) => `<th>${htmlText(name)}</th>`).join('')}</tr>`;
  const rows = suite.scenarios.map(
    (scenario) => `<tr><th>${htmlText(scenario)}</th>${contestants.map((one) => scoreCell(scoreIn(one, scenario))).join('')}</tr>`,
  );
  const refused = contestants.flatMap(({ name, refused: list }) =>
    list.map(({ scenario, reason }) => `<li><b>${htmlText(name)}</b>, ${htmlText(scenario)}: ${htmlText(reason)}</li>`),
  );
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Evaluation: ${htmlText(suite.id)}</title>
<style>${STYLE}</style>
<h1>${htmlText(suite.id)}</h1>
<p class="facts">suite ${suite.hash} · split ${report.split} · ${report.seeds} seeds from ${report.firstSeed} · 95 % intervals</p>
<h2>Interquartile mean of normalised scores</h2>
<p class="facts">0 is the random policy, 1 the scripted one.</p>
${meansChart(contestants)}
<h2>Score by scenario, percent of episodes</h2>
<table>${heading}${rows.join('')}</table>
${report.crossPlay.map((table) => `<h2>Cross-play: ${htmlText(table.scenario)}</h2><p class="facts">The row decides for the first agent, the column for the others; percent of episodes that succeeded.</p>${matrix(table.players, table.success)}`).join('')}
${report.matches.map(matchesHtml).join('')}
${tiers === undefined ? '' : tiersHtml(tiers)}
${refused.length === 0 ? '' : `<h2>Not played</h2><ul>${refused.join('')}</ul>`}
</html>
`;
}

function scoreIn(contestant: ContestantReport, scenario: string): ScenarioScore | undefined {
  return contestant.scenarios.find((row) => row.scenario === scenario);
}

function scoreCell(row: ScenarioScore | undefined): string {
  if (row === undefined) return '<td>–</td>';
  return `<td style="--share:${row.score.toFixed(3)}" title="normalised ${row.normalised?.toFixed(2) ?? 'not defined'}; ${row.episodes} episodes, ${row.meanTicks.toFixed(0)} ticks">${(100 * row.score).toFixed(1)}<small>${percentRange(row.interval)}</small></td>`;
}

/** Dots with whiskers on a common axis, from the lowest end of an interval (at most 0) to the highest (at least 1). */
function meansChart(contestants: readonly ContestantReport[]): string {
  const rows = contestants.filter(({ iqm }) => iqm !== null);
  if (rows.length === 0) return '<p>No scenario has a normalised score.</p>';
  const low = Math.min(0, ...rows.map(({ iqmInterval }) => iqmInterval![0]));
  const high = Math.max(1, ...rows.map(({ iqmInterval }) => iqmInterval![1]));
  const x = (value: number) => 180 + ((value - low) / (high - low)) * 440;
  const height = rows.length * 28 + 30;
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (tick) =>
      `<line x1="${x(tick)}" x2="${x(tick)}" y1="6" y2="${height - 22}" class="grid"/><text x="${x(tick)}" y="${height - 6}" text-anchor="middle">${tick}</text>`,
  );
  const marks = rows.map(({ name, iqm, iqmInterval }, i) => {
    const y = 22 + i * 28;
    return `<text x="168" y="${y + 4}" text-anchor="end">${htmlText(name)}</text><line x1="${x(iqmInterval![0])}" x2="${x(iqmInterval![1])}" y1="${y}" y2="${y}" class="whisker"/><circle cx="${x(iqm!)}" cy="${y}" r="5"/><text x="${Math.min(x(iqmInterval![1]) + 10, 640)}" y="${y + 4}" class="value">${iqm!.toFixed(2)}</text>`;
  });
  return `<svg viewBox="0 0 700 ${height}" width="700" role="img" aria-label="Interquartile means with intervals">${grid.join('')}${marks.join('')}</svg>`;
}

function matchesHtml(table: Matches): string {
  const order = table.players.map((_, i) => i).sort((a, b) => (table.ratings[b] ?? 0) - (table.ratings[a] ?? 0));
  const ratings = order
    .map((i) => `<tr><th>${htmlText(table.players[i])}</th><td>${table.ratings[i]?.toFixed(0) ?? '–'}</td></tr>`)
    .join('');
  return `<h2>Matches: ${htmlText(table.scenario)}</h2><p class="facts">The row plays ${htmlText(table.teams[0])}, the column ${htmlText(table.teams.slice(1).join(', '))}; percent of the points for the row.</p>${matrix(table.players, table.points)}<p class="facts">Ratings on the scale of Elo, mean 1000, over both sides.</p><table>${ratings}</table>`;
}

function tiersHtml({ rows, refused }: TierReport): string {
  const scored = ({ score, interval }: { score: number; interval: Interval }) =>
    `<td style="--share:${score.toFixed(3)}">${(100 * score).toFixed(1)}<small>${percentRange(interval)}</small></td>`;
  const lines = rows.map(
    (row) =>
      `<tr><th>${htmlText(row.scenario)}, ${htmlText(row.contestant)}</th>${scored(row.batch)}${scored(row.rigid)}<td>${row.within ? 'yes' : 'NO'}</td><td>${row.sameEpisodes} of ${row.episodes}</td><td>${row.pushedEpisodes}</td></tr>`,
  );
  const heading = ['scenario, policy', 'batch tier', 'rigid tier', 'within', 'same episodes', 'pushed a prop'];
  const missing = refused.map(({ scenario, reason }) => `<li>${htmlText(scenario)}: ${htmlText(reason)}</li>`);
  return `<h2>Both tiers</h2><p class="facts">The same levels on the rigid tier, with idle props out of the way; percent of episodes. Within: whether the rigid score lies in the interval of the batch tier.</p>
${lines.length === 0 ? '' : `<table><tr>${heading.map((title) => `<th>${title}</th>`).join('')}</tr>${lines.join('')}</table>`}
${missing.length === 0 ? '' : `<p>Not compared:</p><ul>${missing.join('')}</ul>`}`;
}

function tierCells({ rows }: TierReport, contestant: string, scenario: string): (string | number)[] {
  const row = rows.find((one) => one.contestant === contestant && one.scenario === scenario);
  return row === undefined ? ['', '', '', '', ''] : [row.rigid.score, ...row.rigid.interval, row.sameEpisodes, row.pushedEpisodes];
}

function matrix(players: readonly string[], values: CrossPlay['success']): string {
  const rows = values.map(
    (line, i) =>
      `<tr><th>${htmlText(players[i])}</th>${line.map((value) => (value === null ? '<td>–</td>' : `<td style="--share:${value.toFixed(3)}">${(100 * value).toFixed(1)}</td>`)).join('')}</tr>`,
  );
  return `<table><tr><th></th>${players.map((name) => `<th>${htmlText(name)}</th>`).join('')}</tr>${rows.join('')}</table>`;
}

function percentRange([low, high]: Interval): string {
  return ` ${(100 * low).toFixed(0)}–${(100 * high).toFixed(0)}`;
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

function htmlText(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]!);
}

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; } h2 { margin: 2rem 0 .4rem; font-size: 1.1rem; }
.facts { margin: .2rem 0 .8rem; color: light-dark(#555, #aaa); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .7rem; text-align: right; border-bottom: 1px solid light-dark(#ddd, #444); }
th:first-child { text-align: left; font-weight: 500; }
td { background: color-mix(in srgb, #2a9d8f calc(var(--share, 0) * 45%), transparent); }
td small { color: light-dark(#555, #aaa); }
svg { max-width: 100%; font-size: 13px; } svg text { fill: currentColor; } .value { font-weight: 600; }
.grid { stroke: light-dark(#ddd, #444); } .whisker { stroke: #2a9d8f; stroke-width: 3; } circle { fill: #2a9d8f; }
`;
