/** Text files that a user names. */
import { readFileSync, statSync } from 'node:fs';
import { MAX_FILE_LENGTH } from '@kinovox/planning';
import { UsageError } from '@kinovox/world';
import { formatCount } from './print.js';

/** @throws UsageError `huge-file` above MAX_FILE_LENGTH bytes, `unreadable`. */
export function readText(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > MAX_FILE_LENGTH)
      throw new UsageError(
        'huge-file',
        `A file must have at most ${formatCount(MAX_FILE_LENGTH)} bytes; got ${formatCount(size)} at ${path}. Give a smaller one.`,
      );
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError('unreadable', `A file must be readable; got ${(error as Error).message}. Check the path.`, { cause: error });
  }
}
