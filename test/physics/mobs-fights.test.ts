/** Agents and mobs hand to hand: attacks and what they lead to, drops, trades, aims, masks and observations. */
import type { Engine } from '@kinovox/physics';
import { DAMAGE, INTERACT, MAX_TRADES } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { eventsOf, itemId, randomWords, setAction, standAt, stepTicks } from './fixture.js';
import { distanceTo, isAlive, living, meadow, moodOf, only, placeOf, wordsOf } from './mob-world.js';
import { hold, holdings, piled, stock } from './survival-world.js';

const { attack, give, place } = INTERACT;
type Event = ReturnType<typeof eventsOf>[number] & { id: number };

/** Steps and numbers the events as causes name them. */
function numbered(engine: Engine, ticks: number): Event[] {
  const seen: Event[] = [];
  for (let k = 0; k < ticks; k++) {
    engine.step();
    const events = eventsOf(engine);
    const first = engine.state.numEvents[0] - events.length + 1;
    seen.push(...events.map((event, n) => ({ ...event, id: first + n })));
  }
  return seen;
}

describe('an attack on a mob', () => {
  it('hurts, knocks back, wears the tool, and a death leads to drops that the killer takes, each the child of the last', () => {
    const { engine } = meadow([{ kind: 'pig', speed: 0, wanderSpeed: 0, spawn: only(16, 1, 14) }], {
      survival: { attack: { knockback: 0.1, knockbackUp: 0.1 } },
    });
    hold(engine, 0, 0, 'iron_sword', 1);
    setAction(engine, 0, { interact: attack });
    engine.step();
    expect(engine.state.mobHealth[0]).toBe(4);
    expect(engine.state.inventoryWear[0]).toBe(1);
    expect(engine.state.mobVelZ[0]).toBeLessThan(0);
    expect(engine.state.mobCause[0]).toBeGreaterThan(0);
    const events = numbered(engine, 13);
    const struck = events.find(({ kind }) => kind === 'struck')!;
    const slain = events.find(({ kind }) => kind === 'slain')!;
    const dropped = events.find(({ kind }) => kind === 'mobDropped')!;
    expect(struck).toMatchObject({ agent: 0, data0: 0, data1: 6 });
    expect(slain).toMatchObject({ agent: 0, data0: 0, data1: DAMAGE.attack, cause: struck.id });
    expect(dropped).toMatchObject({ agent: -1, data0: itemId('raw_porkchop'), cause: slain.id });
    expect(dropped.data1).toBeGreaterThanOrEqual(1);
    expect(dropped.data1).toBeLessThanOrEqual(3);
    expect(piled(engine).get(itemId('raw_porkchop'))).toBe(dropped.data1);
    expect(wordsOf(engine, 0)).toEqual([]);
    setAction(engine, 0, { forward: 4096 });
    const gained = numbered(engine, 30).find(({ kind }) => kind === 'gained')!;
    expect(gained).toMatchObject({ agent: 0, data0: itemId('raw_porkchop'), data1: dropped.data1, cause: dropped.id });
    expect(holdings(engine)).toEqual({ iron_sword: 1, raw_porkchop: dropped.data1 });
  });

  it('draws between the least and the most of each drop, and its chance, by slot and tick', () => {
    const counts = new Map<number, number>();
    for (let seed = 1; seed <= 200; seed++) {
      const drops = [
        { item: 'bone', least: 2, most: 5 },
        { item: 'string', chance: 0.25 },
      ];
      const { engine } = meadow([{ kind: 'cow', health: 1, drops, spawn: only(16, 1, 14) }], { seed });
      setAction(engine, 0, { interact: attack });
      engine.step();
      for (const { kind, data0, data1 } of eventsOf(engine)) {
        if (kind !== 'mobDropped') continue;
        const key = data0 === itemId('bone') ? data1 : 100;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([2, 3, 4, 5, 100]);
    for (const count of [2, 3, 4, 5]) expect(Math.abs(counts.get(count)! - 50)).toBeLessThan(25);
    expect(Math.abs(counts.get(100)! - 50)).toBeLessThan(25);
  });

  it('works where agents may not attack each other, with the cooldown of every attack', () => {
    const { engine } = meadow([{ kind: 'cow', health: 1000, speed: 0, wanderSpeed: 0, spawn: only(16, 1, 14) }], {
      survival: { attack: { enabled: false, knockback: 0, knockbackUp: 0 } },
    });
    setAction(engine, 0, { interact: attack });
    const struck = stepTicks(engine, 101).filter(({ kind }) => kind === 'struck');
    expect(struck).toHaveLength(1 + Math.floor(100 / engine.program.survival!.attackTicks[0]));
  });

  it('meets whoever is nearest of agents and mobs, and nobody behind a block or beyond reach', () => {
    const aim = (z: number, more: Parameters<typeof meadow>[1] = {}) => {
      const { engine } = meadow([{ kind: 'cow', spawn: only(16, 1, z) }], {
        starts: [standAt(16, 1, 16), standAt(16, 1, 14)],
        teams: [0, 1],
        ...more,
      });
      setAction(engine, 0, { interact: attack });
      engine.step();
      return eventsOf(engine).map(({ kind }) => kind)[0];
    };
    expect(aim(15)).toBe('struck');
    expect(aim(14, { starts: [standAt(16, 1, 16), standAt(16, 1, 15)] })).toBe('attacked');
    expect(aim(14, { starts: [standAt(16, 1, 16)], teams: [0] })).toBe('struck');
    expect(aim(12, { starts: [standAt(16, 1, 16)], teams: [0] })).toBeUndefined();
    expect(aim(14, { starts: [standAt(16, 1, 16)], teams: [0], boxes: [['glass', [16, 1, 15], [16, 2, 15]]] })).toBeUndefined();
  });

  it('by two agents at once kills once, and the second strikes nobody', () => {
    const { engine } = meadow([{ kind: 'cow', health: 1, spawn: only(16, 1, 15) }], {
      starts: [standAt(16, 1, 16), standAt(16, 1, 14)],
      yaws: [0, -2147483648],
    });
    for (let a = 0; a < 2; a++) setAction(engine, a, { interact: attack });
    engine.step();
    // Slot (tick mod 2) begins: slot 1 in tick 1.
    expect(
      eventsOf(engine)
        .map(({ kind, agent }) => [kind, agent])
        .slice(0, 2),
    ).toEqual([
      ['struck', 1],
      ['slain', 1],
    ]);
    expect(eventsOf(engine).filter(({ kind }) => kind === 'struck' || kind === 'slain')).toHaveLength(2);
  });
});

describe('falls and lava', () => {
  it('hurt mobs as they hurt agents, with the last strike as the parent of the death', () => {
    const { engine } = meadow([{ kind: 'cow', wanderSpeed: 0, spawn: only(20, 1, 20) }], { boxes: [['lava', [2, 1, 2], [4, 2, 4]]] });
    engine.state.mobPosY[0] = 9 << 16;
    stepTicks(engine, 40);
    expect(engine.state.mobHealth[0]).toBe(10 - 5);
    engine.state.mobPosX[0] = (3 << 16) + 32768;
    engine.state.mobPosZ[0] = (3 << 16) + 32768;
    engine.state.mobCause[0] = 77;
    const slain = stepTicks(engine, 40).find(({ kind }) => kind === 'slain');
    expect(slain).toMatchObject({ agent: -1, data0: 0, data1: DAMAGE.lava, cause: 77 });
  });
});

describe('a body of a mob', () => {
  it('keeps blocks from being placed into it', () => {
    const put = (z: number) => {
      const { engine } = meadow([{ kind: 'cow', speed: 0, wanderSpeed: 0, spawn: only(16, 1, z) }], {
        boxes: [['stone', [16, 1, 12], [16, 2, 12]]],
      });
      hold(engine, 0, 0, 'stone', 4);
      setAction(engine, 0, { interact: place });
      engine.step();
      return eventsOf(engine).some(({ kind }) => kind === 'placed');
    };
    expect(put(13)).toBe(false);
    expect(put(10)).toBe(true);
  });

  it('parts from agents and mobs that it overlaps, to both sides alike and without an event', () => {
    const { engine } = meadow([
      { kind: 'cow', wanderSpeed: 0, spawn: only(16, 1, 15) },
      { kind: 'pig', wanderSpeed: 0, spawn: only(20, 1, 20) },
    ]);
    const { state } = engine;
    state.mobPosX[0] = state.posX[0] + 13107;
    state.mobPosZ[0] = state.posZ[0];
    engine.step();
    expect(eventsOf(engine)).toEqual([]);
    expect(state.velX[0]).toBeLessThan(0);
    stepTicks(engine, 40);
    expect(distanceTo(engine, 0, 0)).toBeGreaterThan(0.59);
    const middle = (state.posX[0] + state.mobPosX[0]) / 2;
    expect(Math.abs(middle - ((16 << 16) + 32768 + 6553))).toBeLessThan(2000);
  });
});

describe('a trade', () => {
  const offers = [
    { wants: 'wheat', wantsCount: 3, gives: 'emerald', stock: 2 },
    { wants: 'emerald', wantsCount: 1, gives: 'bread', givesCount: 5 },
  ];
  const market = (more: Parameters<typeof meadow>[1] = {}) =>
    meadow([{ kind: 'villager', speed: 0, wanderSpeed: 0, trades: offers, spawn: only(16, 1, 14) }], more).engine;

  it('takes what the trader wants and gives what it offers, the first payable or the one named, while there is stock', () => {
    const engine = market();
    hold(engine, 0, 0, 'wheat', 10);
    setAction(engine, 0, { interact: give });
    const first = numbered(engine, 1);
    expect(first.map(({ kind, data0, data1 }) => [kind, data0, data1])).toEqual([
      ['traded', 0, itemId('emerald')],
      ['consumed', itemId('wheat'), 3],
      ['gained', itemId('emerald'), 1],
    ]);
    expect(first.map(({ cause }) => cause)).toEqual([0, first[0].id, first[0].id]);
    expect(holdings(engine)).toEqual({ wheat: 7, emerald: 1 });
    setAction(engine, 0, { interact: give, argument: 2 });
    stepTicks(engine, 4);
    expect(holdings(engine)).toEqual({ wheat: 7, bread: 5 });
    setAction(engine, 0, { interact: give, argument: 2 });
    expect(stepTicks(engine, 8), 'no emerald left').toEqual([]);
    setAction(engine, 0, { interact: give, argument: 3 });
    expect(stepTicks(engine, 8), 'no such offer').toEqual([]);
    setAction(engine, 0, { interact: give, argument: 1 });
    expect(
      stepTicks(engine, 20).filter(({ kind }) => kind === 'traded'),
      'one left in stock',
    ).toHaveLength(1);
    expect([...engine.state.mobTradesUsed.subarray(0, MAX_TRADES)]).toEqual([2, 1, 0, 0]);
    expect(holdings(engine)).toEqual({ wheat: 4, emerald: 1, bread: 5 });
  });

  it('has no effect on a cow, and what finds no room lies at the feet', () => {
    const { engine } = meadow([{ kind: 'cow', wanderSpeed: 0, spawn: only(16, 1, 14) }]);
    hold(engine, 0, 0, 'wheat', 10);
    setAction(engine, 0, { interact: give });
    expect(stepTicks(engine, 20)).toEqual([]);
    const full = market();
    hold(full, 0, 0, 'wheat', 6);
    for (let slot = 1; slot < 9; slot++) hold(full, 0, slot, 'iron_sword', 1);
    setAction(full, 0, { interact: give, argument: 1 });
    full.step();
    expect(piled(full).get(itemId('emerald'))).toBe(1);
  });

  it('is offered by the mask as far as it can be paid, beside an attack', () => {
    const engine = market();
    const { numRecipes } = engine.program.survival!;
    const maskOf = () => {
      const mask = engine.actionMask(0, 0);
      const offset = mask.length - numRecipes;
      return { attack: mask[attack], give: mask[give], first: mask[offset], second: mask[offset + 1] };
    };
    expect(maskOf()).toEqual({ attack: 1, give: 0, first: 0, second: 0 });
    hold(engine, 0, 0, 'wheat', 3);
    expect(maskOf()).toEqual({ attack: 1, give: 1, first: 1, second: 0 });
    hold(engine, 0, 1, 'emerald', 1);
    expect(maskOf()).toEqual({ attack: 1, give: 1, first: 1, second: 1 });
    engine.state.yaw[0] = 1 << 30;
    expect(maskOf()).toEqual({ attack: 0, give: 0, first: 0, second: 0 });
  });
});

describe('items of a world with mobs', () => {
  it('change as the events say, over random fights and trades', () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 4; seed++) {
      const { engine } = meadow(
        [
          {
            kind: 'villager',
            count: 3,
            speed: 1,
            wanderSpeed: 1,
            spawn: {
              region: [
                [13, 1, 12],
                [19, 1, 15],
              ],
            },
            trades: [
              { wants: 'wheat', gives: 'emerald' },
              { wants: 'emerald', gives: 'bread', givesCount: 3 },
            ],
          },
          {
            kind: 'cow',
            count: 6,
            max: 10,
            health: 3,
            spawn: {
              region: [
                [13, 1, 12],
                [19, 1, 15],
              ],
              everyTicks: 5,
              awayMetres: 0,
              light: [0, 15],
            },
          },
          { kind: 'zombie', count: 2, health: 6, damage: 1, friends: 'team-1' },
        ],
        { seed, starts: [standAt(15, 1, 16), standAt(17, 1, 16)], teams: [0, 1], survival: { respawn: 'spawn', respawnTicks: 5 } },
      );
      for (let a = 0; a < 2; a++) hold(engine, a, 0, 'wheat', 64);
      const next = randomWords(seed);
      const kindById = new Map<number, string>();
      let before = stock(engine);
      for (let tick = 0; tick < 1500; tick++) {
        for (let a = 0; a < 2; a++)
          setAction(engine, a, {
            interact: [attack, give, give, INTERACT.drop][next() % 4],
            forward: (next() % 3) * 1500,
            turn: (next() % 20001) - 10000,
          });
        const events = numbered(engine, 1);
        for (const { id, kind } of events) {
          kindById.set(id, kind);
          seen.add(kind);
        }
        const change = new Map<number, number>();
        const add = (item: number, count: number) => change.set(item, (change.get(item) ?? 0) + count);
        for (const { kind, data0, data1, cause } of events) {
          const isNew = kindById.get(cause) === 'traded';
          if (kind === 'mobDropped' || ((kind === 'gained' || kind === 'dropped') && isNew)) add(data0, data1);
          else if (kind === 'consumed') add(data0, -data1);
          else if (kind === 'lost' && kindById.get(cause) !== 'slain' && !isNew) add(data0, -data1);
        }
        const after = stock(engine);
        for (const item of new Set([...before.keys(), ...after.keys(), ...change.keys()]))
          if ((after.get(item) ?? 0) - (before.get(item) ?? 0) !== (change.get(item) ?? 0))
            expect.fail(
              `seed ${seed} tick ${tick}: item ${item} went from ${before.get(item)} to ${after.get(item)}: ${JSON.stringify(events)}`,
            );
        before = after;
      }
    }
    for (const kind of ['struck', 'slain', 'mobDropped', 'traded', 'gained', 'mobAttacked', 'mobSpawned'])
      expect(seen.has(kind), kind).toBe(true);
  });
});

describe('mobs that come and go', () => {
  const spawner = (more: object = {}, ground: Parameters<typeof meadow>[1] = {}) =>
    meadow(
      [{ kind: 'zombie', count: 0, max: 5, wanderSpeed: 0, sightMetres: 0, spawn: { everyTicks: 10, awayMetres: 8, ...more } }],
      ground,
    ).engine;

  it('come at their interval where light, ground and distance suit them, and never beyond their number', () => {
    const engine = spawner();
    let most = 0;
    for (let tick = 1; tick <= 600; tick++) {
      engine.step();
      for (const { kind, agent, data0, data1 } of eventsOf(engine)) {
        expect(kind).toBe('mobSpawned');
        expect(tick % 10).toBe(0);
        expect(agent).toBe(-1);
        expect(distanceTo(engine, data0, 0)).toBeGreaterThanOrEqual(8);
        expect(engine.state.mobHome[data0]).toBe(data1 + 1);
      }
      most = Math.max(most, living(engine).length);
    }
    expect(most).toBe(5);
    const elsewhere: [object, Parameters<typeof meadow>[1]][] = [
      [{}, { survival: { day: { lengthTicks: 0 } } }],
      [{ on: ['stone'] }, {}],
      [{ awayMetres: 40 }, {}],
      [{ everyTicks: 0 }, {}],
    ];
    for (const [more, ground] of elsewhere) {
      const other = spawner(more, ground);
      stepTicks(other, 300);
      expect(living(other), JSON.stringify([more, ground])).toEqual([]);
    }
  });

  it('vanish without drops when every living agent is far, and leave their slot as new', () => {
    const { engine } = meadow([
      { kind: 'cow', wanderSpeed: 0, despawnMetres: 10, spawn: only(16, 1, 8) },
      { kind: 'pig', spawn: only(16, 1, 6) },
    ]);
    stepTicks(engine, 5);
    expect(isAlive(engine, 0)).toBe(true);
    engine.state.posZ[0] = 30 << 16;
    engine.step();
    expect(eventsOf(engine)).toMatchObject([{ kind: 'slain', agent: -1, data0: 0, data1: DAMAGE.despawned }]);
    expect(wordsOf(engine, 0)).toEqual([]);
    expect(isAlive(engine, 1)).toBe(true);
    expect(piled(engine).size).toBe(0);
  });
});

describe('observations', () => {
  it('give the nearest mobs, their kind, health and whom they are after, and the stations within reach', () => {
    const { engine, program } = meadow(
      [
        { kind: 'cow', wanderSpeed: 0, spawn: only(16, 1, 13) },
        { kind: 'zombie', wanderSpeed: 0, spawn: only(19, 1, 16) },
      ],
      {
        observe: true,
        nearestMobs: 3,
        starts: [standAt(16, 1, 16), standAt(2, 1, 2)],
        boxes: [
          ['furnace', [14, 1, 17], [14, 1, 17]],
          ['furnace', [13, 1, 17], [13, 1, 17]],
          ['white_bed', [16, 1, 21], [16, 1, 21]],
        ],
      },
    );
    stepTicks(engine, 4);
    const { groups, size, vector } = engine.observations;
    const rowsOf = (name: string, a: number) => {
      const group = groups.find((entry) => entry.name === name)!;
      return Array.from({ length: group.rows }, (_, k) => {
        const at = a * size + group.offset + k * group.fields.length;
        return Object.fromEntries(group.fields.map((field, n) => [field.name, vector[at + n]]));
      });
    };
    const [zombie, cow, none] = rowsOf('mobs', 0);
    const [zx, , zz] = placeOf(engine, 1);
    expect(moodOf(engine, 1)).toBe('chase');
    expect(zombie).toMatchObject({ present: 1, slot: 1, kind: 2, health: 1, afterMe: 1, dy: 0 });
    expect(zombie.dx).toBeCloseTo(zx - 16.5, 4);
    expect(zombie.dz).toBeCloseTo(zz - 16.5, 4);
    expect(zombie.vx).toBeLessThan(0);
    expect(cow).toMatchObject({ present: 1, slot: 0, kind: 1, dx: 0, dz: -3, afterMe: 0 });
    expect(Object.values(none).every((value) => value === 0)).toBe(true);
    expect(rowsOf('mobs', 1)[1]).toMatchObject({ slot: 1, afterMe: 0 });
    expect(program.survival!.stationReach).toBe(4);
    expect(rowsOf('stations', 0)).toEqual([
      { present: 0, dx: 0, dy: 0, dz: 0 },
      { present: 1, dx: -2, dy: 0, dz: 1 },
      { present: 0, dx: 0, dy: 0, dz: 0 },
    ]);
  });
});
