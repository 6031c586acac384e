/**
 * Batches on a device beside batches on cpu: autoreset, readback, snapshots, device-side decisions, and a device that is lost in the middle of a run.
 * A software driver is enough. One small scenario, so that its kernels are compiled once.
 */
import { existsSync } from 'node:fs';
import {
  type ActionSource,
  type AsyncBatchEnv,
  type AsyncBatchEnvOptions,
  AUTORESET_MODES,
  createAsyncBatchEnv,
  createChaseSource,
  createIdleSource,
  createMlpSource,
  createRandomSource,
  type EngineSwitch,
  type EpisodeRecord,
} from '@kinovox/env';
import { findGpu, requireGpu, type WebGpuEngine } from '@kinovox/physics';
import type { ScenarioInput } from '@kinovox/world';
import { afterEach, describe, expect, it } from 'vitest';
import { boldActions, cpuTwin, expectSamePlay } from '../env/async-comparison.js';
import { sampleHoldingMlp, sampleMlp } from '../env/sample-mlp.js';
import { bridge } from '../env/sample-scenarios.js';

const LAVAPIPE = '/usr/share/vulkan/icd.d/lvp_icd.json';
if (process.env.VK_ICD_FILENAMES === undefined && existsSync(LAVAPIPE)) process.env.VK_ICD_FILENAMES = LAVAPIPE;
const adapter = await findGpu();

/** Two teams, achievements, a crop, rewards by progress, bodies and ground drawn per episode: every part of a batch has something to carry. */
const scenario: ScenarioInput = {
  ...bridge,
  id: 'sample-device-v1',
  agents: bridge.agents.map((agent, k) => ({ ...agent, team: k === 0 ? 'reds' : 'blues' })),
  observation: { nearestAgents: 1, crop: 3, goals: 1 },
  randomisation: { speed: [0.7, 1.3], jump: [0.9, 1.1], friction: [0.4, 1.2] },
  rewards: [
    { name: 'success', on: 'success', value: 1 },
    { name: 'progress', on: 'progress', value: 0.7 },
  ],
  task: {
    all: [
      {
        reach: {
          agents: 'all',
          region: [
            [20, 6, 0],
            [31, 10, 23],
          ],
        },
      },
      { never: { below: { agents: 'all', y: 3 } } },
    ],
  },
};

const make = (options: Partial<AsyncBatchEnvOptions> = {}) =>
  createAsyncBatchEnv({ scenario, numWorlds: 6, seed: 11, engine: 'webgpu', ...options });

describe.skipIf(adapter === undefined)('a batch on webgpu', () => {
  it.each(AUTORESET_MODES)('gives with autoreset %s what a batch on cpu gives', async (autoreset) => {
    const env = await make({ autoreset });
    const twin = cpuTwin(scenario, env);
    expect((await env.reset()).vector).toEqual(twin.reset().vector);
    const { ended, invalid } = await expectSamePlay(env, twin, 130);
    expect(ended).toBeGreaterThan(4);
    expect(invalid).toBeGreaterThan(0);
    await env.reset({ groupSize: 3, groupId: 4, seed: 90 });
    twin.reset({ groupSize: 3, groupId: 4, seed: 90 });
    expect(env.groupIds).toEqual(twin.groupIds);
    expect(await env.actionMasks()).toEqual(twin.actionMasks());
    await expectSamePlay(env, twin, 10, 130);
    env.close();
  });

  it('goes on after a restore as the row of the snapshot does, on either engine', async () => {
    const env = await make();
    const twin = cpuTwin(scenario, env);
    await env.reset();
    twin.reset();
    await expectSamePlay(env, twin, 25);
    const fromDevice = await env.snapshot(2);
    const fromCpu = twin.snapshot(4);
    expect(fromDevice).toEqual(twin.snapshot(2));
    await env.restore(0, fromCpu);
    await env.restore(5, fromDevice);
    twin.restore(0, fromCpu);
    twin.restore(5, fromDevice);
    expect(env.observations.vector).toEqual(twin.observations.vector);
    await expectSamePlay(env, twin, 60, 25);
    const fork = await env.fork(3, { numWorlds: 2 });
    const [, , , hash] = await env.rowHashes();
    expect(fork.engineName).toBe('webgpu');
    expect(await fork.rowHashes()).toEqual([hash, hash]);
    fork.close();
    env.close();
  });

  it('forks over several shards as cpu forks, and no member heeds another', async () => {
    const env = await make({ worldsPerShard: 4 });
    const twin = cpuTwin(scenario, env);
    await env.reset();
    twin.reset();
    await expectSamePlay(env, twin, 25);
    // From a row of the second shard to seven members in two shards, the second of which is not full.
    const fork = await env.fork(5, { numWorlds: 7 });
    const twinFork = twin.forkSync(5, { numWorlds: 7 });
    expect([env, fork].map(({ engine }) => (engine as WebGpuEngine).shards.map(({ count }) => count))).toEqual([
      [4, 2],
      [4, 3],
    ]);
    expect(new Set(await fork.rowHashes())).toEqual(new Set([(await env.rowHashes())[5]]));
    expect(fork.observations.vector).toEqual(twinFork.observations.vector);
    expect(Array.from({ length: 7 }, (_, row) => fork.rowInfo(row))).toEqual(Array.from({ length: 7 }, (_, row) => twinFork.rowInfo(row)));
    const { ended } = await expectSamePlay(fork, twinFork, 120, 25);
    expect(ended).toBeGreaterThan(6);
    expect(new Set(await fork.rowHashes()).size).toBeGreaterThan(1);
    // The parent goes on as though it had not been forked; a fork of a fork, of a row in its second shard, too.
    const again = await fork.fork(6, { numWorlds: 5 });
    const twinAgain = twinFork.forkSync(6, { numWorlds: 5 });
    await expectSamePlay(again, twinAgain, 30, 145);
    await expectSamePlay(env, twin, 30, 25);
    for (const one of [env, fork, again]) one.close();
  });

  it('carries actions out as late as on cpu, a restored row included', async () => {
    const late = { ...scenario, randomisation: { ...scenario.randomisation, actionDelayTicks: [0, 3] as [number, number] } };
    const env = await make({ scenario: late });
    const twin = cpuTwin(late, env);
    await env.reset();
    twin.reset();
    await expectSamePlay(env, twin, 25);
    expect(env.drawnIn(2)).toEqual(twin.drawnIn(2));
    await env.restore(0, twin.snapshot(2));
    twin.restore(0, await env.snapshot(2));
    await expectSamePlay(env, twin, 60, 25);
    expect(await env.stateHash()).toBe(twin.stateHash());
    // Play on cpu that draws nothing is another: the device drew as well.
    const plain = cpuTwin({ ...scenario, randomisation: undefined }, env);
    plain.reset();
    for (let tick = 0; tick < 20; tick++) plain.stepSync(boldActions(plain, tick));
    await env.reset({ seed: 11 });
    for (let tick = 0; tick < 20; tick++) await env.step(boldActions(env, tick));
    expect(await env.stateHash()).not.toBe(plain.stateHash());
    env.close();
  });

  it('brings only the groups asked for, packed as on cpu', async () => {
    const read = { groups: ['inventory', 'self'], crop: false, rewardTerms: false };
    const env = await make({ read });
    const host = await make({ read, engine: 'cpu' });
    await env.reset();
    await host.reset();
    for (let tick = 0; tick < 70; tick++) {
      const actions = boldActions(env, tick);
      const { observations, finalObservations, rewardTerms } = await env.step(actions);
      const wanted = await host.step(actions);
      expect(observations.vector).toEqual(wanted.observations.vector);
      expect(finalObservations).toEqual(wanted.finalObservations);
      expect(rewardTerms.every((value) => value === 0)).toBe(true);
    }
    expect(env.observations.size).toBeLessThan(50);
    expect(host.episodes.count).toBeGreaterThan(0);
    env.close();
  });

  it('advances by each source as cpu steps tick by tick', async () => {
    const sources: [string, () => ActionSource][] = [
      ['random', () => createRandomSource()],
      ['random choices', () => createRandomSource('discrete')],
      ['chase', createChaseSource],
      ['a network with heads per column', () => createMlpSource(sampleMlp(scenario, 'native'))],
      ['a network over choices', () => createMlpSource(sampleMlp(scenario, 'discrete'))],
      ['a network that holds its actions', () => createMlpSource(sampleHoldingMlp(scenario))],
      ['idle', createIdleSource],
    ];
    const env = await make();
    const twin = cpuTwin(scenario, env);
    const actions = new Float32Array(twin.actionLength);
    for (const [k, [name, source]] of sources.entries()) {
      await env.reset({ seed: 20 + k });
      twin.reset({ seed: 20 + k });
      const records: EpisodeRecord[] = [];
      const twinRecords: EpisodeRecord[] = [];
      env.onEpisodeEnd = (record) => records.push(record);
      twin.onEpisodeEnd = (record) => twinRecords.push(record);
      const onDevice = source();
      const onHost = source();
      let busy = 0;
      for (const ticks of [1, 30, 100]) {
        const { observations, rewards } = await env.advance(onDevice, ticks);
        for (let tick = 0; tick < ticks; tick++) {
          onHost.fill(twin.engine, actions);
          busy += actions.filter((value) => value !== 0).length;
          twin.stepSync(actions);
        }
        expect(await env.rowHashes(), `${name}, ${ticks} more ticks`).toEqual(twin.rowHashes());
        expect(observations.vector, name).toEqual(twin.observations.vector);
        expect(rewards, name).toEqual(twin.engine.outputs.rewards);
        for (let row = 0; row < 6; row++) expect(env.rowInfo(row), name).toEqual(twin.rowInfo(row));
        expect(env.returnOf(4, 1), name).toBe(twin.returnOf(4, 1));
      }
      expect(records, name).toEqual(twinRecords);
      expect(records.length, name).toBeGreaterThan(5);
      if (name !== 'idle') expect(busy, name).toBeGreaterThan(500);
    }
    // Stepping goes on from where the last advance left.
    await expectSamePlay(env, twin, 5, 200);
    env.close();
  });

  it('catches decisions that differ in one bit', async () => {
    const honest = createRandomSource();
    const env = await make();
    const twin = cpuTwin(scenario, env);
    await env.reset();
    twin.reset();
    const device = (program: Parameters<ActionSource['device']>[0]) => {
      const { table, code } = honest.device(program);
      return { table: table.map((word, k) => (k % 16 === 4 ? word ^ (1 << 20) : word)), code };
    };
    await env.advance({ ...honest, device }, 50);
    const actions = new Float32Array(twin.actionLength);
    for (let tick = 0; tick < 50; tick++) {
      honest.fill(twin.engine, actions);
      twin.stepSync(actions);
    }
    expect(await env.rowHashes()).not.toEqual(twin.rowHashes());
    env.close();
  });
});

describe.skipIf(adapter === undefined)('a device that is lost in the middle of a run', () => {
  const lose = (env: AsyncBatchEnv) => (env.engine as WebGpuEngine).gpu.destroy();

  it.each([
    ['before any snapshot', 1000],
    ['some ticks after a snapshot', 16],
    ['right after a snapshot', 25],
  ])('is replaced, %s, and the run has the hashes of an undisturbed one', async (_, everyTicks) => {
    const env = await make({ resume: { everyTicks } });
    const twin = cpuTwin(scenario, env);
    const switches: EngineSwitch[] = [];
    env.onEngineSwitch = (change) => switches.push(change);
    await env.reset();
    twin.reset();
    await expectSamePlay(env, twin, 50);
    lose(env);
    await expectSamePlay(env, twin, 60, 50);
    expect(switches).toHaveLength(1);
    expect(switches[0]).toMatchObject({ from: 'webgpu', to: 'cpu', replayedTicks: 50 % everyTicks });
    expect(env.engineName).toBe('cpu');
    env.close();
  });

  it.each<[string, () => ActionSource]>([
    ['random play', createRandomSource],
    ['a network that holds its actions', () => createMlpSource(sampleHoldingMlp(scenario))],
  ])('is replaced in the middle of an advance of %s', async (_, create) => {
    const source = create();
    const env = await make({ resume: { everyTicks: 64 } });
    const undisturbed = await make({ engine: 'cpu' });
    const records: EpisodeRecord[] = [];
    const wanted: EpisodeRecord[] = [];
    env.onEpisodeEnd = (record) => records.push(record);
    undisturbed.onEpisodeEnd = (record) => wanted.push(record);
    await env.reset();
    await undisturbed.reset();
    await env.advance(source, 100);
    const under = env.advance(source, 200);
    lose(env);
    await under;
    const own = create();
    for (const ticks of [100, 200]) await undisturbed.advance(own, ticks);
    expect(await env.rowHashes()).toEqual(await undisturbed.rowHashes());
    expect(records).toEqual(wanted);
    expect(env.engineName).toBe('cpu');
  });

  it('is an error that says what to do where resume is off', async () => {
    const env = await make({ resume: false });
    await env.reset();
    await env.step(boldActions(env, 0));
    lose(env);
    await expect(env.step(boldActions(env, 1))).rejects.toThrow(
      /must stay there for a run; .* was lost: .* Restore the last snapshots on another engine/,
    );
    await expect(env.rowHashes()).rejects.toMatchObject({ code: 'gpu-lost' });
  });
});

describe.skipIf(adapter === undefined)('what a device cannot do', () => {
  afterEach(() => {
    delete (globalThis as { navigator?: unknown }).navigator;
  });

  /** The adapter with something about its devices changed. */
  const pretend = async (change: (device: GPUDevice) => void) => {
    const real = (await requireGpu()).adapter;
    const original = real.requestDevice.bind(real);
    const gpu = {
      requestAdapter: async () =>
        Object.assign(Object.create(real), {
          info: real.info,
          limits: real.limits,
          requestDevice: async (wanted: GPUDeviceDescriptor) => {
            const device = await original(wanted);
            change(device);
            return device;
          },
        }),
    };
    Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  };

  it('refuses worlds that do not fit, with the bytes, the limit and the next step', async () => {
    await pretend((device) =>
      Object.defineProperty(device, 'limits', { value: { maxStorageBufferBindingSize: 65536, maxBufferSize: 65536 } }),
    );
    await expect(make()).rejects.toThrow(
      /must fit in a binding of 65536 bytes; got \d+ for 6 worlds of sample-device-v1. Use smaller worlds, or the engine "cpu"/,
    );
  });

  const watched = {
    ...scenario,
    observation: { ...scenario.observation, camera: { width: 8, height: 8, fovDeg: 70, farM: 16, channels: ['depth'] } },
  } as ScenarioInput;
  /** Kernels of a name lose their end. */
  const breakKernel = (name: string) =>
    pretend((device) => {
      const create = device.createShaderModule.bind(device);
      device.createShaderModule = (text) =>
        create({ ...text, code: text.label?.startsWith(name) === true ? `${text.code}\nfn broken( {` : text.code });
    });

  it.each([
    ['a stage', 'score', scenario, / of sample-device-v1/],
    ['the camera', 'camera-rays', watched, / of sample-device-v1/],
    ['the readback', 'pack', scenario, /()/],
  ])('tells which kernel of %s the driver does not take, and what it says', async (_, name, of, whose) => {
    await breakKernel(name);
    await expect(make({ scenario: of })).rejects.toThrow(
      new RegExp(`must compile the kernel "${name}[^"]*"${whose.source}; it said: line \\d+: .*Use the engine "cpu"`, 's'),
    );
  });

  it('tells so of what decides on the device, and steps on with actions of the host', async () => {
    await breakKernel('random');
    const env = await make({ resume: false });
    await env.reset();
    await expect(env.advance(createRandomSource(), 5)).rejects.toThrow(
      /must compile the kernel "random[^"]*"; it said: line \d+: .*Step with actions of the host instead/s,
    );
    await env.step(boldActions(env, 0));
    expect(env.rowInfo(0).tick).toBe(1);
    env.close();
  });

  it('refuses pictures of a world that do not fit, with the bytes, the limit and the next step', async () => {
    await pretend((device) => {
      const { limits } = device;
      // Room for the worlds, not for what 2 agents see at 256 x 256.
      const value = { maxStorageBufferBindingSize: 300_000, maxBufferSize: limits.maxBufferSize };
      Object.defineProperty(device, 'limits', { value });
    });
    const large = {
      ...watched,
      observation: { camera: { width: 256, height: 256, fovDeg: 70, farM: 16, channels: ['rgb'] } },
    } as ScenarioInput;
    await expect(make({ scenario: large, numWorlds: 1 })).rejects.toThrow(
      /Pictures of a world must fit in a binding of 300000 bytes; got \d+ for 2 agents of sample-device-v1. Use smaller pictures, fewer channels/,
    );
  });
});

describe('a batch on webgpu', () => {
  it('has run where it had to', () => {
    if (process.env.KINOVOX_REQUIRE_GPU === '1') expect(adapter, 'a Vulkan driver was installed, but gives no adapter').toBeDefined();
    if (adapter === undefined) console.warn('No GPU adapter: batches on webgpu were NOT tested.');
  });
});
