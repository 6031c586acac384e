/** `kinovox bench --sessions`: what many clients of the OpenEnv server get, each figure beside its bar; and kept, when asked to. */
import { appendRecord, RESULTS } from '../bench/kept-results.js';
import { benchSessions, SESSION_BARS } from '../bench/sessions-bench.js';
import { EXIT } from '../cli/failure.js';
import { printFacts, printJson, printLine, printTable } from '../cli/print.js';
import { createProgress } from '../cli/progress.js';

export interface SessionsBenchCommandOptions {
  append?: true;
  json?: true;
}

/** @throws UsageError for --append outside a checkout, before anything is measured. */
export async function runSessionsBench({ append, json }: SessionsBenchCommandOptions): Promise<void> {
  const keep = append === true ? appendRecord(RESULTS, 'sessions.jsonl') : undefined;
  let progress: ReturnType<typeof createProgress> | undefined;
  const report = await benchSessions({
    onProgress(done, total) {
      progress ??= createProgress('bench --sessions', total, { quiet: json === true });
      progress.update(done);
      if (done === total) progress.stop();
    },
  });
  const kept = keep?.(report);
  if (json === true) printJson(report);
  else {
    const { hertz, p99Ms } = SESSION_BARS;
    printTable(
      [
        'sessions',
        'clients that disturb',
        'steps/s',
        `slowest session, steps/s (bar ${hertz})`,
        'p50 ms',
        `p99 ms (bar ${p99Ms})`,
        'max ms',
        'errors',
        'processor ms per step',
      ],
      report.halves.map((half) => [
        report.sessions,
        half.disturbed ? `1 stalled, ${report.crashed} crashed` : 'none',
        half.stepsPerSecond.toFixed(0),
        half.leastHertz.toFixed(2),
        half.p50Ms.toFixed(1),
        half.p99Ms.toFixed(1),
        half.maxMs.toFixed(1),
        half.errors,
        half.serverMsPerStep?.toFixed(3) ?? 'not told',
      ]),
    );
    const { memoryBytes } = report;
    printFacts([
      [
        'memory',
        memoryBytes === null
          ? 'not told by this system'
          : memoryBytes.map((bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`).join(' before, after '),
      ],
      ['where', `${report.scenario}, ${report.device}, commit ${report.commit}`],
    ]);
    for (const sentence of report.missed) printLine(`  missed  ${sentence}`);
    if (report.ok) printLine('  all bars are met');
    if (kept !== undefined) printLine(`  appended to ${kept}`);
  }
  if (!report.ok) process.exitCode = EXIT.ours;
}
