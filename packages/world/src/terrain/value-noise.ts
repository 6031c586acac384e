/**
 * Value noise on a square lattice, in integers: u16 lattice values, smoothstep weights in Q12, octaves of half the width and half the weight.
 * Source: the construction is Perlin's summed octaves ("An Image Synthesizer", SIGGRAPH 1985) over value, not gradient, noise.
 */
import { PURPOSE, randomU32 } from '../numbers/random.js';

/** Weights of the octaves, coarsest first; their sum divides. */
const OCTAVE_WEIGHTS = [4, 2, 1] as const;
const WEIGHT_SUM = 7;

/**
 * Noise at a column, 0..65535.
 * @param wavelength blocks between lattice points of the coarsest octave, >= 4.
 * @param stream tells apart fields of one seed.
 */
export function valueNoise2D(seedLow: number, seedHigh: number, stream: number, x: number, z: number, wavelength: number): number {
  let sum = 0;
  for (let octave = 0; octave < OCTAVE_WEIGHTS.length; octave++) {
    sum += OCTAVE_WEIGHTS[octave] * octaveAt(seedLow, seedHigh, stream * 8 + octave, x, z, wavelength >> octave);
  }
  return (sum / WEIGHT_SUM) | 0;
}

function octaveAt(seedLow: number, seedHigh: number, key: number, x: number, z: number, width: number): number {
  const ix = (x / width) | 0;
  const iz = (z / width) | 0;
  const sx = smoothstepQ12((((x - ix * width) << 12) / width) | 0);
  const sz = smoothstepQ12((((z - iz * width) << 12) / width) | 0);
  const near = lerp(lattice(seedLow, seedHigh, key, ix, iz), lattice(seedLow, seedHigh, key, ix + 1, iz), sx);
  const far = lerp(lattice(seedLow, seedHigh, key, ix, iz + 1), lattice(seedLow, seedHigh, key, ix + 1, iz + 1), sx);
  return lerp(near, far, sz);
}

function lattice(seedLow: number, seedHigh: number, key: number, ix: number, iz: number): number {
  return randomU32(seedLow, seedHigh, key, ix, PURPOSE.terrain, iz) >>> 16;
}

/** 3t^2 - 2t^3 for t in Q12, 0..4096. Bound: t^2 <= 2^24; (t^2 >> 12) * 12288 < 2^26. */
function smoothstepQ12(t: number): number {
  return Math.imul(Math.imul(t, t) >> 12, 12288 - 2 * t) >> 12;
}

/** Bound: |b - a| < 2^16, times at most 2^12, is below 2^28. */
function lerp(a: number, b: number, weightQ12: number): number {
  return a + (Math.imul(b - a, weightQ12) >> 12);
}
