/** Refusals of problem and plan files: what must be how, what was got and where, and the next step. */
import { ScenarioError } from '@kinovox/world';

/** Most characters of a file that is read. */
export const MAX_FILE_LENGTH = 64 * 1024 * 1024;

/** @throws ScenarioError `problem-file`. `line` counts from 1; undefined where the whole file is meant. */
export function refuseFile(fileName: string, line: number | undefined, must: string, got: string, next: string): never {
  const shown = got.length > 60 ? `${got.slice(0, 60)}...` : got;
  const message = `${must}; got ${JSON.stringify(shown)} at ${fileName}${line === undefined ? '' : `, line ${line}`}. ${next}`;
  throw new ScenarioError('problem-file', message, [{ code: 'problem-file', path: fileName, message }]);
}

/** As `refuseFile`, for readers that go line by line and always name the same next step; their `line` counts from 0. */
export function refuserOf(fileName: string, next: string): (line: number, must: string, got: string) => never {
  return (line, must, got) => refuseFile(fileName, line + 1, must, got, next);
}

/** @throws ScenarioError for a file that is too long to be a problem, or empty. */
export function assertReadable(text: string, fileName: string): void {
  if (text.length > MAX_FILE_LENGTH)
    refuseFile(
      fileName,
      undefined,
      `A problem file must have at most ${MAX_FILE_LENGTH} characters`,
      `${text.length}`,
      'Split the file, or give a smaller one.',
    );
  if (text.trim() === '') refuseFile(fileName, undefined, 'A problem file must not be empty', '', 'Check the path.');
}
