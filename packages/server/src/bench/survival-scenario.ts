/** The scenario of the survival benchmark: two rivals on wooded hills, with stations, torches and wheat about, and tools and materials in hand. */
import type { ScenarioInput } from '@kinovox/world';

/** Slot, counted from 1, of what each pursuit needs in hand; the order of `inventory` below. */
export const BENCH_SLOT = { shovel: 1, dirt: 2, sword: 3, bread: 4, log: 5 } as const;

type Survival = NonNullable<ScenarioInput['survival']>;
type Mobs = NonNullable<Survival['mobs']>;

/** Eight mobs of every behaviour. */
const MOBS: Mobs = [
  { kind: 'cow', count: 2, max: 2, spawn: { everyTicks: 40, awayMetres: 2 } },
  { kind: 'sheep', count: 2, max: 2, spawn: { everyTicks: 40, awayMetres: 2 } },
  { kind: 'zombie', count: 2, max: 2, byDay: 'nothing', spawn: { everyTicks: 40, awayMetres: 2, light: [0, 15] } },
  { kind: 'golem', count: 1, max: 1, enemies: ['hostileMobs'] },
  { kind: 'villager', count: 1, max: 1 },
];

/** Part of a day with its dusk, and hunger quick enough to take part in an episode of 256 ticks, and the dead come back. */
const SURVIVAL: Survival = {
  day: { lengthTicks: 512, startTick: 128, sleepTicks: 40 },
  hunger: { everyTicks: 40 },
  respawn: 'spawn',
  respawnTicks: 20,
};

/** The same world and agents without survival, with it, and with it and eight mobs. */
export function survivalBenchScenario(rules: 'plain' | 'survival' | 'mobs'): ScenarioInput {
  const rival = (id: string, team: string) => ({
    id,
    team,
    body: 'walker' as const,
    spawn: {
      region: [
        [2, 3, 10],
        [12, 14, 22],
      ] as [[number, number, number], [number, number, number]],
    },
    inventory: { iron_shovel: 1, dirt: 32, iron_sword: 1, bread: 16, oak_log: 16, coal: 8, raw_iron: 8, wheat_seeds: 8 },
  });
  return {
    version: 1,
    id: `bench-${rules}-v1`,
    title: 'Rivals on wooded hills',
    world: {
      size: [32, 16, 32],
      terrain: { generator: 'hills', base: 5, amplitude: 3, trees: 3 },
      edits: [
        ...(['crafting_table', 'furnace', 'torch'] as const).map((block) => ({
          scatter: block,
          in: 'air',
          on: 'grass_block',
          from: [0, 1, 0] as [number, number, number],
          to: [31, 14, 31] as [number, number, number],
          count: 4,
        })),
        { scatter: 'wheat_crop', in: 'air', on: 'grass_block', from: [0, 1, 0], to: [31, 14, 31], count: 16 },
      ],
    },
    agents: [rival('ada', 'red'), rival('ben', 'blue')],
    observation: { nearestAgents: 1, goals: 1, inventory: true, messages: 0 },
    ...(rules === 'plain' ? {} : { survival: rules === 'mobs' ? { ...SURVIVAL, mobs: MOBS } : SURVIVAL }),
    task: {
      reach: {
        agents: 'all',
        region: [
          [28, 3, 12],
          [31, 15, 20],
        ],
      },
    },
    episode: { maxTicks: 256, variants: 64 },
  };
}
