/**
 * Chunks: cubes of 16 blocks, the unit that is meshed and re-meshed. A chunk is meshed from a copy with a border of one cell,
 * so that face culling and ambient occlusion see its neighbours. Padded index = (y * 18 + z) * 18 + x, each 0..17, the chunk at 1..16.
 */
export const CHUNK = 16;
export const PADDED = CHUNK + 2;
export const PADDED_CELLS = PADDED * PADDED * PADDED;

/** Palette indices that every palette has; see `createPalette` of @kinovox/world. */
const AIR = 0;
const BEDROCK = 1;

export interface VoxelField {
  /** Blocks along x, y, z. */
  size: readonly [number, number, number];
  /** `[Y, Z, X]` palette indices. */
  voxels: Uint8Array;
}

/** Chunks along x, y, z. */
export function chunkGrid(size: readonly [number, number, number]): [number, number, number] {
  return [Math.ceil(size[0] / CHUNK), Math.ceil(size[1] / CHUNK), Math.ceil(size[2] / CHUNK)];
}

/**
 * The padded copy of chunk (cx, cy, cz). Outside the world the sides and the top count as air, so that its flanks are drawn,
 * and what lies below counts as bedrock, so that its underside is not.
 */
export function copyPadded(field: VoxelField, cx: number, cy: number, cz: number): Uint8Array {
  const [sizeX, sizeY, sizeZ] = field.size;
  const out = new Uint8Array(PADDED_CELLS);
  const x0 = cx * CHUNK - 1;
  const firstX = Math.max(0, -x0);
  const endX = Math.min(PADDED, sizeX - x0);
  for (let py = 0; py < PADDED; py++) {
    const y = cy * CHUNK - 1 + py;
    for (let pz = 0; pz < PADDED; pz++) {
      const z = cz * CHUNK - 1 + pz;
      const row = (py * PADDED + pz) * PADDED;
      if (y < 0) out.fill(BEDROCK, row, row + PADDED);
      else if (y >= sizeY || z < 0 || z >= sizeZ) out.fill(AIR, row, row + PADDED);
      else {
        const from = (y * sizeZ + z) * sizeX + x0;
        out.set(field.voxels.subarray(from + firstX, from + endX), row + firstX);
      }
    }
  }
  return out;
}
