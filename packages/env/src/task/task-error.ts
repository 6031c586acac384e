/** Errors of the author of a task. */
import { ScenarioError } from '@kinovox/world';

/** A ScenarioError with one issue at `path`, a JSON path of the scenario. */
export function taskError(code: string, path: string, message: string): ScenarioError {
  return new ScenarioError(code, message, [{ code, path, message }]);
}
