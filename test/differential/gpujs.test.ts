/**
 * The engine `gpujs` against `cpu`, in the modes of gpu.js that Node has: equal state, voxels, observations and rewards over every shipped scenario
 * without edits and over generated ones, resets included; and planted changes to its kernel are caught. WebGL: `test/browser/gpujs.test.ts`.
 * A software driver takes seconds to compile a kernel, so it plays few worlds; KINOVOX_GPUJS_TICKS sets how long each mode plays: by default `webasm` 1000 ticks, the others 300.
 */
import { readdirSync } from 'node:fs';
import { type CompiledScenario, createAsyncBatchEnv, createBatchEnv, createBatchEnvSync, loadScenario } from '@kinovox/env';
import {
  createCpuEngine,
  createGpuJs,
  createGpuJsEngine,
  createGpuJsHostEngine,
  editIn,
  GpuJsEngine,
  type GpuJsMode,
  type GpuJsRuntime,
  hashBatch,
} from '@kinovox/physics';
import { EVENT, type ScenarioInput } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { MODES } from '../physics/gpujs/modes.js';
import { randomEditFree } from './edit-free-scenarios.js';
import { countEvents, heldActions } from './held-actions.js';

const folder = new URL('../../scenarios/', import.meta.url);
const shipped = readdirSync(folder)
  .filter((name) => name.endsWith('.scenario.json'))
  .map((name) => name.slice(0, -'.scenario.json'.length));
const load = (id: string) => loadScenario(new URL(`${id}.scenario.json`, folder).pathname);
const EDIT_FREE = ['parkour-v1', 'random-map-v1', 'reach-flat-v1', 'reach-maze-v1', 'relay-code-v1', 'tag-v1', 'water-crossing-v1'];
/** Edit-free too, and not played here: the rules of `relay-code-v1`, `tag-v1` and `random-map-v1`, with more messages or walkers. */
const ALIKE = ['agree-place-v1', 'alcove-v1', 'corridor-swap-v1', 'crowd-doors-v1', 'rooms-map-v1'];
const ticksOf = (mode: GpuJsMode) => Number(process.env.KINOVOX_GPUJS_TICKS ?? (mode === 'webasm' ? 1000 : 300));
/** Between resets of half of the batch. */
const RESET_TICKS = 30;
const CHECKED = [1, 10, 100, 300, 1000];

/** What is planted: a name, and a text of the kernel with its replacement. */
const MUTATIONS: readonly (readonly [string, string, string])[] = [
  ['gravity that is one more', 'vy - 5243', 'vy - 5244'],
  ['ground without grip of its own', 'acceleration = scale14(acceleration, grip);', ''],
  ['air drag upwards that is one more', '16056);\n    vx', '16057);\n    vx'],
  ['a body that is a little wider', 'aroundX, 0) + 19660', 'aroundX, 0) + 19700'],
  ['a jump that is one higher', 'vy = 27525', 'vy = 27526'],
  ['no step up at all', 'parts = 10', 'parts = 3'],
  ['a push that knows only one axis', 'vz = vz + pushAlong(pushQ16, pz, root);', ''],
  ['edges that let a sneaking body go', 'held = brinkHit;', 'held = 1;'],
  ['water that does not slow', 'liquidDrag = 13107', 'liquidDrag = 14909'],
  ['falls that hurt one less', '* 0.0000152587890625);\n    }\n    fall = 0;', '* 0.0000152587890625) - 1;\n    }\n    fall = 0;'],
  ['ladders that are not climbed', 'vy = 13107', 'vy = 0'],
  ['contacts that reach less far', 'near <= 43418', 'near <= 39000'],
  ['a yaw that does not carry', 'turnHigh + yawCarry', 'turnHigh'],
  ['steps that stay up', 'dy = keptUp + gone', 'dy = keptUp'],
];

/** A runtime in the mode webasm whose kernels have a text replaced. */
async function mutated(before: string, after: string, onPlanted: () => void): Promise<GpuJsRuntime> {
  const runtime = await createGpuJs({ mode: 'webasm' });
  return {
    ...runtime,
    kernel(source, settings) {
      const text = String(source).replace(before, after);
      if (text !== source) onPlanted();
      return runtime.kernel(text, settings);
    },
    destroy: async () => {},
  };
}

interface Play {
  compiled: CompiledScenario;
  mode: GpuJsMode;
  ticks: number;
  numWorlds: number;
  seed?: number;
  /** Given, the engine runs on it. */
  runtime?: GpuJsRuntime;
}

/** Plays both engines side by side. @returns what happened, by event; or the first tick after which they differ. */
async function playBoth({
  compiled,
  mode,
  ticks,
  numWorlds,
  seed = 11,
  runtime,
}: Play): Promise<{ seen: Map<number, number>; differs?: number }> {
  const options = { program: compiled.program, variants: compiled.playableLevels('train'), numWorlds, seed };
  const cpu = createCpuEngine(options);
  const gpu = runtime === undefined ? await createGpuJsEngine({ ...options, mode }) : new GpuJsEngine(options, runtime);
  expect(gpu.mode).toBe(mode);
  const seen = new Map<number, number>();
  let resets = 0;
  const act = heldActions(compiled.program, numWorlds, seed);
  try {
    expect(hashBatch(gpu.engine.state)).toBe(hashBatch(cpu.state));
    for (let tick = 1; tick <= ticks; tick++) {
      // Half of the batch starts anew now and then, so that short runs have resets too.
      if (tick % RESET_TICKS === 0) {
        const mask = Uint8Array.from({ length: numWorlds }, (_, w) => (w + tick / RESET_TICKS) & 1);
        cpu.reset(mask);
        await gpu.reset(mask);
        for (const drawn of mask) resets += drawn;
      }
      const actions = act();
      cpu.decode(actions);
      cpu.step();
      await gpu.step(actions);
      countEvents(seen, cpu.buffers);
      for (const ended of cpu.outputs.ended) resets += ended;
      if (!sameWords(gpu.engine.state.arena, cpu.state.arena)) return { seen, resets, differs: tick };
      for (const name of ['rewards', 'terminated', 'truncated', 'ended', 'endHash'] as const)
        if (!same(gpu.outputs[name], cpu.outputs[name])) return { seen, resets, differs: tick };
      if (!CHECKED.includes(tick) && tick !== ticks) continue;
      expect(hashBatch(gpu.engine.state), `state after ${tick} ticks`).toBe(hashBatch(cpu.state));
      expect(gpu.engine.state.voxels, `voxels after ${tick} ticks`).toEqual(cpu.state.voxels);
      expect(gpu.observations.vector, `observations after ${tick} ticks`).toEqual(cpu.observations.vector);
      expect(gpu.observations.crop, `crops after ${tick} ticks`).toEqual(cpu.observations.crop);
      expect(gpu.outputs.rewardTerms, `rewards after ${tick} ticks`).toEqual(cpu.outputs.rewardTerms);
      expect(eventsOf(gpu.engine.buffers), `events after ${tick} ticks`).toEqual(eventsOf(cpu.buffers));
    }
    expect(await gpu.invalidActions()).toBe(cpu.invalidActions);
    return { seen, resets };
  } finally {
    gpu.dispose();
  }
}

describe('the engine gpujs', () => {
  it('takes the shipped scenarios without edits, and says of each other one what changes its blocks', async () => {
    expect(shipped.filter((id) => editIn(load(id).program) === undefined)).toEqual([...EDIT_FREE, ...ALIKE].sort());
    const refused = async (id: string) => {
      const { program, playableLevels } = load(id);
      await expect(createGpuJsEngine({ program, variants: playableLevels('train'), numWorlds: 1, seed: 0 })).rejects.toThrow(
        `The engine "gpujs" must get a scenario in which no block can change; got ${id}, where ${editIn(program)}. Use the engine "cpu".`,
      );
      return editIn(program);
    };
    expect(await refused('bridge-gap-v1')).toBe('ada can place blocks');
    expect(await refused('dig-tunnel-v1')).toBe('ada can dig');
    expect(await refused('lever-vault-v1')).toBe('the mechanism "vault" switches blocks');
    expect(await refused('push-crate-v1')).toBe('there are props');
    expect(await refused('hunt-v1')).toBe('survival is on');
  });

  it('refuses worlds whose coordinates f32 does not hold', async () => {
    const { program, playableLevels } = load('reach-flat-v1');
    const wide = { ...program, size: [241, 12, 32] as const };
    await expect(createGpuJsEngine({ program: wide, variants: playableLevels('train'), numWorlds: 1, seed: 0 })).rejects.toThrow(
      /a world of at most 240 blocks a side.*got 241 x 12 x 32/,
    );
    await expect(createGpuJsEngine({ program, variants: playableLevels('train'), numWorlds: 2 ** 20, seed: 0 })).rejects.toThrow(
      /must hold its agents in 16777216 floats.*Use at most 798915 worlds/,
    );
  });

  describe.each(MODES)('in the mode %s', (mode) => {
    it.each(EDIT_FREE)('gives in %s what cpu gives, bit for bit', async (id) => {
      const compiled = load(id);
      const { seen, resets, differs } = await playBoth({ compiled, mode, ticks: ticksOf(mode), numWorlds: mode === 'webasm' ? 6 : 3 });
      expect(differs).toBeUndefined();
      // Nothing happened that could differ: then equality says nothing.
      expect(resets).toBeGreaterThan(10);
      if (compiled.program.numAgents > 2) expect(seen.get(EVENT.touched)).toBeGreaterThan(mode === 'webasm' ? 10 : 2);
      if (id === 'relay-code-v1') expect(seen.get(EVENT.heard)).toBeGreaterThan(10);
      if (id === 'parkour-v1') expect(seen.get(EVENT.failed)).toBeGreaterThan(0);
    });
  });

  // A software driver compiles each of these anew.
  it.each(MODES.map((mode): [GpuJsMode, number] => [mode, mode === 'webgpu' ? 1 : mode === 'cpu' ? 3 : 8]))(
    'gives in the mode %s what cpu gives over %i generated scenarios',
    async (mode, count) => {
      const total = new Map<number, number>();
      let all = 0;
      for (let seed = 0; seed < count; seed++) {
        const { seen, resets, differs } = await playBoth({
          compiled: loadScenario(randomEditFree(seed)),
          mode,
          ticks: 150,
          numWorlds: 6,
          seed,
        });
        expect(differs, `first difference in generated scenario ${seed}`).toBeUndefined();
        all += resets;
        for (const [kind, times] of seen) total.set(kind, (total.get(kind) ?? 0) + times);
      }
      const kinds = [
        EVENT.touched,
        EVENT.reset,
        ...(count > 3 ? [EVENT.touched, EVENT.landed, EVENT.hurt, EVENT.died, EVENT.heard, EVENT.violated, EVENT.progressed] : []),
      ];
      expect(all).toBeGreaterThan(0);
      for (const kind of kinds) expect(total.get(kind), `events of kind ${kind}`).toBeGreaterThan(0);
    },
  );

  it('gives what cpu gives in a crowd whose contacts fill several words and quads', async () => {
    const compiled = loadScenario({
      version: 1,
      id: 'crowd-v1',
      title: 'A crowd',
      world: { size: [12, 8, 12], terrain: { generator: 'flat', ground: 2 }, diggable: 'none' },
      agents: [
        {
          id: 'bot',
          count: 100,
          body: 'walker',
          spawn: {
            region: [
              [0, 2, 0],
              [11, 2, 11],
            ],
          },
        },
      ],
      task: { elapsed: { ticks: 40 } },
      episode: { maxTicks: 40 },
    } as ScenarioInput);
    const { seen, resets, differs } = await playBoth({ compiled, mode: 'webasm', ticks: 60, numWorlds: 2 });
    expect(differs).toBeUndefined();
    expect(seen.get(EVENT.touched)).toBeGreaterThan(1000);
    expect(resets).toBe(3);
  });

  it.each(MUTATIONS)('differs from cpu when its kernel has %s', async (_, before, after) => {
    let planted = 0;
    const runtime = await mutated(before, after, () => planted++);
    const differs: number[] = [];
    for (let seed = 0; seed < 12 && differs.length === 0; seed++) {
      const play = await playBoth({
        compiled: loadScenario(randomEditFree(seed)),
        mode: 'webasm',
        ticks: 100,
        numWorlds: 6,
        seed,
        runtime,
      });
      if (play.differs !== undefined) differs.push(play.differs);
    }
    expect(planted).toBeGreaterThan(0);
    expect(differs).toHaveLength(1);
  });

  it('is an engine of createBatchEnv and createAsyncBatchEnv, forks included', async () => {
    const options = { scenario: load('tag-v1'), numWorlds: 4, seed: 3 };
    const cpu = await createBatchEnv(options);
    const host = await createBatchEnv({ ...options, engine: 'gpujs' });
    const awaited = await createAsyncBatchEnv({ ...options, engine: 'gpujs', gpuJsMode: 'cpu' });
    expect([host.engine.name, awaited.engineName]).toEqual(['gpujs', 'gpujs']);
    const act = heldActions(cpu.compiled.program, 4, 3);
    cpu.reset();
    host.reset();
    await awaited.reset();
    for (let tick = 0; tick < 40; tick++) {
      const actions = act();
      cpu.stepSync(actions);
      host.stepSync(actions);
      await awaited.step(actions);
    }
    expect(host.stateHash()).toBe(cpu.stateHash());
    expect(await awaited.stateHash()).toBe(cpu.stateHash());
    const forks = [await cpu.fork(1), await host.fork(1)];
    const fork = await awaited.fork(1);
    const one = heldActions(cpu.compiled.program, 1, 8);
    for (let tick = 0; tick < 20; tick++) {
      const actions = one();
      for (const env of forks) env.stepSync(actions);
      await fork.step(actions);
    }
    expect([forks[1].stateHash(), await fork.stateHash()]).toEqual([forks[0].stateHash(), forks[0].stateHash()]);
    for (const env of [cpu, host, awaited, ...forks, fork]) env.close();
  });

  it('says so when it is asked for in a way that it cannot be made', async () => {
    const scenario = load('tag-v1');
    expect(() => createBatchEnvSync({ scenario, engine: 'gpujs' })).toThrow(/The engine "gpujs" must be loaded asynchronously/);
    await expect(createAsyncBatchEnv({ scenario, gpuJsMode: 'cpu' })).rejects.toThrow(
      /gpuJsMode must come with the engine "gpujs"; got "cpu" with "auto"/,
    );
    await expect(createAsyncBatchEnv({ scenario, engine: 'gpujs', gpuJsMode: 'webgl' })).rejects.toThrow(
      /"webgl" cannot run: this host has no WebGL/,
    );
    const options = { program: scenario.program, variants: scenario.playableLevels('train'), numWorlds: 1, seed: 0 };
    await expect(createGpuJsHostEngine({ ...options, mode: 'webgpu' })).rejects.toThrow(
      /must run in the mode webasm or cpu; got "webgpu"\. Use createAsyncBatchEnv/,
    );
  });

  it('says so when a kernel failed in the middle of a tick, and when a step was not awaited', async () => {
    const { program, playableLevels } = load('tag-v1');
    const options = { program, variants: playableLevels('train'), numWorlds: 1, seed: 0 };
    const actions = heldActions(program, 1, 1)();
    const runtime = await createGpuJs({ mode: 'webasm' });
    let runs = 0;
    const failing: GpuJsRuntime = {
      ...runtime,
      kernel(source, settings) {
        const kernel = runtime.kernel(source, settings);
        return { ...kernel, run: (...args) => (++runs === 3 ? Promise.reject(new Error('device lost')) : kernel.run(...args)) };
      },
    };
    const engine = new GpuJsEngine(options, failing);
    await engine.step(actions);
    const underWay = engine.step(actions);
    await expect(engine.step(actions)).rejects.toThrow(/one is under way, or broke off/);
    await underWay;
    const kept = await engine.snapshot(0);
    await expect(engine.step(actions)).rejects.toThrow('device lost');
    await expect(engine.step(actions)).rejects.toThrow(/must finish a tick.*restore your snapshots on another engine/);
    await expect(engine.snapshot(0)).rejects.toThrow(/must finish a tick/);
    const cpu = createCpuEngine(options);
    cpu.restore(0, kept);
    expect(cpu.state.tick[0]).toBe(2);
    engine.dispose();
  });

  it('goes on from a snapshot of cpu, and cpu from one of its own', async () => {
    const compiled = load('water-crossing-v1');
    const options = { program: compiled.program, variants: compiled.playableLevels('train'), numWorlds: 2, seed: 5 };
    const [cpu, gpu] = [createCpuEngine(options), await createGpuJsEngine({ ...options, seed: 99, mode: 'webasm' })];
    const act = heldActions(compiled.program, 2, 5);
    const both = async (ticks: number) => {
      for (let tick = 0; tick < ticks; tick++) {
        const actions = act();
        cpu.decode(actions);
        cpu.step();
        await gpu.step(actions);
      }
    };
    await both(30);
    for (const w of [0, 1]) await gpu.restore(w, cpu.snapshot(w));
    await both(30);
    expect(hashBatch(gpu.engine.state)).toBe(hashBatch(cpu.state));
    cpu.reset();
    for (const w of [0, 1]) cpu.restore(w, await gpu.snapshot(w));
    await both(30);
    expect(hashBatch(gpu.engine.state)).toBe(hashBatch(cpu.state));
    const edited = cpu.snapshot(0);
    edited.voxels[5] ^= 1;
    await expect(gpu.restore(0, edited)).rejects.toThrow(
      /must restore a snapshot whose blocks are those of its level; got another block in cell 5/,
    );
    gpu.dispose();
  });
});

/** The state as bytes: quicker than its hash, which is taken now and then. */
function sameWords(a: Int32Array, b: Int32Array): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength));
}

function same(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return a.length === b.length;
}

function eventsOf({ events, eventCount }: { events: Int32Array; eventCount: Int32Array }): number[][] {
  const perWorld = events.length / eventCount.length;
  return Array.from(eventCount, (count, w) => Array.from(events.subarray(w * perWorld, w * perWorld + Math.min(perWorld, count * 5))));
}
