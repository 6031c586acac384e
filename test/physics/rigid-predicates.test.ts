/** Predicates about props, asked of props that Rapier moves. The definition itself is held in `test/fuzz/monitor.test.ts`. */
import { type Engine, nodeProgress, PROGRESS_ONE } from '@kinovox/physics';
import type { ScenarioInput } from '@kinovox/world';
import { afterEach, describe, expect, it } from 'vitest';
import { arena, crateAt, poseOf, rigidEngine, stepAll, walkerAt } from './rigid-worlds.js';

const engines: Engine[] = [];
afterEach(() => {
  for (const engine of engines.splice(0)) engine.dispose();
});

/** An arena with a task, one root; agents stand far off unless given. */
async function play(task: object, props: ScenarioInput['props'], agents = [walkerAt(2.5, 2.5)]): Promise<Engine> {
  const engine = await rigidEngine(arena(props!, agents, { task: task as never, rewards: [{ name: 'none', on: 'failure', value: 0 }] }));
  engines.push(engine);
  return engine;
}
const isTrue = (engine: Engine) => engine.outputs.rootStatus[0] === 1;
const progress = (engine: Engine) => nodeProgress(engine.state, engine.program.monitor, 0, 0) / PROGRESS_ONE;
/** Ticks until the task is satisfied, or `most` + 1. */
function ticksUntilTrue(engine: Engine, most: number, walking = false): number {
  for (let t = 1; t <= most; t++) {
    stepAll(engine, 1, walking);
    if (isTrue(engine)) return t;
  }
  return most + 1;
}

describe('moved', () => {
  it('measures from where the prop was placed, not from where it was after a tick', async () => {
    const engine = await play({ moved: { prop: 'crate', metres: 2 } }, [crateAt(20.5, 9, 16.5)]);
    let before = 0;
    for (let t = 0; t < 40 && !isTrue(engine); t++) {
      stepAll(engine, 1);
      if (isTrue(engine)) break;
      before = 9 - poseOf(engine).y;
      expect(progress(engine)).toBeCloseTo(before / 2, 1);
    }
    expect(before).toBeLessThan(2);
    expect(before).toBeGreaterThan(1.5);
    expect(engine.outputs.terminated[0]).toBe(1);
  });

  it('begins anew in the next episode', async () => {
    const engine = await play({ moved: { prop: 'crate', metres: 2 } }, [crateAt(20.5, 9, 16.5)]);
    const first = ticksUntilTrue(engine, 40);
    expect(ticksUntilTrue(engine, 40)).toBe(first);
  });
});

describe('stacked', () => {
  const still = (props: string[], order = 'given') => ({
    all: [{ stacked: { props, order } }, { speedBelow: { of: props, metresPerSecond: 0.05 } }],
  });
  const tower = [crateAt(20.5, 4.5, 16.5, { id: 'low' }), crateAt(20.6, 7, 16.5, { id: 'high' })];

  it('comes true when a falling prop has come to rest on the other', async () => {
    const engine = await play(still(['low', 'high']), tower);
    const ticks = ticksUntilTrue(engine, 60);
    expect(ticks).toBeGreaterThan(10);
    expect(ticks).toBeLessThan(40);
  });

  it('asks for the order of the list, unless any will do', async () => {
    expect(ticksUntilTrue(await play(still(['high', 'low']), tower), 60)).toBe(61);
    expect(ticksUntilTrue(await play(still(['high', 'low'], 'any'), tower), 60)).toBeLessThan(40);
  });

  it('is not met by props that stand side by side', async () => {
    const engine = await play(still(['low', 'high'], 'any'), [tower[0], crateAt(21.6, 4.5, 16.5, { id: 'high' })]);
    expect(ticksUntilTrue(engine, 40)).toBe(41);
  });
});

describe('inside', () => {
  const region = [
    [20, 4, 16],
    [21, 5, 17],
  ];

  it('wants the whole prop, not its centre, and takes one that rests on the floor', async () => {
    const within = await play({ inside: { prop: 'crate', region } }, [crateAt(20.6, 4.5, 16.6)]);
    const across = await play({ inside: { prop: 'crate', region } }, [crateAt(20.4, 4.5, 16.6)]);
    expect(ticksUntilTrue(within, 20)).toBe(1);
    stepAll(within, 20);
    expect(poseOf(within).asleep || poseOf(within).vy < 0.01).toBe(true);
    expect(ticksUntilTrue(across, 20)).toBe(21);
  });
});

describe('upright', () => {
  it('ends when a walker knocks a post over', async () => {
    const post = {
      id: 'crate',
      shape: { box: [0.25, 1.8, 0.25] as [number, number, number] },
      massKg: 8,
      spawn: { at: [12, 4, 16] as never },
    };
    const engine = await play({ not: { upright: { prop: 'crate', tiltDeg: 45 } } }, [post], [walkerAt(9.5, 16.5)]);
    expect(ticksUntilTrue(engine, 10)).toBe(11);
    expect(ticksUntilTrue(engine, 80, true)).toBeLessThan(80);
  });
});

describe('speedBelow', () => {
  it('tells a walker that stands from one that walks', async () => {
    const engine = await play({ sequence: [{ speedBelow: { of: 'ada', metresPerSecond: 0.1 } }] }, [crateAt(20.5, 4.5, 16.5)]);
    stepAll(engine, 1, true);
    expect(ticksUntilTrue(engine, 30, true)).toBe(31);
    expect(ticksUntilTrue(engine, 30)).toBeLessThan(20);
  });
});
