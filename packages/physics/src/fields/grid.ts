/**
 * Cells of a world as fields see them: one number per cell, `[Y, Z, X]` like the voxels. A plane is a grid of height 1.
 * Outside a grid it is solid at the four sides and below, and empty above, as in the rules of motion.
 */
import { ShapeError } from '@kinovox/world';
import type { Engine } from '../engine.js';

/** Cells along x, y, z. */
export type GridSize = readonly [number, number, number];

export interface SolidGrid {
  size: GridSize;
  /** `[Y, Z, X]` 1 = a full cube that stops bodies. */
  solid: Uint8Array;
}

export interface Field {
  size: GridSize;
  /** `[Y, Z, X]` */
  values: Float32Array;
}

/** Inclusive cells, from the lesser to the greater corner. */
export type CellRegion = readonly [from: readonly [number, number, number], to: readonly [number, number, number]];

/** The solid cells of world w as they are now: a copy, which later edits do not change. */
export function solidGridOf(engine: Pick<Engine, 'program' | 'state'>, w: number): SolidGrid {
  const { program, state } = engine;
  const first = w * state.cellsPerWorld;
  const solid = new Uint8Array(state.cellsPerWorld);
  for (let i = 0; i < solid.length; i++) solid[i] = program.blocks.solid[state.voxels[first + i]];
  return { size: program.size, solid };
}

export function numCells(size: GridSize): number {
  return size[0] * size[1] * size[2];
}

/** Index of a cell; the caller keeps it inside. */
export function cellIndex(size: GridSize, x: number, y: number, z: number): number {
  return (y * size[2] + z) * size[0] + x;
}

/** How far a step of one cell along an axis (0 x, 1 y, 2 z) goes in the array. */
export function strideOf(size: GridSize, axis: 0 | 1 | 2): number {
  return axis === 0 ? 1 : axis === 2 ? size[0] : size[0] * size[2];
}

/** Most cells of a grid: indices are f32 on gpu.js. */
export const MAX_FIELD_CELLS = 2 ** 24;

/** @throws ShapeError when the size is not three whole numbers above 0, is too large, or `length` is not its number of cells. */
export function assertGrid(size: GridSize, length: number, name: string): void {
  if (size.length !== 3 || size.some((n) => !Number.isInteger(n) || n < 1) || numCells(size) > MAX_FIELD_CELLS)
    throw new ShapeError(
      'grid-size',
      `A grid must have three whole sizes above 0 and at most 2^24 cells; got [${size.join(', ')}] for ${name}.`,
    );
  if (length !== numCells(size))
    throw new ShapeError('grid-length', `${name} must hold ${numCells(size)} cells, [Y, Z, X] of [${size.join(', ')}]; got ${length}.`);
}
