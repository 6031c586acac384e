/** Dig, place and use: progress, permission, contests, inventories, cooldowns. */

import type { Engine } from '@kinovox/physics';
import { BLOCK_BY_NAME, INTERACT, INVENTORY_SLOTS } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { type Cell, createGround, eventsOf, type Ground, itemId, setAction, standAt, stepTicks } from './fixture.js';

const SIZE = [16, 10, 16] as const;
const FLOOR: Ground['boxes'][number] = ['bedrock', [0, 0, 0], [15, 0, 15]];
const QUARTER = 1 << 30;
const { dig, place, use } = INTERACT;

/** A walker at (8, 1, 8) that looks north at the block in front of its eyes, (8, 2, 7). */
function facing(block: string, more: Partial<Ground> = {}) {
  const ground = createGround({
    size: SIZE,
    boxes: [FLOOR, [block, [8, 2, 7], [8, 2, 7]]],
    extraBlocks: ['dirt', 'oak_planks'],
    starts: [standAt(8, 1, 8)],
    ...more,
  });
  return { ...ground, at: (cell: Cell) => blockAt(ground.engine, ground.grid.palette.names, cell) };
}

function blockAt(engine: Engine, names: readonly string[], [x, y, z]: Cell, w = 0): string {
  return names[engine.state.voxels[w * engine.state.cellsPerWorld + (y * SIZE[2] + z) * SIZE[0] + x]];
}

function inventory(engine: Engine, agent = 0): [number, number][] {
  const { inventoryItem, inventoryCount } = engine.state;
  return Array.from({ length: INVENTORY_SLOTS }, (_, k): [number, number] => [
    inventoryItem[agent * INVENTORY_SLOTS + k],
    inventoryCount[agent * INVENTORY_SLOTS + k],
  ]);
}

describe('digging', () => {
  for (const block of ['dirt', 'stone', 'oak_leaves', 'obsidian']) {
    const { digTicks, drops } = BLOCK_BY_NAME.get(block)!;
    it(`breaks ${block} in exactly its ${digTicks} ticks and drops ${drops ?? 'nothing'}`, () => {
      const { engine, at } = facing(block);
      setAction(engine, 0, { interact: dig });
      const before = stepTicks(engine, digTicks - 1);
      expect(at([8, 2, 7])).toBe(block);
      expect(before.filter(({ kind }) => kind === 'dug')).toEqual([]);
      expect(engine.state.digProgress[0]).toBe(digTicks - 1);
      engine.step();
      expect(at([8, 2, 7])).toBe('air');
      const [dug, gained] = eventsOf(engine);
      expect([dug.kind, dug.agent, dug.data1]).toEqual(['dug', 0, BLOCK_BY_NAME.get(block)!.id]);
      if (drops === null) expect([gained, inventory(engine)[0]]).toEqual([undefined, [0, 0]]);
      else {
        expect([gained.kind, gained.data0, gained.cause]).toEqual(['gained', itemId(drops), engine.state.numEvents[0] - 1]);
        expect(inventory(engine)[0]).toEqual([itemId(drops), 1]);
      }
    });
  }

  it('starts again when the key is released or the view leaves the block', () => {
    const { engine, at } = facing('dirt');
    for (const pause of [{ interact: 0 }, { interact: dig, look: 60000 }]) {
      setAction(engine, 0, { interact: dig });
      stepTicks(engine, 14);
      setAction(engine, 0, pause);
      engine.step();
      expect(engine.state.digProgress[0]).toBe(0);
      engine.state.pitch[0] = 0;
      setAction(engine, 0, { interact: dig });
      stepTicks(engine, 14);
      expect(at([8, 2, 7])).toBe('dirt');
      setAction(engine, 0, {});
      engine.step();
    }
    setAction(engine, 0, { interact: dig });
    stepTicks(engine, 15);
    expect(at([8, 2, 7])).toBe('air');
  });

  it('never breaks bedrock, nor a cell that the level protects; the same block one cell away breaks', () => {
    const { engine, at } = facing('bedrock');
    setAction(engine, 0, { interact: dig });
    stepTicks(engine, 2000);
    expect([at([8, 2, 7]), engine.state.digProgress[0]]).toEqual(['bedrock', 0]);
    for (const [cell, left] of [
      [[8, 2, 7], 'dirt'],
      [[7, 2, 7], 'air'],
    ] as const) {
      const kept = facing('dirt', { protectedCells: [cell] });
      setAction(kept.engine, 0, { interact: dig });
      stepTicks(kept.engine, 40);
      expect(kept.at([8, 2, 7])).toBe(left);
    }
  });

  it('reaches exactly 4.5 blocks from the eye', () => {
    for (const [beyond, left] of [
      [0, 'air'],
      [1, 'dirt'],
    ] as const) {
      // The near face of the block is at z = 5.
      const { engine, grid } = createGround({
        size: SIZE,
        boxes: [FLOOR, ['dirt', [8, 2, 4], [8, 2, 4]]],
        starts: [[(8 << 16) + 32768, 1 << 16, (9 << 16) + 32768 + beyond]],
      });
      setAction(engine, 0, { interact: dig });
      stepTicks(engine, 20);
      expect(blockAt(engine, grid.palette.names, [8, 2, 4]), `${beyond} / 65536 block too far`).toBe(left);
    }
  });
});

describe('placing', () => {
  const planks = itemId('oak_planks');
  const carrying = (count: number) => ({ items: [{ agent: 0, item: planks, count }] });

  it('puts the held block against the face looked at and takes one item', () => {
    for (const [x, z, yaw, target] of [
      [8, 10, 0, [8, 2, 8]],
      [10, 7, QUARTER, [9, 2, 7]],
      [6, 7, -QUARTER, [7, 2, 7]],
      [8, 4, -0x80000000, [8, 2, 6]],
    ] as const) {
      const { engine, at } = facing('dirt', { starts: [standAt(x, 1, z)], yaws: [yaw], ...carrying(3) });
      setAction(engine, 0, { interact: place });
      engine.step();
      expect(at(target), `from ${x}, ${z}`).toBe('oak_planks');
      expect(inventory(engine)[0]).toEqual([planks, 2]);
      expect(eventsOf(engine).map(({ kind }) => kind)).toEqual(['placed']);
    }
  });

  it('refuses a cell that a body fills, takes it once the body has left, and keeps the item till then', () => {
    const { engine, at } = facing('dirt', { starts: [standAt(8, 1, 10), standAt(8, 1, 8)], ...carrying(1) });
    setAction(engine, 0, { interact: place });
    engine.step();
    expect([at([8, 2, 8]), inventory(engine)[0]]).toEqual(['air', [planks, 1]]);
    engine.state.posX[1] = 3 << 16;
    engine.step();
    expect([at([8, 2, 8]), inventory(engine)[0]]).toEqual(['oak_planks', [0, 0]]);
  });

  it('does nothing without an item, with an item that is no block, where nothing is looked at, or where the level forbids building', () => {
    const nothing: [string, Partial<Ground>, Partial<Record<'pitch', number>>][] = [
      ['no item', {}, {}],
      ['no block', { items: [{ agent: 0, item: itemId('clay_ball'), count: 3 }] }, {}],
      ['sky', carrying(3), { pitch: QUARTER }],
      ['forbidden', { ...carrying(3), unbuildableCells: [[8, 2, 8]] }, {}],
    ];
    for (const [name, more, { pitch = 0 }] of nothing) {
      const { engine } = facing('dirt', { starts: [standAt(8, 1, 10)], ...more });
      engine.state.pitch[0] = pitch;
      const before = inventory(engine);
      const cells = engine.state.voxels.slice();
      setAction(engine, 0, { interact: place });
      expect(stepTicks(engine, 5), name).toEqual([]);
      expect(inventory(engine), name).toEqual(before);
      expect(engine.state.voxels, name).toEqual(cells);
    }
    const { engine, at } = facing('dirt', { starts: [standAt(8, 1, 10)], ...carrying(3), unbuildableCells: [[8, 2, 9]] });
    setAction(engine, 0, { interact: place });
    engine.step();
    expect(at([8, 2, 8])).toBe('oak_planks');
  });

  it('repeats every fourth tick while the key is held, and at once when it is pressed anew', () => {
    const { engine } = createGround({
      size: SIZE,
      boxes: [FLOOR, ['dirt', [8, 1, 4], [8, 1, 4]]],
      extraBlocks: ['oak_planks'],
      starts: [standAt(8, 1, 8)],
      ...carrying(9),
    });
    engine.state.pitch[0] = -(QUARTER >> 2);
    const ticks: number[] = [];
    setAction(engine, 0, { interact: place });
    for (let tick = 0; tick < 9; tick++) if (stepTicks(engine, 1).some(({ kind }) => kind === 'placed')) ticks.push(tick);
    expect(ticks).toEqual([0, 4, 8]);
    setAction(engine, 0, {});
    stepTicks(engine, 1);
    expect(engine.state.useCooldown[0]).toBe(0);
  });
});

describe('a contested cell', () => {
  /** Three walkers around (8, 2, 8), which all look at from one block off. */
  const around: Partial<Ground> = { starts: [standAt(8, 1, 10), standAt(10, 1, 8), standAt(6, 1, 8)], yaws: [0, QUARTER, -QUARTER] };

  it('goes to the least (slot - tick) mod A, and the others get an event and keep their item', () => {
    const planks = itemId('oak_planks');
    for (let tick = 0; tick < 6; tick++) {
      const { engine, grid } = createGround({
        size: SIZE,
        boxes: [FLOOR, ['dirt', [8, 2, 8], [8, 2, 8]]],
        ...around,
        starts: around.starts!,
      });
      setAction(engine, 0, {});
      stepTicks(engine, tick);
      // The tick that decides is the one about to run, 1-based.
      const winner = (tick + 1) % 3;
      engine.state.digCell.fill((2 * SIZE[2] + 8) * SIZE[0] + 8 + 1);
      engine.state.digProgress.fill(14);
      for (let a = 0; a < 3; a++) setAction(engine, a, { interact: dig });
      engine.step();
      expect(blockAt(engine, grid.palette.names, [8, 2, 8])).toBe('air');
      expect(
        eventsOf(engine)
          .filter(({ kind }) => kind === 'dug')
          .map(({ agent }) => agent),
        `tick ${tick + 1}`,
      ).toEqual([winner]);
      expect(
        eventsOf(engine)
          .filter(({ kind }) => kind === 'contested')
          .map(({ agent, data1 }) => [agent, data1]),
      ).toEqual([0, 1, 2].filter((a) => a !== winner).map((a) => [a, winner]));
      for (let a = 0; a < 3; a++) expect(inventory(engine, a)[0][1]).toBe(a === winner ? 1 : 0);
    }
    // Two that place into the same cell from opposite faces.
    for (const tick of [0, 1]) {
      const { engine, grid } = createGround({
        size: SIZE,
        boxes: [FLOOR, ['dirt', [8, 2, 7], [8, 2, 7]], ['dirt', [8, 2, 9], [8, 2, 9]]],
        extraBlocks: ['oak_planks', 'cobblestone'],
        starts: [standAt(8, 1, 11), standAt(8, 1, 5)],
        yaws: [0, -0x80000000],
        items: [
          { agent: 0, item: planks, count: 2 },
          { agent: 1, item: itemId('cobblestone'), count: 2 },
        ],
        shape: (world) => {
          // Both look at the block between them through a gap.
          world.set(8, 2, 9, 0);
          world.set(8, 2, 7, 0);
          world.set(9, 2, 8, world.palette.indexOfName('dirt'));
        },
      });
      // Aim at the west face of (9, 2, 8), so that both would fill (8, 2, 8).
      const { state } = engine;
      [state.posX[0], state.posZ[0], state.yaw[0]] = [(8 << 16) + 6554, (9 << 16) + 32768, -(QUARTER >> 1)];
      [state.posX[1], state.posZ[1], state.yaw[1]] = [(8 << 16) + 6554, (7 << 16) + 32768, (-(QUARTER >> 1) - QUARTER) | 0];
      stepTicks(engine, tick);
      setAction(engine, 0, { interact: place });
      setAction(engine, 1, { interact: place });
      engine.step();
      const winner = (tick + 1) % 2;
      expect(blockAt(engine, grid.palette.names, [8, 2, 8])).toBe(winner === 0 ? 'oak_planks' : 'cobblestone');
      expect([inventory(engine, winner)[0][1], inventory(engine, 1 - winner)[0][1]]).toEqual([1, 2]);
    }
  });
});

describe('an inventory', () => {
  const dirt = itemId('dirt');
  const planks = itemId('oak_planks');

  it('stacks to 64, then opens the next slot, and loses what finds no room', () => {
    const { engine, level } = facing('dirt', { items: [{ agent: 0, item: dirt, count: 62 }] });
    const { state } = engine;
    const again = () => {
      const snapshot = engine.snapshot(0);
      snapshot.voxels.set(level.voxels);
      engine.restore(0, snapshot);
      setAction(engine, 0, { interact: dig });
      return stepTicks(engine, 15).map(({ kind }) => kind);
    };
    expect(again()).toEqual(['dug', 'gained']);
    expect(again()).toEqual(['dug', 'gained']);
    expect(inventory(engine).slice(0, 2)).toEqual([
      [dirt, 64],
      [0, 0],
    ]);
    expect(again()).toEqual(['dug', 'gained']);
    expect(inventory(engine).slice(0, 2)).toEqual([
      [dirt, 64],
      [dirt, 1],
    ]);
    for (let k = 1; k < INVENTORY_SLOTS; k++) [state.inventoryItem[k], state.inventoryCount[k]] = [planks, 1];
    expect(again()).toEqual(['dug', 'lost']);
    state.inventoryCount[0] = 63;
    expect(again()).toEqual(['dug', 'gained']);
    expect(inventory(engine)[0]).toEqual([dirt, 64]);
  });

  it('selects slots by number and keeps the selection at 0', () => {
    const { engine } = facing('dirt');
    for (const [slot, held] of [
      [3, 2],
      [0, 2],
      [9, 8],
      [1, 0],
    ]) {
      setAction(engine, 0, { slot });
      engine.step();
      expect(engine.state.heldSlot[0]).toBe(held);
    }
  });
});

describe('using', () => {
  it('throws a lever and throws it back, every fourth tick while held; other blocks ignore it', () => {
    const { engine, at } = facing('lever', { extraBlocks: ['lever_on'] });
    setAction(engine, 0, { interact: use });
    const states = Array.from({ length: 9 }, () => {
      engine.step();
      return at([8, 2, 7]);
    });
    expect(states).toEqual(['lever_on', 'lever_on', 'lever_on', 'lever_on', 'lever', 'lever', 'lever', 'lever', 'lever_on']);
    const stone = facing('stone');
    setAction(stone.engine, 0, { interact: use });
    expect(stepTicks(stone.engine, 5)).toEqual([]);
  });

  it('opens a wooden door, which then lets bodies through, and not an iron one', () => {
    for (const [door, opened] of [
      ['oak_door', 'oak_door_open'],
      ['iron_door', 'iron_door'],
    ]) {
      const { engine, at } = facing(door, { extraBlocks: ['oak_door_open', 'iron_door_open'] });
      setAction(engine, 0, { interact: use });
      engine.step();
      expect(at([8, 2, 7])).toBe(opened);
      setAction(engine, 0, { forward: 4096 });
      stepTicks(engine, 30);
      expect(engine.state.posZ[0] < 7 << 16).toBe(opened !== door);
    }
  });
});
