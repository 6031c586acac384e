/**
 * Kinds of mob: what a scenario gets when it names one, every number of which it may override.
 * Health, damage and drops: Minecraft Java 1.20 (minecraft.wiki, one page per mob). Speeds, sights and ways of moving are ours.
 * Differs: every mob has the walker's box, 0.6 x 1.8 blocks; nothing breeds, rides or shoots.
 */

export const MOB_BEHAVIOURS = ['passive', 'hostile', 'guard', 'trader'] as const;
export type MobBehaviour = (typeof MOB_BEHAVIOURS)[number];

export interface MobDrop {
  readonly item: string;
  readonly least: number;
  readonly most: number;
  readonly chance: number;
}

export interface MobTrade {
  readonly wants: string;
  readonly wantsCount: number;
  readonly gives: string;
  readonly givesCount: number;
  /** How often it can be taken in an episode; 0 without end. */
  readonly stock: number;
}

export interface MobKind {
  readonly behaviour: MobBehaviour;
  /** Half hearts. */
  readonly health: number;
  /** Metres per second at full speed, and while it wanders. */
  readonly speed: number;
  readonly wanderSpeed: number;
  readonly sightMetres: number;
  /** Half hearts of an attack; 0 does not attack. */
  readonly damage: number;
  readonly attackTicks: number;
  readonly reachMetres: number;
  readonly fleeTicks: number;
  readonly byDay: 'nothing' | 'burn' | 'hide';
  readonly enemies: readonly ('agents' | 'hostileMobs')[];
  /** Guards: how far from home they go after enemies. */
  readonly guardMetres: number;
  readonly drops: readonly MobDrop[];
  readonly trades: readonly MobTrade[];
  readonly spawn: { readonly light: readonly [number, number]; readonly on: readonly string[] };
  /** 0xrrggbb, for the viewer. */
  readonly color: number;
  readonly summary: string;
}

const PEACEFUL = { damage: 0, attackTicks: 20, reachMetres: 1.5, byDay: 'nothing', enemies: [], guardMetres: 0, trades: [] } as const;
const animal = (health: number, color: number, summary: string, drops: readonly MobDrop[]): MobKind => ({
  ...PEACEFUL,
  behaviour: 'passive',
  health,
  speed: 3,
  wanderSpeed: 1.2,
  sightMetres: 8,
  fleeTicks: 100,
  drops,
  spawn: { light: [9, 15], on: ['grass_block'] },
  color,
  summary,
});

/** Default kinds, by name. Their order is the one of docs; append only. */
export const MOB_KINDS = {
  cow: animal(10, 0x4a3626, 'Wanders on grass; flees when hurt.', [
    { item: 'raw_beef', least: 1, most: 3, chance: 1 },
    { item: 'leather', least: 0, most: 2, chance: 1 },
  ]),
  pig: animal(10, 0xe39a9a, 'Wanders on grass; flees when hurt.', [{ item: 'raw_porkchop', least: 1, most: 3, chance: 1 }]),
  sheep: animal(8, 0xe4e4e0, 'Wanders on grass; flees when hurt.', [{ item: 'white_wool', least: 1, most: 1, chance: 1 }]),
  zombie: {
    behaviour: 'hostile',
    health: 20,
    speed: 2.6,
    wanderSpeed: 1,
    sightMetres: 24,
    damage: 3,
    attackTicks: 20,
    reachMetres: 1.5,
    fleeTicks: 0,
    byDay: 'burn',
    enemies: ['agents'],
    guardMetres: 0,
    drops: [{ item: 'rotten_flesh', least: 0, most: 2, chance: 1 }],
    trades: [],
    spawn: { light: [0, 7], on: [] },
    color: 0x4f7f45,
    summary: 'Comes by night and in the dark, chases whom it sees, burns in daylight.',
  },
  spider: {
    behaviour: 'hostile',
    health: 16,
    speed: 3.4,
    wanderSpeed: 1.4,
    sightMetres: 16,
    damage: 2,
    attackTicks: 20,
    reachMetres: 1.5,
    fleeTicks: 0,
    byDay: 'hide',
    enemies: ['agents'],
    guardMetres: 0,
    drops: [{ item: 'string', least: 0, most: 2, chance: 1 }],
    trades: [],
    spawn: { light: [0, 7], on: [] },
    color: 0x3a332c,
    summary: 'Comes by night and in the dark, fast; keeps away from agents by day.',
  },
  golem: {
    behaviour: 'guard',
    health: 100,
    speed: 2.6,
    wanderSpeed: 0.8,
    sightMetres: 16,
    damage: 8,
    attackTicks: 20,
    reachMetres: 2,
    fleeTicks: 0,
    byDay: 'nothing',
    enemies: ['hostileMobs'],
    guardMetres: 10,
    drops: [{ item: 'iron_ingot', least: 3, most: 5, chance: 1 }],
    trades: [],
    spawn: { light: [0, 15], on: [] },
    color: 0xb8b0a4,
    summary: 'Guards the place where it stands: goes after enemies near it and then returns.',
  },
  villager: {
    ...PEACEFUL,
    behaviour: 'trader',
    health: 20,
    speed: 2.4,
    wanderSpeed: 0.8,
    sightMetres: 8,
    fleeTicks: 100,
    drops: [],
    trades: [
      { wants: 'wheat', wantsCount: 10, gives: 'emerald', givesCount: 1, stock: 12 },
      { wants: 'emerald', wantsCount: 1, gives: 'bread', givesCount: 3, stock: 12 },
      { wants: 'coal', wantsCount: 10, gives: 'emerald', givesCount: 1, stock: 12 },
      { wants: 'emerald', wantsCount: 3, gives: 'iron_pickaxe', givesCount: 1, stock: 3 },
    ],
    spawn: { light: [0, 15], on: [] },
    color: 0x7a5a44,
    summary: 'Stays near its home and takes offers: give it what it wants.',
  },
} as const satisfies Readonly<Record<string, MobKind>>;

export type MobName = keyof typeof MOB_KINDS;
export const MOB_NAMES = Object.keys(MOB_KINDS) as MobName[];
