/** Skills of survival: craft, attack, pickUp, carryTo, give, and use on food, beds and soil. */
import { itemByName, MAX_PILES } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { walkerAt } from '../small-worlds.js';
import { plain, type Stage, smallStage } from './call-skill.js';

/** Nobody grows hungry. */
const CALM = { hunger: { everyTicks: 0 } };

type World = Parameters<typeof smallStage>[0];
const survive = (world: Partial<World> & { rest?: object } = {}): World =>
  ({ layers: plain(10, 10), ...world, rest: { survival: CALM, ...world.rest } }) as World;
const held = (inventory: Record<string, number>, at: [number, number, number] = [0, 1, 0]) => [walkerAt('ada', at, { inventory })];
const lying = (stage: Stage) => Array.from({ length: MAX_PILES }, (_, row) => stage.view.pile(row)).filter((pile) => pile !== undefined);

describe('craft', () => {
  it('makes items by hand, as many as are asked for', () => {
    const stage = smallStage(survive({ agents: held({ oak_log: 2 }) }));
    expect(stage.done('craft', { item: 'oak_planks', count: 8 }).facts).toMatchObject({ made: 8, held: { oak_planks: 8 } });
    expect(stage.done('craft', { item: 'crafting_table' }).facts.held).toEqual({ oak_planks: 4, crafting_table: 1 });
  });

  it('walks to the station that it needs, and burns fuel', () => {
    const layers = [...plain(10, 10), ['..........', '..........', '.......C..', ...Array.from({ length: 7 }, () => '..........')]];
    const world = { structures: [{ layers, palette: { '#': 'stone', C: 'crafting_table' }, at: [0, 0, 0] }] };
    const stage = smallStage(survive({ layers, agents: held({ oak_planks: 3, stick: 2 }), rest: { world } }));
    expect(stage.done('craft', { item: 'wooden_pickaxe' }).facts.made).toBe(1);
    expect(stage.view.x()).toBeGreaterThan(2);
    const oven = { structures: [{ layers, palette: { '#': 'stone', C: 'furnace' }, at: [0, 0, 0] }] };
    const smelter = smallStage(survive({ layers, agents: held({ raw_iron: 1, coal: 1 }), rest: { world: oven } }));
    const { facts } = smelter.done('craft', { item: 'iron_ingot' });
    expect(facts).toMatchObject({ made: 1, held: { iron_ingot: 1 } });
    expect(facts.ticks as number).toBeGreaterThan(200);
    const cold = smallStage(survive({ layers, agents: held({ raw_iron: 1, stick: 1 }), rest: { world: oven } }));
    expect(cold.refused('craft', { item: 'iron_ingot' }, 'missing-fuel').facts).toMatchObject({ neededTicks: 200, fuelTicks: 100 });
  });

  it('says what is missing, by item and number', () => {
    const stage = smallStage(survive({ agents: held({ oak_planks: 2, stick: 1 }) }));
    expect(stage.refused('craft', { item: 'wooden_pickaxe' }, 'missing-ingredients').facts).toMatchObject({
      missing: { oak_planks: 1, stick: 1 },
    });
    expect(stage.refused('craft', { item: 'wooden_pikaxe' }, 'unknown-recipe').sentence).toContain('Did you mean "wooden_pickaxe"?');
    const able = smallStage(survive({ agents: held({ oak_planks: 3, stick: 2 }) }));
    expect(able.refused('craft', { item: 'wooden_pickaxe' }, 'no-station').facts).toMatchObject({
      station: 'crafting_table',
      stationsHeld: 0,
    });
    smallStage({ layers: plain(3, 3) }).refused('craft', { item: 'stick' }, 'unknown-recipe');
    const beyond = [['L'.repeat(20)], [`##${'.'.repeat(16)}##`], [`..................C.`]];
    const world = {
      diggable: 'none',
      structures: [{ layers: beyond, palette: { '#': 'stone', L: 'lava', C: 'crafting_table' }, at: [0, 0, 0] }],
    };
    const apart = smallStage(survive({ layers: beyond, agents: held({ oak_planks: 3, stick: 2 }, [0, 2, 0]), rest: { world } }));
    expect(apart.refused('craft', { item: 'wooden_pickaxe' }, 'no-way').facts.because).toBe('gap');
    const numb = smallStage(survive({ agents: held({ oak_log: 1 }) }));
    numb.others = (actions) => actions.fill(0);
    numb.refused('craft', { item: 'oak_planks' }, 'stuck');
  });
});

describe('attack', () => {
  const cow = {
    survival: {
      ...CALM,
      mobs: [
        {
          kind: 'cow',
          spawn: {
            region: [
              [5, 1, 5],
              [8, 3, 8],
            ],
          },
        },
      ],
    },
  };

  it('hunts a mob down', () => {
    const stage = smallStage(survive({ rest: cow, agents: held({ iron_sword: 1 }) }));
    const { facts } = stage.done('attack', { target: 'cow' });
    expect(facts).toMatchObject({ isDead: true });
    expect(facts.hits as number).toBeGreaterThan(0);
    stage.refused('attack', { target: 'cow' }, 'target-gone');
    stage.refused('attack', { target: 'cow 0' }, 'target-gone');
  });

  it('stops after so many hits, and fights agents where that is allowed', () => {
    const agents = [walkerAt('ada', [0, 1, 0], { team: 'a' }), walkerAt('bob', [4, 1, 4], { team: 'b' })];
    const stage = smallStage(survive({ agents, rest: { survival: CALM } }));
    expect(stage.done('attack', { target: 'bob', hits: 2 }).facts).toMatchObject({ hits: 2, isDead: false });
  });

  it('refuses whom it may not fight, and gives up what it cannot hit', () => {
    smallStage({ layers: plain(3, 3) }).refused('attack', { target: 'cow' }, 'no-fighting');
    const friends = [walkerAt('ada', [0, 1, 0]), walkerAt('bob', [4, 1, 4])];
    const peace = { survival: { ...CALM, attack: { enabled: false } } };
    smallStage(survive({ agents: friends, rest: peace })).refused('attack', { target: 'bob' }, 'no-fighting');
    const team = smallStage(survive({ agents: friends, rest: { survival: CALM } }));
    team.refused('attack', { target: 'bob' }, 'same-team');
    team.refused('attack', { target: 'ada' }, 'self');
    const stage = smallStage(survive({ rest: cow }));
    expect(stage.refused('attack', { target: 'zombie' }, 'unknown-target').facts.known).toEqual(['cow']);
    expect(stage.refused('attack', { target: 'cow', minHealth: 20 }, 'too-hurt').facts.health).toBe(20);
    stage.others = (actions) => actions.fill(0);
    expect(stage.refused('attack', { target: 'cow' }, 'not-hit').facts).toMatchObject({ hits: 0, reachMetres: 2.75 });
  });
});

describe('pickUp and carryTo with items', () => {
  it('lays items down where it is told to, and picks them up again', () => {
    const stage = smallStage(survive({ agents: held({ apple: 3 }) }));
    expect(stage.done('carryTo', { what: 'apple', count: 2, x: 6, y: 1, z: 6 }).facts).toMatchObject({ laid: 2, at: [6, 1, 6] });
    expect(lying(stage)).toMatchObject([{ x: 6, y: 1, z: 6, item: itemByName('apple').id, count: 2 }]);
    stage.done('moveTo', { x: 0, y: 1, z: 0 });
    expect(stage.done('pickUp', { what: 'apple' }).facts.gained).toEqual({ apple: 2 });
    expect(stage.refused('pickUp', {}, 'nothing-there').facts.numPiles).toBe(0);
  });

  it('refuses what is not held, known, allowed or reached', () => {
    const stage = smallStage(survive({ agents: held({ apple: 1 }) }));
    expect(stage.refused('carryTo', { what: 'apple', count: 2, x: 3, y: 1, z: 3 }, 'not-held').facts).toMatchObject({
      heldCount: 1,
      neededCount: 2,
    });
    stage.refused('carryTo', { what: 'aple', x: 3, y: 1, z: 3 }, 'unknown-item');
    stage.refused('carryTo', { what: 'apple', x: 30, y: 1, z: 3 }, 'outside-world');
    stage.refused('pickUp', { what: 'aple' }, 'unknown-item');
    expect(stage.refused('carryTo', { what: 'apple', x: 3, y: 0, z: 3 }, 'no-way').facts.because).toBe('no-standing-room');
    smallStage({ layers: plain(3, 3), agents: held({ apple: 1 }) }).refused('carryTo', { what: 'apple', x: 1, y: 1, z: 1 }, 'no-dropping');
    stage.others = (actions) => actions.fill(0);
    stage.refused('carryTo', { what: 'apple', x: 3, y: 1, z: 3 }, 'stuck');
  });

  it('refuses piles that it cannot reach, or has no room for', () => {
    const stage = smallStage(survive({ agents: held({ apple: 1 }) }));
    stage.done('carryTo', { what: 'apple', x: 5, y: 1, z: 5 });
    stage.done('moveTo', { x: 0, y: 1, z: 0 });
    stage.others = (actions) => actions.fill(0);
    stage.refused('pickUp', { what: 'apple' }, 'stuck');
    // Bob, whose bag is full of tools, finds what ada laid down.
    const tools = ['wooden', 'stone', 'iron', 'diamond'].flatMap((tier) => [`${tier}_sword`, `${tier}_axe`]);
    const bag = Object.fromEntries([...tools, 'iron_hoe'].map((name) => [name, 1]));
    const agents = [walkerAt('bob', [9, 1, 9], { inventory: bag }), walkerAt('ada', [4, 1, 4], { inventory: { apple: 1 } })];
    const full = smallStage(survive({ agents }));
    full.others = (actions, tick) => {
      actions[18] = tick === 0 ? 6 : 0;
      actions[11] = tick > 5 && tick < 25 ? 1 : 0;
    };
    full.idle(80);
    expect(lying(full)).toHaveLength(1);
    full.refused('pickUp', {}, 'no-room');
  });
});

describe('give', () => {
  const two = (at: [number, number, number]) => [...held({ apple: 3 }), walkerAt('bob', at)];

  it('brings items to another and hands them over', () => {
    const stage = smallStage(survive({ agents: two([7, 1, 7]) }));
    expect(stage.done('give', { to: 'bob', item: 'apple', count: 2 }).facts).toMatchObject({ given: 2, wanted: 2, to: 'bob' });
  });

  it('trades with a trader for what it offers', () => {
    const mobs = [
      {
        kind: 'villager',
        spawn: {
          region: [
            [5, 1, 5],
            [6, 1, 6],
          ],
        },
        trades: [{ wants: 'apple', wantsCount: 2, gives: 'emerald' }],
      },
    ];
    const stage = smallStage(survive({ agents: held({ apple: 3 }), rest: { survival: { ...CALM, mobs } } }));
    expect(stage.refused('give', { to: 'villager', item: 'apple', count: 2 }, 'not-held').facts).toMatchObject({
      heldCount: 3,
      neededCount: 4,
    });
    expect(stage.done('give', { to: 'villager', item: 'apple' }).facts).toMatchObject({ given: 1, gained: { emerald: 1 } });
    expect(stage.refused('give', { to: 'villager', item: 'emerald' }, 'no-offer').facts.offers).toEqual(['1 emerald for 2 apple']);
  });

  it('refuses nobody, nothing, and who takes nothing', () => {
    smallStage({ layers: plain(3, 3), agents: two([2, 1, 2]) }).refused('give', { to: 'bob', item: 'apple' }, 'no-giving');
    const stage = smallStage(survive({ agents: two([7, 1, 7]) }));
    stage.refused('give', { to: 'bop', item: 'apple' }, 'unknown-target');
    stage.refused('give', { to: 'ada', item: 'apple' }, 'self');
    stage.refused('give', { to: 'bob', item: 'appel' }, 'unknown-item');
    stage.refused('give', { to: 'bob', item: 'stone' }, 'not-held');
    stage.others = (actions) => actions.fill(0);
    expect(stage.refused('give', { to: 'bob', item: 'apple' }, 'not-taken').facts).toMatchObject({ given: 0, wanted: 1 });
  });
});

describe('use in survival', () => {
  it('eats, and refuses to when full', () => {
    const hungry = smallStage(survive({ agents: held({ bread: 2, stick: 1 }), rest: { survival: { hunger: { everyTicks: 4 } } } }));
    expect(hungry.refused('use', { item: 'bread' }, 'not-hungry').facts).toMatchObject({ food: 20, maxFood: 20 });
    hungry.idle(40);
    expect(hungry.done('use', { item: 'bread' }).facts.food as number).toBeLessThan(20);
    expect(hungry.view.itemAt(0)).toBe(itemByName('bread').id);
    expect(hungry.view.countAt(0)).toBe(1);
    hungry.refused('use', { item: 'stick' }, 'not-usable');
    hungry.refused('use', { item: 'apple' }, 'not-held');
    hungry.done('use', { item: 'bread' });
    expect(hungry.refused('use', { item: 'bread' }, 'not-held').facts.held).toEqual({ stick: 1 });
  });

  it('tills soil with a hoe, and says that it takes one', () => {
    const layers = [['DDDDDD']];
    const stage = smallStage(survive({ layers, agents: held({ iron_hoe: 1 }) }));
    expect(stage.done('use', { x: 3, y: 0, z: 0 }).facts.block).toBe('farmland');
    expect(smallStage(survive({ layers })).refused('use', { x: 3, y: 0, z: 0 }, 'not-usable').facts.needs).toBe('hoe');
  });

  it('takes a bed by night only', () => {
    const layers = [...plain(5, 1), ['...B.']];
    const world = { structures: [{ layers, palette: { '#': 'stone', B: 'white_bed' }, at: [0, 0, 0] }] };
    const day = smallStage(survive({ layers, rest: { world, survival: { ...CALM, day: { lengthTicks: 2000 } } } }));
    day.refused('use', { x: 3, y: 1, z: 0 }, 'not-night');
    const night = smallStage(survive({ layers, rest: { world, survival: { ...CALM, day: { lengthTicks: 2000, startTick: 1400 } } } }));
    expect(night.view.isNight).toBe(true);
    expect(night.done('use', { x: 3, y: 1, z: 0 }).sentence).toBe('You slept, and it is day.');
  });
});
