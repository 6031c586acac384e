/** Angles from vectors without the host's Math.atan2, whose last bit differs between machines: only + - * / and comparisons, which IEEE 754 fixes. */

const HALF_PI = Math.PI / 2;

/** Angle of the vector (x, y) from the x axis, error below 2e-5 rad: Abramowitz & Stegun (1964), 4.4.49, folded into one octant. */
export function arcTangent(y: number, x: number): number {
  const ax = x < 0 ? -x : x;
  const ay = y < 0 ? -y : y;
  if (ax === 0 && ay === 0) return 0;
  const steep = ay > ax;
  const t = steep ? ax / ay : ay / ax;
  const t2 = t * t;
  let angle = t * (0.999866 + t2 * (-0.3302995 + t2 * (0.180141 + t2 * (-0.085133 + t2 * 0.0208351))));
  if (steep) angle = HALF_PI - angle;
  if (x < 0) angle = Math.PI - angle;
  return y < 0 ? -angle : angle;
}
