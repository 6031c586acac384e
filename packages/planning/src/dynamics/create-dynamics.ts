/** Dynamics by the name that problem files use. */
import type { ScenarioProgram } from '@kinovox/physics';
import { didYouMean, UsageError } from '@kinovox/world';
import type { WalkerLevel } from '../voxel/walker-engine.js';
import type { Dynamics } from './dynamics.js';
import { MODELS, OLDER_NAMES } from './models.js';
import { createVehicleDynamics, isVehicleDynamics } from './vehicle.js';
import { createWalkerDynamics, WALKER_DYNAMICS_NAME } from './walker.js';

/** Where a body of the suite moves, and whose it is. */
export interface BodyInLevel {
  readonly program: ScenarioProgram;
  readonly slot: number;
  readonly level: WalkerLevel;
}

/** Every name that `createDynamics` takes alone. */
export const DYNAMICS_NAMES: readonly string[] = [...Object.keys(MODELS), ...Object.keys(OLDER_NAMES)];

/**
 * @param name such as `unicycle1_v0`, or an older one such as `unicycle_first_order_0`; the dynamics keep the name that was asked for.
 * @throws UsageError for an unknown name.
 * @param body for `walker`, `rover`, `car` and `quadcopter`, whose step is that of the engine in a level. Vehicles need Rapier: await `loadRapier` before.
 */
export function createDynamics(name: string, body?: BodyInLevel): Dynamics {
  if (name === WALKER_DYNAMICS_NAME || isVehicleDynamics(name)) {
    if (body === undefined)
      throw new UsageError(
        'unknown-dynamics',
        `Dynamics "${name}" must be given a program, slot and level; got none. In a problem file use other types; scenarios are planned for by their id: kinovox plan --problem reach-maze-v1.`,
      );
    const { program, slot, level } = body;
    return isVehicleDynamics(name) ? createVehicleDynamics(name, program, slot, level) : createWalkerDynamics(program, slot, level);
  }
  const model = Object.hasOwn(OLDER_NAMES, name) ? OLDER_NAMES[name] : name;
  if (!Object.hasOwn(MODELS, model))
    throw new UsageError(
      'unknown-dynamics',
      `A robot's type must name known dynamics; got ${JSON.stringify(name.slice(0, 80))}.${didYouMean(name, DYNAMICS_NAMES)} Known: ${Object.keys(MODELS).join(', ')}.`,
    );
  return MODELS[model](name);
}
