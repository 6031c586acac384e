/** Where the third-party planning benchmarks lie: `KINOVOX_BENCH_DATA`, by default `shared/bench-data` beside the project's root. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';

export const BENCH_DATA = process.env.KINOVOX_BENCH_DATA ?? fileURLToPath(new URL('../../../shared/bench-data', import.meta.url));
const present = existsSync(BENCH_DATA);

/** Path of a file of the benchmarks. */
export function benchPath(...parts: string[]): string {
  return join(BENCH_DATA, ...parts);
}

export function benchText(...parts: string[]): string {
  return readFileSync(benchPath(...parts), 'utf8');
}

/** `describe`, skipped where the data is absent, with the reason in its title. */
export function describeWithBenchData(title: string, body: () => void): void {
  if (present) describe(title, body);
  else describe.skip(`${title} (SKIPPED: no benchmark data at ${BENCH_DATA}; set KINOVOX_BENCH_DATA)`, body);
}
