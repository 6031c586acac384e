/** Mobs as the kernel's tables: kinds in the order of the scenario, their slots one after another, speeds as shares of a walker's, distances squared. */
import {
  BY_DAY,
  MOB_BEHAVIOUR,
  MOB_COLUMN,
  MOB_COLUMNS,
  MOB_DROP_COLUMN,
  MOB_DROP_COLUMNS,
  MOB_ENEMY,
  type MobTables,
  TRADE_COLUMN,
  TRADE_COLUMNS,
} from '@kinovox/physics';
import { BLOCK_BY_ID, itemByName, type Mob, type Palette } from '@kinovox/world';

const ALWAYS_Q16 = 65536;
const UNITS_PER_METRE = 64;
const FULL_Q12 = 4096;
/** A walker at full walking input, metres per second: 20 ticks of 0.098 / (1 - 0.6 * 0.91) blocks (bodies/walker.ts). */
const WALKER_SPEED = (20 * 0.098) / (1 - 0.6 * 0.91);

/**
 * @param teams names of the teams of agents in the order of their indices.
 * @param size of the world in blocks, x y z.
 * @returns undefined where there are no mobs.
 */
export function compileMobs(
  mobs: readonly Mob[],
  teams: readonly string[],
  size: readonly [number, number, number],
  palette: Palette,
): MobTables | undefined {
  if (mobs.length === 0) return undefined;
  const kinds = new Int32Array(mobs.length * MOB_COLUMNS);
  const kindOf: number[] = [];
  const drops: number[] = [];
  const trades: number[] = [];
  mobs.forEach((mob, k) => {
    const row = kinds.subarray(k * MOB_COLUMNS, (k + 1) * MOB_COLUMNS);
    writeKind(row, mob, teams, size);
    row[MOB_COLUMN.firstSlot] = kindOf.length;
    row[MOB_COLUMN.numSlots] = mob.max;
    row[MOB_COLUMN.firstDrop] = drops.length / MOB_DROP_COLUMNS;
    row[MOB_COLUMN.numDrops] = mob.drops.length;
    row[MOB_COLUMN.firstTrade] = trades.length / TRADE_COLUMNS;
    row[MOB_COLUMN.numTrades] = mob.trades.length;
    kindOf.push(...new Array<number>(mob.max).fill(k));
    drops.push(...mob.drops.flatMap(dropRow));
    trades.push(...mob.trades.flatMap(tradeRow));
  });
  return {
    numMobs: kindOf.length,
    kindNames: mobs.map(({ name }) => name),
    kindOf: Uint8Array.from(kindOf),
    kinds,
    speedQ16: Int32Array.from(kindOf, (k) => Math.max(1, Math.round((mobs[k].speed / WALKER_SPEED) * 65536))),
    spawnsOn: Uint8Array.from(mobs.flatMap(({ spawn }) => spawnBlocks(spawn.on, palette))),
    drops: Int32Array.from(drops),
    trades: Int32Array.from(trades),
  };
}

function writeKind(row: Int32Array, mob: Mob, teams: readonly string[], [sizeX, sizeY, sizeZ]: readonly [number, number, number]): void {
  const { spawn } = mob;
  row[MOB_COLUMN.behaviour] = MOB_BEHAVIOUR[mob.behaviour];
  row[MOB_COLUMN.health] = mob.health;
  row[MOB_COLUMN.sightQ6] = squareQ6(mob.sightMetres);
  row[MOB_COLUMN.damage] = mob.damage;
  row[MOB_COLUMN.attackTicks] = mob.attackTicks;
  row[MOB_COLUMN.reachQ6] = squareQ6(mob.reachMetres);
  row[MOB_COLUMN.fleeTicks] = mob.fleeTicks;
  row[MOB_COLUMN.byDay] = BY_DAY[mob.byDay];
  row[MOB_COLUMN.enemies] = mob.enemies.reduce((bits, enemy) => bits | MOB_ENEMY[enemy], 0);
  row[MOB_COLUMN.guardQ6] = squareQ6(mob.guardMetres);
  row[MOB_COLUMN.friendTeam] = mob.friends === undefined ? -1 : teams.indexOf(mob.friends);
  row[MOB_COLUMN.wanderQ12] = mob.speed === 0 ? 0 : Math.round((FULL_Q12 * mob.wanderSpeed) / mob.speed);
  row[MOB_COLUMN.spawnTicks] = spawn.everyTicks;
  row[MOB_COLUMN.lightMin] = spawn.light[0];
  row[MOB_COLUMN.lightMax] = spawn.light[1];
  row[MOB_COLUMN.spawnFarQ6] = squareQ6(spawn.awayMetres);
  row[MOB_COLUMN.despawnQ6] = squareQ6(mob.despawnMetres);
  const [low, high] = spawn.region ?? [
    [0, 0, 0],
    [sizeX - 1, sizeY - 1, sizeZ - 1],
  ];
  row.set([...low, ...high], MOB_COLUMN.region0);
  row[MOB_COLUMN.startCount] = mob.count;
}

/** At most (64 * 64)^2 = 2^24. */
function squareQ6(metres: number): number {
  const q6 = Math.round(metres * UNITS_PER_METRE);
  return q6 * q6;
}

function dropRow({ item, least, most, chance }: Mob['drops'][number]): number[] {
  const row = new Array<number>(MOB_DROP_COLUMNS).fill(0);
  row[MOB_DROP_COLUMN.item] = itemByName(item).id;
  row[MOB_DROP_COLUMN.least] = least;
  row[MOB_DROP_COLUMN.most] = most;
  row[MOB_DROP_COLUMN.chanceQ16] = Math.round(chance * ALWAYS_Q16);
  return row;
}

function tradeRow({ wants, wantsCount, gives, givesCount, stock }: Mob['trades'][number]): number[] {
  const row = new Array<number>(TRADE_COLUMNS).fill(0);
  row[TRADE_COLUMN.wantsItem] = itemByName(wants).id;
  row[TRADE_COLUMN.wantsCount] = wantsCount;
  row[TRADE_COLUMN.givesItem] = itemByName(gives).id;
  row[TRADE_COLUMN.givesCount] = givesCount;
  row[TRADE_COLUMN.stock] = stock;
  return row;
}

/** `[P]` 1 = it spawns on this block; an empty list stands for every solid one. */
function spawnBlocks(on: readonly string[], palette: Palette): number[] {
  return palette.names.map((name, p) => {
    const isMeant = on.length === 0 ? BLOCK_BY_ID.get(palette.registryIds[p])!.solid : on.includes(name);
    return isMeant ? 1 : 0;
  });
}
