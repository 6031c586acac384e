/** What lies on the ground under survival: where it comes to rest, what makes it fall, what destroys it. */
import type { Engine } from '@kinovox/physics';
import { INTERACT, PILE_WORD, PILE_WORDS } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { itemId, setAction, standAt, stepTicks } from './fixture.js';
import { cellOf, hold, piled, survivalGround } from './survival-world.js';

const { dig, drop, use } = INTERACT;
const SHELF: [string, [number, number, number], [number, number, number]] = ['dirt', [8, 2, 7], [8, 2, 7]];
type Pile = readonly [cell: number, item: string, count: number];

/** An agent that digs the block (8, 2, 7) away, and piles that nobody may pick up yet. */
function shelf(piles: readonly Pile[], boxes: Parameters<typeof survivalGround>[0] = {}) {
  const { engine } = survivalGround({ ...boxes, boxes: [SHELF, ...(boxes?.boxes ?? [])] });
  piles.forEach(([cell, item, count], row) => {
    engine.state.pile.set([cell + 1, itemId(item), count, 0, 1000, 0], row * PILE_WORDS);
  });
  // The engine learns of piles that it did not lay by a restore.
  engine.restore(0, engine.snapshot(0));
  setAction(engine, 0, { interact: dig });
  return engine;
}

/** Cell, item and count of each pile, row by row; empty rows are left out. */
function piles(engine: Engine): number[][] {
  const found: number[][] = [];
  const { pile } = engine.state;
  for (let at = 0; at < pile.length; at += PILE_WORDS)
    if (pile[at] !== 0) found.push([pile[at] - 1, pile[at + PILE_WORD.item], pile[at + PILE_WORD.count]]);
  return found;
}

describe('items on the ground', () => {
  it('fall when the block below them is dug, and not before', () => {
    const engine = shelf([
      [cellOf(8, 3, 7), 'coal', 2],
      [cellOf(8, 3, 7), 'iron_pickaxe', 1],
      [cellOf(3, 1, 3), 'apple', 1],
    ]);
    stepTicks(engine, 14);
    expect(piles(engine)[0][0]).toBe(cellOf(8, 3, 7));
    stepTicks(engine, 1);
    expect(piles(engine)).toEqual([
      [cellOf(8, 1, 7), itemId('coal'), 2],
      [cellOf(8, 1, 7), itemId('iron_pickaxe'), 1],
      [cellOf(3, 1, 3), itemId('apple'), 1],
    ]);
  });

  it('become one with items of the same that they fall onto, and wait as long as the later of the two', () => {
    const engine = shelf([
      [cellOf(8, 3, 7), 'coal', 2],
      [cellOf(8, 1, 7), 'coal', 3],
    ]);
    engine.state.pile[PILE_WORDS + PILE_WORD.readyTick] = 2000;
    stepTicks(engine, 15);
    expect(piles(engine)).toEqual([[cellOf(8, 1, 7), itemId('coal'), 5]]);
    expect(engine.state.pile[PILE_WORDS + PILE_WORD.readyTick]).toBe(2000);
  });

  it('are lost in lava, whether they fall into it or are dropped over it', () => {
    const engine = shelf([[cellOf(8, 3, 7), 'coal', 2]], { boxes: [['lava', [8, 1, 7], [8, 1, 7]]] });
    const lost = stepTicks(engine, 15).filter(({ kind }) => kind === 'lost');
    expect(lost.map(({ agent, data0, data1 }) => [agent, data0, data1])).toEqual([[-1, itemId('coal'), 2]]);
    expect(piles(engine)).toEqual([]);

    const { engine: over } = survivalGround({ boxes: [['lava', [8, 1, 8], [8, 1, 8]]], starts: [standAt(8, 6, 8)] });
    hold(over, 0, 0, 'coal', 1);
    setAction(over, 0, { interact: drop });
    expect(stepTicks(over, 1).map(({ kind, agent }) => [kind, agent])).toEqual([['lost', 0]]);
    expect(piled(over).size).toBe(0);
  });

  it('that are dropped in the air come to rest below at once', () => {
    const { engine } = survivalGround({ starts: [standAt(8, 7, 8)] });
    hold(engine, 0, 0, 'coal', 1);
    setAction(engine, 0, { interact: drop });
    engine.step();
    expect(piles(engine)).toEqual([[cellOf(8, 1, 8), itemId('coal'), 1]]);
  });

  it('come down with the sand that they lie on', () => {
    const engine = shelf([[cellOf(8, 5, 7), 'coal', 2]], { boxes: [['sand', [8, 3, 7], [8, 4, 7]]] });
    stepTicks(engine, 15);
    expect(piles(engine)).toEqual([[cellOf(8, 3, 7), itemId('coal'), 2]]);
  });
});

describe('loose blocks', () => {
  it('fall when a mechanism takes the block below them away', () => {
    const { engine, grid } = survivalGround({
      boxes: [
        ['lever', [8, 2, 7], [8, 2, 7]],
        ['stone', [4, 2, 4], [4, 2, 4]],
        ['sand', [4, 3, 4], [4, 3, 4]],
      ],
      extraBlocks: ['lever_on'],
      mechanisms: [
        {
          mode: 'hold',
          inputs: [{ lever: [8, 2, 7] }],
          effects: [{ from: [4, 2, 4], to: [4, 2, 4], on: 'air', off: 'stone' }],
        },
      ],
    });
    setAction(engine, 0, { interact: use });
    const events = stepTicks(engine, 3);
    expect(events.map(({ kind }) => kind)).toContain('fell');
    expect(engine.state.voxels[cellOf(4, 1, 4)]).toBe(grid.palette.indexOfName('sand'));
  });
});
