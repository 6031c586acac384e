/** Angles modulo a turn, radians. */

const TURN = 2 * Math.PI;

/** The turn from `b` to `a` the short way round, in [-pi, pi]. */
export function angleDifference(a: number, b: number): number {
  const d = a - b;
  return d - TURN * Math.round(d / TURN);
}

/** The same angle in [-pi, pi]. */
export function wrapAngle(angle: number): number {
  return angle - TURN * Math.round(angle / TURN);
}
