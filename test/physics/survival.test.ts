/** Survival, rule by rule: crafting, smelting, tools, food, breath, fights, hand-overs, death, nights, growth, falling. */
import { hashWorld } from '@kinovox/physics';
import { DAMAGE, INTERACT, INVENTORY_SLOTS } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { createGround, eventsOf, itemId, randomWords, setAction, standAt, stepTicks } from './fixture.js';
import { cellOf, EDGE, hold, holdings, piled, recipeArgument, recipeTicks, survivalGround } from './survival-world.js';

const { attack, craft, dig, drop, eat, give, place, sleep, use } = INTERACT;
/** Half a turn: from north to south. */
const SOUTH = -2147483648;
const kinds = (events: ReturnType<typeof eventsOf>) => events.map(({ kind }) => kind);

describe('crafting', () => {
  it('turns inputs into outputs after the ticks of the recipe, with events that name each other', () => {
    const { engine, program } = survivalGround({ items: [{ agent: 0, item: itemId('oak_log'), count: 2 }] });
    setAction(engine, 0, { interact: craft, argument: recipeArgument(program, 'oak_planks') });
    stepTicks(engine, recipeTicks(program, 'oak_planks') - 1);
    expect(holdings(engine)).toEqual({ oak_log: 2 });
    engine.step();
    expect(holdings(engine)).toEqual({ oak_log: 1, oak_planks: 4 });
    const [crafted, consumed, gained] = eventsOf(engine);
    expect([crafted.kind, crafted.data0, crafted.data1]).toEqual(['crafted', itemId('oak_planks'), 4]);
    expect([consumed.kind, consumed.data0, consumed.data1]).toEqual(['consumed', itemId('oak_log'), 1]);
    expect([gained.kind, gained.data0, gained.data1]).toEqual(['gained', itemId('oak_planks'), 4]);
    expect([consumed.cause, gained.cause]).toEqual([engine.state.numEvents[0] - 2, engine.state.numEvents[0] - 2]);
  });

  it('does nothing without inputs, with an unknown recipe, or in a scenario without survival', () => {
    const { engine, program } = survivalGround({ items: [{ agent: 0, item: itemId('dirt'), count: 2 }] });
    for (const argument of [recipeArgument(program, 'oak_planks'), 0, 255]) {
      setAction(engine, 0, { interact: craft, argument });
      expect(stepTicks(engine, 30)).toEqual([]);
    }
    const plain = createGround({
      size: [8, 8, 8],
      boxes: [['stone', [0, 0, 0], [7, 0, 7]]],
      extraBlocks: ['oak_log'],
      starts: [standAt(4, 1, 4)],
      items: [{ agent: 0, item: itemId('oak_log'), count: 2 }],
    });
    setAction(plain.engine, 0, { interact: craft, argument: 1 });
    expect(stepTicks(plain.engine, 30)).toEqual([]);
    expect(holdings(plain.engine)).toEqual({ oak_log: 2 });
  });

  it('asks for its station within reach, and not a block farther', () => {
    const reach = survivalGround().program.survival!.stationReach;
    for (const [away, made] of [
      [reach, true],
      [reach + 1, false],
    ] as const) {
      const { engine, program } = survivalGround({ boxes: [['crafting_table', [8 - away, 1, 8], [8 - away, 1, 8]]] });
      hold(engine, 0, 0, 'oak_planks', 3);
      hold(engine, 0, 1, 'stick', 2);
      setAction(engine, 0, { interact: craft, argument: recipeArgument(program, 'wooden_pickaxe') });
      stepTicks(engine, recipeTicks(program, 'wooden_pickaxe'));
      expect(holdings(engine)).toEqual(made ? { wooden_pickaxe: 1 } : { oak_planks: 3, stick: 2 });
    }
  });

  it('smelts with fuel, keeps the fire that is left, and starts again after an interruption', () => {
    const { engine, program } = survivalGround({ boxes: [['furnace', [8, 1, 6], [8, 1, 6]]] });
    const ticks = recipeTicks(program, 'iron_ingot');
    expect(ticks).toBeGreaterThan(100);
    hold(engine, 0, 0, 'raw_iron', 2);
    const order = { interact: craft, argument: recipeArgument(program, 'iron_ingot') };
    setAction(engine, 0, order);
    expect(stepTicks(engine, ticks), 'no fuel').toEqual([]);
    hold(engine, 0, 1, 'coal', 1);
    stepTicks(engine, ticks - 1);
    setAction(engine, 0, {});
    engine.step();
    setAction(engine, 0, order);
    stepTicks(engine, ticks - 1);
    expect(holdings(engine)).toEqual({ raw_iron: 2, coal: 1 });
    engine.step();
    expect(kinds(eventsOf(engine))).toEqual(['smelted', 'consumed', 'consumed', 'gained']);
    expect(holdings(engine)).toEqual({ raw_iron: 1, iron_ingot: 1 });
    stepTicks(engine, ticks);
    expect(holdings(engine)).toEqual({ iron_ingot: 2 });
  });
});

describe('tools', () => {
  it('dig faster and give what the hand does not', () => {
    const ticksWith = (tool: string | undefined) => {
      const { engine } = survivalGround({ boxes: [['stone', [8, 2, 7], [8, 2, 7]]] });
      if (tool !== undefined) hold(engine, 0, 0, tool, 1);
      setAction(engine, 0, { interact: dig });
      let ticks = 0;
      while (engine.state.voxels[cellOf(8, 2, 7)] !== 0 && ticks < 1000) {
        engine.step();
        ticks++;
      }
      return { ticks, gives: holdings(engine).cobblestone ?? 0 };
    };
    const [hand, wood, iron] = [ticksWith(undefined), ticksWith('wooden_pickaxe'), ticksWith('iron_pickaxe')];
    expect([hand.gives, wood.gives, iron.gives]).toEqual([0, 1, 1]);
    // Minecraft Wiki, "Breaking": stone takes 7.5 s by hand, 1.15 s with wood, 0.4 s with iron.
    expect([hand.ticks, wood.ticks, iron.ticks]).toEqual([150, 23, 8]);
  });

  it('wear by one per block and break at the end of their durability', () => {
    const { engine, program } = survivalGround({ boxes: [['dirt', [8, 2, 7], [8, 2, 7]]] });
    const shovel = itemId('wooden_shovel');
    const durability = program.survival!.durability[shovel];
    expect(durability).toBe(59);
    hold(engine, 0, 0, 'wooden_shovel', 1);
    const dirt = engine.state.voxels[cellOf(8, 2, 7)];
    setAction(engine, 0, { interact: dig });
    for (let uses = 1; uses <= durability; uses++) {
      engine.state.voxels[cellOf(8, 2, 7)] = dirt;
      let broke = false;
      for (let t = 0; t < 40 && engine.state.voxels[cellOf(8, 2, 7)] !== 0; t++) {
        engine.step();
        broke ||= kinds(eventsOf(engine)).includes('broke');
      }
      expect(engine.state.voxels[cellOf(8, 2, 7)]).toBe(0);
      expect(broke, `use ${uses}`).toBe(uses === durability);
      expect(engine.state.inventoryWear[0]).toBe(uses === durability ? 0 : uses);
    }
    expect(holdings(engine).wooden_shovel).toBeUndefined();
  });

  it('begin a dig anew when another is taken in hand', () => {
    const { engine } = survivalGround({ boxes: [['stone', [8, 2, 7], [8, 2, 7]]] });
    hold(engine, 0, 1, 'wooden_pickaxe', 1);
    setAction(engine, 0, { interact: dig });
    stepTicks(engine, 100);
    setAction(engine, 0, { interact: dig, slot: 2 });
    engine.step();
    expect(engine.state.digProgress[0]).toBe(1);
    setAction(engine, 0, { interact: dig, slot: 2 });
    engine.step();
    expect(engine.state.digProgress[0]).toBe(2);
  });
});

describe('food', () => {
  it('goes by one per period, starves at none, and heals when plenty', () => {
    const { engine } = survivalGround({
      survival: { hunger: { everyTicks: 10, starveEveryTicks: 7, starveDamage: 2, regenEveryTicks: 5, regenFood: 19 } },
    });
    engine.state.health[0] = 15;
    stepTicks(engine, 9);
    expect([engine.state.food[0], engine.state.health[0]]).toEqual([20, 16]);
    engine.step();
    expect([engine.state.food[0], engine.state.health[0]]).toEqual([19, 17]);
    stepTicks(engine, 10);
    expect([engine.state.food[0], engine.state.health[0]]).toEqual([18, 18]);
    stepTicks(engine, 180);
    expect([engine.state.food[0], engine.state.health[0]]).toEqual([0, 18]);
    const events = stepTicks(engine, 6);
    expect(events.map(({ kind, data1 }) => [kind, data1])).toEqual([['hurt', DAMAGE.starving]]);
    expect(engine.state.health[0]).toBe(16);
  });

  it('is eaten in a bite, by the hungry only', () => {
    const { engine, program } = survivalGround();
    hold(engine, 0, 0, 'apple', 2);
    setAction(engine, 0, { interact: eat });
    expect(stepTicks(engine, 40)).toEqual([]);
    engine.state.food[0] = 10;
    const events = stepTicks(engine, 32);
    expect(kinds(events)).toEqual(['ate']);
    expect(engine.state.food[0]).toBe(10 + program.survival!.food[itemId('apple')]);
    expect(holdings(engine)).toEqual({ apple: 1 });
  });
});

describe('breath', () => {
  it('lasts its ticks under water, then costs health, and comes back in the air', () => {
    const { engine } = survivalGround({
      boxes: [
        ['stone', [7, 1, 7], [9, 5, 9]],
        ['water', [8, 1, 8], [8, 3, 8]],
      ],
      survival: { breath: { ticks: 40, damageEveryTicks: 10, damage: 3 } },
    });
    setAction(engine, 0, { sneak: 1 });
    expect(stepTicks(engine, 49)).toEqual([]);
    expect(engine.state.breath[0]).toBe(-9);
    expect(stepTicks(engine, 1).map(({ data0, data1 }) => [data0, data1])).toEqual([[3, DAMAGE.drowning]]);
    expect(stepTicks(engine, 9)).toEqual([]);
    expect(kinds(stepTicks(engine, 1))).toEqual(['hurt']);
    for (const y of [1, 2, 3]) engine.state.voxels[cellOf(8, y, 8)] = 0;
    engine.step();
    expect(engine.state.breath[0]).toBe(4);
    stepTicks(engine, 20);
    expect(engine.state.breath[0]).toBe(40);
  });
});

describe('agents', () => {
  /** Slot 0 looks north at slot 1, two blocks away; they are of two teams unless told. */
  const pair = (more: Parameters<typeof survivalGround>[0] = {}) =>
    survivalGround({ starts: [standAt(8, 1, 8), standAt(8, 1, 6)], yaws: [0, SOUTH], teams: [0, 1], ...more });

  it('hit whom they look at, with the damage of what they hold, no more often than its cooldown, and push them away', () => {
    const { engine, program } = pair();
    const sword = itemId('iron_sword');
    hold(engine, 0, 0, 'iron_sword', 1);
    stepTicks(engine, 2);
    setAction(engine, 0, { interact: attack });
    engine.step();
    const [attacked, hurt] = eventsOf(engine);
    expect([attacked.kind, attacked.agent, attacked.data0, attacked.data1]).toEqual(['attacked', 0, 1, 6]);
    expect([hurt.kind, hurt.agent, hurt.data0, hurt.data1, hurt.cause]).toEqual([
      'hurt',
      1,
      6,
      DAMAGE.attack,
      engine.state.numEvents[0] - 1,
    ]);
    expect(engine.state.health[1]).toBe(14);
    expect(engine.state.velZ[1]).toBeLessThan(-10000);
    expect(engine.state.velY[1]).toBeGreaterThan(0);
    expect(engine.state.inventoryWear[0]).toBe(1);
    const wait = program.survival!.attackTicks[sword];
    const kept = () => {
      for (const i of [0, 1]) {
        [engine.state.posX[i], engine.state.posY[i], engine.state.posZ[i]] = i === 0 ? standAt(8, 1, 8) : standAt(8, 1, 6);
        engine.state.velX[i] = engine.state.velY[i] = engine.state.velZ[i] = 0;
        engine.state.fallDistance[i] = 0;
      }
      engine.step();
      return kinds(eventsOf(engine)).includes('attacked');
    };
    for (let t = 1; t < wait; t++) expect(kept(), `tick ${t}`).toBe(false);
    expect(kept()).toBe(true);
  });

  it('do not hit their team, through a wall, past their reach, or beside the view', () => {
    const cases: [string, Parameters<typeof survivalGround>[0], boolean][] = [
      ['plain', {}, true],
      ['own team', { teams: [0, 0] }, false],
      ['own team, friendly fire', { teams: [0, 0], survival: { attack: { friendlyFire: true } } }, true],
      ['wall', { boxes: [['stone', [8, 1, 7], [8, 3, 7]]] }, false],
      ['far', { starts: [standAt(8, 1, 8), standAt(8, 1, 4)] }, false],
      ['beside', { yaws: [1 << 28, SOUTH] }, false],
      ['off', { survival: { attack: { enabled: false } } }, false],
    ];
    for (const [name, more, hits] of cases) {
      const { engine } = pair(more);
      setAction(engine, 0, { interact: attack });
      engine.step();
      expect(kinds(eventsOf(engine)).includes('attacked'), name).toBe(hits);
    }
  });

  it('that strike in one tick both land their blow, even if one falls', () => {
    const { engine } = pair();
    engine.state.health[0] = engine.state.health[1] = 1;
    for (const a of [0, 1]) setAction(engine, a, { interact: attack });
    engine.step();
    const died = eventsOf(engine).filter(({ kind }) => kind === 'died');
    expect(died.map(({ agent, data0, data1 }) => [agent, data0, data1]).sort()).toEqual([
      [0, DAMAGE.attack, 2],
      [1, DAMAGE.attack, 1],
    ]);
  });

  it('give one item to whom they look at, if there is room', () => {
    const { engine } = pair();
    hold(engine, 0, 0, 'coal', 2);
    setAction(engine, 0, { interact: give });
    engine.step();
    expect(kinds(eventsOf(engine))).toEqual(['gave', 'gained']);
    expect([holdings(engine, 0), holdings(engine, 1)]).toEqual([{ coal: 1 }, { coal: 1 }]);
    for (let slot = 0; slot < INVENTORY_SLOTS; slot++) hold(engine, 1, slot, 'dirt', 64);
    expect(stepTicks(engine, 10)).toEqual([]);
    expect(holdings(engine, 0)).toEqual({ coal: 1 });
  });

  it('pick up what another drops, once it has lain there', () => {
    const { engine } = pair({ starts: [standAt(8, 1, 8), standAt(8, 1, 4)] });
    hold(engine, 0, 0, 'coal', 1);
    setAction(engine, 0, { interact: drop });
    engine.step();
    expect([holdings(engine), [...piled(engine)]]).toEqual([{}, [[itemId('coal'), 1]]]);
    // The giver steps away; the other comes.
    [engine.state.posX[0], engine.state.posZ[0]] = [standAt(2, 1, 2)[0], standAt(2, 1, 2)[2]];
    engine.state.posZ[1] = standAt(8, 1, 8)[2];
    setAction(engine, 0, {});
    stepTicks(engine, 39);
    expect(holdings(engine, 1)).toEqual({});
    stepTicks(engine, 1);
    expect([holdings(engine, 1), piled(engine).size]).toEqual([{ coal: 1 }, 0]);
  });
});

describe('death', () => {
  it('leaves the inventory where the agent fell, and ends its episode', () => {
    const { engine } = survivalGround({ starts: [standAt(8, 1, 8), standAt(2, 1, 2)] });
    hold(engine, 0, 0, 'coal', 5);
    hold(engine, 0, 3, 'iron_sword', 1);
    engine.state.inventoryWear[3] = 7;
    engine.state.health[0] = 1;
    engine.state.food[0] = 0;
    engine.state.healTimer[0] = 79;
    engine.step();
    expect(kinds(eventsOf(engine)).slice(0, 4)).toEqual(['hurt', 'died', 'dropped', 'dropped']);
    expect(engine.outputs.terminated[0]).toBe(1);
    expect(Object.fromEntries(piled(engine))).toEqual({ [itemId('coal')]: 5, [itemId('iron_sword')]: 1 });
    // A worn tool stays worn through other hands.
    [engine.state.posX[1], engine.state.posZ[1]] = [standAt(8, 1, 8)[0], standAt(8, 1, 8)[2]];
    stepTicks(engine, 45);
    expect(holdings(engine, 1)).toEqual({ coal: 5, iron_sword: 1 });
    expect(engine.state.inventoryWear.subarray(INVENTORY_SLOTS, 2 * INVENTORY_SLOTS)).toContain(7);
  });

  it('is followed by a return to the spawn after its ticks, without an end of the episode', () => {
    const { engine } = survivalGround({ survival: { respawn: 'spawn', respawnTicks: 20, keepInventory: true } });
    hold(engine, 0, 0, 'coal', 5);
    engine.state.posX[0] = standAt(3, 1, 3)[0];
    engine.state.food[0] = 0;
    engine.state.health[0] = 1;
    engine.state.healTimer[0] = 79;
    engine.step();
    expect(kinds(eventsOf(engine))).toEqual(['hurt', 'died']);
    expect([engine.outputs.terminated[0], engine.outputs.ended[0]]).toEqual([0, 0]);
    const events = stepTicks(engine, 19);
    expect(events).toEqual([]);
    expect(kinds(stepTicks(engine, 1))).toEqual(['respawned']);
    const { state } = engine;
    expect([state.posX[0], state.health[0], state.food[0], state.breath[0]]).toEqual([standAt(8, 1, 8)[0], 20, 20, 300]);
    expect([engine.outputs.terminated[0], holdings(engine)]).toEqual([0, { coal: 5 }]);
  });
});

describe('nights', () => {
  it('end early for those who all sleep; one who stays up keeps the night', () => {
    for (const bothSleep of [true, false]) {
      const { engine } = survivalGround({
        starts: [standAt(8, 1, 8), standAt(4, 1, 8)],
        boxes: [
          ['white_bed', [8, 2, 7], [8, 2, 7]],
          ['white_bed', [4, 2, 7], [4, 2, 7]],
        ],
        survival: { day: { lengthTicks: 2400, startTick: 1500, sleepTicks: 30 } },
      });
      setAction(engine, 0, { interact: sleep });
      if (bothSleep) setAction(engine, 1, { interact: sleep });
      const events = stepTicks(engine, 40);
      expect(events.filter(({ kind }) => kind === 'woke').map(({ data0, data1 }) => [data0, data1])).toEqual(
        bothSleep
          ? [
              [1, 30],
              [1, 30],
            ]
          : [],
      );
      expect(engine.state.skippedTicks[0]).toBe(bothSleep ? 2400 - 1530 : 0);
      expect(engine.state.sleeping[0]).toBe(bothSleep ? 0 : 40);
    }
  });

  it('are for sleeping, days are not', () => {
    const { engine } = survivalGround({ boxes: [['white_bed', [8, 2, 7], [8, 2, 7]]], survival: { day: { startTick: 1000 } } });
    setAction(engine, 0, { interact: sleep });
    expect(stepTicks(engine, 5)).toEqual([]);
  });
});

describe('the ground', () => {
  it('lets sand fall when its support is dug, with all that lies on it', () => {
    const { engine, grid } = survivalGround({
      boxes: [
        ['dirt', [8, 2, 7], [8, 2, 7]],
        ['sand', [8, 3, 7], [8, 5, 7]],
      ],
    });
    const sand = grid.palette.indexOfName('sand');
    setAction(engine, 0, { interact: dig });
    expect(kinds(stepTicks(engine, 10))).toEqual([]);
    const events = stepTicks(engine, 10);
    expect(kinds(events).filter((kind) => kind === 'fell').length).toBe(3);
    expect([0, 1, 2, 3, 4].map((y) => engine.state.voxels[cellOf(8, 1 + y, 7)] === sand)).toEqual([true, true, true, false, false]);
  });

  it('is tilled with a hoe, takes seeds only then, and lets the wheat ripen', () => {
    const { engine, grid } = survivalGround({ boxes: [['dirt', [8, 1, 7], [8, 1, 7]]], survival: { growth: { cropTicks: 40 } } });
    engine.state.pitch[0] = -(1 << 29);
    hold(engine, 0, 1, 'wheat_seeds', 4);
    setAction(engine, 0, { interact: place, slot: 2 });
    expect(stepTicks(engine, 5)).toEqual([]);
    hold(engine, 0, 0, 'wooden_hoe', 1);
    setAction(engine, 0, { interact: use, slot: 1 });
    engine.step();
    expect(kinds(eventsOf(engine))).toEqual(['used']);
    expect(engine.state.voxels[cellOf(8, 1, 7)]).toBe(grid.palette.indexOfName('farmland'));
    expect(engine.state.inventoryWear[0]).toBe(1);
    setAction(engine, 0, { interact: place, slot: 2 });
    stepTicks(engine, 4);
    setAction(engine, 0, {});
    expect(engine.state.voxels[cellOf(8, 2, 7)]).toBe(grid.palette.indexOfName('wheat_crop'));
    const grown = stepTicks(engine, 1000).filter(({ kind }) => kind === 'grew');
    expect(grown.length).toBe(3);
    expect(engine.state.voxels[cellOf(8, 2, 7)]).toBe(grid.palette.indexOfName('wheat_crop_3'));
  });

  it('lets a sapling become a tree where there is room, and wait where there is none', () => {
    for (const roof of [false, true]) {
      const { engine, grid } = survivalGround({
        boxes: [['oak_sapling', [4, 1, 4], [4, 1, 4]], ...(roof ? ([['stone', [4, 3, 4], [4, 3, 4]]] as const) : [])],
        survival: { growth: { saplingTicks: 20 } },
      });
      stepTicks(engine, 600);
      expect(engine.state.voxels[cellOf(4, 1, 4)]).toBe(grid.palette.indexOfName(roof ? 'oak_sapling' : 'oak_log'));
    }
  });
});

describe('a world mirrored in x', () => {
  it('gives mirrored fights: blows, knocks, deaths and returns', () => {
    const next = randomWords(41);
    const side = EDGE << 16;
    let blows = 0;
    for (let seed = 0; seed < 20; seed++) {
      const starts = [
        [(7 << 16) + (next() % 65536), 65536, (8 << 16) + (next() % 65536)],
        [(7 << 16) + (next() % 65536), 65536, (6 << 16) + (next() % 65536)],
      ] as const;
      const yaws = [(next() % (1 << 28)) - (1 << 27), (SOUTH + (next() % (1 << 28)) - (1 << 27)) | 0];
      const rules = { teams: [0, 1], survival: { respawn: 'spawn', respawnTicks: 5 } } as const;
      const plain = survivalGround({ ...rules, starts, yaws }).engine;
      const mirrored = survivalGround({
        ...rules,
        starts: starts.map(([x, y, z]) => [side - x, y, z] as const),
        yaws: yaws.map((yaw) => -yaw | 0),
      }).engine;
      for (let tick = 0; tick < 80; tick++) {
        for (const a of [0, 1]) {
          const [turn, forward, strafe] = [(next() % 4001) - 2000, next() % 4097, (next() % 2001) - 1000];
          setAction(plain, a, { interact: attack, forward, strafe, turn });
          setAction(mirrored, a, { interact: attack, forward, strafe: -strafe, turn: -turn });
        }
        plain.step();
        mirrored.step();
        blows += eventsOf(plain).filter(({ kind }) => kind === 'attacked').length;
        for (const a of [0, 1]) {
          const [p, m] = [plain.state, mirrored.state];
          expect(
            [side - m.posX[a], m.posY[a], m.posZ[a], 0 - m.velX[a], m.velY[a], m.velZ[a], m.health[a]],
            `seed ${seed}, tick ${tick}`,
          ).toEqual([p.posX[a], p.posY[a], p.posZ[a], p.velX[a], p.velY[a], p.velZ[a], p.health[a]]);
        }
      }
    }
    expect(blows).toBeGreaterThan(50);
  });
});

describe('a world with survival', () => {
  it('differs in its hash from one without only by what the rules did', () => {
    const idle = (survival: object | undefined) => {
      const { engine } = survivalGround({ survival, extraBlocks: [] });
      return { engine, hash: hashWorld(engine.state, 0) };
    };
    const [plain, on, off] = [idle(undefined), idle({}), idle({ hunger: { everyTicks: 0 } })];
    expect([on.hash, off.hash]).toEqual([plain.hash, plain.hash]);
    for (const { engine } of [plain, on, off]) stepTicks(engine, 700);
    expect(hashWorld(off.engine.state, 0)).toBe(hashWorld(plain.engine.state, 0));
    expect(hashWorld(on.engine.state, 0)).not.toBe(hashWorld(plain.engine.state, 0));
  });
});
