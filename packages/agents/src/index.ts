// Public surface of @kinovox/agents, one line per concept.
export * from './agent-view.js';
export * from './create-policy.js';
export * from './geometry/heading.js';
export { jumpDistance } from './navigation/flight.js';
export { type Box, type CellTest, Ground, type KeepOut } from './navigation/ground.js';
export { findPath, MOVE, type PathQuery, type PathStep } from './navigation/path-search.js';
export { SearchSpace } from './navigation/search-space.js';
export { floodDistances, labelZones } from './navigation/zones.js';
export * from './policy.js';
export * from './run-policies.js';
export * from './scenario-bench.js';
export { type DoorAction, type DoorPlan, DoorPlanner } from './task/door-plan.js';
