/** Skills that move a walker or its view: what they do, and each way in which they refuse. */
import { describe, expect, it } from 'vitest';
import { walkerAt } from '../small-worlds.js';
import { plain, smallStage } from './call-skill.js';

/** A row of ground over lava, one cell deep on each side so that nobody walks around. */
const over = (row: string) => [['L'.repeat(row.length)], [row]];
const ada = walkerAt('ada', [0, 2, 0]);
const low = (rest: object = {}) => walkerAt('ada', [0, 1, 0], rest);

describe('moveTo', () => {
  it('walks to a cell and says where it stands', () => {
    const stage = smallStage({ layers: plain(8, 8) });
    const { facts, sentence } = stage.done('moveTo', { x: 6, y: 1, z: 5 });
    expect(stage.view.cellOf()).toEqual([6, 1, 5]);
    expect(facts.at).toEqual([6.5, 1, 5.5].map((value) => expect.closeTo(value, 0)));
    expect(sentence).toMatch(/^You are at 6\.\d 1 5\.\d after \d/);
  });

  it('bridges a gap with blocks that it holds, and counts them', () => {
    const agents = [walkerAt('ada', [0, 2, 0], { inventory: { planks: 6 } })];
    const stage = smallStage({ layers: over('##.....##'), agents });
    expect(stage.done('moveTo', { x: 8, y: 2, z: 0 }).facts.blocksChanged).toBe(-2);
    expect(stage.view.cellOf()).toEqual([8, 2, 0]);
  });

  it('refuses a gap with its width, what a jump carries, and what bridging takes', () => {
    const agents = [walkerAt('ada', [0, 2, 0], { inventory: { planks: 1 } })];
    const stage = smallStage({ layers: over('##......##'), agents });
    const { facts, sentence } = stage.refused('moveTo', { x: 9, y: 2, z: 0 }, 'gap');
    expect(facts).toMatchObject({ gapBlocks: 6, jumpBlocks: 3, bridgeBlocks: 3, blocksHeld: 1, at: [2, 2, 0], axis: 'x', below: 'lava' });
    expect(sentence).toBe(
      'A gap of 6 blocks between x 2 and x 7 blocks the way, over lava 1 down; a sprint jump carries 3. You hold 1 block to build with; bridging takes 3, and a jump over the rest.',
    );
  });

  it('says so where one cannot jump, or may not place', () => {
    const agents = [walkerAt('ada', [0, 2, 0], { body: { type: 'walker', jump: false }, can: { place: false } })];
    const { sentence } = smallStage({ layers: over('#.#'), agents }).refused('moveTo', { x: 2, y: 2, z: 0 }, 'gap');
    expect(sentence).toContain('A gap of 1 block at x 1');
    expect(sentence).toContain('you cannot jump. You may not place blocks; bridging would take 1.');
  });

  it('refuses a wall with its height and whether it can be dug', () => {
    const layers = [['####'], ['..#.'], ['..#.'], ['..#.']];
    const { facts } = smallStage({ layers, agents: [low()], rest: { world: { diggable: 'none' } as never } }).refused(
      'moveTo',
      { x: 3, y: 1, z: 0 },
      'wall',
    );
    expect(facts).toMatchObject({ block: 'stone', at: [2, 1, 0], heightBlocks: 3, thicknessBlocks: 1, climbBlocks: 1, canDig: false });
    const through = smallStage({ layers, agents: [low()] });
    through.done('moveTo', { x: 3, y: 1, z: 0 });
    expect(through.view.cellOf()).toEqual([3, 1, 0]);
    expect(smallStage({ layers, agents: [low()] }).refused('moveTo', { x: 3, y: 1, z: 0, edit: false }, 'wall').facts.canDig).toBe(true);
  });

  it('refuses a drop that is too deep, a cell without room, one without ground, and one outside', () => {
    const cliff = [['#####'], ['##...'], ['##...'], ['##...'], ['##...'], ['##...']];
    const stage = smallStage({ layers: cliff, agents: [walkerAt('ada', [0, 6, 0])], rest: { world: { diggable: 'none' } as never } });
    expect(stage.refused('moveTo', { x: 4, y: 1, z: 0 }, 'drop').facts).toMatchObject({ depthBlocks: 5, dropBlocks: 3 });
    expect(stage.refused('moveTo', { x: 0, y: 3, z: 0 }, 'no-standing-room').sentence).toContain('stone fills it');
    expect(stage.refused('moveTo', { x: 1, y: 8, z: 0 }, 'no-standing-room').facts.nearest).toEqual([1, 6, 0]);
    expect(stage.refused('moveTo', { x: 5, y: 1, z: 0 }, 'outside-world').facts.most).toEqual([4, 9, 0]);
  });

  it('refuses what the task forbids, and names the door that is shut', () => {
    const forbidden = smallStage({
      layers: plain(5, 1),
      agents: [low()],
      task: {
        all: [
          { elapsed: { ticks: 90 } },
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
      },
    });
    expect(forbidden.refused('moveTo', { x: 4, y: 1, z: 0 }, 'forbidden').facts.at).toEqual([2, 1, 0]);
    const layers = [['####'], ['..O.'], ['..O.']];
    const world = { structures: [{ layers, palette: { '#': 'stone', O: 'oak_door' }, at: [0, 0, 0] }], diggable: 'none' };
    const shut = smallStage({ layers, agents: [low()], rest: { world: world as never } });
    expect(shut.refused('moveTo', { x: 3, y: 1, z: 0 }, 'closed').sentence).toBe(
      'A closed oak_door at 2 1 0 blocks the way; use it to open it.',
    );
    const mechanism = {
      id: 'gate',
      when: { any: [{ clock: { everyTicks: 400, onTicks: 100, fromTick: 300 } }] },
      effects: [
        {
          region: [
            [2, 1, 0],
            [2, 2, 0],
          ],
          on: 'air',
          off: 'iron_block',
        },
      ],
    };
    const barred = smallStage({
      layers: plain(4, 1),
      agents: [low()],
      rest: { mechanisms: [mechanism], world: { diggable: 'none' } } as never,
    });
    expect(barred.refused('moveTo', { x: 3, y: 1, z: 0 }, 'closed').facts).toMatchObject({ mechanism: 'gate', block: 'iron_block' });
  });

  it('gives up where nothing moves, and says what is before it', () => {
    const stage = smallStage({ layers: plain(6, 1), agents: [low(), walkerAt('bob', [1, 1, 0])] });
    // Something holds it: no key reaches the body.
    stage.others = (actions) => actions.fill(0);
    const { facts, sentence } = stage.refused('moveTo', { x: 5, y: 1, z: 0 }, 'stuck');
    expect(facts).toMatchObject({ idleTicks: 160, before: 'bob at 1 1 0', beforeAt: [1, 1, 0] });
    expect(sentence).toBe('On the way to 5 1 0: nothing has moved for 8 s at 0.5 1 0.5. Before you: bob at 1 1 0.');
  });
});

describe('follow and lookAt', () => {
  const two = [walkerAt('ada', [0, 1, 0]), walkerAt('bob', [6, 1, 6])];

  it('stays near somebody who moves', () => {
    const stage = smallStage({ layers: plain(12, 12), agents: two });
    stage.others = (actions, tick) => {
      actions[11] = tick < 60 ? 1 : 0;
    };
    const { facts } = stage.done('follow', { target: 'bob', distance: 2, ticks: 160 });
    expect(facts.metres as number).toBeLessThan(2.6);
    expect(facts.nearTicks as number).toBeGreaterThan(40);
  });

  it('refuses names that are nobody, itself, and whom it cannot reach', () => {
    const stage = smallStage({ layers: plain(12, 12), agents: two });
    expect(stage.refused('follow', { target: 'bop' }, 'unknown-target').sentence).toContain('Did you mean "bob"?');
    stage.refused('follow', { target: 'ada' }, 'self');
    const apart = smallStage({ layers: over('##........##'), agents: [ada, walkerAt('bob', [11, 2, 0])] });
    expect(apart.refused('follow', { target: 'bob' }, 'gap').facts.gapBlocks).toBe(8);
  });

  it('turns to a point or a body and says what is before it', () => {
    const layers = [
      plain(8, 8)[0],
      ['........', '...#....', ...Array.from({ length: 6 }, () => '........')],
      ['........', '...#....', ...Array.from({ length: 6 }, () => '........')],
    ];
    const stage = smallStage({ layers, agents: [walkerAt('ada', [0, 1, 1]), walkerAt('bob', [6, 1, 1]), walkerAt('eve', [0, 1, 6])] });
    expect(stage.done('lookAt', { x: 3.5, y: 1.5, z: 1.5 }).facts).toMatchObject({ block: 'stone', blockAt: [3, 1, 1], isClear: true });
    expect(stage.done('lookAt', { target: 'bob' }).facts).toMatchObject({ isClear: false, block: 'stone' });
    expect(stage.done('lookAt', { target: 'eve' }).facts.isClear).toBe(true);
    stage.refused('lookAt', { x: 1, y: 2 }, 'no-place');
    stage.refused('lookAt', { target: 'eve', x: 1, y: 2, z: 3 }, 'no-place');
    stage.refused('lookAt', { target: 'zed' }, 'unknown-target');
  });
});

describe('wait', () => {
  it('lets time pass', () => {
    const stage = smallStage({ layers: plain(3, 3) });
    expect(stage.done('wait', { ticks: 7 }).facts.ticks).toBe(7);
    expect(stage.view.tick).toBe(7);
  });
});
