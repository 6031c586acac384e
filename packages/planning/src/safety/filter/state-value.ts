/** What a safety filter asks of a body's value function, and which body has which. */
import type { BatchState, ScenarioProgram } from '@kinovox/physics';
import { UsageError } from '@kinovox/world';
import { createCopterValue } from './copter-value.js';
import { createRoverValue } from './rover-value.js';
import { createWalkerValue, type WalkerHarm } from './walker-value.js';

/** Why a value is what it is: `blocks` is a fall, and `appears` a contact, when blocks that mechanisms move go or come; `tipped` is a rover that does not stand. */
export type HarmKind = 'none' | 'fall' | 'lava' | 'blocks' | 'unsettled' | 'contact' | 'appears' | 'speed' | 'tipped';

export interface StateValue {
  /** Starts from agent `slot` of world `w`, as it is, or moved sideways by so many Q16 blocks. */
  take(state: BatchState, w: number, slot: number, shiftX?: number, shiftZ?: number): void;
  /** Metres, at most 1, of the state `take` gave, after one tick of `action` where it is given. The kind is in `harm`. */
  valueAfter(action?: Float32Array): number;
  /** What was nearest in the last `valueAfter`, and within how many ticks. */
  readonly harm: { kind: HarmKind; ticks: number };
  /** The first action of the brake, to the columns of motion and view of `out`; others are kept. */
  brakeInto(out: Float32Array): void;
  /** Something else that may be safer than the brake, number `k` from 0. @returns false when there are no more. Walkers have steps and leaps of their own. */
  tryInto?(out: Float32Array, k: number): boolean;
  /** The box that a slice keeps out of blocks, metres around the agent's position; default a walker's. */
  readonly box?: { readonly half: number; readonly below: number; readonly above: number };
}

/** @throws UsageError for a body without a value function. */
export function createStateValue(program: ScenarioProgram, harm: WalkerHarm, slot: number): StateValue {
  const { vehicles } = program;
  const vehicle = vehicles === undefined ? undefined : vehicles.bodies[vehicles.ofAgent[slot]];
  if (vehicle === undefined) return createWalkerValue(program, harm);
  if (vehicle.vehicle === 'rover') return createRoverValue(program, vehicle);
  if (vehicle.vehicle === 'quadcopter') return createCopterValue(program, vehicle, slot);
  throw new UsageError(
    'safety-bodies',
    `A safety filter must have walkers, rovers or quadcopters; agent ${slot} of ${program.id} is a ${vehicle.vehicle}. Use the mode "off" for it.`,
  );
}

/** Agents with equal keys can share a value. */
export function bodyKey({ vehicles }: ScenarioProgram, slot: number): string {
  const vehicle = vehicles === undefined ? undefined : vehicles.bodies[vehicles.ofAgent[slot]];
  return vehicle === undefined ? 'walker' : JSON.stringify(vehicle);
}
