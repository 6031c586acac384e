/**
 * Potential-based shaping from the ways of a step: F = discount * potential(after) - potential(before), where the potential is minus the metres left.
 * Summed over an episode with discount 1 it is what the agent came nearer; it changes no optimal policy as long as the same discount trains it.
 * @source Ng, Harada, Russell, "Policy invariance under reward transformations", ICML 1999.
 */
import { ShapeError } from '@kinovox/world';

/**
 * @param wayLeft `[B, A, 2]` of a step.
 * @param discount of the learner, in (0, 1].
 * @param out `[B, A]`, filled and returned.
 * @throws ShapeError for another length of `out`, or a discount out of range.
 */
export function shapingOf(wayLeft: Int32Array, discount = 1, out = new Float32Array(wayLeft.length / 2)): Float32Array {
  if (!(discount > 0 && discount <= 1))
    throw new ShapeError('discount', `discount must be in (0, 1]; got ${discount}. Give the learner's own.`);
  if (out.length * 2 !== wayLeft.length)
    throw new ShapeError('length', `out must hold ${wayLeft.length / 2} numbers, one per agent of wayLeft; got ${out.length}.`);
  for (let i = 0; i < out.length; i++) out[i] = (wayLeft[2 * i] - discount * wayLeft[2 * i + 1]) / 10;
  return out;
}
