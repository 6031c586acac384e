// Mobs as the kernel's tables: slots in the order of the file, numbers of the kind unless the entry has its own, drops that can be placed in the palette.
import { compileScenario, createSpaces } from '@kinovox/env';
import {
  BY_DAY,
  MOB_BEHAVIOUR,
  MOB_COLUMN,
  MOB_COLUMNS,
  MOB_DROP_COLUMN,
  MOB_DROP_COLUMNS,
  MOB_ENEMY,
  TRADE_COLUMN,
  TRADE_COLUMNS,
} from '@kinovox/physics';
import { itemByName, MOB_KINDS, parseScenario, type ScenarioInput } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { codecOf } from './sample-codecs.js';

type Mobs = NonNullable<NonNullable<ScenarioInput['survival']>['mobs']>;

const meadow = (mobs: Mobs | undefined, rest: Partial<ScenarioInput> = {}): ScenarioInput => ({
  version: 1,
  id: 'meadow-v1',
  title: 'A meadow',
  world: { size: [16, 12, 20], terrain: { generator: 'flat', ground: 3 } },
  agents: [
    { id: 'ada', team: 'red', body: 'walker', spawn: { at: [2, 3, 2] } },
    { id: 'bob', team: 'blue', body: 'walker', spawn: { at: [4, 3, 4] } },
  ],
  task: { alive: { agents: 'ada' } },
  episode: { maxTicks: 100 },
  survival: mobs === undefined ? {} : { mobs },
  ...rest,
});
const compile = (mobs: Mobs | undefined, rest: Partial<ScenarioInput> = {}) => {
  const { program, palette } = compileScenario(parseScenario(meadow(mobs, rest), 'meadow'));
  return { program, palette, tables: program.survival!.mobs! };
};
const id = (name: string) => itemByName(name).id;

describe('mob tables', () => {
  it('are absent without mobs, and so is their observation', () => {
    for (const mobs of [undefined, []]) {
      const { program } = compile(mobs);
      expect([program.survival!.mobs, program.observation.nearestMobs]).toEqual([undefined, undefined]);
    }
  });

  it('give each entry its slots, one entry after another', () => {
    const { tables } = compile([
      { kind: 'cow', count: 2, max: 3 },
      { kind: 'zombie', count: 0, max: 2 },
      { kind: 'zombie', name: 'boss' },
    ]);
    expect(tables.numMobs).toBe(6);
    expect(tables.kindNames).toEqual(['cow', 'zombie', 'boss']);
    expect([...tables.kindOf]).toEqual([0, 0, 0, 1, 1, 2]);
    const column = (name: keyof typeof MOB_COLUMN) => [0, 1, 2].map((k) => tables.kinds[k * MOB_COLUMNS + MOB_COLUMN[name]]);
    expect(column('firstSlot')).toEqual([0, 3, 5]);
    expect(column('numSlots')).toEqual([3, 2, 1]);
    expect(column('startCount')).toEqual([2, 0, 1]);
    expect(column('behaviour')).toEqual([MOB_BEHAVIOUR.passive, MOB_BEHAVIOUR.hostile, MOB_BEHAVIOUR.hostile]);
  });

  it('hold the numbers of the kind, and those of the entry in their place', () => {
    const { tables } = compile([
      { kind: 'zombie' },
      {
        kind: 'zombie',
        name: 'watchman',
        behaviour: 'guard',
        health: 7,
        speed: 4,
        wanderSpeed: 1,
        sightMetres: 10.5,
        damage: 5,
        attackTicks: 31,
        reachMetres: 2.25,
        fleeTicks: 9,
        byDay: 'nothing',
        enemies: ['hostileMobs', 'agents'],
        friends: 'blue',
        guardMetres: 6,
        despawnMetres: 40,
        drops: [],
        spawn: {
          region: [
            [1, 2, 3],
            [4, 5, 6],
          ],
          light: [3, 9],
          on: ['stone', 'dirt'],
          everyTicks: 77,
          awayMetres: 0,
        },
      },
    ]);
    const row = (k: number) => (name: keyof typeof MOB_COLUMN) => tables.kinds[k * MOB_COLUMNS + MOB_COLUMN[name]];
    const zombie = row(0);
    const kind = MOB_KINDS.zombie;
    expect([zombie('health'), zombie('damage'), zombie('attackTicks'), zombie('sightQ6'), zombie('friendTeam')]).toEqual([
      kind.health,
      kind.damage,
      kind.attackTicks,
      (kind.sightMetres * 64) ** 2,
      -1,
    ]);
    expect([zombie('byDay'), zombie('enemies'), zombie('guardQ6'), zombie('numDrops'), zombie('despawnQ6')]).toEqual([
      BY_DAY.burn,
      MOB_ENEMY.agents,
      0,
      1,
      0,
    ]);
    expect(Array.from({ length: 6 }, (_, i) => tables.kinds[MOB_COLUMN.region0 + i])).toEqual([0, 0, 0, 15, 11, 19]);
    const watchman = row(1);
    expect([watchman('behaviour'), watchman('health'), watchman('damage'), watchman('attackTicks'), watchman('fleeTicks')]).toEqual([
      MOB_BEHAVIOUR.guard,
      7,
      5,
      31,
      9,
    ]);
    expect([watchman('sightQ6'), watchman('reachQ6'), watchman('guardQ6'), watchman('despawnQ6'), watchman('spawnFarQ6')]).toEqual([
      672 ** 2,
      144 ** 2,
      384 ** 2,
      2560 ** 2,
      0,
    ]);
    expect([watchman('byDay'), watchman('enemies'), watchman('friendTeam'), watchman('wanderQ12'), watchman('numDrops')]).toEqual([
      BY_DAY.nothing,
      MOB_ENEMY.agents | MOB_ENEMY.hostileMobs,
      1,
      1024,
      0,
    ]);
    expect([watchman('spawnTicks'), watchman('lightMin'), watchman('lightMax')]).toEqual([77, 3, 9]);
    expect(Array.from({ length: 6 }, (_, i) => tables.kinds[MOB_COLUMNS + MOB_COLUMN.region0 + i])).toEqual([1, 2, 3, 4, 5, 6]);
    // A walker's 4.317 m/s is 1.
    expect(tables.speedQ16[1] / 65536).toBeCloseTo(4 / 4.3172, 4);
  });

  it('spawn on the blocks named, and on every solid one where none is', () => {
    const { tables, palette, program } = compile([{ kind: 'cow' }, { kind: 'zombie' }]);
    const size = palette.names.length;
    const on = (k: number) => palette.names.filter((_, p) => tables.spawnsOn[k * size + p] === 1);
    expect(on(0)).toEqual(['grass_block']);
    expect(on(1)).toEqual(palette.names.filter((_, p) => program.blocks.solid[p] === 1));
    expect(on(1)).not.toContain('air');
  });

  it('hold drops and trades by item id, each kind its own rows', () => {
    const { tables } = compile([
      { kind: 'sheep', drops: [{ item: 'stick', least: 2, most: 5, chance: 0.25 }] },
      { kind: 'villager', trades: [{ wants: 'coal', wantsCount: 3, gives: 'apple', givesCount: 2, stock: 4 }] },
      { kind: 'cow' },
    ]);
    const drop = [...tables.drops.subarray(0, MOB_DROP_COLUMNS)];
    expect([drop[MOB_DROP_COLUMN.item], drop[MOB_DROP_COLUMN.least], drop[MOB_DROP_COLUMN.most], drop[MOB_DROP_COLUMN.chanceQ16]]).toEqual([
      id('stick'),
      2,
      5,
      16384,
    ]);
    const trade = [...tables.trades.subarray(0, TRADE_COLUMNS)];
    expect([TRADE_COLUMN.wantsItem, TRADE_COLUMN.wantsCount, TRADE_COLUMN.givesItem].map((k) => trade[k])).toEqual([
      id('coal'),
      3,
      id('apple'),
    ]);
    expect([TRADE_COLUMN.givesCount, TRADE_COLUMN.stock].map((k) => trade[k])).toEqual([2, 4]);
    const cow = tables.kinds.subarray(2 * MOB_COLUMNS);
    expect(tables.drops[cow[MOB_COLUMN.firstDrop] * MOB_DROP_COLUMNS + MOB_DROP_COLUMN.item]).toBe(id('raw_beef'));
    expect(cow[MOB_COLUMN.numTrades]).toBe(0);
  });

  it('bring the blocks that drops and trades place into the palette', () => {
    const without = compile([{ kind: 'cow' }]).palette.names;
    const names = compile([
      { kind: 'sheep', drops: [{ item: 'bookshelf' }] },
      { kind: 'villager', trades: [{ wants: 'coal', gives: 'slime_block' }] },
    ]).palette.names;
    for (const name of ['bookshelf', 'slime_block']) expect([without.includes(name), names.includes(name)]).toEqual([false, true]);
  });

  it('show four of them unless the scenario says another number', () => {
    const rows = (observation: ScenarioInput['observation']) =>
      createSpaces(codecOf('native'), compile([{ kind: 'cow' }], { observation }).program.observation).observation.spaces.mobs;
    expect(rows({})).toMatchObject({ kind: 'box', shape: [4, 11] });
    expect(rows({ mobs: 9 })).toMatchObject({ shape: [9, 11] });
    expect(rows({ mobs: 0 })).toBe(undefined);
  });
});
