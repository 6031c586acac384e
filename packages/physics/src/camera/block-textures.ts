/**
 * Procedural block textures in integers: 16 x 16 texels per face of a palette entry from its colour and pattern, and coarser levels of them.
 * A table that every engine reads; made once per camera. Texels are 0xAARRGGBB; row 0 is the lowest.
 */
import { BLOCK_BY_ID, type BlockPattern, type BlockType, mix32 } from '@kinovox/world';

const EDGE = 16;
const LAST = EDGE - 1;
/** First texel of each level: edges 16, 8, 4, 2, 1. */
const LEVEL_START: readonly number[] = [0, 256, 320, 336, 340];
export const TEXTURE_LEVELS = 5;
/** Texels of one face with all its levels. */
export const TEXTURE_WORDS = 341;
/** Faces of a palette entry: top, side, bottom. */
export const TEXTURE_FACES = 3;
/** Texels less opaque than this are holes. */
export const HOLE_ALPHA = 128;

/** Noise in 0..255. */
type Noise = (salt: number, x: number, y: number) => number;
/** Lightness of a texel, 256 = the block's colour. */
type Shade = (x: number, y: number, noise: Noise) => number;

const isEdge = (x: number, y: number) => x === 0 || y === 0 || x === LAST || y === LAST;
const speckle: Shade = (x, y, noise) =>
  228 + (noise(1, x, y) >> 3) + (noise(2, x >> 1, y >> 1) > 205 ? -24 : noise(3, x >> 2, y >> 2) >> 4);

const SHADES: Readonly<Record<BlockPattern, Shade>> = {
  plain: (x, y, noise) => 250 + (noise(1, x, y) >> 5) - (isEdge(x, y) ? 14 : 0),
  speckle,
  planks: (x, y, noise) =>
    y % 4 === 0 ? 186 : (x + (y >> 2) * 5) % 16 === 0 ? 200 : 240 + (noise(1, x >> 2, y) >> 4) + (noise(2, x, y) >> 5),
  bricks: (x, y, noise) => {
    const shifted = x + ((y & 4) !== 0 ? 4 : 0);
    return y % 4 === 0 || shifted % 8 === 0 ? 192 : 236 + (noise(1, shifted >> 3, y >> 2) >> 3) + (noise(2, x, y) >> 5);
  },
  grain: (x, y, noise) => 222 + (noise(1, x, y >> 3) >> 3) + (noise(2, x, y) >> 4),
  ore: speckle,
  grid: (x, y, noise) => (isEdge(x, y) ? 200 : x === 1 || y === 1 || x === LAST - 1 || y === LAST - 1 ? 276 : 250 + (noise(1, x, y) >> 5)),
  leaves: (x, y, noise) => 184 + ((noise(1, x, y) * 3) >> 3) + (noise(2, x >> 1, y >> 1) > 190 ? 28 : 0),
  liquid: (x, y, noise) => 236 + (noise(1, x >> 2, y) >> 4) + (y % 5 === 0 && noise(2, x >> 2, y) > 128 ? 24 : 0),
  stripes: (x, y, noise) => (y % 4 < 2 ? 238 : 264) + (noise(1, x >> 1, y) >> 5),
};

/** `[P, 3, 341]` texels of a palette given as registry ids. */
export function createBlockTextures(registryIds: ArrayLike<number>): Int32Array {
  const out = new Int32Array(registryIds.length * TEXTURE_FACES * TEXTURE_WORDS);
  for (let p = 0, at = 0; p < registryIds.length; p++) {
    const block = BLOCK_BY_ID.get(registryIds[p]);
    for (let face = 0; face < TEXTURE_FACES; face++, at += TEXTURE_WORDS) if (block !== undefined) paint(out, at, block, face);
  }
  return out;
}

function paint(out: Int32Array, at: number, block: BlockType, face: number): void {
  const noise: Noise = (salt, x, y) => mix32(block.id * 8191 + salt * 131071 + y * 64 + x) >>> 24;
  const plain = face === 0 ? block.colorTop : face === 1 ? block.colorSide : block.colorBottom;
  const isTrunkEnd = block.name.endsWith('_log') && face !== 1;
  for (let y = 0; y < EDGE; y++) {
    for (let x = 0; x < EDGE; x++) {
      let color = plain;
      let shade = isTrunkEnd ? ringShade(x, y) : SHADES[block.pattern](x, y, noise);
      if (block.name === 'grass_block' && face === 1) {
        color = y >= 12 - ((noise(5, x, 0) * 3) >> 8) ? block.colorTop : block.colorBottom;
        shade = speckle(x, y, noise);
      }
      if (block.pattern === 'ore' && noise(4, x >> 1, y >> 1) < 184) color = 0x77777b;
      out[at + y * EDGE + x] = (opacity(block, x, y, noise) << 24) | shaded(color, shade);
    }
  }
  for (let level = 1; level < TEXTURE_LEVELS; level++) halve(out, at, level);
}

/** A level from the next finer one: the mean of four texels, holes left out of the colour. */
function halve(out: Int32Array, at: number, level: number): void {
  const edge = EDGE >> level;
  const from = at + LEVEL_START[level - 1];
  for (let y = 0; y < edge; y++) {
    for (let x = 0; x < edge; x++) {
      const sums = [0, 0, 0, 0];
      for (let k = 0; k < 4; k++) {
        const texel = out[from + (2 * y + (k >> 1)) * 2 * edge + 2 * x + (k & 1)];
        const alpha = texel >>> 24;
        sums[3] += alpha;
        for (let channel = 0; channel < 3; channel++) sums[channel] += ((texel >> (16 - 8 * channel)) & 255) * alpha;
      }
      const channels = [0, 1, 2].map((k) => (sums[3] === 0 ? 0 : Math.floor(sums[k] / sums[3])));
      out[at + LEVEL_START[level] + y * edge + x] = ((sums[3] >> 2) << 24) | (channels[0] << 16) | (channels[1] << 8) | channels[2];
    }
  }
}

/** 0..255. */
function opacity(block: BlockType, x: number, y: number, noise: Noise): number {
  if (block.liquid === 'water') return 150;
  if (block.name === 'glass') return isEdge(x, y) ? 200 : (x + y) % 16 === 12 || (x + y) % 16 === 13 ? 96 : 28;
  if (block.name === 'ice' || block.name === 'slime_block') return 190;
  if (block.name === 'ladder') return x === 2 || x === 3 || x === 12 || x === 13 || (y % 4 < 2 && x > 1 && x < 14) ? 255 : 0;
  if (block.name === 'iron_bars') return x % 4 === 1 || x % 4 === 2 || y === 0 || y === LAST || y === 8 ? 255 : 0;
  if (block.name === 'vine') return noise(6, x >> 1, y >> 1) > 102 ? 255 : 0;
  if (block.name.endsWith('_open')) return isEdge(x, y) || x === 1 || x === LAST - 1 ? 255 : 0;
  if (isPlant(block)) return bladeHeight(block, x, noise) > y ? 255 : 0;
  return 255;
}

/** Things that stand on two crossed planes. */
export function isPlant(block: BlockType): boolean {
  return block.name.startsWith('wheat_crop') || block.name === 'short_grass' || block.name.endsWith('_sapling');
}

/** Texels that a plant rises in column x. */
function bladeHeight(block: BlockType, x: number, noise: Noise): number {
  if (block.name.endsWith('_sapling')) {
    const aside = x < 8 ? 7 - x : x - 8;
    return aside < 1 ? 16 : aside < 6 ? 14 - 2 * aside + (noise(7, x, 0) >> 6) : 0;
  }
  if (noise(8, x, 0) < 90) return 0;
  const stage = Number(/_crop_(\d)$/.exec(block.name)?.[1] ?? (block.name === 'wheat_crop' ? 0 : 2));
  return 3 + 3 * stage + (noise(9, x, 0) >> 6);
}

/** Rings of a cut trunk, bark at the rim. */
function ringShade(x: number, y: number): number {
  const ring = Math.max(x < 8 ? 7 - x : x - 8, y < 8 ? 7 - y : y - 8);
  return ring === 7 ? 158 : ring % 2 === 0 ? 262 : 220;
}

function shaded(color: number, shade: number): number {
  const channel = (shift: number) => Math.min(255, (((color >> shift) & 255) * shade) >> 8);
  return (channel(16) << 16) | (channel(8) << 8) | channel(0);
}
