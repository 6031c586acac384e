/**
 * Angles from vectors without the host's Math.atan2, whose last bit differs between machines: only + - * / and comparisons, which IEEE 754 fixes.
 * Frame: yaw 0 looks to -z, positive counter-clockwise seen from above; pitch positive up. Radians.
 */

import { arcTangent } from '@kinovox/world';

export { arcTangent };

/** Yaw that looks along (dx, dz), in (-pi, pi]; 0 for no direction. */
export function yawTo(dx: number, dz: number): number {
  return arcTangent(-dx, -dz);
}

/** Pitch that looks along a vector with horizontal length `level` and rise dy. */
export function pitchTo(level: number, dy: number): number {
  return arcTangent(dy, level);
}

/** The same angle in [-pi, pi). */
export function wrapAngle(angle: number): number {
  const turns = Math.floor((angle + Math.PI) / (2 * Math.PI));
  return angle - turns * 2 * Math.PI;
}
