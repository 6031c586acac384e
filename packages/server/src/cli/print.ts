/** What commands print on stdout: one JSON object, or tables and lines for people. */
import Table from 'cli-table3';
import { colors } from './colors.js';

/** One JSON object, and nothing else may be printed on stdout beside it. */
export function printJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

export function printLine(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** A table with a heading row; numbers are aligned to the right. */
export function printTable(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const colAligns = headings.map((_, i) =>
    rows.length > 0 && rows.every((row) => typeof row[i] === 'number' || /^[-+]?[\d.,]+( [%kM])?$/.test(String(row[i]))) ? 'right' : 'left',
  );
  const table = new Table({
    head: headings.map((heading) => colors.bold(heading)),
    colAligns,
    style: { head: [], border: [], compact: true },
    chars: BORDERS,
  });
  for (const row of rows) table.push(row.map(String));
  printLine(table.toString());
}

/** A two-column table of names and values. */
export function printFacts(facts: readonly (readonly [string, string])[]): void {
  const width = Math.max(...facts.map(([name]) => name.length));
  for (const [name, value] of facts) printLine(`  ${colors.dim(name.padEnd(width))}  ${value}`);
}

/** `1,234,567` */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** `12.3 %` of a share in 0..1. */
export function formatShare(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** `3.21 M`, `45.6 k`. */
export function formatRate(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  if (value >= 1e3) return `${(value / 1e3).toFixed(1)} k`;
  return value.toFixed(0);
}

const BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' ',
};
