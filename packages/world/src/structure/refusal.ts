/** How a structure file is refused: one error that names the file, the place in it, and what to do. */
import { ScenarioError } from '../errors.js';

/**
 * @param place where in the file: a field such as `Schematic.Width`, `byte 12 of the unpacked data`, `line 3`.
 * @param must what must be how, as a sentence without its full stop.
 */
export function refuseFile(fileName: string, place: string, must: string, got: string, nextStep: string, cause?: unknown): never {
  const message = `${must}; got ${got} at ${fileName}, ${place}. ${nextStep}`;
  throw new ScenarioError('structure-file', message, [{ code: 'structure-file', path: fileName, message }], { cause });
}
