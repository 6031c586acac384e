/**
 * What is asked of a planner, whatever file it came from. `ContinuousProblem`: robots with dynamics among boxes. `GridProblem`: agents on cells.
 * Loaders write these, planners and the validator read them; nobody changes them.
 */
import type { Dynamics } from '../dynamics/dynamics.js';

export interface ContinuousProblem {
  readonly kind: 'continuous';
  readonly name: string;
  readonly space: 2 | 3;
  /** Inclusive bounds of the positions, metres; z is 0 to 0 in the plane. */
  readonly min: readonly [number, number, number];
  readonly max: readonly [number, number, number];
  readonly obstacles: readonly Obstacle[];
  readonly robots: readonly Robot[];
}

/** Does not move. In the plane only x and y count. */
export type Obstacle =
  | { readonly shape: 'box'; readonly center: readonly [number, number, number]; readonly size: readonly [number, number, number] }
  | { readonly shape: 'ball'; readonly center: readonly [number, number, number]; readonly radius: number };

export interface Robot {
  readonly name: string;
  readonly dynamics: Dynamics;
  /** `[numStates]` */
  readonly start: Float64Array;
  readonly goal: Float64Array;
}

export interface GridProblem {
  readonly kind: 'grid';
  readonly name: string;
  readonly grid: Grid;
  readonly moves: GridMoves;
  readonly agents: readonly GridAgent[];
  /**
   * `steps`: every move and every wait takes one step, and two agents must never be in one cell nor change places. `lengths`: a move takes its length,
   * agents are discs of `radius`, and their middles must keep two radii apart at all times.
   */
  readonly timing: 'steps' | 'lengths';
  /** Cells; only with timing `lengths`. */
  readonly radius: number;
}

/** Cells `[Y, Z, X]` like the voxels; a plane is a grid of height 1 whose rows lie along z. Outside it is blocked. */
export interface Grid {
  readonly size: readonly [number, number, number];
  /** 1 = blocked. */
  readonly blocked: Uint8Array;
}

/**
 * Where an agent may go in one move: 4 or 8 ways in the plane, 32 of them (knight's moves and longer, as Continuous-CBS counts connectedness 5), 6 or 26
 * in space. Diagonals never cut corners: every cell that lies between must be free.
 */
export type GridMoves = 4 | 8 | 32 | 6 | 26;

export interface GridAgent {
  readonly name: string;
  readonly start: readonly [number, number, number];
  readonly goal: readonly [number, number, number];
  /** What the source says that the best single way costs, for oracles; undefined where it says nothing. */
  readonly optimum?: number;
}

export type Problem = ContinuousProblem | GridProblem;
