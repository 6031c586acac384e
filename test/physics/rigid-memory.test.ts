/** Rapier's memory is bounded: worlds are freed at resets and restores. */
import { describe, expect, it } from 'vitest';
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

  it('does not grow with resets and restores', async () => {
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
    const freed = cycle(300) - before;
    // 600 episodes and 300 restores: what the library itself loses per restore (1.7 kB) is below a megabyte.
    expect(freed).toBeLessThan(1.5);
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
