// Public surface of @kinovox/agents, one line per concept.
export * from './agent-view.js';
export * from './create-policy.js';
export * from './evaluation/evaluate.js';
export { type CrossPlay, type Matches, pointsOf } from './evaluation/pairings.js';
export { fitRatings, MEAN_RATING } from './evaluation/ratings.js';
export * from './evaluation/statistics.js';
export { createSuite, type Suite } from './evaluation/suite.js';
export * from './evaluation/tables.js';
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
