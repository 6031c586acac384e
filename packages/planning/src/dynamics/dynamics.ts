/**
 * How a robot moves, as planners and trackers see it: a step of fixed length from a state and a control to the next state, and what the body covers.
 * The step is the contract: a plan is right when each of its states is `stepInto` of the one before. Which f64 operations make a step, and in which
 * order, belongs to the model, so that a plan that was made by stepping is repeated to the last bit.
 * States and controls are `Float64Array`s in SI and radians; nothing allocates in `stepInto`, `distance` and `placeInto`.
 */

/** A part of a body in its own frame: a ball, or a box by its half sizes. Planar bodies have half sizes along x and y, and 0 along z. */
export type Part =
  | { readonly shape: 'ball'; readonly radius: number }
  | { readonly shape: 'box'; readonly half: readonly [number, number, number] };

export interface Dynamics {
  /** As problem files name it, such as `unicycle1_v0`. */
  readonly name: string;
  /** Seconds of a step. */
  readonly dt: number;
  /** 2: the plane of x and y. 3: x, y, z. The first components of a state are the position. */
  readonly space: 2 | 3;
  /** One name per component, such as `x`, `y`, `yaw`, `speed`: the order of dynobench where it has the model. */
  readonly stateNames: readonly string[];
  readonly controlNames: readonly string[];
  /** Components of a state that are angles: they are compared modulo a turn. */
  readonly angles: readonly number[];
  /** First component of a unit quaternion (x, y, z, w), or undefined. */
  readonly quaternion: number | undefined;
  /** `[numStates]` inclusive bounds, infinite where there are none; those of the position come from the problem. */
  readonly stateLow: Float64Array;
  readonly stateHigh: Float64Array;
  /** `[numControls]` inclusive bounds. */
  readonly controlLow: Float64Array;
  readonly controlHigh: Float64Array;
  /** The control that changes least: rest where the body can rest. */
  readonly neutral: Float64Array;
  /** Whether the body can stand still: a state with no speed stays where it is under some control. */
  readonly canRest: boolean;
  /** Highest speed of the position, m/s: a lower bound of the time from here to there. */
  readonly maxSpeed: number;
  readonly parts: readonly Part[];
  /** Writes the state one step later; `out` may be `state`. Controls are taken as they are: bounds are the caller's. */
  stepInto(out: Float64Array, state: Float64Array, control: Float64Array): void;
  /** A metric for searching: weighted differences of the components, angles the short way round. */
  distance(a: Float64Array, b: Float64Array): number;
  /** Frees what no garbage collector does: a vehicle's Rapier world. Steps after it throw; may be called again. Absent where there is nothing to free. */
  close?(): void;
  /**
   * Where the parts are: per part its middle and its rotation, `[numParts, 7]` as x, y, z and a unit quaternion x, y, z, w. Planar bodies have z = 0
   * and turn about z.
   */
  placeInto(out: Float64Array, state: Float64Array): void;
}

export function numStates(dynamics: Dynamics): number {
  return dynamics.stateNames.length;
}

export function numControls(dynamics: Dynamics): number {
  return dynamics.controlNames.length;
}
