/**
 * Noise of control sequences, `[rows, T, C]`: drawn at knots some ticks apart and straight between them, since noise that changes every tick averages
 * out over a horizon and explores nothing. Near-normal with variance 1 at the knots: the sum of four uniform draws, all of them exact arithmetic, so
 * that a bank is the same on every machine.
 */
import { drawU32, PURPOSE, randomStream } from '@kinovox/world';

/** Sum of four draws in [-0.5, 0.5) has variance 1/3. */
const TO_UNIT_VARIANCE = Math.sqrt(3);

/** @param knotTicks ticks between knots, at least 1. */
export function createNoise(numRows: number, numTicks: number, numControls: number, knotTicks: number, seed: number): Float32Array {
  const stream = randomStream(seed, 0, 0, 0, PURPOSE.policy);
  const numKnots = Math.ceil((numTicks - 1) / knotTicks) + 1;
  const knots = new Float64Array(numKnots * numControls);
  const out = new Float32Array(numRows * numTicks * numControls);
  let draw = 0;
  for (let row = 0; row < numRows; row++) {
    for (let k = 0; k < knots.length; k++) {
      let sum = 0;
      for (let n = 0; n < 4; n++) sum += drawU32(stream, draw++) / 4294967296 - 0.5;
      knots[k] = sum * TO_UNIT_VARIANCE;
    }
    for (let t = 0; t < numTicks; t++) {
      const knot = Math.floor(t / knotTicks);
      const share = t / knotTicks - knot;
      const next = Math.min(numKnots - 1, knot + 1);
      for (let c = 0; c < numControls; c++)
        out[(row * numTicks + t) * numControls + c] = knots[knot * numControls + c] * (1 - share) + knots[next * numControls + c] * share;
    }
  }
  return out;
}
