import { readFileSync } from 'node:fs';
import { checkEnv, createBatchEnv, createBatchEnvSync, createEnv, spaceContains } from '@kinovox/env';
import { ACTION_FIELDS, ScenarioError, type ScenarioInput } from '@kinovox/world';
import { describe, expect, it } from 'vitest';

const scenario = (observation: ScenarioInput['observation']): ScenarioInput => ({
  version: 1,
  id: 'pictures-v1',
  title: 'Pictures',
  world: { size: [16, 8, 16], terrain: { generator: 'flat', ground: 2 } },
  agents: [
    {
      id: 'bot',
      count: 2,
      body: 'walker',
      spawn: {
        region: [
          [1, 2, 1],
          [14, 2, 14],
        ],
      },
    },
  ],
  observation,
  task: {
    reach: {
      agents: 'all',
      region: [
        [0, 2, 0],
        [1, 3, 1],
      ],
    },
  },
  episode: { maxTicks: 40 },
});
const PICTURES = { camera: { width: 12, height: 8, channels: ['depth', 'rgb', 'body'] as const }, lidar: { beams: 6, ringsDeg: [0, -20] } };
const withPictures = scenario({ ...PICTURES, camera: { ...PICTURES.camera, channels: [...PICTURES.camera.channels] } });

describe('pictures as observation', () => {
  it('stand in the spaces and in every observation, with those bounds', async () => {
    const env = await createEnv({ scenario: withPictures, seed: 1 });
    const { observations } = env.reset();
    const { spaces } = env.batch.spaces.observation;
    expect(spaces.cameraRgb).toMatchObject({ dtype: 'uint8', shape: [8, 12, 3] });
    expect(spaces.lidar).toMatchObject({ dtype: 'uint16', shape: [2, 6] });
    expect(spaces.cameraBlock).toBeUndefined();
    for (const observation of Object.values(observations)) {
      expect(spaceContains(env.batch.spaces.observation, observation)).toBe(true);
      expect(new Set(observation.cameraDepth).size).toBeGreaterThan(3);
      expect(new Set(observation.lidar).size).toBeGreaterThan(1);
    }
    env.close();
  });

  it('pass the conformance checks', async () => {
    const path = new URL('../../scenarios/reach-maze-v1.scenario.json', import.meta.url);
    const maze = JSON.parse(readFileSync(path, 'utf8')) as ScenarioInput;
    const seeing = { ...maze, $schema: undefined, observation: { ...maze.observation, ...withPictures.observation } };
    for (const result of await checkEnv((options) => createEnv({ scenario: seeing, seed: 2, ...options })))
      expect(result, result.name).toMatchObject({ ok: true });
  });

  it('follow the state after each step and restore, row by row alike', () => {
    const batch = createBatchEnvSync({ scenario: withPictures, numWorlds: 3, seed: 4 });
    const alone = createBatchEnvSync({ scenario: withPictures, numWorlds: 1, seed: 6 });
    batch.reset();
    alone.reset();
    const first = alone.images!.camera!.rgb.slice();
    const snapshot = alone.snapshot(0);
    const actions = new Float32Array(batch.actionLength);
    for (let i = 0; i < actions.length; i += ACTION_FIELDS) actions[i] = 1;
    for (let tick = 0; tick < 10; tick++) {
      batch.stepSync(actions);
      const { images } = alone.stepSync(actions.subarray(0, alone.actionLength));
      const size = images!.camera!.rgb.length;
      expect(batch.images!.camera!.rgb.subarray(2 * size, 3 * size)).toEqual(images!.camera!.rgb);
      expect(batch.images!.lidar!.slice(2 * images!.lidar!.length)).toEqual(images!.lidar);
    }
    expect(alone.images!.camera!.rgb).not.toEqual(first);
    alone.restore(0, snapshot);
    expect(alone.images!.camera!.rgb).toEqual(first);
  });

  it('change nothing in the state, and are absent where nobody observes', () => {
    const seen = createBatchEnvSync({ scenario: withPictures, numWorlds: 2, seed: 4 });
    const unseen = createBatchEnvSync({ scenario: withPictures, numWorlds: 2, seed: 4, observe: false });
    const plain = createBatchEnvSync({ scenario: scenario({}), numWorlds: 2, seed: 4 });
    const hashes = [seen, unseen, plain].map((env) => {
      env.reset();
      env.stepSync(new Float32Array(env.actionLength).fill(0.5));
      return env.stateHash();
    });
    expect(new Set(hashes).size).toBe(1);
    expect(unseen.images).toBeUndefined();
    expect(plain.images).toBeUndefined();
  });

  it('are those of one thread on workers', async () => {
    const envs = [
      await createBatchEnv({ scenario: withPictures, numWorlds: 4, seed: 1, engine: 'cpu' }),
      await createBatchEnv({ scenario: withPictures, numWorlds: 4, seed: 1, engine: 'workers', threads: 2 }),
    ];
    for (const env of envs) {
      env.reset();
      for (let tick = 0; tick < 45; tick++) await env.step(new Float32Array(env.actionLength).fill(((tick % 5) - 2) / 2));
    }
    expect(envs[1].engineName).toBe('workers');
    expect(envs[1].images).toEqual(envs[0].images);
    for (const env of envs) env.close();
  });

  it.each(['cpu', 'workers'] as const)('keep the last ones of episodes that end and go on in the same step, on %s', async (engine) => {
    const options = { scenario: withPictures, numWorlds: 3, seed: 5, ...(engine === 'workers' ? { engine, threads: 2 } : { engine }) };
    const going = await createBatchEnv(options);
    const stopping = await createBatchEnv({ ...options, autoreset: 'disabled' });
    for (const env of [going, stopping]) env.reset();
    const actions = new Float32Array(going.actionLength).fill(0.5);
    let numEnded = 0;
    while (numEnded === 0) {
      const { images, finalImages, ended } = await going.step(actions);
      const last = await stopping.step(actions);
      expect(last.finalImages).toBeUndefined();
      numEnded = ended.filter((flag) => flag === 1).length;
      if (numEnded === 0) continue;
      expect(numEnded).toBe(3);
      expect(finalImages).toEqual(last.images);
      expect(images).not.toEqual(last.images);
    }
    for (const env of [going, stopping]) env.close();
  });

  it('are zero for agents that have left', () => {
    const env = createBatchEnvSync({ scenario: withPictures, numWorlds: 1, seed: 4 });
    env.reset();
    env.engine.state.flags[1] = 0;
    const snapshot = env.snapshot(0);
    env.restore(0, snapshot);
    const { rgb } = env.images!.camera!;
    expect(rgb.subarray(rgb.length / 2).every((value) => value === 0)).toBe(true);
    expect(rgb.subarray(0, rgb.length / 2).some((value) => value > 0)).toBe(true);
  });

  it('are refused with the path when they are too large or name a channel that is not there', () => {
    const open = (camera: object) => () => createBatchEnvSync({ scenario: scenario({ camera } as never), numWorlds: 1 });
    expect(open({ width: 512 })).toThrow(ScenarioError);
    expect(open({ width: 512 })).toThrow(/observation\.camera\.width/);
    expect(open({ channels: ['depht'] })).toThrow(/observation\.camera\.channels/);
    expect(open({ channels: ['depth', 'depth'] })).toThrow(/each channel once/);
  });
});
