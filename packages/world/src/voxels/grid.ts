/**
 * The voxel grid of one world: a u8 palette index per cell, a solidity bitboard beside it, and the voxels' share of the state hash.
 * Layout: cell = (y * sizeZ + z) * sizeX + x; bitboard word = (y * sizeZ + z) * rowWords + (x >> 5), bit x & 31, rowWords = ceil(sizeX / 32).
 * Limits: 1..256 x 1..128 x 1..256 cells. Outside, the four sides (at any height) and everything below are bedrock, and above is air.
 * Hash: a voxel's word is (VOXEL_FIELD_ID, cell, registry id); air adds nothing.
 * The buffers may be the caller's (slices of a batch arena); then nothing else may write them, or call `refresh` after doing so.
 */
import { BLOCK_BY_ID } from '../blocks/registry.js';
import { ScenarioError, ShapeError } from '../errors.js';
import { hashWord0, hashWord1 } from '../numbers/state-hash.js';
import { VOXEL_FIELD_ID } from '../spec/state.js';
import { AIR_INDEX, BEDROCK_INDEX, type Palette } from './palette.js';
import { raycastVoxels } from './raycast.js';

export const MAX_SIZE_X = 256;
export const MAX_SIZE_Y = 128;
export const MAX_SIZE_Z = 256;

/** [x, y, z], integer cells. */
export type Cell = readonly [number, number, number];

/** Words of the bitboard along one row of x. */
export function rowWordsOf(sizeX: number): number {
  return (sizeX + 31) >> 5;
}

/** Bytes of `voxels` in a grid of that size. */
export function voxelCountOf(sizeX: number, sizeY: number, sizeZ: number): number {
  return sizeX * sizeY * sizeZ;
}

/** Words of `rows` in a grid of that size. */
export function rowCountOf(sizeX: number, sizeY: number, sizeZ: number): number {
  return rowWordsOf(sizeX) * sizeY * sizeZ;
}

/** @throws ScenarioError `world-size` unless the sizes are integers within the limits. */
export function assertGridSize(sizeX: number, sizeY: number, sizeZ: number, path = 'world.size'): void {
  const ok = inRange(sizeX, MAX_SIZE_X) && inRange(sizeY, MAX_SIZE_Y) && inRange(sizeZ, MAX_SIZE_Z);
  if (ok) return;
  throw new ScenarioError(
    'world-size',
    `A world must be 1..${MAX_SIZE_X} x 1..${MAX_SIZE_Y} x 1..${MAX_SIZE_Z} cells (x, y, z); got [${sizeX}, ${sizeY}, ${sizeZ}] at ${path}. Use a smaller size.`,
  );
}

export class VoxelGrid {
  readonly sizeX: number;
  readonly sizeY: number;
  readonly sizeZ: number;
  readonly palette: Palette;
  /** Palette index per cell. */
  readonly voxels: Uint8Array;
  /** Solidity bitboard. */
  readonly rows: Uint32Array;
  /** Bitboard words per row of x. */
  readonly rowWords: number;
  /** The voxels' share of the state hash, kept up to date by every edit; u32. */
  lane0 = 0;
  lane1 = 0;
  /** 1 where the palette's block is solid. */
  readonly #solid: Uint8Array;

  /**
   * An empty grid, or one over the caller's buffers, whose voxels are kept and whose rows are rebuilt from them.
   * @throws ScenarioError for a size out of limits; ShapeError for buffers of the wrong length or voxels outside the palette.
   */
  constructor(sizeX: number, sizeY: number, sizeZ: number, palette: Palette, buffers?: { voxels: Uint8Array; rows: Uint32Array }) {
    assertGridSize(sizeX, sizeY, sizeZ);
    this.sizeX = sizeX;
    this.sizeY = sizeY;
    this.sizeZ = sizeZ;
    this.palette = palette;
    this.rowWords = rowWordsOf(sizeX);
    const numVoxels = voxelCountOf(sizeX, sizeY, sizeZ);
    const numRows = rowCountOf(sizeX, sizeY, sizeZ);
    if (buffers !== undefined && (buffers.voxels.length !== numVoxels || buffers.rows.length !== numRows)) {
      throw new ShapeError(
        'grid-buffers',
        `A ${sizeX} x ${sizeY} x ${sizeZ} grid must have ${numVoxels} voxels and ${numRows} row words; got ${buffers.voxels.length} and ${buffers.rows.length}. Size them with voxelCountOf and rowCountOf.`,
      );
    }
    this.voxels = buffers?.voxels ?? new Uint8Array(numVoxels);
    this.rows = buffers?.rows ?? new Uint32Array(numRows);
    this.#solid = Uint8Array.from(palette.registryIds, (id) => (BLOCK_BY_ID.get(id)!.solid ? 1 : 0));
    if (buffers !== undefined) this.refresh();
  }

  /** Whether the cell lies in the grid. */
  contains(x: number, y: number, z: number): boolean {
    return x >= 0 && x < this.sizeX && y >= 0 && y < this.sizeY && z >= 0 && z < this.sizeZ;
  }

  /** Index of a cell of the grid in `voxels`; unchecked. */
  cellIndex(x: number, y: number, z: number): number {
    return (y * this.sizeZ + z) * this.sizeX + x;
  }

  /** Palette index of a cell; outside, bedrock at the sides and below, air above. */
  get(x: number, y: number, z: number): number {
    if (x < 0 || x >= this.sizeX || z < 0 || z >= this.sizeZ || y < 0) return BEDROCK_INDEX;
    if (y >= this.sizeY) return AIR_INDEX;
    return this.voxels[this.cellIndex(x, y, z)];
  }

  /** Name of a cell's block. */
  nameAt(x: number, y: number, z: number): string {
    return this.palette.names[this.get(x, y, z)];
  }

  /** Puts a block and updates bitboard and hash lanes. Returns the palette index that was there. @throws ShapeError outside grid or palette. */
  set(x: number, y: number, z: number, paletteIndex: number): number {
    if (!this.contains(x, y, z)) {
      throw new ShapeError(
        'cell-outside',
        `A cell must lie in the ${this.sizeX} x ${this.sizeY} x ${this.sizeZ} grid; got [${x}, ${y}, ${z}]. Clip it first.`,
      );
    }
    return this.setCell(this.cellIndex(x, y, z), paletteIndex);
  }

  /** `set` by cell index. */
  setCell(cell: number, paletteIndex: number): number {
    if (!(cell >= 0 && cell < this.voxels.length)) {
      throw new ShapeError('cell-outside', `A cell index must be 0..${this.voxels.length - 1}; got ${cell}. Compute it with cellIndex.`);
    }
    this.#assertIndex(paletteIndex);
    const before = this.voxels[cell];
    if (before === paletteIndex) return before;
    this.#hash(cell, before, -1);
    this.#hash(cell, paletteIndex, 1);
    this.voxels[cell] = paletteIndex;
    const x = cell % this.sizeX;
    const word = ((cell - x) / this.sizeX) * this.rowWords + (x >> 5);
    const bit = 1 << (x & 31);
    this.rows[word] = this.#solid[paletteIndex] === 1 ? this.rows[word] | bit : this.rows[word] & ~bit;
    return before;
  }

  /** Fills a box of cells, both corners included, clipped to the grid. Returns how many cells changed. */
  fill(from: Cell, to: Cell, paletteIndex: number): number {
    this.#assertIndex(paletteIndex);
    let changed = 0;
    const [x0, x1] = span(from[0], to[0], this.sizeX);
    const [y0, y1] = span(from[1], to[1], this.sizeY);
    const [z0, z1] = span(from[2], to[2], this.sizeZ);
    for (let y = y0; y <= y1; y++) {
      for (let z = z0; z <= z1; z++) {
        for (let x = x0; x <= x1; x++) {
          const cell = this.cellIndex(x, y, z);
          if (this.voxels[cell] !== paletteIndex) {
            this.setCell(cell, paletteIndex);
            changed++;
          }
        }
      }
    }
    return changed;
  }

  /** First targetable cell along a ray; see `raycastVoxels` for units and `out`. `targetable` is per palette index, 1 = the ray stops. */
  raycast(
    targetable: Uint8Array,
    px: number,
    py: number,
    pz: number,
    dx: number,
    dy: number,
    dz: number,
    rangeQ16: number,
    out: Int32Array,
  ): number {
    return raycastVoxels(targetable, this.voxels, 0, this.sizeX, this.sizeY, this.sizeZ, px, py, pz, dx, dy, dz, rangeQ16, out);
  }

  /** Recomputes bitboard and hash lanes from `voxels`, after somebody wrote them directly. @throws ShapeError for a voxel outside the palette. */
  refresh(): void {
    this.rows.fill(0);
    let cell = 0;
    for (let row = 0; row < this.sizeY * this.sizeZ; row++) {
      for (let x = 0; x < this.sizeX; x++, cell++) {
        const index = this.voxels[cell];
        this.#assertIndex(index);
        if (this.#solid[index] === 1) this.rows[row * this.rowWords + (x >> 5)] |= 1 << (x & 31);
      }
    }
    const lanes = this.hashLanes();
    this.lane0 = lanes.lane0;
    this.lane1 = lanes.lane1;
  }

  /** The voxels' share of the state hash, computed anew: what `lane0` and `lane1` must equal. */
  hashLanes(): { lane0: number; lane1: number } {
    let lane0 = 0;
    let lane1 = 0;
    for (let cell = 0; cell < this.voxels.length; cell++) {
      const index = this.voxels[cell];
      if (index === AIR_INDEX) continue;
      const id = this.palette.registryIds[index];
      lane0 = (lane0 + hashWord0(VOXEL_FIELD_ID, cell, id)) | 0;
      lane1 = (lane1 + hashWord1(VOXEL_FIELD_ID, cell, id)) | 0;
    }
    return { lane0: lane0 >>> 0, lane1: lane1 >>> 0 };
  }

  #hash(cell: number, paletteIndex: number, sign: 1 | -1): void {
    if (paletteIndex === AIR_INDEX) return;
    const id = this.palette.registryIds[paletteIndex];
    this.lane0 = (this.lane0 + sign * hashWord0(VOXEL_FIELD_ID, cell, id)) >>> 0;
    this.lane1 = (this.lane1 + sign * hashWord1(VOXEL_FIELD_ID, cell, id)) >>> 0;
  }

  #assertIndex(paletteIndex: number): void {
    if (Number.isInteger(paletteIndex) && paletteIndex >= 0 && paletteIndex < this.palette.names.length) return;
    throw new ShapeError(
      'palette-index',
      `A voxel must be a palette index 0..${this.palette.names.length - 1}; got ${paletteIndex}. Look it up with palette.indexOfName.`,
    );
  }
}

/** Whether a cell collides, outside the grid too: the sides at any height and everything below do, above does not. */
export function isSolidAt(grid: VoxelGrid, x: number, y: number, z: number): boolean {
  if (x < 0 || x >= grid.sizeX || z < 0 || z >= grid.sizeZ || y < 0) return true;
  if (y >= grid.sizeY) return false;
  return ((grid.rows[(y * grid.sizeZ + z) * grid.rowWords + (x >> 5)] >>> (x & 31)) & 1) === 1;
}

function inRange(size: number, most: number): boolean {
  return Number.isInteger(size) && size >= 1 && size <= most;
}

/** The part of [a, b], in either order, within [0, size). */
function span(a: number, b: number, size: number): [number, number] {
  return [Math.max(0, Math.min(a, b)), Math.min(size - 1, Math.max(a, b))];
}
