/** Problem and plan files of every format, and the sentences that refuse broken ones. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ContinuousProblem, type GridProblem, loadProblem, parsePlan, toPlanFile } from '@kinovox/planning';
import { ScenarioError } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { benchPath, describeWithBenchData } from './bench-data.js';

const load = (text: string, name = 'p.yaml', beside: Record<string, string> = {}, agents?: number) =>
  loadProblem(text, name, { agents, readBeside: (file) => beside[file] });
const ROOM = (extra = '', robot = '{type: unicycle1_v0, start: [1, 1, 0], goal: [2, 1, 0]}') =>
  `environment:\n  min: [0, 0]\n  max: [4, 3]\n  obstacles: [${extra}]\nrobots:\n  - ${robot}\n`;
const MAP = 'type octile\nheight 2\nwidth 3\nmap\n.@.\n...\n';
const row = (sx: number, sy: number, gx: number, gy: number) => `0\tm.map\t3\t2\t${sx}\t${sy}\t${gx}\t${gy}\t1.0\n`;

describe('problem files', () => {
  it('are robots in a room: bounds, obstacles, types by older names too', () => {
    const problem = load(
      ROOM('{type: box, center: [2, 2], size: [1, 0.5]}', '{type: unicycle_first_order_0, start: [1, 1, 0], goal: [2, 1, 0]}'),
    ) as ContinuousProblem;
    expect(problem.space).toBe(2);
    expect(problem.max).toEqual([4, 3, 0]);
    expect(problem.obstacles).toEqual([{ shape: 'box', center: [2, 2, 0], size: [1, 0.5, 0] }]);
    expect(problem.robots[0].dynamics.parts).toEqual([{ shape: 'box', half: [0.25, 0.125, 0] }]);
    expect([...problem.robots[0].goal]).toEqual([2, 1, 0]);
  });

  it('are grids with rows along z, and the first agents of them', () => {
    const problem = load(`version 1\n${row(0, 0, 2, 0)}${row(2, 1, 0, 1)}`, 'm.scen', { 'm.map': MAP }, 1) as GridProblem;
    expect([problem.grid.size, [...problem.grid.blocked]]).toEqual([
      [3, 1, 2],
      [0, 1, 0, 0, 0, 0],
    ]);
    expect([problem.moves, problem.timing]).toEqual([4, 'steps']);
    expect(problem.agents.map(({ start, goal }) => [start, goal])).toEqual([
      [
        [0, 0, 0],
        [2, 0, 0],
      ],
    ]);
  });

  it('are continuous-time instances: i is the row, j the column', () => {
    const map = '<root><map><width>3</width><height>2</height><grid><row>0 1 0</row><row>0 0 0</row></grid></map></root>';
    const agents = '<root><agent id="0" start_i="1" start_j="2" goal_i="0" goal_j="0"/></root>';
    const problem = load(agents, 'a.xml', { 'map.xml': map }) as GridProblem;
    expect([problem.moves, problem.timing, problem.radius]).toEqual([8, 'lengths', Math.SQRT2 / 4]);
    expect([...problem.grid.blocked]).toEqual([0, 1, 0, 0, 0, 0]);
    expect(problem.agents[0]).toMatchObject({ start: [2, 0, 1], goal: [0, 0, 0] });
  });

  it('are JSON on one line too', () => {
    const robot = { type: 'unicycle1_v0', start: [1, 1, 0], goal: [2, 1, 0] };
    const problem = { environment: { min: [0, 0], max: [4, 3], obstacles: [] }, robots: [robot] };
    expect((load(JSON.stringify(problem), 'p.json') as ContinuousProblem).robots).toHaveLength(1);
  });

  it('take moves on planar grids only', () => {
    const withMoves = (text: string, name: string, beside: Record<string, string>) => () =>
      loadProblem(text, name, { moves: 8, readBeside: (file) => beside[file] });
    expect(withMoves(`version 1\n${row(0, 0, 2, 0)}`, 'm.scen', { 'm.map': MAP })()).toMatchObject({ moves: 8, timing: 'lengths' });
    const wrong = /planar grids only; got 8 for/;
    expect(withMoves(ROOM(), 'p.yaml', {})).toThrow(wrong);
    expect(withMoves('version 1\nv.3dmap\n0 0 0 1 0 0 1 1\n', 'v.3dscen', { 'v.3dmap': 'voxel 2 1 1\n' })).toThrow(wrong);
  });

  const broken: [string, () => unknown, RegExp][] = [
    ['nothing', () => load('  \n'), /must not be empty/],
    ['text of another kind', () => load('hello world'), /must be one of .*got "hello world" at p\.yaml/],
    [
      'a scenario',
      () => load(readFileSync(new URL('../../scenarios/rover-crossing-v1.scenario.json', import.meta.url), 'utf8'), 'r.json'),
      /got "a scenario" at r\.json\. .*kinovox run --scenario r\.json --policy planner:lacam/,
    ],
    ['broken YAML', () => load('environment: {min: [0\nrobots: 1'), /well-formed; got .* line 2\./],
    [
      'NaN',
      () => load(ROOM('', '{type: unicycle1_v0, start: [1, .nan, 0], goal: [2, 1, 0]}')),
      /robots\[0\]\.start\[1\].*got "NaN" at p\.yaml, line 6/,
    ],
    [
      'a state of the wrong length',
      () => load(ROOM('', '{type: unicycle2_v0, start: [1, 1, 0], goal: [2, 1, 0, 0, 0]}')),
      /must have the 5 numbers x, y, yaw, speed, turnRate; got "3 numbers" at p\.yaml, line 6/,
    ],
    [
      'an unknown type',
      () => load(ROOM('', '{type: unicycle1_v00, start: [1, 1, 0], goal: [2, 1, 0]}')),
      /got "unicycle1_v00" at p\.yaml, line 6\. Did you mean "unicycle1_v0"\?/,
    ],
    [
      'a body of the wrong space',
      () => load(ROOM('', '{type: integrator2_3d_v0, start: [1, 1, 1, 0, 0, 0], goal: [2, 1, 1, 0, 0, 0]}')),
      /must move in the 2 dimensions/,
    ],
    [
      'two robots of one name',
      () =>
        load(
          `${ROOM()}  - {type: unicycle1_v0, start: [3, 1, 0], goal: [3, 2, 0]}\n  - {name: robot-1, type: unicycle1_v0, start: [1, 2, 0], goal: [2, 2, 0]}\n`,
        ),
      /robots\[2\]\.name must not be that of robots\[1\]; got "robot-1" at p\.yaml, line 8/,
    ],
    ['an obstacle without size', () => load(ROOM('{type: box, center: [1, 1]}')), /environment\.obstacles\[0\]\.size/],
    ['an obstacle of negative size', () => load(ROOM('{type: box, center: [1, 1], size: [1, -1]}')), /must be more than 0; got "-1"/],
    ['an unknown obstacle', () => load(ROOM('{type: octomap, center: [1, 1]}')), /environment\.obstacles\[0\]\.type/],
    ['bounds the wrong way round', () => load(ROOM().replace('max: [4, 3]', 'max: [-1, 3]')), /must not lie below/],
    [
      'a bomb of aliases',
      () =>
        load(
          `robots: 1\na: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
            .split('')
            .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[i]}`)}]`)
            .join('\n')}\n`,
        ),
      /aliases/,
    ],
    ['a scenario without its map', () => load(`version 1\n${row(0, 0, 2, 0)}`, 'm.scen'), /m\.map, must lie beside it/],
    [
      'a map whose header lies',
      () => load(`version 1\n${row(0, 0, 2, 0)}`, 'm.scen', { 'm.map': MAP.replace('height 2', 'height 20000000') }),
      /m\.map, line/,
    ],
    ['a map alone', () => load(MAP, 'm.map'), /a map alone/],
    ['an agent outside the map', () => load(`version 1\n${row(0, 0, 3, 0)}`, 'm.scen', { 'm.map': MAP }), /within 3 x 2.*m\.scen, line 2/],
    ['more agents than there are', () => load(`version 1\n${row(0, 0, 2, 0)}`, 'm.scen', { 'm.map': MAP }, 5), /Ask for at most 1/],
    ['XML that is cut off', () => load('<root><agent id="0"', 'a.xml', { 'map.xml': '<root/>' }), /well-formed|<root><map>/],
    ['a text of 65 MB', () => load(' '.repeat(65 * 1024 * 1024)), /at most 67108864 characters/],
  ];
  it.each(broken)('are refused by a sentence: %s', (_, read, sentence) => {
    expect(read).toThrow(ScenarioError);
    expect(read).toThrow(sentence);
  });
});

describe('plan files', () => {
  const problem = load(ROOM()) as ContinuousProblem;
  it('come back as they were written', () => {
    const text = JSON.stringify({
      dt: 0.1,
      robots: [
        {
          name: 'robot-0',
          type: 'unicycle1_v0',
          states: [
            [1, 1, 0],
            [1.05, 1, 0],
          ],
          actions: [[0.5, 0]],
        },
      ],
    });
    const { trajectories, printed } = parsePlan(text, 'plan.json', problem);
    expect(printed).toBe(false);
    expect(JSON.stringify(toPlanFile(problem, trajectories))).toBe(text);
  });

  it('are solutions of dynobench, one or several', () => {
    const one = 'cost: 1e+08\nfeasible: 0\nstates:\n  - [1,1,0]\n  - [1.05,1,0]\nactions:\n  - [0.5,0]\n';
    const plan = parsePlan(one, 's.yaml', problem);
    expect([plan.printed, plan.trajectories.length]).toEqual([true, 1]);
    const several = parsePlan(`result:\n-\n${one.replace(/^/gm, '  ')}`, 's.yaml', problem);
    expect(several.trajectories[0]).toEqual(plan.trajectories[0]);
  });

  it('name the cell of every step on a grid, waits included', () => {
    const grid = load(`version 1\n${row(0, 0, 2, 0)}`, 'm.scen', { 'm.map': MAP });
    const path = {
      kind: 'cells',
      robot: 'agent-0',
      cells: Int32Array.from([0, 0, 0, 0, 0, 1, 1, 0, 1]),
      times: Float64Array.from([0, 1, 4]),
      tail: 'hold',
    } as const;
    const file = toPlanFile(grid, [path]);
    expect(file.robots[0].states).toEqual([
      [0, 0],
      [0, 1],
      [0, 1],
      [0, 1],
      [1, 1],
    ]);
    expect(file.robots[0].actions).toEqual([
      [0, 1],
      [0, 0],
      [0, 0],
      [1, 0],
    ]);
  });

  it('keep the step of each robot and when its plan begins', () => {
    const room = load(
      'environment: {min: [0, 0], max: [4, 3]}\nrobots:\n' +
        '  - {type: integrator2_2d_v0, start: [1, 1, 0, 0], goal: [2, 1, 0, 0]}\n' +
        '  - {type: quad2d_v0, start: [3, 1, 0, 0, 0, 0], goal: [3, 2, 0, 0, 0, 0]}\n',
    ) as ContinuousProblem;
    const plans = room.robots.map(({ name, dynamics, start }, index) => ({
      kind: 'states' as const,
      robot: name,
      type: dynamics.name,
      start: 1.5 * index,
      dt: dynamics.dt,
      states: start,
      controls: new Float64Array(0),
      tail: 'hold' as const,
    }));
    const text = JSON.stringify(toPlanFile(room, plans));
    expect(JSON.parse(text)).toMatchObject({ dt: 0.1, robots: [{ name: 'robot-0' }, { dt: 0.01, start: 1.5 }] });
    expect(Object.keys(JSON.parse(text).robots[0])).toEqual(['name', 'type', 'states', 'actions']);
    expect(parsePlan(text, 'plan.json', room).trajectories).toEqual(plans);
  });

  it('say nothing on a grid but cells', () => {
    const grid = load(`version 1\n${row(0, 0, 1, 1)}`, 'm.scen', { 'm.map': MAP });
    const read = (robot: object, dt = 1) => {
      const states = [
        [0, 0],
        [0, 1],
        [1, 1],
      ];
      return parsePlan(JSON.stringify({ dt, robots: [{ states, ...robot }] }), 'p.json', grid).trajectories[0];
    };
    const actions = [
      [0, 1],
      [1, 0],
    ];
    for (const robot of [{}, { actions: [] }, { actions }, { type: 'cell', actions }])
      expect(read(robot)).toMatchObject({ cells: Int32Array.from([0, 0, 0, 0, 0, 1, 1, 0, 1]) });
    expect(() => read({}, 99)).toThrow(/dt of agent-0 must be 1, .*; got "99"/);
    expect(() => read({ dt: 2 })).toThrow(/dt of agent-0 must be 1/);
    expect(() => read({ start: 3 })).toThrow(/agent-0 must start at time 0; got "3"/);
    expect(() => read({ type: 'bus' })).toThrow(/type of agent-0 must be cell, or left out; got "bus"/);
    expect(() => read({ actions: [[0, 1]] })).toThrow(/agent-0 must have an action less than cells, 2; got "1"/);
    expect(() => read({ actions: [[0, 1], [7]] })).toThrow(/action 1 of agent-0 must be cell 2 less cell 1; got "\[7\]"/);
    expect(() =>
      read({
        actions: [
          [0, 1],
          [1, 1],
        ],
      }),
    ).toThrow(/action 1 of agent-0 must be cell 2 less cell 1/);
  });

  it('are refused where cells would wrap round', () => {
    const grid = load(`version 1\n${row(0, 0, 1, 0)}`, 'm.scen', { 'm.map': MAP });
    for (const far of [2 ** 32 + 1, 2 ** 32, -(2 ** 31) - 1, 0.5])
      expect(
        () =>
          parsePlan(
            JSON.stringify({
              dt: 1,
              robots: [
                {
                  states: [
                    [0, 0],
                    [far, 0],
                  ],
                },
              ],
            }),
            'p.json',
            grid,
          ),
        `${far}`,
      ).toThrow(/Cell 1 of agent-0 must be 2 or 3 whole numbers of 32 bits/);
  });

  it('are refused by a sentence where they are nested too deeply', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    for (const text of [`{"dt": 1, "robots": ${deep}}`, `dt: 1\nrobots: ${deep.slice(190_000, -190_000)}`])
      expect(() => parsePlan(text, 'p.json', problem)).toThrow(ScenarioError);
  });

  it('may be longer in JSON than in YAML', () => {
    const text = JSON.stringify({ dt: 0.1, robots: [{ states: [[1, 1, 0]], actions: [] }] });
    const long = ' '.repeat(17 * 1024 * 1024);
    expect(parsePlan(`${text}${long}`, 'p.json', problem).trajectories.length).toBe(1);
    expect(() => parsePlan(`dt: 0.1${long}`, 'p.yaml', problem)).toThrow(/A YAML file must have at most 16777216 characters/);
    expect(() => parsePlan(`${text}${long.repeat(4)}`, 'p.json', problem)).toThrow(/A JSON file must have at most 67108864 characters/);
  });

  it('are refused by a sentence where rows differ in length', () => {
    expect(() => parsePlan('states: [[1, 1, 0], [1, 1]]\nactions: [[0, 0]]', 's.yaml', problem)).toThrow(
      /State 1 of robot-0 must have 3 numbers; got "2"/,
    );
    expect(() => parsePlan('{"plan": 1}', 's.json', problem)).toThrow(/A plan must be/);
  });
});

describeWithBenchData('problem files of the benchmarks', () => {
  it('load, all robots and obstacles of them', () => {
    const folders = [
      'db-cbs/example',
      'db-lacam',
      'dynobench/envs/multirobot/example',
      'dynobench/envs/quadrotor_v0',
      'dynobench/envs/car1_v0',
    ];
    let loaded = 0;
    for (const path of folders.flatMap((folder) => readdirSync(benchPath(folder)).map((name) => join(benchPath(folder), name)))) {
      if (!path.endsWith('.yaml') || /algorithms|guess_|car1_v0\/empty/.test(path)) continue;
      const text = readFileSync(path, 'utf8');
      const problem = load(text, path) as ContinuousProblem;
      expect(problem.robots.length, path).toBe(text.match(/^[^#\n]*type: (?!box)/gm)?.length);
      expect(problem.obstacles.length, path).toBe(text.match(/^[^#\n]*type: box/gm)?.length ?? 0);
      loaded++;
    }
    expect(loaded).toBeGreaterThan(120);
  });

  it('load with the maps that lie beside them', () => {
    const paths = [
      ['movingai-mapf/random-32-32-10-random-1.scen', 461],
      ['movingai-mapf/toy/pibt2_connector.txt', 6],
      ['warframe-3d/Simple.3dmap.3dscen', 1],
    ] as const;
    for (const [name, agents] of paths) {
      const path = benchPath(name);
      const problem = loadProblem(readFileSync(path, 'utf8'), name, {
        readBeside: (file) => (existsSync(join(dirname(path), file)) ? readFileSync(join(dirname(path), file), 'utf8') : undefined),
      }) as GridProblem;
      expect(problem.agents.length).toBe(agents);
    }
  });
});
