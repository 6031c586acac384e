/**
 * Ray against voxels: the grid traversal of Amanatides & Woo, "A Fast Voxel Traversal Algorithm for Ray Tracing" (Eurographics 1987), in integers.
 * Differs: crossing times are Q24 blocks, from two 32-bit divisions per axis in the set-up; the loop only adds and compares.
 * Error: a crossing time is at most 111 units of 2^-24 block early (one per crossing of 64 blocks), less than half a unit of the Q16 result.
 * Mirroring world and ray in x or z mirrors the result exactly: cells on a boundary are entered, crossings at one time go x, y, z,
 * and only a ray that runs within a cell face (that component 0, position on the boundary) must choose a side: the cell above the boundary.
 * Sides are taken and axes chosen by masks, since no processor can guess them.
 * Limits: |position| < 2^24 Q16, |direction component| <= 2^14, range below 64 blocks (longer ones are cut to that).
 */

/** Words of a ray result: cell x, y, z; face; distance. */
export const RAY_OUT_SIZE = 5;
/** Longest range, Q16: 64 blocks less one unit. */
export const MAX_RAY_RANGE_Q16 = (64 << 16) - 1;
/** Outward normals by face number: -x, +x, -y, +y, -z, +z. */
export const FACE_NORMALS: readonly (readonly [number, number, number])[] = [
  [-1, 0, 0],
  [1, 0, 0],
  [0, -1, 0],
  [0, 1, 0],
  [0, 0, -1],
  [0, 0, 1],
];

/** A crossing that no ray reaches, Q24: twice the longest range, so that adding it to a time within range stays in i32. */
const NEVER = 0x40000000;

/**
 * First targetable cell along a ray. The cell that the ray starts in is not tested; one that it starts on the face of is, at distance 0.
 * Cells outside the grid are empty, so a ray may start outside.
 * @param targetable per palette index, 1 = the ray stops.
 * @param voxels palette indices, one world's at `voxelOffset` in the grid's layout.
 * @param px position, Q16 blocks (px, py, pz).
 * @param dx direction, Q14 (dx, dy, dz), unit length; its length scales the distance.
 * @param rangeQ16 a hit at exactly this distance counts.
 * @param out `[5]` i32: cell x, y, z; face hit, 0..5 as FACE_NORMALS; distance Q16. Untouched without a hit.
 * @returns 1 for a hit, else 0.
 */
export function raycastVoxels(
  targetable: Uint8Array,
  voxels: Uint8Array,
  voxelOffset: number,
  sizeX: number,
  sizeY: number,
  sizeZ: number,
  px: number,
  py: number,
  pz: number,
  dx: number,
  dy: number,
  dz: number,
  rangeQ16: number,
  out: Int32Array,
): number {
  // -1 where a component is negative, and where it is positive.
  const downX = dx >> 31;
  const downY = dy >> 31;
  const downZ = dz >> 31;
  const upX = (0 - dx) >> 31;
  const upY = (0 - dy) >> 31;
  const upZ = (0 - dz) >> 31;
  const stepX = downX - upX;
  const stepY = downY - upY;
  const stepZ = downZ - upZ;
  const ax = (dx ^ downX) - downX;
  const ay = (dy ^ downY) - downY;
  const az = (dz ^ downZ) - downZ;
  // Just below a boundary that the ray crosses upwards.
  let x = (px + upX) >> 16;
  let y = (py + upY) >> 16;
  let z = (pz + upZ) >> 16;
  let nextX = crossingTime(((px ^ upX) - upX) & 65535, ax);
  let nextY = crossingTime(((py ^ upY) - upY) & 65535, ay);
  let nextZ = crossingTime(((pz ^ upZ) - upZ) & 65535, az);
  const deltaX = crossingTime(65536, ax);
  const deltaY = crossingTime(65536, ay);
  const deltaZ = crossingTime(65536, az);
  const range = Math.min(rangeQ16, MAX_RAY_RANGE_Q16) << 8;
  for (;;) {
    // All ones for the axis that is crossed first, ties to x, then y. Times are below 2^31, so differences stay in i32.
    const overX = ((nextX - nextY - 1) & (nextX - nextZ - 1)) >> 31;
    const overY = ~overX & ((nextY - nextZ - 1) >> 31);
    const overZ = ~(overX | overY);
    const time = (nextX & overX) | (nextY & overY) | (nextZ & overZ);
    if (time > range) return 0;
    x += stepX & overX;
    y += stepY & overY;
    z += stepZ & overZ;
    nextX += deltaX & overX;
    nextY += deltaY & overY;
    nextZ += deltaZ & overZ;
    // Negative when a coordinate is below 0 or above its last cell.
    if ((x | (sizeX - 1 - x) | y | (sizeY - 1 - y) | z | (sizeZ - 1 - z)) < 0) {
      if (leaves(x, sizeX, stepX) || leaves(y, sizeY, stepY) || leaves(z, sizeZ, stepZ)) return 0;
      continue;
    }
    if (targetable[voxels[voxelOffset + Math.imul(Math.imul(y, sizeZ) + z, sizeX) + x]] === 1) {
      out[0] = x;
      out[1] = y;
      out[2] = z;
      // Faces are numbered as FACE_NORMALS: by axis, the one that looks to the higher side second.
      out[3] = (overY & 2) + (overZ & 4) + ((((stepX & overX) + (stepY & overY) + (stepZ & overZ)) >> 31) & 1);
      out[4] = time >> 8;
      return 1;
    }
  }
}

/**
 * The same ray through a solidity bitboard, for palettes in which exactly the solid blocks stop it: an eighth of the memory of the voxels.
 * Written out beside `raycastVoxels`, from which it differs in the look-up alone: the loop runs per cell, and a kernel takes no function as a parameter.
 * @param rows solidity bits, one world's at `rowOffset`: rows along x of `rowWords` words, z before y.
 * @returns 1 for a hit, else 0; `out` and all other parameters as of `raycastVoxels`.
 */
export function raycastSolid(
  rows: Uint32Array,
  rowOffset: number,
  rowWords: number,
  sizeX: number,
  sizeY: number,
  sizeZ: number,
  px: number,
  py: number,
  pz: number,
  dx: number,
  dy: number,
  dz: number,
  rangeQ16: number,
  out: Int32Array,
): number {
  // -1 where a component is negative, and where it is positive.
  const downX = dx >> 31;
  const downY = dy >> 31;
  const downZ = dz >> 31;
  const upX = (0 - dx) >> 31;
  const upY = (0 - dy) >> 31;
  const upZ = (0 - dz) >> 31;
  const stepX = downX - upX;
  const stepY = downY - upY;
  const stepZ = downZ - upZ;
  const ax = (dx ^ downX) - downX;
  const ay = (dy ^ downY) - downY;
  const az = (dz ^ downZ) - downZ;
  // Just below a boundary that the ray crosses upwards.
  let x = (px + upX) >> 16;
  let y = (py + upY) >> 16;
  let z = (pz + upZ) >> 16;
  let nextX = crossingTime(((px ^ upX) - upX) & 65535, ax);
  let nextY = crossingTime(((py ^ upY) - upY) & 65535, ay);
  let nextZ = crossingTime(((pz ^ upZ) - upZ) & 65535, az);
  const deltaX = crossingTime(65536, ax);
  const deltaY = crossingTime(65536, ay);
  const deltaZ = crossingTime(65536, az);
  const range = Math.min(rangeQ16, MAX_RAY_RANGE_Q16) << 8;
  for (;;) {
    // All ones for the axis that is crossed first, ties to x, then y. Times are below 2^31, so differences stay in i32.
    const overX = ((nextX - nextY - 1) & (nextX - nextZ - 1)) >> 31;
    const overY = ~overX & ((nextY - nextZ - 1) >> 31);
    const overZ = ~(overX | overY);
    const time = (nextX & overX) | (nextY & overY) | (nextZ & overZ);
    if (time > range) return 0;
    x += stepX & overX;
    y += stepY & overY;
    z += stepZ & overZ;
    nextX += deltaX & overX;
    nextY += deltaY & overY;
    nextZ += deltaZ & overZ;
    // Negative when a coordinate is below 0 or above its last cell.
    if ((x | (sizeX - 1 - x) | y | (sizeY - 1 - y) | z | (sizeZ - 1 - z)) < 0) {
      if (leaves(x, sizeX, stepX) || leaves(y, sizeY, stepY) || leaves(z, sizeZ, stepZ)) return 0;
      continue;
    }
    if (((rows[rowOffset + Math.imul(Math.imul(y, sizeZ) + z, rowWords) + (x >> 5)] >>> (x & 31)) & 1) !== 0) {
      out[0] = x;
      out[1] = y;
      out[2] = z;
      // Faces are numbered as FACE_NORMALS: by axis, the one that looks to the higher side second.
      out[3] = (overY & 2) + (overZ & 4) + ((((stepX & overX) + (stepY & overY) + (stepZ & overZ)) >> 31) & 1);
      out[4] = time >> 8;
      return 1;
    }
  }
}

/** Whether a coordinate is outside the grid for good. */
function leaves(cell: number, size: number, step: number): boolean {
  return (cell < 0 && step <= 0) || (cell >= size && step >= 0);
}

/** Crossing times from here on are NEVER: 64 blocks in Q24. */
const TOO_LATE = 0x40000000;

/**
 * `floor(distance * 2^22 / d)`: Q24 time to go `distance` Q16 (at most 65536) at a speed of d Q14; NEVER for 64 blocks and more.
 * One f64 division is exact here: the dividend is below 2^39, and a quotient below 2^30 that is no integer is at least 2^-14 from the next one,
 * where f64 errs by less than 2^-23. Engines without f64 divide twice, by d and the remainder.
 */
function crossingTime(distance: number, d: number): number {
  if (d === 0) return NEVER;
  const q = (distance * 4194304) / d;
  return q >= TOO_LATE ? NEVER : q | 0;
}
