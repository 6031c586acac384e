/**
 * The rays of a picture traced together, with the results of `traceRay` bit for bit. What they share is worked out once per eye:
 * - free boxes: per octant of directions, the box of empty cells that grows from the eye; a ray crosses it in one jump;
 * - bodies: the pixels that each can cover; others are not held against it;
 * - times across a cell: from a table.
 * A CPU's own: jumps divide in f64, which is exact for quotients of integers below 2^31.
 */
import { LOOK } from './looks.js';
import type { RayTable } from './optics.js';
import { BODY, BODY_COLUMNS, COUNT, EYE, type Scene } from './scene.js';
import { clearHit, firstCrossing, march, meetBody, startCell, timeAcross } from './trace.js';

/** `[2^14 + 16]` time across a cell by speed. */
const ACROSS: Int32Array = Int32Array.from({ length: 16400 }, (_, d) => timeAcross(d));
/** Cells that a free box may have along an axis: more than any ray crosses. */
const MOST_CELLS = 66;

/** Works out what the rays from the eye share. */
export function preparePacket(s: Scene, w: number, rays: RayTable): void {
  for (let octant = 0; octant < 8; octant++) growBox(s, w, octant);
  for (let b = 0, n = s.counts[COUNT.bodies]; b < n; b++) writeSpan(s, b, rays);
}

/** Chooses the bodies that a row of the picture can show, in slot order. @returns their number. */
export function chooseRowBodies(s: Scene, row: number): number {
  const { spans, rowBodies, bodies } = s;
  const self = s.eye[EYE.self];
  let n = 0;
  for (let b = 0; b < s.counts[COUNT.bodies]; b++)
    if (row >= spans[4 * b + 2] && row <= spans[4 * b + 3] && bodies[b * BODY_COLUMNS + BODY.id] !== self) rowBodies[n++] = b;
  return n;
}

/** `traceRay` for a pixel, after `preparePacket` and `chooseRowBodies`. */
export function tracePacketRay(s: Scene, w: number, dx: number, dy: number, dz: number, column: number, numRowBodies: number): void {
  const { eye, free, spans, rowBodies } = s;
  let limit = clearHit(s);
  for (let k = 0; k < numRowBodies; k++) {
    const b = rowBodies[k];
    if (column >= spans[4 * b] && column <= spans[4 * b + 1]) limit = meetBody(s, b, dx, dy, dz, limit);
  }
  const deltaX = ACROSS[dx < 0 ? 0 - dx : dx];
  const deltaY = ACROSS[dy < 0 ? 0 - dy : dy];
  const deltaZ = ACROSS[dz < 0 ? 0 - dz : dz];
  let x = startCell(eye[0], dx);
  let y = startCell(eye[1], dy);
  let z = startCell(eye[2], dz);
  let nextX = firstCrossing(eye[0], dx, deltaX);
  let nextY = firstCrossing(eye[1], dy, deltaY);
  let nextZ = firstCrossing(eye[2], dz, deltaZ);
  let within = s.eye[EYE.palette];
  const octant = 3 * ((dx > 0 ? 1 : 0) + (dy > 0 ? 2 : 0) + (dz > 0 ? 4 : 0));
  const stepsX = free[octant];
  const stepsY = free[octant + 1];
  const stepsZ = free[octant + 2];
  if (stepsX + stepsY + stepsZ > 0) {
    // Times at which the ray leaves the box through each side; the first of them, ties in the order of the traversal.
    const leaveX = nextX + stepsX * deltaX;
    const leaveY = nextY + stepsY * deltaY;
    const leaveZ = nextZ + stepsZ * deltaZ;
    const leave = Math.min(leaveX, leaveY, leaveZ);
    if (leave > limit) return;
    let moveX = stepsX;
    let moveY = stepsY;
    let moveZ = stepsZ;
    if (leave === leaveX) {
      moveY = crossings(nextY, deltaY, leave - 1);
      moveZ = crossings(nextZ, deltaZ, leave - 1);
    } else if (leave === leaveY) {
      moveX = crossings(nextX, deltaX, leave);
      moveZ = crossings(nextZ, deltaZ, leave - 1);
    } else {
      moveX = crossings(nextX, deltaX, leave);
      moveY = crossings(nextY, deltaY, leave);
    }
    if (moveX + moveY + moveZ > 0) within = 0;
    x += dx > 0 ? moveX : 0 - moveX;
    y += dy > 0 ? moveY : 0 - moveY;
    z += dz > 0 ? moveZ : 0 - moveZ;
    nextX = (nextX + Math.imul(moveX, deltaX)) | 0;
    nextY = (nextY + Math.imul(moveY, deltaY)) | 0;
    nextZ = (nextZ + Math.imul(moveZ, deltaZ)) | 0;
  }
  march(s, w, dx, dy, dz, x, y, z, nextX, nextY, nextZ, deltaX, deltaY, deltaZ, within, limit);
}

/** Crossings of an axis up to `last`. */
function crossings(next: number, delta: number, last: number): number {
  return last < next ? 0 : (((last - next) / delta) | 0) + 1;
}

/** Steps that rays of an octant can take along x, y and z through nothing, into `s.free`: the box grows by one layer of cells after the other. */
function growBox(s: Scene, w: number, octant: number): void {
  const { eye, free, sizeX, sizeY, sizeZ } = s;
  const stepX = (octant & 1) !== 0 ? 1 : -1;
  const stepY = (octant & 2) !== 0 ? 1 : -1;
  const stepZ = (octant & 4) !== 0 ? 1 : -1;
  const x = startCell(eye[0], stepX);
  const y = startCell(eye[1], stepY);
  const z = startCell(eye[2], stepZ);
  let numX = 0;
  let numY = 0;
  let numZ = 0;
  // From outside, or in a cell that rays may not pass, every step is looked at.
  let more = x >= 0 && x < sizeX && y >= 0 && y < sizeY && z >= 0 && z < sizeZ;
  while (more) {
    more = false;
    if (isEmpty(s, w, x + (numX + 1) * stepX, y, z, 0, numY * stepY, numZ * stepZ) && numX < MOST_CELLS) {
      numX++;
      more = true;
    }
    if (isEmpty(s, w, x, y + (numY + 1) * stepY, z, numX * stepX, 0, numZ * stepZ) && numY < MOST_CELLS) {
      numY++;
      more = true;
    }
    if (isEmpty(s, w, x, y, z + (numZ + 1) * stepZ, numX * stepX, numY * stepY, 0) && numZ < MOST_CELLS) {
      numZ++;
      more = true;
    }
  }
  free[3 * octant] = numX;
  free[3 * octant + 1] = numY;
  free[3 * octant + 2] = numZ;
}

/** Whether the cells from (x, y, z) to that plus (spanX, spanY, spanZ) lie in the world and are empty. */
function isEmpty(s: Scene, w: number, x: number, y: number, z: number, spanX: number, spanY: number, spanZ: number): boolean {
  const { sizeX, sizeY, sizeZ, state } = s;
  if (x < 0 || x >= sizeX || y < 0 || y >= sizeY || z < 0 || z >= sizeZ) return false;
  const { look } = s.looks;
  const x0 = Math.min(x, x + spanX);
  const x1 = Math.max(x, x + spanX);
  const y0 = Math.min(y, y + spanY);
  const y1 = Math.max(y, y + spanY);
  const z0 = Math.min(z, z + spanZ);
  const z1 = Math.max(z, z + spanZ);
  for (let cy = y0; cy <= y1; cy++) {
    for (let cz = z0; cz <= z1; cz++) {
      const line = w * state.cellsPerWorld + (cy * sizeZ + cz) * sizeX;
      for (let cx = x0; cx <= x1; cx++) if (look[state.voxels[line + cx]] !== LOOK.none) return false;
    }
  }
  return true;
}

/**
 * First and last column, first and last row of the picture that body b can cover, into `s.spans`: its corners projected, with a pixel to spare.
 * A body that reaches beside or behind the eye may cover all. In f64: it only leaves out rays that miss.
 */
function writeSpan(s: Scene, b: number, rays: RayTable): void {
  const { bodies, basis, eye, spans } = s;
  const at = 4 * b;
  spans[at] = 0;
  spans[at + 1] = rays.columns - 1;
  spans[at + 2] = 0;
  spans[at + 3] = rays.rows - 1;
  if (rays.pixelsPerBlock === 0) return;
  let left = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let numAhead = 0;
  let numBehind = 0;
  for (let corner = 0; corner < 8; corner++) {
    const x = bodies[b * BODY_COLUMNS + ((corner & 1) !== 0 ? 3 : 0)] - eye[0];
    const y = bodies[b * BODY_COLUMNS + ((corner & 2) !== 0 ? 4 : 1)] - eye[1];
    const z = bodies[b * BODY_COLUMNS + ((corner & 4) !== 0 ? 5 : 2)] - eye[2];
    const ahead = x * basis[6] + y * basis[7] + z * basis[8];
    // A sixteenth of a block ahead at least, in Q16 times Q14.
    if (ahead < 0) numBehind++;
    if (ahead < 4096 * 16384) continue;
    numAhead++;
    const across = (x * basis[0] + y * basis[1] + z * basis[2]) / ahead;
    const over = (x * basis[3] + y * basis[4] + z * basis[5]) / ahead;
    left = Math.min(left, across);
    right = Math.max(right, across);
    low = Math.min(low, over);
    high = Math.max(high, over);
  }
  // All of it behind: the empty range.
  if (numBehind === 8) spans[at + 3] = -1;
  if (numAhead < 8) return;
  const scale = rays.pixelsPerBlock;
  spans[at] = Math.floor(rays.columns / 2 + left * scale) - 2;
  spans[at + 1] = Math.ceil(rays.columns / 2 + right * scale) + 2;
  spans[at + 2] = Math.floor(rays.rows / 2 - high * scale) - 2;
  spans[at + 3] = Math.ceil(rays.rows / 2 - low * scale) + 2;
}
