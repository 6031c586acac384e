/**
 * A tick allocates nothing: V8's sampling heap profiler counts what 600 steps of 256 busy worlds allocate, collected garbage included.
 * Resets, observations and every rule take part. A reset may make an object or two; one object per world and step is far above the bound.
 */
import { Session } from 'node:inspector/promises';
import { loadScenario } from '@kinovox/env';
import { createCpuEngine } from '@kinovox/physics';
import { ACTION_FIELDS } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { actionStreams, BUSY_AGENTS, busyActions, createBusyWorld } from '../physics/busy-world.js';
import { randomWords } from '../physics/fixture.js';
import { actInWilds, createWilds, WILD_AGENTS } from '../physics/mob-world.js';

const WORLDS = 256;
const STEPS = 600;
const WARM_STEPS = 300;
/** One byte per agent and step. */
const BOUND_BYTES = STEPS * WORLDS * BUSY_AGENTS;
const SAMPLING_BYTES = 4096;

interface AllocationNode {
  callFrame: { functionName: string; url: string };
  selfSize: number;
  children: AllocationNode[];
}

/** Estimated bytes that the steps allocate, and the functions that allocate most. */
async function allocatedBy(step: () => void): Promise<{ bytes: number; most: string[] }> {
  const session = new Session();
  session.connect();
  const options = { samplingInterval: SAMPLING_BYTES, includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true };
  await session.post('HeapProfiler.startSampling', options);
  for (let n = 0; n < STEPS; n++) step();
  const { profile } = await session.post('HeapProfiler.stopSampling');
  session.disconnect();
  const byFunction = new Map<string, number>();
  const visit = ({ callFrame, selfSize, children }: AllocationNode): void => {
    const name = `${callFrame.functionName} (${callFrame.url.split('/').slice(-2).join('/')})`;
    byFunction.set(name, (byFunction.get(name) ?? 0) + selfSize);
    children.forEach(visit);
  };
  visit(profile.head as AllocationNode);
  const sorted = [...byFunction].sort((a, b) => b[1] - a[1]);
  return { bytes: sorted.reduce((sum, [, size]) => sum + size, 0), most: sorted.slice(0, 4).map(([name, size]) => `${name}: ${size}`) };
}

/** Worlds with mobs: fewer, since each has many bodies. */
const WILD_WORLDS = 64;

describe('a tick', () => {
  it(`of ${WILD_WORLDS} worlds with survival and mobs of every kind allocates below a byte per body and step`, async () => {
    const { engine, program } = createWilds({ numWorlds: WILD_WORLDS, seed: 5 });
    const bodies = WILD_WORLDS * (WILD_AGENTS + program.survival!.mobs!.numMobs);
    const next = randomWords(8);
    const sets = Array.from({ length: 4 }, () => {
      for (let w = 0; w < WILD_WORLDS; w++) actInWilds(engine, w, next);
      return engine.buffers.actionWords.slice();
    });
    let n = 0;
    let events = 0;
    const step = () => {
      engine.buffers.actionWords.set(sets[(n++ >> 3) & 3]);
      engine.step();
      for (let w = 0; w < WILD_WORLDS; w++) events += engine.buffers.eventCount[w];
    };
    // Deaths and spawns are rare: their code warms up later.
    for (let k = 0; k < 2 * WARM_STEPS; k++) step();
    const { bytes, most } = await allocatedBy(step);
    expect(events).toBeGreaterThan(WILD_WORLDS * 100);
    expect(bytes, `allocated most: ${most.join('; ')}`).toBeLessThan(STEPS * bodies);
  });

  it(`of ${WORLDS} worlds x ${BUSY_AGENTS} agents allocates below a byte per agent-step over ${STEPS} steps`, async () => {
    const { engine } = createBusyWorld({ numWorlds: WORLDS, seed: 5, observe: true });
    // Four sets of actions in turn, drawn beforehand.
    const streams = actionStreams(WORLDS, (w) => w);
    const sets = Array.from({ length: 4 }, () => {
      for (let w = 0; w < WORLDS; w++) busyActions(engine, w, streams[w]);
      return engine.buffers.actionWords.slice();
    });
    let n = 0;
    let ended = 0;
    const step = () => {
      engine.buffers.actionWords.set(sets[(n++ >> 3) & 3]);
      engine.step();
      ended += engine.outputs.ended[0];
    };
    for (let k = 0; k < WARM_STEPS; k++) step();
    const { bytes, most } = await allocatedBy(step);
    expect(ended).toBeGreaterThan(5);
    expect(bytes, `allocated most: ${most.join('; ')}`).toBeLessThan(BOUND_BYTES);
  });

  it(`of ${WORLDS} worlds whose agents are shown the way to each other allocates below a byte per agent and step`, async () => {
    const compiled = loadScenario('scenarios/tag-v1.scenario.json', { observation: { rivalGuidance: 3, crop: 0 } });
    // All levels are there before: to build one allocates.
    const variants = compiled.playableLevels('train');
    const levels = [variants.get(0), variants.get(1)];
    const engine = createCpuEngine({
      program: { ...compiled.program, maxTicks: 100 },
      variants: { get: (variant) => levels[variant & 1] },
      numWorlds: WORLDS,
      seed: 5,
    });
    const next = randomWords(8);
    const sets = Array.from({ length: 4 }, () =>
      Float32Array.from(
        { length: WORLDS * 3 * ACTION_FIELDS },
        (_, k) => [1, 0, 0, 1, 0, (next() >>> 8) % 4 === 0 ? 1 : 0][k % ACTION_FIELDS] ?? 0,
      ),
    );
    let n = 0;
    const step = () => {
      engine.decode(sets[(n++ >> 3) & 3]);
      engine.step();
    };
    for (let k = 0; k < WARM_STEPS; k++) step();
    const { bytes, most } = await allocatedBy(step);
    expect(bytes, `allocated most: ${most.join('; ')}`).toBeLessThan(STEPS * WORLDS * 3);
  });

  it('that made one small object per agent would be seen', async () => {
    const kept: { tick: number }[] = new Array(WORLDS * BUSY_AGENTS);
    const { bytes } = await allocatedBy(() => {
      for (let i = 0; i < kept.length; i++) kept[i] = { tick: i };
    });
    expect(bytes).toBeGreaterThan(BOUND_BYTES);
  });
});
