/** What the validator says of a plan: right, or the first thing that is wrong with it. */

/** In the order in which they are judged at one instant. */
export const CONSTRAINTS = ['shape', 'start', 'step', 'control-bound', 'state-bound', 'move', 'obstacle', 'pair', 'swap', 'goal'] as const;
export type Constraint = (typeof CONSTRAINTS)[number];

export interface Violation {
  readonly constraint: Constraint;
  /** Name of the robot or agent; undefined where the whole plan is meant. */
  readonly robot: string | undefined;
  /** The other one of a pair. */
  readonly other?: string;
  /** Step of the plan at which it begins, and the time in seconds (steps on grids). */
  readonly step: number;
  readonly time: number;
  /** By how much: metres of overlap, residual of the step, excess over the bound; 0 where there is no size. */
  readonly size: number;
  /** One sentence with the numbers. */
  readonly sentence: string;
}

export type Verdict = { readonly valid: true } | { readonly valid: false; readonly violation: Violation };
