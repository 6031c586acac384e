/**
 * Who is where and when, and the quickest way of one agent through it: A* over vertices and steps, with the distance to the goal, or the time at which
 * the goal becomes free for good, as lower bound. Nothing is planned beyond the last step.
 * @source Silver: Cooperative pathfinding, AIIDE 2005.
 */
import type { CellGraph } from './cell-graph.js';
import type { DistanceTable } from './distance-tables.js';
import { createGrowingInts, popInt, pushInt } from './growing.js';

export interface SpaceTime {
  /** The agent that is at a vertex at a step, -1 where nobody is. */
  occupant(vertex: number, step: number): number;
  /** Enters a path, and its last vertex for all steps after it. */
  put(agent: number, path: Int32Array): void;
  take(agent: number, path: Int32Array): void;
  /** The quickest path with at most `bound` steps, undefined where there is none. @param turn breaks ties. */
  search(start: number, goal: number, distance: DistanceTable, bound: number, turn: number): Int32Array | undefined;
  /** Nodes that the last search took from its open list. */
  readonly expanded: number;
}

export function createSpaceTime({ numVertices, first, neighbours }: CellGraph, horizon: number): SpaceTime {
  /** agent + 1 */
  const table = new Int32Array((horizon + 1) * numVertices);
  const seen = new Int32Array((horizon + 1) * numVertices);
  const cameFrom = new Int32Array((horizon + 1) * numVertices);
  /** Nodes by their bound of the arrival, the last found first. */
  const buckets = Array.from({ length: horizon + 2 }, () => createGrowingInts(64));
  let round = 0;
  let expanded = 0;

  function write(value: number, path: Int32Array): void {
    const last = path.length - 1;
    for (let t = 0; t < last; t++) table[t * numVertices + path[t]] = value;
    for (let t = last; t <= horizon; t++) table[t * numVertices + path[last]] = value;
  }

  return {
    get expanded() {
      return expanded;
    },
    occupant: (vertex, step) => table[step * numVertices + vertex] - 1,
    put: (agent, path) => write(agent + 1, path),
    take: (_, path) => write(0, path),
    search(start, goal, distance, bound, turn) {
      expanded = 0;
      round++;
      let freeFrom = horizon + 1;
      while (freeFrom > 0 && table[(freeFrom - 1) * numVertices + goal] === 0) freeFrom--;
      const limit = Math.min(bound, horizon);
      let least = Math.max(distance.at(start), freeFrom);
      if (least > limit) return undefined;
      for (let f = least; f <= limit; f++) buckets[f].length = 0;
      seen[start] = round;
      pushInt(buckets[least], start);
      for (; least <= limit; least++) {
        const bucket = buckets[least];
        while (bucket.length > 0) {
          const node = popInt(bucket);
          const t = Math.floor(node / numVertices);
          const v = node - t * numVertices;
          expanded++;
          if (v === goal && t >= freeFrom) return trace(node);
          if (t === horizon) continue;
          const here = node + numVertices;
          const count = first[v + 1] - first[v] + 1;
          for (let k = 0; k < count; k++) {
            const at = (k + turn) % count;
            const u = at === count - 1 ? v : neighbours[first[v] + at];
            const next = (t + 1) * numVertices + u;
            if (table[next] !== 0 || seen[next] === round) continue;
            const other = table[node - v + u];
            if (other !== 0 && u !== v && table[here] === other) continue;
            const f = Math.max(t + 1 + distance.at(u), freeFrom);
            if (f > limit) continue;
            seen[next] = round;
            cameFrom[next] = node;
            // Both bounds are consistent: f never falls.
            pushInt(buckets[f < least ? least : f], next);
          }
        }
      }
      return undefined;
    },
  };

  function trace(node: number): Int32Array {
    const last = Math.floor(node / numVertices);
    const path = new Int32Array(last + 1);
    for (let at = node, t = last; t >= 0; t--) {
      path[t] = at - t * numVertices;
      at = cameFrom[at];
    }
    return path;
  }
}
