/**
 * Fixed-point products of the motion stages: rounded to nearest and odd, so that mirrored worlds give mirrored paths.
 * `sign` is -1 or 0: `(v ^ sign) - sign` is |v|, or turns |v| back. Motion changes its sign too often for a processor to guess a branch on it.
 * `0 - x` instead of `-x`: a negative zero would turn integer code into slower floating-point code.
 */

/** `v * k / 2^14`, rounded to nearest, odd in v. Bound: |v| <= 2^18 and k <= 16382 keep the u32 product plus 8192 below 2^32. */
export function scaleQ14(v: number, k: number): number {
  const sign = v >> 31;
  return ((((Math.imul((v ^ sign) - sign, k) + 8192) >>> 14) ^ sign) - sign) | 0;
}

/** `p / 2^n`, rounded to nearest, odd in p. Bound: |p| + 2^(n-1) < 2^31. */
export function roundShift(p: number, n: number): number {
  const sign = p >> 31;
  return (((((p ^ sign) - sign + (1 << (n - 1))) >> n) ^ sign) - sign) | 0;
}

/** v limited to [-limit, limit]. */
export function clampTo(v: number, limit: number): number {
  return v > limit ? limit : v < -limit ? -limit : v;
}

/**
 * `value * share / 2^14`, each of its two parts rounded down: within 2 below the exact product, and exact for a whole share.
 * Bound: |value| <= 2^24 and |share| <= 2^14: the parts stay within 2^16 * 2^14 = 2^30 and 255 * 2^14 < 2^22.
 */
export function shareQ14(value: number, share: number): number {
  return (Math.imul(value >> 8, share) >> 6) + (Math.imul(value & 255, share) >> 14);
}
