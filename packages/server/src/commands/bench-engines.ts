/** `kinovox bench`: the engine benchmark, printed as a table with ratios and their bars, or as JSON; and kept, when asked to. */
import { BARS, type BenchReport, type BenchRow, meetsBar, RATIOS, type RatioName } from '../bench/bench-report.js';
import { benchEngines } from '../bench/engine-bench.js';
import { appendRecord } from '../bench/kept-results.js';
import { colors } from '../cli/colors.js';
import { formatCount, formatRate, formatShare, printFacts, printJson, printLine, printTable } from '../cli/print.js';
import { createProgress } from '../cli/progress.js';

export interface EngineBenchOptions {
  worlds?: number;
  quick?: true;
  prismarine?: true;
  append?: true;
  json?: true;
}

/** @throws UsageError for --append outside a checkout, before anything is measured. */
export async function runEngineBench({ worlds, quick, prismarine, append, json }: EngineBenchOptions): Promise<void> {
  const keep = append === true ? appendRecord() : undefined;
  let progress: ReturnType<typeof createProgress> | undefined;
  const report = await benchEngines({
    ...(worlds === undefined ? {} : { worlds }),
    quick: quick === true,
    prismarine: prismarine === true,
    onProgress(done, total, next) {
      progress ??= createProgress('bench', 100, { quiet: json === true });
      progress.update(Math.round((100 * done) / total), next);
    },
  });
  progress?.stop();
  const kept = keep?.(report);
  if (json === true) printJson(report);
  else {
    printReport(report);
    if (kept !== undefined) printLine(`  appended to ${kept}; npm run docs draws the charts anew`);
  }
}

function printReport(report: BenchReport): void {
  printTable(
    [
      'engine',
      'worlds',
      'agents',
      'step',
      '+ observations',
      '+ policy',
      'p50 ms',
      'p99 ms',
      'B/world',
      'moving',
      'edits',
      'resets',
      'bound',
      'of bound',
    ],
    report.rows.map((row) => [
      row.engine,
      row.worlds,
      row.agents,
      orDash(row.stepOnly, formatRate),
      orDash(row.withObservations, formatRate),
      orDash(row.withPolicy, formatRate),
      orDash(row.p50Ms, formatMs),
      orDash(row.p99Ms, formatMs),
      orDash(row.bytesPerWorld, formatCount),
      row.activity === null ? '-' : formatShare(row.activity.movingShare),
      row.activity === null ? '-' : row.activity.editsPer1000.toFixed(1),
      row.activity === null ? '-' : row.activity.resetsPer1000.toFixed(2),
      orDash(row.boundByMemory, formatRate),
      orDash(row.shareOfBound, formatShare),
    ]),
  );
  printLine(
    '  Agent-steps/s, resets included; edits and resets per 1,000 agent-steps; bound: what copying the bytes that a step must move would allow.',
  );
  for (const line of reasonLines(report)) printLine(`  ${line}`);
  printTable(
    ['ratio', 'value', 'bar', ''],
    RATIOS.map((name) => [name, report.ratios[name]?.toFixed(2) ?? '-', barOf(name), verdictOf(report, name)]),
  );
  const { oneThread, allThreads, threads } = report.copyBytesPerSecond;
  printFacts([
    ...(report.rays === null ? [] : [['rays/s', raysText(report.rays, 'raysPerSecond')] as const]),
    ...(report.rays?.some((row) => row.webgpuRaysPerSecond !== null)
      ? [['on the GPU', raysText(report.rays, 'webgpuRaysPerSecond')] as const]
      : []),
    ['copying', `${formatBytes(oneThread)}/s by one thread, ${formatBytes(allThreads)}/s by ${threads}, read and written bytes added up`],
    [
      'where',
      `${report.scenario}, ratios at ${report.ratioWorlds} worlds x ${report.ratioAgents} agents, ${report.device}${report.gpu === null ? '' : `, ${report.gpu}`}, commit ${report.commit}`,
    ],
  ]);
  for (const note of report.notes) printLine(`  ${note}`);
}

function raysText(rays: NonNullable<BenchReport['rays']>, column: 'raysPerSecond' | 'webgpuRaysPerSecond'): string {
  return rays
    .flatMap((row) => {
      const value = row[column];
      return value === null ? [] : [`${row.scenario} ${row.channels.join('+')} ${formatRate(value)}`];
    })
    .join(', ');
}

/** Reasons of rows, and of whole engines. */
function reasonLines({ rows, reasons }: BenchReport): string[] {
  const place = ({ engine, worlds, agents }: BenchRow) => `${engine} ${worlds} x ${agents}`;
  return [
    ...rows.flatMap((row) => (row.reason === undefined ? [] : [`${place(row)}: ${row.reason}`])),
    ...Object.entries(reasons)
      .filter(([name]) => !(RATIOS as readonly string[]).includes(name))
      .map(([name, reason]) => `${name}: ${reason}`),
  ];
}

function barOf(name: RatioName): string {
  const bar = BARS[name];
  if (bar === undefined) return '';
  return 'least' in bar ? `at least ${bar.least}` : `at most ${bar.most}`;
}

function verdictOf({ ratios, reasons }: BenchReport, name: RatioName): string {
  if (ratios[name] === null) return reasons[name] ?? '';
  const met = meetsBar(name, ratios[name]);
  return met === undefined ? '' : met ? colors.green('met') : colors.red('missed');
}

function orDash(value: number | null, format: (value: number) => string): string {
  return value === null ? '-' : format(value);
}

/** Three digits that count: ticks take from microseconds to seconds. */
function formatMs(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function formatBytes(value: number): string {
  return `${(value / 1e9).toFixed(1)} GB`;
}
