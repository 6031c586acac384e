/**
 * Sine and cosine of i32 angles (2^32 per turn) as Q14 integers: a 4096-entry table read by the top 12 bits, linear between entries.
 * The first quadrant is computed once from a Taylor series in exact order of operations (no Math.sin, whose last bit differs between hosts),
 * and mirrored. Angles fold into that quadrant before they are read, so sin(-a) = -sin(a), sin(half - a) = sin(a), cos(-a) = cos(a) and
 * cos(half - a) = -cos(a) hold bit for bit at every angle: a world mirrored in x or z gives the mirrored path.
 */

const ENTRIES = 4096;

/** `round(16384 * sin(2 pi i / 4096))` for i in [0, 4096], the last entry closing the circle. */
export const SINE_Q14: Int16Array = createSineTable();

/**
 * Sine of an i32 angle, Q14. Bound: b - a <= 26, times a fraction below 2^12 stays below 2^17.
 * Signs are folded by masks (`(v ^ sign) - sign`), not branches: a heading is as often on either side.
 */
export function sinQ14(angle: number): number {
  const sign = angle >> 31;
  // |angle| - quarter turn, within a quarter turn: sine is even around there. Half a turn, whose |angle| wraps, folds to 0 as it should.
  const beyond = ((angle ^ sign) - sign - 0x40000000) | 0;
  const side = beyond >> 31;
  const folded = (0x40000000 - ((beyond ^ side) - side)) | 0;
  const index = folded >> 20;
  const a = SINE_Q14[index];
  const b = SINE_Q14[index + 1];
  return ((a + ((Math.imul(b - a, (folded >> 8) & 4095) + 2048) >> 12)) ^ sign) - sign;
}

/** Cosine of an i32 angle, Q14. */
export function cosQ14(angle: number): number {
  const sign = angle >> 31;
  // cos is even: fold to [0, half turn], then cos(m) = -sin(m - quarter).
  return 0 - sinQ14(((angle ^ sign) - sign - 0x40000000) | 0);
}

function createSineTable(): Int16Array {
  const table = new Int16Array(ENTRIES + 1);
  const quarter = ENTRIES / 4;
  for (let i = 0; i <= quarter; i++) {
    const x = (i * 6.283185307179586) / ENTRIES;
    const value = Math.floor(16384 * taylorSine(x) + 0.5);
    table[i] = value;
    table[2 * quarter - i] = value;
    if (i > 0) table[ENTRIES - i] = -value;
    table[2 * quarter + i] = -value;
  }
  table[ENTRIES] = 0;
  table[2 * quarter] = 0;
  return table;
}

/** Ten terms: truncation below 1e-12 on [0, pi/2], where half a table step is 3e-5. */
function taylorSine(x: number): number {
  const x2 = x * x;
  let term = x;
  let sum = x;
  for (let k = 2; k <= 18; k += 2) {
    term = (-term * x2) / (k * (k + 1));
    sum += term;
  }
  return sum;
}
