/**
 * What a planner hands over. `StateTrajectory`: states and controls of one robot at the steps of its dynamics. `CellPath`: cells of a grid and when each
 * is entered. Robots stand at their last state from the end of their plan on, and there they still count in every check, unless the tail says otherwise.
 */

/** What a robot does after its last state: it stays there, or it is taken out of the world. */
export type Tail = 'hold' | 'vanish';

export interface StateTrajectory {
  readonly kind: 'states';
  /** Name of the robot in its problem. */
  readonly robot: string;
  /** Name of its dynamics. */
  readonly type: string;
  /** Seconds from the start of the plan to the first state. */
  readonly start: number;
  /** Seconds of a step. */
  readonly dt: number;
  /** `[N + 1, numStates]` row-major. */
  readonly states: Float64Array;
  /** `[N, numControls]` row-major. */
  readonly controls: Float64Array;
  readonly tail: Tail;
}

export interface CellPath {
  readonly kind: 'cells';
  readonly robot: string;
  /** `[N + 1, 3]` x, y, z. */
  readonly cells: Int32Array;
  /**
   * `[N + 1]` in steps of the problem: the path leaves cell k at `times[k + 1] - duration of the move`, and waits in it until then. Whole numbers where
   * moves take one step each; lengths of moves where they take those.
   */
  readonly times: Float64Array;
  readonly tail: Tail;
}

export type Trajectory = StateTrajectory | CellPath;
