// Public surface of @kinovox/env, one line per concept.

export {
  type ActionSource,
  BODY_WORD,
  BODY_WORDS,
  createChaseSource,
  createIdleSource,
  createMlpSource,
  createRandomSource,
  DROP_COLUMN,
  DROP_COLUMNS,
  hashWorldInto,
  type Mlp,
  MOB_BEHAVIOUR,
  MOB_COLUMN,
  MOB_COLUMNS,
  MOB_DROP_COLUMN,
  MOB_DROP_COLUMNS,
  MOB_ENEMY,
  NODE_COLUMN,
  NODE_COLUMNS,
  RECIPE_COLUMN,
  RECIPE_COLUMNS,
  RULES_VERSION,
  randomChoice,
  randomSymbols,
  STATION,
  type SurvivalTables,
  TOOL_CLASS,
  TRADE_COLUMN,
  TRADE_COLUMNS,
  writeRandomRow,
} from '@kinovox/physics';
export { type HandButtons, interactionOf } from './actions/buttons.js';
export { type DiscreteChoice, discreteChoices } from './actions/discrete.js';
export { MINERL_COLUMNS } from './actions/minerl.js';
export type { NativeAction } from './actions/native.js';
export { ACTION_PROFILES, type ActionProfile, createActionCodec } from './actions/profile.js';
export { WAYPOINT_SPEC } from './actions/waypoint.js';
export { type AgentCamera, createAgentCamera, type PictureSpec } from './agent-camera.js';
export * from './async-batch-env.js';
export {
  ASYNC_ENGINE_NAMES,
  type AsyncEngineName,
  chooseAsyncEngine,
  type EngineChoice,
} from './async-engine-choice.js';
export * from './batch-env.js';
export {
  AUTORESET_MODES,
  type AutoresetMode,
  type BatchEnvOptions,
  type ResetOptions,
  type RowObserver,
  type RowSnapshot,
  type StepResult,
} from './batch-options.js';
export { groundDragQ14, groundGripQ14 } from './compile/blocks.js';
export * from './compile-scenario.js';
export { type CheckedBatch, checkBatchEnv, checkedAsync, type MakeBatch } from './conformance/check-batch-env.js';
export { checkEngines, hasFixedLevel } from './conformance/check-engines.js';
export { type CheckedEnv, type CheckOptions, checkEnv, type MakeEnv } from './conformance/check-env.js';
export { assertConforms, type CheckResult } from './conformance/check-result.js';
export * from './constant-pool.js';
export * from './engine-choice.js';
export * from './env.js';
export * from './episode-statistics.js';
export * from './event-record.js';
export * from './image-observation.js';
export * from './message-text.js';
export { threadEntry } from './newest-bundle.js';
export { OBSERVATION_PROFILES, type ObservationChoice, type ObservationParts, type ObservationProfile } from './observation-choice.js';
export { MAX_REPLACEMENT_TRIES, PlayableLevels, type ReplacedLevel } from './playable-levels.js';
export * from './prop-twins.js';
export {
  type AgentStep,
  agentSteps,
  columnsOf,
  parseColumns,
  STEP_COLUMNS,
  type StepColumn,
  type StepEvent,
  type StepValue,
} from './recording/agent-steps.js';
export {
  type AgentColumns,
  type ColumnsEntry,
  type EndEntry,
  type EpisodeRecordEntry,
  FORMAT_VERSION,
  KEYFRAME_TICKS,
  type KeyframeEntry,
  RECORD_TYPE,
  type RecordingEntry,
  type RecordingHeader,
  type TextEntry,
  type TickEntry,
} from './recording/format.js';
export * from './recording/player.js';
export * from './recording/reader.js';
export * from './recording/replay.js';
export * from './recording/row-recorder.js';
export { RecordingWriter, type WriterOptions } from './recording/writer.js';
export * from './row-texts.js';
export * from './run-directory.js';
export * from './scenario-source.js';
export { shapingOf } from './shaping.js';
export * from './side-by-side.js';
export * from './spaces.js';
export * from './structured-observation.js';
export * from './task/achievements.js';
export * from './task/compile-task.js';
export * from './task/explain.js';
export { createTextFrame } from './text-frame.js';
export {
  SPECTATOR,
  TEXT_DETAILS,
  type TextDetail,
  type TextFrame,
  type TextMoment,
  Transcript,
  type TranscriptOptions,
} from './text-observation.js';
export { estimateTokens, prefixReuse } from './text-tokens.js';
export * from './variant-pool.js';
