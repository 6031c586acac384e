/**
 * The planning benchmark: bars of named instances, each with our figure. Third-party data are found through `KINOVOX_BENCH_DATA`, by default in
 * `../shared/bench-data` beside the checkout; they are never copied into the project.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '@kinovox/world';
import { currentCommit, currentDevice } from '../figures.js';
import { PLANNING_BENCHES } from './planning-benches.js';
import { type BenchData, isMet, type PlanningBench, type PlanningRow } from './planning-row.js';

const DATA_FOLDER = process.env.KINOVOX_BENCH_DATA ?? fileURLToPath(new URL('../../../../../../shared/bench-data', import.meta.url));

export interface PlanningBenchOptions {
  /** Only these bars. */
  readonly only?: readonly string[];
  readonly folder?: string;
  readonly benches?: readonly PlanningBench[];
  onProgress?(done: number, total: number, next: string): void;
}

export interface PlanningBenchReport {
  readonly rows: readonly (PlanningRow & { readonly met?: boolean; readonly ratioToPeer?: number })[];
  /** Bars that were not measured, with the reason. */
  readonly skipped: readonly string[];
  /** Every bar that is no stretch goal is met, and none was skipped. */
  readonly ok: boolean;
  readonly device: string;
  readonly commit: string;
  readonly at: string;
}

/** @throws UsageError for a bar that does not exist. */
export async function benchPlanning(options: PlanningBenchOptions = {}): Promise<PlanningBenchReport> {
  const { only, folder = DATA_FOLDER, benches = PLANNING_BENCHES, onProgress } = options;
  const bars = [...new Set(benches.flatMap((bench) => bench.bars))];
  const unknown = only?.find((bar) => !bars.includes(bar));
  if (unknown !== undefined)
    throw new UsageError('unknown-bar', `--only must name bars among ${bars.join(', ')}; got ${JSON.stringify(unknown)}.`);
  const chosen = benches.filter((bench) => only === undefined || bench.bars.some((bar) => only.includes(bar)));
  const present = existsSync(folder);
  const data = readerOf(folder);
  const rows: PlanningRow[] = [];
  const skipped: string[] = [];
  for (const [i, bench] of chosen.entries()) {
    onProgress?.(i, chosen.length, bench.bars.join(' '));
    if (bench.needsData && !present)
      skipped.push(`${bench.bars.join(', ')} not measured: no folder ${folder}; name it in KINOVOX_BENCH_DATA.`);
    else rows.push(...(await bench.run(data)).filter((row) => only === undefined || only.includes(row.bar)));
  }
  onProgress?.(chosen.length, chosen.length, '');
  return {
    rows: rows.map((row) => {
      const met = isMet(row);
      const ratio = row.peer === undefined || row.value === null ? undefined : row.value / row.peer.value;
      return { ...row, ...(met === undefined ? {} : { met }), ...(ratio === undefined ? {} : { ratioToPeer: ratio }) };
    }),
    skipped,
    ok: skipped.length === 0 && rows.every((row) => row.stretch === true || isMet(row) !== false),
    device: currentDevice(),
    commit: currentCommit(),
    at: new Date().toISOString(),
  };
}

function readerOf(folder: string): BenchData {
  return {
    folder,
    text: (path) => readFileSync(join(folder, path), 'utf8'),
    bytes: (path) => readFileSync(join(folder, path)),
  };
}
