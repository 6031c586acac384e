// Compiled tasks: equal tables for all variants, goals in the order of the task, reward terms per task, and refusals that name their place.
import { type CompiledTask, ConstantPool, compileTask } from '@kinovox/env';
import { NODE_COLUMN, NODE_COLUMNS } from '@kinovox/physics';
import { createPalette, parseScenario, type ResolvedScenario, resolveScenario, ScenarioError } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { createScenario } from './monitor-worlds.js';

function compile(scenario: ResolvedScenario): CompiledTask & { constants: number[] } {
  const constants = new ConstantPool();
  return { ...compileTask(scenario, createPalette(scenario.resolved.palette), constants), constants: constants.values };
}

const compileTaskOf = (task: object, rest: object = {}) => compile(createScenario(task, 200, rest));
const REACH = {
  reach: {
    agents: 'red',
    region: [
      [4, 1, 4],
      [5, 2, 7],
    ],
  },
};

describe('compileTask', () => {
  it('orders nodes parts first and names them', () => {
    const { monitor } = compileTaskOf({
      all: [
        { sequence: [REACH, { triggered: { mechanism: 'gate' }, name: 'open the gate' }] },
        { never: { below: { agents: 'all', y: 1 } } },
      ],
    });
    expect(monitor.numNodes).toBe(6);
    expect(monitor.names[1]).toBe('open the gate');
    expect(monitor.names[4]).toMatch(/^never: /);
    expect([...monitor.roots]).toEqual([5]);
    for (let node = 0; node < monitor.numNodes; node++) {
      const row = monitor.nodes.subarray(node * NODE_COLUMNS, (node + 1) * NODE_COLUMNS);
      if (row[NODE_COLUMN.op] < 32) continue;
      for (const child of monitor.lists.subarray(row[NODE_COLUMN.list], row[NODE_COLUMN.list] + row[NODE_COLUMN.size]))
        expect(child).toBeLessThan(node);
    }
  });

  it('gives no two nodes the same register', () => {
    const { monitor } = compileTaskOf({
      all: [
        { count: { of: [REACH], atLeast: 2 } },
        { sequence: [REACH, REACH] },
        { dug: { agents: 'all', block: 'stone' } },
        { never: REACH },
      ],
    });
    const words = new Set(Array.from({ length: monitor.numNodes }, (_, node) => node));
    let own = monitor.numNodes;
    for (let node = 0; node < monitor.numNodes; node++) {
      for (const column of [NODE_COLUMN.violation, NODE_COLUMN.memory]) {
        const first = monitor.nodes[node * NODE_COLUMNS + column];
        if (first < 0) continue;
        expect(words.has(first)).toBe(false);
        words.add(first);
        own++;
      }
    }
    expect(own).toBeGreaterThan(monitor.numNodes + 4);
    expect(monitor.numRegisters).toBeGreaterThanOrEqual(own);
  });

  it('gives variants the same tables and other constants', () => {
    const scenario = parseScenario(
      {
        version: 1,
        id: 'variants-v1',
        title: 'Variants',
        world: { size: [16, 8, 16], terrain: { generator: 'flat', ground: 2 } },
        parameters: { gap: { int: [2, 9] }, block: { choice: ['stone', 'glass'] } },
        agents: [{ id: 'ada', body: 'walker', spawn: { at: [1, 2, 1] } }],
        task: {
          within: {
            ticks: { param: 'gap', times: 10 },
            goal: {
              all: [
                {
                  reach: {
                    agents: 'ada',
                    region: [
                      [{ param: 'gap' }, 1, 1],
                      [{ param: 'gap', plus: 1 }, 3, 3],
                    ],
                  },
                },
                {
                  built: {
                    region: [
                      [1, 1, 1],
                      [2, 2, 2],
                    ],
                    block: { param: 'block' },
                  },
                },
              ],
            },
          },
        },
        episode: { maxTicks: 500 },
      },
      'the test',
    );
    const compiled = Array.from({ length: 12 }, (_, v) => compile(resolveScenario(scenario, 'train', v)));
    const tables = compiled.map(({ monitor, goals, rewards }) =>
      JSON.stringify([[...monitor.nodes], [...monitor.lists], monitor.numRegisters, goals, rewards]),
    );
    expect(new Set(tables).size).toBe(1);
    expect(new Set(compiled.map(({ constants }) => constants.length)).size).toBe(1);
    expect(new Set(compiled.map(({ constants }) => constants.join())).size).toBeGreaterThan(3);
  });

  it('gives each team its task and each agent the root of its team', () => {
    const { taskNames, taskOfAgent, monitor } = compileTaskOf({
      perTeam: {
        blue: {
          reach: {
            agents: 'blue',
            region: [
              [0, 0, 0],
              [1, 1, 1],
            ],
          },
        },
        red: REACH,
      },
    });
    expect(taskNames).toEqual(['blue', 'red']);
    expect([...taskOfAgent]).toEqual([1, 1, 0]);
    expect(monitor.numTasks).toBe(2);
  });
});

describe('goals', () => {
  const places = ({ goals, constants }: CompiledTask & { constants: number[] }, slot: number) =>
    goals[slot].map((goal) =>
      goal.kind === 'place' ? constants.slice(goal.index, goal.index + 3).map((q) => q / 65536) : [goal.kind, goal.index],
    );

  it('are the places of an agent in the order of the task, with the nearest deadline', () => {
    const compiled = compileTaskOf({
      sequence: [
        { within: { goal: REACH, ticks: 50 } },
        { near: { agents: 'ada', of: [2, 1, 2], metres: 1 } },
        { near: { agents: 'bob', of: 'cyn', metres: 1 } },
      ],
    });
    expect(places(compiled, 0)).toEqual([
      [5, 2, 6],
      [2.5, 1, 2.5],
    ]);
    expect(places(compiled, 1)).toEqual([
      [5, 2, 6],
      ['agent', 2],
    ]);
    expect(places(compiled, 2)).toEqual([]);
    expect(compiled.goals[0].map((goal) => [goal.id, goal.priority, compiled.constants[goal.deadline], goal.node])).toEqual([
      [1, 1, 50, 0],
      [2, 2, 200, 2],
    ]);
  });

  it('leave out what must not happen', () => {
    const compiled = compileTaskOf({
      all: [
        { never: REACH },
        { not: REACH },
        { until: { hold: REACH, goal: { elapsed: { ticks: 9 } } } },
        { before: { first: { alive: { agents: 'all' } }, then: REACH } },
      ],
    });
    expect(compiled.goals).toEqual([[], [], []]);
  });

  it('resolve a mechanism to its plates and levers, and a contact to both sides', () => {
    const compiled = compileTaskOf({
      all: [
        { triggered: { mechanism: 'lift' } },
        { touched: { agents: 'ada', by: 'cyn' } },
        {
          propIn: {
            prop: 'ball',
            region: [
              [2, 0, 2],
              [3, 1, 3],
            ],
          },
        },
      ],
    });
    expect(places(compiled, 0)).toEqual([
      [1.5, 1, 2.5],
      [1.5, 1, 4.5],
      ['agent', 2],
      ['prop', 1],
      [3, 1, 3],
    ]);
    expect(places(compiled, 2)).toEqual([
      [1.5, 1, 2.5],
      [1.5, 1, 4.5],
      ['agent', 0],
      ['prop', 1],
      [3, 1, 3],
    ]);
  });

  it('are hidden from agents whose goals are hidden', () => {
    const agents = [
      { id: 'ada', team: 'red', body: 'walker', spawn: { at: [1, 1, 1] }, goals: 'hidden' },
      { id: 'bob', team: 'red', body: 'walker', spawn: { at: [1, 1, 1] } },
    ];
    expect(compileTaskOf(REACH, { agents }).goals.map((goals) => goals.length)).toEqual([0, 1]);
  });
});

describe('rewards', () => {
  it('pay success by default', () => {
    const { rewards } = compileTaskOf(REACH);
    expect(rewards).toEqual([{ name: 'success', on: 'success', root: 0, valueQ16: 65536, agents: Uint8Array.of(1, 1, 1) }]);
  });

  it('split into one term per team, and give formulas a root of their own', () => {
    const task = { perTeam: { red: REACH, blue: { elapsed: { ticks: 9 } } } };
    const { rewards, monitor } = compileTaskOf(task, {
      rewards: [
        { name: 'win', on: 'success', value: 2 },
        { name: 'dip', on: { below: { agents: 'ada', y: 1 } }, value: -0.5, agents: 'ada' },
      ],
    });
    expect(rewards.map(({ name, on, root, valueQ16, agents }) => [name, on, root, valueQ16, [...agents]])).toEqual([
      ['win', 'success', 0, 131072, [1, 1, 0]],
      ['win', 'success', 1, 131072, [0, 0, 1]],
      ['dip', 'event', 2, -32768, [1, 0, 0]],
    ]);
    expect(monitor.roots.length).toBe(3);
    expect(monitor.numTasks).toBe(2);
  });
});

describe('refusals', () => {
  const refusal = (task: object, rest: object = {}): ScenarioError => {
    try {
      compileTaskOf(task, rest);
    } catch (error) {
      if (error instanceof ScenarioError) return error;
      throw error;
    }
    throw new Error('The scenario was accepted.');
  };

  it('ask for crafts, nights, kills and survival only where there is survival', () => {
    for (const [kind, body] of Object.entries({
      crafted: { item: 'stick' },
      ate: {},
      slept: {},
      killed: {},
      traded: {},
      survived: { ticks: 9 },
    })) {
      const formula = { all: [{ [kind]: { agents: 'ada', ...body } }] };
      const error = refusal(formula, { survival: undefined });
      expect(error.code).toBe('survival-off');
      expect(error.message).toContain(`A "${kind}" must stand in a scenario with survival; got none at task.all[0].${kind}.`);
      expect(error.issues[0].path).toBe(`task.all[0].${kind}`);
      expect(compileTaskOf(formula, { survival: {} }).monitor.numNodes).toBe(2);
    }
  });

  it('hold rewards within 256', () => {
    expect(refusal(REACH, { rewards: [{ name: 'win', on: 'success', value: 257 }] }).message).toMatch(
      /-256 to 256; got 257 at rewards\[0\]\.value/,
    );
  });

  it('ask for one kind of target', () => {
    expect(refusal({ near: { agents: 'ada', of: ['bob', 'crate'], metres: 1 } }).code).toBe('target');
  });
});
