/** An evaluation in the terminal: scores, what language agents cost, both tiers, cross-play and matches. */
import type { EvaluationReport, TierComparison, TierReport } from '@kinovox/agents';
import { formatShare, printFacts, printLine, printTable } from '../cli/print.js';

export function printEvaluation(
  report: EvaluationReport,
  tiers: TierReport | undefined,
  out: string | undefined,
  page: string | undefined,
): void {
  const { contestants } = report;
  const columns = contestants.map(({ name, runs }) => (runs > 1 ? `${name} (${runs} runs)` : name));
  printTable(
    ['scenario', ...columns],
    report.suite.scenarios.map((scenario) => [
      scenario,
      ...contestants.map((one) => {
        const row = one.scenarios.find((entry) => entry.scenario === scenario);
        return row === undefined ? '-' : `${formatShare(row.score)} [${row.interval.map((end) => (100 * end).toFixed(0)).join(', ')}]`;
      }),
    ]),
  );
  printFacts(
    contestants.map(({ name, iqm, iqmInterval }) => [
      name,
      iqm === null || iqmInterval === null
        ? 'no normalised score'
        : `interquartile mean ${iqm.toFixed(2)} [${iqmInterval.map((end) => end.toFixed(2)).join(', ')}], 0 = random, 1 = scripted`,
    ]),
  );
  if (contestants.some(({ scenarios }) => scenarios.some(({ language }) => language !== undefined))) printConduct(report);
  if (tiers !== undefined) printTiers(tiers);
  for (const table of report.crossPlay) {
    printLine(`\ncross-play in ${table.scenario}: the row decides for the first agent, the column for the others`);
    printTable(
      ['', ...table.players],
      table.success.map((line, i) => [table.players[i], ...line.map(share)]),
    );
  }
  for (const table of report.matches) {
    printLine(
      `\nmatches in ${table.scenario}: points of the row as ${table.teams[0]} against the column as ${table.teams.slice(1).join(', ')}`,
    );
    printTable(
      ['', ...table.players, 'rating'],
      table.points.map((line, i) => [table.players[i], ...line.map(share), table.ratings[i]?.toFixed(0) ?? '-']),
    );
  }
  for (const { name, refused } of contestants)
    for (const { scenario, reason } of refused) printLine(`  ${name} did not play ${scenario}: ${reason}`);
  const { length: count } = report.suite.scenarios;
  printFacts([
    ['suite', `${report.suite.id} ${report.suite.hash}, ${count} ${count === 1 ? 'scenario' : 'scenarios'}`],
    ['episodes', `${report.seeds} ${report.seeds === 1 ? 'seed' : 'seeds'} from ${report.firstSeed}, split ${report.split}`],
    ...(out === undefined ? [] : ([['written', `${out}/evaluation.{json,csv,tex,html}`]] as const)),
    ...(page === undefined ? [] : ([['report', page]] as const)),
  ]);
}

function printTiers({ rows, refused }: TierReport): void {
  printLine('\nthe same levels on the rigid tier, with idle props out of the way');
  const scored = ({ score, interval }: TierComparison['batch']) =>
    `${formatShare(score)} [${interval.map((end) => (100 * end).toFixed(0)).join(', ')}]`;
  if (rows.length > 0)
    printTable(
      ['scenario', 'policy', 'batch tier', 'rigid tier', 'within', 'same episodes', 'pushed a prop'],
      rows.map((row) => [
        row.scenario,
        row.contestant,
        scored(row.batch),
        scored(row.rigid),
        row.within ? 'yes' : 'NO',
        `${row.sameEpisodes} of ${row.episodes}`,
        `${row.pushedEpisodes}`,
      ]),
    );
  for (const { scenario, reason } of refused) printLine(`  ${scenario} is not compared: ${reason}`);
}

function share(value: number | null): string {
  return value === null ? '-' : formatShare(value);
}

/** What language agents cost and how everybody went about it, a line per scenario and contestant. */
function printConduct({ suite, contestants }: EvaluationReport): void {
  printLine('\nby episode: ticks, and what language agents asked; invalid and refused in percent of calls, stuck in percent of ticks');
  printTable(
    ['scenario', 'policy', 'success', 'ticks', 'calls', 'tokens', 'cost', 'invalid', 'refused', 'stuck', 'messages', 'progress by agent'],
    suite.scenarios.flatMap((scenario) =>
      contestants.flatMap(({ name, scenarios }) => {
        const row = scenarios.find((entry) => entry.scenario === scenario);
        if (row === undefined) return [];
        const { language, conduct } = row;
        return [
          [
            scenario,
            name,
            formatShare(row.score),
            row.meanTicks.toFixed(0),
            language?.perEpisode.calls.toFixed(1) ?? '-',
            language?.perEpisode.tokens.toFixed(0) ?? '-',
            language?.perEpisode.cost.toFixed(4) ?? '-',
            language === undefined ? '-' : formatShare(language.invalidRate),
            language === undefined ? '-' : formatShare(language.refusedRate),
            formatShare(conduct.stuckShare),
            conduct.messages.toFixed(1),
            describeContribution(conduct.contribution),
          ],
        ];
      }),
    ),
  );
}

/** Names and shares of a small team, the ends of a large one. */
function describeContribution(contribution: Readonly<Record<string, number>>): string {
  const shares = Object.entries(contribution).sort(([, a], [, b]) => b - a);
  const told = shares.map(([agent, value]) => `${agent} ${(100 * value).toFixed(0)} %`);
  if (shares.length < 2) return '-';
  return shares.length <= 4 ? told.join(', ') : `${told[0]} to ${told[told.length - 1]}`;
}
