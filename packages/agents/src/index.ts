// Public surface of @kinovox/agents, one line per concept.
export * from './agent-view.js';
export * from './create-policy.js';
export * from './policy.js';
export * from './run-policies.js';
export * from './scenario-bench.js';
