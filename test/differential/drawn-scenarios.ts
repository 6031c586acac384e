/**
 * Scenarios drawn from a seed for comparing engines: sizes, ground, agents and what they may do, mechanisms, messages, survival, mobs and tasks of all
 * kinds. Everyone stands close to everything, so that things happen in a short run.
 */
import type { ScenarioInput } from '@kinovox/world';
import { randomWords } from '../physics/fixture.js';

const GROUND = 4;

/** @param attempt draws of one seed are told apart by it */
export function drawnScenario(seed: number, attempt = 0): ScenarioInput {
  const next = randomWords(7000 + seed + 10_007 * attempt);
  const unit = () => (next() >>> 0) / 2 ** 32;
  const chance = (p: number) => unit() < p;
  const int = (low: number, high: number) => Math.floor(low + unit() * (high - low + 1));
  const pick = <T>(...values: readonly T[]): T => values[int(0, values.length - 1)];
  const some = <T>(values: readonly T[], p = 0.5): T[] => values.filter(() => chance(p));

  // Not all worlds fill whole words with their cells.
  const [sizeX, sizeY, sizeZ] = [int(9, 22), int(10, 17), int(9, 22)];
  const layer = (low: number, high: number) => ({ from: [0, low, 0], to: [sizeX - 1, high, sizeZ - 1] });
  const hasSurvival = chance(0.5);
  const hasMobs = hasSurvival && chance(0.6);

  const edits: object[] = [{ fill: pick('stone', 'grass_block', 'sand', 'packed_ice'), ...layer(GROUND - 1, GROUND - 1) }];
  for (const block of some(['stone', 'oak_log', 'oak_leaves', 'sand', 'slime_block', 'glass', 'coal_ore'], 0.5))
    edits.push({ scatter: block, in: 'air', ...layer(GROUND, GROUND + 1), count: int(2, 8), cluster: int(1, 4) });
  for (const liquid of some(['water', 'lava'], 0.35))
    edits.push({ fill: liquid, from: [int(0, sizeX - 4), GROUND - 1, int(0, sizeZ - 4)], size: [int(1, 4), 1, int(1, 4)] });
  if (chance(0.3)) edits.push({ fill: pick('ladder', 'vine'), from: [int(0, sizeX - 1), GROUND, int(0, sizeZ - 1)], size: [1, 4, 1] });
  if (hasSurvival)
    for (const block of some(['crafting_table', 'furnace', 'torch', 'oak_sapling'], 0.6))
      edits.push({ set: block, at: [int(0, sizeX - 1), GROUND, int(0, sizeZ - 1)] });

  const mechanisms: object[] = [];
  for (let k = int(0, 2); k > 0; k--) {
    const cell = () => [int(1, sizeX - 2), GROUND, int(1, sizeZ - 2)];
    const plates = [cell(), cell(), cell()];
    const lever = cell();
    const isLever = chance(0.4);
    edits.push(isLever ? { set: 'lever', at: lever } : { set: 'stone_pressure_plate', cells: plates });
    const at = cell();
    mechanisms.push({
      id: `gate-${k}`,
      when: { any: isLever ? [{ lever }] : plates.map((plate) => ({ plate })) },
      mode: pick('hold', 'latch', 'toggle'),
      delayTicks: int(0, 3),
      effects: [
        {
          region: [
            [at[0], GROUND + 2, at[2]],
            [at[0], GROUND + 3, at[2]],
          ],
          on: pick('air', 'glass'),
          off: pick('stone', 'oak_planks'),
        },
      ],
    });
  }

  const items = hasSurvival
    ? [
        'oak_planks',
        'stick',
        'wooden_pickaxe',
        'stone_sword',
        'bread',
        'wheat_seeds',
        'wooden_hoe',
        'cobblestone',
        'coal',
        'raw_beef',
        'oak_log',
      ]
    : ['planks', 'stone', 'glass', 'sand'];
  const agents = Array.from({ length: int(1, 4) }, (_, a) => ({
    id: `agent-${a}`,
    team: pick('red', 'blue'),
    body: { type: 'walker', speedScale: pick(0.5, 1, 1, 1.5), jump: chance(0.9) },
    spawn: {
      region: [
        [1, GROUND, 1],
        [sizeX - 2, GROUND + 3, sizeZ - 2],
      ],
      yawDeg: int(-180, 180),
    },
    inventory: Object.fromEntries(
      some(items)
        .slice(0, 8)
        .map((item) => [item, /pickaxe|sword|hoe/.test(item) ? 1 : int(1, 64)]),
    ),
    can: { dig: chance(0.85), place: chance(0.85), use: chance(0.9) },
  }));

  const who = () => pick('all', ...agents.map(({ id }) => id));
  const region = () => {
    const [x, z] = [int(0, sizeX - 3), int(0, sizeZ - 3)];
    return [
      [x, int(0, GROUND), z],
      [Math.min(sizeX - 1, x + int(2, 8)), sizeY - 1, Math.min(sizeZ - 1, z + int(2, 8))],
    ];
  };
  const block = () => pick('stone', 'sand', 'oak_log', 'oak_planks');
  const predicates: (() => object)[] = [
    () => ({ reach: { agents: who(), region: region() } }),
    () => ({ reach: { agents: 'all', region: region(), quantifier: 'any' } }),
    () => ({ near: { agents: who(), of: [int(0, sizeX - 1), GROUND, int(0, sizeZ - 1)], metres: int(1, 6) } }),
    () => ({ below: { agents: who(), y: int(2, 5), quantifier: 'any' } }),
    () => ({ healthBelow: { agents: who(), health: int(5, 19), quantifier: 'any' } }),
    () => ({ alive: { agents: who() } }),
    () => ({ elapsed: { ticks: int(5, 40) } }),
    () => ({ dug: { agents: who(), block: block(), atLeast: int(1, 3) } }),
    () => ({ placed: { agents: who(), block: block(), atLeast: int(1, 3) } }),
    () => ({ holds: { agents: who(), item: pick(...items), atLeast: int(1, 5) } }),
    () => ({ said: { agents: who(), symbol: 'here' } }),
    () => ({ speedBelow: { of: who(), metresPerSecond: int(1, 5), quantifier: 'any' } }),
    ...(agents.length < 2
      ? []
      : [
          () => ({ touched: { agents: 'agent-0', by: 'agent-1' } }),
          () => ({ sees: { agents: 'agent-0', target: 'agent-1', rangeMetres: 12 } }),
        ]),
    ...(mechanisms.length === 0 ? [] : [() => ({ triggered: { mechanism: (mechanisms[0] as { id: string }).id } })]),
    ...(hasSurvival
      ? [() => ({ ate: { agents: who(), atLeast: 1 } }), () => ({ crafted: { agents: who(), item: 'stick', atLeast: 1 } })]
      : []),
    ...(hasMobs ? [() => ({ killed: { agents: who(), mob: 'cow', atLeast: 1 } })] : []),
  ];
  const one = () => pick(...predicates)();
  const task = pick<() => object>(
    () => ({ all: [one(), one(), { never: one() }] }),
    () => ({ any: [one(), { sequence: [one(), one()] }] }),
    () => ({ sequence: [one(), one(), one()] }),
    () => ({ until: { hold: one(), goal: one() } }),
    () => ({ within: { ticks: int(10, 60), goal: one() } }),
    () => ({ count: { of: [one(), one()], atLeast: int(1, 4) } }),
    () => ({ all: [{ before: { first: one(), then: one() } }, { not: one() }] }),
  )();

  const survival = {
    day: { lengthTicks: pick(0, 400), startTick: int(0, 300) },
    hunger: { everyTicks: pick(0, 20), starveEveryTicks: 10 },
    attack: { friendlyFire: chance(0.5) },
    respawn: pick('none', 'spawn'),
    respawnTicks: int(1, 20),
    keepInventory: chance(0.5),
    growth: { saplingTicks: 100 },
    ...(hasMobs
      ? {
          mobs: [
            { kind: 'cow', count: int(1, 3), max: 4 },
            { kind: 'zombie', count: int(0, 2), max: 3, spawn: { everyTicks: 20, awayMetres: 3 } },
            ...(chance(0.5) ? [{ kind: 'villager' }] : []),
          ],
        }
      : {}),
  };
  return {
    version: 1,
    id: `drawn-${seed}-v1`,
    title: 'Drawn from a seed',
    world: {
      size: [sizeX, sizeY, sizeZ],
      terrain: { generator: 'flat', ground: GROUND },
      edits,
      diggable: chance(0.9) ? 'all' : 'none',
    },
    agents,
    mechanisms,
    messages: { symbols: ['here', 'there'], everyTicks: int(0, 3), delayTicks: int(0, 2), loss: pick(0, 0.25), scope: pick('all', 'team') },
    observation: { crop: pick(0, 3, 5), nearestAgents: int(0, 3), messages: int(1, 4) },
    ...(hasSurvival ? { survival } : {}),
    task,
    rewards: [
      { name: 'success', on: 'success', value: 1 },
      { name: 'failure', on: 'failure', value: -0.5 },
      { name: 'progress', on: 'progress', value: 0.3 },
    ],
    episode: { maxTicks: int(25, 55), variants: 4 },
  } as unknown as ScenarioInput;
}
