/** Walkers that touch: symmetrical pushes, contact bits, events of first contact. */

import { PUSH_Q16 } from '@kinovox/physics';
import { EVENT } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { createGround, eventsOf, randomWords, standAt, stepTicks } from './fixture.js';

const BLOCK = 65536;
const CENTRE = 8 * BLOCK;

/** Walkers standing at offsets (Q16) from the middle of a floor. */
function crowd(offsets: readonly (readonly [number, number])[], pushQ16 = PUSH_Q16) {
  return createGround({
    size: [16, 8, 16],
    boxes: [['stone', [0, 0, 0], [15, 0, 15]]],
    starts: offsets.map(([x, z]) => [CENTRE + x, BLOCK, CENTRE + z]),
    pushQ16,
  }).engine;
}

describe('two walkers that overlap', () => {
  it('part symmetrically along the line between them, without moving their middle, until they are clear', () => {
    for (const [dx, dz] of [
      [20000, 0],
      [0, 20000],
      [12000, -9000],
      [-30000, 30000],
    ]) {
      const engine = crowd([
        [0, 0],
        [dx, dz],
      ]);
      const { state } = engine;
      const middle = () => [state.posX[0] + state.posX[1], state.posZ[0] + state.posZ[1]];
      const before = middle();
      let last = 0;
      for (let tick = 0; tick < 60; tick++) {
        engine.step();
        expect(middle()).toEqual(before);
        expect([state.velX[0] + state.velX[1], state.velZ[0] + state.velZ[1]]).toEqual([0, 0]);
        const apart = Math.max(Math.abs(state.posX[1] - state.posX[0]), Math.abs(state.posZ[1] - state.posZ[0]));
        expect(apart).toBeGreaterThanOrEqual(last);
        last = apart;
      }
      expect(last).toBeGreaterThanOrEqual(2 * 19661);
      const direction = (state.posX[1] - state.posX[0]) * dz - (state.posZ[1] - state.posZ[0]) * dx;
      expect(Math.abs(direction) / (Math.hypot(dx, dz) * last)).toBeLessThan(0.01);
    }
  });

  it('do not part where the strength is zero, nor when one is above the other', () => {
    const weak = crowd(
      [
        [0, 0],
        [20000, 0],
      ],
      0,
    );
    stepTicks(weak, 30);
    expect(weak.state.posX[1] - weak.state.posX[0]).toBe(20000);
    const stacked = createGround({
      size: [16, 8, 16],
      boxes: [['stone', [0, 0, 0], [15, 0, 15]]],
      starts: [
        [CENTRE, BLOCK, CENTRE],
        [CENTRE + 20000, BLOCK + 2 * BLOCK, CENTRE],
      ],
    }).engine;
    stacked.step();
    expect(stacked.state.posX[1] - stacked.state.posX[0]).toBe(20000);
  });

  it('do not part while a wall holds one of them back, but the other yields', () => {
    const engine = createGround({
      size: [16, 8, 16],
      boxes: [
        ['stone', [0, 0, 0], [15, 0, 15]],
        ['stone', [0, 1, 0], [7, 3, 15]],
      ],
      starts: [
        [CENTRE + 19661, BLOCK, CENTRE],
        [CENTRE + 30000, BLOCK, CENTRE],
      ],
    }).engine;
    stepTicks(engine, 60);
    expect(engine.state.posX[0]).toBe(CENTRE + 19661);
    expect(engine.state.posX[1] - engine.state.posX[0]).toBeGreaterThanOrEqual(2 * 19661);
  });

  it('push the same whatever slots they have', () => {
    const offsets: [number, number][] = [
      [0, 0],
      [15000, 4000],
      [-9000, 12000],
    ];
    const path = (order: readonly number[]) => {
      const engine = crowd(order.map((k) => offsets[k]));
      stepTicks(engine, 20);
      return offsets.map((_, k) => [engine.state.posX[order.indexOf(k)], engine.state.posZ[order.indexOf(k)]]);
    };
    expect(path([2, 0, 1])).toEqual(path([0, 1, 2]));
    expect(path([1, 2, 0])).toEqual(path([0, 1, 2]));
  });
});

describe('contacts', () => {
  it('are set on both sides within 1/16 block, and the touched events come once, the second caused by the first', () => {
    const width = 2 * 19661;
    for (const [gap, touching] of [
      [-1, true],
      [0, true],
      [4096, true],
      [4097, false],
    ] as const) {
      const engine = crowd(
        [
          [0, 0],
          [width + gap, 0],
        ],
        0,
      );
      engine.step();
      expect([engine.state.contacts[0], engine.state.contacts[1]], `gap ${gap}`).toEqual(touching ? [2, 1] : [0, 0]);
      const touched = eventsOf(engine).filter(({ kind }) => EVENT[kind] === EVENT.touched);
      expect(touched.map(({ agent, data0 }) => [agent, data0])).toEqual(
        touching
          ? [
              [0, 1],
              [1, 0],
            ]
          : [],
      );
      if (touching) expect(touched[1].cause).toBe(engine.state.numEvents[0] - 1);
      engine.step();
      expect(eventsOf(engine)).toEqual([]);
      engine.state.posX[1] += BLOCK;
      engine.step();
      expect([engine.state.contacts[0], engine.state.contacts[1]]).toEqual([0, 0]);
      engine.state.posX[1] -= BLOCK;
      engine.step();
      expect(eventsOf(engine).length).toBe(touching ? 2 : 0);
    }
  });

  it('equal a brute-force test of the boxes for 40 walkers over 100 ticks, also past the thirty-second slot', () => {
    const next = randomWords(9);
    const numAgents = 40;
    const engine = createGround({
      size: [16, 8, 16],
      boxes: [['stone', [0, 0, 0], [15, 0, 15]]],
      starts: Array.from(
        { length: numAgents },
        () => [(1 << 16) + (next() % (5 << 16)), BLOCK + (next() % BLOCK), (1 << 16) + (next() % (5 << 16))] as const,
      ),
    }).engine;
    const { state } = engine;
    let beyond = 0;
    for (let tick = 0; tick < 100; tick++) {
      const near = (a: number, b: number) =>
        a !== b &&
        Math.abs(state.posX[a] - state.posX[b]) <= 39322 + 4096 &&
        Math.abs(state.posZ[a] - state.posZ[b]) <= 39322 + 4096 &&
        Math.abs(state.posY[a] - state.posY[b]) <= 117965 + 4096;
      // Contacts are those of positions at the start of the tick.
      const wanted = Array.from({ length: numAgents }, (_, a) => Array.from({ length: numAgents }, (_, b) => near(a, b)));
      engine.step();
      for (let a = 0; a < numAgents; a++) {
        for (let b = 0; b < numAgents; b++) {
          const bit = (state.contacts[2 * a + (b >> 5)] >>> (b & 31)) & 1;
          if ((bit === 1) !== wanted[a][b]) expect.fail(`tick ${tick}: contact of ${a} and ${b} must be ${wanted[a][b]}`);
          if (bit === 1 && b >= 32) beyond++;
        }
      }
    }
    expect(beyond).toBeGreaterThan(50);
  });

  it('are not made by the dead', () => {
    const engine = crowd([
      [0, 0],
      [10000, 0],
      [20000, 0],
    ]);
    engine.state.health[1] = 1;
    engine.state.fallDistance[1] = 10 * BLOCK;
    stepTicks(engine, 2);
    engine.step();
    expect([engine.state.contacts[0], engine.state.contacts[1], engine.state.contacts[2]]).toEqual([4, 0, 1]);
  });
});

it('a walker alone is not pushed', () => {
  const engine = createGround({ size: [16, 8, 16], boxes: [['stone', [0, 0, 0], [15, 0, 15]]], starts: [standAt(8, 1, 8)] }).engine;
  stepTicks(engine, 20);
  expect([engine.state.posX[0], engine.state.velX[0]]).toEqual([standAt(8, 1, 8)[0], 0]);
});
