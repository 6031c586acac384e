/**
 * Procedural block textures: 16 x 16 RGBA pixels per tile from a block's colour and pattern. Row 0 is the lowest.
 * The same block always gives the same pixels; nothing is loaded.
 */
import { type BlockPattern, mix32 } from '@kinovox/world';
import { shapeOf, type TileSpec } from '../meshing/looks.js';
import { SHAPE } from '../meshing/shapes.js';
import { plantShade } from './paint-plant.js';

export const TILE_PIXELS = 16;
const LAST = TILE_PIXELS - 1;

/** Lightness factor of a pixel, 1 = the block's colour. */
type Shade = (x: number, y: number, noise: (salt: number, x: number, y: number) => number) => number;

const SHADES: Readonly<Record<BlockPattern, Shade>> = {
  plain: (x, y, noise) => 0.98 + 0.04 * noise(1, x, y) - (isEdge(x, y) ? 0.05 : 0),
  speckle: (x, y, noise) => 0.9 + 0.12 * noise(1, x, y) + (noise(2, x >> 1, y >> 1) > 0.8 ? -0.1 : 0.04 * noise(3, x >> 2, y >> 2)),
  planks: (x, y, noise) =>
    y % 4 === 0 ? 0.74 : (x + (y >> 2) * 5) % 16 === 0 ? 0.8 : 0.94 + 0.1 * noise(1, x >> 2, y) + 0.03 * noise(2, x, y),
  bricks: (x, y, noise) =>
    y % 4 === 0 || (x + (y & 4 ? 4 : 0)) % 8 === 0
      ? 0.76
      : 0.93 + 0.13 * noise(1, (x + (y & 4 ? 4 : 0)) >> 3, y >> 2) + 0.05 * noise(2, x, y),
  grain: (x, y, noise) => 0.88 + 0.14 * noise(1, x, y >> 3) + 0.05 * noise(2, x, y),
  ore: (x, y, noise) => 0.92 + 0.1 * noise(1, x, y),
  grid: (x, y, noise) =>
    isEdge(x, y) ? 0.78 : x === 1 || y === 1 || x === LAST - 1 || y === LAST - 1 ? 1.08 : 0.98 + 0.04 * noise(1, x, y),
  leaves: (x, y, noise) => 0.7 + 0.42 * noise(1, x, y) + (noise(2, x >> 1, y >> 1) > 0.75 ? 0.12 : 0),
  liquid: (x, y, noise) => 0.92 + 0.09 * noise(1, x >> 2, y) + (y % 5 === 0 && noise(2, x >> 2, y) > 0.5 ? 0.16 : 0),
  stripes: (x, y, noise) => (y % 4 < 2 ? 0.93 : 1.03) + 0.04 * noise(1, x >> 1, y),
};

/** Paints one tile into `out` at byte `offset`. */
export function paintTileInto(out: Uint8Array, offset: number, tile: TileSpec): void {
  const { block } = tile;
  const noise = (salt: number, x: number, y: number) => mix32(block.id * 8191 + salt * 131071 + y * 64 + x) / 4294967296;
  const isEnd = block.name.endsWith('_log') && tile.face !== 'side';
  for (let y = 0; y < TILE_PIXELS; y++) {
    for (let x = 0; x < TILE_PIXELS; x++) {
      let color = tile.color;
      let shade = isEnd ? ringShade(x, y) : SHADES[block.pattern](x, y, noise);
      if (block.name === 'grass_block' && tile.face === 'side') {
        color = y >= 12 - Math.floor(3 * noise(5, x, 0)) ? block.colorTop : block.colorBottom;
        shade = SHADES.speckle(x, y, noise);
      }
      if (block.pattern === 'ore' && noise(4, x >> 1, y >> 1) < 0.72) {
        color = 0x77777b;
        shade = SHADES.speckle(x, y, noise);
      }
      // Where one sees through, the plain colour: it bleeds into what the texture shows from afar.
      if (shapeOf(block) === SHAPE.cross) shade = plantShade(block.name, x, y, noise) || 1;
      const at = offset + (y * TILE_PIXELS + x) * 4;
      out[at] = Math.min(255, ((color >> 16) & 255) * shade);
      out[at + 1] = Math.min(255, ((color >> 8) & 255) * shade);
      out[at + 2] = Math.min(255, (color & 255) * shade);
      out[at + 3] = 255 * opacity(tile, x, y, noise);
    }
  }
}

/** All tiles below each other: `[layers, 16, 16, RGBA]`. */
export function paintTiles(tiles: readonly TileSpec[]): Uint8Array {
  const bytes = TILE_PIXELS * TILE_PIXELS * 4;
  const out = new Uint8Array(Math.max(1, tiles.length) * bytes);
  tiles.forEach((tile, layer) => {
    paintTileInto(out, layer * bytes, tile);
  });
  return out;
}

function opacity({ block }: TileSpec, x: number, y: number, noise: (salt: number, x: number, y: number) => number): number {
  switch (shapeOf(block)) {
    case SHAPE.ladder:
      return x === 2 || x === 3 || x === 12 || x === 13 || (y % 4 < 2 && x > 1 && x < 14) ? 1 : 0;
    case SHAPE.vine:
      return noise(6, x >> 1, y >> 1) > 0.4 ? 1 : 0;
    case SHAPE.cross:
      return plantShade(block.name, x, y, noise) > 0 ? 1 : 0;
    case SHAPE.cutout:
      return x % 4 === 1 || x % 4 === 2 || y === 0 || y === LAST || y === 8 ? 1 : 0;
    case SHAPE.liquid:
      return block.liquid === 'water' ? 0.68 : 0.96;
    case SHAPE.translucent:
      if (block.name === 'barrier') return isEdge(x, y) ? 0.12 : 0.03;
      if (block.name === 'glass') return isEdge(x, y) ? 0.8 : (x + y) % 16 === 12 || (x + y) % 16 === 13 ? 0.4 : 0.2;
      return 0.78;
    default:
      return 1;
  }
}

/** Rings of a cut trunk, bark at the rim. */
function ringShade(x: number, y: number): number {
  const ring = Math.floor(Math.max(Math.abs(x - 7.5), Math.abs(y - 7.5)));
  return ring === 7 ? 0.62 : ring % 2 === 0 ? 1.02 : 0.86;
}

function isEdge(x: number, y: number): boolean {
  return x === 0 || y === 0 || x === LAST || y === LAST;
}
