/** Figures of a benchmark: quantiles, and where they were taken. */
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}

export function currentDevice(): string {
  return `${cpus()[0]?.model.trim() ?? 'unknown processor'}, one thread, Node ${process.versions.node}`;
}

/** Short hash of the commit that runs, with `+changes` where files differ from it. */
export function currentCommit(): string {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    const commit = git('rev-parse', '--short', 'HEAD');
    return git('status', '--porcelain', '--untracked-files=no') === '' ? commit : `${commit}+changes`;
  } catch {
    return 'unknown';
  }
}
