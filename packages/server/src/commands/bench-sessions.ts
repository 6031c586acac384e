/** `kinovox bench --sessions`: what many clients of the OpenEnv server get, each figure beside its bar. */
import { benchSessions, SESSION_BARS } from '../bench/sessions-bench.js';
import { EXIT } from '../cli/failure.js';
import { printFacts, printJson, printLine, printTable } from '../cli/print.js';
import { createProgress } from '../cli/progress.js';

export async function runSessionsBench(json: boolean): Promise<void> {
  let progress: ReturnType<typeof createProgress> | undefined;
  const report = await benchSessions({
    onProgress(done, total) {
      progress ??= createProgress('bench --sessions', total, { quiet: json });
      progress.update(done);
      if (done === total) progress.stop();
    },
  });
  if (json) printJson(report);
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
  }
  if (!report.ok) process.exitCode = EXIT.ours;
}
