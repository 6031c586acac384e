/**
 * A row of the engine benchmark: one batch size on one engine, in three columns that take turns: a step; with observations; and with the shipped random
 * policy (`@kinovox/agents`), which decides on this thread as a user's own loop has it. All through `BatchEnv`, resets included. Worlds on a device: `device-row.ts`.
 */
import * as os from 'node:os';
import { createPolicy, runPolicies } from '@kinovox/agents';
import { type BatchEnv, type CompiledScenario, createBatchEnv, type EngineName } from '@kinovox/env';
import { type ActivityMeter, createActivityMeter } from './activity-meter.js';
import { actionRing, BENCH_SEED, staggerEpisodes } from './bench-load.js';
import { type Activity, type BenchRow, emptyRow, idlenessOf, type RowEngine } from './bench-report.js';
import { median, quantile } from './figures.js';

export interface RowRequest {
  engine: RowEngine;
  worlds: number;
  compiled: CompiledScenario;
  /** Wall time that a turn of a column shall take. */
  turnMs: number;
  /** Bytes free for the row; default: what the system says. */
  availableBytes?: number;
}

const ROUNDS = 3;
/** Least ticks of a turn and of the list of step times, and most of each. */
const TURN_TICKS = { least: 4, most: 4096 };
const TIMED_TICKS = { least: 64, most: 4096 };
/** Ticks that count what happens: so many agent-steps, or a few ticks of a batch that has them at once. */
const COUNTED = { agentSteps: 65_536, leastTicks: 32, mostTicks: 8192 };
/** Episodes begun before the clock starts: 64 levels are then met by any thread, each of which keeps its own. */
const WARM_EPISODES = 512;
/** Share of the free memory that a row may take. */
const MEMORY_SHARE = 0.7;

export async function measureRow(request: RowRequest): Promise<BenchRow> {
  const { engine, worlds, compiled, turnMs } = request;
  const { numAgents: agents } = compiled.program;
  const shortage = await shortageOf(request);
  if (shortage !== undefined) return emptyRow(engine, worlds, agents, shortage);
  const bare = await openBatch(request, false);
  const observed = await openBatch(request, true);
  try {
    const ring = actionRing(worlds * agents);
    let next = 0;
    const ringActions = () => ring[next++ % ring.length];
    const policy = runPolicies(observed, createPolicy('random'));
    const columns = [
      { env: bare, act: ringActions },
      { env: observed, act: ringActions },
      { env: observed, act: () => policy.act() },
    ];
    const ticks: number[] = [];
    for (const { env, act } of columns) {
      warmUp(env, act);
      ticks.push(clamp(turnMs / tickMs(env, act, turnMs), TURN_TICKS));
    }
    const rates: number[][] = columns.map(() => []);
    const start = performance.now();
    const before = process.cpuUsage();
    for (let round = 0; round < ROUNDS; round++)
      for (const [k, { env, act }] of columns.entries()) rates[k].push((worlds * agents * ticks[k] * 1000) / play(env, ticks[k], act));
    const { user, system } = process.cpuUsage(before);
    const processorShare = (user + system) / 1000 / (performance.now() - start);
    const times = stepTimes(observed, clamp(2 * ticks[1], TIMED_TICKS), ringActions);
    const activity = activityOf(observed, ringActions);
    const policyActivity = activityOf(observed, () => policy.act());
    const idle = idlenessOf(activity);
    const idlePolicy = idlenessOf(policyActivity);
    const rate = (k: number, without: string | undefined) => (without === undefined ? median(rates[k]) : null);
    return {
      ...emptyRow(engine, worlds, agents, idle ?? (idlePolicy === undefined ? undefined : `with policy: ${idlePolicy}`)),
      stepOnly: rate(0, idle),
      withObservations: rate(1, idle),
      withPolicy: rate(2, idle ?? idlePolicy),
      p50Ms: idle === undefined ? quantile(times, 0.5) : null,
      p99Ms: idle === undefined ? quantile(times, 0.99) : null,
      bytesPerWorld: Math.round(stateBytes(observed) / worlds),
      activity,
      policyActivity,
      processorShare,
    };
  } finally {
    bare.close();
    observed.close();
  }
}

async function openBatch({ engine, worlds, compiled }: RowRequest, observe: boolean): Promise<BatchEnv> {
  const env = await createBatchEnv({ scenario: compiled, numWorlds: worlds, seed: BENCH_SEED, engine: engine as EngineName, observe });
  env.reset();
  return env;
}

/** Meets every level, then puts worlds at different ticks. */
function warmUp(env: BatchEnv, act: () => Float32Array): void {
  for (let begun = 0; begun < WARM_EPISODES; begun += env.numWorlds) {
    env.reset();
    play(env, 1, act);
  }
  staggerEpisodes(env.engine.state, env.compiled.program.maxTicks);
}

/** Processor time of a tick, by steps in growing parts: a moment in which other programs ran does not make the turns short. */
function tickMs(env: BatchEnv, act: () => Float32Array, turnMs: number): number {
  for (let ticks = 2; ; ticks *= 2) {
    const before = process.cpuUsage();
    play(env, ticks, act);
    const { user, system } = process.cpuUsage(before);
    if (user + system >= 250 * turnMs) return (user + system) / 1000 / ticks;
  }
}

/** Wall time of some steps, and of the actions' making. */
function play(env: BatchEnv, ticks: number, act: () => Float32Array): number {
  const start = performance.now();
  for (let t = 0; t < ticks; t++) env.stepSync(act());
  return performance.now() - start;
}

function stepTimes(env: BatchEnv, ticks: number, act: () => Float32Array): number[] {
  const times: number[] = [];
  for (let t = 0; t < ticks; t++) times.push(play(env, 1, act));
  return times;
}

/** What happens in ticks of their own, so that counting costs the measured ones nothing. */
function activityOf(env: BatchEnv, act: () => Float32Array): Activity {
  const meter: ActivityMeter = createActivityMeter(env.engine);
  const { agentSteps, leastTicks, mostTicks } = COUNTED;
  const ticks = clamp(agentSteps / (env.numWorlds * env.numAgents), { least: leastTicks, most: mostTicks });
  for (let t = 0; t < ticks; t++) {
    const actions = act();
    meter.before();
    env.stepSync(actions);
    meter.after();
  }
  return meter.activity();
}

/** Why there is no room for the row: two batches and their actions. Measured on a batch of one world. */
async function shortageOf(request: RowRequest): Promise<string | undefined> {
  const { worlds, compiled } = request;
  const one = await openBatch({ ...request, engine: 'cpu', worlds: 1 }, true);
  const { state, buffers, outputs, observations } = one.engine;
  const bytes = worlds * [state, buffers, outputs, observations].reduce((sum, arrays) => sum + bytesOf(arrays), 0);
  one.close();
  const ring = 4 * actionRing(compiled.program.numAgents)[0].length * worlds * 64;
  const needed = 2 * bytes + ring;
  const available = request.availableBytes ?? process.availableMemory?.() ?? os.freemem();
  if (needed <= MEMORY_SHARE * available) return undefined;
  const gib = (value: number) => `${(value / 2 ** 30).toFixed(1)} GiB`;
  return `not run: two batches and their actions take ${gib(needed)}, and ${gib(available)} are free`;
}

/** Bytes of the arrays of an object; of the views of state only the arena behind them. */
function bytesOf(arrays: object): number {
  const buffers = new Set<ArrayBufferLike>();
  for (const value of Object.values(arrays)) if (ArrayBuffer.isView(value)) buffers.add(value.buffer);
  return [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

function stateBytes({ engine: { state } }: BatchEnv): number {
  return state.arena.byteLength + state.voxels.byteLength + state.rows.byteLength;
}

function clamp(value: number, { least, most }: { least: number; most: number }): number {
  return Math.max(least, Math.min(most, Math.round(value)));
}
