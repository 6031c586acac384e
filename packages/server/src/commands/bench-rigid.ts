/** `kinovox bench --rigid`: the rigid benchmark, printed as tables with ratios and their bars, or as JSON; and kept, when asked to. */
import { appendRecord, RESULTS } from '../bench/kept-results.js';
import { benchRigid, RIGID_RATIOS, type RigidBenchReport } from '../bench/rigid-bench.js';
import { colors } from '../cli/colors.js';
import { formatRate, formatShare, printFacts, printJson, printLine, printTable } from '../cli/print.js';
import { createProgress } from '../cli/progress.js';

export interface RigidBenchCommandOptions {
  worlds?: number;
  append?: true;
  json?: true;
}

/** @throws UsageError for --append outside a checkout, before anything is measured. */
export async function runRigidBench({ worlds, append, json }: RigidBenchCommandOptions): Promise<void> {
  const keep = append === true ? appendRecord(RESULTS, 'rigid.jsonl') : undefined;
  let progress: ReturnType<typeof createProgress> | undefined;
  const report = await benchRigid({
    ...(worlds === undefined ? {} : { worlds }),
    onProgress(done, total, next) {
      progress ??= createProgress('bench --rigid', total, { quiet: json === true });
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
}

function printReport(report: RigidBenchReport): void {
  printTable(
    ['engine', 'world-steps/s', 'body-steps/s'],
    report.rows.map(({ engine, worldSteps, bodySteps }) => [engine, formatRate(worldSteps), formatRate(bodySteps)]),
  );
  const bar = (met: boolean, text: string) => [text, met ? colors.green('met') : colors.red('missed')];
  printTable(
    ['figure', 'value', 'bar', ''],
    [
      ...RIGID_RATIOS.map((name) => {
        const value = report.ratios[name];
        if (value === null) return [name, '-', '', report.reasons[name] ?? ''];
        const judged = name === 'poolVsRigid' ? bar(value >= report.bars.poolVsRigid, `at least ${report.bars.poolVsRigid}`) : ['', ''];
        return [name, value.toFixed(2), ...judged];
      }),
      ['fork, ms', report.forkMs.toFixed(2), ...bar(report.forkMs <= report.bars.forkMs, `at most ${report.bars.forkMs}`)],
      [
        'fork, ms a world of many',
        report.forkOfManyMs.toFixed(2),
        ...bar(report.forkOfManyMs <= report.bars.forkMs, `at most ${report.bars.forkMs}`),
      ],
      ['checkpoint, ms', report.checkpointMs.toFixed(2), '', `${formatShare(report.checkpointShare)} of a tick over threads`],
    ],
  );
  printFacts([
    [
      'where',
      `${report.worlds} worlds of ${report.bodies} crates and a walker, episodes of ${report.episodeTicks} ticks, ${report.device}, commit ${report.commit}`,
    ],
  ]);
  for (const note of report.notes) printLine(`  ${note}`);
}
