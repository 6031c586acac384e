// Public surface of @kinovox/env, one line per concept.
export * from './action-profile.js';
export * from './batch-env.js';
export * from './compile-scenario.js';
export * from './constant-pool.js';
export * from './engine-choice.js';
export * from './episode-statistics.js';
export * from './message-text.js';
export * from './scenario-source.js';
export * from './spaces.js';
export * from './task/compile-task.js';
export * from './task/explain.js';
export * from './variant-pool.js';
