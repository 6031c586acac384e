/**
 * A grid made ready for searching: cells in a frame of blocked ones, so that no neighbour needs a check of bounds, and per cell a mask of the moves that
 * are open, worked out when a search first asks for it.
 * A cell is one whole number, `cellOf(x, y, z)`: y, then z, then x, frame included.
 */
import type { Grid, GridMoves } from '../problem/problem.js';
import { createMoveTable, type MoveTable } from './moves.js';

export class GridSpace {
  readonly size: readonly [number, number, number];
  readonly table: MoveTable;
  /** Cells of the frame and the grid together. */
  readonly numCells: number;
  readonly blocked: Uint8Array;
  /** `[M]` what a move adds to a cell. */
  readonly deltas: Int32Array;
  /** Added to a cell for one step along x, z, y. */
  readonly strideZ: number;
  readonly strideY: number;
  private readonly padX: number;
  private readonly padY: number;
  private readonly known: Uint8Array;
  private readonly masks: Int32Array;
  /** Per move the deltas of the cells that must be free. */
  private readonly touched: readonly Int32Array[];
  private readonly all: number;

  constructor(grid: Grid, moves: GridMoves) {
    const [sizeX, sizeY, sizeZ] = (this.size = grid.size);
    const table = (this.table = createMoveTable(moves));
    this.padX = table.reach;
    this.padY = table.reachY;
    this.strideZ = sizeX + 2 * this.padX;
    this.strideY = this.strideZ * (sizeZ + 2 * this.padX);
    this.numCells = this.strideY * (sizeY + 2 * this.padY);
    this.blocked = new Uint8Array(this.numCells).fill(1);
    for (let y = 0; y < sizeY; y++)
      for (let z = 0; z < sizeZ; z++) {
        const from = (y * sizeZ + z) * sizeX;
        this.blocked.set(grid.blocked.subarray(from, from + sizeX), this.cellOf(0, y, z));
      }
    const delta = (x: number, y: number, z: number) => y * this.strideY + z * this.strideZ + x;
    this.deltas = Int32Array.from({ length: table.count }, (_, move) => delta(table.dx[move], table.dy[move], table.dz[move]));
    this.touched = table.touched.map((cells) => Int32Array.from(cells, ([x, y, z]) => delta(x, y, z)));
    this.known = new Uint8Array(this.numCells);
    this.masks = new Int32Array(this.numCells);
    this.all = table.count === 32 ? -1 : (1 << table.count) - 1;
  }

  /** Whether a position lies in the grid; the others must not be asked about. */
  contains(x: number, y: number, z: number): boolean {
    const [sizeX, sizeY, sizeZ] = this.size;
    return x >= 0 && y >= 0 && z >= 0 && x < sizeX && y < sizeY && z < sizeZ;
  }

  cellOf(x: number, y: number, z: number): number {
    return (y + this.padY) * this.strideY + (z + this.padX) * this.strideZ + x + this.padX;
  }

  xOf(cell: number): number {
    return (cell % this.strideZ) - this.padX;
  }

  yOf(cell: number): number {
    return Math.floor(cell / this.strideY) - this.padY;
  }

  zOf(cell: number): number {
    return (Math.floor(cell / this.strideZ) % (this.strideY / this.strideZ)) - this.padX;
  }

  /** Every move is open. */
  get allMoves(): number {
    return this.all;
  }

  /** Bit m: move m may be made from this free cell. */
  openMoves(cell: number): number {
    if (this.known[cell] === 1) return this.masks[cell];
    const { blocked, touched } = this;
    let mask = 0;
    for (let move = 0; move < touched.length; move++) {
      const cells = touched[move];
      let free = 1;
      for (let k = 0; k < cells.length; k++) free &= 1 - blocked[cell + cells[k]];
      mask |= free << move;
    }
    this.known[cell] = 1;
    this.masks[cell] = mask;
    return mask;
  }
}
