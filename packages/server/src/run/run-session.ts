/**
 * One run: a batch, the policy that acts in it, what is measured, and what is written. Used by `kinovox run` in the main thread and
 * by the live batch in its worker. Actions come from the state and the seed alone, so a row's hashes are the same for every number of worlds.
 */

import { type LanguageEntry, SAFE_PREFIX, type SpectatorWords } from '@kinovox/agents';
import { type AsyncBatchEnv, type BatchEnv, createBatchEnv, type EngineName, loadScenario } from '@kinovox/env';
import { type Crash, describeUnstable, type SetupProgress } from '@kinovox/physics';
import { EVENT, EVENT_WORDS, MAX_EVENTS_PER_TICK, type RowPlans, UsageError } from '@kinovox/world';
import { type ActivityMeter, createActivityMeter } from '../bench/activity-meter.js';
import { asksModel, LanguageLog } from './language-agents.js';
import { createPolicyDriver, type HostOptions, optionsForPolicy, type PolicyDriver } from './policy-driver.js';
import { RunOutput } from './run-output.js';
import type { RunReport } from './run-report.js';
import type { RunSettings } from './run-settings.js';
import { readLife, SpectatorInbox } from './spectator-inbox.js';

/** Time between flushes of the run directory: what a killed run loses at most. */
const FLUSH_MS = 500;

/**
 * Creates the batch, resets it, and opens the run directory.
 * @param onProgress told while levels are built.
 * @param policyOptions of its policy; where they make it think, await `think` before every `step`.
 * @throws KinovoxError for settings that cannot be used.
 */
export async function createRunSession(
  settings: RunSettings,
  reason?: string,
  onProgress?: SetupProgress,
  policyOptions?: HostOptions,
): Promise<RunSession> {
  const compiled = loadScenario(settings.scenarioPath);
  const engine = memoryEngine(settings);
  const env = await createBatchEnv({
    ...optionsForPolicy(compiled, settings.policy),
    numWorlds: settings.numWorlds,
    seed: settings.seed,
    split: settings.split,
    engine,
    threads: settings.threads,
    onProgress,
  });
  try {
    const log = new LanguageLog();
    const policy = createPolicyDriver(env, settings.policy, { ...policyOptions, onLanguage: (entry) => log.add(entry) });
    env.reset();
    const output = settings.out === undefined ? undefined : RunOutput.open(settings.out, env, settings);
    return new RunSession(settings, env, policy, output, log, reason ?? (engine === 'auto' ? 'worlds in memory' : undefined));
  } catch (error) {
    // Threads and Rapier worlds of a batch that nobody else holds.
    env.close();
    throw error;
  }
}

/** The engine of worlds that lie in memory. @throws UsageError for `webgpu`. */
export function memoryEngine({ engine }: RunSettings): EngineName {
  if (engine !== 'webgpu') return engine;
  throw new UsageError(
    'device-run',
    'Worlds that are watched or recorded must lie in memory; got the engine "webgpu". Use "cpu" or "workers", or "kinovox run" without --out.',
  );
}

/** Whether a safety filter looks at what a policy, or one of several, decides. */
function isFiltered(policy: string): boolean {
  return policy.startsWith(SAFE_PREFIX) || policy.includes(`=${SAFE_PREFIX}`);
}

/** What runs of all engines report. */
export function reportOf(env: BatchEnv | AsyncBatchEnv, settings: RunSettings, ticks: number) {
  const { episodes } = env;
  return {
    scenario: env.compiled.program.id,
    seed: settings.seed,
    split: settings.split,
    policy: settings.policy,
    worlds: env.numWorlds,
    agents: env.numAgents,
    ticks,
    episodes: episodes.count,
    successRate: episodes.successRate,
    meanReturn: episodes.meanReturn,
    meanEpisodeTicks: episodes.meanTicks,
    meanProgress: episodes.meanProgress,
    ...(episodes.achievements.length === 0
      ? {}
      : {
          achievements: {
            score: episodes.achievementScore,
            rates: episodes.achievements.map((name, g) => ({ name, rate: episodes.achievementRates[g] })),
          },
        }),
  };
}

export class RunSession {
  readonly settings: RunSettings;
  readonly env: BatchEnv;
  readonly output: RunOutput | undefined;
  /** Ticks of every world so far. */
  ticks = 0;
  /** Told in a step what language agents decided for it, before the worlds go on; by world and agent. */
  onDecisions: ((entries: readonly LanguageEntry[]) => void) | undefined;
  readonly #policy: PolicyDriver;
  readonly #inbox: SpectatorInbox;
  readonly #meter: ActivityMeter;
  readonly #language: LanguageLog;
  #stepMs = 0;
  #policyMs = 0;
  #flushedMs = 0;
  #numCrashes = 0;
  #firstCrash: Crash | undefined;
  #unstable: RunReport['unstable'];
  /** Actions that a safety filter did not let pass. */
  #interventions = 0;
  #numRestarts = 0;
  #firstRestart: string | undefined;

  constructor(
    settings: RunSettings,
    env: BatchEnv,
    policy: PolicyDriver,
    output: RunOutput | undefined,
    language: LanguageLog,
    readonly engineReason = 'asked for',
  ) {
    this.settings = settings;
    this.env = env;
    this.output = output;
    this.#policy = policy;
    this.#inbox = new SpectatorInbox(policy.listeners, readLife(env));
    this.#language = language;
    this.#meter = createActivityMeter(env.engine);
  }

  get agentSteps(): number {
    return this.ticks * this.env.numWorlds * this.env.numAgents;
  }

  /** Agent-steps per second so far, without the time of the policy. */
  get agentStepsPerSecond(): number {
    return this.#stepMs === 0 ? 0 : (this.agentSteps * 1000) / this.#stepMs;
  }

  /** Whether `think` must be awaited before every `step`. */
  get thinks(): boolean {
    return this.#policy.thinks;
  }

  /** Slots of agents for whom people decide. */
  get played(): readonly number[] {
    return this.#policy.played;
  }

  /** Slots of agents who hear what people say. */
  get listeners(): readonly number[] {
    return this.#policy.listeners;
  }

  /** What a person says: heard in the next tick. @returns undefined, or a sentence on why nobody hears it. */
  hear(words: SpectatorWords): string | undefined {
    return this.#inbox.put(words);
  }

  /** Lets the policy think; the worlds wait. */
  async think(): Promise<void> {
    const begin = performance.now();
    await this.#policy.think(this.#inbox.take());
    this.#policyMs += performance.now() - begin;
  }

  /** One tick of every world. */
  step(): void {
    const begin = performance.now();
    const actions = this.#policy.act();
    if (isFiltered(this.settings.policy)) this.#noteSafety();
    const decisions = this.#language.take();
    this.output?.noteLanguage(decisions);
    if (decisions.length > 0) this.onDecisions?.(decisions);
    const decided = performance.now();
    this.#meter.before();
    const ready = performance.now();
    this.env.stepSync(actions);
    this.#stepMs += performance.now() - ready;
    this.#policyMs += decided - begin;
    this.#meter.after();
    this.ticks++;
    for (const crash of this.env.takeCrashes()) {
      this.#firstCrash ??= crash;
      this.#numCrashes++;
    }
    for (const { reason } of this.env.takeRestarts()) {
      this.#firstRestart ??= reason;
      this.#numRestarts++;
    }
    if (this.env.compiled.program.numProps > 0) this.#noteUnstable();
    if (this.output !== undefined && begin - this.#flushedMs > FLUSH_MS) {
      this.output.flush();
      this.#flushedMs = begin;
    }
  }

  /** What the agents of a row mean to do; see `PolicyRun.plans`. */
  plans(row: number, sliceSlots: readonly number[]): RowPlans {
    return this.#policy.plans(row, sliceSlots);
  }

  /**
   * Steps until `ticks` or until `sliceMs` have passed, at least once: callers look at signals and messages between slices. Policies that think are awaited.
   * @returns whether `ticks` is reached.
   */
  async stepSlice(ticks: number, sliceMs: number): Promise<boolean> {
    const end = performance.now() + sliceMs;
    while (this.ticks < ticks) {
      if (this.thinks) await this.think();
      this.step();
      if (performance.now() >= end) break;
    }
    return this.ticks >= ticks;
  }

  report(status: RunReport['status'], options: { rowHashes?: boolean } = {}): RunReport {
    const { env, settings } = this;
    const seconds = (this.#stepMs + this.#policyMs) / 1000;
    return {
      ...reportOf(env, settings, this.ticks),
      agentSteps: this.agentSteps,
      agentStepsPerSecond: Math.round(this.agentStepsPerSecond),
      agentStepsPerSecondWithPolicy: seconds === 0 ? 0 : Math.round(this.agentSteps / seconds),
      activity: this.#meter.activity(),
      invalidActions: env.invalidActions,
      ...(this.#firstCrash === undefined ? {} : { crashes: { count: this.#numCrashes, first: this.#firstCrash } }),
      ...(this.#firstRestart === undefined ? {} : { restarts: { count: this.#numRestarts, reason: this.#firstRestart } }),
      ...(this.#unstable === undefined ? {} : { unstable: this.#unstable }),
      ...(isFiltered(settings.policy) ? { interventions: this.#interventions } : {}),
      ...(asksModel(settings.policy) ? { language: this.#language.report() } : {}),
      engine: env.engineName,
      engineReason: this.engineReason,
      stateHash: env.stateHash(),
      ...(options.rowHashes === true ? { rowHashes: env.rowHashes() } : {}),
      status,
      ...(this.output === undefined ? {} : { directory: this.output.path }),
    };
  }

  #noteSafety(): void {
    const { interventions } = this.#policy;
    this.output?.noteSafety(interventions);
    this.#interventions += interventions.length;
  }

  /** Rows whose last tick reported that their bodies can no longer be simulated. */
  #noteUnstable(): void {
    const { engine, compiled } = this.env;
    const { events, eventCount } = engine.buffers;
    for (let row = 0; row < engine.numWorlds; row++) {
      const stored = Math.min(eventCount[row], MAX_EVENTS_PER_TICK);
      for (let at = row * MAX_EVENTS_PER_TICK * EVENT_WORDS, k = 0; k < stored; k++, at += EVENT_WORDS) {
        if (events[at] !== EVENT.unstable) continue;
        this.#unstable ??= {
          count: 0,
          first: { row, tick: this.ticks, message: describeUnstable(compiled.program, events[at + 2], events[at + 3]) },
        };
        this.#unstable.count++;
      }
    }
  }

  /** Finishes the run directory and frees the engine. */
  close(report: RunReport): void {
    this.output?.finish(report);
    this.env.close();
  }
}
