/**
 * The discrete profile: one choice per agent and tick. The table of DISCRETE_ACTIONS, and in scenarios with survival the rest of the slots,
 * the interactions that survival adds, and a choice per recipe. Where props can be carried `attack` is there too: it throws.
 */
import type { ScenarioProgram } from '@kinovox/physics';
import { ACTION_FIELDS, DISCRETE_ACTIONS, didYouMean, INTERACT, INVENTORY_SLOTS, ShapeError } from '@kinovox/world';
import type { DiscreteSpace } from '../spaces.js';
import { messageOf, NATIVE_NAMES, type NativeAction, writeIdle } from './native.js';
import type { ActionCodec, CodecHost } from './profile.js';

export interface DiscreteChoice {
  name: string;
  /** Native columns; all others are neutral. */
  columns: NativeAction;
}

export function createDiscreteCodec({ program, numWorlds }: CodecHost): ActionCodec {
  const choices = discreteChoices(program);
  const names = choices.map(({ name }) => name);
  const rows = choices.map(rowOf);
  const idle = rowOf({ name: 'idle', columns: {} });
  const native = new Float32Array(numWorlds * program.numAgents * ACTION_FIELDS);
  const space: DiscreteSpace = { kind: 'discrete', n: choices.length, names };
  let numInvalid = 0;
  return {
    profile: 'discrete',
    width: 1,
    space,
    row: space,
    get numInvalid() {
      return numInvalid;
    },
    expand(actions) {
      for (let i = 0; i < actions.length; i++) {
        const row = rows[actions[i]];
        if (row === undefined) numInvalid++;
        native.set(row ?? idle, i * ACTION_FIELDS);
      }
      return native;
    },
    writeIdle: (out) => void out.fill(0),
    write(out, index, action, agentId) {
      const choice = typeof action === 'object' && action !== null && 'action' in action ? action.action : action;
      if (typeof choice !== 'number' && typeof choice !== 'string') {
        throw new ShapeError(
          'action-profile',
          `An action of the discrete profile must be a number or name of the choices; got ${JSON.stringify(action)} for agent "${agentId}". Give for example "forward" or { action: "forward", message: "go" }.`,
        );
      }
      out[index] = typeof choice === 'number' ? choice : indexOf(names, choice, agentId);
      return typeof action === 'object' && action !== null && 'message' in action ? messageOf(action.message, agentId) : undefined;
    },
  };
}

/** The choices of a scenario, in the order of their numbers. */
export function discreteChoices({ survival, carrying }: Pick<ScenarioProgram, 'survival' | 'carrying'>): DiscreteChoice[] {
  if (survival === undefined)
    return carrying === undefined
      ? [...DISCRETE_ACTIONS]
      : [...DISCRETE_ACTIONS, { name: 'attack', columns: { interact: INTERACT.attack } }];
  const named = new Set<string>(DISCRETE_ACTIONS.map(({ name }) => name));
  const slots = Array.from({ length: INVENTORY_SLOTS }, (_, slot) => ({ name: `slot-${slot + 1}`, columns: { slot: slot + 1 } }));
  return [
    ...DISCRETE_ACTIONS,
    ...slots.filter(({ name }) => !named.has(name)),
    ...SURVIVAL_INTERACTIONS.map((name) => ({ name, columns: { interact: INTERACT[name] } })),
    ...survival.recipeNames.map((name, recipe) => ({ name: `craft-${name}`, columns: { interact: INTERACT.craft, argument: recipe + 1 } })),
  ];
}

/** `give` takes the first offer that can be paid, or gives what is held. */
const SURVIVAL_INTERACTIONS = ['attack', 'eat', 'drop', 'give', 'sleep'] as const;

function rowOf({ columns }: DiscreteChoice): Float32Array {
  const row = new Float32Array(ACTION_FIELDS);
  writeIdle(row, 0);
  for (const [name, value] of Object.entries(columns)) row[NATIVE_NAMES.indexOf(name)] = value;
  return row;
}

function indexOf(names: readonly string[], name: string, agentId: string): number {
  const index = names.indexOf(name);
  if (index >= 0) return index;
  throw new ShapeError(
    'unknown-action',
    `A discrete action must be one of ${names.length} names; got "${name}" for agent "${agentId}".${didYouMean(name, names) || ` Names: ${names.join(', ')}.`}`,
  );
}
