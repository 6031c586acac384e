/** The C twin plays the same game as the engine `cpu`: state, cells, observations, rewards and ends are equal over random play with resets. */
import { loadScenario } from '@kinovox/env';
import { createCpuEngine } from '@kinovox/physics';
import { describe, expect, it } from 'vitest';
import { randomActionRing } from '../../packages/server/src/bench/random-actions.js';
import { findScenario } from '../../packages/server/src/catalog.js';
import { COMPILER, compilerVersion, createTwin, FLAGS, hashOf } from '../bench/c-twin/twin.js';

/** Compiles in a third of the time. */
const PLAIN = FLAGS.map((flag) => (flag === '-O3' ? '-O1' : flag));
const WORLDS = 70;
const TICKS = 200;
const compiler = compilerVersion();
if (compiler === undefined) process.stderr.write(`The C twin is not tested: "${COMPILER} --version" does not run here.\n`);

function setUp(name: string) {
  const { program, variantSource } = loadScenario(findScenario(name));
  const variants = variantSource('train');
  const ring = randomActionRing(WORLDS * program.numAgents, 64, 7);
  return { program, variants, ring, numWorlds: WORLDS, seed: 1 };
}

describe.skipIf(compiler === undefined)('the C twin', () => {
  it.each([
    ['bridge-gap-v1', 1, FLAGS],
    ['survival-team-v1', 0, PLAIN],
    ['hunt-v1', 0, FLAGS],
  ])('plays %s as the engine does', async (name, leastResets, flags) => {
    const input = setUp(name);
    const made = createTwin(input, COMPILER, flags);
    if (!('twin' in made)) throw new Error(made.reason);
    const { twin } = made;
    try {
      const engine = createCpuEngine(input);
      expect(await twin.hash()).toEqual(hashOf(engine));
      let resets = 0;
      let differed = 0;
      for (let t = 0; t < TICKS; t++) {
        engine.decode(input.ring[t % 64]);
        engine.step();
        for (const ended of engine.outputs.ended) resets += ended;
        // Some ticks on the way, so that a difference shows where it begins.
        if (t % 40 === 0) {
          // The twin is one turn behind here: its hash is another.
          if ((await twin.hash()).hash !== hashOf(engine).hash) differed++;
          await twin.step(t === 0 ? 1 : 40);
          expect(await twin.hash(), `after ${t + 1} ticks`).toEqual(hashOf(engine));
        }
      }
      await twin.step(TICKS - 161);
      expect(await twin.hash()).toEqual(hashOf(engine));
      expect(differed).toBe(5);
      expect(resets).toBeGreaterThanOrEqual(leastResets);
    } finally {
      twin.close();
    }
  });

  it('would be caught playing another game: one key of one agent, in one tick', async () => {
    const input = setUp('bridge-gap-v1');
    const changed = input.ring.map((actions) => actions.slice());
    changed[3][0] = -changed[3][0];
    const made = createTwin({ ...input, ring: changed }, COMPILER, PLAIN);
    if (!('twin' in made)) throw new Error(made.reason);
    const { twin } = made;
    try {
      const engine = createCpuEngine(input);
      const equal: boolean[] = [];
      for (let t = 0; t < 5; t++) {
        engine.decode(input.ring[t]);
        engine.step();
        await twin.step(1);
        equal.push((await twin.hash()).hash === hashOf(engine).hash);
      }
      expect(equal).toEqual([true, true, true, false, false]);
    } finally {
      twin.close();
    }
  });

  it('says why there is none: props, and no compiler', () => {
    const props = setUp('push-crate-v1');
    expect(createTwin(props)).toEqual({ reason: 'push-crate-v1 has props, which the twin does not know' });
    expect(createTwin(setUp('bridge-gap-v1'), 'no-such-compiler')).toEqual({
      reason: 'no C compiler: "no-such-compiler --version" does not run',
    });
  });
});
