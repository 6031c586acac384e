/**
 * Levels on a device: built when rows are about to play them, dropped when there is no room, moved when one is larger than the places; in one shard or many.
 * Whatever happens, worlds are those of cpu. A software driver is enough.
 */
import { type ActionSource, compileScenario, createRandomSource } from '@kinovox/env';
import {
  createCpuEngine,
  createWebGpuEngine,
  type Engine,
  hashBatch,
  openGpu,
  type VariantSource,
  type WebGpuEngine,
  type WebGpuOptions,
} from '@kinovox/physics';
import { parseScenario, type ScenarioInput } from '@kinovox/world';
import { afterAll, describe, expect, it } from 'vitest';
import { watchDevice } from '../../packages/physics/src/engines/webgpu/device.js';
import { bridge } from '../env/sample-scenarios.js';
import { testGpu } from './gpu-device.js';

const gpu = await testGpu();
const NUM_WORLDS = 6;
const NUM_VARIANTS = 48;

/** Episodes of 12 ticks on levels that differ in their ravine, their spawn cells and what is protected. */
const scenario: ScenarioInput = {
  ...bridge,
  id: 'sample-levels-v1',
  parameters: { gap: { int: [2, 5] }, room: { int: [0, 18] } },
  agents: bridge.agents.map((agent, k) =>
    k === 0
      ? {
          ...agent,
          spawn: {
            region: [
              [2, 6, 2],
              [10, 6, { param: 'room', plus: 3 }],
            ],
          },
        }
      : agent,
  ) as ScenarioInput['agents'],
  episode: { maxTicks: 12, variants: NUM_VARIANTS },
};

const compiled = compileScenario(parseScenario(scenario));
const variants = compiled.playableLevels('train');
const shared = { program: compiled.program, variants, numWorlds: NUM_WORLDS, seed: 3 };
const sumsOf = ({ program, numWorlds }: Pick<Engine, 'program' | 'numWorlds'>) => ({
  returns: new Float64Array(numWorlds * program.numAgents),
  achieved: new Uint8Array(0),
});
const largest = Math.max(...Array.from({ length: NUM_VARIANTS }, (_, v) => variants.get(v).spawnPoints.length));

function playOnCpu(engine: Engine, source: ActionSource, ticks: number): { ended: number; played: Set<number> } {
  const actions = new Float32Array(engine.numWorlds * engine.program.numAgents * 11);
  const played = new Set<number>(engine.state.variant);
  let ended = 0;
  for (let tick = 0; tick < ticks; tick++) {
    source.fill(engine, actions);
    engine.decode(actions);
    engine.step();
    ended += engine.outputs.ended.reduce((sum, one) => sum + one, 0);
    for (const variant of engine.state.variant) played.add(variant);
  }
  return { ended, played };
}

async function expectSame(engine: WebGpuEngine, cpu: Engine, what: string): Promise<void> {
  expect(await engine.hash(), what).toBe(hashBatch(cpu.state));
  expect(engine.observations.vector, what).toEqual(cpu.observations.vector);
  expect(engine.rows.variant, what).toEqual(cpu.state.variant);
}

/** Steps, repeats and advances on both, each over the ends of many episodes. */
async function playBoth(options: Partial<WebGpuOptions>): Promise<{ engine: WebGpuEngine; ended: number; played: number; most: number }> {
  const engine = await createWebGpuEngine({ ...shared, gpu: gpu!, ...options });
  const cpu = createCpuEngine(shared);
  const source = createRandomSource();
  const actions = new Float32Array(NUM_WORLDS * compiled.program.numAgents * 11);
  await expectSame(engine, cpu, 'at the start');
  expect(Math.max(...engine.shards.map(({ levels }) => levels.size))).toBeLessThanOrEqual(NUM_WORLDS);
  const seen = { ended: 0, played: new Set<number>() };
  const count = ({ ended, played }: { ended: number; played: Set<number> }) => {
    seen.ended += ended;
    for (const variant of played) seen.played.add(variant);
  };
  for (let tick = 0; tick < 30; tick++) {
    source.fill(cpu, actions);
    await engine.step(actions);
    count(playOnCpu(cpu, { ...source, fill: (_, out) => out.set(actions) }, 1));
  }
  await expectSame(engine, cpu, 'after steps');
  await engine.repeat(40);
  count(playOnCpu(cpu, { ...source, fill: (_, out) => out.set(actions) }, 40));
  await expectSame(engine, cpu, 'after a repeat');
  for (const ticks of [5, 100]) {
    const ended = await engine.advance(source, ticks, sumsOf(cpu));
    const twin = playOnCpu(cpu, source, ticks);
    expect(ended.length).toBe(twin.ended);
    count(twin);
    await expectSame(engine, cpu, `after an advance of ${ticks}`);
  }
  const mask = Uint8Array.from({ length: NUM_WORLDS }, (_, w) => w & 1);
  await engine.reset(mask);
  cpu.reset(mask);
  await engine.restore(1, cpu.snapshot(4));
  cpu.restore(1, cpu.snapshot(4));
  await engine.advance(source, 30, sumsOf(cpu));
  count(playOnCpu(cpu, source, 30));
  await expectSame(engine, cpu, 'after resets and a restore');
  const most = Math.max(...engine.shards.map(({ levels }) => levels.size));
  return { engine, ended: seen.ended, played: seen.played.size, most };
}

afterAll(() => gpu?.device.destroy());

describe.skipIf(gpu === undefined)('levels on a device', () => {
  it('are built when rows are about to play them, and worlds are those of cpu', async () => {
    const { engine, ended, played, most } = await playBoth({});
    expect(ended).toBeGreaterThan(80);
    expect(played).toBeGreaterThan(25);
    expect(most).toBeGreaterThanOrEqual(played);
    expect(engine.shards[0].levels.complete).toBe(most === NUM_VARIANTS);
    engine.dispose();
  });

  it('make room for each other where not all fit', async () => {
    const whole = await createWebGpuEngine({ ...shared, gpu: gpu! });
    const levelBytes = Math.floor((whole.shards[0].levels.buffer.size / NUM_VARIANTS) * 12);
    whole.dispose();
    const { engine, played, most } = await playBoth({ levelBytes, worldsPerShard: NUM_WORLDS });
    expect(most).toBeLessThan(14);
    expect(most).toBeGreaterThanOrEqual(NUM_WORLDS);
    expect(played).toBeGreaterThan(2 * most);
    engine.dispose();
  });

  it('move where one has more places to spawn at than the first', async () => {
    const roomiest = (seed: number) =>
      Math.max(...createCpuEngine({ ...shared, numWorlds: 2, seed }).state.variants.map(({ spawnPoints }) => spawnPoints.length));
    const seed = Array.from({ length: 200 }, (_, k) => k).find((k) => roomiest(k) < 0.5 * largest)!;
    const engine = await createWebGpuEngine({ ...shared, gpu: gpu!, numWorlds: 2, seed });
    const cpu = createCpuEngine({ ...shared, numWorlds: 2, seed });
    const before = engine.shards[0].levels.buffer.size;
    await engine.advance(createRandomSource(), 240, sumsOf(cpu));
    playOnCpu(cpu, createRandomSource(), 240);
    expect(engine.shards[0].levels.buffer.size).toBeGreaterThan(before);
    await expectSame(engine, cpu, 'after the move');
    engine.dispose();
  });

  it.each([1, 2, 4])('belong to each shard, with %i worlds in one', async (worldsPerShard) => {
    const { engine, ended } = await playBoth({ worldsPerShard });
    expect(engine.shards).toHaveLength(Math.ceil(NUM_WORLDS / worldsPerShard));
    expect(ended).toBeGreaterThan(80);
    const forkOf = await engine.snapshot(NUM_WORLDS - 1);
    const state = await engine.readState();
    expect(state.variant).toEqual(engine.rows.variant);
    expect(forkOf.variant).toBe(state.variant[NUM_WORLDS - 1]);
    engine.dispose();
  });

  it('come while ticks are queued, and no others', async () => {
    const whole = await createWebGpuEngine({ ...shared, gpu: gpu! });
    const levelBytes = Math.floor((whole.shards[0].levels.buffer.size / NUM_VARIANTS) * 12);
    whole.dispose();
    for (const [what, options] of Object.entries({
      all: {},
      'room for some': { levelBytes, worldsPerShard: NUM_WORLDS },
      shards: { worldsPerShard: 4 },
    })) {
      const engine = await createWebGpuEngine({ ...shared, gpu: gpu!, ...options });
      const cpu = createCpuEngine(shared);
      const source = createRandomSource();
      const sizes: number[] = [];
      let ended = 0;
      for (const ticks of [30, 1, 120]) {
        await engine.queue(source, ticks);
        ended += playOnCpu(cpu, source, ticks).ended;
        sizes.push(Math.max(...engine.shards.map(({ levels }) => levels.size)));
        expect(await engine.hash(), `${what}, ${ticks} ticks more`).toBe(hashBatch(cpu.state));
      }
      expect(ended).toBeGreaterThan(60);
      // Two or three episodes a row in the first 30 ticks, so most levels are not there yet.
      expect(sizes[0], what).toBeLessThan(NUM_VARIANTS / 2);
      expect(sizes[2], what).toBeGreaterThanOrEqual(sizes[0]);
      engine.dispose();
    }
  });

  it('are told apart: a device with another level plays otherwise', async () => {
    const other: VariantSource = {
      get: (variant) => (variant % 3 === 0 ? variants.get((variant + 1) % NUM_VARIANTS) : variants.get(variant)),
    };
    await expect(playBoth({ variants: other })).rejects.toThrow(/expected/);
  });

  it('are refused where those in play do not fit', async () => {
    await expect(createWebGpuEngine({ ...shared, gpu: gpu!, levelBytes: 40_000, worldsPerShard: NUM_WORLDS })).rejects.toThrow(
      /levels in play of the engine "webgpu" must fit in a binding of 40000 bytes; got 6 of \d+ bytes for sample-levels-v1/,
    );
  });

  it('come to many engines of one device, which is listened to once', async () => {
    const { device } = gpu!;
    const listeners: string[] = [];
    const original = device.addEventListener;
    device.addEventListener = (type: string) => void listeners.push(type);
    const engines = [];
    for (let k = 0; k < 12; k++) engines.push(await createWebGpuEngine({ ...shared, gpu: gpu! }));
    device.addEventListener = original;
    expect(listeners).toEqual([]);
    // The first engine of a device listens, so that nothing goes unheard.
    const fresh = await openGpu();
    const heard: string[] = [];
    const listen = fresh.device.addEventListener.bind(fresh.device);
    fresh.device.addEventListener = ((type: string, then: () => void) => {
      heard.push(type);
      listen(type as 'uncapturederror', then);
    }) as typeof listen;
    for (let k = 0; k < 2; k++) watchDevice(fresh.device);
    expect(heard).toEqual(['uncapturederror']);
    fresh.device.destroy();
    for (const engine of engines) engine.dispose();
  });
});
