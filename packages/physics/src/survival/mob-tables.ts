/**
 * Mobs as plain typed arrays: a slot belongs to one kind for the whole scenario, so a stage looks its numbers up by slot.
 * Made by @kinovox/env from `survival.mobs`. Shape letters: M mob slots, K kinds (entries of the scenario), P palette entries, D drops, T trades.
 */

/** Values of `MOB_COLUMN.behaviour`. */
export const MOB_BEHAVIOUR = { passive: 0, hostile: 1, guard: 2, trader: 3 } as const;
/** Values of `MOB_COLUMN.byDay`. */
export const BY_DAY = { nothing: 0, burn: 1, hide: 2 } as const;
/** Bits of `MOB_COLUMN.enemies`: whom a hostile mob or a guard attacks. */
export const MOB_ENEMY = { agents: 1, hostileMobs: 2 } as const;

/** Columns of `kinds`, one row per kind. Distances are squares of 1/64 block units. */
export const MOB_COLUMN = {
  behaviour: 0,
  /** Half hearts at the start, 1..1000. */
  health: 1,
  /** How far it notices agents or mobs: square of 1/64 block. */
  sightQ6: 2,
  /** Half hearts of its attack; 0 does not attack. */
  damage: 3,
  /** Ticks between two of its attacks, 1..1000. */
  attackTicks: 4,
  /** How far it hits, centre to centre: square of 1/64 block. */
  reachQ6: 5,
  /** Ticks that it flees after it was hurt; 0 it does not. */
  fleeTicks: 6,
  /** BY_DAY. */
  byDay: 7,
  /** MOB_ENEMY bits. */
  enemies: 8,
  /** Guards: how far from home it goes after enemies, square of 1/64 block. Others: 0. */
  guardQ6: 9,
  /** Team that it never attacks; -1 none. */
  friendTeam: 10,
  /** Q12 forward input while it wanders, 0..4096; chase and flight are at full input. */
  wanderQ12: 11,
  /** Ticks between two attempts to spawn one more; 0 none after the start. */
  spawnTicks: 12,
  /** Light at the feet that a spawn needs, both included. */
  lightMin: 13,
  lightMax: 14,
  /** Nearest living agent at a spawn: square of 1/64 block; 0 any. */
  spawnFarQ6: 15,
  /** It vanishes when every living agent is farther: square of 1/64 block; 0 never. */
  despawnQ6: 16,
  /** Region of feet cells where it spawns, inclusive, x0 y0 z0 x1 y1 z1, within the world. */
  region0: 17,
  /** How many there are at the start of an episode. */
  startCount: 23,
  firstSlot: 24,
  numSlots: 25,
  firstDrop: 26,
  numDrops: 27,
  firstTrade: 28,
  /** 0..MAX_TRADES */
  numTrades: 29,
} as const;
export const MOB_COLUMNS = 30;

/** Columns of `drops`: between `least` and `most` of the item, with a chance in 1/65536. */
export const MOB_DROP_COLUMN = { item: 0, least: 1, most: 2, chanceQ16: 3 } as const;
export const MOB_DROP_COLUMNS = 4;

/** Columns of `trades`; `stock` is how often an offer can be taken in an episode, 0 without end. */
export const TRADE_COLUMN = { wantsItem: 0, wantsCount: 1, givesItem: 2, givesCount: 3, stock: 4 } as const;
export const TRADE_COLUMNS = 5;

export interface MobTables {
  /** M, 1..MAX_MOBS */
  numMobs: number;
  /** `[K]` names of the kinds, as tasks and observations call them. */
  kindNames: string[];
  /** `[M]` kind of each slot. */
  kindOf: Uint8Array;
  /** `[K, MOB_COLUMNS]` */
  kinds: Int32Array;
  /** `[M]` full speed over that of a walker, Q16, 1..2 * 65536; the acceleration of its walk. */
  speedQ16: Int32Array;
  /** `[K, P]` 1 = it spawns on this block. */
  spawnsOn: Uint8Array;
  /** `[D, MOB_DROP_COLUMNS]` */
  drops: Int32Array;
  /** `[T, TRADE_COLUMNS]` */
  trades: Int32Array;
}
