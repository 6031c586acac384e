/** Dynamics by the name that problem files use. */
import { didYouMean, UsageError } from '@kinovox/world';
import type { Dynamics } from './dynamics.js';
import { MODELS, OLDER_NAMES } from './models.js';

/** Every name that `createDynamics` takes. */
export const DYNAMICS_NAMES: readonly string[] = [...Object.keys(MODELS), ...Object.keys(OLDER_NAMES)];

/**
 * @param name such as `unicycle1_v0`, or an older one such as `unicycle_first_order_0`; the dynamics keep the name that was asked for.
 * @throws UsageError for an unknown name.
 */
export function createDynamics(name: string): Dynamics {
  const model = Object.hasOwn(OLDER_NAMES, name) ? OLDER_NAMES[name] : name;
  if (!Object.hasOwn(MODELS, model))
    throw new UsageError(
      'unknown-dynamics',
      `A robot's type must name known dynamics; got ${JSON.stringify(name.slice(0, 80))}.${didYouMean(name, DYNAMICS_NAMES)} Known: ${Object.keys(MODELS).join(', ')}.`,
    );
  return MODELS[model](name);
}
