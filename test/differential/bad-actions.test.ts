/**
 * Actions from outside that are no numbers or out of range: on every engine they are what `ACTION_SPEC` says, the neutral value and the bound, counted alike.
 * Held twice: engines to one another, and each to play with the actions that are meant.
 */
import { createAsyncBatchEnv, loadScenario } from '@kinovox/env';
import { ACTION_FIELDS, ACTION_SPEC, randomU32, type ScenarioInput } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { testGpu } from './gpu-device.js';

const gpu = await testGpu();
gpu?.device.destroy();

/** Two walkers on uneven ground that nothing can change, so that `gpujs` plays it too. */
const scenario: ScenarioInput = {
  version: 1,
  id: 'sample-bad-actions-v1',
  title: 'Two walk about',
  world: {
    size: [16, 8, 16],
    diggable: 'none',
    terrain: { generator: 'flat', ground: 2 },
    edits: [{ fill: 'stone', from: [6, 2, 0], size: [1, 1, 16] }],
  },
  agents: ['ada', 'bob'].map((id, k) => ({
    id,
    body: 'walker' as const,
    can: { place: false },
    spawn: { at: [3 + 2 * k, 2, 8] },
  })),
  task: {
    reach: {
      agents: 'all',
      region: [
        [12, 2, 0],
        [15, 5, 15],
      ],
    },
  },
  episode: { maxTicks: 40 },
};
const compiled = loadScenario(scenario);
const NUM_WORLDS = 3;
const TICKS = 60;
const LENGTH = NUM_WORLDS * 2 * ACTION_FIELDS;

/** Per field: what is sent, and what it means. */
function cases({ min, max, neutral }: (typeof ACTION_SPEC)[number]): [number, number][] {
  const hair = max * (1 + 2 ** -20);
  return [
    [Number.NaN, neutral],
    [Number.POSITIVE_INFINITY, neutral],
    [Number.NEGATIVE_INFINITY, neutral],
    [3.4028234663852886e38, max],
    [-3.4028234663852886e38, min],
    [1e-45, 0],
    [-1e-45, 0],
    [-0, 0],
    [hair, max],
    [min - 1, min],
    [max + 1, max],
    [2 ** 31, max],
    [-(2 ** 31), min],
  ];
}

/** Bold play in range, in which every third value is a bad one; `meant` is the same play as the document says it. */
function drawn(tick: number): { sent: Float32Array; meant: Float32Array; invalid: number } {
  const sent = new Float32Array(LENGTH);
  const meant = new Float32Array(LENGTH);
  let invalid = 0;
  for (let k = 0; k < LENGTH; k++) {
    const field = ACTION_SPEC[k % ACTION_FIELDS];
    const word = randomU32(k, 5, tick, 3, 5, 1);
    const some = cases(field);
    const share = (word >>> 8) / 2 ** 24;
    const fair = field.kind === 'axis' ? field.min + share * (field.max - field.min) : Math.floor(share * (field.max + 1));
    const [is, means] = word % 3 === 0 ? some[(word >>> 4) % some.length] : [fair, fair];
    sent[k] = is;
    meant[k] = means;
    if (!Number.isFinite(is)) invalid++;
  }
  return { sent, meant, invalid };
}

type Options = Omit<Parameters<typeof createAsyncBatchEnv>[0], 'scenario'>;

async function play(options: Options, which: 'sent' | 'meant') {
  const env = await createAsyncBatchEnv({ scenario: compiled, numWorlds: NUM_WORLDS, seed: 5, ...options });
  await env.reset();
  const seen: { rowHashes: string[]; rewards: number[]; observations: number[] }[] = [];
  for (let tick = 0; tick < TICKS; tick++) {
    const { rewards, observations } = await env.step(drawn(tick)[which]);
    if (tick % 20 === 19)
      seen.push({ rowHashes: await env.rowHashes(), rewards: Array.from(rewards), observations: Array.from(observations.vector) });
  }
  const result = { seen, invalid: await env.invalidActions(), engine: env.engineName };
  env.close();
  return result;
}

const invalid = Array.from({ length: TICKS }, (_, tick) => drawn(tick).invalid).reduce((sum, one) => sum + one, 0);
const wanted = await play({ engine: 'cpu' }, 'meant');

describe('actions that are no numbers or out of range', () => {
  it.each<[string, Options]>([
    ['cpu', { engine: 'cpu' }],
    ['workers', { engine: 'workers', threads: 2 }],
    ['gpujs in the mode cpu', { engine: 'gpujs', gpuJsMode: 'cpu' }],
    ['gpujs in the mode webasm', { engine: 'gpujs', gpuJsMode: 'webasm' }],
    ...(gpu === undefined ? [] : ([['webgpu', { engine: 'webgpu', resume: false }]] as [string, Options][])),
  ])('are the bound and the neutral value on %s, and the latter are counted', async (_, options) => {
    const got = await play(options, 'sent');
    expect(got.engine).toBe(options.engine);
    expect(got.seen).toEqual(wanted.seen);
    expect(got.invalid).toBe(invalid);
  });

  it('are many, of every field, and play without them is another', async () => {
    expect(invalid).toBeGreaterThan(100);
    expect(wanted.invalid).toBe(0);
    // What they mean makes a difference: idle in their place gives other worlds.
    const env = await createAsyncBatchEnv({ scenario: compiled, numWorlds: NUM_WORLDS, seed: 5, engine: 'cpu' });
    await env.reset();
    for (let tick = 0; tick < 20; tick++) {
      const { sent, meant } = drawn(tick);
      await env.step(sent.map((value, k) => (Object.is(value, meant[k]) ? value : 0)));
    }
    expect(await env.rowHashes()).not.toEqual(wanted.seen[0].rowHashes);
    env.close();
  });

  it.each<Options['engine']>(['cpu', 'workers', 'gpujs', ...(gpu === undefined ? [] : (['webgpu'] as const))])(
    'of another length are refused by %s, which goes on',
    async (engine) => {
      const env = await createAsyncBatchEnv({ scenario: compiled, numWorlds: NUM_WORLDS, engine, resume: false });
      await env.reset();
      await expect(env.step(new Float32Array(LENGTH - 1))).rejects.toThrow(
        new RegExp(`must have length numWorlds \\* numAgents \\* ${ACTION_FIELDS} = ${LENGTH}; got ${LENGTH - 1}`),
      );
      await env.step(new Float32Array(LENGTH));
      expect(env.rowInfo(0).tick).toBe(1);
      env.close();
    },
  );
});
