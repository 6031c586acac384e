// Public surface of @kinovox/world, one line per concept.
export * from './errors.js';
export * from './numbers/fixed-point.js';
export * from './numbers/random.js';
export * from './numbers/sine.js';
export * from './numbers/state-hash.js';
export * from './spec/action.js';
export * from './spec/events.js';
export * from './spec/state.js';
export * from './blocks/docs.js';
export * from './blocks/items.js';
export * from './blocks/registry.js';
export * from './voxels/edit-log.js';
export * from './voxels/grid.js';
export * from './voxels/palette.js';
export * from './voxels/raycast.js';
export * from './terrain/generate.js';
export * from './terrain/schema.js';
