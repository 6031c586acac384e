/** Names of scenario files and of the structure files beside them. */

export const SCENARIO_SUFFIX = '.scenario.json';

/** Reads a structure file by its path relative to the folder of the scenario, with / between names. May throw. */
export type ReadFile = (relativePath: string) => Uint8Array;

/** Why a path does not stay inside the folder of the scenario, as a requirement, or undefined when it does. */
export function fileProblem(relativePath: string): string | undefined {
  if (/[\\:]|\p{Cc}/u.test(relativePath)) return 'must be a relative path with / between names';
  const names = relativePath.split('/');
  if (names[0] === '') return 'must be a relative path, not an absolute one';
  if (names.some((name) => name === '' || name === '.' || name === '..'))
    return 'must stay inside the folder of the scenario, without empty names, "." or ".."';
  return undefined;
}
