/** The mobs of a scenario: each entry of `survival.mobs` joined with what its kind gives where the entry is silent. */
import type { MobEntry } from './mob-schema.js';
import { MOB_KINDS, type MobKind, type MobName } from './mobs.js';

export interface Mob extends Omit<MobKind, 'spawn' | 'summary'> {
  /** By which tasks and observations call it, unique in the scenario. */
  readonly name: string;
  readonly kind: MobName;
  /** How many there are at the start, and most alive at once: its slots. */
  readonly count: number;
  readonly max: number;
  /** Team of agents that it never attacks. */
  readonly friends: string | undefined;
  readonly despawnMetres: number;
  readonly spawn: MobSpawn;
}

export interface MobSpawn {
  /** Cells for the feet, both corners included; undefined: the whole world. */
  readonly region: MobEntry['spawn']['region'];
  readonly light: readonly [number, number];
  readonly on: readonly string[];
  /** 0: none after the start. */
  readonly everyTicks: number;
  readonly awayMetres: number;
}

/** Whether mobs of this behaviour ever attack, and so have damage and enemies. */
export function attacks(behaviour: MobKind['behaviour']): boolean {
  return behaviour === 'hostile' || behaviour === 'guard';
}

/** In the order of the file, which is that of slots: the slots of an entry follow each other. What a behaviour cannot use is left out of it. */
export function mobsOf(settings: { readonly mobs?: readonly MobEntry[] | undefined }): readonly Mob[] {
  return (settings.mobs ?? []).map(mobOf);
}

function mobOf(entry: MobEntry): Mob {
  const kind: MobKind = MOB_KINDS[entry.kind];
  const behaviour = entry.behaviour ?? kind.behaviour;
  const { spawn } = entry;
  const isFighter = attacks(behaviour);
  return {
    name: entry.name ?? entry.kind,
    kind: entry.kind,
    behaviour,
    count: entry.count,
    max: entry.max ?? Math.max(1, entry.count),
    health: entry.health ?? kind.health,
    speed: entry.speed ?? kind.speed,
    wanderSpeed: entry.wanderSpeed ?? Math.min(kind.wanderSpeed, entry.speed ?? kind.speed),
    sightMetres: entry.sightMetres ?? kind.sightMetres,
    damage: isFighter ? (entry.damage ?? kind.damage) : 0,
    attackTicks: entry.attackTicks ?? kind.attackTicks,
    reachMetres: entry.reachMetres ?? kind.reachMetres,
    fleeTicks: entry.fleeTicks ?? kind.fleeTicks,
    byDay: entry.byDay ?? kind.byDay,
    enemies: isFighter ? (entry.enemies ?? kind.enemies) : [],
    friends: entry.friends,
    guardMetres: behaviour === 'guard' ? (entry.guardMetres ?? kind.guardMetres) : 0,
    despawnMetres: entry.despawnMetres,
    drops: entry.drops ?? kind.drops,
    trades: behaviour === 'trader' ? (entry.trades ?? kind.trades) : [],
    spawn: {
      region: spawn.region,
      light: spawn.light ?? kind.spawn.light,
      on: spawn.on ?? kind.spawn.on,
      everyTicks: spawn.everyTicks,
      awayMetres: spawn.awayMetres,
    },
    color: kind.color,
  };
}
