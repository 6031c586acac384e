/** `kinovox bench --planning`: the table of bars of the planners, or JSON; and kept, when asked to. */
import { appendRecord, RESULTS } from '../bench/kept-results.js';
import { benchPlanning, type PlanningBenchReport } from '../bench/planning/planning-bench.js';
import { colors } from '../cli/colors.js';
import { EXIT } from '../cli/failure.js';
import { printFacts, printJson, printLine, printTable } from '../cli/print.js';
import { createProgress } from '../cli/progress.js';

export interface PlanningBenchCommandOptions {
  only?: string[];
  append?: true;
  json?: true;
}

/** @throws UsageError for --append outside a checkout, before anything is measured. */
export async function runPlanningBench({ only, append, json }: PlanningBenchCommandOptions): Promise<void> {
  const keep = append === true ? appendRecord(RESULTS, 'planning.jsonl') : undefined;
  let progress: ReturnType<typeof createProgress> | undefined;
  const report = await benchPlanning({
    ...(only === undefined ? {} : { only }),
    onProgress(done, total, next) {
      progress ??= createProgress('bench --planning', total, { quiet: json === true });
      progress.update(done, next);
    },
  });
  progress?.stop();
  const kept = keep?.(report);
  if (json === true) printJson(report);
  else {
    printReport(report);
    if (kept !== undefined) printLine(`  appended to ${kept}`);
  }
  if (!report.ok) process.exitCode = EXIT.ours;
}

function printReport(report: PlanningBenchReport): void {
  printTable(
    ['bar', 'instance', 'figure', 'ours', 'unit', 'limit', '', 'peer', 'ours / peer'],
    report.rows.map((row) => [
      row.bar,
      row.instance,
      row.figure,
      row.value === null ? (row.note ?? '-') : formatFigure(row.value),
      row.unit,
      row.limit === undefined ? '' : 'least' in row.limit ? `>= ${formatFigure(row.limit.least)}` : `<= ${formatFigure(row.limit.most)}`,
      judged(row.met, row.stretch === true),
      row.peer === undefined ? '' : `${formatFigure(row.peer.value)} ${row.peer.name}`,
      row.ratioToPeer === undefined ? '' : row.ratioToPeer.toFixed(2),
    ]),
  );
  for (const { value, note, bar, instance } of report.rows)
    if (value !== null && note !== undefined) printLine(`  ${bar} ${instance}: ${note}`);
  for (const sentence of report.skipped) printLine(`  ${colors.red('skipped')}  ${sentence}`);
  printFacts([['where', `${report.device}, commit ${report.commit}`]]);
}

function judged(met: boolean | undefined, stretch: boolean): string {
  if (met === undefined) return '';
  if (met) return colors.green(stretch ? 'met (stretch)' : 'met');
  return stretch ? 'missed (stretch)' : colors.red('missed');
}

function formatFigure(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en-US');
  return value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(2) : value.toPrecision(2);
}
