// Public surface of @kinovox/planning, one line per concept.
export * from './dynamics/dynamics.js';
export * from './planner.js';
export * from './problem/problem.js';
export * from './trajectory.js';
export * from './validator/verdict.js';
