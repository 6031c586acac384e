// Public surface of @kinovox/agents, one line per concept.
export * from './agent-view.js';
export * from './create-policy.js';
export { type Conduct, ConductMeter, type ConductReport, STUCK_TICKS } from './evaluation/conduct.js';
export * from './evaluation/evaluate.js';
export { type EvaluationPageOptions, evaluationHtml } from './evaluation/evaluation-page.js';
export { LanguageMeter, type LanguageSummary } from './evaluation/language-meter.js';
export { LANGUAGE_SUITES, type LanguageSuiteName } from './evaluation/language-suites.js';
export { type CrossPlay, type Matches, pointsOf } from './evaluation/pairings.js';
export { type PlayedEpisode, type PlayOptions, playEpisodes, type RecordTo } from './evaluation/play.js';
export { fitRatings, MEAN_RATING } from './evaluation/ratings.js';
export * from './evaluation/statistics.js';
export { createSuite, type Suite } from './evaluation/suite.js';
export { evaluationCsv, evaluationLatex } from './evaluation/tables.js';
export { type CompareTiersOptions, compareTiers, type TierComparison, type TierReport } from './evaluation/tiers.js';
export * from './geometry/heading.js';
export { intendedPlan } from './language/intended-way.js';
export { createLanguageFactory, type LanguageHost } from './language/language-factory.js';
export { CONTINUE, checkReply, toolsOf, verbsOf } from './language/levels/action-level.js';
export {
  type DecisionEntry,
  DecisionSchema,
  type HeardEntry,
  HeardSchema,
  type LanguageEntry,
  LanguageEntrySchema,
  type LanguageReport,
  LanguageTally,
  type ResultEntry,
} from './language/loop/decision.js';
export { readableSplits } from './language/memory/permission.js';
export { type CallRecord, type MemoryRecord, MemoryRecordSchema, type Tip } from './language/memory/record.js';
export { type MemoryFiles, parseMemory } from './language/memory/store.js';
export * from './language/model.js';
export { diedRefusal } from './language/outcome.js';
export { createPerception, type Perception, type PerceptionOptions, type Told, TURN_TOKENS } from './language/perception/perception.js';
export { encodePng, type Picture } from './language/perception/png.js';
export {
  ACTION_LEVELS,
  type ActionLevel,
  FEEDBACKS,
  type Feedback,
  PROVIDER_NAMES,
  type Profile,
  type ProfileInput,
  ProfileSchema,
  type ProviderName,
  parseProfile,
  parseProfileText,
  renderProfileJsonSchema,
} from './language/profile.js';
export { createProvider, type ProviderHost } from './language/providers/create-provider.js';
export { createLlamaProvider, type LlamaLibrary } from './language/providers/llama.js';
export { askRules } from './language/rules/rules-model.js';
export * from './language/skill.js';
export { createSkillBody, type MoveLibraries, type SkillBodyOptions } from './language/skill-body.js';
export { renderSkillTables } from './language/skill-pages.js';
export { SKILLS, skillsFor } from './language/skills/index.js';
export { jumpDistance } from './navigation/flight.js';
export { type Box, type CellTest, Ground, type KeepOut } from './navigation/ground.js';
export { findPath, MOVE, type PathQuery, type PathStep } from './navigation/path-search.js';
export { SearchSpace } from './navigation/search-space.js';
export { floodDistances, labelZones } from './navigation/zones.js';
export { judgeWalk } from './plans/judge-walk.js';
export { gridOfLevel, type LevelGrid } from './plans/level-grid.js';
export { type LevelChoice, openLevel, type ScenarioLevel, type SentAgent } from './plans/scenario-level.js';
export { plansFor } from './plans/team-plans.js';
export { planWalk, WALK_PLANNER, walkerOf } from './plans/walk-plan.js';
export { createHumanFactory, type Hands, type HandsSource, HUMAN } from './policies/human.js';
export { createLearnedPolicy } from './policies/learned.js';
export { createTeamPlanner, TEAM_PLANNER_DEFAULTS, type TeamPlannerOptions } from './policies/planner-lacam.js';
export { createMppiFactory } from './policies/planner-mppi.js';
export { createPibtFactory, PIBT_DEFAULTS } from './policies/planner-pibt.js';
export { createVoxelFactory, type VoxelFactory, type VoxelOptions, type VoxelTally } from './policies/planner-voxel.js';
export { agreement, quantisePolicy, type SeenObservations, watchPolicy } from './policies/quantise.js';
export { createReplayPolicy } from './policies/replay.js';
export { createSafePolicy, parseSafeName, SAFE_PREFIX } from './policies/safe.js';
export { createMlpPolicy, createSourcePolicy } from './policies/source-policy.js';
export type { SquadPlanning } from './policies/squad.js';
export type { WalkPlanner, WalkPlanning } from './policies/walk-planning.js';
export * from './policy.js';
export * from './run-policies.js';
export * from './scenario-bench.js';
export { Controls } from './skills/controls.js';
export { type DoorAction, type DoorPlan, DoorPlanner } from './task/door-plan.js';
