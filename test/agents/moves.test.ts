/** The scripted walker's moves under the real rules: each small world asks for one of them, and has a twin that cannot be done. */
import { describe, expect, it } from 'vitest';
import { play, type SmallWorld, smallScenario, walkerAt } from './small-worlds.js';

const far = (x: number, y: number, z = 0) =>
  ({
    reach: {
      agents: 'ada',
      region: [
        [x, y, z],
        [x, y + 1, z],
      ],
    },
  }) as SmallWorld['task'];
const alone = (world: Omit<SmallWorld, 'task'> & { task?: SmallWorld['task'] }, task: SmallWorld['task']) =>
  play(smallScenario({ ...world, task })).succeeded;
/** Floor of `left` blocks, a gap, `right` blocks; lava beneath. */
const gap = (width: number) => ({
  layers: [['L'.repeat(8 + width)], [`####${'.'.repeat(width)}####`]],
  agents: [walkerAt('ada', [0, 2, 0], { can: { dig: false } })],
});
const bank = (width: number) => far(4 + width + 2, 2);

describe('the scripted walker', () => {
  it.each([1, 2, 3])('leaps over a gap of %i', (width) => {
    expect(alone(gap(width), bank(width))).toBe(true);
  });

  it('does not get over a gap of 5, and does not try', () => {
    const { succeeded, ticks } = play(smallScenario({ ...gap(5), task: bank(5), maxTicks: 100 }));
    expect(succeeded).toBe(false);
    expect(ticks).toBe(100);
  });

  it.each([
    [0.25, 1, true],
    [0.25, 3, false],
    [0.5, 2, true],
    [2, 3, true],
  ])('knows what a body of %f times the speed can leap: a gap of %i is %s', (speedScale, width, can) => {
    const agents = [walkerAt('ada', [0, 2, 0], { can: { dig: false }, body: { type: 'walker', speedScale } })];
    const { succeeded, ticks } = play(smallScenario({ ...gap(width), agents, task: bank(width), maxTicks: 200 }));
    expect(succeeded).toBe(can);
    // It does not jump to its death: the episode has no fall in it.
    if (!can) expect(ticks).toBe(200);
  });

  it.each([1, 2])('leaps up one block over a gap of %i', (width) => {
    const layers = [['L'.repeat(8 + width)], [`####${'.'.repeat(width)}####`], [`....${'.'.repeat(width)}####`]];
    expect(alone({ layers, agents: [walkerAt('ada', [0, 2, 0])] }, far(4 + width + 2, 3))).toBe(true);
  });

  it('climbs stairs of single steps, and no wall of two', () => {
    expect(alone({ layers: [['########'], ['...#####'], ['.....###']] }, far(7, 3))).toBe(true);
    const wall = [['########'], ['...#####'], ['...#####']];
    expect(alone({ layers: wall, agents: [walkerAt('ada', [0, 1, 0], { can: { dig: false } })], maxTicks: 80 }, far(7, 3))).toBe(false);
  });

  it('drops three blocks unhurt', () => {
    const { succeeded, env } = play(
      smallScenario({ layers: [['######'], ['###...'], ['###...'], ['###...']], agents: [walkerAt('ada', [0, 4, 0])], task: far(5, 1) }),
    );
    expect(succeeded).toBe(true);
    expect(env.engine.state.health[0]).toBe(20);
  });

  it('climbs a ladder up a wall', () => {
    const layers = [['########'], ['...H####'], ['...H####'], ['...H####'], ['...H####']];
    expect(alone({ layers, agents: [walkerAt('ada', [0, 1, 0], { can: { dig: false } })] }, far(7, 5))).toBe(true);
  });

  it('swims across a pool and gets out on the other side', () => {
    const layers = [['##########'], ['###~~~~###'], ['###~~~~###']];
    expect(alone({ layers, agents: [walkerAt('ada', [0, 3, 0], { can: { dig: false } })] }, far(9, 3))).toBe(true);
  });

  it('digs through dirt when it may', () => {
    const layers = [['########'], ['...DD...'], ['...DD...'], ['...##...']];
    const world = (dig: boolean) => ({
      layers,
      agents: [walkerAt('ada', [0, 1, 0], { can: { dig, place: false } })],
      height: 5,
      maxTicks: 300,
    });
    expect(alone(world(true), far(7, 1))).toBe(true);
    expect(alone(world(false), far(7, 1))).toBe(false);
  });

  it('bridges a gap with as many blocks as it takes, and not with fewer', () => {
    const world = (planks: number) => ({
      ...gap(6),
      agents: [walkerAt('ada', [0, 2, 0], { inventory: { planks }, can: { dig: false } })],
      maxTicks: 400,
    });
    expect(alone(world(6), bank(6))).toBe(true);
    expect(alone(world(2), bank(6))).toBe(false);
  });

  it('rises on a pillar of its own blocks', () => {
    const world = (planks: number) => ({
      layers: [['###', '###', '###']],
      agents: [walkerAt('ada', [1, 1, 1], { inventory: { planks } })],
      height: 12,
      maxTicks: 300,
    });
    const high = {
      reach: {
        agents: 'ada',
        region: [
          [0, 6, 0],
          [2, 7, 2],
        ],
      },
    } as SmallWorld['task'];
    expect(alone(world(5), high)).toBe(true);
    expect(alone(world(3), high)).toBe(false);
  });

  it('keeps off what the task forbids, and takes the long way', () => {
    const layers = [['#####', '#####', '#####']];
    const trap = {
      never: {
        reach: {
          agents: 'ada',
          region: [
            [2, 1, 0],
            [2, 1, 1],
          ],
        },
      },
    };
    const task = { all: [far(4, 1), trap] } as SmallWorld['task'];
    expect(alone({ layers }, task)).toBe(true);
    const sealed = {
      all: [
        far(4, 1),
        {
          never: {
            reach: {
              agents: 'ada',
              region: [
                [2, 1, 0],
                [2, 1, 2],
              ],
            },
          },
        },
      ],
    } as SmallWorld['task'];
    expect(play(smallScenario({ layers, task: sealed, maxTicks: 60 })).ticks).toBe(60);
  });
});

describe('the scripted worker', () => {
  const yard = [
    ['######', '######', '######', '######'],
    ['......', '....D.', '......', '......'],
  ];

  it('fetches what the task asks it to hold', () => {
    const task = { holds: { agents: 'ada', item: 'dirt', atLeast: 1 } } as SmallWorld['task'];
    expect(alone({ layers: yard }, task)).toBe(true);
    expect(
      alone(
        {
          layers: [yard[0]],
          maxTicks: 100,
          rest: {
            world: {
              size: [6, 6, 4],
              diggable: 'none',
              terrain: { generator: 'empty' },
              structures: [{ layers: [yard[0]], palette: { '#': 'stone' }, at: [0, 0, 0] }],
            },
          },
        },
        task,
      ),
    ).toBe(false);
  });

  it('digs blocks that are asked for', () => {
    expect(alone({ layers: yard }, { dug: { agents: 'ada', block: 'dirt' } } as SmallWorld['task'])).toBe(true);
  });

  it('builds a pattern of blocks beside one another', () => {
    const pattern = [
      [3, 1, 1],
      [3, 1, 2],
      [4, 1, 2],
    ].map((at) => ({ at: at as [number, number, number], block: 'oak_planks' }));
    const world = { layers: [yard[0]], agents: [walkerAt('ada', [0, 1, 0], { inventory: { planks: 4 } })] };
    expect(alone(world, { built: { pattern } } as SmallWorld['task'])).toBe(true);
  });

  it('says what the task asks to be said', () => {
    const world = { layers: [yard[0]], rest: { messages: { symbols: ['first', 'second'] } } };
    expect(alone(world, { said: { agents: 'ada', symbol: 'second' } } as SmallWorld['task'])).toBe(true);
    expect(
      alone({ ...world, agents: [walkerAt('ada', [0, 1, 0], { can: { message: false } })], maxTicks: 40 }, {
        said: { agents: 'ada', symbol: 'second' },
      } as SmallWorld['task']),
    ).toBe(false);
  });

  it('does the steps of a sequence in their order', () => {
    const steps = { sequence: [far(5, 1, 3), far(0, 1, 3), far(5, 1, 0)] } as SmallWorld['task'];
    expect(alone({ layers: [yard[0]] }, steps)).toBe(true);
  });

  it('comes near another agent and stays away from a third place', () => {
    const agents = [walkerAt('ada', [0, 1, 0]), walkerAt('bob', [5, 1, 3])];
    expect(alone({ layers: [yard[0]], agents }, { near: { agents: 'ada', of: 'bob', metres: 1.5 } } as SmallWorld['task'])).toBe(true);
  });
});
