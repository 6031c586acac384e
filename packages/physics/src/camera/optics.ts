/**
 * What a camera and a lidar look along: directions in the frame of the eye, once per pixel or beam, and the eye's integer basis.
 * Tables are computed when a camera is made, with square roots and divisions alone, which every host rounds alike.
 * Frame: x right, y up, z ahead; Q14. Column k and column W-1-k are exact mirror images, so a mirrored world gives the mirrored picture.
 */
import { type CAMERA_CHANNELS, cosQ14, sinQ14 } from '@kinovox/world';
import { roundShift } from '../stages/rounding.js';

export type CameraChannel = (typeof CAMERA_CHANNELS)[number];

export interface CameraSpec {
  /** Pixels. */
  width: number;
  height: number;
  /** Horizontal field of view, degrees, 10..150. */
  fovDeg: number;
  /** Farthest surface seen, blocks, 1..64. */
  farM: number;
  channels: readonly CameraChannel[];
}

export interface LidarSpec {
  /** Beams of a ring, spread evenly over the full circle: beam 0 straight ahead, the others counter-clockwise. */
  beams: number;
  /** Pitch of each ring, degrees, positive up. */
  ringsDeg: readonly number[];
  /** Farthest surface seen, blocks, 1..64. */
  farM: number;
}

/** Directions, `[N, 3]` i32 Q14, unit length within 2^-14. */
export interface RayTable {
  columns: number;
  rows: number;
  directions: Int32Array;
  /** Width of a pixel at a distance of one block, Q16 block: how fast textures grow coarse. */
  spreadQ16: number;
  /** Pixels per block of a plane one block ahead; 0 for a lidar, which has no picture plane. */
  pixelsPerBlock: number;
}

/** Words of a basis: right, up, ahead; x y z each. */
export const BASIS_WORDS = 9;

/** Pixels row by row from the top left. */
export function createCameraRays(spec: CameraSpec): RayTable {
  const { width, height } = spec;
  const half = Math.round((spec.fovDeg * 4294967296) / 720);
  const sine = sinQ14(half);
  const ahead = cosQ14(half) * width;
  const directions = new Int32Array(width * height * 3);
  for (let row = 0, at = 0; row < height; row++)
    for (let column = 0; column < width; column++, at += 3)
      writeUnit(directions, at, sine * (2 * column + 1 - width), sine * (height - 1 - 2 * row), ahead);
  return {
    columns: width,
    rows: height,
    directions,
    spreadQ16: Math.max(1, Math.round((131072 * sine) / ahead)),
    pixelsPerBlock: ahead / (2 * sine),
  };
}

/** Ring after ring. Beams turn with the heading of the body and not with its pitch. */
export function createLidarRays(spec: LidarSpec): RayTable {
  const { beams, ringsDeg } = spec;
  const directions = new Int32Array(beams * ringsDeg.length * 3);
  let at = 0;
  for (const pitchDeg of ringsDeg) {
    const pitch = Math.round((pitchDeg * 4294967296) / 360) | 0;
    for (let beam = 0; beam < beams; beam++, at += 3) {
      const angle = Math.round((beam * 4294967296) / beams) | 0;
      const across = cosQ14(pitch);
      writeUnit(directions, at, 0 - sinQ14(angle) * across, sinQ14(pitch) * 16384, cosQ14(angle) * across);
    }
  }
  return { columns: beams, rows: ringsDeg.length, directions, spreadQ16: 1, pixelsPerBlock: 0 };
}

/** Basis of an eye that looks along (yaw, pitch), i32 angles, into `out[0..8]`. */
export function writeBasis(out: Int32Array, yaw: number, pitch: number): void {
  const sinYaw = sinQ14(yaw);
  const cosYaw = cosQ14(yaw);
  const sinPitch = sinQ14(pitch);
  const cosPitch = cosQ14(pitch);
  out[0] = cosYaw;
  out[1] = 0;
  out[2] = 0 - sinYaw;
  out[3] = roundShift(Math.imul(sinYaw, sinPitch), 14);
  out[4] = cosPitch;
  out[5] = roundShift(Math.imul(cosYaw, sinPitch), 14);
  out[6] = 0 - roundShift(Math.imul(sinYaw, cosPitch), 14);
  out[7] = sinPitch;
  out[8] = 0 - roundShift(Math.imul(cosYaw, cosPitch), 14);
}

/** Component `axis` of a direction of the eye's frame in the world, Q14. Bound: three products below 2^28 + 2^16 each stay below 2^30. */
export function turned(basis: Int32Array, x: number, y: number, z: number, axis: number): number {
  return roundShift((Math.imul(x, basis[axis]) + Math.imul(y, basis[axis + 3]) + Math.imul(z, basis[axis + 6])) | 0, 14);
}

function writeUnit(out: Int32Array, at: number, x: number, y: number, z: number): void {
  const length = Math.sqrt(x * x + y * y + z * z);
  out[at] = rounded((x * 16384) / length);
  out[at + 1] = rounded((y * 16384) / length);
  out[at + 2] = rounded((z * 16384) / length);
}

/** To the nearest integer, halves away from zero: odd, unlike Math.round. */
function rounded(x: number): number {
  return x < 0 ? 0 - Math.floor(0.5 - x) : Math.floor(x + 0.5);
}
