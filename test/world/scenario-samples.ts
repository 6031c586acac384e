/** Scenarios that tests start from: a short one, and one that uses every part of the format. Each call gives a fresh copy. */
import type { ScenarioInput } from '@kinovox/world';

/** Two builders, a ravine of drawn width, defaults elsewhere. */
export function bridgeScenario(): ScenarioInput {
  return {
    $schema: './schema/scenario.v1.schema.json',
    version: 1,
    id: 'bridge-gap-v1',
    title: 'Two builders bridge a ravine',
    parameters: { gapWidth: { int: [2, 5] } },
    world: {
      size: [32, 24, 32],
      terrain: { generator: 'flat', ground: 8 },
      edits: [{ fill: 'air', from: [14, 0, 0], size: [{ param: 'gapWidth' }, 8, 32] }],
    },
    agents: [
      {
        id: 'ada',
        team: 'builders',
        body: 'walker',
        spawn: {
          region: [
            [2, 8, 2],
            [10, 8, 29],
          ],
        },
        inventory: { planks: 6 },
      },
      { id: 'bob', team: 'builders', body: 'walker', spawn: { at: [4, 8, 16], yawDeg: 90 } },
    ],
    task: {
      all: [
        {
          reach: {
            agents: 'builders',
            region: [
              [20, 8, 0],
              [31, 12, 31],
            ],
          },
        },
        { never: { below: { agents: 'builders', y: 4 } } },
      ],
    },
    episode: { maxTicks: 1200 },
  };
}

/** Every part of the format: teams, counts, mechanisms, messages, props, drawn names, all predicates and combinators. */
export function fullScenario(): ScenarioInput {
  return {
    version: 1,
    id: 'everything-v3',
    title: 'Every part of the format',
    description: 'A sample.',
    tags: ['sample'],
    credits: ['Map after an own sketch'],
    parameters: {
      wall: { choice: ['stone', 'bricks', 'glass'] },
      word: { choice: ['left', 'right'] },
      doorX: { int: [10, 14] },
      height: { choice: [2, 4] },
    },
    world: {
      size: [32, 16, 24],
      terrain: { generator: 'flat', ground: 2 },
      structures: [
        {
          layers: [
            ['##', '#.'],
            ['##', '..'],
          ],
          palette: { '#': { param: 'wall' } },
          at: [1, 2, 1],
        },
        { file: 'maps/yard.map', at: [20, 1, 2], wallHeight: 2, wall: 'cobblestone', keepTerrain: true },
      ],
      edits: [
        { hollow: 'stone_bricks', inside: 'air', from: [8, 2, 8], to: [15, 6, 15] },
        { fill: { param: 'wall' }, from: [2, 2, 20], size: [3, { param: 'height' }, 1] },
        { fill: 'stone', from: [0, 2, 0], size: [0, 4, 4] },
        { set: 'stone_pressure_plate', at: [5, 2, 10] },
        {
          set: 'lever',
          cells: [
            [6, 2, 12],
            [6, 2, 14],
          ],
        },
      ],
      protect: [
        [
          [8, 2, 8],
          [15, 6, 15],
        ],
      ],
      buildable: [
        [
          [0, 2, 0],
          [20, 10, 23],
        ],
      ],
      diggable: ['dirt', 'grass_block', { param: 'wall' }],
    },
    agents: [
      {
        id: 'bot',
        count: 3,
        team: 'red',
        role: 'runner',
        body: { type: 'walker', speedScale: 1.25 },
        spawn: {
          region: [
            [2, 2, 4],
            [6, 2, 8],
          ],
        },
        inventory: { planks: 8, oak_planks: 2 },
      },
      {
        id: 'guide',
        team: 'blue',
        body: 'walker',
        spawn: { atMetres: [17.5, 2, 20.25], yawDeg: -90 },
        controller: 'open',
        goals: 'hidden',
        can: { dig: false },
        color: '#3366cc',
      },
    ],
    mechanisms: [
      {
        id: 'gate',
        when: { all: [{ plate: [5, 2, 10] }, { lever: [6, 2, 12] }] },
        effects: [
          {
            region: [
              [{ param: 'doorX' }, 2, 8],
              [{ param: 'doorX' }, 3, 8],
            ],
            on: 'air',
            off: 'iron_block',
          },
        ],
      },
      {
        id: 'alarm',
        when: {
          any: [
            { mechanism: 'gate' },
            {
              plates: [
                [4, 2, 9],
                [6, 2, 11],
              ],
            },
          ],
        },
        mode: 'latch',
        delayTicks: 20,
        effects: [
          {
            region: [
              [0, 10, 0],
              [0, 10, 0],
            ],
            on: 'glowstone',
            off: 'air',
          },
        ],
      },
    ],
    messages: {
      symbols: ['left', 'right', 'wait'],
      rangeMetres: 24,
      everyTicks: 10,
      maxLength: 40,
      delayTicks: 5,
      loss: 0.25,
      scope: 'team',
    },
    props: [
      {
        id: 'crate',
        count: 2,
        shape: { box: [1, 1, 1] },
        massKg: 20,
        team: 'red',
        spawn: {
          region: [
            [20, 2, 14],
            [26, 2, 20],
          ],
        },
      },
    ],
    observation: { nearestAgents: 2, crop: 5, goals: 2, inventory: false, messages: 8 },
    actions: { profile: 'discrete' },
    task: {
      perTeam: {
        red: {
          sequence: [
            { any: [{ triggered: { mechanism: 'gate' } }, { said: { agents: 'bot', symbol: { param: 'word' } } }] },
            {
              count: {
                of: [
                  { dug: { agents: 'red', block: 'dirt', atLeast: 2, quantifier: 'any' } },
                  { holds: { agents: ['bot-0', 'guide'], item: 'planks' } },
                  {
                    propIn: {
                      prop: 'crate',
                      region: [
                        [20, 2, 2],
                        [28, 4, 8],
                      ],
                    },
                  },
                ],
                atLeast: 2,
              },
            },
            {
              within: {
                goal: {
                  reach: {
                    agents: 'bot',
                    region: [
                      [{ param: 'doorX' }, 2, 9],
                      [{ param: 'doorX', plus: 1 }, 3, 10],
                    ],
                    each: true,
                  },
                },
                ticks: { param: 'height', times: 100 },
              },
            },
          ],
        },
        blue: {
          all: [
            { until: { hold: { alive: { agents: 'all' } }, goal: { elapsed: { ticks: 300 } } } },
            {
              before: {
                first: { near: { agents: 'guide', of: 'bot', metres: 3 } },
                then: { sees: { agents: 'runner', target: [5, 2, 10] } },
              },
            },
            { never: { touched: { agents: 'guide', by: 'red' } } },
            { not: { healthBelow: { agents: 'guide', health: 5 } } },
            {
              name: 'tower',
              goal: 'A tower stands in the yard.',
              built: {
                pattern: [
                  { at: [3, 2, 20], block: { param: 'wall' } },
                  { at: [3, 3, 20], block: 'glass' },
                ],
              },
            },
            {
              built: {
                region: [
                  [0, 2, 0],
                  [20, 10, 20],
                ],
                block: 'oak_planks',
                atLeast: 3,
              },
            },
            { any: [{ crafted: { agents: 'guide', item: 'stick', atLeast: 4 } }, { below: { agents: 'guide', y: 1 } }] },
          ],
        },
      },
    },
    rewards: [
      { name: 'win', on: 'success', value: 10, agents: 'red' },
      { name: 'win', on: 'failure', value: -1 },
      { name: 'shaping', on: 'progress', value: 0.5, agents: ['bot', 'guide'] },
      { name: 'lever', on: { triggered: { mechanism: 'alarm' } }, value: 1 },
    ],
    episode: { maxTicks: 600, variants: 32 },
  };
}

/** The map file that `fullScenario` names. */
export function readSampleFile(path: string): Uint8Array {
  if (path !== 'maps/yard.map') throw new Error(`no such file: ${path}`);
  return new TextEncoder().encode('type octile\nheight 3\nwidth 4\nmap\n@@@@\n@..@\n@@.@\n');
}
