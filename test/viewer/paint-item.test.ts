// Pictures of items: one for each, alike every time, none like another.
import { BLOCK_BY_NAME, ITEM_BY_ID, itemByName } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { cubeBlockOf, ICON_PIXELS, paintItem } from '../../packages/viewer/src/textures/paint-item.js';

const items = [...ITEM_BY_ID.values()];
const alphas = (pixels: Uint8ClampedArray) => Array.from({ length: ICON_PIXELS * ICON_PIXELS }, (_, p) => pixels[p * 4 + 3]);

describe('the picture of an item', () => {
  it('shows something and leaves its corners free, for every item', () => {
    for (const { id, name } of items) {
      const pixels = paintItem(id);
      const shown = alphas(pixels).filter((alpha) => alpha > 100).length;
      expect(pixels.length).toBe(ICON_PIXELS * ICON_PIXELS * 4);
      expect(shown, name).toBeGreaterThan(30);
      // A ladder and plants fill their tile.
      if (cubeBlockOf(id) !== undefined || BLOCK_BY_NAME.get(name) === undefined) expect(pixels[3], name).toBe(0);
    }
  });

  it('is the same every time and differs between items', () => {
    const seen = new Map<string, string>();
    for (const { id, name } of items) {
      const pixels = paintItem(id);
      expect(paintItem(id)).toEqual(pixels);
      const key = Buffer.from(pixels.buffer).toString('base64');
      expect(seen.get(key), `${name} looks like`).toBeUndefined();
      seen.set(key, name);
    }
  });

  it('is a cube for a block, lit from above, and flat for what is no cube', () => {
    expect(cubeBlockOf(itemByName('oak_planks').id)?.name).toBe('oak_planks');
    for (const flat of ['torch', 'ladder', 'oak_sapling', 'wheat_seeds', 'iron_pickaxe', 'coal'])
      expect(cubeBlockOf(itemByName(flat).id), flat).toBeUndefined();
    const pixels = paintItem(itemByName('iron_block').id);
    const at = (x: number, y: number) => pixels[(y * ICON_PIXELS + x) * 4];
    expect(at(16, 8)).toBeGreaterThan(at(8, 20));
    expect(at(8, 20)).toBeGreaterThan(at(24, 20));
  });

  it('exists for ids of a later version', () => {
    expect(alphas(paintItem(60_000)).some((alpha) => alpha === 255)).toBe(true);
  });
});
