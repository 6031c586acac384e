// Public surface of @kinovox/physics, one line per concept.
export * from './async-engine.js';
export * from './batch-state.js';
export {
  AIR_ACCELERATION_Q18,
  EYE_Q16,
  GROUND_DRAG_Q14,
  HALF_WIDTH_Q16,
  HEIGHT_Q16,
  INPUT_Q14,
  LIQUID_ACCELERATION_Q18,
  NEGLIGIBLE_Q16,
  PUSH_Q16,
  SPRINT_ACCELERATION_Q18,
  TOUCH_MARGIN_Q16,
  WALK_ACCELERATION_Q18,
} from './bodies/walker.js';
export * from './camera/camera.js';
export type { CameraChannel, CameraSpec, LidarSpec, RayTable } from './camera/optics.js';
export { FACE_VALUES, SKY_DEPTH_MM } from './camera/pixel.js';
export { FIRST_BODY_ID } from './camera/scene.js';
export * from './engine.js';
export * from './engines/cpu.js';
export { editIn } from './engines/gpujs/edit-free.js';
export {
  assertCanRun as assertGpuJsCanRun,
  createGpuJsEngine,
  createGpuJsHostEngine,
  GpuJsEngine,
  type GpuJsEngineOptions,
} from './engines/gpujs/gpujs-engine.js';
export { createWebGpuEngine, webGpuObstacle } from './engines/webgpu/create-webgpu-engine.js';
export { findGpu, type GpuAdapter, type OpenGpu, openGpu, requireGpu } from './engines/webgpu/device.js';
export { GpuTracer, type GpuTracerOptions } from './engines/webgpu/gpu-tracer.js';
export type { SetupProgress } from './engines/webgpu/shard-kernels.js';
export { WebGpuEngine, type WebGpuOptions } from './engines/webgpu/webgpu-engine.js';
export { type Control, noteThreadId, threadIdOf } from './engines/workers/control.js';
export { runSlice, type SharedBatch, type SliceSource } from './engines/workers/worker-slice.js';
export { type Crew, createWorkersEngine, slicesOf, type WorkersOptions } from './engines/workers/workers.js';
export { type DistanceOptions, distanceField } from './fields/distance.js';
export { createGpuJsDistanceField, type GpuJsDistanceField } from './fields/distance-gpujs.js';
export { geodesicField, geodesicOnward, UNREACHED } from './fields/geodesic.js';
export { createGpuJsGeodesicField, type GpuJsGeodesicField } from './fields/geodesic-gpujs.js';
export * from './fields/grid.js';
export * from './fields/moves.js';
export { isSolidCell, type SolidView, signedDistanceAt, solidViewOf } from './fields/solid-distance.js';
export * from './fields/stencil.js';
export { createGpuJsStencil, type GpuJsStencil, STEPS_PER_PLAN } from './fields/stencil-gpujs.js';
export {
  assertMode,
  createGpuJs,
  GPU_JS_MODES,
  type GpuJsKernel,
  type GpuJsMode,
  type GpuJsOptions,
  type GpuJsPipeline,
  type GpuJsRuntime,
  type GpuJsShortcut,
} from './gpujs/runtime.js';
export * from './hash-parts.js';
export * from './layout.js';
export { DEED, DEED_WORDS, TRADE_SOURCE } from './monitor/deeds.js';
export * from './monitor/line-of-sight.js';
export * from './monitor/program.js';
export { notePropStarts } from './monitor/prop-predicates.js';
export * from './monitor/run-monitor.js';
export * from './observe/observation.js';
export * from './observe/observe.js';
export { createPictureBuffers, type PictureBuffers } from './observe/pictures.js';
export { type Selection, selectGroups } from './observe/selection.js';
export * from './program.js';
export { ANGULAR_DAMPING, PROP_GRAVITY, SUBSTEPS, WALKER_MASS_KG } from './rigid/constants.js';
export { CHECKPOINT_TICKS, type FromWorker, type Mail } from './rigid/pool/pool-memory.js';
export { createRigidPoolEngine, type RigidCrew, type RigidPoolOptions } from './rigid/pool/rigid-pool.js';
export { type RigidBatch, type RigidSource, runRigidSlice } from './rigid/pool/rigid-slice.js';
export { POSE } from './rigid/prop-bounds.js';
export { hasMovingProp, leastPropDistance } from './rigid/prop-sight.js';
export { loadedRapier, loadRapier, type Rapier } from './rigid/rapier.js';
export { createRigidEngine } from './rigid/rigid-engine.js';
export { UNSTABLE } from './rigid/rigid-world.js';
export type { SolidRows } from './rigid/terrain-shell.js';
export { assertDrawsFit } from './rigid/trial-draws.js';
export { describeUnstable } from './rigid/unstable.js';
export { type CopterMotion, createCopterMotion } from './rigid/vehicles/copter-motion.js';
export { stickOf } from './rigid/vehicles/drive.js';
export { CLIMB_GAIN, RATE_GAIN, TILT_GAIN } from './rigid/vehicles/quadcopter.js';
export { CASTORS as ROVER_CASTORS, GAIN as ROVER_GAIN } from './rigid/vehicles/rover.js';
export { readVehicleState, VehicleAlone, vehicleStateNames } from './rigid/vehicles/vehicle-alone.js';
export { vehicleRoom } from './rigid/vehicles/vehicle-spawns.js';
export { standingHeight } from './rigid/vehicles/wheels.js';
export * from './rollouts/bodies.js';
export { ANGLES_PER_TURN, quantiseControls, type RolloutCost, type RolloutState } from './rollouts/numbers.js';
export * from './rollouts/rollout.js';
export { createGpuJsRollouts, type GpuJsRolloutSettings, type GpuJsRollouts } from './rollouts/rollout-gpujs.js';
export { createRolloutWorld, HEADROOM, type RolloutWorld, type RolloutWorldOptions } from './rollouts/rollout-world.js';
export * from './rules-version.js';
export type { ActionSource, DeviceSource, SourceHost } from './sources/action-source.js';
export { createChaseSource } from './sources/chase.js';
export { createIdleSource } from './sources/idle.js';
export * from './sources/mlp.js';
export { createRandomSource, randomChoice, randomSymbols, writeRandomRow } from './sources/random.js';
export { decodeActions } from './stages/decode.js';
export { type Drawn, drawnOf } from './stages/randomise.js';
export { rivalFieldBytes } from './stages/rival-fields.js';
export { timeOfDay } from './stages/survival/daylight.js';
export * from './survival/mob-tables.js';
export * from './survival/tables.js';
export * from './tick.js';
export * from './walker-motion.js';
