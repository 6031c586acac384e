// Public surface of @kinovox/planning, one line per concept.
export * from './dynamics/angles.js';
export * from './dynamics/create-dynamics.js';
export * from './dynamics/dynamics.js';
export { isVehicleDynamics, VEHICLE_DYNAMICS_NAMES } from './dynamics/vehicle.js';
export * from './dynamics/walker.js';
export * from './execution/order-of-visits.js';
export { planSquad, withoutRings } from './execution/plan-squad.js';
export { ReservedTeam, type TeamPay, type TeamRoom, type TeamVehicle } from './execution/reserved-team.js';
export { type Lattice, TeamMarch, VEHICLE_LATTICE, WALKER_LATTICE, type Waypoint } from './execution/team-march.js';
export {
  createVehicleModel,
  modelStateInto,
  roomAround,
  TRACKING_ERROR,
  trackingError,
  trackingStick,
} from './execution/vehicle-tracking.js';
export * from './grid/astar.js';
export * from './grid/moves.js';
export * from './grid/open-list.js';
export * from './grid/reservations.js';
export * from './grid/search.js';
export * from './grid/sipp.js';
export * from './grid/space.js';
export * from './grid/unsafe-starts.js';
export * from './kinodynamic/clearance.js';
export * from './kinodynamic/conflicts.js';
export * from './kinodynamic/parse-primitives.js';
export * from './kinodynamic/plan-cbs.js';
export * from './kinodynamic/plan-team.js';
export * from './kinodynamic/primitives.js';
export * from './mapf/cell-graph.js';
export * from './mapf/distance-tables.js';
export * from './mapf/lacam.js';
export * from './mapf/lifelong.js';
export * from './mapf/pibt.js';
export * from './mapf/plan-lacam.js';
export * from './mapf/plan-pibt.js';
export * from './mapf/plan-prioritised.js';
export * from './mapf/spending.js';
export * from './mapf/team.js';
export { createMppi, type Mppi, type MppiOutcome, type MppiProblem, type MppiSettings } from './mppi/mppi.js';
export type { PreviewPoint } from './mppi/preview.js';
export { createGpuJsRunner, createPlainRunner, type RolloutRunner, type RolloutSettings } from './mppi/rollout-runner.js';
export { isPlannedVehicle, type PlannedVehicle } from './mppi/vehicle-model.js';
export {
  PILOT_DEFAULTS,
  type PilotPreview,
  VehiclePilot,
  type VehiclePilotOptions,
  type VehicleState,
  type VehicleStick,
} from './mppi/vehicle-pilot.js';
export { type BodyMotions, createBodyMotions } from './pibt-dynamic/body-motions.js';
export * from './pibt-dynamic/dynamic-team.js';
export * from './pibt-dynamic/plan-pibt-primitives.js';
export * from './planner.js';
export * from './planners/plan-checked.js';
export * from './planners/registry.js';
export * from './problem/ccbs.js';
export * from './problem/load-problem.js';
export * from './problem/movingai.js';
export * from './problem/plan-file.js';
export * from './problem/problem.js';
export { MAX_FILE_LENGTH } from './problem/refusal.js';
export * from './problem/robots-yaml.js';
export * from './problem/warframe.js';
export * from './safety/filter/braking-ways.js';
export * from './safety/filter/changing-cells.js';
export * from './safety/filter/moving-blocks.js';
export * from './safety/filter/safety-filter.js';
export * from './safety/filter/state-value.js';
export type { SafetySlice } from './safety/filter/value-slice.js';
export * from './safety/filter/walker-value.js';
export * from './safety/values/affine-system.js';
export * from './safety/values/textbook.js';
export * from './safety/values/upwind.js';
export * from './safety/values/value-function.js';
export * from './safety/values/value-function-gpujs.js';
export * from './safety/values/value-grid.js';
export * from './trajectory.js';
export * from './validator/tolerances.js';
export * from './validator/validate-plan.js';
export * from './validator/verdict.js';
export * from './voxel/bodies.js';
export * from './voxel/closure.js';
export * from './voxel/goal-distance.js';
export * from './voxel/level-map.js';
export * from './voxel/library.js';
export * from './voxel/primitives.js';
export * from './voxel/voxel-plan.js';
export * from './voxel/voxel-planner.js';
export * from './voxel/walker-engine.js';
export * from './voxel/zones.js';
