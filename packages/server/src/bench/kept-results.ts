/** Reports that are kept in a checkout, one to a line, for charts and for later runs to be held to. */
import { appendFileSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UsageError } from '@kinovox/world';
import type { BenchReport } from './bench-report.js';

const RESULTS = fileURLToPath(new URL('../../../../test/bench/results/', import.meta.url));

/**
 * A function that appends a report and returns the file's name.
 * @throws UsageError where there is no folder of results.
 */
export function appendRecord(folder = RESULTS): (report: BenchReport) => string {
  if (!existsSync(folder))
    throw new UsageError(
      'no-results',
      `Results are kept in a checkout; got no folder ${folder}. Leave out --append, or run in a checkout.`,
    );
  return (report) => {
    appendFileSync(`${folder}/engine.jsonl`, `${JSON.stringify(report)}\n`);
    return 'test/bench/results/engine.jsonl';
  };
}
