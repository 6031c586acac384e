/**
 * Where props are, as every stage outside the rigid tier may ask it: from the quantised poses alone. Products are of integers below 2^53, so they are exact.
 */
import { PROP_WORDS } from '@kinovox/world';
import { PROP_SHAPE, type PropTables } from '../program.js';
import type { TickContext } from '../stages/context.js';

/** First of a pose's words: position, rotation, velocity, angular velocity, sleeping. */
export const POSE = { x: 0, y: 1, z: 2, qx: 3, qy: 4, qz: 5, qw: 6, vx: 7, vy: 8, vz: 9, wx: 10, wy: 11, wz: 12, sleeping: 13 } as const;

/** How far a prop may reach into a cell without standing in its way: 1/32 block, more than solvers leave bodies overlapping. */
export const TOLERANCE_Q16 = 2048;
/** A prop whose lowest point is this near above a cell's floor stands on it. */
const STANDING_Q16 = 4096;

/** Half of the extent of prop p along `axis` (0 x, 1 y, 2 z) as it lies, Q16 block. */
export function halfReach(props: PropTables, pose: Int32Array, at: number, p: number, axis: number): number {
  const { shape, halfExtentsQ16 } = props;
  const hx = halfExtentsQ16[3 * p];
  if (shape[p] === PROP_SHAPE.ball) return hx;
  const hy = halfExtentsQ16[3 * p + 1];
  const hz = halfExtentsQ16[3 * p + 2];
  if (shape[p] === PROP_SHAPE.capsule) return hx + scaled(rotationQ28(pose, at, axis, 1), hy - hx);
  return (
    scaled(rotationQ28(pose, at, axis, 0), hx) + scaled(rotationQ28(pose, at, axis, 1), hy) + scaled(rotationQ28(pose, at, axis, 2), hz)
  );
}

/** Whether the box around a prop overlaps cell (x, y, z). */
export function propInCell(c: TickContext, w: number, x: number, y: number, z: number): boolean {
  const { numProps, props } = c.program;
  const pose = c.state.prop;
  for (let p = 0, at = w * numProps * PROP_WORDS; p < numProps; p++, at += PROP_WORDS) {
    if (
      overlaps(pose[at + POSE.x], halfReach(props, pose, at, p, 0), x) &&
      overlaps(pose[at + POSE.y], halfReach(props, pose, at, p, 1), y) &&
      overlaps(pose[at + POSE.z], halfReach(props, pose, at, p, 2), z)
    ) {
      return true;
    }
  }
  return false;
}

/** Whether a prop stands in the region of cells [x0, x1] x [y0, y1] x [z0, z1]: the cell under its centre, at its lowest point. */
export function propStandsIn(c: TickContext, w: number, x0: number, y0: number, z0: number, x1: number, y1: number, z1: number): boolean {
  const { numProps, props } = c.program;
  const pose = c.state.prop;
  for (let p = 0, at = w * numProps * PROP_WORDS; p < numProps; p++, at += PROP_WORDS) {
    const x = pose[at + POSE.x] >> 16;
    const z = pose[at + POSE.z] >> 16;
    if (x < x0 || x > x1 || z < z0 || z > z1) continue;
    const y = (pose[at + POSE.y] - halfReach(props, pose, at, p, 1) + STANDING_Q16) >> 16;
    if (y >= y0 && y <= y1) return true;
  }
  return false;
}

function overlaps(centre: number, half: number, cell: number): boolean {
  return centre + half > (cell << 16) + TOLERANCE_Q16 && centre - half < ((cell + 1) << 16) - TOLERANCE_Q16;
}

/** `v * |k| / 2^28`, rounded down. */
function scaled(kQ28: number, v: number): number {
  return Math.floor((Math.abs(kQ28) * v) / 268435456);
}

/** Entry (row, column) of the rotation matrix of a pose, Q28. */
export function rotationQ28(pose: Int32Array, at: number, row: number, column: number): number {
  const q = at + POSE.qx;
  const w = pose[at + POSE.qw];
  if (row === column) {
    const i = pose[q + ((row + 1) % 3)];
    const j = pose[q + ((row + 2) % 3)];
    return 268435456 - 2 * (i * i + j * j);
  }
  const product = pose[q + row] * pose[q + column];
  const third = pose[q + 3 - row - column] * w;
  return 2 * ((column - row + 3) % 3 === 1 ? product - third : product + third);
}
