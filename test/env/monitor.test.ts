// Monitors by example: what each predicate asks, what each combinator waits for, who is blamed, and which events are reported.

import { hashWorld, NODE_COLUMN, NODE_COLUMNS, nodeProgress, nodeStatus, resetMonitors, violationTick } from '@kinovox/physics';
import { EVENT, EVENT_WORDS, MAX_EVENTS_PER_TICK } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import type { Moment } from './monitor-oracle.js';
import { bodyAt, CAST, createBench, createScenario, type MonitorBench, quietMoment, stepBench } from './monitor-worlds.js';

const STATUS = ['pending', 'satisfied', 'violated'];

/** Root status per tick while the moments pass in row 1 of 3. */
function play(task: object, moments: Partial<Moment>[], maxTicks = 20): { statuses: string[]; bench: MonitorBench } {
  const bench = createBench(createScenario(task, maxTicks), 3);
  const statuses = moments.map((moment, i) => {
    stepBench(bench, 1, quietMoment(moment), i + 1);
    return STATUS[bench.outputs.rootStatus[1]];
  });
  return { statuses, bench };
}

/** Bodies of the quiet moment with some replaced. */
function withBodies(...bodies: Moment['bodies']): Partial<Moment> {
  return { bodies: [...bodies, ...quietMoment().bodies.slice(bodies.length)] };
}

function eventsOf(bench: MonitorBench, kind: number): number[][] {
  const first = MAX_EVENTS_PER_TICK * EVENT_WORDS;
  const rows = Array.from({ length: bench.buffers.eventCount[1] }, (_, i) => [
    ...bench.buffers.events.subarray(first + i * EVENT_WORDS, first + (i + 1) * EVENT_WORDS),
  ]);
  return rows.filter((row) => row[0] === kind);
}

const goTo = (agents: string | string[], x: number) => ({
  reach: {
    agents,
    region: [
      [x, 0, 0],
      [x, 7, 7],
    ],
  },
});
const IN_FIVE = withBodies(bodyAt(5, 1, 1), bodyAt(5, 1, 2));
const ADA_IN_FIVE = withBodies(bodyAt(5, 1, 1));

describe('predicates', () => {
  const turnedTo = (yaw: number) => bodyAt(1, 1, 1, { yaw });
  const QUARTER = 1 << 30;
  it.each<[string, object, Partial<Moment>, Partial<Moment>]>([
    ['reach asks for all agents by default', goTo('red', 5), IN_FIVE, ADA_IN_FIVE],
    ['reach with any asks for one', { reach: { ...goTo('red', 5).reach, quantifier: 'any' } }, ADA_IN_FIVE, {}],
    [
      'reach counts both corner cells',
      {
        reach: {
          agents: 'ada',
          region: [
            [4, 1, 0],
            [5, 1, 7],
          ],
        },
      },
      withBodies(bodyAt(5, 1, 7)),
      withBodies(bodyAt(5, 2, 7)),
    ],
    ['reach ignores the dead', goTo('ada', 5), ADA_IN_FIVE, withBodies(bodyAt(5, 1, 1, { alive: false }))],
    [
      'near measures between feet',
      { near: { agents: 'ada', of: 'bob', metres: 1 } },
      withBodies(bodyAt(3, 1, 4)),
      withBodies(bodyAt(3, 1, 5)),
    ],
    [
      'near a cell means its floor centre',
      { near: { agents: 'ada', of: [5, 1, 1], metres: 0.5 } },
      withBodies(bodyAt(5, 1, 1)),
      withBodies(bodyAt(4, 1, 1)),
    ],
    [
      'near a prop means its centre',
      { near: { agents: 'ada', of: 'crate', metres: 1 } },
      {
        ...withBodies(bodyAt(0, 0, 0)),
        props: [
          [32768, 32768, 32768],
          [0, 0, 0],
        ],
      },
      {},
    ],
    [
      'near needs a living target',
      { near: { agents: 'ada', of: 'bob', metres: 1 } },
      withBodies(bodyAt(3, 1, 4)),
      withBodies(bodyAt(3, 1, 4), bodyAt(3, 1, 3, { alive: false })),
    ],
    [
      'holds adds up slots',
      { holds: { agents: 'ada', item: 'coal', atLeast: 5 } },
      withBodies(
        bodyAt(1, 1, 1, {
          items: [
            { item: 'coal', count: 3 },
            { item: 'coal', count: 2 },
          ],
        }),
      ),
      withBodies(
        bodyAt(1, 1, 1, {
          items: [
            { item: 'coal', count: 4 },
            { item: 'stone', count: 9 },
          ],
        }),
      ),
    ],
    ['below compares the feet', { below: { agents: 'ada', y: 1.5 } }, withBodies(bodyAt(1, 1, 1)), withBodies(bodyAt(1, 1.5, 1))],
    [
      'below also blames the dead',
      { below: { agents: 'ada', y: 1.5 } },
      withBodies(bodyAt(1, 1, 1, { alive: false, health: 0 })),
      withBodies(bodyAt(1, 2, 1)),
    ],
    [
      'built counts blocks in a region',
      {
        built: {
          region: [
            [2, 0, 2],
            [3, 1, 3],
          ],
          block: 'stone',
          atLeast: 2,
        },
      },
      {
        blocks: new Map([
          ['2,0,2', 'stone'],
          ['3,1,3', 'stone'],
        ]),
      },
      {
        blocks: new Map([
          ['2,0,2', 'stone'],
          ['3,1,3', 'glass'],
          ['4,1,3', 'stone'],
        ]),
      },
    ],
    [
      'built compares a pattern cell by cell',
      {
        built: {
          pattern: [
            { at: [2, 0, 2], block: 'stone' },
            { at: [2, 1, 2], block: 'glass' },
          ],
        },
      },
      {
        blocks: new Map([
          ['2,0,2', 'stone'],
          ['2,1,2', 'glass'],
        ]),
      },
      {
        blocks: new Map([
          ['2,0,2', 'glass'],
          ['2,1,2', 'stone'],
        ]),
      },
    ],
    ['triggered reads the mechanism', { triggered: { mechanism: 'lift' } }, { mechanisms: [false, true] }, { mechanisms: [true, false] }],
    [
      'sees needs the target ahead',
      { sees: { agents: 'ada', target: [1, 2, 6] } },
      withBodies(turnedTo(2 * QUARTER)),
      withBodies(turnedTo(0)),
    ],
    [
      'sees is stopped by opaque blocks',
      { sees: { agents: 'ada', target: [1, 2, 6] } },
      { ...withBodies(turnedTo(2 * QUARTER)), blocks: new Map([['1,2,3', 'glass']]) },
      { ...withBodies(turnedTo(2 * QUARTER)), blocks: new Map([['1,2,3', 'stone']]) },
    ],
    [
      'sees ends at its range',
      { sees: { agents: 'ada', target: [1, 2, 6], rangeMetres: 5.01 } },
      withBodies(turnedTo(2 * QUARTER)),
      withBodies(bodyAt(1, 1, 0, { yaw: 2 * QUARTER })),
    ],
    [
      'sees to the left at a quarter turn',
      { sees: { agents: 'ada', target: [0, 2, 1] } },
      withBodies(turnedTo(QUARTER)),
      withBodies(turnedTo(-QUARTER)),
    ],
    [
      'sees another agent',
      { sees: { agents: 'ada', target: 'bob' } },
      withBodies(turnedTo(2 * QUARTER + (QUARTER >> 1))),
      withBodies(turnedTo(0)),
    ],
    [
      'touched reads contacts',
      { touched: { agents: 'ada', by: 'blue' } },
      withBodies(bodyAt(1, 1, 1, { touches: [2] })),
      withBodies(bodyAt(1, 1, 1, { touches: [1] })),
    ],
    [
      'touched by a prop reads pushes',
      { touched: { agents: 'ada', by: 'ball' } },
      { events: [{ kind: 'pushed', agent: 0, what: 'ball' }] },
      {
        events: [
          { kind: 'pushed', agent: 1, what: 'ball' },
          { kind: 'pushed', agent: 0, what: 'crate' },
        ],
      },
    ],
    ['alive asks for all', { alive: { agents: 'all' } }, {}, withBodies(bodyAt(1, 1, 1, { alive: false }))],
    [
      'healthBelow is strict',
      { healthBelow: { agents: 'ada', health: 5 } },
      withBodies(bodyAt(1, 1, 1, { health: 4 })),
      withBodies(bodyAt(1, 1, 1, { health: 5 })),
    ],
    [
      'healthBelow between two integers',
      { healthBelow: { agents: 'ada', health: 4.5 } },
      withBodies(bodyAt(1, 1, 1, { health: 4 })),
      withBodies(bodyAt(1, 1, 1, { health: 5 })),
    ],
    [
      'said asks for this tick and symbol',
      { said: { agents: 'red', symbol: 'go' } },
      { events: [{ kind: 'said', agent: 1, what: 'go' }] },
      {
        events: [
          { kind: 'said', agent: 1, what: 'stop' },
          { kind: 'said', agent: 2, what: 'go' },
        ],
      },
    ],
    [
      'dug asks for the block',
      { dug: { agents: 'ada', block: 'stone' } },
      { events: [{ kind: 'dug', agent: 0, what: 'stone' }] },
      { events: [{ kind: 'dug', agent: 0, what: 'glass' }] },
    ],
    [
      'propIn asks for all props',
      {
        propIn: {
          prop: ['crate', 'ball'],
          region: [
            [0, 0, 0],
            [1, 1, 1],
          ],
        },
      },
      {
        props: [
          [0, 0, 0],
          [131071, 0, 0],
        ],
      },
      {
        props: [
          [0, 0, 0],
          [131072, 0, 0],
        ],
      },
    ],
    ['elapsed is reached at its tick', { elapsed: { ticks: 1 } }, {}, {}],
  ])('%s', (name, task, truth, falsehood) => {
    expect(play(task, [truth]).statuses).toEqual(['satisfied']);
    if (!name.startsWith('elapsed')) expect(play(task, [falsehood]).statuses).toEqual(['pending']);
    else expect(play({ elapsed: { ticks: 2 } }, [falsehood, falsehood]).statuses).toEqual(['pending', 'satisfied']);
  });

  it('are not latched: leaving undoes reach, except with each', () => {
    expect(play(goTo('ada', 5), [ADA_IN_FIVE, {}]).statuses).toEqual(['satisfied', 'pending']);
    expect(
      play({ reach: { ...goTo('red', 5).reach, each: true } }, [ADA_IN_FIVE, withBodies(bodyAt(0, 1, 0), bodyAt(5, 1, 1)), {}]).statuses,
    ).toEqual(['pending', 'satisfied', 'satisfied']);
  });

  it('count digging over the whole episode', () => {
    const dig: Partial<Moment> = { events: [{ kind: 'dug', agent: 0, what: 'stone' }] };
    const { statuses, bench } = play({ dug: { agents: 'ada', block: 'stone', atLeast: 3 } }, [dig, {}, dig, dig]);
    expect(statuses).toEqual(['pending', 'pending', 'pending', 'satisfied']);
    expect(bench.outputs.rootProgress[1]).toBe(16384);
  });

  it('count blocks again only after edits', () => {
    const stone = new Map([['2,0,2', 'stone']]);
    const task = {
      built: {
        region: [
          [2, 0, 2],
          [2, 0, 2],
        ],
        block: 'stone',
      },
    };
    expect(play(task, [{}, { blocks: stone, edited: true }, { blocks: stone }, { edited: true }]).statuses).toEqual([
      'pending',
      'satisfied',
      'satisfied',
      'pending',
    ]);
  });

  it('keep one bit per agent for more agents than a word has bits', () => {
    const agents = Array.from({ length: 40 }, (_, i) => ({ id: `bot${i}`, body: 'walker', spawn: { at: [1, 1, 1] } }));
    const scenario = createScenario(
      {
        reach: {
          agents: 'all',
          region: [
            [5, 0, 0],
            [5, 7, 7],
          ],
          each: true,
        },
      },
      20,
      { agents, mechanisms: [], props: [] },
    );
    const bench = createBench(scenario, 1);
    const moment = (slot: number): Moment => ({
      ...quietMoment({ mechanisms: [], props: [] }),
      bodies: agents.map((_, i) => bodyAt(i === slot ? 5 : 1, 1, 1)),
    });
    for (let slot = 0; slot < 40; slot++) {
      expect(bench.outputs.rootStatus[0]).toBe(0);
      stepBench(bench, 0, moment(slot), slot + 1);
    }
    expect(bench.outputs.rootStatus[0]).toBe(1);
  });
});

describe('combinators', () => {
  it('let all wait for one tick at which everything is true', () => {
    const task = { all: [goTo('ada', 5), { triggered: { mechanism: 'gate' } }] };
    expect(play(task, [ADA_IN_FIVE, { mechanisms: [true, false] }, { ...ADA_IN_FIVE, mechanisms: [true, false] }]).statuses).toEqual([
      'pending',
      'pending',
      'satisfied',
    ]);
  });

  it('let a sequence keep what was done, one step a tick', () => {
    const task = { sequence: [goTo('ada', 5), { triggered: { mechanism: 'gate' } }, goTo('ada', 1)] };
    expect(play(task, [{ ...ADA_IN_FIVE, mechanisms: [true, false] }, { mechanisms: [true, false] }, {}]).statuses).toEqual([
      'pending',
      'pending',
      'satisfied',
    ]);
  });

  it('let never hold until the horizon', () => {
    const task = { never: goTo('ada', 5) };
    expect(play(task, [{}, {}, {}], 3).statuses).toEqual(['pending', 'pending', 'satisfied']);
    expect(play(task, [{}, ADA_IN_FIVE, {}], 3).statuses).toEqual(['pending', 'violated', 'violated']);
  });

  it('let all succeed early beside an invariant, and fail with it', () => {
    const task = { all: [goTo('ada', 5), { never: { triggered: { mechanism: 'gate' } } }] };
    expect(play(task, [{}, ADA_IN_FIVE]).statuses).toEqual(['pending', 'satisfied']);
    expect(play(task, [{ mechanisms: [true, false] }, ADA_IN_FIVE]).statuses).toEqual(['violated', 'violated']);
  });

  it('let an invariant be the hold of until', () => {
    const task = { until: { hold: { never: { triggered: { mechanism: 'gate' } } }, goal: goTo('ada', 5) } };
    expect(play(task, [{}, ADA_IN_FIVE, { mechanisms: [true, false] }]).statuses).toEqual(['pending', 'satisfied', 'satisfied']);
    expect(play(task, [{ mechanisms: [true, false] }, ADA_IN_FIVE]).statuses).toEqual(['violated', 'violated']);
  });

  it('violate a whole as soon as the part it needs is lost', () => {
    const lost = { within: { goal: goTo('ada', 5), ticks: 1 } };
    for (const task of [
      { all: [lost] },
      { any: [lost] },
      { sequence: [lost] },
      { until: { hold: { alive: { agents: 'all' } }, goal: lost } },
      { before: { first: lost, then: goTo('bob', 5) } },
      { within: { goal: lost, ticks: 9 } },
      { count: { of: [lost], atLeast: 1 } },
    ]) {
      expect(play(task, [{}, {}]).statuses, JSON.stringify(task)).toEqual(['pending', 'violated']);
    }
  });

  it('count each time a part becomes true', () => {
    const task = { count: { of: [goTo('ada', 5)], atLeast: 2 } };
    expect(play(task, [ADA_IN_FIVE, ADA_IN_FIVE, {}, ADA_IN_FIVE, {}]).statuses).toEqual([
      'pending',
      'pending',
      'pending',
      'satisfied',
      'satisfied',
    ]);
  });
});

describe('violations', () => {
  const register = (bench: MonitorBench, node: number) => {
    const { nodes, numRegisters } = bench.program.monitor;
    return bench.state.register[numRegisters + nodes[node * NODE_COLUMNS + NODE_COLUMN.violation] + 1] - 1;
  };
  const lastNode = (bench: MonitorBench) => bench.program.monitor.numNodes - 1;

  it('name their tick and the first agent that broke an invariant', () => {
    const { bench } = play({ never: { below: { agents: 'all', y: 1, quantifier: 'any' } } }, [
      {},
      withBodies(bodyAt(1, 1, 1), bodyAt(1, 0.5, 1)),
      {},
    ]);
    expect(violationTick(bench.state, bench.program.monitor, 1, lastNode(bench))).toBe(2);
    expect(register(bench, lastNode(bench))).toBe(1);
  });

  it('name who did not hold, who came first, and nobody when time ran out', () => {
    expect(register(...lastOf({ until: { hold: goTo('red', 5), goal: { elapsed: { ticks: 9 } } } }, [ADA_IN_FIVE]))).toBe(1);
    expect(register(...lastOf({ before: { first: goTo('ada', 5), then: goTo('cyn', 6) } }, [{}]))).toBe(2);
    expect(register(...lastOf({ within: { goal: goTo('ada', 5), ticks: 1 } }, [{}, {}]))).toBe(-1);
    expect(
      register(...lastOf({ all: [{ never: { triggered: { mechanism: 'gate' } } }, goTo('ada', 5)] }, [{ mechanisms: [true, false] }])),
    ).toBe(-1);
  });

  function lastOf(task: object, moments: Partial<Moment>[]): [MonitorBench, number] {
    const { bench } = play(task, moments);
    return [bench, lastNode(bench)];
  }

  it('are reported once, by the part that broke, with the agent', () => {
    const { bench } = play({ all: [{ never: { below: { agents: 'bob', y: 1 } } }, goTo('ada', 5)] }, [
      withBodies(bodyAt(1, 1, 1), bodyAt(1, 0, 1)),
    ]);
    expect(eventsOf(bench, EVENT.violated)).toEqual([[EVENT.violated, 1, 1, 0, 0]]);
    stepBench(bench, 1, quietMoment(), 2);
    expect(eventsOf(bench, EVENT.violated)).toEqual([]);
  });
});

describe('progress', () => {
  it('is the share of agents, of steps, of time', () => {
    const { bench } = play({ sequence: [goTo('red', 5), goTo('red', 1), goTo('red', 5)] }, [ADA_IN_FIVE]);
    expect(bench.outputs.rootProgress[1]).toBe(Math.floor(8192 / 3));
    stepBench(bench, 1, quietMoment(IN_FIVE), 2);
    expect(bench.outputs.rootProgress[1]).toBe(Math.floor(16384 / 3));
    expect(play({ never: goTo('ada', 5) }, [{}, {}, {}, {}, {}]).bench.outputs.rootProgress[1]).toBe(4096);
  });

  it('is reported for the parts of a task and the steps of a sequence, and not for its clocks', () => {
    const task = { all: [{ sequence: [goTo('red', 5), goTo('red', 1)] }, { elapsed: { ticks: 3 } }, { never: goTo('cyn', 5) }] };
    const { bench } = play(task, [ADA_IN_FIVE]);
    const nodes = eventsOf(bench, EVENT.progressed).map((row) => bench.program.monitor.names[row[2]]);
    expect(nodes).toEqual([bench.program.monitor.names[0], bench.program.monitor.names[2]]);
    stepBench(bench, 1, quietMoment(ADA_IN_FIVE), 2);
    expect(eventsOf(bench, EVENT.progressed)).toEqual([]);
    stepBench(bench, 1, quietMoment(IN_FIVE), 3);
    expect(eventsOf(bench, EVENT.progressed).map((row) => row[3])).toEqual([16384, 8192, 16384]);
  });
});

describe('monitor state', () => {
  it('is in the state hash, and gone after a reset', () => {
    const { bench } = play({ count: { of: [goTo('ada', 5)], atLeast: 3 } }, [ADA_IN_FIVE]);
    const { state, program } = bench;
    expect(nodeStatus(state, program.monitor, 1, 0)).toBe(1);
    const before = hashWorld(bench.state, 1);
    resetMonitors(state, program, 1);
    expect(nodeStatus(state, program.monitor, 1, 0)).toBe(0);
    expect(nodeProgress(state, program.monitor, 1, 1)).toBe(0);
    expect(hashWorld(bench.state, 1)).not.toBe(before);
    expect([...state.register].every((word) => word === 0)).toBe(true);
  });

  it('leaves other rows alone', () => {
    const { bench } = play({ all: CAST.agents.map(({ id }) => goTo(id, 5)) }, [IN_FIVE]);
    const { numRegisters } = bench.program.monitor;
    expect(
      [...bench.state.register.subarray(0, numRegisters), ...bench.state.register.subarray(2 * numRegisters)].every((word) => word === 0),
    ).toBe(true);
    expect(bench.state.register.subarray(numRegisters, 2 * numRegisters).some((word) => word !== 0)).toBe(true);
  });
});
