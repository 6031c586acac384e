/**
 * Checks that a batched environment keeps its contract: shapes, determinism, independence of rows, autoreset, snapshots, groups.
 * A row is compared with a single world of its seed, and with itself among neighbours that act otherwise.
 */
import type { Split } from '@kinovox/world';
import type { AsyncBatchEnv } from '../async-batch-env.js';
import type { BatchEnv } from '../batch-env.js';
import type { ResetOptions, RowSnapshot, StepResult } from '../batch-options.js';
import type { CheckOptions } from './check-env.js';
import { type CheckResult, expectRefusalOf, expectThat, runChecks } from './check-result.js';
import { sampleRowActions } from './sampled-action.js';

type Soon<T> = T | Promise<T>;

/** What the checks ask of a batch: `BatchEnv`, or anything that wraps one. Whatever touches worlds may answer with a promise; see `checkedAsync`. */
export interface CheckedBatch
  extends Pick<BatchEnv, 'numWorlds' | 'numAgents' | 'actionLength' | 'spaces' | 'observations' | 'rowInfo' | 'close'> {
  reset(options?: ResetOptions): unknown;
  stepSync(actions: Float32Array): Soon<StepResult>;
  rowHashes(): Soon<string[]>;
  stateHash(): Soon<string>;
  snapshot(row: number): Soon<RowSnapshot>;
  restore(row: number, snapshot: RowSnapshot): unknown;
}

/** An `AsyncBatchEnv` as the checks ask for it. */
export function checkedAsync(env: AsyncBatchEnv): CheckedBatch {
  return {
    numWorlds: env.numWorlds,
    numAgents: env.numAgents,
    actionLength: env.actionLength,
    spaces: env.spaces,
    get observations() {
      return env.observations;
    },
    reset: (options) => env.reset(options),
    stepSync: (actions) => env.step(actions),
    rowHashes: () => env.rowHashes(),
    stateHash: () => env.stateHash(),
    rowInfo: (row) => env.rowInfo(row),
    snapshot: (row) => env.snapshot(row),
    restore: (row, snapshot) => env.restore(row, snapshot),
    close: () => env.close(),
  };
}

/** Makes a batch with same-step autoreset; called again only when the batch before is there. */
export type MakeBatch = (options: { numWorlds: number; seed: number; split: Split }) => CheckedBatch | Promise<CheckedBatch>;

const NUM_WORLDS = 4;
const SEED = 30;
/** The row that is compared. */
const ROW = 2;
/** Ticks by which every episode has ended: the schema's largest `maxTicks`. */
const LONGEST_EPISODE = 100_000;

export async function checkBatchEnv(make: MakeBatch, { ticks = 100, fixedLevel = false }: CheckOptions = {}): Promise<CheckResult[]> {
  const made: CheckedBatch[] = [];
  const create = async (numWorlds = NUM_WORLDS, seed = SEED, split: Split = 'train') => {
    const env = await make({ numWorlds, seed, split });
    made.push(env);
    return env;
  };
  const results = await runChecks([
    ['results have the declared shapes and values, and wrong actions are refused', async () => checkShapes(await create(), ticks)],
    ['the same seed and actions give the same hashes', async () => checkDeterminism(await create(), await create(), ticks)],
    [
      'other actions and other seeds give other hashes',
      async () => checkSensitivity(await create(), await create(NUM_WORLDS, SEED + 100), ticks),
    ],
    ['a row does as it would alone', async () => checkAlone(await create(), await create(1, SEED + ROW), ticks)],
    ['a row does the same whatever its neighbours do', async () => checkNeighbours(await create(), await create(), ticks)],
    ['an ended row stands at the start of its next episode, its final observation kept', async () => checkAutoreset(await create(), ticks)],
    ['a restored row continues as the original did', async () => checkSnapshot(await create(), ticks)],
    ['members of a group start alike', async () => checkGroups(await create())],
    [
      'splits play different levels',
      async () => {
        if (fixedLevel) return;
        // One after another: they may share a device, which tells errors to whoever listens at the time.
        const envs: CheckedBatch[] = [];
        for (const split of ['train', 'validation', 'test'] as const) envs.push(await create(NUM_WORLDS, SEED, split));
        await checkSplits(envs);
      },
    ],
  ]);
  for (const env of made) env.close();
  return results;
}

const KEYS = [1, 2, 3, 4];

function actionsFor(env: CheckedBatch, keys: readonly number[], tick: number): Float32Array {
  const actions = new Float32Array(env.actionLength);
  const perRow = env.actionLength / env.numWorlds;
  for (let row = 0; row < env.numWorlds; row++)
    actions.set(sampleRowActions(env.spaces.actionRow, env.numAgents, keys[row], tick), row * perRow);
  return actions;
}

/** Hashes of every row after each step. */
async function run(env: CheckedBatch, ticks: number, keys: readonly number[], from = 0): Promise<string[][]> {
  const lines: string[][] = [];
  for (let t = 0; t < ticks; t++) {
    await env.stepSync(actionsFor(env, keys, from + t));
    lines.push(await env.rowHashes());
  }
  return lines;
}

async function checkShapes(env: CheckedBatch, ticks: number): Promise<void> {
  await expectRefusalOf(() => env.stepSync(new Float32Array(env.actionLength)), 'a step before the first reset');
  await env.reset();
  await expectRefusalOf(() => env.stepSync(new Float32Array(env.actionLength + 1)), 'actions of another length');
  const agents = env.numWorlds * env.numAgents;
  const size = env.spaces.vector.shape[0];
  const low = env.spaces.vector.low as number[];
  const high = env.spaces.vector.high as number[];
  for (let t = 0; t < ticks; t++) {
    const { rewards, terminated, truncated, ended, observations, finalObservations } = await env.stepSync(actionsFor(env, KEYS, t));
    const lengths = {
      rewards: [rewards.length, agents],
      terminated: [terminated.length, agents],
      truncated: [truncated.length, agents],
      ended: [ended.length, env.numWorlds],
    };
    for (const [name, [got, wanted]] of Object.entries(lengths))
      expectThat(got === wanted, `${name} must have length ${wanted}; got ${got}.`);
    for (const [name, vector] of Object.entries({ observations: observations.vector, finalObservations })) {
      expectThat(vector.length === agents * size, `${name} must have length ${agents * size}; got ${vector.length}.`);
      const outside = vector.findIndex((value, i) => !(value >= low[i % size] && value <= high[i % size]));
      expectThat(
        outside < 0,
        `${name} must lie in the space; got ${vector[outside]} for ${env.spaces.vector.names?.[outside % size]} at tick ${t + 1}.`,
      );
    }
    for (let i = 0; i < agents; i++) {
      expectThat(Number.isFinite(rewards[i]), `rewards must be finite; got ${rewards[i]} at tick ${t + 1}.`);
      expectThat(
        terminated[i] <= 1 && truncated[i] <= 1,
        `terminated and truncated must be 0 or 1; got ${terminated[i]} and ${truncated[i]}.`,
      );
    }
  }
}

async function checkDeterminism(a: CheckedBatch, b: CheckedBatch, ticks: number): Promise<void> {
  await a.reset();
  await b.reset();
  expectSame(await run(a, ticks, KEYS), await run(b, ticks, KEYS), 'two batches with the same seed and actions');
  const [mine, theirs] = [await a.stateHash(), await b.stateHash()];
  expectThat(mine === theirs, `their batch hashes must be equal; got ${mine} and ${theirs}.`);
}

async function checkSensitivity(env: CheckedBatch, other: CheckedBatch, ticks: number): Promise<void> {
  await env.reset();
  await other.reset();
  const start = await env.stateHash();
  expectThat(start !== (await other.stateHash()), `batches of other seeds must start otherwise; got ${start} twice.`);
  const snapshots: RowSnapshot[] = [];
  for (let row = 0; row < env.numWorlds; row++) snapshots.push(await env.snapshot(row));
  const first = await run(env, ticks, KEYS);
  for (let row = 0; row < env.numWorlds; row++) await env.restore(row, snapshots[row]);
  const second = await run(env, ticks, [11, 12, 13, 14]);
  for (let row = 0; row < env.numWorlds; row++) {
    const differs = first.some((hashes, t) => hashes[row] !== second[t][row]);
    expectThat(differs, `other actions must lead to other states; row ${row} had the same ones for ${ticks} ticks.`);
  }
}

async function checkAlone(batch: CheckedBatch, single: CheckedBatch, ticks: number): Promise<void> {
  await batch.reset();
  await single.reset();
  const ofRow = (await run(batch, ticks, KEYS)).map((hashes) => [hashes[ROW]]);
  expectSame(ofRow, await run(single, ticks, [KEYS[ROW]]), `row ${ROW} and a single world with its seed`);
}

async function checkNeighbours(a: CheckedBatch, b: CheckedBatch, ticks: number): Promise<void> {
  await a.reset();
  await b.reset();
  const other = KEYS.map((key, row) => (row === ROW ? key : key + 50));
  const [first, second] = [await run(a, ticks, KEYS), await run(b, ticks, other)].map((lines) => lines.map((hashes) => [hashes[ROW]]));
  expectSame(first, second, `row ${ROW} among neighbours that act in two ways`);
}

async function checkAutoreset(env: CheckedBatch, ticks: number): Promise<void> {
  await env.reset();
  const perRow = env.observations.vector.length / env.numWorlds;
  let numEnded = 0;
  for (let t = 0; t < ticks || numEnded === 0; t++) {
    expectThat(t <= LONGEST_EPISODE, `an episode must end by its time limit; got none in ${t} ticks.`);
    const before = KEYS.map((_, row) => env.rowInfo(row).episode);
    const { ended, terminated, truncated, observations, finalObservations } = await env.stepSync(actionsFor(env, KEYS, t));
    for (let row = 0; row < env.numWorlds; row++) {
      const { episode, tick } = env.rowInfo(row);
      expectThat(
        episode - before[row] === ended[row],
        `row ${row} must begin an episode exactly when one ends; got episode ${episode} after ${before[row]}, ended = ${ended[row]}.`,
      );
      if (ended[row] === 0) continue;
      numEnded++;
      expectThat(tick === 0, `an ended row must stand at tick 0 of its next episode; got tick ${tick} in row ${row}.`);
      const flags = [...terminated, ...truncated].filter(
        (_, i) => Math.floor((i % (env.numWorlds * env.numAgents)) / env.numAgents) === row,
      );
      expectThat(flags.includes(1), `an ended row must say which agents ended; got no flag in row ${row}.`);
      const final = finalObservations.subarray(row * perRow, (row + 1) * perRow);
      const now = observations.vector.subarray(row * perRow, (row + 1) * perRow);
      expectThat(
        final.some((value) => value !== 0) && final.some((value, i) => value !== now[i]),
        `the final observation must be the last of the ended episode; got ${final.some((value) => value !== 0) ? "the next episode's first" : 'zeros'} in row ${row}.`,
      );
    }
  }
}

async function checkSnapshot(env: CheckedBatch, ticks: number): Promise<void> {
  await env.reset();
  await run(env, ticks >> 1, KEYS);
  const snapshot = await env.snapshot(ROW);
  const first = (await run(env, ticks, KEYS, 500)).map((hashes) => [hashes[ROW]]);
  await env.restore(ROW, snapshot);
  expectSame(
    first,
    (await run(env, ticks, KEYS, 500)).map((hashes) => [hashes[ROW]]),
    'what follows a snapshot and what follows its restoration',
  );
}

async function checkGroups(env: CheckedBatch): Promise<void> {
  await env.reset({ seed: SEED, groupSize: 2 });
  const hashes = await env.rowHashes();
  expectThat(
    hashes[0] === hashes[1] && hashes[2] === hashes[3] && hashes[0] !== hashes[2],
    `rows 0, 1 and 2, 3 must start alike and the groups differ; got ${hashes.join(', ')}.`,
  );
}

/** Episodes of each row compared between splits: a single level may be drawn alike by chance. */
const SPLIT_EPISODES = 3;

async function checkSplits(envs: readonly CheckedBatch[]): Promise<void> {
  const starts: string[] = [];
  for (const env of envs) {
    let text = '';
    for (let k = 0; k < SPLIT_EPISODES; k++) {
      await env.reset();
      // Levels may differ in numbers of the task alone, which agents see and the state does not hold.
      text += `${await env.stateHash()} ${env.observations.vector.join()} `;
    }
    starts.push(text);
  }
  expectThat(
    new Set(starts).size === starts.length,
    `train, validation and test must play different levels; the first ${SPLIT_EPISODES} episodes of two of them start alike.`,
  );
}

function expectSame(a: readonly string[][], b: readonly string[][], what: string): void {
  for (let t = 0; t < a.length; t++) {
    expectThat(a[t].join() === b[t]?.join(), `${what} must agree at every step; they differ at step ${t + 1} of ${a.length}.`);
  }
}
