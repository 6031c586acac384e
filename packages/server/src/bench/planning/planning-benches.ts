/** All parts of `kinovox bench --planning`, in the order in which they run. A new area adds its row here. */
import { continuousTimeBench } from './continuous-time-bench.js';
import { geometricBench } from './geometric-bench.js';
import { kinodynamicBench } from './kinodynamic-bench.js';
import { largerTeamsBench } from './larger-teams-bench.js';
import { lifelongBench } from './lifelong-bench.js';
import { pibtPrimitivesBench } from './pibt-primitives-bench.js';
import type { PlanningBench } from './planning-row.js';
import { teamsBench } from './teams-bench.js';
import { validatorBench } from './validator-bench.js';
import { valuesBench } from './values-bench.js';
import { voxelBench } from './voxel-bench.js';

export const PLANNING_BENCHES: readonly PlanningBench[] = [
  validatorBench,
  voxelBench,
  geometricBench,
  kinodynamicBench,
  largerTeamsBench,
  pibtPrimitivesBench,
  teamsBench,
  continuousTimeBench,
  lifelongBench,
  valuesBench,
];
