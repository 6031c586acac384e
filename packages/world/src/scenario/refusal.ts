/** How a level that cannot be built is refused: one error that names the field, the scenario and the variant. */
import { ScenarioError } from '../errors.js';
import type { ResolvedScenario } from './schema.js';

export function refuseLevel(code: string, path: string, requirement: string, got: string, resolved: ResolvedScenario, next: string): never {
  const { split, variant } = resolved.resolved;
  const message = `${path} ${requirement}; got ${got} at ${resolved.id} (${split} variant ${variant}). ${next}`;
  throw new ScenarioError(code, message, [{ code, path, message }]);
}
