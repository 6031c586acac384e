/** Reports that are kept in a checkout, one to a line, for charts and for later runs to be held to. */
import { appendFileSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UsageError } from '@kinovox/world';

/** Where reports are kept. */
export const RESULTS = fileURLToPath(new URL('../../../../test/bench/results/', import.meta.url));

/**
 * A function that appends a report to a file of the results and returns its name.
 * @throws UsageError where there is no folder of results.
 */
export function appendRecord(folder = RESULTS, file = 'engine.jsonl'): (report: object) => string {
  if (!existsSync(folder))
    throw new UsageError(
      'no-results',
      `Results are kept in a checkout; got no folder ${folder}. Leave out --append, or run in a checkout.`,
    );
  return (report) => {
    appendFileSync(`${folder}/${file}`, `${JSON.stringify(report)}\n`);
    return `test/bench/results/${file}`;
  };
}
