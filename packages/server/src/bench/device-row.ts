/**
 * A row of the engine benchmark on `webgpu`: the columns of `bench-row.ts`, with worlds that lie on a device. The first two hand actions over tick by tick and read
 * back rewards, ends and observations; in the third the random policy decides on the device, many ticks at a time, and observations stay there.
 * Turns are whole episodes, so that they hold their resets. What happened is counted on `cpu`, which plays the first rows again and must come to the device's hashes.
 */
import { createPolicy, runPolicies } from '@kinovox/agents';
import { type AsyncBatchEnv, createAsyncBatchEnv, createBatchEnvSync } from '@kinovox/env';
import { createRandomSource, type WebGpuEngine } from '@kinovox/physics';
import { ACTION_FIELDS } from '@kinovox/world';
import { createActivityMeter } from './activity-meter.js';
import { actionRing, BENCH_SEED } from './bench-load.js';
import { type Activity, type BenchRow, emptyRow, idlenessOf } from './bench-report.js';
import type { RowRequest } from './bench-row.js';
import { median, quantile } from './figures.js';

const ROUNDS = 3;
/** Worlds that are played again on `cpu`. */
const CHECKED_WORLDS = 256;

export async function measureDeviceRow({ engine, worlds, compiled, turnMs }: RowRequest): Promise<BenchRow> {
  const { numAgents: agents, maxTicks } = compiled.program;
  const open = (observe: boolean) =>
    createAsyncBatchEnv({ scenario: compiled, numWorlds: worlds, seed: BENCH_SEED, engine: 'webgpu', observe, resume: false });
  const ring = actionRing(worlds * agents);
  const random = createRandomSource();
  const bare = await open(false);
  const observed = await open(true);
  try {
    const stepped = (env: AsyncBatchEnv) => async (ticks: number) => {
      for (let t = 0; t < ticks; t++) await env.step(ring[t % ring.length]);
    };
    const columns = [stepped(bare), stepped(observed), async (ticks: number) => void (await observed.advance(random, ticks))];
    await bare.reset();
    await observed.reset();
    const episodes: number[] = [];
    for (const play of columns) episodes.push(Math.max(1, Math.round(turnMs / (await millisecondsOf(() => play(maxTicks))))));
    const rates: number[][] = columns.map(() => []);
    for (let round = 0; round < ROUNDS; round++)
      for (const [k, play] of columns.entries()) {
        const ticks = episodes[k] * maxTicks;
        rates[k].push((worlds * agents * ticks * 1000) / (await millisecondsOf(() => play(ticks))));
      }
    const times: number[] = [];
    for (let t = 0; t < maxTicks; t++) times.push(await millisecondsOf(() => observed.step(ring[t % ring.length])));
    const { activity, policyActivity } = await playAgain(observed, ring, () => observed.advance(random, maxTicks));
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
      bytesPerWorld: (observed.engine as WebGpuEngine).bytesPerWorld,
      activity,
      policyActivity,
    };
  } finally {
    bare.close();
    observed.close();
  }
}

/** What happens in the first rows over an episode, with the ring's actions and with the policy's. @throws Error where the device played another game. */
async function playAgain(
  env: AsyncBatchEnv,
  ring: readonly Float32Array[],
  advance: () => Promise<unknown>,
): Promise<{ activity: Activity; policyActivity: Activity }> {
  const { compiled, numAgents } = env;
  const numWorlds = Math.min(env.numWorlds, CHECKED_WORLDS);
  const twin = createBatchEnvSync({ scenario: compiled, numWorlds, seed: BENCH_SEED, engine: 'cpu' });
  const policy = runPolicies(twin, createPolicy('random'));
  const playTwin = (act: (tick: number) => Float32Array): Activity => {
    twin.reset({ seed: BENCH_SEED });
    const meter = createActivityMeter(twin.engine);
    for (let tick = 0; tick < compiled.program.maxTicks; tick++) {
      const actions = act(tick);
      meter.before();
      twin.stepSync(actions);
      meter.after();
    }
    return meter.activity();
  };
  const assertAlike = async () => {
    const own = (await env.rowHashes()).slice(0, numWorlds);
    const differing = twin.rowHashes().findIndex((hash, row) => hash !== own[row]);
    if (differing >= 0)
      throw new Error(`row ${differing} must have the hash of cpu; got ${own[differing]}, cpu has ${twin.rowHashes()[differing]}`);
  };
  try {
    await env.reset({ seed: BENCH_SEED });
    for (let tick = 0; tick < compiled.program.maxTicks; tick++) await env.step(ring[tick % ring.length]);
    const activity = playTwin((tick) => ring[tick % ring.length].subarray(0, numWorlds * numAgents * ACTION_FIELDS));
    await assertAlike();
    await env.reset({ seed: BENCH_SEED });
    await advance();
    const policyActivity = playTwin(() => policy.act());
    await assertAlike();
    return { activity, policyActivity };
  } finally {
    twin.close();
  }
}

async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
