// Procedural textures: near the block's colour, the same every time, with holes only where light passes.
import { BLOCKS } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { createLooks, shapeOf } from '../../packages/viewer/src/meshing/looks.js';
import { LOOK, LOOK_COLUMNS, SHAPE } from '../../packages/viewer/src/meshing/shapes.js';
import { paintTiles, TILE_PIXELS } from '../../packages/viewer/src/textures/paint-tile.js';

const looks = createLooks(BLOCKS.map((block) => block.id));
const bytes = TILE_PIXELS * TILE_PIXELS * 4;
const painted = paintTiles(looks.tiles);

describe('the tiles of all blocks', () => {
  it('are painted alike every time', () => {
    expect(paintTiles(looks.tiles)).toEqual(painted);
    expect(painted.length).toBe(looks.tiles.length * bytes);
  });

  it('have holes exactly where the shape lets light through', () => {
    looks.tiles.forEach(({ block }, layer) => {
      const alphas = Array.from({ length: 256 }, (_, p) => painted[layer * bytes + p * 4 + 3]);
      const shape = shapeOf(block);
      const hasHoles = alphas.some((alpha) => alpha === 0);
      const isSolid = alphas.every((alpha) => alpha === 255);
      const see = shape === SHAPE.translucent || shape === SHAPE.liquid;
      const cut = shape === SHAPE.cutout || shape === SHAPE.ladder || shape === SHAPE.vine || shape === SHAPE.cross;
      expect({ name: block.name, hasHoles, isSolid }).toEqual({ name: block.name, hasHoles: cut, isSolid: !see && !cut });
    });
  });

  it('keep the colour of the block on average', () => {
    looks.tiles.forEach(({ block, color, face }, layer) => {
      if (block.pattern === 'ore' || block.name === 'grass_block' || block.name.endsWith('_log')) return;
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let p = 0; p < 256; p++) sum += painted[layer * bytes + p * 4 + c];
        const wanted = (color >> (16 - 8 * c)) & 255;
        expect(Math.abs(sum / 256 - wanted), `${block.name} ${face} channel ${c}`).toBeLessThan(0.16 * wanted + 6);
      }
    });
  });
});

it('gives each block a shape, and layers that exist', () => {
  BLOCKS.forEach((block, i) => {
    const [shape, top, side, bottom] = looks.table.subarray(i * LOOK_COLUMNS, i * LOOK_COLUMNS + 4);
    expect(shape === SHAPE.none, block.name).toBe(block.name === 'air');
    for (const layer of [top, side, bottom]) expect(layer).toBeLessThan(looks.tiles.length);
    // Only a block that hides what is behind it may hide the faces of its neighbours.
    if (shape === SHAPE.opaque) expect(block.opaque, block.name).toBe(true);
  });
  expect(looks.table[LOOK_COLUMNS * 1 + LOOK.shape]).toBe(SHAPE.opaque);
});
