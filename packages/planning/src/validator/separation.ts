/**
 * How far two placed shapes are apart, as the best separating axis sees it: the largest gap between their projections on one axis. Positive: they are at least
 * that far apart. Negative: they overlap by that much. Shapes are convex, so the axis stays a valid bound when they move.
 * @source Gottschalk, Lin, Manocha: OBBTree, 1996 (15 axes of two boxes).
 */
import type { Part } from '../dynamics/dynamics.js';

/** A shape at a place: row of x, y, z and a unit quaternion x, y, z, w. */
export interface Placed {
  readonly part: Part;
  readonly place: Float64Array;
}

/** Written by `separate`: the gap, and the axis from a to b along which it is. */
export interface Separation {
  gap: number;
  readonly axis: Float64Array;
}

export function createSeparation(): Separation {
  return { gap: 0, axis: new Float64Array(3) };
}

/** @param space 2: only axes in the plane of x and y count. */
export function separate(a: Placed, b: Placed, space: 2 | 3, out: Separation): void {
  out.gap = -Infinity;
  const dx = b.place[0] - a.place[0];
  const dy = b.place[1] - a.place[1];
  const dz = space === 3 ? b.place[2] - a.place[2] : 0;
  if (a.part.shape === 'ball' && b.part.shape === 'ball') along(dx, dy, dz, a, b, dx, dy, dz, out);
  else if (a.part.shape === 'ball') ballToBox(b, -dx, -dy, -dz, -1, space, out, a, b);
  else if (b.part.shape === 'ball') ballToBox(a, dx, dy, dz, 1, space, out, a, b);
  else boxToBox(a, b, dx, dy, dz, space, out);
}

function boxToBox(a: Placed, b: Placed, dx: number, dy: number, dz: number, space: 2 | 3, out: Separation): void {
  axesInto(a.place, AXES_A);
  axesInto(b.place, AXES_B);
  const faces = space === 2 ? 2 : 3;
  for (let i = 0; i < faces; i++) {
    along(AXES_A[3 * i], AXES_A[3 * i + 1], AXES_A[3 * i + 2], a, b, dx, dy, dz, out);
    along(AXES_B[3 * i], AXES_B[3 * i + 1], AXES_B[3 * i + 2], a, b, dx, dy, dz, out);
  }
  if (space === 2) return;
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++) {
      const [ax, ay, az] = [AXES_A[3 * i], AXES_A[3 * i + 1], AXES_A[3 * i + 2]];
      const [bx, by, bz] = [AXES_B[3 * j], AXES_B[3 * j + 1], AXES_B[3 * j + 2]];
      along(ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx, a, b, dx, dy, dz, out);
    }
}

/** Radius of the ball around the middle that holds the part. */
export function outerRadius(part: Part): number {
  return part.shape === 'ball' ? part.radius : Math.hypot(part.half[0], part.half[1], part.half[2]);
}

const AXES_A = new Float64Array(9);
const AXES_B = new Float64Array(9);
const BOX_AXES = new Float64Array(9);

/** The axis from the box's nearest point to the ball's middle; within the box, the nearest face. `sign` 1: the box is `a`. */
function ballToBox(
  box: Placed,
  dx: number,
  dy: number,
  dz: number,
  sign: 1 | -1,
  space: 2 | 3,
  out: Separation,
  a: Placed,
  b: Placed,
): void {
  if (box.part.shape !== 'box') return;
  axesInto(box.place, BOX_AXES);
  let [nx, ny, nz] = [0, 0, 0];
  for (let i = 0; i < space; i++) {
    const [ux, uy, uz] = [BOX_AXES[3 * i], BOX_AXES[3 * i + 1], BOX_AXES[3 * i + 2]];
    const local = ux * dx + uy * dy + uz * dz;
    const beyond = local - Math.max(-box.part.half[i], Math.min(box.part.half[i], local));
    nx += ux * beyond;
    ny += uy * beyond;
    nz += uz * beyond;
  }
  if (nx * nx + ny * ny + nz * nz > 1e-24) {
    along(sign * nx, sign * ny, sign * nz, a, b, sign * dx, sign * dy, sign * dz, out);
    return;
  }
  for (let i = 0; i < space; i++)
    along(BOX_AXES[3 * i], BOX_AXES[3 * i + 1], BOX_AXES[3 * i + 2], a, b, sign * dx, sign * dy, sign * dz, out);
}

/** Takes the axis into `out` where its gap is the largest so far; it need not be of length 1. d is the way from a's middle to b's. */
function along(x: number, y: number, z: number, a: Placed, b: Placed, dx: number, dy: number, dz: number, out: Separation): void {
  const length = Math.hypot(x, y, z);
  if (length < 1e-9) {
    // Balls with one middle: any axis.
    if (a.part.shape === 'ball' && b.part.shape === 'ball') along(1, 0, 0, a, b, dx, dy, dz, out);
    return;
  }
  let [nx, ny, nz] = [x / length, y / length, z / length];
  let between = nx * dx + ny * dy + nz * dz;
  if (between < 0) [nx, ny, nz, between] = [-nx, -ny, -nz, -between];
  const gap = between - reach(a, nx, ny, nz) - reach(b, nx, ny, nz);
  if (gap <= out.gap) return;
  out.gap = gap;
  out.axis[0] = nx;
  out.axis[1] = ny;
  out.axis[2] = nz;
}

/** How far the shape reaches from its middle along a unit axis. */
function reach({ part, place }: Placed, nx: number, ny: number, nz: number): number {
  if (part.shape === 'ball') return part.radius;
  axesInto(place, REACH_AXES);
  let sum = 0;
  for (let i = 0; i < 3; i++)
    sum += part.half[i] * Math.abs(REACH_AXES[3 * i] * nx + REACH_AXES[3 * i + 1] * ny + REACH_AXES[3 * i + 2] * nz);
  return sum;
}

const REACH_AXES = new Float64Array(9);

/** The three axes of a turned box, one after the other. */
function axesInto(place: Float64Array, out: Float64Array): void {
  const [x, y, z, w] = [place[3], place[4], place[5], place[6]];
  out[0] = 1 - 2 * (y * y + z * z);
  out[1] = 2 * (x * y + w * z);
  out[2] = 2 * (x * z - w * y);
  out[3] = 2 * (x * y - w * z);
  out[4] = 1 - 2 * (x * x + z * z);
  out[5] = 2 * (y * z + w * x);
  out[6] = 2 * (x * z + w * y);
  out[7] = 2 * (y * z - w * x);
  out[8] = 1 - 2 * (x * x + y * y);
}
