/**
 * The engine `webgpu` against `cpu`: equal hashes, observations and rewards over shipped scenarios, resets and edits included.
 * A software driver is enough, and takes a minute to compile; KINOVOX_WEBGPU_SCENARIOS=all runs every batch scenario, or give ids with commas.
 */
import { existsSync, readdirSync } from 'node:fs';
import { loadScenario } from '@kinovox/env';
import { createCpuEngine, createWebGpuEngine, findGpu, hashBatch, type ScenarioProgram } from '@kinovox/physics';
import { ACTION_SPEC, EVENT, EVENT_WORDS, MAX_EVENTS_PER_TICK } from '@kinovox/world';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomWords } from '../physics/fixture.js';

const LAVAPIPE = '/usr/share/vulkan/icd.d/lvp_icd.json';
if (process.env.VK_ICD_FILENAMES === undefined && existsSync(LAVAPIPE)) process.env.VK_ICD_FILENAMES = LAVAPIPE;

// Kernels of survival and mobs take minutes to compile in software: they run where asked for.
const DEFAULT = ['bridge-gap-v1', 'plates-and-door-v1'];
const wanted = process.env.KINOVOX_WEBGPU_SCENARIOS ?? DEFAULT.join(',');
const folder = new URL('../../scenarios/', import.meta.url);
const shipped = readdirSync(folder)
  .filter((name) => name.endsWith('.scenario.json'))
  .map((name) => name.slice(0, -'.scenario.json'.length));
const ids = wanted === 'all' ? shipped : wanted.split(',');
const adapter = await findGpu();

describe.skipIf(adapter === undefined)('the engine webgpu', () => {
  it.each(ids)('gives in %s what cpu gives, bit for bit', async (id) => {
    const { program, playableLevels } = compiled(id);
    if (program.numProps > 0) return;
    const options = { program, variants: playableLevels, numWorlds: 24, seed: 11 };
    const cpu = createCpuEngine(options);
    // Two shards, of which the second is not full.
    const gpu = await createWebGpuEngine({ ...options, worldsPerShard: 16 });
    const seen = new Map<number, number>();
    expect(await gpu.hash()).toBe(hashBatch(cpu.state));
    const next = randomWords(4);
    for (let tick = 1; tick <= 300; tick++) {
      // Half of the batch starts anew in the middle, so that the short run has resets.
      if (tick === 150) {
        const mask = Uint8Array.from({ length: 24 }, (_, w) => w & 1);
        cpu.reset(mask);
        await gpu.reset(mask);
      }
      const actions = busyActions(program, 24, next);
      cpu.decode(actions);
      cpu.step();
      await gpu.step(actions);
      count(seen, cpu.buffers.events, cpu.buffers.eventCount);
      expect(gpu.outputs.ended).toEqual(cpu.outputs.ended);
      expect(gpu.outputs.rewards).toEqual(cpu.outputs.rewards);
      if (![1, 10, 100, 150, 200, 300].includes(tick)) continue;
      expect(await gpu.hash(), `state after ${tick} ticks`).toBe(hashBatch(cpu.state));
      expect(gpu.observations.vector, `observations after ${tick} ticks`).toEqual(cpu.observations.vector);
      expect(gpu.observations.crop, `crops after ${tick} ticks`).toEqual(cpu.observations.crop);
    }
    expect(await gpu.invalidActions()).toBe(cpu.invalidActions);
    // Nothing happened that could differ: then equality says nothing.
    expect((seen.get(EVENT.dug) ?? 0) + (seen.get(EVENT.placed) ?? 0) + (seen.get(EVENT.touched) ?? 0)).toBeGreaterThan(0);
    gpu.dispose();
  });

  it('goes on elsewhere from its snapshot', async () => {
    const { program, playableLevels } = compiled('bridge-gap-v1');
    const options = { program, variants: playableLevels, numWorlds: 2, seed: 3 };
    const gpu = await createWebGpuEngine(options);
    const cpu = createCpuEngine({ ...options, seed: 99 });
    const next = randomWords(8);
    for (let tick = 0; tick < 60; tick++) await gpu.step(busyActions(program, 2, next));
    cpu.restore(0, await gpu.snapshot(0));
    cpu.restore(1, await gpu.snapshot(1));
    for (let tick = 0; tick < 40; tick++) {
      const actions = busyActions(program, 2, next);
      cpu.decode(actions);
      cpu.step();
      await gpu.step(actions);
    }
    expect(await gpu.hash()).toBe(hashBatch(cpu.state));
    gpu.dispose();
  });
});

describe('the engine webgpu', () => {
  let crates: ReturnType<typeof compiled>;
  beforeAll(() => {
    crates = compiled('push-crate-v1');
  });

  it('refuses props in a sentence', async () => {
    const options = { program: crates.program, variants: crates.playableLevels, numWorlds: 1, seed: 0 };
    await expect(createWebGpuEngine(options)).rejects.toThrow(/must get a scenario without props; got \d+ in push-crate-v1/);
  });

  it('has run where it had to', () => {
    if (process.env.KINOVOX_REQUIRE_GPU === '1') expect(adapter, 'a Vulkan driver was installed, but gives no adapter').toBeDefined();
    if (adapter === undefined) console.warn('No GPU adapter: the engine webgpu was NOT tested.');
  });
});

function compiled(id: string) {
  const scenario = loadScenario(new URL(`${id}.scenario.json`, folder).pathname);
  return { program: scenario.program, playableLevels: scenario.playableLevels('train') };
}

/** Bold play: mostly walking and turning, much digging, placing and crafting, now and then what is no number. */
function busyActions(program: ScenarioProgram, numWorlds: number, next: () => number): Float32Array {
  const agents = numWorlds * program.numAgents;
  const unit = () => (next() >>> 0) / 4294967296;
  const actions = new Float32Array(agents * ACTION_SPEC.length);
  for (let i = 0; i < agents; i++) {
    ACTION_SPEC.forEach((field, k) => {
      if (unit() < 0.3) return;
      const value = field.kind === 'axis' ? field.min + unit() * (field.max - field.min) : Math.floor(unit() * (field.max + 1));
      actions[i * ACTION_SPEC.length + k] = unit() < 0.001 ? Number.NaN : value;
    });
  }
  return actions;
}

function count(seen: Map<number, number>, events: Int32Array, eventCount: Int32Array): void {
  for (let w = 0; w < eventCount.length; w++) {
    for (let k = 0; k < Math.min(eventCount[w], MAX_EVENTS_PER_TICK); k++) {
      const kind = events[(w * MAX_EVENTS_PER_TICK + k) * EVENT_WORDS];
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }
  }
}
