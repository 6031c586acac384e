/**
 * A line of `kinovox bench --planning`: one figure of ours, the bar that it is held to, and a peer's figure where one was measured. Areas add a file with
 * a `PlanningBench` and a row in `planning-benches.ts`.
 */

export interface PlanningRow {
  /** Such as `B3`. */
  readonly bar: string;
  readonly instance: string;
  /** What is measured, such as `first plan`. */
  readonly figure: string;
  /** null where it could not be taken; `note` then says why. */
  readonly value: number | null;
  /** Such as `ms`, `steps`, `of 25`. */
  readonly unit: string;
  /** What the figure must reach; undefined where it is only shown. */
  readonly limit?: { readonly least: number } | { readonly most: number };
  /** A stretch goal is shown as such: it may be missed. */
  readonly stretch?: true;
  readonly peer?: { readonly value: number; readonly name: string };
  readonly note?: string;
}

export interface PlanningBench {
  /** Bars that its rows carry, for `--only`. */
  readonly bars: readonly string[];
  /** Whether it reads the third-party benchmark data; it is skipped, loudly, where they are missing. */
  readonly needsData: boolean;
  /** @param data reads a file of the benchmark data by its path there. */
  run(data: BenchData): PlanningRow[] | Promise<PlanningRow[]>;
}

export interface BenchData {
  readonly folder: string;
  text(path: string): string;
  bytes(path: string): Uint8Array;
}

export function isMet({ value, limit }: PlanningRow): boolean | undefined {
  if (limit === undefined) return undefined;
  if (value === null) return false;
  return 'least' in limit ? value >= limit.least : value <= limit.most;
}
