/** What the validator lets pass; the meaning of each stands in docs/planning-validator.md. */
export interface Tolerances {
  readonly start: number;
  readonly step: number;
  readonly bound: number;
  /** Metres; cells on grids. */
  readonly contact: number;
  readonly goal: number;
  /** Significant digits with which the numbers were printed; undefined = exact f64. Widens `step` by what rounding leaves open. */
  readonly printedDigits?: number;
}

/** Most that rounding may add to `step`, whatever the numbers say of themselves: a plan must not excuse its motion by large numbers. */
export const MAX_ROUNDING = 1e-4;
/** For plans in memory or in our own files. */
export const EXACT: Tolerances = { start: 1e-9, step: 1e-5, bound: 1e-9, contact: 1e-6, goal: 0.01 };
/** For files of dynobench and db-CBS, which print six digits and whose solver leaves up to 5.5e-4 on thrust bounds. */
export const PRINTED: Tolerances = { start: 1e-5, step: 1e-5, bound: 1e-3, contact: 1e-5, goal: 0.01, printedDigits: 6 };
