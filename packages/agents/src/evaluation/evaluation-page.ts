/** An evaluation as one HTML page for people, without scripts and without a network: charts, tables, what language agents cost, and the episodes. */
import { amountsChart, htmlText, meansChart, percentRange, scoresChart, sharesBar } from './charts.js';
import type { ContestantReport, EpisodeRow, EvaluationReport, ScenarioScore } from './evaluate.js';
import type { CrossPlay, Matches } from './pairings.js';
import type { Interval } from './statistics.js';
import { scoreIn } from './tables.js';
import type { TierReport } from './tiers.js';

export interface EvaluationPageOptions {
  /** Adds their table. */
  tiers?: TierReport | undefined;
  /** What was run, for the reader to run again. */
  command?: string | undefined;
  /** Address of a recording's file as seen from the page; default its path. */
  linkTo?: ((path: string) => string) | undefined;
}

/** One page that needs nothing else; it lists episodes where the report does. */
export function evaluationHtml(report: EvaluationReport, options: EvaluationPageOptions = {}): string {
  const { suite, contestants } = report;
  const { tiers, command, linkTo } = options;
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
${command === undefined ? '' : `<p class="facts"><code>${htmlText(command)}</code></p>`}
<h2>Interquartile mean of normalised scores</h2>
<p class="facts">0 is the random policy, 1 the scripted one.</p>
${meansChart(contestants)}
<h2>Score by scenario, percent of episodes</h2>
${scoresChart(contestants, suite.scenarios)}
<div class="scroll"><table>${heading}${rows.join('')}</table></div>
${conductHtml(contestants)}
${report.crossPlay.map((table) => `<h2>Cross-play: ${htmlText(table.scenario)}</h2><p class="facts">The row decides for the first agent, the column for the others; percent of episodes that succeeded.</p>${matrix(table.players, table.success)}`).join('')}
${report.matches.map(matchesHtml).join('')}
${tiers === undefined ? '' : tiersHtml(tiers)}
${report.episodes === undefined ? '' : episodesHtml(report.episodes, linkTo)}
${refused.length === 0 ? '' : `<h2>Not played</h2><ul>${refused.join('')}</ul>`}
</html>
`;
}

function scoreCell(row: ScenarioScore | undefined): string {
  if (row === undefined) return '<td>–</td>';
  return `<td style="--share:${row.score.toFixed(3)}" title="normalised ${row.normalised?.toFixed(2) ?? 'not defined'}; ${row.episodes} episodes, ${row.meanTicks.toFixed(0)} ticks">${(100 * row.score).toFixed(1)}<small>${percentRange(row.interval)}</small></td>`;
}

/** How contestants went about it, and what models were asked. */
function conductHtml(contestants: readonly ContestantReport[]): string {
  const asks = contestants.some(({ scenarios }) => scenarios.some(({ language }) => language !== undefined));
  const headings = ['scenario', 'policy', 'success', 'ticks', 'stuck', 'messages', 'progress by agent'];
  if (asks) headings.push('calls', 'tokens', 'cost', 'invalid', 'refused');
  const rows = [...new Set(contestants.flatMap(({ scenarios }) => scenarios.map(({ scenario }) => scenario)))];
  const lines = rows.flatMap((scenario) => {
    const played = contestants.flatMap((contestant) => {
      const row = scoreIn(contestant, scenario);
      return row === undefined ? [] : [{ name: contestant.name, row }];
    });
    return played.map(({ name, row }, i) => {
      const { conduct, language } = row;
      const cells = [
        htmlText(name),
        `${percent(row.score)}<small>${percentRange(row.interval)}</small>`,
        row.meanTicks.toFixed(0),
        percent(conduct.stuckShare),
        conduct.messages.toFixed(1),
        sharesBar(conduct.contribution),
      ];
      if (asks) cells.push(...languageCells(language));
      const head = i === 0 ? `<th rowspan="${played.length}">${htmlText(scenario)}</th>` : '';
      return `<tr>${head}${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
    });
  });
  const tokens = amountsChart(contestants, tokensPerEpisode, 'Tokens of an episode', (amount) => amount.toFixed(0));
  return `${asks ? `<h2>Tokens of an episode</h2><p class="facts">Prompts and replies of all agents, mean over episodes.</p>${tokens}` : ''}
<h2>Conduct</h2>
<p class="facts">Means of an episode. Stuck: share of ticks in stretches of 5 s without moving or doing anything; waiting for others counts. Progress by agent: who was at work when the task advanced.${asks ? ' Invalid and refused: percent of calls.' : ''}</p>
<div class="scroll"><table><tr>${headings.map((title) => `<th>${title}</th>`).join('')}</tr>${lines.join('')}</table></div>`;
}

function languageCells(language: ScenarioScore['language']): string[] {
  if (language === undefined) return ['–', '–', '–', '–', '–'];
  const { perEpisode, invalidRate, refusedRate } = language;
  return [
    perEpisode.calls.toFixed(1),
    perEpisode.tokens.toFixed(0),
    perEpisode.cost.toFixed(4),
    percent(invalidRate),
    percent(refusedRate),
  ];
}

/** Mean over all its episodes; undefined for those that ask no model. */
function tokensPerEpisode({ scenarios }: ContestantReport): number | undefined {
  const asked = scenarios.flatMap(({ language, episodes }) =>
    language === undefined ? [] : [{ tokens: language.perEpisode.tokens, episodes }],
  );
  if (asked.length === 0) return undefined;
  return asked.reduce((sum, { tokens, episodes }) => sum + tokens * episodes, 0) / asked.reduce((sum, { episodes }) => sum + episodes, 0);
}

/** Of the link in a line of episodes. */
const REPLAY_COLUMN = 2;

/** A folded table per contestant and scenario. */
function episodesHtml(episodes: readonly EpisodeRow[], linkTo = (path: string) => path): string {
  const groups = new Map<string, EpisodeRow[]>();
  for (const row of episodes) {
    const key = JSON.stringify([row.scenario, row.contestant]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const tables = [...groups.values()].map((rows) => {
    const [{ scenario, contestant }] = rows;
    const done = rows.filter(({ succeeded }) => succeeded).length;
    const asks = rows.some(({ language }) => language !== undefined);
    const isRecorded = rows.some(({ recording, decisions }) => recording !== undefined || decisions !== undefined);
    const headings = ['seed', 'outcome', 'progress', 'ticks', 'return', 'stuck', 'messages', 'progress by agent'];
    if (asks) headings.push('calls', 'tokens', 'cost', 'invalid', 'refused');
    if (isRecorded) headings.splice(REPLAY_COLUMN, 0, 'replay');
    const lines = rows.map(
      (row) =>
        `<tr>${episodeCells(row, asks, isRecorded, linkTo)
          .map((cell, i) => (i === 0 ? `<th>${cell}</th>` : `<td>${cell}</td>`))
          .join('')}</tr>`,
    );
    return `<details><summary><b>${htmlText(scenario)}</b>, ${htmlText(contestant)}: ${done} of ${rows.length}</summary><div class="scroll"><table><tr>${headings.map((title) => `<th>${title}</th>`).join('')}</tr>${lines.join('')}</table></div></details>`;
  });
  const hint = episodes.some(({ recording }) => recording !== undefined)
    ? ' A replay is a file of recorded episodes, counted from 0 in it: "npx kinovox view FILE" shows it, with the decisions of language agents that lie beside it.'
    : '';
  return `<h2>Episodes</h2><p class="facts">${episodes.length} episodes; each opens a table.${hint}</p>${tables.join('')}`;
}

function episodeCells(row: EpisodeRow, asks: boolean, isRecorded: boolean, linkTo: (path: string) => string): string[] {
  const { language, recording, decisions, team, run } = row;
  const notes = [...(run > 0 ? [`run ${run}`] : []), ...(team === undefined ? [] : [team])];
  const cells = [
    `${row.seed}${notes.length === 0 ? '' : `<small> ${htmlText(notes.join(', '))}</small>`}`,
    row.succeeded ? '<span class="ok">succeeded</span>' : '<span class="no">failed</span>',
    percent(row.progress),
    String(row.ticks),
    row.return.toFixed(2),
    percent(row.stuckShare),
    String(row.messages),
    sharesBar(row.contribution),
  ];
  if (asks && language !== undefined) {
    const { calls, promptTokens, completionTokens, cost, invalid, refused } = language;
    cells.push(...[calls, promptTokens + completionTokens].map(String), cost.toFixed(4), String(invalid), String(refused));
  }
  if (isRecorded)
    cells.splice(
      REPLAY_COLUMN,
      0,
      [
        recording === undefined ? '' : `<a href="${htmlText(linkTo(recording.path))}">episode ${recording.episode}</a>`,
        decisions === undefined ? '' : `<a href="${htmlText(linkTo(decisions))}">decisions</a>`,
      ].join(' '),
    );
  return cells;
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

function matrix(players: readonly string[], values: CrossPlay['success']): string {
  const rows = values.map(
    (line, i) =>
      `<tr><th>${htmlText(players[i])}</th>${line.map((value) => (value === null ? '<td>–</td>' : `<td style="--share:${value.toFixed(3)}">${(100 * value).toFixed(1)}</td>`)).join('')}</tr>`,
  );
  return `<table><tr><th></th>${players.map((name) => `<th>${htmlText(name)}</th>`).join('')}</tr>${rows.join('')}</table>`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; } h2 { margin: 2rem 0 .4rem; font-size: 1.1rem; }
.facts { margin: .2rem 0 .8rem; color: light-dark(#555, #aaa); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .6rem; text-align: right; white-space: nowrap; border-bottom: 1px solid light-dark(#ddd, #444); }
th[rowspan] { vertical-align: top; } th:first-child { text-align: left; font-weight: 500; }
td { background: color-mix(in srgb, #2a9d8f calc(var(--share, 0) * 45%), transparent); }
td small { color: light-dark(#555, #aaa); }
details { margin: .4rem 0; } summary { cursor: pointer; padding: .2rem 0; } .ok { color: light-dark(#1b7a4b, #5fd39a); } .no { color: light-dark(#b3402a, #ff9a84); }
.scroll { overflow-x: auto; } code { font-size: .9em; }
.legend span { margin-right: 1.2rem; white-space: nowrap; } .legend i { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .4em; }
svg { max-width: 100%; font-size: 13px; } .shares { width: 5rem; max-width: none; height: .7rem; vertical-align: middle; } svg text { fill: currentColor; } .value { font-weight: 600; }
.grid { stroke: light-dark(#ddd, #444); } .interval { stroke: light-dark(#222, #eee); stroke-width: 1.5; opacity: .75; } .whisker { stroke: #2a9d8f; stroke-width: 3; } circle { fill: #2a9d8f; }
`;
