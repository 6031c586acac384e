// Public surface of @kinovox/world, one line per concept.

export * from './blocks/docs.js';
export * from './blocks/items.js';
export * from './blocks/registry.js';
export * from './compression.js';
export * from './errors.js';
export * from './json-depth.js';
export * from './numbers/arc-tangent.js';
export * from './numbers/fixed-point.js';
export * from './numbers/random.js';
export * from './numbers/sine.js';
export * from './numbers/state-hash.js';
export { type AgentEntry, BODY_TYPES, type Body, type BodyType, MAX_AGENTS, type Spawn } from './scenario/agent-schema.js';
export { type Blueprint, MAX_BLUEPRINT_BLOCKS, readBlueprints } from './scenario/blueprints.js';
export * from './scenario/describe-formula.js';
export * from './scenario/files.js';
export { standingCells } from './scenario/footing.js';
export {
  CAMERA_CHANNELS,
  DEFAULT_OBSERVED_MOBS,
  MAX_PROPS,
  type Mechanism,
  ObservationSchema,
  type PropEntry,
  type Trigger,
} from './scenario/interaction-schema.js';
export { issuesOfZod } from './scenario/issues.js';
export * from './scenario/json-schema.js';
export { buildLevel, type Level, PROTECT_DIG, PROTECT_PLACE } from './scenario/level.js';
export * from './scenario/page.js';
export { scenarioPalette } from './scenario/palette.js';
export {
  drawParameters,
  isParameterRef,
  type ParameterValue,
  type ParameterValues,
  substitute,
  substituteKnown,
  valueOfRef,
  visitParameterRefs,
} from './scenario/parameters.js';
export * from './scenario/parse.js';
export { type PropShape, propExtent } from './scenario/prop-shape.js';
export { MAX_ACTION_DELAY, MAX_DRIVE, type Randomisation } from './scenario/randomisation-schema.js';
export { type ResolveContext, resolveScenario } from './scenario/resolve.js';
export {
  type ResolvedFormula,
  type ResolvedRecord,
  type ResolvedScenario,
  type Reward,
  type Scenario,
  type ScenarioInput,
  ScenarioSchema,
  SPLITS,
  type Split,
} from './scenario/schema.js';
export { selectAgents } from './scenario/selection.js';
export { isShown, knownParameters, teamTask } from './scenario/shown-goals.js';
export type { LevelSpawn } from './scenario/spawns.js';
export {
  COMBINATOR_NAMES,
  type CombinatorName,
  type Formula,
  type FormulaInput,
  formulaKind,
  MAX_FORMULA_DEPTH,
  MAX_FORMULA_NODES,
  PREDICATE_NAMES,
  type Predicate,
  type PredicateName,
} from './scenario/task-schema.js';
export type { Literal, ParameterRef, Region, Selector } from './scenario/values.js';
export {
  drawVariant,
  hashLanesOf,
  levelSeed,
  scenarioHash,
  splitIndex,
  UNBOUNDED_VARIANTS,
  variantCount,
  variantOfSeed,
} from './scenario/variants.js';
export {
  type CarBody,
  type QuadcopterBody,
  type RoverBody,
  VEHICLE_KINDS,
  type Vehicle,
  type VehicleKind,
} from './scenario/vehicle-schema.js';
export * from './spec/action.js';
export * from './spec/events.js';
export * from './spec/integer-policy.js';
export * from './spec/learned-policy.js';
export * from './spec/state.js';
export * from './structure/layers.js';
export * from './structure/movingai-map.js';
export * from './structure/schematic-reader.js';
export * from './structure/schematic-writer.js';
export * from './structure/structure.js';
export * from './survival/docs.js';
export * from './survival/drops.js';
export * from './survival/foods.js';
export * from './survival/growth.js';
export * from './survival/mob-entries.js';
export type { MobEntry } from './survival/mob-schema.js';
export * from './survival/mobs.js';
export * from './survival/recipes.js';
export { MAX_RECIPES, recipesOf, SurvivalSchema, type SurvivalSettings } from './survival/schema.js';
export * from './survival/tools.js';
export * from './terrain/generate.js';
export * from './terrain/schema.js';
export * from './voxels/edit-log.js';
export * from './voxels/grid.js';
export * from './voxels/palette.js';
export * from './voxels/raycast.js';
export * from './wire/batch-protocol.js';
export * from './wire/byte-reader.js';
export * from './wire/change-codec.js';
export * from './wire/decisions-message.js';
export * from './wire/frame-codec.js';
export { describeIssue } from './wire/issue-sentence.js';
export * from './wire/level-codec.js';
export * from './wire/messages.js';
export * from './wire/people-messages.js';
export * from './wire/plans-message.js';
export * from './wire/protocol.js';
export * from './wire/socket-events.js';
export * from './wire/stream-position.js';
export * from './wire/survival-frame.js';
export * from './wire/table-codec.js';
