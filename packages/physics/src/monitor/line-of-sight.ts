/**
 * Line of sight between two points through the voxels, in exact integers: coordinates are 1/64 block, so the crossing times of two axes
 * compare as products of at most 2^14 x 2^14. The cells of both ends are not tested: one holds the eye, the other what is looked at.
 * Mirroring world and points in x or z gives the same answer, as in the voxel ray cast: a point on a boundary belongs to the cell the line comes from.
 * Limits: coordinates in [-2^13, 2^14] (128 blocks below to 256 above the origin), so that differences stay below 2^15 and products below 2^30.
 */

/**
 * @param opaque per palette index, 1 = hides what is behind it. Cells outside the grid hide nothing.
 * @param voxels palette indices, one world's at `offset`, `[Y, Z, X]`.
 * @param ax start in 1/64 block (ax, ay, az).
 * @param bx end in 1/64 block (bx, by, bz).
 */
export function hasLineOfSight(
  opaque: Uint8Array,
  voxels: Uint8Array,
  offset: number,
  size: readonly [number, number, number],
  ax: number,
  ay: number,
  az: number,
  bx: number,
  by: number,
  bz: number,
): boolean {
  const [sizeX, sizeY, sizeZ] = size;
  const dx = bx - ax;
  const dy = by - ay;
  const dz = bz - az;
  const stepX = dx > 0 ? 1 : -1;
  const stepY = dy > 0 ? 1 : -1;
  const stepZ = dz > 0 ? 1 : -1;
  const lengthX = dx < 0 ? -dx : dx;
  const lengthY = dy < 0 ? -dy : dy;
  const lengthZ = dz < 0 ? -dz : dz;
  let x = cellAlong(ax, dx);
  let y = cellAlong(ay, dy);
  let z = cellAlong(az, dz);
  const endX = cellAlong(bx, dx);
  const endY = cellAlong(by, dy);
  const endZ = cellAlong(bz, dz);
  // Distance along each axis to the next boundary; it is crossed at the fraction toX / lengthX of the line.
  let toX = dx > 0 ? -ax & 63 : ax & 63;
  let toY = dy > 0 ? -ay & 63 : ay & 63;
  let toZ = dz > 0 ? -az & 63 : az & 63;
  for (;;) {
    const canX = x !== endX;
    const canY = y !== endY;
    const canZ = z !== endZ;
    if (canX && (!canY || toX * lengthY <= toY * lengthX) && (!canZ || toX * lengthZ <= toZ * lengthX)) {
      x += stepX;
      toX += 64;
    } else if (canY && (!canZ || toY * lengthZ <= toZ * lengthY)) {
      y += stepY;
      toY += 64;
    } else if (canZ) {
      z += stepZ;
      toZ += 64;
    } else return true;
    if (x === endX && y === endY && z === endZ) return true;
    if (x < 0 || x >= sizeX || y < 0 || y >= sizeY || z < 0 || z >= sizeZ) continue;
    if (opaque[voxels[offset + (y * sizeZ + z) * sizeX + x]] === 1) return false;
  }
}

/** Cell of a coordinate; on a boundary, the one that a line in direction d comes from. */
function cellAlong(p: number, d: number): number {
  return d > 0 && (p & 63) === 0 ? (p >> 6) - 1 : p >> 6;
}
