/**
 * Hills: a height field of value noise, with rock under the soil and water in the valleys if wanted,
 * then oaks at random columns, far enough apart for their trunks to stay free.
 */
import { PURPOSE, randomU32 } from '../numbers/random.js';
import type { VoxelGrid } from '../voxels/grid.js';
import { AIR_INDEX } from '../voxels/palette.js';
import type { HillsTerrain } from './schema.js';
import { valueNoise2D } from './value-noise.js';

/** Blocks of a tree: trunk, crown. */
const TREE_BLOCKS = ['oak_log', 'oak_leaves'] as const;
const DEFAULT_SOIL = 3;

/** Names of the blocks that hills may be made of. */
export function hillsBlocks({ top, body, trees, rock, water, shore }: HillsTerrain): string[] {
  const blocks = [top, body, ...(trees > 0 ? TREE_BLOCKS : [])];
  if (rock !== undefined) blocks.push(rock);
  if (water !== undefined) blocks.push('water', ...(shore === undefined ? [] : [shore]));
  return blocks;
}

/** Streams of the generator's random words; 0..7 belong to the noise octaves. */
const STREAM_TREES = 8;
const STREAM_TRUNKS = 9;
/** Trunks are at least this far apart, and the crown's radius from the edge. */
const TREE_SPACING = 3;
const CROWN_RADIUS = 2;

export function generateHills(grid: VoxelGrid, spec: HillsTerrain, seedLow: number, seedHigh: number): void {
  const top = grid.palette.indexOfName(spec.top);
  const body = grid.palette.indexOfName(spec.body);
  const heights = new Uint8Array(grid.sizeX * grid.sizeZ);
  for (let z = 0; z < grid.sizeZ; z++) {
    for (let x = 0; x < grid.sizeX; x++) {
      const noise = valueNoise2D(seedLow, seedHigh, 0, x, z, spec.wavelength);
      // noise < 2^16 times at most 121 stays below 2^23; the result is -amplitude..amplitude, each as wide.
      const height = spec.base - spec.amplitude + (Math.imul(noise, 2 * spec.amplitude + 1) >> 16);
      heights[z * grid.sizeX + x] = height;
      if (height > 1) grid.fill([x, 0, z], [x, height - 2, z], body);
      const rockTop = height - 2 - (spec.soil ?? DEFAULT_SOIL);
      if (spec.rock !== undefined && rockTop >= 0) grid.fill([x, 0, z], [x, rockTop, z], grid.palette.indexOfName(spec.rock));
      grid.set(x, height - 1, z, isShore(spec, height) && spec.shore !== undefined ? grid.palette.indexOfName(spec.shore) : top);
      if (spec.water !== undefined && height < spec.water)
        grid.fill([x, height, z], [x, spec.water - 1, z], grid.palette.indexOfName('water'));
    }
  }
  if (spec.trees > 0) plantTrees(grid, spec, heights, seedLow, seedHigh);
}

/** Whether a column of that height lies under water or a block above it. */
function isShore({ water }: HillsTerrain, height: number): boolean {
  return water !== undefined && height <= water + 1;
}

function plantTrees(grid: VoxelGrid, spec: HillsTerrain, heights: Uint8Array, seedLow: number, seedHigh: number): void {
  const planted = new Uint8Array(grid.sizeX * grid.sizeZ);
  for (let z = CROWN_RADIUS; z < grid.sizeZ - CROWN_RADIUS; z++) {
    for (let x = CROWN_RADIUS; x < grid.sizeX - CROWN_RADIUS; x++) {
      if (randomU32(seedLow, seedHigh, STREAM_TREES, x, PURPOSE.terrain, z) >>> 24 >= spec.trees) continue;
      if (hasTreeNear(planted, grid.sizeX, x, z) || isShore(spec, heights[z * grid.sizeX + x])) continue;
      planted[z * grid.sizeX + x] = 1;
      plantTree(grid, x, heights[z * grid.sizeX + x], z, 4 + (randomU32(seedLow, seedHigh, STREAM_TRUNKS, x, PURPOSE.terrain, z) >>> 31));
    }
  }
}

/** Whether an earlier column in scan order within TREE_SPACING - 1 has a tree. */
function hasTreeNear(planted: Uint8Array, sizeX: number, x: number, z: number): boolean {
  const reach = TREE_SPACING - 1;
  for (let nz = Math.max(0, z - reach); nz <= z; nz++) {
    for (let nx = Math.max(0, x - reach); nx <= Math.min(sizeX - 1, x + reach); nx++) {
      if (planted[nz * sizeX + nx] === 1) return true;
    }
  }
  return false;
}

/** An oak: a crown two cells about the trunk's upper half and one about its tip, trunk inside. */
function plantTree(grid: VoxelGrid, x: number, ground: number, z: number, trunk: number): void {
  const [log, leaves] = TREE_BLOCKS.map((name) => grid.palette.indexOfName(name));
  const tip = ground + trunk;
  for (let y = tip - 2; y <= tip + 1; y++) {
    const radius = y < tip ? CROWN_RADIUS : 1;
    for (let dz = -radius; dz <= radius; dz++) {
      for (let dx = -radius; dx <= radius; dx++) {
        const corner = Math.abs(dx) === radius && Math.abs(dz) === radius;
        if (!corner && grid.get(x + dx, y, z + dz) === AIR_INDEX) grid.set(x + dx, y, z + dz, leaves);
      }
    }
  }
  grid.fill([x, ground, z], [x, tip - 1, z], log);
}
