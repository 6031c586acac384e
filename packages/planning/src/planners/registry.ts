/** The planners by name. A planner adds one row here and nothing else. */
import { didYouMean, UsageError } from '@kinovox/world';
import { astar } from '../grid/astar.js';
import { dbCbsPlanner } from '../kinodynamic/plan-cbs.js';
import { createGapPlanner, dbAstarPlanner } from '../kinodynamic/plan-team.js';
import { lacamPlanner } from '../mapf/plan-lacam.js';
import { pibtPlanner } from '../mapf/plan-pibt.js';
import { prioritisedPlanner } from '../mapf/plan-prioritised.js';
import { pibtPrimitivesPlanner } from '../pibt-dynamic/plan-pibt-primitives.js';
import type { Planner } from '../planner.js';

export const PLANNERS: readonly Planner<never>[] = [
  astar,
  pibtPlanner,
  lacamPlanner,
  prioritisedPlanner,
  dbAstarPlanner,
  createGapPlanner(),
  dbCbsPlanner,
  pibtPrimitivesPlanner,
];

/** @throws UsageError for an unknown name. */
export function plannerNamed(name: string): Planner<never> {
  const planner = PLANNERS.find((one) => one.name === name);
  if (planner !== undefined) return planner;
  const names = PLANNERS.map((one) => one.name);
  throw new UsageError(
    'unknown-planner',
    `A planner must be one of ${names.join(', ') || '(none yet)'}; got ${JSON.stringify(name.slice(0, 80))}.${didYouMean(name, names)}`,
  );
}
