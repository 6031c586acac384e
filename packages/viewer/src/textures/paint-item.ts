/**
 * Procedural pictures of items, 32 x 32 RGBA pixels with row 0 at the top: a block as a small cube of its tiles, a thin one as its tile,
 * anything else from a few strokes on a grid of 16. The same item always gives the same pixels; nothing is loaded.
 */
import { BLOCK_BY_NAME, type BlockType, ITEM_BY_ID, mix32 } from '@kinovox/world';
import { shapeOf, type TileSpec } from '../meshing/looks.js';
import { FIRST_THIN, SHAPE } from '../meshing/shapes.js';
import { type Stroke, strokesOf } from './item-strokes.js';
import { paintTileInto, TILE_PIXELS } from './paint-tile.js';

export const ICON_PIXELS = 32;
const GRID = 16;

/** Whether an item looks like a cube in the hand and on the ground; the rest are flat. */
export function cubeBlockOf(item: number): BlockType | undefined {
  const name = ITEM_BY_ID.get(item)?.name;
  const block = name === undefined ? undefined : BLOCK_BY_NAME.get(name);
  return block !== undefined && shapeOf(block) < FIRST_THIN ? block : undefined;
}

/** The picture of an item; unknown ids give a ball of some colour. */
export function paintItem(item: number): Uint8ClampedArray<ArrayBuffer> {
  const cube = cubeBlockOf(item);
  if (cube !== undefined) return paintCube(cube);
  const name = ITEM_BY_ID.get(item)?.name ?? '';
  const strokes = strokesOf(name);
  if (strokes !== undefined) return paintStrokes(strokes);
  const block = BLOCK_BY_NAME.get(name);
  if (block !== undefined) return paintFlat(block);
  return paintStrokes([['disc', 8, 8, 5, 5, mix32(item) & 0xffffff]]);
}

/** Faces of the cube: light of each, and which point of its tile a pixel shows; undefined outside the face. */
const FACES: readonly { face: TileSpec['face']; light: number; at: (x: number, y: number) => readonly [u: number, v: number] }[] = [
  { face: 'top', light: 1.06, at: (x, y) => [((x - 16) / 15 + (y - 1) / 7.5) / 2, ((y - 1) / 7.5 - (x - 16) / 15) / 2] },
  { face: 'side', light: 0.82, at: (x, y) => [(x - 1) / 15, 1 - (y - 8.5 - (x - 1) / 2) / 15] },
  { face: 'side', light: 0.62, at: (x, y) => [(x - 16) / 15, 1 - (y - 16 + (x - 16) / 2) / 15] },
];

function paintCube(block: BlockType): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(ICON_PIXELS * ICON_PIXELS * 4);
  const tile = new Uint8Array(TILE_PIXELS * TILE_PIXELS * 4);
  for (const { face, light, at } of FACES) {
    paintTileInto(tile, 0, { block, color: face === 'top' ? block.colorTop : block.colorSide, face });
    for (let y = 0; y < ICON_PIXELS; y++) {
      for (let x = 0; x < ICON_PIXELS; x++) {
        const [u, v] = at(x + 0.5, y + 0.5);
        if (u < 0 || u >= 1 || v < 0 || v >= 1) continue;
        const from = (Math.floor(v * TILE_PIXELS) * TILE_PIXELS + Math.floor(u * TILE_PIXELS)) * 4;
        const to = (y * ICON_PIXELS + x) * 4;
        for (let c = 0; c < 3; c++) out[to + c] = tile[from + c] * light;
        // Glass that is almost nothing in the world must still be seen in a slot.
        out[to + 3] = shapeOf(block) === SHAPE.cutout ? tile[from + 3] : Math.max(110, tile[from + 3]);
      }
    }
  }
  return out;
}

function paintFlat(block: BlockType): Uint8ClampedArray<ArrayBuffer> {
  const tile = new Uint8Array(TILE_PIXELS * TILE_PIXELS * 4);
  paintTileInto(tile, 0, { block, color: block.colorSide, face: 'side' });
  return enlarge((x, y, c) => tile[((TILE_PIXELS - 1 - y) * TILE_PIXELS + x) * 4 + c]);
}

/** Fills the strokes in order, lightens the rim to the upper left, darkens that to the lower right, and draws a dark line around. */
function paintStrokes(strokes: readonly Stroke[]): Uint8ClampedArray<ArrayBuffer> {
  const grid = new Int32Array(GRID * GRID).fill(-1);
  const put = (x: number, y: number, color: number) => {
    if (x >= 0 && x < GRID && y >= 0 && y < GRID) grid[y * GRID + x] = color;
  };
  for (const stroke of strokes) fillStroke(stroke, put);
  const at = (x: number, y: number) => (x < 0 || x >= GRID || y < 0 || y >= GRID ? -1 : grid[y * GRID + x]);
  const pixels = new Uint8Array(GRID * GRID * 4);
  for (let y = 0; y < GRID; y++) {
    for (let x = 0; x < GRID; x++) {
      const own = at(x, y);
      const rim = own >= 0 ? own : Math.max(at(x - 1, y), at(x + 1, y), at(x, y - 1), at(x, y + 1));
      if (rim < 0) continue;
      const isLit = at(x - 1, y) < 0 || at(x, y - 1) < 0;
      const isDark = at(x + 1, y) < 0 || at(x, y + 1) < 0;
      const shade = own < 0 ? 0.3 : isLit === isDark ? 1 : isLit ? 1.22 : 0.76;
      const to = (y * GRID + x) * 4;
      pixels[to] = Math.min(255, ((rim >> 16) & 255) * shade);
      pixels[to + 1] = Math.min(255, ((rim >> 8) & 255) * shade);
      pixels[to + 2] = Math.min(255, (rim & 255) * shade);
      pixels[to + 3] = 255;
    }
  }
  return enlarge((x, y, c) => pixels[(y * GRID + x) * 4 + c]);
}

function fillStroke([kind, a, b, c, d, color]: Stroke, put: (x: number, y: number, color: number) => void): void {
  if (kind === 'line') {
    const steps = Math.max(Math.abs(c - a), Math.abs(d - b), 1) * 2;
    for (let i = 0; i <= steps; i++) {
      const x = Math.round(a + ((c - a) * i) / steps);
      const y = Math.round(b + ((d - b) * i) / steps);
      put(x, y, color);
      put(x + 1, y, color);
    }
    return;
  }
  for (let y = 0; y < GRID; y++) {
    for (let x = 0; x < GRID; x++) {
      const inside =
        kind === 'box'
          ? x >= a && x < a + c && y >= b && y < b + d
          : kind === 'disc'
            ? Math.hypot((x + 0.5 - a) / c, (y + 0.5 - b) / d) <= 1
            : Math.abs((x + 0.5 - a) / c) + Math.abs((y + 0.5 - b) / d) <= 1;
      if (inside) put(x, y, color);
    }
  }
}

/** A 16 x 16 picture at twice its size. */
function enlarge(channel: (x: number, y: number, c: number) => number): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(ICON_PIXELS * ICON_PIXELS * 4);
  for (let y = 0; y < ICON_PIXELS; y++)
    for (let x = 0; x < ICON_PIXELS; x++) for (let c = 0; c < 4; c++) out[(y * ICON_PIXELS + x) * 4 + c] = channel(x >> 1, y >> 1, c);
  return out;
}
