/**
 * Arithmetic of the `gpujs` kernels: integers in f32 that stay exact. Every intermediate is an integer of magnitude <= 2^24, or one times a power of
 * two below 1, so neither rounding nor a fused multiply-add can change it; bigger products are split. Beside each function stands what it equals in
 * the stages, and its bounds; a test runs these very texts and holds every sub-expression to the limit.
 * An i32 that needs all its bits is a pair: `hi * 65536 + lo`, hi signed, lo in [0, 65535].
 *
 * gpu.js translates text, so these are texts: helpers take numbers only (WebGPU passes no arrays), and what reads an array is a macro.
 */

/** Largest magnitude of an integer in f32 without gaps. */
export const EXACT_LIMIT = 16777216;

/** `2^-n` as gpu.js should read it: a literal that is exact in f32. */
export const half = (n: number): string => (2 ** -n).toFixed(Math.max(n, 0));

/** 1 where a bit of the number in `flags` is set, as an expression. */
export const bitOfFlag = (flags: string, flag: number): string => `bitOf(${flags}, ${half(31 - Math.clz32(flag))})`;

export interface ExactFunction {
  name: string;
  source: string;
  /** Inclusive bounds of each parameter, in order: what callers keep to, and what the test runs through. */
  bounds: readonly (readonly [number, number])[];
}

/** The only division: floor(n / d) for a quotient below 2^21. The hardware's own may be off by a rounding, so it is corrected from one below. */
const quotient: ExactFunction = {
  name: 'quotient',
  bounds: [
    [0, EXACT_LIMIT],
    [8, 131071],
  ],
  source: `function quotient(n, d) {
    let q = Math.max(0, Math.floor(n / d) - 1);
    let rest = n - q * d;
    if (rest >= d) {
      q = q + 1;
      rest = rest - d;
    }
    if (rest >= d) q = q + 1;
    return q;
  }`,
};

/** `roundShift(imul(v, k), 14)`, and `scaleQ14`: v * k / 2^14 to nearest, odd in both. With m = 512 h + l: 512 * 2^14 = 2^23. */
const scale14: ExactFunction = {
  name: 'scale14',
  bounds: [
    [-262144, 262144],
    [-16384, 16384],
  ],
  source: `function scale14(v, k) {
    const m = Math.abs(v);
    const p = Math.abs(k);
    const h = Math.floor(m * ${half(9)});
    const low = (m - h * 512) * p;
    const r = Math.floor((h * p + 16 + Math.floor(low * ${half(9)})) * ${half(5)});
    if ((v < 0 && k > 0) || (v > 0 && k < 0)) return 0 - r;
    return r;
  }`,
};

/** `roundShift(imul(k, d), 16)` for an acceleration k in Q18 and a direction d: k = 256 h + l, 266 * 23296 < 2^23. */
const scale16: ExactFunction = {
  name: 'scale16',
  bounds: [
    [0, 68158],
    [-23296, 23296],
  ],
  source: `function scale16(k, d) {
    const m = Math.abs(d);
    const h = Math.floor(k * ${half(8)});
    const low = (k - h * 256) * m;
    const r = Math.floor((h * m + 128 + Math.floor(low * ${half(8)})) * ${half(8)});
    return d < 0 ? 0 - r : r;
  }`,
};

/** `roundShift(s * c - f * d, 12)`: Q12 input turned by a Q14 direction. With s = 64 h + l the two sums stay below 2 * 66 * 2^14 < 2^22. */
const turned: ExactFunction = {
  name: 'turned',
  bounds: [
    [-4179, 4179],
    [-16384, 16384],
    [-4179, 4179],
    [-16384, 16384],
  ],
  source: `function turned(s, c, f, d) {
    const sh = Math.floor(s * ${half(6)});
    const fh = Math.floor(f * ${half(6)});
    const low = (s - sh * 64) * c - (f - fh * 64) * d;
    const carry = Math.floor(low * ${half(6)});
    const high = sh * c - fh * d + carry;
    const rest = low - carry * 64;
    if (high >= 0) return Math.floor((high + 32) * ${half(6)});
    // The magnitude of 64 high + rest, of which only the part above 64 matters.
    const m = rest > 0 ? 0 - high - 1 : 0 - high;
    return 0 - Math.floor((m + 32) * ${half(6)});
  }`,
};

/** `isqrt(f * f + s * s)` for input up to 4096: d above the larger one a, with d (2 a + d) <= b * b <= 2^24. No root is further than 1696 above. */
const lengthOf: ExactFunction = {
  name: 'lengthOf',
  bounds: [
    [-4096, 4096],
    [-4096, 4096],
  ],
  source: `function lengthOf(f, s) {
    const a = Math.max(Math.abs(f), Math.abs(s));
    const b = Math.min(Math.abs(f), Math.abs(s));
    let over = 0;
    let bit = 1024;
    for (let k = 0; k < 11; k = k + 1) {
      const d = over + bit;
      if (d <= 1696) {
        if (d * (2 * a + d) <= b * b) over = d;
      }
      bit = bit * 0.5;
    }
    return a + over;
  }`,
};

/** `isqrt(far << 14) << 1`: r = 128 h + l, and r * r = 2^14 (h * h) + (256 h + l) l, whose parts stay below 2^23. */
const rootOf: ExactFunction = {
  name: 'rootOf',
  bounds: [[0, 39321]],
  source: `function rootOf(far) {
    let root = 0;
    let bit = 16384;
    for (let k = 0; k < 15; k = k + 1) {
      const r = root + bit;
      const h = Math.floor(r * ${half(7)});
      const l = r - h * 128;
      const low = (256 * h + l) * l;
      const carry = Math.floor(low * ${half(14)});
      const high = h * h + carry;
      if (high < far || (high === far && low === carry * 16384)) root = r;
      bit = bit * 0.5;
    }
    return root * 2;
  }`,
};

/** `(imul(push, d) / root) | 0` by long division: d = 128 h + l, and the rest of the first step, below 2^16, times 128. */
const pushAlong: ExactFunction = {
  name: 'pushAlong',
  bounds: [
    [0, 8192],
    [-39321, 39321],
    [6550, 50754],
  ],
  source: `function pushAlong(push, d, root) {
    const m = Math.abs(d);
    const h = Math.floor(m * ${half(7)});
    const high = quotient(push * h, root);
    const rest = push * h - high * root;
    const q = high * 128 + quotient(rest * 128 + push * (m - h * 128), root);
    return d < 0 ? 0 - q : q;
  }`,
};

/** High and low half of `radiansQ16ToAngle(m)` for m >= 0. The angle is 256 a + b with a = 804 * 10430 < 2^23.01, b < 2^22. */
const angleHigh: ExactFunction = {
  name: 'angleHigh',
  bounds: [[0, 205887]],
  source: `function angleHigh(m) {
    const h = Math.floor(m * ${half(8)});
    const l = m - h * 256;
    const a = h * 10430;
    const ah = Math.floor(a * ${half(8)});
    const b = l * 10430 + h * 97 + Math.floor(l * 97 * ${half(8)}) + (a - ah * 256) * 256;
    return ah + Math.floor(b * ${half(16)});
  }`,
};
const angleLow: ExactFunction = {
  name: 'angleLow',
  bounds: [[0, 205887]],
  source: `function angleLow(m) {
    const h = Math.floor(m * ${half(8)});
    const l = m - h * 256;
    const a = h * 10430;
    const ah = Math.floor(a * ${half(8)});
    const b = l * 10430 + h * 97 + Math.floor(l * 97 * ${half(8)}) + (a - ah * 256) * 256;
    return b - Math.floor(b * ${half(16)}) * 65536;
  }`,
};

/** `v | 0` of a high half: into [-32768, 32767]. */
const wrapHigh: ExactFunction = {
  name: 'wrapHigh',
  bounds: [[-98304, 98303]],
  source: `function wrapHigh(h) {
    return h - Math.floor((h + 32768) * ${half(16)}) * 65536;
  }`,
};

/** Entry of the sine table and a share of the rise to the next: `a + ((imul(rise, fraction) + 2048) >> 12)`. */
const between: ExactFunction = {
  name: 'between',
  bounds: [
    [0, 16384],
    [-26, 26],
    [0, 4095],
  ],
  source: `function between(a, rise, fraction) {
    return a + Math.floor((rise * fraction + 2048) * ${half(12)});
  }`,
};

/** 1 when the bit whose weight is 1 / `weight` is set in `word`. */
const bitOf: ExactFunction = {
  name: 'bitOf',
  bounds: [
    [0, EXACT_LIMIT - 1],
    [2 ** -23, 1],
  ],
  source: `function bitOf(word, weight) {
    const shifted = Math.floor(word * weight);
    return shifted - 2 * Math.floor(shifted * 0.5);
  }`,
};

const clampTo: ExactFunction = {
  name: 'clampTo',
  bounds: [
    [-EXACT_LIMIT, EXACT_LIMIT],
    [0, 262144],
  ],
  source: `function clampTo(v, limit) {
    return Math.max(0 - limit, Math.min(limit, v));
  }`,
};

/** Float in a row of solidity that holds cell x, 24 to a float: 2731 / 65536 is 1 / 24 and a little, right for every x below 256. */
const wordOf: ExactFunction = {
  name: 'wordOf',
  bounds: [[0, 255]],
  source: `function wordOf(x) {
    return Math.floor(x * 2731 * ${half(16)});
  }`,
};

/** Squared length in units of 2^-12 block, halves of `lengthSquared`: 2^14 high + low. A component is at most 2^14 = 128 * 128. */
const squareHigh: ExactFunction = {
  name: 'squareHigh',
  bounds: [
    [-262144, 262144],
    [-262144, 262144],
  ],
  source: `function squareHigh(x, z) {
    const sx = Math.floor(Math.abs(x) * ${half(4)});
    const sz = Math.floor(Math.abs(z) * ${half(4)});
    const hx = Math.floor(sx * ${half(7)});
    const hz = Math.floor(sz * ${half(7)});
    const lx = sx - hx * 128;
    const lz = sz - hz * 128;
    const low = (256 * hx + lx) * lx + (256 * hz + lz) * lz;
    return hx * hx + hz * hz + Math.floor(low * ${half(14)});
  }`,
};
const squareLow: ExactFunction = {
  name: 'squareLow',
  bounds: [
    [-262144, 262144],
    [-262144, 262144],
  ],
  source: `function squareLow(x, z) {
    const sx = Math.floor(Math.abs(x) * ${half(4)});
    const sz = Math.floor(Math.abs(z) * ${half(4)});
    const hx = Math.floor(sx * ${half(7)});
    const hz = Math.floor(sz * ${half(7)});
    const lx = sx - hx * 128;
    const lz = sz - hz * 128;
    const low = (256 * hx + lx) * lx + (256 * hz + lz) * lz;
    return low - Math.floor(low * ${half(14)}) * 16384;
  }`,
};

/** Every helper, callees first. */
export const EXACT_FUNCTIONS: readonly ExactFunction[] = [
  quotient,
  scale14,
  scale16,
  turned,
  lengthOf,
  rootOf,
  pushAlong,
  angleHigh,
  angleLow,
  wrapHigh,
  between,
  bitOf,
  clampTo,
  wordOf,
  squareHigh,
  squareLow,
];

/** Those that a text calls, and what they call: gpu.js takes no more than it needs. */
export function functionsOf(source: string): string[] {
  const used = new Set<string>();
  const visit = (text: string) => {
    for (const { name, source: body } of EXACT_FUNCTIONS) {
      if (used.has(name) || !new RegExp(`\\b${name}\\(`).test(text)) continue;
      used.add(name);
      visit(body);
    }
  };
  visit(source);
  return EXACT_FUNCTIONS.filter(({ name }) => used.has(name)).map(({ source: body }) => body);
}
