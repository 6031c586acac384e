/** Hands: walkers pick props up, carry them before them, put them down and throw them; nothing is entered, and every moment restores. */
import { type Engine, hashWorld, WALKER_MASS_KG } from '@kinovox/physics';
import { EVENT, EVENT_WORDS, INTERACT, type ScenarioInput } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { setAction } from './fixture.js';
import { arena, crateAt, METRES, poseOf, rigidEngine, stepAll, walkerAt } from './rigid-worlds.js';

const SMALL = { shape: { box: [0.5, 0.5, 0.5] as [number, number, number] }, massKg: 10, friction: 0.5 };
const SHOWN = [EVENT.pickedUp, EVENT.putDown, EVENT.threw, EVENT.outreached];

/** A walker that looks east and down at a box 1.5 m away; the box is in reach. */
function withBox(rest: Partial<ScenarioInput> = {}, box = crateAt(10, 4.25, 16.5, SMALL), agents = [walkerAt(8.5, 16.5)]): ScenarioInput {
  return arena([box], agents, { carrying: {}, ...rest });
}

/** One tick in which agent i has these words, the others none. */
function tick(engine: Engine, words: Parameters<typeof setAction>[2], i = 0): number[][] {
  for (let k = 0; k < engine.program.numAgents; k++) setAction(engine, k, k === i ? words : {});
  engine.step();
  return hands(engine);
}

/** Events of hands of the last tick: kind, agent, data. */
function hands(engine: Engine): number[][] {
  const rows = Array.from({ length: engine.buffers.eventCount[0] }, (_, k) =>
    Array.from(engine.buffers.events.subarray(k * EVENT_WORDS, k * EVENT_WORDS + 4)),
  );
  return rows.filter(([kind]) => SHOWN.includes(kind));
}

/** Pitch as a turn of one tick, Q16 rad. */
const DOWN = -Math.round(0.75 * 65536);

/** Looks down at the box and takes it, then levels the view and waits. */
async function carrying(scenario = withBox(), ticks = 40): Promise<Engine> {
  const engine = await rigidEngine(scenario);
  tick(engine, { look: DOWN });
  expect(tick(engine, { interact: INTERACT.use })).toEqual([[EVENT.pickedUp, 0, 0, 0]]);
  tick(engine, { look: -DOWN });
  for (let k = 0; k < ticks; k++) tick(engine, {});
  return engine;
}

describe('hands', () => {
  it('take what the view meets in reach, and hold it before the walker at the declared place', async () => {
    const engine = await carrying();
    const { x, y, z, asleep } = poseOf(engine);
    expect(engine.state.carriedProp[0]).toBe(1);
    // 0.85 m to the near side, half a metre of box, 1 m over the feet.
    expect(x).toBeCloseTo(8.5 + 0.85 + 0.25, 2);
    expect(y).toBeCloseTo(5, 2);
    expect(z).toBeCloseTo(16.5, 2);
    expect(asleep).toBe(false);
    engine.dispose();
  });

  it.each([
    ['is too heavy', withBox({}, crateAt(10, 4.25, 16.5, { ...SMALL, massKg: 25.1 }))],
    ['is out of reach', withBox({ carrying: { reachMetres: 1 } })],
    [
      'lies behind a wall',
      withBox({
        world: {
          size: [32, 16, 32],
          terrain: { generator: 'flat', ground: 4 },
          edits: [{ fill: 'glass', from: [9, 5, 16], size: [1, 1, 1] }],
        },
      }),
    ],
  ])('do not take what %s', async (_, scenario) => {
    const engine = await rigidEngine(scenario);
    tick(engine, { look: DOWN });
    for (let k = 0; k < 6; k++) expect(tick(engine, { interact: INTERACT.use })).toEqual([]);
    expect(engine.state.carriedProp[0]).toBe(0);
    engine.dispose();
  });

  it('cannot be used in a scenario without carrying', async () => {
    const { carrying: _, ...plain } = withBox();
    const engine = await rigidEngine(plain);
    tick(engine, { look: DOWN });
    expect(tick(engine, { interact: INTERACT.use })).toEqual([]);
    expect(engine.state.carriedProp.length).toBe(0);
    engine.dispose();
  });

  it('put down where it is held, and act once for a key that is held', async () => {
    const engine = await carrying();
    expect(tick(engine, { interact: INTERACT.use })).toEqual([[EVENT.putDown, 0, 0, 0]]);
    for (let k = 0; k < 30; k++) expect(tick(engine, { interact: INTERACT.use, look: k === 20 ? DOWN : 0 })).toEqual([]);
    const { x, y, z } = poseOf(engine);
    expect(y).toBeCloseTo(4.25, 2);
    expect(Math.hypot(x - 9.6, z - 16.5)).toBeLessThan(0.05);
    tick(engine, {});
    expect(tick(engine, { interact: INTERACT.use }).length).toBe(1);
    engine.dispose();
  });

  it('throw along the view: the impulse is the one declared, and the walker gets its share back', async () => {
    const engine = await carrying();
    const before = { vx: poseOf(engine).vx, walker: engine.state.velX[0] };
    expect(before.vx).toBeCloseTo(0, 2);
    const [[kind, , , impulse]] = tick(engine, { interact: INTERACT.attack });
    expect(kind).toBe(EVENT.threw);
    expect(impulse * METRES * 20).toBeCloseTo(60, 2);
    // 60 N s to 10 kg; then a tick of flight.
    expect(poseOf(engine).vx).toBeCloseTo(6, 1);
    expect(engine.state.velX[0] * METRES * 20).toBeCloseTo(-60 / WALKER_MASS_KG, 2);
    stepAll(engine, 60);
    expect(poseOf(engine).x).toBeGreaterThan(12);
    engine.dispose();
  });

  it('give nothing more than 12 m/s', async () => {
    const engine = await carrying(withBox({}, crateAt(10, 4.25, 16.5, { ...SMALL, massKg: 1 })));
    tick(engine, { interact: INTERACT.attack });
    expect(poseOf(engine).vx).toBeCloseTo(12, 0);
    expect(poseOf(engine).vx).toBeLessThan(12.01);
    engine.dispose();
  });

  it('swing what they hold around the walker, never through it', async () => {
    const engine = await carrying();
    const near: number[] = [];
    for (let k = 0; k < 40; k++) {
      tick(engine, { turn: k === 0 ? Math.round(Math.PI * 65536) : 0 });
      const { x, z } = poseOf(engine);
      near.push(Math.hypot(x - 8.5, z - 16.5));
    }
    expect(Math.min(...near)).toBeGreaterThan(0.95);
    expect(poseOf(engine).x).toBeCloseTo(8.5 - 1.1, 1);
    engine.dispose();
  });

  it('carry it along: a walk of five metres, lifted over a wall of a block', async () => {
    const world = { size: [32, 16, 32] as [number, number, number], terrain: { generator: 'flat' as const, ground: 4 } };
    const engine = await carrying(withBox({ world: { ...world, edits: [{ fill: 'stone', from: [11, 4, 10], size: [1, 1, 12] }] } }));
    for (let k = 0; k < 60; k++) tick(engine, { forward: 4096, look: k === 0 ? -DOWN : 0, jump: 1 });
    expect(engine.state.posX[0] * METRES).toBeGreaterThan(14);
    expect(engine.state.carriedProp[0]).toBe(1);
    for (let k = 0; k < 20; k++) tick(engine, {});
    expect(poseOf(engine).x - engine.state.posX[0] * METRES).toBeCloseTo(1.1, 1);
    engine.dispose();
  });

  it('are stopped with what they hold by a wall that it cannot enter, and let go what stays behind', async () => {
    const world = { size: [32, 16, 32] as [number, number, number], terrain: { generator: 'flat' as const, ground: 4 } };
    const engine = await carrying(withBox({ world: { ...world, edits: [{ fill: 'stone', from: [12, 4, 10], size: [1, 4, 12] }] } }));
    let deepest = 0;
    for (let k = 0; k < 60; k++) {
      tick(engine, { forward: 4096, sprint: 1 });
      deepest = Math.max(deepest, poseOf(engine).x + 0.25 - 12);
    }
    expect(deepest).toBeLessThan(0.02);
    // The walker comes up to the box, not into it.
    expect(poseOf(engine).x - 0.25 - (engine.state.posX[0] * METRES + 0.3)).toBeGreaterThan(-0.005);
    expect(engine.state.carriedProp[0]).toBe(1);
    // A jump onto the wall's far side leaves the box behind.
    engine.state.posX[0] = 14 * 65536;
    const dropped: number[][] = [];
    for (let k = 0; k < 60; k++) dropped.push(...tick(engine, { forward: 4096 }));
    expect(dropped).toEqual([[EVENT.putDown, 0, 0, 1]]);
    expect(engine.state.carriedProp[0]).toBe(0);
    engine.dispose();
  });

  it('neither dig nor place while they are full, and give the key back to the log', async () => {
    const engine = await carrying(withBox({ world: { size: [32, 16, 32], terrain: { generator: 'flat', ground: 4 }, edits: [] } }));
    tick(engine, { look: DOWN });
    for (let k = 0; k < 40; k++) tick(engine, { interact: INTERACT.dig });
    expect(engine.state.digProgress[0]).toBe(0);
    expect(engine.buffers.actionWords[7]).toBe(INTERACT.dig);
    const mask = engine.actionMask(0, 0);
    expect([mask[INTERACT.dig], mask[INTERACT.use], mask[INTERACT.attack]]).toEqual([0, 1, 1]);
    tick(engine, { interact: INTERACT.use });
    tick(engine, {});
    expect(engine.actionMask(0, 0)[INTERACT.attack]).toBe(0);
    engine.dispose();
  });

  it('of two reach for one prop: the least (slot - tick) mod 2 has it, the other is told', async () => {
    for (const wait of [0, 1]) {
      const engine = await rigidEngine(withBox({}, crateAt(10, 4.25, 16.5, SMALL), [walkerAt(8.5, 16.5), walkerAt(11.5, 16.5, 90, 'bob')]));
      for (let k = 0; k < wait; k++) stepAll(engine, 1);
      const both = (words: Parameters<typeof setAction>[2]) => {
        for (const i of [0, 1]) setAction(engine, i, words);
        engine.step();
        return hands(engine);
      };
      both({ look: DOWN });
      const winner = (engine.state.tick[0] + 1) % 2;
      const events = both({ interact: INTERACT.use });
      expect(events).toContainEqual([EVENT.pickedUp, winner, 0, 0]);
      expect(events).toContainEqual([EVENT.outreached, 1 - winner, 0, winner]);
      expect(engine.state.carriedProp[1 - winner]).toBe(0);
      // What another carries cannot be taken.
      for (let k = 0; k < 20; k++) expect(tick(engine, { interact: INTERACT.use }, 1 - winner)).toEqual([]);
      engine.dispose();
    }
  });

  it('continue a restored moment exactly, whatever they hold, and start an episode empty', async () => {
    const scenario = withBox({}, crateAt(10, 4.25, 16.5, { ...SMALL, count: undefined }), [
      walkerAt(8.5, 16.5),
      walkerAt(11.5, 16.5, 90, 'bob'),
    ]);
    const play = (engine: Engine, n: number) => {
      const hashes: string[] = [];
      for (let k = 0; k < n; k++) {
        const t = engine.state.tick[0];
        for (const i of [0, 1]) {
          setAction(engine, i, {
            look: t === 0 ? DOWN : t === 6 ? -DOWN : 0,
            forward: t > 8 && t % 30 < 12 ? 4096 : 0,
            turn: t % 17 === 5 ? 20000 : 0,
            interact: t % 40 === 2 + i ? INTERACT.use : t % 40 === 30 ? INTERACT.attack : 0,
          });
        }
        engine.step();
        hashes.push(hashWorld(engine.state, 0));
      }
      return hashes;
    };
    const engine = await rigidEngine(scenario);
    const held: boolean[] = [];
    const snapshots = [];
    const straight: string[] = [];
    for (let k = 0; k < 12; k++) {
      snapshots.push(engine.snapshot(0));
      straight.push(...play(engine, 10));
      held.push(engine.state.carriedProp.some((word) => word !== 0));
    }
    expect(held).toContain(true);
    expect(held).toContain(false);
    const other = await rigidEngine(scenario, 1, 99);
    for (const [k, snapshot] of snapshots.entries()) {
      other.restore(0, snapshot);
      expect(play(other, straight.length - 10 * k)).toEqual(straight.slice(10 * k));
    }
    // Negative control: without the grip the box is held otherwise.
    other.restore(0, snapshots[1]);
    other.state.carriedProp.fill(0);
    expect(play(other, 10)).not.toEqual(straight.slice(10, 20));
    engine.reset(undefined, [7]);
    expect(engine.state.carriedProp.every((word) => word === 0)).toBe(true);
    expect(play(engine, 20)).toEqual(straight.slice(0, 20));
    engine.dispose();
    other.dispose();
  });
});
