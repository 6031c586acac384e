/**
 * Integer arithmetic of the rules: Q16 lengths, 2^32-per-turn angles, Q12 factors, Q14 directions.
 * Data flow: SI floats enter once through `quantise`; inside a tick there are only i32 words.
 * Limits: |position| < 2^24 (256 blocks), |velocity| <= 4 blocks/tick = 2^18.
 */

/** One block (= one metre) in Q16. */
export const ONE_BLOCK_Q16 = 65536;
/** Ticks per second. */
export const TICKS_PER_SECOND = 20;
/** Longest velocity component, in Q16 blocks per tick. */
export const MAX_VELOCITY_Q16 = 4 * ONE_BLOCK_Q16;

/**
 * Rounds `x * 2^bits` to the nearest integer after clamping x to [low, high]; NaN and infinities give `neutral`.
 * Exact on every engine: the scale is a power of two, and both roundings are to f32.
 */
export function quantise(x: number, bits: number, low: number, high: number, neutral = 0): number {
  if (!Number.isFinite(x)) return neutral;
  const clamped = x < low ? low : x > high ? high : x;
  return Math.floor(Math.fround(Math.fround(clamped * 2 ** bits) + 0.5)) | 0;
}

/** Metres to Q16; for scenario data, where the value is an f64 literal. */
export function toQ16(metres: number): number {
  return Math.round(metres * ONE_BLOCK_Q16) | 0;
}

export function fromQ16(q16: number): number {
  return q16 / ONE_BLOCK_Q16;
}

/** `v * k / 4096`, truncated toward zero. Bound: |v| <= 2^18 and 0 <= k <= 2^13, so |v * k| <= 2^31 - 1 needs |v| < 2^18. */
export function mulQ12(v: number, k: number): number {
  const p = Math.imul(v, k);
  return (p + ((p >> 31) & 4095)) >> 12;
}

/**
 * `v * s / 16384` toward zero within 1, odd in v and in s (a mirrored direction must give the mirrored product).
 * Bound: |v| <= 2^24 and |s| <= 2^14; split so that no product leaves i32: (|v| >> 8) * |s| <= 2^30, 255 * 2^14 < 2^22.
 */
export function mulQ14(v: number, s: number): number {
  const m = v < 0 ? 0 - v : v;
  const k = s < 0 ? 0 - s : s;
  const p = (Math.imul(m >> 8, k) >> 6) + (Math.imul(m & 255, k) >> 14);
  return (v ^ s) < 0 ? 0 - p : p;
}

/**
 * Radians as the action gives them, already Q16, to 2^32 per turn; odd, so that mirrored turns stay mirrored. 10430 + 97/256 = 2^32 / (2 pi 2^16), within 5e-8.
 * Bound: |radiansQ16| <= 205887 (pi), so the sum stays below 2^31.
 */
export function radiansQ16ToAngle(radiansQ16: number): number {
  const sign = radiansQ16 >> 31;
  const m = (radiansQ16 ^ sign) - sign;
  return (((Math.imul(m, 10430) + (Math.imul(m, 97) >> 8)) ^ sign) - sign) | 0;
}

/** Radians to the i32 angle (2^32 per turn), for scenario data. */
export function toAngle(radians: number): number {
  const turns = radians / (2 * Math.PI);
  return Math.round((turns - Math.floor(turns)) * 4294967296) | 0;
}

/** i32 angle to radians in [-pi, pi). */
export function fromAngle(angle: number): number {
  return ((angle | 0) / 4294967296) * 2 * Math.PI;
}

/** Floor of the square root of a non-negative i32. The f64 root is correctly rounded, and no root of an i32 is near enough to the next integer to reach it. */
export function isqrt(n: number): number {
  return Math.floor(Math.sqrt(n));
}
