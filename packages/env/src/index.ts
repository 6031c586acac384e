// Public surface of @kinovox/env, one line per concept.
export * from './constant-pool.js';
export * from './task/compile-task.js';
export * from './task/explain.js';
