/** Rapier's memory is bounded: worlds are freed at resets and restores. With KINOVOX_LONG_RIGID=1 over 10,000 of each. */
import type { World } from '@dimforge/rapier3d';
import { createBatchEnv, loadScenario } from '@kinovox/env';
import { describe, expect, it } from 'vitest';
import { loadRapier, restoreWorld } from '../../packages/physics/src/rigid/rapier.js';
import { arena, crateAt, rigidEngine, stepAll } from './rigid-worlds.js';

/** The memory of every Rapier module that this file's tests instantiate; the test runner has WebAssembly of its own. */
const memories: WebAssembly.Memory[] = [];
const instantiate = WebAssembly.instantiate.bind(WebAssembly) as (
  ...args: unknown[]
) => Promise<WebAssembly.Instance | WebAssembly.WebAssemblyInstantiatedSource>;
WebAssembly.instantiate = (async (...args: unknown[]) => {
  const result = await instantiate(...args);
  const { exports } = 'instance' in result ? result.instance : result;
  const isRapier = Object.keys(exports).some((name) => name.startsWith('rawrigidbodyset'));
  if (isRapier && exports.memory instanceof WebAssembly.Memory) memories.push(exports.memory);
  return result;
}) as typeof WebAssembly.instantiate;

/** Room for what allocators keep between sizes; nothing is lost per reset or restore. */
const BOUND_MB = 0.5;
const CYCLES = process.env.KINOVOX_LONG_RIGID === '1' ? 10_000 : 120;
const megabytes = () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0) / (1 << 20);
const crowd = () => arena([crateAt(12.5, 4.5, 16.5), crateAt(12.5, 5.5, 16.5, { id: 'upper' }), crateAt(14.5, 6.5, 14.5, { id: 'third' })]);

describe('memory', () => {
  it('is not taken by a scenario without props', async () => {
    const engine = await rigidEngine(arena([]));
    stepAll(engine, 2);
    expect(engine.name).toBe('rigid');
    expect(memories).toEqual([]);
  });

  it('is one for engines that are made at the same time, which both go on', async () => {
    const engines = await Promise.all([rigidEngine(crowd()), rigidEngine(crowd())]);
    expect(memories).toHaveLength(1);
    for (const engine of engines) stepAll(engine, 2);
    for (const engine of engines) engine.dispose();
  });

  it(`grows by at most ${BOUND_MB} MB over ${CYCLES} resets, restores and forks`, { timeout: 600_000 }, async () => {
    const engine = await rigidEngine(crowd(), 2);
    const cycle = (n: number) => {
      for (let k = 0; k < n; k++) {
        engine.reset();
        stepAll(engine, 1);
        engine.restore(0, engine.snapshot(1));
      }
      return megabytes();
    };
    expect(memories).toHaveLength(1);
    const before = cycle(20);
    expect(before).toBeGreaterThan(1);
    const grown = cycle(CYCLES) - before;
    if (CYCLES > 1000) process.stderr.write(`${CYCLES} cycles grew Rapier's memory by ${grown} MB, from ${before} MB\n`);
    expect(grown).toBeLessThanOrEqual(BOUND_MB);
    // However many engines come and go, there is one module, and what forks take is given back.
    const compiled = loadScenario(crowd());
    const env = await createBatchEnv({ scenario: compiled, observe: false });
    env.reset();
    (await env.fork(0, { numWorlds: 4 })).close();
    const unforked = megabytes();
    for (let k = 0; k < CYCLES / 20; k++) (await env.fork(0, { numWorlds: 4 })).close();
    expect(megabytes() - unforked).toBeLessThanOrEqual(BOUND_MB);
    expect(memories).toHaveLength(1);
    env.close();
    engine.dispose();
  });

  it("would grow if what Rapier's own restore loses were not given back", async () => {
    const rapier = await loadRapier();
    const engine = await rigidEngine(crowd());
    const { rigid } = engine.snapshot(0);
    const restore = (n: number, restored: () => World) => {
      for (let k = 0; k < n; k++) restored().free();
      return megabytes();
    };
    const ours = () => restoreWorld(rapier, rigid!)!;
    const before = restore(20, ours);
    expect(restore(1000, ours) - before).toBe(0);
    expect(restore(1000, () => rapier.World.restoreSnapshot(rigid!)) - before).toBeGreaterThan(1);
    engine.dispose();
  });

  it('would grow if worlds were not freed', async () => {
    const before = megabytes();
    const engines = [];
    for (let k = 0; k < 100; k++) engines.push(await rigidEngine(crowd()));
    expect(megabytes() - before).toBeGreaterThan(1.5);
    for (const engine of engines) engine.dispose();
  });
});
