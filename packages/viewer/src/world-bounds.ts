/** What of a world is worth framing: its whole floor plan, from its lowest to its highest surface. Without a DOM. */

/** Lowest and highest surface over all columns, in blocks; columns of air alone count as 0. */
export function surfaceBounds(size: readonly [number, number, number], voxels: Uint8Array): { low: number; high: number } {
  const [sizeX, sizeY, sizeZ] = size;
  const area = sizeX * sizeZ;
  let low = sizeY;
  let high = 0;
  for (let column = 0; column < area; column++) {
    let y = sizeY - 1;
    while (y >= 0 && voxels[y * area + column] === 0) y--;
    low = Math.min(low, y + 1);
    high = Math.max(high, y + 1);
  }
  return { low: Math.min(low, high), high };
}
