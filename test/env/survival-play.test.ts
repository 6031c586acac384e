/** Survival as an agent meets it: predicates over what it did, vitals and craftable recipes in what it sees, masks of what it can begin. */
import { createEnv, spaceContains } from '@kinovox/env';
import { INTERACT, type ScenarioInput } from '@kinovox/world';
import { describe, expect, it } from 'vitest';

const ADA = { id: 'ada', team: 'red', body: 'walker', spawn: { at: [8, 3, 8], yawDeg: 0 }, inventory: { oak_log: 2 } } as const;
const BOB = { id: 'bob', team: 'blue', body: 'walker', spawn: { at: [6, 3, 8], yawDeg: -90 }, inventory: { iron_sword: 1 } } as const;
/** Night, and nothing that changes by itself. */
const SURVIVAL = {
  day: { lengthTicks: 2400, startTick: 1500, sleepTicks: 10 },
  hunger: { everyTicks: 0 },
  attack: { knockback: 0, knockbackUp: 0 },
} as const;
/** The same ground without a bed in the view of ada. */
const OPEN: ScenarioInput['world'] = { size: [16, 12, 16], terrain: { generator: 'flat', ground: 3 } };
/** Where a mob stands two blocks before ada. */
const BEFORE_ADA = {
  region: [
    [8, 3, 6],
    [8, 3, 6],
  ],
};

function play(task: object, more: Partial<ScenarioInput> = {}) {
  return createEnv({
    scenario: {
      version: 1,
      id: 'survival-play-v1',
      title: 'A day outdoors',
      world: { size: [16, 12, 16], terrain: { generator: 'flat', ground: 3 }, edits: [{ set: 'white_bed', at: [8, 4, 7] }] },
      agents: [ADA, BOB],
      task,
      episode: { maxTicks: 300 },
      survival: SURVIVAL,
      ...more,
    } as ScenarioInput,
    seed: 3,
  });
}

/** Ticks until ada's episode ends well, or undefined. */
function ticksToSuccess(env: Awaited<ReturnType<typeof play>>, action: Record<string, object>): number | undefined {
  env.reset();
  for (let tick = 1; tick <= 300; tick++) {
    const step = env.step(action as never);
    if (step.terminations.ada) return step.infos.ada.outcome?.outcome === 'succeeded' ? tick : undefined;
    if (step.truncations.ada) return undefined;
  }
  return undefined;
}

describe('the predicate', () => {
  it('crafted holds once so many were made', async () => {
    const env = await play({ crafted: { agents: 'ada', item: 'oak_planks', atLeast: 8 } });
    const argument = 1 + env.batch.engine.program.survival!.recipeNames.indexOf('oak_planks');
    expect(ticksToSuccess(env, { ada: { interact: INTERACT.craft, argument } })).toBe(2);
    expect(ticksToSuccess(env, { ada: {} })).toBeUndefined();
  });

  it('slept holds after a night of which all slept enough, and not while one is up', async () => {
    const slept = { slept: { agents: 'ada' } };
    expect(ticksToSuccess(await play(slept, { agents: [ADA] }), { ada: { interact: INTERACT.sleep } })).toBe(10);
    expect(ticksToSuccess(await play(slept), { ada: { interact: INTERACT.sleep } }), 'bob is up').toBeUndefined();
    const noon = { ...SURVIVAL, day: { lengthTicks: 0 } } as const;
    expect(ticksToSuccess(await play(slept, { agents: [ADA], survival: noon }), { ada: { interact: INTERACT.sleep } })).toBeUndefined();
  });

  it('survived holds after the ticks of a life', async () => {
    const survived = await play({ survived: { agents: 'ada', ticks: 50 } });
    expect(ticksToSuccess(survived, {})).toBe(50);
  });

  it('killed holds for the one who struck', async () => {
    const env = await play({ killed: { agents: 'bob' } });
    expect(ticksToSuccess(env, { bob: { interact: INTERACT.attack } })).toBeGreaterThan(20);
    const other = await play({ killed: { agents: 'ada' } });
    expect(ticksToSuccess(other, { bob: { interact: INTERACT.attack } })).toBeUndefined();
  });

  it('killed counts mobs by their name', async () => {
    const survival = {
      ...SURVIVAL,
      mobs: [
        { kind: 'cow', name: 'berta', health: 1, speed: 0, spawn: BEFORE_ADA },
        { kind: 'pig', count: 0 },
      ],
    } as ScenarioInput['survival'];
    const attack = { ada: { interact: INTERACT.attack } };
    const world = OPEN;
    expect(ticksToSuccess(await play({ killed: { agents: 'ada', mob: 'berta' } }, { survival, world }), attack)).toBe(1);
    expect(ticksToSuccess(await play({ killed: { agents: 'ada', mob: 'pig' } }, { survival, world }), attack)).toBeUndefined();
    expect(ticksToSuccess(await play({ killed: { agents: 'ada' } }, { survival, world }), attack), 'no agent died').toBeUndefined();
    await expect(play({ killed: { agents: 'ada', mob: 'bert' } }, { survival })).rejects.toThrow(/must name mobs.*Did you mean "berta"\?/);
  });

  it('traded holds for who received, from a trader or from an agent', async () => {
    const trades = [{ wants: 'oak_log', wantsCount: 2, gives: 'apple' }];
    const survival = {
      ...SURVIVAL,
      mobs: [{ kind: 'villager', speed: 0, trades, spawn: BEFORE_ADA }],
    } as ScenarioInput['survival'];
    const give = (who: string) => ({ [who]: { interact: INTERACT.give } });
    const traded = async (body: object, who: string) =>
      ticksToSuccess(await play({ traded: { agents: 'ada', ...body } }, { survival, world: OPEN }), give(who));
    expect(await traded({ item: 'apple', from: 'traders' }, 'ada')).toBe(1);
    expect(await traded({ item: 'bread', from: 'traders' }, 'ada')).toBeUndefined();
    expect(await traded({ from: 'agents' }, 'ada')).toBeUndefined();
    expect(await traded({ item: 'iron_sword', from: 'agents' }, 'bob')).toBe(1);
    expect(await traded({ from: 'traders' }, 'bob')).toBeUndefined();
    await expect(play({ traded: { agents: 'ada', from: 'traders' } })).rejects.toThrow(/must have a mob that trades/);
  });

  it('ate holds after a bite, placed after a block', async () => {
    const hungry = { ...SURVIVAL, hunger: { everyTicks: 5 } };
    const fed = { agents: [{ ...ADA, inventory: { apple: 2 } }], survival: hungry } as Partial<ScenarioInput>;
    expect(ticksToSuccess(await play({ ate: { agents: 'ada', item: 'apple' } }, fed), { ada: { interact: INTERACT.eat } })).toBe(5 + 32);
    expect(ticksToSuccess(await play({ ate: { agents: 'ada', item: 'bread' } }, fed), { ada: { interact: INTERACT.eat } })).toBeUndefined();
    const world = { ...OPEN, edits: [{ set: 'stone', at: [8, 4, 5] }] } as ScenarioInput['world'];
    const place = { ada: { interact: INTERACT.place } };
    expect(ticksToSuccess(await play({ placed: { agents: 'ada', block: 'oak_log' } }, { world }), place)).toBe(1);
    expect(ticksToSuccess(await play({ placed: { agents: 'ada', block: 'dirt' } }, { world }), place)).toBeUndefined();
  });

  it('healthBelow holds for who starves', async () => {
    const hunger = { everyTicks: 1, starveEveryTicks: 5, starveDamage: 4 };
    const starving = await play({ healthBelow: { agents: 'ada', health: 13 } }, { survival: { ...SURVIVAL, hunger } });
    // Food is gone at tick 20; the second loss of four half hearts comes nine ticks later.
    expect(ticksToSuccess(starving, {})).toBe(29);
    expect(ticksToSuccess(await play({ healthBelow: { agents: 'ada', health: 13 } }), {})).toBeUndefined();
  });

  it('misses nothing in a tick with more events than are stored', async () => {
    const spawn = {
      region: [
        [0, 3, 0],
        [15, 3, 15],
      ],
    };
    const env = await play(
      { crafted: { agents: 'all', item: 'oak_planks', atLeast: 4 } },
      { agents: [{ id: 'bot', count: 100, body: 'walker', spawn, inventory: { oak_log: 1 } }] as ScenarioInput['agents'] },
    );
    env.reset();
    const argument = 1 + env.batch.engine.program.survival!.recipeNames.indexOf('oak_planks');
    const { terminations } = env.step(Object.fromEntries(env.agents.map((id) => [id, { interact: INTERACT.craft, argument }])));
    expect([Object.keys(terminations).length, Object.values(terminations).every((ended) => ended)]).toEqual([100, true]);
  });
});

describe('an agent', () => {
  it('sees what it can make and how it fares, and is told what it can begin', async () => {
    const env = await play({ survived: { agents: 'ada', ticks: 200 } });
    const { observations, infos } = env.reset();
    const { recipeNames } = env.batch.engine.program.survival!;
    const planks = recipeNames.indexOf('oak_planks');
    expect([observations.ada.craftable?.[planks], observations.bob.craftable?.[planks]]).toEqual([1, 0]);
    expect(observations.ada.vitals?.slice(0, 2)).toEqual(Float32Array.of(1, 1));
    const mask = infos.ada.actionMask!;
    expect([mask[INTERACT.craft], mask[INTERACT.eat], mask[INTERACT.drop], mask[INTERACT.sleep], mask[10 + 1 + planks]]).toEqual([
      1, 0, 1, 1, 1,
    ]);
    expect([infos.bob.actionMask![INTERACT.craft], infos.bob.actionMask![INTERACT.attack]]).toEqual([0, 1]);
  });

  it('sees the mobs near it by kind, and is told which offers of the trader before it can be paid', async () => {
    const trades = [
      { wants: 'coal', gives: 'apple' },
      { wants: 'oak_log', gives: 'bread' },
    ];
    const mobs = [
      {
        kind: 'cow',
        speed: 0,
        spawn: {
          region: [
            [2, 3, 2],
            [2, 3, 2],
          ],
        },
      },
      { kind: 'villager', speed: 0, trades, spawn: BEFORE_ADA },
    ];
    const survival = { ...SURVIVAL, mobs } as ScenarioInput['survival'];
    const env = await play({ survived: { agents: 'ada', ticks: 200 } }, { survival, world: OPEN });
    const { observations, infos } = env.reset();
    const seen = env.describe('ada').mobs!;
    expect(seen.map(({ kind, dx, dy, dz, health }) => [kind, dx, dy, dz, health])).toEqual([
      [2, 0, 0, -2, 1],
      [1, -6, 0, -6, 1],
    ]);
    const offers = 10 + 1;
    const mask = infos.ada.actionMask!;
    expect([mask[INTERACT.give], mask[offers + 1], infos.bob.actionMask![INTERACT.give]]).toEqual([1, 1, 1]);
    expect(spaceContains(env.observationSpace('ada'), observations.ada)).toBe(true);
  });
});
