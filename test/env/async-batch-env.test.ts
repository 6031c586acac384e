import {
  type AsyncBatchEnvOptions,
  AUTORESET_MODES,
  chooseAsyncEngine,
  createAsyncBatchEnv,
  createChaseSource,
  createRandomSource,
  type EpisodeRecord,
  loadScenario,
} from '@kinovox/env';
import { ResetNeededError, ShapeError, UsageError } from '@kinovox/world';
import { afterEach, describe, expect, it } from 'vitest';
import { boldActions, cpuTwin, expectSamePlay } from './async-comparison.js';
import { bridge, stroll, talk } from './sample-scenarios.js';

const make = (options: Partial<AsyncBatchEnvOptions> = {}) =>
  createAsyncBatchEnv({ scenario: bridge, numWorlds: 4, seed: 11, engine: 'cpu', ...options });

describe('AsyncBatchEnv on cpu', () => {
  it.each(AUTORESET_MODES)('gives with autoreset %s what BatchEnv gives', async (autoreset) => {
    const env = await make({ autoreset });
    const twin = cpuTwin(bridge, env);
    expect((await env.reset()).vector).toEqual(twin.reset().vector);
    const { ended, invalid } = await expectSamePlay(env, twin, 150);
    expect(ended).toBeGreaterThan(3);
    expect(invalid).toBeGreaterThan(0);
    env.close();
  });

  it('gives in the discrete profile what BatchEnv gives, choices that are none included', async () => {
    const env = await make({ scenario: talk });
    const twin = cpuTwin(talk, env);
    await env.reset();
    twin.reset();
    const { invalid } = await expectSamePlay(env, twin, 60);
    expect(invalid).toBeGreaterThan(0);
  });

  it('brings the groups asked for, packed, and nothing else', async () => {
    const env = await make({ read: { groups: ['inventory', 'self'], crop: false, final: false } });
    const twin = cpuTwin(bridge, env);
    await env.reset();
    twin.reset();
    for (let tick = 0; tick < 5; tick++) {
      await env.step(boldActions(twin, tick));
      twin.stepSync(boldActions(twin, tick));
    }
    const { groups, size, vector, finalVector } = env.observations;
    expect(groups.map(({ name }) => name)).toEqual(['self', 'inventory']);
    expect(finalVector.length).toBe(0);
    const whole = twin.observations;
    for (const group of groups) {
      const from = whole.groups.find(({ name }) => name === group.name)!.offset;
      const width = group.rows * group.fields.length;
      for (let i = 0; i < 8; i++)
        expect(vector.subarray(i * size + group.offset, i * size + group.offset + width)).toEqual(
          whole.vector.subarray(i * whole.size + from, i * whole.size + from + width),
        );
    }
  });

  it('refuses a group that agents do not see, with the nearest name', async () => {
    await expect(make({ read: { groups: ['inventry'] } })).rejects.toThrow(/got "inventry" .* Did you mean "inventory"\?/);
  });

  it('advances as it steps: same hashes, same episodes, same returns', async () => {
    const source = createRandomSource();
    const env = await make();
    const twin = cpuTwin(bridge, env);
    await env.reset();
    twin.reset();
    const records: EpisodeRecord[] = [];
    const twinRecords: EpisodeRecord[] = [];
    env.onEpisodeEnd = (record) => records.push(record);
    twin.onEpisodeEnd = (record) => twinRecords.push(record);
    const actions = new Float32Array(twin.actionLength);
    for (const ticks of [1, 49, 100]) {
      await env.advance(source, ticks);
      for (let tick = 0; tick < ticks; tick++) {
        source.fill(twin.engine, actions);
        twin.stepSync(actions);
      }
      expect(await env.rowHashes()).toEqual(twin.rowHashes());
      expect(env.returnOf(2, 1)).toBe(twin.returnOf(2, 1));
      expect(env.rowInfo(3)).toEqual(twin.rowInfo(3));
    }
    expect(records).toEqual(twinRecords);
    expect(records.length).toBeGreaterThan(4);
  });

  it('refuses to advance without same-step autoreset, and a chase without anybody to chase', async () => {
    const waiting = await make({ autoreset: 'next-step' });
    await waiting.reset();
    await expect(waiting.advance(createRandomSource(), 5)).rejects.toThrow(/must have autoreset "same-step"/);
    const blind = await make({ observe: false });
    await blind.reset();
    await expect(blind.advance(createChaseSource(), 5)).rejects.toThrow(UsageError);
  });

  it('goes on from its snapshots in other rows, forks, and on BatchEnv', async () => {
    const env = await make();
    await env.reset();
    for (let tick = 0; tick < 30; tick++) await env.step(boldActions(env, tick));
    const snapshot = await env.snapshot(1);
    const fork = await env.fork(1, { numWorlds: 2 });
    const twin = cpuTwin(bridge, env);
    twin.reset();
    twin.restore(3, snapshot);
    const [, hash] = await env.rowHashes();
    expect(await fork.rowHashes()).toEqual([hash, hash]);
    expect(twin.rowHashes()[3]).toBe(hash);
    expect(fork.returnOf(1, 0)).toBe(env.returnOf(1, 0));
  });

  it('refuses steps before the first reset, wrong lengths and calls that overlap', async () => {
    const env = await make();
    await expect(env.step(new Float32Array(env.actionLength))).rejects.toThrow(ResetNeededError);
    await env.reset();
    await expect(env.step(new Float32Array(3))).rejects.toThrow(ShapeError);
    const first = env.step(new Float32Array(env.actionLength));
    await expect(env.step(new Float32Array(env.actionLength))).rejects.toThrow(/Await each call/);
    await first;
    env.close();
    await expect(env.rowHashes()).rejects.toThrow(/after close/);
  });

  it('gives the action masks of BatchEnv', async () => {
    const env = await make();
    const twin = cpuTwin(bridge, env);
    await env.reset();
    twin.reset();
    expect(await env.actionMasks()).toEqual(twin.actionMasks());
  });
});

describe('the choice of an engine', () => {
  const original = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  const pretend = (gpu: unknown) => Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  const adapter = (vendor: string, description: string) => ({
    requestAdapter: async () => ({ info: { vendor, description, architecture: 'x', device: '' } }),
  });
  afterEach(() => {
    if (original === undefined) delete (globalThis as { navigator?: unknown }).navigator;
    else Object.defineProperty(globalThis, 'navigator', original);
  });

  it.each([
    ['nvidia', 'NVIDIA H200', 'webgpu', /has a GPU, NVIDIA H200/],
    ['amd', 'AMD Radeon RX 7900 (RADV NAVI31)', 'webgpu', /has a GPU, AMD/],
    ['mesa', 'llvmpipe (LLVM 15.0.6, 256 bits)', 'cpu', /llvmpipe .* computes on the CPU/],
    ['google', 'SwiftShader Device', 'cpu', /computes on the CPU/],
    ['', '', 'cpu', /no GPU adapter/],
  ])('auto takes of the adapter "%s" %s the engine %s and says why', async (vendor, description, name, why) => {
    pretend(
      vendor === '' ? { requestAdapter: async () => ({ info: { vendor, description, architecture: '' } }) } : adapter(vendor, description),
    );
    const choice = await chooseAsyncEngine('auto', loadScenario(stroll), 'native');
    expect(choice.name).toBe(name);
    expect(choice.reason).toMatch(why);
  });

  it('auto keeps in memory what a device cannot run, and says so', async () => {
    pretend(adapter('nvidia', 'NVIDIA H200'));
    const unbounded = loadScenario({ ...stroll, episode: { maxTicks: 20, variants: 'unbounded' } });
    expect(await chooseAsyncEngine('auto', unbounded, 'native')).toMatchObject({ name: 'cpu', reason: /unbounded/ });
    expect(await chooseAsyncEngine('auto', loadScenario(stroll), 'waypoint')).toMatchObject({ name: 'cpu', reason: /waypoint/ });
  });

  it('refuses webgpu without an adapter, with the next step', async () => {
    pretend({ requestAdapter: async () => null });
    await expect(make({ engine: 'webgpu' })).rejects.toThrow(
      /needs a GPU adapter; this host has none. Install a Vulkan driver .* or use the engine "cpu"/,
    );
    await expect(make({ engine: 'webgpu', actionProfile: 'waypoint' })).rejects.toThrow(/action profile that does not look at worlds/);
  });

  it('refuses to hold actions, and takes options that say nothing of it', async () => {
    const given = (repeat: number | undefined) => make({ repeat } as Partial<AsyncBatchEnvOptions>);
    await expect(given(2)).rejects.toThrow('repeat must be left to createBatchEnv');
    for (const repeat of [undefined, 1]) (await given(repeat)).close();
  });

  it('refuses an unknown engine with the nearest name', async () => {
    await expect(make({ engine: 'webgqu' as 'webgpu' })).rejects.toThrow(/Did you mean "webgpu"\?/);
  });
});
