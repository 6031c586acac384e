/** Mechanisms: hold, latch, toggle, delay, chains, doors that wait for bodies, and who caused what. */
import { INTERACT } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { type Cell, createGround, type Ground, type MechanismRow, setAction, standAt, stepTicks } from './fixture.js';

const SIZE = [24, 8, 16] as const;
const FLOOR: Ground['boxes'][number] = ['stone', [0, 0, 0], [23, 0, 15]];
const PLATE: Cell = [4, 1, 4];
const LEVER: Cell = [8, 2, 4];
const door = (x: number, on = 'air', off = 'iron_block'): MechanismRow['effects'][number] => ({
  from: [x, 1, 10],
  to: [x, 2, 10],
  on,
  off,
});

function machine(mechanisms: readonly MechanismRow[], more: Partial<Ground> = {}) {
  const doors = mechanisms.flatMap(({ effects }) => effects.map(({ from, to, off }): Ground['boxes'][number] => [off, from, to]));
  const ground = createGround({
    size: SIZE,
    boxes: [FLOOR, ['stone_pressure_plate', PLATE, PLATE], ['lever', LEVER, LEVER], ...doors.filter(([name]) => name !== 'air')],
    extraBlocks: ['stone_pressure_plate_pressed', 'lever_on'],
    starts: [standAt(12, 1, 4), standAt(20, 1, 4)],
    mechanisms,
    ...more,
  });
  const { state } = ground.engine;
  const at = ([x, y, z]: Cell) => ground.grid.palette.names[state.voxels[(y * SIZE[2] + z) * SIZE[0] + x]];
  const stand = (agent: number, cell: Cell) => {
    [state.posX[agent], state.posY[agent], state.posZ[agent]] = standAt(...cell);
    state.velX[agent] = state.velZ[agent] = 0;
  };
  const open = (x: number) => at([x, 1, 10]) === 'air' && at([x, 2, 10]) === 'air';
  return { ...ground, at, stand, open, step: (n = 1) => stepTicks(ground.engine, n) };
}

const onPlate: MechanismRow['inputs'] = [{ plates: [PLATE, PLATE] }];
const AWAY: Cell = [12, 1, 4];

describe('a mechanism', () => {
  it('that holds follows its plate, shows the plate pressed, and tells who pressed it', () => {
    const { stand, step, open, at } = machine([{ mode: 'hold', inputs: onPlate, effects: [door(6)] }]);
    step(3);
    expect([open(6), at(PLATE)]).toEqual([false, 'stone_pressure_plate']);
    stand(1, PLATE);
    const events = step();
    expect([open(6), at(PLATE)]).toEqual([true, 'stone_pressure_plate_pressed']);
    expect(events.map(({ kind, agent, data0, data1 }) => [kind, agent, data0, data1])).toEqual([
      ['pressed', 1, 0, 0],
      ['switched', -1, 0, 1],
    ]);
    expect(events[1].cause).toBeGreaterThan(0);
    expect(step(20)).toEqual([]);
    stand(1, [20, 1, 4]);
    expect(step().map(({ kind, agent, data1 }) => [kind, agent, data1])).toEqual([
      ['released', -1, 0],
      ['switched', -1, 0],
    ]);
    expect([open(6), at(PLATE)]).toEqual([false, 'stone_pressure_plate']);
  });

  it('that latches stays on, and one that toggles changes with each press', () => {
    const { stand, step, open } = machine([
      { mode: 'latch', inputs: onPlate, effects: [door(6)] },
      { mode: 'toggle', inputs: onPlate, effects: [door(9)] },
    ]);
    const seen: [boolean, boolean][] = [];
    for (const cell of [PLATE, PLATE, AWAY, PLATE, AWAY, PLATE]) {
      stand(0, cell);
      step();
      seen.push([open(6), open(9)]);
    }
    expect(seen).toEqual([
      [true, true],
      [true, true],
      [true, true],
      [true, false],
      [true, false],
      [true, true],
    ]);
  });

  it('with a delay waits so many ticks, and forgets a press that ends before', () => {
    const { stand, step, open } = machine([{ mode: 'hold', delayTicks: 5, inputs: onPlate, effects: [door(6)] }]);
    stand(0, PLATE);
    step(5);
    expect(open(6)).toBe(false);
    step();
    expect(open(6)).toBe(true);
    stand(0, AWAY);
    step(5);
    expect(open(6)).toBe(true);
    step();
    expect(open(6)).toBe(false);
    stand(0, PLATE);
    step(5);
    stand(0, AWAY);
    step(1);
    stand(0, PLATE);
    step(5);
    expect(open(6)).toBe(false);
    step();
    expect(open(6)).toBe(true);
  });

  it('asks for all of its inputs, or for any', () => {
    for (const [anyInput, wanted] of [
      [false, [false, false, false, true]],
      [true, [false, true, true, true]],
    ] as const) {
      const inputs: MechanismRow['inputs'] = [
        { plates: [PLATE, PLATE] },
        {
          plates: [
            [10, 1, 2],
            [11, 1, 3],
          ],
        },
      ];
      const { stand, step, open } = machine([{ mode: 'hold', anyInput, inputs, effects: [door(6)] }]);
      const seen = (
        [
          [AWAY, AWAY],
          [PLATE, AWAY],
          [AWAY, [11, 1, 3]],
          [PLATE, [10, 1, 2]],
        ] as const
      ).map(([first, second]) => {
        stand(0, first);
        stand(1, second);
        step();
        return open(6);
      });
      expect(seen).toEqual(wanted);
    }
  });

  it('reads a lever, and the press is caused by the hand on it', () => {
    const { engine, step, open, stand } = machine([{ mode: 'hold', inputs: [{ lever: LEVER }], effects: [door(6)] }]);
    stand(1, [8, 1, 7]);
    setAction(engine, 1, { interact: INTERACT.use });
    const [used, pressed, switched] = step();
    expect([used.kind, used.agent, pressed.kind, pressed.agent, switched.kind]).toEqual(['used', 1, 'pressed', 1, 'switched']);
    expect(open(6)).toBe(true);
    const first = engine.state.numEvents[0] - 2;
    expect([pressed.cause, switched.cause]).toEqual([first, first + 1]);
  });

  it('keeps to a clock, from its first tick on, whoever stands where', () => {
    const { step, open } = machine([{ mode: 'hold', inputs: [{ clock: [10, 4, 5] }], effects: [door(6)] }]);
    const seen = Array.from({ length: 25 }, () => {
      step();
      return open(6);
    });
    // Ticks count from 1: on at 5..8 and 15..18, then from 25 on.
    expect(seen.flatMap((on, k) => (on ? [k + 1] : []))).toEqual([5, 6, 7, 8, 15, 16, 17, 18, 25]);
  });
  it('in a chain follows one tick behind the one before it', () => {
    const link = (mechanism: number): MechanismRow['inputs'] => [{ mechanism }];
    // Listed last to first, so that table order cannot do the work.
    const { stand, step, open } = machine([
      { mode: 'hold', inputs: link(1), effects: [door(6)] },
      { mode: 'hold', inputs: link(2), effects: [door(9)] },
      { mode: 'hold', inputs: onPlate, effects: [door(13)] },
    ]);
    stand(0, PLATE);
    const seen = [0, 1, 2].map(() => {
      step();
      return [open(13), open(9), open(6)];
    });
    expect(seen).toEqual([
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ]);
    const forward = machine([
      { mode: 'hold', inputs: onPlate, effects: [door(6)] },
      { mode: 'hold', inputs: link(0), effects: [door(9)] },
    ]);
    forward.stand(0, PLATE);
    forward.step();
    expect([forward.open(6), forward.open(9)]).toEqual([true, false]);
  });

  it('never closes a door on a body: all of its blocks wait until the last one is free', () => {
    const { stand, step, open } = machine([{ mode: 'hold', inputs: onPlate, effects: [door(6), door(9)] }]);
    stand(0, PLATE);
    step();
    stand(1, [6, 1, 10]);
    stand(0, AWAY);
    step(10);
    expect([open(6), open(9)]).toEqual([true, true]);
    stand(1, [6, 1, 12]);
    const events = step();
    expect([open(6), open(9)]).toEqual([false, false]);
    expect(events.map(({ kind }) => kind)).toEqual(['switched']);
  });

  it('does not wait for a body where the blocks let bodies through, nor for the dead', () => {
    const water = machine([{ mode: 'hold', inputs: onPlate, effects: [door(6, 'water', 'air')] }]);
    water.stand(0, PLATE);
    water.stand(1, [6, 1, 10]);
    water.step();
    expect(water.at([6, 1, 10])).toBe('water');
    const dead = machine([{ mode: 'hold', inputs: onPlate, effects: [door(6, 'iron_block', 'air')] }]);
    dead.stand(0, PLATE);
    dead.stand(1, [6, 1, 10]);
    dead.step();
    expect(dead.at([6, 1, 10])).toBe('air');
    dead.engine.state.flags[1] &= ~1;
    dead.step();
    expect(dead.at([6, 1, 10])).toBe('iron_block');
  });

  it('credits the hand on its own lever, not one on another in the same tick', () => {
    const other: Cell = [16, 2, 4];
    const { engine, step, stand } = machine([{ mode: 'hold', inputs: [{ lever: LEVER }], effects: [door(6)] }], {
      boxes: [FLOOR, ['lever', LEVER, LEVER], ['lever', other, other], ['iron_block', [6, 1, 10], [6, 2, 10]]],
    });
    stand(0, [16, 1, 7]);
    stand(1, [8, 1, 7]);
    for (const a of [0, 1]) setAction(engine, a, { interact: INTERACT.use });
    expect(
      step()
        .filter(({ kind }) => kind === 'pressed')
        .map(({ agent }) => agent),
    ).toEqual([1]);
  });
});
