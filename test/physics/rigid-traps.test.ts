/** A thread whose Rapier traps is replaced, and its worlds go on in the words of a run in which nothing happened. */
import { type Engine, hashWorld } from '@kinovox/physics';
import { EVENT, EVENT_WORDS, randomU32 } from '@kinovox/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PlantOptions, type Pool, pool, reference, resultsOf, shortEpisodes, tick, WORLDS } from './rigid-pool-runs.js';
import { crateAt } from './rigid-worlds.js';
import { CAR, COPTER, drive, driver, FULL, field, LEFT, motionOf, ROVER } from './vehicle-worlds.js';

const TICKS = 76;
/** Results of every tick of a run in one thread, and the state hashes of its worlds. */
const wanted: Record<string, string>[] = [];
const hashes: string[][] = [];
const open: Pool[] = [];

beforeAll(async () => {
  const engine = await reference();
  for (let t = 0; t < TICKS; t++) {
    tick(engine, t);
    wanted.push(resultsOf(engine));
    hashes.push(rowHashes(engine));
  }
  engine.dispose();
});
afterAll(() => {
  for (const { engine } of open) engine.dispose();
});

const rowHashes = (engine: Engine) => Array.from({ length: WORLDS }, (_, w) => hashWorld(engine.state, w));
/** Two threads: worlds 0..2 are the first worker's, 3 and 4 the second's. */
const planted = (...plants: PlantOptions[]): Pool => {
  const made = pool(2, plants);
  open.push(made);
  return made;
};

describe('a trap', () => {
  it('changes nothing that the caller sees, whatever Rapier was doing, nor does the end of a thread', () => {
    // Tick 44 ends the first episodes; after tick 63 row 0 is due for a checkpoint.
    const { engine, fired } = planted(
      { row: 4, tick: 20, part: 'contacts', kind: 'throw', times: 1 },
      { row: 2, tick: 44, part: 'start', kind: 'trap', times: 1 },
      { row: 3, tick: 50, part: 'rigid', kind: 'end', times: 1 },
      { row: 0, tick: 63, part: 'save', kind: 'trap', times: 1 },
      { row: 1, tick: 70, part: 'rigid', kind: 'trap', times: 1 },
      { row: 3, tick: 70, part: 'rigid', kind: 'trap', times: 1 },
    );
    const restarts: unknown[] = [];
    for (let t = 0; t < TICKS; t++) {
      tick(engine, t);
      expect(resultsOf(engine), `tick ${t}`).toEqual(wanted[t]);
      for (const { row, reason } of engine.takeRestarts!()) restarts.push([t, row, reason]);
    }
    expect(fired()).toEqual([1, 1, 1, 1, 1, 1]);
    expect(restarts).toEqual([
      [20, 4, 'planted'],
      [44, 2, 'unreachable'],
      [50, 3, expect.stringMatching(/^its thread (is gone|ended)/)],
      [63, 0, 'unreachable'],
      [70, 1, 'unreachable'],
      [70, 3, 'unreachable'],
    ]);
    expect(engine.takeCrashes()).toEqual([]);
    engine.dispose();
  });

  it.runIf(process.env.KINOVOX_LONG_RIGID === '1')(
    'changes nothing, wherever it comes: 40 of them in 400 ticks of 2 and of 3 threads',
    async () => {
      for (const threads of [2, 3]) {
        // No two at one place: the second would be one that comes again.
        const plants = Array.from({ length: 40 }, (_, n): PlantOptions => {
          const draw = (k: number, below: number) => randomU32(77, threads, n, k, 1001, 0) % below;
          const part = (['rigid', 'contacts', 'rigid', 'contacts', 'rigid'] as const)[draw(0, 5)];
          return {
            row: draw(1, WORLDS),
            tick: 10 * n + draw(2, 10),
            part,
            kind: (['trap', 'trap', 'throw', 'end'] as const)[draw(3, 4)],
            times: 1,
          };
        });
        const { engine, fired } = pool(threads, plants);
        const one = await reference();
        let ends = 0;
        for (let t = 0; t < 400; t++) {
          for (const each of [engine, one]) tick(each, t);
          expect(resultsOf(engine), `${threads} threads, tick ${t}`).toEqual(resultsOf(one));
          ends += one.outputs.ended.reduce((sum, ended) => sum + ended, 0);
        }
        console.log(`${threads} threads: ${fired().join('')} traps, ${engine.takeRestarts!().length} restarts, ${ends} episodes`);
        expect(fired().reduce((sum, count) => sum + count, 0)).toBeGreaterThan(35);
        expect(engine.takeCrashes()).toEqual([]);
        for (const each of [engine, one]) each.dispose();
      }
    },
  );

  it('changes nothing for those who drive and fly', async () => {
    const traffic = field(
      [driver(CAR, [30, 4, 36], 0, 'car'), driver(ROVER, [34, 4, 30], 90, 'rover'), driver(COPTER, [28, 4, 30], 20, 'copter')],
      {
        props: [crateAt(30, 4.5, 32)],
      },
    );
    const { engine, fired } = pool(2, [{ row: 1, tick: 22, part: 'rigid', kind: 'trap', times: 1 }], traffic);
    open.push({ engine } as Pool);
    const one = await reference(traffic);
    for (let t = 0; t < 40; t++) {
      for (const each of [engine, one]) drive(each, 1, { forward: FULL, turn: t % 8 < 4 ? LEFT : 0, jump: t % 3 === 0 ? 1 : 0 });
      expect(resultsOf(engine), `tick ${t}`).toEqual(resultsOf(one));
    }
    expect([motionOf(one).speed > 1, fired()]).toEqual([true, [1]]);
    for (const each of [engine, one]) each.dispose();
  });

  it('that comes again at the same tick ends that episode with a reason, and no other', () => {
    const { engine, fired } = planted(
      { row: 1, tick: 20, part: 'rigid', kind: 'trap', times: 99 },
      { row: 3, tick: 26, part: 'save', kind: 'trap', times: 99 },
    );
    for (let t = 0; t < 30; t++) {
      if (t === 26) expect(() => engine.snapshot(3)).toThrow(/^A worker must do what it is asked for; got: unreachable; the same again in/);
      tick(engine, t);
      const { ended, truncated } = engine.outputs;
      expect([...ended], `tick ${t}`).toEqual([0, t === 20 ? 1 : 0, 0, 0, 0]);
      if (t === 20) {
        expect([...truncated.subarray(2, 4)]).toEqual([1, 1]);
        const { events, eventCount } = engine.buffers;
        const kinds = Array.from({ length: eventCount[1] }, (_, k) => events[events.length / WORLDS + k * EVENT_WORDS]);
        expect(kinds).toContain(EVENT.unstable);
      }
      for (const w of t < 20 ? [0, 1, 2, 3, 4] : [0, 2, 3, 4]) expect(rowHashes(engine)[w], `tick ${t}`).toBe(hashes[t][w]);
    }
    expect(fired()).toEqual([2, 2]);
    expect(engine.takeCrashes()).toEqual([{ row: 1, message: 'unreachable; the same again in a new worker' }]);
    expect(engine.takeRestarts!().map(({ row }) => row)).toEqual([1, 1, 3, 3]);
    engine.dispose();
  });

  it('in what the caller asks for between ticks is passed over as well', async () => {
    const { engine, fired } = planted(
      { row: 3, tick: 12, part: 'start', kind: 'trap', times: 1 },
      { row: 3, tick: 15, part: 'restore', kind: 'trap', times: 1 },
      { row: 3, tick: 18, part: 'save', kind: 'trap', times: 1 },
    );
    const one = await reference();
    for (let t = 0; t < 22; t++) {
      for (const each of [engine, one]) {
        if (t === 12 || t === 15 || t === 18) each.cutShort(4, `enough at ${t}`);
        if (t === 12) each.reset(Uint8Array.of(1, 0, 0, 1, 0), [5, 0, 0, 6, 0]);
        if (t === 15) each.restore(3, each.snapshot(1));
        if (t === 18) each.restore(0, each.snapshot(3));
      }
      expect(resultsOf(engine), `before tick ${t}`).toEqual(resultsOf(one));
      for (const each of [engine, one]) tick(each, t);
    }
    expect(resultsOf(engine)).toEqual(resultsOf(one));
    expect(fired()).toEqual([1, 1, 1]);
    expect(engine.takeCrashes()).toEqual([12, 15, 18].map((t) => ({ row: 4, message: `enough at ${t}` })));
    expect(one.takeCrashes()).toHaveLength(3);
    expect(engine.takeRestarts!()).toHaveLength(3);
    for (const each of [engine, one]) each.dispose();
  });

  it('that comes again in a restore or a save is refused, and every world goes on', async () => {
    const { engine, fired } = planted(
      { row: 3, tick: 5, part: 'restore', kind: 'trap', times: 2 },
      { row: 1, tick: 7, part: 'restore', kind: 'end', times: 2 },
      { row: 4, tick: 9, part: 'save', kind: 'end', times: 2 },
    );
    const one = await reference();
    const refusal = /^A worker must do what it is asked for; got: .*; the same again in a new worker/;
    for (let t = 0; t < 12; t++) {
      if (t === 5 || t === 7) {
        const row = t === 5 ? 3 : 1;
        const kept = engine.snapshot(0);
        expect(() => engine.restore(row, kept), `before tick ${t}`).toThrow(refusal);
        engine.restore(row, kept);
        one.restore(row, one.snapshot(0));
      }
      if (t === 9) expect(() => engine.snapshot(4)).toThrow(refusal);
      for (const each of [engine, one]) tick(each, t);
      expect(resultsOf(engine), `tick ${t}`).toEqual(resultsOf(one));
    }
    expect(fired()).toEqual([2, 2, 2]);
    expect(engine.takeRestarts!().map(({ row }) => row)).toEqual([3, 3, 1, 1, 4, 4]);
    for (const each of [engine, one]) each.dispose();
  });

  it('cuts no world short again that was cut short in the tick of its checkpoint', async () => {
    // Rows 0 and 64 of a thread are kept after tick 63. The trap comes in the second save: row 0 is held in the only tick that its checkpoint already has.
    const numWorlds = 65;
    const { engine, fired } = pool(1, [{ row: 64, tick: 63, part: 'save', kind: 'trap', times: 1 }], shortEpisodes(), numWorlds);
    const one = await reference(shortEpisodes(), numWorlds);
    for (let t = 0; t < 67; t++) {
      for (const each of [engine, one]) {
        if (t === 63) each.cutShort(0, 'enough');
        tick(each, t);
      }
      if (t > 61) expect(resultsOf(engine), `tick ${t}`).toEqual(resultsOf(one));
    }
    expect(fired()).toEqual([1]);
    for (const each of [engine, one]) each.dispose();
  });

  it('with a long message is passed over too, and the message is cut', () => {
    const { engine } = planted({ row: 2, tick: 3, part: 'rigid', kind: 'long', times: 1 });
    for (let t = 0; t < 5; t++) {
      tick(engine, t);
      expect(resultsOf(engine), `tick ${t}`).toEqual(wanted[t]);
    }
    expect(engine.takeRestarts!()).toMatchObject([{ row: 2, reason: expect.stringMatching(/^planted "+$/) }]);
    engine.dispose();
  });

  it('in the making of a first world is passed over, and of one that cannot be made the next episode is played', () => {
    const { engine } = planted(
      { row: 1, tick: 0, part: 'start', kind: 'trap', times: 1 },
      { row: 4, tick: 0, part: 'start', kind: 'trap', times: 2 },
    );
    expect([...engine.state.episode]).toEqual([0, 0, 0, 0, 1]);
    expect(engine.takeCrashes()).toEqual([{ row: 4, message: 'unreachable; the same again in a new worker' }]);
    tick(engine, 0);
    expect(rowHashes(engine).slice(0, 4)).toEqual(hashes[0].slice(0, 4));
    engine.dispose();
  });
});

describe('a level that is refused at a reset', () => {
  it('is told and passed over, and the batch goes on', () => {
    const { engine, fired } = planted(
      { row: 1, tick: 5, part: 'start', kind: 'refuse', times: 1 },
      // At the end of its first episode.
      { row: 3, tick: 44, part: 'start', kind: 'refuse', times: 1 },
    );
    for (let t = 0; t < 5; t++) tick(engine, t);
    engine.reset(Uint8Array.of(0, 1, 0, 0, 0));
    expect(engine.takeCrashes()).toEqual([{ row: 1, message: 'planted refusal' }]);
    expect(engine.state.episode[1]).toBe(2);
    for (let t = 5; t < 50; t++) tick(engine, t);
    expect(engine.takeCrashes()).toEqual([{ row: 3, message: 'planted refusal' }]);
    // Row 1 has ended once more by now, 45 ticks after its reset.
    expect([...engine.state.episode]).toEqual([1, 3, 1, 2, 1]);
    expect(fired()).toEqual([1, 1]);
    expect(engine.takeRestarts!()).toEqual([]);
    engine.dispose();
  });

  it('is refused to whoever makes the batch', () => {
    expect(() => pool(2, [{ row: 3, tick: 0, part: 'start', kind: 'refuse', times: 2 }])).toThrow('planted refusal');
  });
});
