/** Refusals that need a world of their own: targets that die, ways that are shut for those who follow or plan, goals high up. */
import { describe, expect, it } from 'vitest';
import { walkerAt } from '../small-worlds.js';
import { plain, type Stage, smallStage } from './call-skill.js';

const CALM = { survival: { hunger: { everyTicks: 0 } } } as never;
const over = (row: string) => [['L'.repeat(row.length)], [row]];

describe('whoever is named', () => {
  /** Bob stands before lava, and walks into it once the stage says so. */
  const doomed = (): Stage => {
    const layers = [
      ['########', '########', '########'],
      ['......LL', '......LL', '......LL'],
    ];
    const stage = smallStage({
      layers,
      agents: [walkerAt('ada', [0, 1, 1], { inventory: { apple: 1 } }), walkerAt('bob', [4, 1, 1])],
      rest: CALM,
    });
    stage.others = (actions) => {
      actions[11] = 1;
    };
    return stage;
  };

  it('may die while one follows it, or brings it something', () => {
    expect(doomed().refused('follow', { target: 'bob', ticks: 400, distance: 6 }, 'target-gone').facts.target).toBe('bob');
    const giver = doomed();
    giver.idle(30);
    const row = giver.others;
    giver.others = (actions, tick) => {
      actions.fill(0, 0, 11);
      row(actions, tick);
    };
    expect(giver.refused('give', { to: 'bob', item: 'apple' }, 'target-gone').facts.given).toBe(0);
    for (const name of ['lookAt', 'inspect', 'follow']) giver.refused(name, { target: 'bob' }, 'target-gone');
  });

  it('is not oneself, and a view that something holds does not get there', () => {
    const stage = smallStage({ layers: plain(4, 4) });
    stage.refused('lookAt', { target: 'ada' }, 'self');
    stage.refused('inspect', { target: 'ada' }, 'self');
    stage.others = (actions) => actions.fill(0);
    stage.refused('lookAt', { x: 0, y: 1, z: 3 }, 'stuck');
  });
});

describe('ways', () => {
  const doors = {
    world: {
      diggable: 'none',
      structures: [{ layers: [['#####'], ['..O..'], ['..O..']], palette: { '#': 'stone', O: 'oak_door' }, at: [0, 0, 0] }],
    },
  } as never;
  const ada = walkerAt('ada', [0, 1, 0]);
  const cases = [
    ['wall', smallWorld([['#####'], ['..#..'], ['..#..'], ['..#..']], 1)],
    ['closed', { ...smallWorld([['#####'], ['..O..'], ['..O..']], 1), rest: doors }],
    ['drop', smallWorld([['#####'], ['##...'], ['##...'], ['##...'], ['##...'], ['##...']], 6)],
    [
      'forbidden',
      {
        ...smallWorld([['#####']], 1),
        task: {
          all: [
            { elapsed: { ticks: 90_000 } },
            {
              never: {
                reach: {
                  agents: 'ada',
                  region: [
                    [2, 1, 0],
                    [2, 3, 0],
                  ],
                },
              },
            },
          ],
        } as never,
      },
    ],
  ] as const;

  function smallWorld(layers: string[][], y: number) {
    return { layers, agents: [walkerAt('ada', [0, y, 0]), walkerAt('bob', [4, 1, 0])], rest: { world: { diggable: 'none' } } as never };
  }

  it.each(cases)('that end at a %s are refused to those who follow', (code, world) => {
    smallStage(world).refused('follow', { target: 'bob', distance: 1 }, code);
  });

  it.each(cases)('that end at a %s are refused to those who plan', (code, world) => {
    smallStage({ ...world, agents: [world.agents[0]] }).refused('plan', { x: 4, y: 1, z: 0 }, code);
  });

  it('to a goal straight above are refused with the nearest cell and what is left', () => {
    const layers = [
      ...plain(5, 5),
      ...Array.from({ length: 4 }, (_, y) => Array.from({ length: 5 }, (_, z) => (y === 3 && z === 2 ? '..#..' : '.....'))),
    ];
    const stage = smallStage({ layers, agents: [ada] });
    const at = { x: 2, y: 5, z: 2 };
    expect(stage.refused('moveTo', at, 'no-way').facts).toMatchObject({ nearest: [2, 1, 2], leftMetres: 4, blocksHeld: 0 });
    expect(stage.refused('plan', at, 'no-way').facts.nearest).toEqual([2, 1, 2]);
    const up = smallStage({ layers, agents: [ada, walkerAt('bob', [2, 5, 2])] });
    up.refused('follow', { target: 'bob', distance: 1 }, 'no-way');
  });

  it('to items across a gap are refused with what blocks them', () => {
    const stage = smallStage({
      layers: over(`##########${'.'.repeat(8)}##`),
      agents: [walkerAt('ada', [0, 2, 0]), walkerAt('bob', [18, 2, 0], { inventory: { apple: 1 } })],
      rest: { ...(CALM as object), world: { diggable: 'none' } } as never,
    });
    stage.others = (actions, tick) => {
      actions[11 + 7] = tick === 1 ? 6 : 0;
      actions[11] = tick > 3 && tick < 12 ? 1 : 0;
    };
    stage.idle(30);
    expect(stage.refused('pickUp', { what: 'apple' }, 'no-way').facts.because).toBe('gap');
  });
});

describe('placeBlock', () => {
  it('names the ground that seeds need', () => {
    const stage = smallStage({ layers: plain(4, 4), agents: [walkerAt('ada', [0, 1, 0], { inventory: { wheat_seeds: 1 } })], rest: CALM });
    expect(stage.refused('placeBlock', { x: 2, y: 1, z: 2, item: 'wheat_seeds' }, 'wrong-ground').facts).toMatchObject({
      needs: 'farmland',
      below: 'stone',
    });
  });
});
