/** Rows of the comparison of engines: what each says, as a table and in a file that keeps the last row of every scenario. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Engine } from '@kinovox/physics';
import { obstacles } from './busy-play.js';
import { type Comparison, whyNot } from './parity.js';

export interface ParityRow {
  id: string;
  engines: readonly string[];
  /** Ticks after which hashes were compared. */
  checkpoints: readonly number[];
  worlds: number;
  /** What happened, see `Activity`; null where the scenario has no way to it, for the reason in `cannot`. */
  collisions: number;
  edits: number | null;
  mechanisms: number | null;
  resets: number;
  cannot: string | null;
  /** First difference from `cpu`, and what did not happen that the scenario allows: null in a row that counts. */
  difference: string | null;
  missing: string | null;
}

export function parityRow(
  result: Comparison,
  compiled: Pick<Engine, 'program'>,
  checkpoints: readonly number[],
  worlds: number,
): ParityRow {
  const { id, engines, collisions, edits, mechanisms, resets, difference } = result;
  const cannot = obstacles(compiled);
  return {
    id,
    engines,
    checkpoints: checkpoints.filter((tick) => tick <= result.ticks),
    worlds,
    collisions,
    edits: cannot.edits === undefined ? edits : null,
    mechanisms: cannot.mechanisms === undefined ? mechanisms : null,
    resets,
    cannot: [cannot.edits, cannot.mechanisms].filter((reason) => reason !== undefined).join('; ') || null,
    difference: difference ?? null,
    missing: whyNot(result, compiled) ?? null,
  };
}

export function tableOf(rows: readonly ParityRow[], device: string): string {
  const lines = rows.map(({ id, engines, checkpoints, collisions, edits, mechanisms, resets, cannot, difference, missing }) => {
    const workers = engines.filter((name) => name.startsWith('workers')).map((name) => name.replace(/\D/g, ''));
    const numbers = [checkpoints.at(-1) ?? 0, collisions, edits, mechanisms, resets].map((n) => String(n ?? '-').padStart(10));
    const verdict = difference ?? missing ?? `equal${cannot === null ? '' : ` (-: ${cannot})`}`;
    return `${id.padEnd(24)}${workers.join(',').padStart(8)}${numbers.join('')}  ${verdict}`;
  });
  const names = ['ticks', 'collisions', 'edits', 'mechanism', 'resets'].map((name) => name.padStart(10));
  const counting = rows.filter(({ difference, missing }) => difference === null && missing === null).length;
  const head = `${'scenario'.padEnd(24)}${'workers'.padStart(8)}${names.join('')}`;
  return [`cpu, workers, webgpu on ${device}`, head, ...lines, `${counting} of ${rows.length} rows are equal and count`].join('\n');
}

/** Writes a row into a file of rows, one to a line, in the place of an older one of its name. */
export function keepRow(path: string, row: ParityRow, device: string): void {
  const git = (...words: string[]) => execFileSync('git', words, { encoding: 'utf8' }).trim();
  const commit = git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+');
  const kept: Record<string, unknown>[] = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).rows : [];
  const next = { ...row, device, commit };
  const at = kept.findIndex(({ id }) => id === row.id);
  if (at >= 0) kept[at] = next;
  else kept.push(next);
  const lines = kept.map((one) => `    ${JSON.stringify(one)}`);
  writeFileSync(
    path,
    `{\n  "command": "KINOVOX_PARITY=all KINOVOX_PARITY_FILE=${path} npx vitest run --project slow test/differential/parity.test.ts",\n  "rows": [\n${lines.join(',\n')}\n  ]\n}\n`,
  );
}
