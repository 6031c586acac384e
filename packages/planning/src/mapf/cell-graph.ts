/**
 * The free cells of a grid as a graph: vertices 0..V-1 in the order of the grid, neighbours in rows one after the other. Planners for teams work on
 * vertices and turn them back into cells at the end.
 * Limits: moves along axes (4 and 6 ways). Diagonal moves of one step each are left out, because a problem with timing `steps` says nothing of two
 * diagonals that cross.
 */
import type { Grid, GridMoves } from '../problem/problem.js';

export interface CellGraph {
  /** V */
  readonly numVertices: number;
  /** `[V + 1]`: neighbours of v are `neighbours[first[v]]` to `neighbours[first[v + 1] - 1]`. */
  readonly first: Int32Array;
  readonly neighbours: Int32Array;
  readonly maxDegree: number;
  /** `[V]` index into the grid. */
  readonly cellByVertex: Int32Array;
  /** `[cells of the grid]` vertex, or -1 where blocked. */
  readonly vertexByCell: Int32Array;
  /** `[V]` number of the connected part. */
  readonly component: Int32Array;
}

export function createCellGraph(grid: Grid, moves: GridMoves): CellGraph {
  const [sizeX, sizeY, sizeZ] = grid.size;
  const numCells = sizeX * sizeY * sizeZ;
  const vertexByCell = new Int32Array(numCells).fill(-1);
  let numVertices = 0;
  for (let cell = 0; cell < numCells; cell++) if (grid.blocked[cell] === 0) vertexByCell[cell] = numVertices++;
  const cellByVertex = new Int32Array(numVertices);
  for (let cell = 0; cell < numCells; cell++) if (vertexByCell[cell] >= 0) cellByVertex[vertexByCell[cell]] = cell;

  const first = new Int32Array(numVertices + 1);
  const neighbours = new Int32Array(numVertices * moves);
  let filled = 0;
  let maxDegree = 0;
  for (let v = 0; v < numVertices; v++) {
    const cell = cellByVertex[v];
    const x = cell % sizeX;
    const z = Math.floor(cell / sizeX) % sizeZ;
    const y = Math.floor(cell / (sizeX * sizeZ));
    const begin = filled;
    const add = (inside: boolean, other: number): void => {
      if (inside && vertexByCell[other] >= 0) neighbours[filled++] = vertexByCell[other];
    };
    add(x + 1 < sizeX, cell + 1);
    add(x > 0, cell - 1);
    add(z + 1 < sizeZ, cell + sizeX);
    add(z > 0, cell - sizeX);
    if (moves === 6) {
      add(y + 1 < sizeY, cell + sizeX * sizeZ);
      add(y > 0, cell - sizeX * sizeZ);
    }
    first[v + 1] = filled;
    if (filled - begin > maxDegree) maxDegree = filled - begin;
  }
  const graph = { numVertices, first, neighbours: neighbours.slice(0, filled), maxDegree, cellByVertex, vertexByCell };
  return { ...graph, component: labelComponents(graph) };
}

/** The vertex of a cell, -1 where it is blocked or outside the grid. */
export function vertexAt({ vertexByCell }: CellGraph, { size }: Grid, [x, y, z]: readonly [number, number, number]): number {
  const inside = x >= 0 && y >= 0 && z >= 0 && x < size[0] && y < size[1] && z < size[2];
  return inside ? vertexByCell[(y * size[2] + z) * size[0] + x] : -1;
}

/** Writes x, y, z of a vertex at `out[offset]`. */
export function writeCell(out: Int32Array, offset: number, { cellByVertex }: CellGraph, { size }: Grid, vertex: number): void {
  const cell = cellByVertex[vertex];
  out[offset] = cell % size[0];
  out[offset + 1] = Math.floor(cell / (size[0] * size[2]));
  out[offset + 2] = Math.floor(cell / size[0]) % size[2];
}

function labelComponents({ numVertices, first, neighbours }: Pick<CellGraph, 'numVertices' | 'first' | 'neighbours'>): Int32Array {
  const component = new Int32Array(numVertices).fill(-1);
  const queue = new Int32Array(numVertices);
  for (let root = 0, label = 0; root < numVertices; root++) {
    if (component[root] >= 0) continue;
    component[root] = label;
    queue[0] = root;
    for (let head = 0, tail = 1; head < tail; head++)
      for (let k = first[queue[head]]; k < first[queue[head] + 1]; k++)
        if (component[neighbours[k]] < 0) {
          component[neighbours[k]] = label;
          queue[tail++] = neighbours[k];
        }
    label++;
  }
  return component;
}
