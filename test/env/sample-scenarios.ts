/** Small scenarios that the environment tests share. */
import { ACTION_FIELDS, randomU32, type ScenarioInput } from '@kinovox/world';

/** Two builders, a ravine of drawn width: edits, a region spawn, an inventory. */
export const bridge: ScenarioInput = {
  version: 1,
  id: 'sample-bridge-v1',
  title: 'Two builders cross a ravine',
  parameters: { gap: { int: [2, 5] } },
  world: {
    size: [32, 16, 24],
    terrain: { generator: 'flat', ground: 6 },
    edits: [{ fill: 'air', from: [14, 0, 0], size: [{ param: 'gap' }, 6, 24] }],
  },
  agents: [
    {
      id: 'ada',
      team: 'builders',
      body: 'walker',
      spawn: {
        region: [
          [2, 6, 2],
          [10, 6, 20],
        ],
      },
      inventory: { planks: 70 },
    },
    { id: 'bob', team: 'builders', role: 'mate', body: 'walker', spawn: { at: [4, 6, 12], yawDeg: 90 } },
  ],
  task: {
    all: [
      {
        reach: {
          agents: 'builders',
          region: [
            [20, 6, 0],
            [31, 10, 23],
          ],
        },
      },
      { never: { below: { agents: 'builders', y: 3 } } },
    ],
  },
  episode: { maxTicks: 60, variants: 16 },
};

/** One walker, the goal twelve blocks to the north: walking straight succeeds. */
export const stroll: ScenarioInput = {
  version: 1,
  id: 'sample-stroll-v1',
  title: 'A walk to the north',
  world: { size: [16, 8, 32], terrain: { generator: 'flat', ground: 2 } },
  agents: [{ id: 'ada', body: 'walker', spawn: { at: [8, 2, 28] } }],
  task: {
    reach: {
      agents: 'all',
      region: [
        [0, 2, 0],
        [15, 5, 16],
      ],
    },
  },
  rewards: [
    { name: 'success', on: 'success', value: 1 },
    { name: 'progress', on: 'progress', value: 0.5 },
  ],
  episode: { maxTicks: 200, variants: 4 },
};

/** A plate that opens a door, a lever, messages, discrete actions, a crop. */
export const talk: ScenarioInput = {
  version: 1,
  id: 'sample-talk-v1',
  title: 'One stands on a plate and says so',
  world: {
    size: [16, 8, 16],
    terrain: { generator: 'flat', ground: 2 },
    edits: [
      { fill: 'stone_bricks', from: [8, 2, 0], to: [8, 4, 15] },
      { set: 'stone_pressure_plate', at: [4, 2, 4] },
      { set: 'lever', at: [2, 2, 2] },
    ],
    protect: [
      [
        [0, 0, 0],
        [15, 0, 15],
      ],
    ],
    buildable: [
      [
        [0, 0, 0],
        [7, 7, 15],
      ],
    ],
    diggable: ['stone_bricks'],
  },
  agents: [
    { id: 'keeper', body: 'walker', spawn: { at: [4, 2, 6] }, can: { dig: false } },
    { id: 'runner', body: { type: 'walker', speedScale: 1.5, jump: false }, spawn: { at: [6, 2, 10] } },
  ],
  mechanisms: [
    {
      id: 'gate',
      when: { any: [{ plate: [4, 2, 4] }, { lever: [2, 2, 2] }] },
      effects: [
        {
          region: [
            [8, 2, 10],
            [8, 3, 10],
          ],
          on: 'air',
          off: 'iron_door',
        },
      ],
    },
  ],
  messages: { symbols: ['gate open', 'wait'], maxLength: 40, everyTicks: 2, loss: 0.25, scope: 'team', rangeMetres: 12 },
  observation: { nearestAgents: 1, crop: 3, goals: 2, messages: 2 },
  actions: { profile: 'discrete' },
  task: {
    sequence: [
      { said: { agents: 'keeper', symbol: 'gate open' } },
      {
        reach: {
          agents: 'runner',
          region: [
            [9, 2, 0],
            [15, 4, 15],
          ],
        },
      },
    ],
  },
  episode: { maxTicks: 40, variants: 2 },
};

/** Pseudo-random native actions of tick t, the same in every run. */
export function randomActions(length: number, key: number, tick: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => {
    const field = i % ACTION_FIELDS;
    const unit = randomU32(key, 7, tick, i, 99, 0) / 4294967296;
    if (field === 8 || field === 9) return 0;
    if (field === 7) return Math.floor(unit * 3);
    return field === 5 || field === 6 ? (unit - 0.5) * 0.6 : unit * 2 - 1;
  });
}

/** Two in a night meadow with one of each kind of mob: fights, deaths and returns, a trader, drops, sleep, hunger, and achievements. */
export const nightMeadow: ScenarioInput = {
  version: 1,
  id: 'sample-night-meadow-v1',
  title: 'A night in the meadow',
  world: { size: [20, 12, 20], terrain: { generator: 'flat', ground: 3 }, edits: [{ set: 'white_bed', at: [10, 3, 10] }] },
  agents: ['ada', 'bob'].map((id, i) => ({
    id,
    body: 'walker' as const,
    spawn: { at: [9 + 2 * i, 3, 12] as [number, number, number] },
    inventory: { iron_sword: 1, wheat: 30, oak_log: 3, apple: 4, dirt: 8 },
  })),
  survival: {
    day: { lengthTicks: 1200, startTick: 650, sleepTicks: 5 },
    hunger: { everyTicks: 3, starveEveryTicks: 8, starveDamage: 3 },
    respawn: 'spawn',
    respawnTicks: 5,
    mobs: [
      { kind: 'cow', health: 2 },
      { kind: 'pig' },
      { kind: 'sheep' },
      { kind: 'zombie', count: 2, max: 6, damage: 8, spawn: { everyTicks: 10, awayMetres: 1 }, despawnMetres: 12 },
      { kind: 'spider', health: 3 },
      { kind: 'golem' },
      { kind: 'villager' },
    ],
  },
  task: {
    all: [
      { name: 'planks', crafted: { agents: 'all', item: 'oak_planks' } },
      { name: 'beef', sequence: [{ holds: { agents: 'all', item: 'raw_beef', quantifier: 'any' } }] },
      { name: 'a zombie', killed: { agents: 'all', mob: 'zombie', quantifier: 'any' } },
      { name: 'an emerald', traded: { agents: 'all', item: 'emerald', from: 'traders', quantifier: 'any' } },
      { name: 'a gift', traded: { agents: 'all', from: 'agents', quantifier: 'any' } },
      { name: 'a meal', ate: { agents: 'all', quantifier: 'any' } },
      { name: 'a block', placed: { agents: 'all', block: 'dirt' } },
      { name: 'a night', slept: { agents: 'all', quantifier: 'any' } },
    ],
  },
  rewards: [{ name: 'achievements', on: 'progress', value: 1 }],
  episode: { maxTicks: 80, variants: 4 },
};
