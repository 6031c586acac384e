/** What a walker's eye meets: the same ray as the rules cast for dig, place and use. */
import { FACE_NORMALS, RAY_OUT_SIZE, raycastVoxels } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';

/** Eye above the feet, metres, standing. */
export const EYE_HEIGHT = 1.62;
/** Farthest block that hands reach, metres from the eye, less a margin for standing off-centre. */
export const HAND_REACH = 4.1;

export interface Sighting {
  x: number;
  y: number;
  z: number;
  /** Cell in front of the face that was met. */
  frontX: number;
  frontY: number;
  frontZ: number;
}

const Q16 = 65536;

/** First block that the ray from one point towards another meets within `metres`; undefined for none. */
export function firstBlock(
  view: AgentView,
  from: readonly [number, number, number],
  to: readonly [number, number, number],
  metres: number,
): Sighting | undefined {
  const [dx, dy, dz] = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
  const length = Math.sqrt(dx * dx + dy * dy + dz * dz);
  if (length === 0) return undefined;
  const unit = (d: number) => Math.round((d / length) * 16384);
  const out = new Int32Array(RAY_OUT_SIZE);
  const q16 = (v: number) => Math.round(v * Q16);
  const range = q16(Math.min(metres, 63));
  if (
    raycastVoxels(
      view.blocks.targetable,
      view.voxels,
      0,
      view.sizeX,
      view.sizeY,
      view.sizeZ,
      q16(from[0]),
      q16(from[1]),
      q16(from[2]),
      unit(dx),
      unit(dy),
      unit(dz),
      range,
      out,
    ) === 0
  )
    return undefined;
  const normal = FACE_NORMALS[out[3]];
  return { x: out[0], y: out[1], z: out[2], frontX: out[0] + normal[0], frontY: out[1] + normal[1], frontZ: out[2] + normal[2] };
}

/** Whether someone who stands in a cell has the middle of another cell's block before the eye, in reach of the hands. */
export function canTouchFrom(view: AgentView, x: number, y: number, z: number, target: readonly [number, number, number]): boolean {
  const hit = firstBlock(view, [x + 0.5, y + EYE_HEIGHT, z + 0.5], [target[0] + 0.5, target[1] + 0.5, target[2] + 0.5], HAND_REACH);
  return hit !== undefined && hit.x === target[0] && hit.y === target[1] && hit.z === target[2];
}

/** Whether nothing stands between the eye of someone in a cell and a point. Glass counts as something, to be safe. */
export function canSeeFrom(view: AgentView, x: number, y: number, z: number, point: readonly [number, number, number]): boolean {
  const eye: [number, number, number] = [x + 0.5, y + EYE_HEIGHT, z + 0.5];
  const distance = Math.sqrt((point[0] - eye[0]) ** 2 + (point[1] - eye[1]) ** 2 + (point[2] - eye[2]) ** 2);
  return firstBlock(view, eye, point, distance - 0.1) === undefined;
}

/** Whether a side of the cell is free. */
export function isExposed(view: AgentView, x: number, y: number, z: number): boolean {
  return (
    !view.solidAt(x + 1, y, z) ||
    !view.solidAt(x - 1, y, z) ||
    !view.solidAt(x, y + 1, z) ||
    !view.solidAt(x, y - 1, z) ||
    !view.solidAt(x, y, z + 1) ||
    !view.solidAt(x, y, z - 1)
  );
}
