/** Messages: range, team, rate, delay, loss, the ring. */

import type { Engine } from '@kinovox/physics';
import { ACTION_WORD, ACTION_WORDS, MESSAGE_RING, MESSAGE_WORDS } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { createGround, eventsOf, type Ground, setAction, standAt, stepTicks } from './fixture.js';

const BLOCK = 65536;
/** Three in a row, eight blocks between neighbours. */
const ROW: Pick<Ground, 'size' | 'boxes' | 'starts'> = {
  size: [32, 8, 8],
  boxes: [['stone', [0, 0, 0], [31, 0, 7]]],
  starts: [standAt(4, 1, 4), standAt(12, 1, 4), standAt(20, 1, 4)],
};

function records(engine: Engine, agent: number): number[][] {
  return Array.from({ length: MESSAGE_RING }, (_, k) =>
    Array.from(
      engine.state.messageRing.subarray((agent * MESSAGE_RING + k) * MESSAGE_WORDS, (agent * MESSAGE_RING + k + 1) * MESSAGE_WORDS),
    ),
  );
}

function say(engine: Engine, agent: number, symbol: number): void {
  setAction(engine, agent, { message: symbol });
}

describe('a message', () => {
  it('enters the rings of all others with sender, tick, symbol, text length and hash, and is caused by what was said', () => {
    const { engine } = createGround({ ...ROW, messages: {} });
    stepTicks(engine, 6);
    say(engine, 1, 5);
    engine.buffers.actionWords[ACTION_WORDS + ACTION_WORD.textLength] = 11;
    engine.buffers.actionWords[ACTION_WORDS + ACTION_WORD.textHash] = -77;
    engine.step();
    expect(records(engine, 0)[0]).toEqual([2, 7, 5, 11, -77]);
    expect(records(engine, 2)[0]).toEqual([2, 7, 5, 11, -77]);
    expect([engine.state.messageCount[0], engine.state.messageCount[1], engine.state.messageCount[2]]).toEqual([1, 0, 1]);
    const [said, ...heard] = eventsOf(engine);
    expect([said.kind, said.agent, said.data0]).toEqual(['said', 1, 4]);
    expect(heard.map(({ kind, agent, data1, cause }) => [kind, agent, data1, cause])).toEqual([
      ['heard', 0, 1, engine.state.numEvents[0] - 2],
      ['heard', 2, 1, engine.state.numEvents[0] - 2],
    ]);
  });

  it('is heard at exactly its range and not 1/64 block further', () => {
    for (const [extra, heard] of [
      [0, 1],
      [1024, 0],
    ]) {
      const { engine } = createGround({ ...ROW, messages: { rangeQ6: (8 * 64) ** 2 } });
      engine.state.posX[1] += extra;
      say(engine, 0, 1);
      engine.step();
      expect([engine.state.messageCount[1], engine.state.messageCount[2]], `${extra} further`).toEqual([heard, 0]);
    }
  });

  it('crosses the largest world from corner to corner without leaving i32', () => {
    const { engine } = createGround({
      size: [256, 8, 256],
      boxes: [['stone', [0, 0, 0], [255, 0, 255]]],
      starts: [standAt(0, 1, 0), standAt(255, 1, 255)],
      messages: { rangeQ6: (361 * 64) ** 2 },
    });
    for (const [x, heard] of [
      [255, 1],
      [0, 2],
    ]) {
      engine.state.posX[1] = standAt(x, 1, 255)[0];
      say(engine, 0, 1);
      engine.step();
      expect(engine.state.messageCount[1]).toBe(heard);
    }
    const near = createGround({
      size: [256, 8, 256],
      boxes: [['stone', [0, 0, 0], [255, 0, 255]]],
      starts: [standAt(0, 1, 0), standAt(255, 1, 255)],
      messages: { rangeQ6: (360 * 64) ** 2 },
    }).engine;
    say(near, 0, 1);
    near.step();
    expect(near.state.messageCount[1]).toBe(0);
  });

  it('stays in the team where the scenario says so', () => {
    for (const [teamOnly, counts] of [
      [true, [0, 0, 1]],
      [false, [0, 1, 1]],
    ] as const) {
      const { engine } = createGround({ ...ROW, teams: [0, 1, 0], messages: { teamOnly } });
      say(engine, 0, 1);
      engine.step();
      expect(Array.from(engine.state.messageCount.subarray(0, 3))).toEqual(counts);
    }
  });

  it('is sent at most every n ticks while the key is held', () => {
    for (const everyTicks of [0, 1, 5]) {
      const { engine } = createGround({ ...ROW, messages: { everyTicks } });
      say(engine, 0, 1);
      stepTicks(engine, 21);
      expect(engine.state.messageCount[1], `every ${everyTicks}`).toBe(everyTicks === 5 ? 5 : 21);
    }
  });

  it('carries the tick from which it can be read', () => {
    const { engine } = createGround({ ...ROW, messages: { delayTicks: 9 } });
    stepTicks(engine, 3);
    say(engine, 0, 2);
    engine.step();
    expect(records(engine, 1)[0][1]).toBe(engine.state.tick[0] + 9);
  });

  it('is refused when the symbol is unknown, the speaker dead, or messages are off', () => {
    const { engine } = createGround({ ...ROW, messages: { numSymbols: 3 } });
    say(engine, 0, 4);
    expect(stepTicks(engine, 1)).toEqual([]);
    say(engine, 0, 3);
    expect(stepTicks(engine, 1).length).toBe(3);
    engine.state.flags[0] &= ~1;
    expect(stepTicks(engine, 1)).toEqual([]);
    const off = createGround(ROW).engine;
    say(off, 0, 1);
    expect(stepTicks(off, 1)).toEqual([]);
  });

  it('overwrites the oldest of sixteen', () => {
    const { engine } = createGround({ ...ROW, messages: {} });
    for (let k = 0; k < 20; k++) {
      say(engine, 0, 1 + (k % 8));
      engine.step();
    }
    expect(engine.state.messageCount[1]).toBe(20);
    expect(records(engine, 1).map(([, tick]) => tick)).toEqual([17, 18, 19, 20, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
  });

  it('is lost at the stated share, independently per receiver and per seed', () => {
    for (const loss256 of [26, 64, 128, 230, 256]) {
      const { engine } = createGround({ ...ROW, messages: { loss256 }, numWorlds: 32 });
      for (let w = 0; w < 32; w++) say(engine, 3 * w, 1);
      let both = 0;
      const ticks = 250;
      for (let tick = 0; tick < ticks; tick++) {
        const before = engine.state.messageCount.slice();
        engine.step();
        for (let w = 0; w < 32; w++)
          if (engine.state.messageCount[3 * w + 1] > before[3 * w + 1] && engine.state.messageCount[3 * w + 2] > before[3 * w + 2]) both++;
      }
      const sent = 32 * ticks;
      const heard = [1, 2].map((a) =>
        Array.from({ length: 32 }, (_, w) => engine.state.messageCount[3 * w + a]).reduce((sum, n) => sum + n, 0),
      );
      const kept = 1 - loss256 / 256;
      // Five standard deviations of a binomial share.
      const margin = 5 * Math.sqrt((kept * (1 - kept)) / sent);
      for (const count of heard) expect(Math.abs(count / sent - kept), `loss ${loss256}/256`).toBeLessThanOrEqual(margin);
      expect(Math.abs(both / sent - kept * kept)).toBeLessThanOrEqual(5 * Math.sqrt((kept * kept * (1 - kept * kept)) / sent));
    }
  });
});

it('positions are those at the start of the tick', () => {
  const { engine } = createGround({ ...ROW, messages: { rangeQ6: (8 * 64) ** 2 } });
  engine.state.velX[1] = 3 * BLOCK;
  say(engine, 0, 1);
  engine.step();
  expect(engine.state.messageCount[1]).toBe(1);
  engine.step();
  expect(engine.state.messageCount[1]).toBe(1);
});
