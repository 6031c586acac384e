// Public surface of the kinovox package, one line per concept.
export { type Bar, judgeScenarios, type ScenarioResult, scenarioResult } from './bench/scenario-bars.js';
export { benchViewer, type ViewerBenchOptions, type ViewerBenchReport } from './bench/viewer-bench.js';
export * from './catalog.js';
export { createProgram, runCommandLine } from './cli/command-line.js';
export { EXIT } from './cli/failure.js';
export { checkScenarioFile, type Verdict } from './commands/validate.js';
export { Access } from './live/access.js';
export { ForkPlayable } from './live/fork-playable.js';
export { type HostOptions, LiveHost, startHost } from './live/host.js';
export type { HostCounters } from './live/host-counters.js';
export { Pacer } from './live/pacer.js';
export { RateLimit } from './live/rate-limit.js';
export type { BatchThreadData, SourceInfo } from './live/thread-messages.js';
export { createPolicyDriver, type PolicyDriver } from './run/policy-driver.js';
export { recordingsOf } from './run/run-output.js';
export type { RunReport } from './run/run-report.js';
export { createRunSession, RunSession } from './run/run-session.js';
export type { RunSettings } from './run/run-settings.js';
