// Public surface of @kinovox/planning, one line per concept.
export * from './dynamics/angles.js';
export * from './dynamics/create-dynamics.js';
export * from './dynamics/dynamics.js';
export * from './grid/astar.js';
export * from './grid/moves.js';
export * from './grid/open-list.js';
export * from './grid/search.js';
export * from './grid/space.js';
export * from './planner.js';
export * from './planners/registry.js';
export * from './problem/problem.js';
export * from './problem/warframe.js';
export * from './trajectory.js';
export * from './validator/verdict.js';
