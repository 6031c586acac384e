/**
 * Which cells a body can stand in and which it can go to from there, as data: the graph under geodesic fields. Costs are integers, in tenths of a metre.
 * Cells are those of the feet. What a body can do is simplified to cells: no run-up, no momentum, no ladders, no swimming.
 */
import { assertGrid, cellIndex, type GridSize, type SolidGrid } from './grid.js';
import { FIXED_CELL, MAX_NEIGHBOURS } from './stencil.js';

type Cell = readonly [number, number, number];

export interface Move {
  offset: Cell;
  /** Whole tenths of a metre, above 0. */
  cost: number;
  /** Cells that must be free besides those that the body fills at both ends, from where it starts. */
  free: readonly Cell[];
}

export interface MoveSet {
  name: string;
  /** Cells that must be free where the body stands. */
  body: readonly Cell[];
  /** Whether the cell below must be solid. */
  standing: boolean;
  /** At most 24. */
  moves: readonly Move[];
}

/** A walker: two cells high, eight ways on the level (corners must be free), one up by a jump, down by up to three (falls beyond hurt). */
export const WALK_MOVES: MoveSet = {
  name: 'walk',
  body: [
    [0, 0, 0],
    [0, 1, 0],
  ],
  standing: true,
  moves: walkMoves(),
};

/** A flyer of one cell: six ways. */
export const FLY_MOVES: MoveSet = {
  name: 'fly',
  body: [[0, 0, 0]],
  standing: false,
  moves: (
    [
      [1, 0, 0],
      [-1, 0, 0],
      [0, 1, 0],
      [0, -1, 0],
      [0, 0, 1],
      [0, 0, -1],
    ] as const
  ).map((offset) => ({ offset, cost: 10, free: [] })),
};

/** `[Y, Z, X]` 1 = the body can stand here. */
export function standableCells(grid: SolidGrid, set: MoveSet): Uint8Array {
  assertGrid(grid.size, grid.solid.length, 'solid');
  const [sizeX, sizeY, sizeZ] = grid.size;
  const out = new Uint8Array(grid.solid.length);
  for (let y = 0, i = 0; y < sizeY; y++)
    for (let z = 0; z < sizeZ; z++)
      for (let x = 0; x < sizeX; x++, i++) {
        const fits = set.body.every(([dx, dy, dz]) => !solidAt(grid, x + dx, y + dy, z + dz));
        out[i] = fits && (!set.standing || solidAt(grid, x, y - 1, z)) ? 1 : 0;
      }
  return out;
}

/** `[Y, Z, X]` bit n = move n leads from this cell to another that can be stood in; FIXED_CELL where the body cannot stand. */
export function moveEdges(grid: SolidGrid, set: MoveSet): Float32Array {
  const standable = standableCells(grid, set);
  const { size } = grid;
  const edges = new Float32Array(standable.length);
  for (let y = 0, i = 0; y < size[1]; y++)
    for (let z = 0; z < size[2]; z++)
      for (let x = 0; x < size[0]; x++, i++) {
        if (standable[i] === 0) {
          edges[i] = FIXED_CELL;
          continue;
        }
        let bits = 0;
        for (let n = 0; n < set.moves.length && n < MAX_NEIGHBOURS; n++) {
          const { offset, free } = set.moves[n];
          const toX = x + offset[0];
          const toY = y + offset[1];
          const toZ = z + offset[2];
          if (toX < 0 || toY < 0 || toZ < 0 || toX >= size[0] || toY >= size[1] || toZ >= size[2]) continue;
          if (standable[cellIndex(size, toX, toY, toZ)] === 0) continue;
          if (free.every(([dx, dy, dz]) => !solidAt(grid, x + dx, y + dy, z + dz))) bits += 2 ** n;
        }
        edges[i] = bits;
      }
  return edges;
}

/** How far each move goes in an array of cells. */
export function moveOffsets([sizeX, , sizeZ]: GridSize, { moves }: MoveSet): number[] {
  return moves.map(({ offset: [x, y, z] }) => x + sizeX * (z + sizeZ * y));
}

/** `[Y, Z, X]` bit n = move n ends in this cell, for ways that are followed from where they end; and `standableCells`. */
export function moveArrivals(grid: SolidGrid, set: MoveSet): { arrivals: Int32Array; standable: Uint8Array } {
  const edges = moveEdges(grid, set);
  const offsets = moveOffsets(grid.size, set);
  const arrivals = new Int32Array(edges.length);
  const standable = new Uint8Array(edges.length);
  for (let cell = 0; cell < edges.length; cell++) {
    if (edges[cell] === FIXED_CELL) continue;
    standable[cell] = 1;
    for (let n = 0; n < offsets.length; n++) if (((edges[cell] >> n) & 1) === 1) arrivals[cell + offsets[n]] |= 1 << n;
  }
  return { arrivals, standable };
}

function solidAt({ size, solid }: SolidGrid, x: number, y: number, z: number): boolean {
  if (x < 0 || y < 0 || z < 0 || x >= size[0] || z >= size[2]) return true;
  return y < size[1] && solid[cellIndex(size, x, y, z)] === 1;
}

function walkMoves(): Move[] {
  const sides: readonly (readonly [number, number])[] = [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ];
  const corners: readonly (readonly [number, number])[] = [
    [1, 1],
    [1, -1],
    [-1, 1],
    [-1, -1],
  ];
  const level = sides.map(([x, z]): Move => ({ offset: [x, 0, z], cost: 10, free: [] }));
  const diagonal = corners.map(
    ([x, z]): Move => ({
      offset: [x, 0, z],
      cost: 14,
      free: [
        [x, 0, 0],
        [x, 1, 0],
        [0, 0, z],
        [0, 1, z],
      ],
    }),
  );
  const up = sides.map(([x, z]): Move => ({ offset: [x, 1, z], cost: 14, free: [[0, 2, 0]] }));
  // The body passes over the edge at its old height, then falls: sqrt(1 + n^2) metres.
  const down = [14, 22, 32].flatMap((cost, n) =>
    sides.map(([x, z]): Move => ({ offset: [x, -(n + 1), z], cost, free: Array.from({ length: n + 2 }, (_, k): Cell => [x, k - n, z]) })),
  );
  return [...level, ...diagonal, ...up, ...down];
}
