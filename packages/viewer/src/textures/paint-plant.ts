/** Plants as pixels of a 16 x 16 tile, row 0 the lowest: blades of grass, stalks of wheat by stage, a young oak. */

type Noise = (salt: number, x: number, y: number) => number;

/** Pixels that wheat stands high, by stage. */
const WHEAT_HEIGHTS = [4, 7, 11, 14];
const EAR = 6;

/** Lightness factor of a pixel of the plant, or 0 where one sees through. */
export function plantShade(name: string, x: number, y: number, noise: Noise): number {
  if (name === 'oak_sapling') return saplingShade(x, y, noise);
  if (name === 'short_grass') return bladeShade(x, y, 5 + Math.floor(9 * noise(7, x, 0)), noise);
  const stage = Number(/_(\d)$/.exec(name)?.[1] ?? 0);
  return wheatShade(x, y, stage, noise);
}

/** Two columns out of three hold a blade; its tip is light, its foot dark. */
function bladeShade(x: number, y: number, height: number, noise: Noise): number {
  if (y >= height || noise(8, x, 1) < 0.3) return 0;
  return 0.62 + (0.5 * y) / height + 0.08 * noise(9, x, y);
}

/** Four stalks of two pixels, each a little higher or lower; ripe ones carry ears. */
function wheatShade(x: number, y: number, stage: number, noise: Noise): number {
  const stalk = x >> 2;
  const height = WHEAT_HEIGHTS[stage] + Math.floor(3 * noise(7, stalk, stage)) - 1;
  if (y >= height) return 0;
  const inStalk = x & 3;
  const isEar = stage >= 2 && y >= height - EAR;
  if (isEar) return inStalk === 3 ? 0 : (y + inStalk) % 2 === 0 ? 1.1 : 0.84;
  return inStalk === 1 || (inStalk === 2 && noise(8, x, y) > 0.35) ? 0.66 + (0.4 * y) / height : 0;
}

/** A crown on a thin dark stem. */
function saplingShade(x: number, y: number, noise: Noise): number {
  if (y < 5) return x === 7 || x === 8 ? 0.55 : 0;
  const reach = Math.hypot((x - 7.5) / 6, (y - 9.5) / 5.5);
  if (reach > 1 || noise(7, x, y) < 0.16) return 0;
  return 0.72 + 0.5 * noise(8, x >> 1, y >> 1) - 0.12 * reach;
}
