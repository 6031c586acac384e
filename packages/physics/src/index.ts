// Public surface of @kinovox/physics, one line per concept.
export * from './batch-state.js';
export { PUSH_Q16 } from './bodies/walker.js';
export * from './engine.js';
export * from './engines/cpu.js';
export * from './layout.js';
export * from './monitor/line-of-sight.js';
export * from './monitor/program.js';
export * from './monitor/run-monitor.js';
export * from './observe/observation.js';
export * from './observe/observe.js';
export * from './program.js';
export { PROP_GRAVITY, WALKER_MASS_KG } from './rigid/constants.js';
export { createRigidEngine } from './rigid/rigid-engine.js';
export { UNSTABLE } from './rigid/rigid-world.js';
export * from './rules-version.js';
export * from './survival/mob-tables.js';
export * from './survival/tables.js';
export * from './tick.js';
