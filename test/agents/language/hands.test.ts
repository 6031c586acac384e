/** Skills of the hands: dig, placeBlock, build, use. */
import { describe, expect, it } from 'vitest';
import { walkerAt } from '../small-worlds.js';
import { plain, smallStage } from './call-skill.js';

const nobodyDigs = { world: { diggable: 'none' } } as never;

describe('dig', () => {
  const layers = [...plain(6, 3), ['......', '....#.', '......']];

  it('goes to a block, digs it, and says what it gained', () => {
    const stage = smallStage({ layers, agents: [walkerAt('ada', [0, 1, 1])] });
    const { facts } = stage.done('dig', { x: 4, y: 1, z: 1 });
    expect(facts).toMatchObject({ at: [4, 1, 1], block: 'stone', gained: { cobblestone: 1 } });
    expect(stage.view.blockAt(4, 1, 1)).toBe(0);
  });

  it('digs the nearest of a kind, as many as are asked for', () => {
    const soil = [['######'], ['...DDD']];
    const stage = smallStage({ layers: soil });
    expect(stage.done('dig', { block: 'dirt', count: 2 }).facts).toMatchObject({ dug: 2, wanted: 2, gained: { dirt: 2 } });
    expect([3, 4, 5].map((x) => stage.view.blockAt(x, 1, 0) === 0)).toEqual([true, true, false]);
  });

  it('refuses what is not there, not allowed, not known, or not reached', () => {
    const stage = smallStage({ layers });
    stage.refused('dig', { x: 1, y: 1, z: 1 }, 'nothing-there');
    stage.refused('dig', { x: 1, y: 40, z: 1 }, 'outside-world');
    stage.refused('dig', { x: 1 }, 'no-place');
    stage.refused('dig', { block: 'dirtt' }, 'unknown-block');
    expect(stage.refused('dig', { block: 'stnoe' }, 'unknown-block').sentence).toContain('Did you mean "stone"?');
    smallStage({ layers, rest: nobodyDigs }).refused('dig', { x: 4, y: 1, z: 1 }, 'may-not-dig');
    smallStage({ layers, agents: [walkerAt('ada', [0, 1, 0], { can: { dig: false } })] }).refused(
      'dig',
      { x: 4, y: 1, z: 1 },
      'may-not-dig',
    );
    const only = smallStage({ layers: [['######'], ['...DD#']], rest: { world: { diggable: ['dirt'] } } as never });
    expect(only.refused('dig', { x: 5, y: 1, z: 0 }, 'not-diggable').facts.block).toBe('stone');
    const far = smallStage({
      layers: [['L'.repeat(12)], ['##........##'], ['...........D']],
      agents: [walkerAt('ada', [0, 2, 0])],
      rest: { world: { diggable: ['dirt'] } } as never,
    });
    const { facts } = far.refused('dig', { x: 11, y: 2, z: 0 }, 'out-of-reach');
    expect(facts).toMatchObject({ reachMetres: 4.1, because: 'gap' });
    expect(facts.metres as number).toBeGreaterThan(10);
    expect(far.refused('dig', { block: 'dirt', count: 1 }, 'out-of-reach').facts).toMatchObject({ dug: 0, wanted: 1 });
  });

  it('gives up where a block does not give way', () => {
    const stage = smallStage({ layers });
    stage.others = (actions) => actions.fill(0);
    stage.refused('dig', { x: 4, y: 1, z: 1 }, 'stuck');
  });
});

describe('placeBlock', () => {
  const held = (inventory: Record<string, number>, at: [number, number, number] = [0, 1, 0]) => [walkerAt('ada', at, { inventory })];

  it('places against the ground, and answers at once where the block stands already', () => {
    const stage = smallStage({ layers: plain(6, 3), agents: held({ planks: 2 }) });
    expect(stage.done('placeBlock', { x: 4, y: 1, z: 1, item: 'planks' }).facts).toMatchObject({
      at: [4, 1, 1],
      block: 'oak_planks',
      held: { oak_planks: 1 },
    });
    expect(stage.done('placeBlock', { x: 4, y: 1, z: 1, item: 'oak_planks' }).facts.ticks).toBe(0);
  });

  it('leans over an edge to place ahead', () => {
    const stage = smallStage({ layers: [['LLLLLL'], ['##....']], agents: held({ planks: 3 }, [0, 2, 0]) });
    stage.done('placeBlock', { x: 2, y: 1, z: 0, item: 'oak_planks' });
    stage.done('placeBlock', { x: 3, y: 1, z: 0, item: 'oak_planks' });
    expect([2, 3, 4].map((x) => stage.view.solidAt(x, 1, 0))).toEqual([true, true, false]);
    stage.idle(20);
    expect(stage.view.y()).toBe(2);
  });

  it('refuses for each reason by its name', () => {
    const layers = [...plain(6, 3), ['......', '....#.', '......']];
    const stage = smallStage({ layers, agents: [...held({ planks: 2, apple: 1 }), walkerAt('bob', [2, 1, 2])] });
    expect(stage.refused('placeBlock', { x: 1, y: 1, z: 1, item: 'plonks' }, 'unknown-item').sentence).toContain('Did you mean');
    expect(stage.refused('placeBlock', { x: 1, y: 1, z: 1, item: 'stone' }, 'not-held').facts.held).toEqual({ oak_planks: 2, apple: 1 });
    stage.refused('placeBlock', { x: 1, y: 1, z: 1, item: 'apple' }, 'not-placeable');
    stage.refused('placeBlock', { x: 9, y: 1, z: 1, item: 'planks' }, 'outside-world');
    expect(stage.refused('placeBlock', { x: 4, y: 1, z: 1, item: 'planks' }, 'occupied').facts.by).toBe('stone');
    expect(stage.refused('placeBlock', { x: 2, y: 1, z: 2, item: 'planks' }, 'occupied').facts.by).toBe('bob');
    expect(stage.refused('placeBlock', { x: 1, y: 4, z: 1, item: 'planks' }, 'no-support').sentence).toContain('below it is air');
    const idle = [walkerAt('ada', [0, 1, 0], { inventory: { planks: 1 }, can: { place: false } })];
    smallStage({ layers, agents: idle }).refused('placeBlock', { x: 1, y: 1, z: 1, item: 'planks' }, 'may-not-place');
    const far = smallStage({ layers: [['L'.repeat(14)], ['##..........##']], agents: held({ planks: 1 }, [0, 2, 0]), rest: nobodyDigs });
    expect(far.refused('placeBlock', { x: 13, y: 2, z: 0, item: 'planks' }, 'out-of-reach').facts.because).toBe('gap');
  });

  it('gives up where nothing happens', () => {
    const stage = smallStage({ layers: plain(6, 3), agents: held({ planks: 2 }) });
    stage.others = (actions) => actions.fill(0);
    stage.refused('placeBlock', { x: 4, y: 1, z: 1, item: 'planks' }, 'stuck');
  });
});

describe('build', () => {
  const stone = (cells: number[][]) => cells.map(([x, y, z]) => ({ x, y, z, block: 'stone' }));
  const builder = (count: number, rest = {}) => [walkerAt('ada', [0, 1, 0], { inventory: { stone: count }, ...rest })];

  it('builds a wall, lowest first, and leaves what is right', () => {
    const stage = smallStage({ layers: plain(8, 4), agents: builder(6) });
    const cells = stone([
      [4, 2, 1],
      [4, 1, 1],
      [5, 1, 1],
      [5, 2, 1],
      [6, 0, 1],
    ]);
    expect(stage.done('build', { cells }).facts).toMatchObject({ placed: 4, wanted: 5 });
    for (const { x, y, z } of cells) expect(stage.view.palette.names[stage.view.blockAt(x, y, z)]).toBe('stone');
    expect(stage.done('build', { cells }).facts.placed).toBe(0);
  });

  it('takes a cell that is named twice for one, and two kinds for it as a mistake', () => {
    const stage = smallStage({ layers: plain(8, 4), agents: builder(1) });
    const cell = { x: 4, y: 1, z: 1 };
    stage.refused(
      'build',
      {
        cells: [
          { ...cell, block: 'stone' },
          { ...cell, block: 'dirt' },
        ],
      },
      'one-of',
    );
    expect(
      stage.done('build', {
        cells: [
          { ...cell, block: 'stone' },
          { ...cell, block: 'stone' },
        ],
      }).facts,
    ).toMatchObject({ placed: 1 });
    const unable = smallStage({ layers: plain(8, 4), agents: builder(1, { can: { dig: false } }) });
    const taken = [{ x: 4, y: 0, z: 1, block: 'dirt' }];
    expect(unable.refused('build', { cells: taken }, 'occupied').sentence).toContain('you cannot dig');
  });

  it('builds a column as it climbs it', () => {
    const stage = smallStage({ layers: plain(6, 4), agents: builder(6), height: 12 });
    stage.done('build', {
      cells: stone([
        [3, 1, 2],
        [3, 2, 2],
        [3, 3, 2],
        [3, 4, 2],
        [3, 5, 2],
        [3, 6, 2],
      ]),
    });
    expect(stage.view.y()).toBeGreaterThanOrEqual(7);
  });

  it('refuses what is missing, occupied, unknown, forbidden or hangs in the air', () => {
    const layers = [...plain(6, 3), ['......', '....D.', '......']];
    const stage = smallStage({ layers, agents: builder(2) });
    expect(
      stage.refused(
        'build',
        {
          cells: stone([
            [1, 1, 1],
            [2, 1, 1],
            [3, 1, 1],
          ]),
        },
        'missing-blocks',
      ).facts,
    ).toMatchObject({ missing: { stone: 1 }, cellsLeft: 3 });
    expect(stage.refused('build', { cells: stone([[4, 1, 1]]) }, 'occupied').facts.by).toBe('dirt');
    stage.refused('build', { cells: [{ x: 1, y: 1, z: 1, block: 'stoone' }] }, 'unknown-block');
    stage.refused('build', { cells: [{ x: 1, y: 1, z: 1, block: 'bedrock' }] }, 'not-placeable');
    stage.refused('build', { cells: stone([[1, 90, 1]]) }, 'outside-world');
    expect(stage.refused('build', { cells: stone([[1, 4, 1]]) }, 'unfinished').facts).toMatchObject({
      because: 'no-support',
      cellsLeft: 1,
      placed: 0,
    });
    smallStage({ layers, agents: builder(2, { can: { place: false } }) }).refused('build', { cells: stone([[1, 1, 1]]) }, 'may-not-place');
  });
});

describe('use', () => {
  const structures = (layers: string[][]) =>
    ({ world: { structures: [{ layers, palette: { '#': 'stone', v: 'lever', O: 'oak_door', I: 'iron_door' }, at: [0, 0, 0] }] } }) as never;

  it('switches a lever and opens a door', () => {
    const layers = [...plain(6, 3), ['......', '..v.O.', '......'], ['......', '....O.', '......']];
    const stage = smallStage({ layers, rest: structures(layers) });
    expect(stage.done('use', { x: 2, y: 1, z: 1 }).facts.block).toBe('lever_on');
    expect(stage.done('use', { x: 4, y: 1, z: 1 }).facts.block).toBe('oak_door_open');
  });

  it('refuses what cannot be used, and who may not', () => {
    const layers = [...plain(6, 3), ['......', '..v.I.', '......']];
    const stage = smallStage({ layers, rest: structures(layers) });
    stage.refused('use', { x: 4, y: 1, z: 1 }, 'not-usable');
    stage.refused('use', { x: 40, y: 1, z: 1 }, 'outside-world');
    stage.refused('use', {}, 'no-place');
    stage.refused('use', { item: 'applle' }, 'unknown-item');
    stage.refused('use', { item: 'apple' }, 'not-usable');
    smallStage({ layers, rest: structures(layers), agents: [walkerAt('ada', [0, 1, 0], { can: { use: false } })] }).refused(
      'use',
      { x: 2, y: 1, z: 1 },
      'may-not-use',
    );
    stage.others = (actions) => actions.fill(0);
    stage.refused('use', { x: 2, y: 1, z: 1 }, 'stuck');
    const far = [['L'.repeat(12)], ['##........##'], ['...........v']];
    const apart = smallStage({
      layers: far,
      agents: [walkerAt('ada', [0, 2, 0])],
      rest: {
        world: { diggable: 'none', structures: [{ layers: far, palette: { '#': 'stone', L: 'lava', v: 'lever' }, at: [0, 0, 0] }] },
      } as never,
    });
    expect(apart.refused('use', { x: 11, y: 2, z: 0 }, 'out-of-reach').facts.because).toBe('gap');
  });
});
