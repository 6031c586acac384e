// Block and item registries: identities, fields the rules depend on, errors that help, docs that are current.
import { readFileSync } from 'node:fs';
import {
  BLOCK_BY_ID,
  BLOCK_BY_NAME,
  BLOCKS,
  blockByName,
  ITEM_BY_NAME,
  ITEMS,
  isPlaceable,
  itemByName,
  renderBlockTable,
  ScenarioError,
} from '@kinovox/world';
import { describe, expect, it } from 'vitest';

/** Published identities: an entry that changes breaks every recording and golden hash. Append new blocks. */
const PUBLISHED_IDS: Readonly<Record<string, number>> = {
  air: 0,
  bedrock: 1,
  stone: 2,
  dirt: 4,
  oak_planks: 10,
  water: 18,
  ice: 20,
  ladder: 24,
  oak_door: 33,
  oak_door_open: 34,
  iron_door: 35,
  stone_pressure_plate: 43,
  lever_on: 46,
  white_wool: 64,
  black_wool: 79,
  goal_pad: 96,
};

describe('blocks', () => {
  it('hold at least 56 types with the fields in their ranges', () => {
    expect(BLOCKS.length).toBeGreaterThanOrEqual(56);
    for (const block of BLOCKS) {
      expect(block.name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(Number.isInteger(block.digTicks) && block.digTicks >= -1, block.name).toBe(true);
      expect(block.light >= 0 && block.light <= 15 && Number.isInteger(block.light), block.name).toBe(true);
      expect(block.slipperiness).toBeGreaterThan(0);
      expect(block.slipperiness).toBeLessThan(1);
      for (const color of [block.colorTop, block.colorSide, block.colorBottom]) expect(color >= 0 && color <= 0xffffff).toBe(true);
      expect(block.description.length, block.name).toBeGreaterThan(5);
      if (block.opaque) expect(block.solid, block.name).toBe(true);
      if (block.liquid !== 'none') expect(block.solid, block.name).toBe(false);
      expect(BLOCK_BY_ID.get(block.id)).toBe(block);
      expect(BLOCK_BY_NAME.get(block.name)).toBe(block);
    }
  });

  it('keep their published ids', () => {
    for (const [name, id] of Object.entries(PUBLISHED_IDS)) expect(blockByName(name).id, name).toBe(id);
  });

  it('cannot be changed by a reader', () => {
    expect(() => Object.assign(BLOCKS[2], { solid: false })).toThrow(TypeError);
  });

  it("have Minecraft's slipperiness and hand dig times", () => {
    expect(['stone', 'ice', 'packed_ice', 'slime_block'].map((name) => blockByName(name).slipperiness)).toEqual([0.6, 0.98, 0.98, 0.8]);
    expect(['dirt', 'stone', 'oak_planks', 'obsidian', 'bedrock'].map((name) => blockByName(name).digTicks)).toEqual([
      15, 150, 60, 5000, -1,
    ]);
  });

  it('pair every state with a block it can go back to, and open doors let one pass', () => {
    for (const block of BLOCKS) {
      if (block.variantOf === undefined) continue;
      expect(blockByName(block.variantOf).variantOf, block.name).toBeUndefined();
      // A crop is sown, not placed, and gives more when it is ripe.
      if (blockByName(block.variantOf).placedBy === undefined) expect(block.drops, block.name).toBe(block.variantOf);
    }
    expect([blockByName('oak_door').solid, blockByName('oak_door_open').solid]).toEqual([true, false]);
    expect([blockByName('oak_door').usable, blockByName('iron_door').usable]).toEqual(['door', 'none']);
  });

  it('are refused by unknown name with the nearest one and the place', () => {
    expect(() => blockByName('stnoe', 'world.edits[0].fill')).toThrow(
      'A block must be a name of the block registry; got "stnoe" at world.edits[0].fill. Did you mean "stone"?',
    );
    expect(() => blockByName('qqqqqqqqqqqq')).toThrow('docs/blocks.md lists every block.');
    expect(() => blockByName('minecraft:stone')).toThrow(ScenarioError);
    expect(() => blockByName('__proto__')).toThrow(ScenarioError);
  });
});

describe('items', () => {
  it('mirror every placeable block by name and id', () => {
    for (const block of BLOCKS) {
      const item = ITEM_BY_NAME.get(block.name);
      if (isPlaceable(block)) expect(item).toEqual({ id: block.id, name: block.name, places: block.name, stack: 64 });
      else expect(item, block.name).toBeUndefined();
    }
    expect(['air', 'water', 'bedrock', 'oak_door_open', 'goal_pad'].some((name) => ITEM_BY_NAME.has(name))).toBe(false);
  });

  it('have distinct ids and names, and include all that blocks drop', () => {
    expect(new Set(ITEMS.map((item) => item.id)).size).toBe(ITEMS.length);
    for (const block of BLOCKS) if (block.drops !== null) expect(itemByName(block.drops).name).toBe(block.drops);
    expect(itemByName('diamond').places).toBeNull();
  });

  it('answer to aliases and refuse the rest with a hint', () => {
    expect(itemByName('planks').id).toBe(blockByName('oak_planks').id);
    expect(() => itemByName('plankz', 'agents[0].inventory')).toThrow('got "plankz" at agents[0].inventory. Did you mean "planks"?');
    expect(() => itemByName('constructor')).toThrow(ScenarioError);
  });
});

describe('docs/blocks.md', () => {
  it('is what the registry renders', () => {
    expect(readFileSync(new URL('../../docs/blocks.md', import.meta.url), 'utf8')).toBe(renderBlockTable());
  });

  it('names every block and item', () => {
    const text = renderBlockTable();
    for (const { name } of [...BLOCKS, ...ITEMS]) expect(text).toContain(`\`${name}\``);
  });
});
