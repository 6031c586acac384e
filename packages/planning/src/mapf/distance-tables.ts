/**
 * Steps from every vertex to a goal, by breadth-first search backward from the goal that goes on only as far as someone asks. One table per goal, in
 * 16 bits where the graph is small enough, shared by all who go there.
 * Memory: 2 (or 4) bytes per vertex and goal, and 4 more while a search is unfinished.
 */
import type { CellGraph } from './cell-graph.js';

/** Farther than any vertex: no way, or not known yet. */
export const FAR = 0xffff;

export interface DistanceTable {
  readonly goal: number;
  /** Steps from `vertex` to the goal; Infinity where there is no way. */
  at(vertex: number): number;
}

export interface DistanceTables {
  to(goal: number): DistanceTable;
  /** Tables that are kept. */
  readonly size: number;
}

/** @param limit tables that are kept at most; the oldest goes first. */
export function createDistanceTables(graph: CellGraph, limit = Number.POSITIVE_INFINITY): DistanceTables {
  const tables = new Map<number, DistanceTable>();
  return {
    to(goal) {
      let table = tables.get(goal);
      if (table === undefined) {
        if (tables.size >= limit) tables.delete(tables.keys().next().value as number);
        table = new LazyTable(graph, goal);
        tables.set(goal, table);
      }
      return table;
    },
    get size() {
      return tables.size;
    },
  };
}

/** A class, so that all tables are of one shape and `at` is inlined. */
class LazyTable implements DistanceTable {
  readonly goal: number;
  readonly #graph: CellGraph;
  readonly #steps: Uint16Array | Int32Array;
  readonly #unknown: number;
  #queue: Int32Array | undefined;
  #head = 0;
  #tail = 1;

  constructor(graph: CellGraph, goal: number) {
    this.goal = goal;
    this.#graph = graph;
    // A shortest way visits no vertex twice, so its length is below the number of vertices.
    this.#unknown = graph.numVertices < FAR ? FAR : 0x7fffffff;
    this.#steps = (graph.numVertices < FAR ? new Uint16Array(graph.numVertices) : new Int32Array(graph.numVertices)).fill(this.#unknown);
    this.#queue = new Int32Array(graph.numVertices);
    this.#queue[0] = goal;
    this.#steps[goal] = 0;
  }

  at(vertex: number): number {
    const steps = this.#steps[vertex];
    return steps !== this.#unknown ? steps : this.#search(vertex);
  }

  #search(vertex: number): number {
    const queue = this.#queue;
    if (queue === undefined) return Number.POSITIVE_INFINITY;
    const { first, neighbours } = this.#graph;
    const steps = this.#steps;
    while (this.#head < this.#tail) {
      const v = queue[this.#head++];
      const next = steps[v] + 1;
      for (let k = first[v]; k < first[v + 1]; k++) {
        const u = neighbours[k];
        if (steps[u] === this.#unknown) {
          steps[u] = next;
          queue[this.#tail++] = u;
        }
      }
      if (steps[vertex] !== this.#unknown) return steps[vertex];
    }
    this.#queue = undefined;
    return Number.POSITIVE_INFINITY;
  }
}
