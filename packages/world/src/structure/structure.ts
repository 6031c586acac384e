/**
 * A structure: a box of blocks read from a file or written inline, and how it is put into a world.
 * Limits: no larger than the largest world (256 x 128 x 256); a box that leaves the world is refused, not clipped.
 */
import { AIR_ID, BLOCK_BY_NAME } from '../blocks/registry.js';
import { ScenarioError } from '../errors.js';
import { type Cell, MAX_SIZE_X, MAX_SIZE_Y, MAX_SIZE_Z, type VoxelGrid } from '../voxels/grid.js';

export interface Structure {
  /** [x, y, z], cells. */
  readonly size: Cell;
  /** Registry block names, each once. */
  readonly palette: readonly string[];
  /** Palette index per cell, order (y * Z + z) * X + x. */
  readonly cells: Uint16Array;
  /** What was simplified on the way in, such as `oak_stairs -> oak_planks: 12 cells`. */
  readonly notes: readonly string[];
}

export interface PlaceOptions {
  /** Air cells of the structure leave what is there; otherwise they clear it. Default false. */
  keepTerrain?: boolean;
  /** Where the scenario places it, such as `world.structures[0]`; named in errors. */
  path?: string;
}

/**
 * Puts a structure's lowest corner at a cell. Returns how many cells changed.
 * @throws ScenarioError `structure-outside` when it does not fit; `not-in-palette` when the world's palette lacks one of its blocks.
 */
export function placeStructure(grid: VoxelGrid, structure: Structure, at: Cell, options: PlaceOptions = {}): number {
  const [sizeX, sizeY, sizeZ] = structure.size;
  const fits = grid.contains(at[0], at[1], at[2]) && grid.contains(at[0] + sizeX - 1, at[1] + sizeY - 1, at[2] + sizeZ - 1);
  if (!fits) {
    const path = `${options.path ?? 'structure'}.at`;
    const message = `A structure of ${structure.size.join(' x ')} cells must lie in the world of ${grid.sizeX} x ${grid.sizeY} x ${grid.sizeZ}; got [${at.join(', ')}] at ${path}. Move it or enlarge the world.`;
    throw new ScenarioError('structure-outside', message, [{ code: 'structure-outside', path, message }]);
  }
  const indices = structure.palette.map((name) => grid.palette.indexOfName(name));
  const skipped = structure.palette.map((name) => options.keepTerrain === true && BLOCK_BY_NAME.get(name)?.id === AIR_ID);
  let changed = 0;
  let cell = 0;
  for (let y = 0; y < sizeY; y++) {
    for (let z = 0; z < sizeZ; z++) {
      const row = grid.cellIndex(at[0], at[1] + y, at[2] + z);
      for (let x = 0; x < sizeX; x++, cell++) {
        const index = structure.cells[cell];
        if (skipped[index]) continue;
        if (grid.setCell(row + x, indices[index]) !== indices[index]) changed++;
      }
    }
  }
  return changed;
}

/** Whether a structure of that size may exist. */
export function isStructureSize(sizeX: number, sizeY: number, sizeZ: number): boolean {
  return sizeX >= 1 && sizeX <= MAX_SIZE_X && sizeY >= 1 && sizeY <= MAX_SIZE_Y && sizeZ >= 1 && sizeZ <= MAX_SIZE_Z;
}

/** The limits in words, for errors. */
export const STRUCTURE_LIMITS = `1..${MAX_SIZE_X} x 1..${MAX_SIZE_Y} x 1..${MAX_SIZE_Z} cells (x, y, z)`;
