/** Survival as an agent meets it: predicates over what it did, vitals and craftable recipes in what it sees, masks of what it can begin. */
import { createEnv } from '@kinovox/env';
import { INTERACT, type ScenarioInput } from '@kinovox/world';
import { describe, expect, it } from 'vitest';

function play(task: object, more: Partial<ScenarioInput> = {}) {
  return createEnv({
    scenario: {
      version: 1,
      id: 'survival-play-v1',
      title: 'A day outdoors',
      world: { size: [16, 12, 16], terrain: { generator: 'flat', ground: 3 }, edits: [{ set: 'white_bed', at: [8, 4, 7] }] },
      agents: [
        { id: 'ada', team: 'red', body: 'walker', spawn: { at: [8, 3, 8], yawDeg: 0 }, inventory: { oak_log: 2 } },
        { id: 'bob', team: 'blue', body: 'walker', spawn: { at: [6, 3, 8], yawDeg: -90 }, inventory: { iron_sword: 1 } },
      ],
      task,
      episode: { maxTicks: 300 },
      survival: {
        day: { lengthTicks: 2400, startTick: 1500, sleepTicks: 10 },
        hunger: { everyTicks: 0 },
        attack: { knockback: 0, knockbackUp: 0 },
      },
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

  it('slept holds after a night of which all slept enough, survived after the ticks of a life', async () => {
    const slept = await play({ slept: { agents: 'ada' } });
    expect(ticksToSuccess(slept, { ada: { interact: INTERACT.sleep } }), 'bob is up').toBeUndefined();
    const survived = await play({ survived: { agents: 'ada', ticks: 50 } });
    expect(ticksToSuccess(survived, {})).toBe(50);
  });

  it('killed holds for the one who struck', async () => {
    const env = await play({ killed: { agents: 'bob' } });
    expect(ticksToSuccess(env, { bob: { interact: INTERACT.attack } })).toBeGreaterThan(20);
    const other = await play({ killed: { agents: 'ada' } });
    expect(ticksToSuccess(other, { bob: { interact: INTERACT.attack } })).toBeUndefined();
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
});
