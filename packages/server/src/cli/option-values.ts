/** Parsers of option values; each says what the value must be and what it got. */
import { didYouMean } from '@kinovox/world';
import { InvalidArgumentError } from 'commander';

/** An integer in [min, max]. */
export function integerValue(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < min || value > max)
      throw new InvalidArgumentError(`It must be an integer from ${min} to ${max}.`);
    return value;
  };
}

/** One of the names given. */
export function choiceValue<T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => {
    if ((choices as readonly string[]).includes(text)) return text as T;
    throw new InvalidArgumentError(`It must be one of ${choices.join(', ')}.${didYouMean(text, choices)}`);
  };
}

/** Row numbers: `0`, `0,3,8-11`, or `none`. At most 1024. */
export function rowsValue(text: string): number[] {
  if (text === 'none') return [];
  const rows = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(part.trim());
    const from = Number(match?.[1]);
    const to = Number(match?.[2] ?? match?.[1]);
    if (match === null || to < from || to - from + rows.size >= MAX_ROWS)
      throw new InvalidArgumentError(`It must list at most ${MAX_ROWS} rows such as 0,3,8-11, or be none.`);
    for (let row = from; row <= to; row++) rows.add(row);
  }
  return [...rows].sort((a, b) => a - b);
}

const MAX_ROWS = 1024;

/** Ticks per second of a served batch: `max`, or 0.1..100000. @returns 0 for `max`. */
export function speedValue(text: string): number {
  if (text === 'max') return 0;
  const value = Number(text);
  if (!(value >= 0.1 && value <= 100_000)) throw new InvalidArgumentError('It must be "max" or ticks per second from 0.1 to 100000.');
  return value;
}
