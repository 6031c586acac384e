/**
 * A run whose worlds lie on a device. A policy that has a source decides there, many ticks at a time; any other looks at worlds, so every tick brings the
 * state of all rows back: right, and slow. Same hashes as a run in memory.
 */
import { type PolicyFactory, type PolicyRun, runPolicies } from '@kinovox/agents';
import {
  type ActionSource,
  type AsyncBatchEnv,
  chooseAsyncEngine,
  createAsyncBatchEnv,
  type EngineChoice,
  type EngineSwitch,
  loadScenario,
} from '@kinovox/env';
import { type BatchState, createBatchState, type SetupProgress } from '@kinovox/physics';
import { UsageError } from '@kinovox/world';
import { isTeam, loadPolicy, optionsForPolicy, profileOf } from './policy-driver.js';
import type { RunReport } from './run-report.js';
import { reportOf } from './run-session.js';
import type { RunSettings } from './run-settings.js';

/** Most ticks of one advance: signals and progress are looked at between. */
const MAX_TICKS = 256;

/** Which engine a run gets, and why: a device only where it pays. */
export async function chooseRunEngine(settings: RunSettings): Promise<EngineChoice> {
  const { engine } = settings;
  if (engine !== 'auto') return { name: engine, reason: 'asked for' };
  const compiled = loadScenario(settings.scenarioPath);
  if (compiled.program.numProps > 0) return { name: 'rigid', reason: `${compiled.program.id} has props` };
  if (settings.out !== undefined) return { name: 'cpu', reason: 'results and recordings are written from memory' };
  if (isTeam(settings.policy)) return { name: 'cpu', reason: 'policies by agent look at worlds, which must lie in memory' };
  const policy = loadPolicy(settings.policy);
  const profile = profileOf(compiled, policy);
  if (policy.source?.(profile) === undefined)
    return { name: 'cpu', reason: `the policy "${settings.policy}" looks at worlds, which must lie in memory` };
  return chooseAsyncEngine('auto', compiled, profile);
}

/**
 * @param onProgress told while kernels are compiled and levels built.
 * @throws UsageError for settings that need worlds in memory.
 */
export async function createDeviceRun(settings: RunSettings, reason: string, onProgress?: SetupProgress): Promise<DeviceRun> {
  if (settings.out !== undefined)
    throw new UsageError(
      'device-out',
      `--out must have worlds in memory, from which results and recordings are written; got --engine webgpu with --out ${settings.out}. Leave one out.`,
    );
  if (isTeam(settings.policy))
    throw new UsageError('device-team', `--engine webgpu must have one policy for everybody; got "${settings.policy}". Use --engine cpu.`);
  const compiled = loadScenario(settings.scenarioPath);
  const policy = loadPolicy(settings.policy);
  const profile = profileOf(compiled, policy);
  const source = policy.source?.(profile);
  const env = await createAsyncBatchEnv({
    ...optionsForPolicy(compiled, settings.policy),
    numWorlds: settings.numWorlds,
    seed: settings.seed,
    split: settings.split,
    engine: 'webgpu',
    // What a run reports needs no observations; a policy in memory reads the state, or what it observes.
    read: source === undefined ? {} : { groups: [], crop: false, final: false, pictures: false, rewardTerms: false },
    onProgress,
  });
  await env.reset();
  return new DeviceRun(settings, env, policy, source, reason);
}

export class DeviceRun {
  readonly env: AsyncBatchEnv;
  ticks = 0;
  readonly #settings: RunSettings;
  readonly #reason: string;
  readonly #source: ActionSource | undefined;
  readonly #policy: PolicyRun | undefined;
  readonly #state: BatchState | undefined;
  #switched: EngineSwitch | undefined;
  #stepMs = 0;
  #policyMs = 0;
  #chunk = 1;

  /** Use `createDeviceRun`. */
  constructor(settings: RunSettings, env: AsyncBatchEnv, policy: PolicyFactory, source: ActionSource | undefined, reason: string) {
    this.#settings = settings;
    this.env = env;
    this.#source = source;
    this.#reason = reason;
    env.onEngineSwitch = (change) => {
      this.#switched = change;
    };
    if (source !== undefined) return;
    const { program } = env.compiled;
    const { numWorlds, compiled, split, actionProfile } = env;
    this.#state = createBatchState(program, numWorlds);
    const engine = { program, numWorlds, state: this.#state, observations: env.observations };
    this.#policy = runPolicies({ engine, compiled, split, actionProfile }, policy);
  }

  get agentSteps(): number {
    return this.ticks * this.env.numWorlds * this.env.numAgents;
  }

  get agentStepsPerSecond(): number {
    return this.#stepMs === 0 ? 0 : (this.agentSteps * 1000) / this.#stepMs;
  }

  /** As `RunSession.stepSlice`; an advance on the device may take longer than asked. */
  async stepSlice(ticks: number, sliceMs: number): Promise<boolean> {
    const end = performance.now() + sliceMs;
    while (this.ticks < ticks) {
      const begin = performance.now();
      if (this.#source !== undefined) {
        const chunk = Math.min(this.#chunk, ticks - this.ticks);
        await this.env.advance(this.#source, chunk);
        const took = performance.now() - begin;
        this.#stepMs += took;
        this.ticks += chunk;
        if (took < sliceMs) this.#chunk = Math.min(MAX_TICKS, 2 * this.#chunk);
      } else await this.#step(begin);
      if (performance.now() >= end) break;
    }
    return this.ticks >= ticks;
  }

  async report(status: RunReport['status'], options: { rowHashes?: boolean } = {}): Promise<RunReport> {
    const { env } = this;
    const seconds = (this.#stepMs + this.#policyMs) / 1000;
    const change = this.#switched;
    return {
      ...reportOf(env, this.#settings, this.ticks),
      agentSteps: this.agentSteps,
      agentStepsPerSecond: Math.round(this.agentStepsPerSecond),
      agentStepsPerSecondWithPolicy: seconds === 0 ? 0 : Math.round(this.agentSteps / seconds),
      activity: null,
      invalidActions: await env.invalidActions(),
      engine: env.engineName,
      engineReason:
        change === undefined ? this.#reason : `the device was lost; ${change.replayedTicks} ticks were played again. ${change.reason}`,
      stateHash: await env.stateHash(),
      ...(options.rowHashes === true ? { rowHashes: await env.rowHashes() } : {}),
      status,
    };
  }

  close(): void {
    this.env.close();
  }

  async #step(begin: number): Promise<void> {
    const from = await this.env.readState();
    const state = this.#state!;
    state.arena.set(from.arena);
    state.voxels.set(from.voxels);
    state.rows.set(from.rows);
    state.variants = from.variants;
    await this.#policy!.think();
    const actions = this.#policy!.act();
    const decided = performance.now();
    await this.env.step(actions);
    this.#stepMs += performance.now() - decided;
    this.#policyMs += decided - begin;
    this.ticks++;
  }
}
