/** Props that cannot be simulated are refused when a scenario is loaded: each with its path, what it must be, and what it got. */
import { buildLevel, levelSeed, parseScenario, resolveScenario, type ScenarioInput } from '@kinovox/world';
import { describe, expect, it } from 'vitest';

type PropInput = NonNullable<ScenarioInput['props']>[number];
type Hinge = Extract<NonNullable<PropInput['joint']>, { hinge: object }>['hinge'];

function load(props: unknown[], agents: unknown[] = [{ id: 'ada', body: 'walker', spawn: { at: [1, 4, 1] } }], rest: object = {}): void {
  const scenario = parseScenario(
    {
      version: 1,
      id: 'props-v1',
      title: 'Props',
      world: { size: [16, 12, 16], terrain: { generator: 'flat', ground: 4 }, edits: [{ set: 'stone', at: [12, 4, 12] }] },
      agents,
      props,
      task: { elapsed: { ticks: 10 } },
      episode: { maxTicks: 10, variants: 1 },
      ...rest,
    },
    'x.json',
  );
  const resolved = resolveScenario(scenario, 'train', 0);
  buildLevel(resolved, levelSeed(resolved));
}
const messageOf = (...args: Parameters<typeof load>): string => {
  try {
    load(...args);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
};

const box = (x: number, y: number, z: number, rest: object = {}) => ({
  id: 'crate',
  shape: { box: [1, 1, 1] },
  spawn: { atMetres: [x, y, z] },
  ...rest,
});
const door = (hinge: Partial<Hinge>, rest: object = {}) =>
  box(6.5, 4.5, 6.5, { id: 'door', joint: { hinge: { anchor: [-0.5, 0, 0], ...hinge } }, ...rest });
const frame = box(5.5, 4.5, 6.5, { id: 'frame' });

describe('a joint', () => {
  it.each<[string, object[]]>([
    ['to the world', [door({})]],
    ['to another prop, with limits and an anchor on a bracket', [frame, door({ to: 'frame', limitsDeg: [-90, 0], anchor: [-1.4, 0, 0] })]],
    ['in a chain', [frame, door({ to: 'frame' }), box(7.5, 4.5, 6.5, { id: 'flap', joint: { slider: { to: 'door' } } })]],
  ])('%s is accepted', (_, props) => {
    expect(messageOf(props)).toBe('accepted');
  });

  it.each<[string, object[], string]>([
    [
      'to a prop that is not there',
      [frame, door({ to: 'fame' })],
      'props[1].joint.hinge.to must be the id of a prop; got "fame" at x.json. Did you mean "frame"?',
    ],
    ['to itself', [door({ to: 'door' })], 'props[0].joint.hinge.to must be another prop; got "door" at x.json. Leave it out'],
    [
      'with its limits reversed',
      [door({ limitsDeg: [90, -90] })],
      'props[0].joint.hinge.limitsDeg must have its lower limit first; got [90,-90]',
    ],
    ['that starts beyond its limits', [door({ limitsDeg: [10, 90] })], 'must have 0, where it starts, between its limits; got [10,90]'],
    ['whose axis points nowhere', [door({ axis: [0, 0, 0] })], 'props[0].joint.hinge.axis must point somewhere; got [0,0,0]'],
    ['with two brakes', [door({ damping: 1, friction: 1 })], 'props[0].joint.hinge must have "damping" or "friction", not both'],
    [
      'anchored far from the prop',
      [door({ anchor: [6.5, 4.5, 6.5] })],
      'props[0].joint.hinge.anchor must be at most 1 m outside the box of "door"',
    ],
    [
      'anchored far from the other prop',
      [frame, door({ to: 'frame', anchor: [1.4, 0, 0] })],
      'props[1].joint.hinge.anchor must be at most 1 m outside the box of "frame", to which it ties "door"; got 1.90 m',
    ],
    [
      'to a prop that is drawn',
      [
        {
          ...frame,
          spawn: {
            region: [
              [2, 4, 2],
              [4, 4, 4],
            ],
          },
        },
        door({ to: 'frame' }),
      ],
      'not in a region like "frame"',
    ],
    [
      'in a ring',
      [box(5.5, 4.5, 6.5, { id: 'frame', joint: { slider: { to: 'door' } } }), door({ to: 'frame' })],
      'must not close a ring of joints, which could not move; got "frame - door - frame"',
    ],
    [
      'between masses that it cannot hold',
      [{ ...frame, massKg: 1001 }, door({ to: 'frame' })],
      'must have at most 100 times the mass of "door"',
    ],
  ])('%s is refused', (_, props, message) => {
    expect(messageOf(props)).toContain(message);
  });
});

describe('a mass', () => {
  it.each<[string, object[], string]>([
    ['of 0', [box(6.5, 4.5, 6.5, { massKg: 0 })], 'props[0].massKg must be at least 0.01; got 0'],
    ['below 0', [box(6.5, 4.5, 6.5, { massKg: -1 })], 'props[0].massKg must be at least 0.01; got -1'],
    ['of 1e9 kg', [box(6.5, 4.5, 6.5, { massKg: 1e9 })], 'props[0].massKg must be at most 10000; got 1000000000'],
    [
      'more than 500 times that of another prop',
      [box(6.5, 4.5, 6.5, { massKg: 501 }), box(9.5, 4.5, 6.5, { id: 'light', massKg: 1 })],
      'props[0].massKg must be at most 500 times that of the lightest prop, "light" of 1 kg',
    ],
  ])('%s is refused', (_, props, message) => {
    expect(messageOf(props)).toContain(message);
  });

  const car = (massKg: number) => [{ id: 'car', body: { type: 'rigid', vehicle: 'car', massKg }, spawn: { at: [3, 4, 3] } }];

  it('of a vehicle counts as that of a prop does', () => {
    const crate = [box(6.5, 4.5, 8.5, { massKg: 1 })];
    expect(messageOf(crate, car(500))).toBe('accepted');
    expect(messageOf(crate, car(501))).toContain(
      'agents[0].body.massKg must be at most 500 times that of the lightest prop, "crate" of 1 kg, since what touches it would be crushed; got 501',
    );
    const copter = { id: 'copter', body: { type: 'rigid', vehicle: 'quadcopter', massKg: 1 }, spawn: { at: [9, 4, 9] } };
    expect(messageOf([], [...car(501), copter])).toContain('that of the lightest vehicle, "copter" of 1 kg');
    expect(messageOf([box(6.5, 4.5, 8.5, { massKg: 501 })], [copter])).toContain('props[0].massKg must be at most 500 times');
  });

  it('of 500 times that of another prop is accepted', () => {
    expect(messageOf([box(6.5, 4.5, 6.5, { massKg: 500 }), box(9.5, 4.5, 6.5, { id: 'light', massKg: 1 })])).toBe('accepted');
  });
});

describe('a container', () => {
  const tub = (size: number[], wall: number) => [{ id: 'tub', shape: { container: { size, wall } }, spawn: { atMetres: [6.5, 5, 6.5] } }];

  it.each<[string, number[], number]>([
    ['with walls as thick as it is wide', [0.4, 1, 2], 0.2],
    ['with walls as thick as it is long', [2, 1, 0.4], 0.2],
    ['with a floor as thick as it is high', [2, 0.4, 2], 0.4],
  ])('%s is refused', (_, size, wall) => {
    expect(messageOf(tub(size, wall))).toContain(
      `props[0].shape.container.wall must leave room inside: less than half of the narrower side and less than the height of [${size}]; got ${wall}`,
    );
  });

  it('with room inside is accepted', () => {
    expect(messageOf(tub([0.4, 0.4, 0.4], 0.19))).toBe('accepted');
  });
});

describe('what has no effect', () => {
  const tub = { id: 'tub', shape: { container: { size: [1, 1, 1] } }, spawn: { at: [6, 4, 6] } };
  const crate = box(9.5, 4.5, 6.5, { shape: { box: [0.3, 0.3, 0.3] } });
  const rover = [{ id: 'rover', body: { type: 'rigid', vehicle: 'rover' }, spawn: { at: [3, 4, 3] } }];
  const inside = (prop: string | string[], quantifier: string) => ({ task: { inside: { prop, container: 'tub', quantifier } } });

  it.each<[string, object[], object[] | undefined, object]>([
    ['the goal of a crate in a container', [tub, crate], undefined, inside('crate', 'all')],
    ['the goal of a crate or the container itself in it', [tub, crate], undefined, inside(['tub', 'crate'], 'any')],
    ['an observation of props where there are some', [crate], undefined, { observation: { props: 2 } }],
    ['carrying where an agent is a walker', [crate], undefined, { carrying: {} }],
  ])('is not %s', (_, props, agents, rest) => {
    expect(messageOf(props, agents, rest)).toBe('accepted');
  });

  const self = 'task.inside.container must be another prop than what must lie inside it; got "tub"';
  it.each<[string, object[], object[] | undefined, object, string]>([
    ['a container in itself', [tub], undefined, inside('tub', 'all'), self],
    ['any of a container in itself', [tub], undefined, inside(['tub'], 'any'), self],
    ['a container among others in itself', [tub, crate], undefined, inside(['crate', 'tub'], 'all'), self],
    [
      'an observation of props without any',
      [],
      undefined,
      { observation: { props: 2 } },
      'observation.props must be left out of a scenario without "props"; got 2',
    ],
    [
      'carrying by walkers that use nothing',
      [crate],
      [{ id: 'ada', body: 'walker', spawn: { at: [2, 4, 2] }, can: { use: false } }],
      { carrying: {} },
      'carrying must stand where a walker may use its hands',
    ],
    ['carrying without hands', [crate], rover, { carrying: {} }, 'carrying must be left out where no agent is a walker'],
  ])('is refused: %s', (_, props, agents, rest, message) => {
    expect(messageOf(props, agents, rest)).toContain(message);
  });
});

describe('a place', () => {
  const other = (x: number, y: number, z: number, rest: object = {}) => box(x, y, z, { id: 'other', ...rest });
  const tub = { id: 'tub', shape: { container: { size: [3, 1, 3], wall: 0.2 } }, spawn: { at: [6, 4, 6] } };
  it.each<[string, object[], object[]?]>([
    ['beside another prop', [box(6.5, 4.5, 6.5), other(7.5, 4.5, 6.5)]],
    ['on another prop', [box(6.5, 4.5, 6.5), other(6.5, 5.5, 6.5)]],
    ['in a container', [tub, box(6.5, 4.8, 6.5)]],
    [
      'over the low end of a ramp',
      [
        { id: 'ramp', shape: { ramp: [2, 1, 1] }, spawn: { atMetres: [6.5, 4.5, 6.5] } },
        other(5.6, 5.1, 6.5, { shape: { box: [0.3, 0.3, 0.3] } }),
      ],
    ],
    ['beside a crate that is turned', [box(6.5, 4.5, 6.5, { spawn: { atMetres: [6.5, 4.5, 6.5], yawDeg: 45 } }), other(7.45, 4.5, 7.45)]],
    [
      'of two balls in opposite corners of their boxes',
      [
        { id: 'a', shape: { ball: 0.5 }, spawn: { atMetres: [6.5, 4.5, 6.5] } },
        { id: 'b', shape: { ball: 0.5 }, spawn: { atMetres: [7.3, 4.5, 7.3] } },
      ],
    ],
    ['beside an agent', [box(1.5, 4.5, 2.5)]],
    ['turned, beside a block', [box(11.25, 4.5, 12.5, { spawn: { atMetres: [11.29, 4.5, 12.5], yawDeg: 45 } })]],
    [
      'turned by a quarter, along a block',
      [box(11.5, 4.5, 12.5, { shape: { box: [3, 1, 1] }, spawn: { atMetres: [11.5, 4.5, 12.5], yawDeg: 90 } })],
    ],
  ])('%s is accepted', (_, props, agents) => {
    expect(messageOf(props, agents)).toBe('accepted');
  });

  it.each<[string, object[], string, object[]?]>([
    [
      'in another prop',
      [box(6.5, 4.5, 6.5), other(7.4, 4.5, 6.5)],
      'props[1].spawn must keep "other" out of other props; got a part of "crate" at props-v1 (train variant 0). Move one of them.',
    ],
    ['in the wall of a container', [tub, box(7.8, 4.8, 6.5)], 'must keep "crate" out of other props; got a part of "tub"'],
    [
      'in the high end of a ramp',
      [
        { id: 'ramp', shape: { ramp: [2, 1, 1] }, spawn: { atMetres: [6.5, 4.5, 6.5] } },
        other(7.2, 5.05, 6.5, { shape: { box: [0.3, 0.3, 0.3] } }),
      ],
      'a part of "ramp"',
    ],
    [
      'in a crate that is turned',
      [box(6.5, 4.5, 6.5, { spawn: { atMetres: [6.5, 4.5, 6.5], yawDeg: 45 } }), other(7.6, 4.5, 6.5)],
      'a part of "crate"',
    ],
    [
      'of two balls too near',
      [
        { id: 'a', shape: { ball: 0.5 }, spawn: { atMetres: [6.5, 4.5, 6.5] } },
        { id: 'b', shape: { ball: 0.5 }, spawn: { atMetres: [7.1, 4.5, 7.1] } },
      ],
      'a part of "a"',
    ],
    ['in an agent', [box(1.5, 4.5, 2.2)], 'props[0].spawn must keep "crate" out of agents; got the place of "ada"'],
    [
      'in a block',
      [box(11.6, 4.5, 12.5)],
      'props[0].spawn.atMetres must leave room for crate, which is centred there; got [11.6, 4.5, 12.5]',
    ],
    ['turned into a block', [box(11.4, 4.5, 12.5, { spawn: { atMetres: [11.4, 4.5, 12.5], yawDeg: 45 } })], 'must leave room for crate'],
    [
      'turned by a quarter into a block',
      [box(11.5, 4.5, 12.5, { shape: { box: [1, 1, 3] }, spawn: { atMetres: [11, 4.5, 12.5], yawDeg: 90 } })],
      'must leave room for crate',
    ],
    ['half outside the world', [box(0.2, 4.5, 6.5)], 'must leave room for crate'],
    ['outside the world', [box(40, 4.5, 6.5)], 'props[0].spawn.atMetres must lie in the world of size [16,12,16]; got [40,4.5,6.5]'],
    [
      'in a region with too few cells',
      [
        {
          ...box(0, 0, 0),
          count: 5,
          spawn: {
            region: [
              [6, 4, 6],
              [7, 4, 7],
            ],
          },
        },
      ],
      'props must find a cell each in [[6,4,6],[7,4,7]], 5 of them; got 4 cells',
    ],
    [
      'in all cells in which an agent may start',
      [box(7, 4.5, 6.5, { shape: { box: [2, 1, 1] } })],
      'must have a cell for ada in which no prop stands',
      [
        {
          id: 'ada',
          body: 'walker',
          spawn: {
            region: [
              [6, 4, 6],
              [7, 4, 6],
            ],
          },
        },
      ],
    ],
  ])('%s is refused', (_, props, message, agents) => {
    expect(messageOf(props, agents)).toContain(message);
  });

  it('of a prop is none of an agent that is drawn from a region around it', () => {
    const scenario = parseScenario(
      {
        version: 1,
        id: 'props-v1',
        title: 'Props',
        world: { size: [16, 12, 16], terrain: { generator: 'flat', ground: 4 } },
        agents: [
          {
            id: 'ada',
            body: 'walker',
            spawn: {
              region: [
                [5, 4, 5],
                [8, 4, 8],
              ],
            },
          },
        ],
        props: [box(6.5, 4.5, 6.5) as PropInput],
        task: { elapsed: { ticks: 10 } },
        episode: { maxTicks: 10, variants: 1 },
      },
      'x.json',
    );
    const resolved = resolveScenario(scenario, 'train', 0);
    const { spawns } = buildLevel(resolved, levelSeed(resolved));
    // A crate of 1 m in the middle of its cell leaves its neighbours free.
    expect(spawns[0].cells!.length / 3).toBe(15);
    for (let k = 0; k < spawns[0].cells!.length; k += 3) expect([...spawns[0].cells!.subarray(k, k + 3)]).not.toEqual([6, 4, 6]);
  });
});
