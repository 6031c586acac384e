/** Falls, water, slime, lava and death. */
import { AGENT_FLAG, DAMAGE } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { createGround, type Ground, setAction, standAt, stepTicks } from './fixture.js';

const SIZE = [12, 64, 12] as const;
const FULL_HEALTH = 20;

/** Health lost by a fall of so many blocks onto `floor`, and the events of it. */
function fall(blocks: number, floor: string, more: Partial<Ground> = {}) {
  const { engine } = createGround({
    size: SIZE,
    boxes: [
      ['bedrock', [0, 0, 0], [11, 0, 11]],
      [floor, [0, 1, 0], [11, 1, 11]],
    ],
    starts: [[6 << 16, Math.round((2 + blocks) * 65536), 6 << 16], standAt(1, 2, 1)],
    ...more,
  });
  const events = stepTicks(engine, 120);
  return { engine, events, lost: FULL_HEALTH - engine.state.health[0] };
}

describe('a fall', () => {
  for (const [blocks, halfHearts] of [
    [1, 0],
    [3, 0],
    [3.01, 1],
    [4, 1],
    [4.5, 2],
    [5, 2],
    [10, 7],
    [20, 17],
    [22, 19],
  ] as const) {
    it(`of ${blocks} blocks costs ${halfHearts} half hearts`, () => {
      const { lost, events } = fall(blocks, 'stone');
      expect(lost).toBe(halfHearts);
      const landed = events.filter(({ kind }) => kind === 'landed');
      const hurt = events.filter(({ kind }) => kind === 'hurt');
      expect(landed.map(({ data1 }) => data1)).toEqual(halfHearts === 0 ? [] : [halfHearts]);
      if (halfHearts > 0)
        expect([hurt[0].data0, hurt[0].data1, landed[0].data0]).toEqual([halfHearts, DAMAGE.fall, Math.round(blocks * 65536)]);
    });
  }

  it('of 23 blocks kills: the agent leaves the episode, the other goes on, and the world ends when both are gone', () => {
    const { engine, events } = fall(23, 'stone');
    expect(events.filter(({ kind }) => kind === 'died').map(({ agent, data0 }) => [agent, data0])).toEqual([[0, DAMAGE.fall]]);
    const { state, outputs } = engine;
    expect(state.flags[0] & (AGENT_FLAG.alive | AGENT_FLAG.done)).toBe(AGENT_FLAG.done);
    expect(state.flags[1] & AGENT_FLAG.alive).toBe(1);
    const frozen = [state.posX[0], state.posY[0], state.posZ[0]];
    setAction(engine, 0, { forward: 4096, jump: 1 });
    expect(stepTicks(engine, 20)).toEqual([]);
    expect([state.posX[0], state.posY[0], state.posZ[0]]).toEqual(frozen);
    expect(outputs.ended[0]).toBe(0);
    state.health[1] = 1;
    state.posY[1] = 20 << 16;
    let ended = false;
    for (let k = 0; k < 80 && !ended; k++) {
      engine.step();
      ended = outputs.ended[0] === 1;
    }
    expect(ended).toBe(true);
    expect([outputs.terminated[0], outputs.terminated[1]]).toEqual([0, 1]);
  });

  it('into water costs nothing, even one block deep at the highest speed', () => {
    for (const blocks of [5, 10, 20, 22, 40, 55])
      expect(
        fall(blocks, 'stone', {
          boxes: [
            ['stone', [0, 0, 0], [11, 0, 11]],
            ['water', [0, 1, 0], [11, 1, 11]],
          ],
        }).lost,
        `${blocks} blocks`,
      ).toBe(0);
    expect(fall(10, 'stone').lost).toBe(7);
  });

  it('onto slime costs nothing and bounces; sneaking it costs all and does not', () => {
    const { engine } = createGround({
      size: SIZE,
      boxes: [['slime_block', [0, 0, 0], [11, 1, 11]]],
      starts: [[6 << 16, 12 << 16, 6 << 16]],
    });
    let highest = 0;
    for (let k = 0; k < 60; k++) {
      engine.step();
      if (k > 25) highest = Math.max(highest, engine.state.posY[0]);
    }
    expect([engine.state.health[0], highest > 5 << 16]).toEqual([FULL_HEALTH, true]);
    const sneaking = createGround({
      size: SIZE,
      boxes: [['slime_block', [0, 0, 0], [11, 1, 11]]],
      starts: [[6 << 16, 12 << 16, 6 << 16]],
    }).engine;
    setAction(sneaking, 0, { sneak: 1 });
    stepTicks(sneaking, 60);
    expect([sneaking.state.health[0], sneaking.state.posY[0]]).toEqual([FULL_HEALTH - 7, 2 << 16]);
  });

  it('is forgotten on a ladder', () => {
    const { engine } = createGround({
      size: SIZE,
      boxes: [
        ['stone', [0, 0, 0], [11, 0, 11]],
        ['ladder', [6, 1, 6], [6, 4, 6]],
      ],
      starts: [standAt(6, 20, 6)],
    });
    stepTicks(engine, 160);
    expect([engine.state.health[0], engine.state.posY[0]]).toEqual([FULL_HEALTH, 1 << 16]);
  });
});

describe('lava', () => {
  it('costs four half hearts every ten ticks and kills in fifty', () => {
    const { engine } = createGround({
      size: SIZE,
      boxes: [
        ['stone', [0, 0, 0], [11, 0, 11]],
        ['lava', [0, 1, 0], [11, 2, 11]],
      ],
      starts: [standAt(6, 1, 6)],
    });
    const health: number[] = [];
    const events = [];
    for (let tick = 1; tick <= 49; tick++) {
      events.push(...stepTicks(engine, 1));
      health.push(engine.state.health[0]);
    }
    expect([health[8], health[9], health[18], health[19], health[48]]).toEqual([20, 16, 16, 12, 4]);
    expect(events.every(({ kind, data1 }) => kind !== 'hurt' || data1 === DAMAGE.lava)).toBe(true);
    expect(stepTicks(engine, 1).map(({ kind }) => kind)).toContain('died');
  });
});
