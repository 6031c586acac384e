/** How a vehicle stands: rotations by quaternions, and the heading and elevation that its agent reads. Frame: x to its right, y up, -z ahead. */
import { arcTangent } from '@kinovox/world';

export interface Vector {
  x: number;
  y: number;
  z: number;
}

export interface Quaternion extends Vector {
  w: number;
}

/** 2^32 per turn, per radian. */
const ANGLE = 4294967296 / (2 * Math.PI);
/** A vehicle whose nose points this near to straight up or down keeps the heading that it had. */
const LEVEL_LEAST = 1e-3;

/** A vector of the vehicle's frame in the world's. The quaternion may be a little longer or shorter than 1. */
export function toWorld({ x, y, z, w }: Quaternion, v: Vector): Vector {
  // q v q* = v + 2 w (q x v) + 2 q x (q x v)
  const tx = 2 * (y * v.z - z * v.y);
  const ty = 2 * (z * v.x - x * v.z);
  const tz = 2 * (x * v.y - y * v.x);
  return {
    x: v.x + w * tx + y * tz - z * ty,
    y: v.y + w * ty + z * tx - x * tz,
    z: v.z + w * tz + x * ty - y * tx,
  };
}

/** A vector of the world in the vehicle's frame. */
export function toBody({ x, y, z, w }: Quaternion, v: Vector): Vector {
  return toWorld({ x: -x, y: -y, z: -z, w }, v);
}

/** i32 heading that looks along `ahead`; `before` where that is straight up or down. */
export function yawOf(ahead: Vector, before: number): number {
  if (ahead.x * ahead.x + ahead.z * ahead.z < LEVEL_LEAST * LEVEL_LEAST) return before;
  return Math.floor(arcTangent(-ahead.x, -ahead.z) * ANGLE + 0.5) | 0;
}

/** i32 elevation of `ahead`, within a quarter turn. */
export function pitchOf(ahead: Vector): number {
  const level = Math.sqrt(ahead.x * ahead.x + ahead.z * ahead.z);
  const angle = Math.floor(arcTangent(ahead.y, level) * ANGLE + 0.5);
  return Math.max(-(1 << 30), Math.min(1 << 30, angle)) | 0;
}

/** Moments of inertia of a solid box about its axes, kg m^2. */
export function boxInertia({ size, massKg }: { size: readonly [number, number, number]; massKg: number }): Vector {
  const [x, y, z] = size;
  const part = massKg / 12;
  return { x: part * (y * y + z * z), y: part * (x * x + z * z), z: part * (x * x + y * y) };
}
