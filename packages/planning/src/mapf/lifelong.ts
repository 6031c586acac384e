/**
 * A team that never ends: whoever reaches its goal is given the next one, and PIBT decides every step. Priority: steps since the agent last reached a goal,
 * so that nobody waits for ever on graphs where every two adjacent cells lie on a circle.
 * Memory: a distance table of 2 bytes per vertex for each goal that was asked for lately.
 * @source Okumura, Machida, Défago, Tamura, Artificial Intelligence 310, 2022, section 5 (iterative multi-agent path finding).
 */
import type { CellGraph } from './cell-graph.js';
import { createDistanceTables } from './distance-tables.js';
import { createPibt } from './pibt.js';

export interface LifelongOptions {
  readonly seed?: number;
  /** As in `createPibt`. */
  readonly swap?: boolean;
  /** Distance tables that are kept; at least as many as agents. */
  readonly tables?: number;
}

export interface LifelongTeam {
  /** `[N]` vertices; the next `step` writes another array. */
  readonly positions: Int32Array;
  /** Goals that were reached so far. */
  readonly numReached: number;
  /** Moves everybody by one step, and gives new goals to those that have arrived. */
  step(): void;
}

/**
 * @param starts `[N]` vertices, all different.
 * @param nextGoal asked at the start and whenever an agent arrives; a vertex in the same connected part of the graph. Goals may be equal.
 */
export function createLifelongTeam(
  graph: CellGraph,
  starts: Int32Array,
  nextGoal: (agent: number) => number,
  { seed = 0, tables = 4096, swap }: LifelongOptions = {},
): LifelongTeam {
  const numAgents = starts.length;
  const kept = createDistanceTables(graph, Math.max(tables, numAgents));
  const pibt = createPibt(
    graph,
    Array.from(starts, (_, agent) => kept.to(nextGoal(agent))),
    { seed, ...(swap === undefined ? {} : { swap }) },
  );
  // Ties by agent: the share below one step never changes.
  const elapsed = Float64Array.from(starts, (_, agent) => 1 - (agent + 1) / (numAgents + 1));
  const order = Int32Array.from(starts.keys());
  const none = new Int32Array(0);
  let positions: Int32Array = starts.slice();
  let next: Int32Array = new Int32Array(numAgents);
  let numReached = 0;
  return {
    get positions() {
      return positions;
    },
    get numReached() {
      return numReached;
    },
    step() {
      // The order of the step before is nearly right.
      for (let k = 1; k < numAgents; k++) {
        const agent = order[k];
        let at = k;
        for (; at > 0 && elapsed[order[at - 1]] < elapsed[agent]; at--) order[at] = order[at - 1];
        order[at] = agent;
      }
      pibt.generate(positions, order, 0, none, none, next);
      [positions, next] = [next, positions];
      for (let agent = 0; agent < numAgents; agent++) {
        if (positions[agent] !== pibt.distances[agent].goal) {
          elapsed[agent]++;
          continue;
        }
        elapsed[agent] -= Math.floor(elapsed[agent]);
        numReached++;
        pibt.distances[agent] = kept.to(nextGoal(agent));
      }
    },
  };
}
