// Actions held for several ticks: a step is what so many single steps are, up to the end of an episode, at which a row waits for the next step.
import { type BatchEnv, type BatchEnvOptions, createAsyncBatchEnv, createBatchEnv, createBatchEnvSync, Env } from '@kinovox/env';
import type { StepOutputs } from '@kinovox/physics';
import { ShapeError, UsageError } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { createDecisionSums } from '../../packages/env/src/decision-sums.js';
import { bridge, randomActions, stroll } from './sample-scenarios.js';

const ROWS = 3;
const REPEAT = 4;
const SEED = 21;
/** Episodes of 10 ticks end in the middle of a decision; two agents, a picture each, two terms of reward, and the way to the goal. */
const HELD: Omit<BatchEnvOptions, 'engine'> = {
  scenario: {
    ...bridge,
    rewards: [
      { name: 'way', on: 'progress', value: 1 },
      { name: 'end', on: 'failure', value: -1 },
    ],
    observation: { camera: { width: 6, height: 4, channels: ['depth'] }, crop: 3 },
    episode: { maxTicks: 10, variants: 16 },
  },
  shaping: true,
};

/** What a step of one row gave, copied. */
interface Seen {
  rewards: number[];
  terms: number[];
  gained: number[];
  terminated: number[];
  truncated: number[];
  ended: number;
  endStatus: number;
  vector: number[];
  picture: number[];
  final: number[];
  finalPicture: number[];
  hash: string;
  returns: number[];
  episode: number;
}

function seen(env: BatchEnv, row: number, sums?: Partial<Seen>): Seen {
  const { rewards, rewardTerms, wayLeft, terminated, truncated, ended, endStatus, observations, finalObservations, images, finalImages } =
    env.stepResult;
  const of = (array: ArrayLike<number>) => {
    const size = array.length / env.numWorlds;
    return Array.from(array).slice(row * size, (row + 1) * size);
  };
  const ways = of(wayLeft!);
  const { episode } = env.rowInfo(row);
  return {
    rewards: of(rewards),
    terms: of(rewardTerms),
    gained: ways.flatMap((way, k) => (k % 2 === 0 ? [way - ways[k + 1]] : [])),
    terminated: of(terminated),
    truncated: of(truncated),
    ended: ended[row],
    endStatus: endStatus[row],
    vector: of(observations.vector),
    picture: of(images!.camera!.depth!),
    final: ended[row] === 1 ? of(finalObservations) : [],
    finalPicture: ended[row] === 1 && finalImages !== undefined ? of(finalImages.camera!.depth!) : [],
    hash: env.rowHashes()[row],
    returns: Array.from({ length: env.numAgents }, (_, slot) => env.returnOf(row, slot)),
    episode,
    ...sums,
  };
}

const added = (a: number[], b: number[]) => a.map((value, k) => Math.fround(value + b[k]));
const either = (a: number[], b: number[]) => a.map((value, k) => value | b[k]);

/** One world with the seed of `row`, stepped tick by tick until REPEAT ticks are done or its episode ended. */
function single(env: BatchEnv, actions: Float32Array): Seen {
  let total: Seen | undefined;
  const waits = env.rowInfo(0).waiting;
  for (let t = 0; t < REPEAT; t++) {
    env.stepSync(actions);
    const now = seen(env, 0);
    total =
      total === undefined
        ? now
        : seen(env, 0, {
            rewards: added(total.rewards, now.rewards),
            terms: added(total.terms, now.terms),
            gained: total.gained.map((value, k) => value + now.gained[k]),
            terminated: either(total.terminated, now.terminated),
            truncated: either(total.truncated, now.truncated),
          });
    // With next-step autoreset the step after an end is the reset, and no tick.
    if (now.ended === 1 || waits) break;
  }
  return total!;
}

/** Every decision of ROWS held rows, beside that of single worlds whose actions are held for REPEAT ticks. */
async function compare(
  options: Omit<BatchEnvOptions, 'scenario'>,
  repeat = REPEAT,
): Promise<{ held: Seen[]; singles: Seen[]; numEnded: number }> {
  const { autoreset, actionProfile } = options;
  const held = await createBatchEnv({ ...HELD, ...options, numWorlds: ROWS, seed: SEED, repeat });
  const singles = Array.from({ length: ROWS }, (_, row) =>
    createBatchEnvSync({ ...HELD, autoreset, actionProfile, engine: 'cpu', numWorlds: 1, seed: SEED + row }),
  );
  held.reset();
  for (const env of singles) env.reset();
  const result = { held: [] as Seen[], singles: [] as Seen[], numEnded: 0 };
  const perRow = held.actionLength / ROWS;
  const actions = new Float32Array(held.actionLength);
  for (let decision = 0; decision < 12; decision++) {
    for (let row = 0; row < ROWS; row++)
      actions.set(
        randomActions(perRow, row, decision).map((value) => (actionProfile === 'discrete' ? Math.abs(Math.round(9 * value)) : value)),
        row * perRow,
      );
    await held.step(actions);
    for (let row = 0; row < ROWS; row++) {
      result.held.push(seen(held, row));
      result.singles.push(single(singles[row], actions.slice(row * perRow, (row + 1) * perRow)));
    }
    if (autoreset !== 'disabled') continue;
    const mask = Uint8Array.from(held.stepResult.ended);
    if (!mask.includes(1)) continue;
    result.numEnded += mask.reduce((sum, flag) => sum + flag, 0);
    held.reset({ mask });
    singles.forEach((env, row) => {
      if (mask[row] === 1) env.reset();
    });
  }
  result.numEnded ||= held.episodes.count;
  for (const env of [held, ...singles]) env.close();
  return result;
}

describe('actions held for four ticks', () => {
  for (const autoreset of ['same-step', 'next-step', 'disabled'] as const)
    it(`give what four single steps give, to the end of episodes, with autoreset ${autoreset}`, async () => {
      const { held, singles, numEnded } = await compare({ autoreset });
      expect(held).toEqual(singles);
      expect(numEnded).toBeGreaterThan(ROWS);
    });

  it('give the same on threads, on the rigid tier and as choices', async () => {
    for (const options of [{ engine: 'workers', threads: 2 }, { engine: 'rigid' }, { actionProfile: 'discrete' }] as const) {
      const { held, singles } = await compare(options);
      expect(held, JSON.stringify(options)).toEqual(singles);
    }
  });

  it('are told from actions held for three', async () => {
    const { held, singles } = await compare({}, REPEAT - 1);
    expect(held).not.toEqual(singles);
  });

  it('pass through a fork, a snapshot and an observer, who sees every tick', async () => {
    const env = createBatchEnvSync({ ...HELD, numWorlds: 2, repeat: REPEAT, autoreset: 'disabled' });
    env.reset();
    const ticks: number[] = [];
    env.observeRow(1, { onEpisode: () => {}, onTick: ({ engine }) => ticks.push(engine.state.tick[1]) });
    const actions = randomActions(env.actionLength, 1, 1);
    env.stepSync(actions);
    const fork = await env.fork(1);
    const snapshot = env.snapshot(1);
    env.stepSync(actions);
    fork.stepSync(actions.slice(actions.length / 2));
    expect(fork.repeat).toBe(REPEAT);
    expect(fork.rowHashes()[0]).toBe(env.rowHashes()[1]);
    env.stepSync(actions);
    // The third decision is cut off at the time limit.
    expect(ticks).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    env.restore(1, snapshot);
    expect(env.rowInfo(1).tick).toBe(4);
    await expect(env.fork(1)).resolves.toSatisfy((made: BatchEnv) => {
      expect(() => new Env(made)).toThrow(ShapeError);
      return true;
    });
    expect((await env.fork(1, { repeat: 1 })).repeat).toBe(1);
  });

  it('trace no picture between, also where somebody looks on', () => {
    const pictures = (repeat: number) => {
      const env = createBatchEnvSync({ ...HELD, numWorlds: 1, repeat });
      env.reset();
      const { depth } = env.images!.camera!;
      const actions = new Float32Array(env.actionLength).fill(0.5);
      // A value that no ray gives: whoever traces takes its place.
      depth!.fill(1);
      let untouched = 0;
      env.beforeTick = () => {
        if (depth![0] === 1) untouched++;
      };
      env.stepSync(actions);
      expect(depth![0]).not.toBe(1);
      return untouched;
    };
    expect(pictures(REPEAT)).toBe(REPEAT);
    expect(pictures(1)).toBe(1);
  });
});

describe('sums of a decision', () => {
  it('add rewards and metres of rows that are not held, and note ends', () => {
    const tick = (values: Partial<StepOutputs>) => ({ ...outputs, ...values }) as StepOutputs;
    const outputs = {
      rewards: Float32Array.of(1, 2),
      rewardTerms: Float32Array.of(1, 0, 0, 2),
      terminated: Uint8Array.of(0, 0),
      truncated: Uint8Array.of(0, 0),
      ended: Uint8Array.of(0, 0),
      endStatus: Uint8Array.of(0, 0),
      wayLeft: Int32Array.of(50, 48, 30, 33),
    } as StepOutputs;
    const sums = createDecisionSums(outputs);
    const held = Uint8Array.of(0, 0);
    sums.begin();
    sums.add(tick({ ended: Uint8Array.of(0, 1), endStatus: Uint8Array.of(0, 2), terminated: Uint8Array.of(0, 1) }), held);
    held[1] = 1;
    // The first row dies, and comes back far from the goal in the tick after.
    sums.add(tick({ rewards: Float32Array.of(0.5, 9), wayLeft: Int32Array.of(0, 0, 9, 9) }), held);
    sums.add(tick({ wayLeft: Int32Array.of(80, 79, 9, 9) }), held);
    expect([...sums.rewards]).toEqual([2.5, 2]);
    expect([...sums.rewardTerms]).toEqual([3, 0, 0, 2]);
    expect([...sums.ended, ...sums.endStatus, ...sums.terminated]).toEqual([0, 1, 0, 2, 0, 1]);
    // Two tenths gained, then one; three lost.
    expect([...sums.wayLeft]).toEqual([82, 79, 30, 33]);
    sums.begin();
    expect([...sums.rewards, ...sums.wayLeft]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('repeat', () => {
  it('is refused out of range, and by engines that cannot hold a row', async () => {
    for (const repeat of [0, 257, 1.5]) expect(() => createBatchEnvSync({ ...HELD, repeat })).toThrow(ShapeError);
    await expect(createBatchEnv({ scenario: stroll, engine: 'gpujs', repeat: 2 })).rejects.toThrow(UsageError);
    await expect(createAsyncBatchEnv({ scenario: stroll, ...{ repeat: 2 } })).rejects.toThrow(UsageError);
  });
});
