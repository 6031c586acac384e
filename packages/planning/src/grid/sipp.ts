/**
 * Safe interval path planning: the earliest arrival of one agent at its goal, for ever, among what others have reserved. A node is a cell and one of its
 * safe intervals: to come earlier into an interval is never worse, since one can wait in it.
 * Source: Phillips and Likhachev, "SIPP: Safe Interval Path Planning for Dynamic Environments" (ICRA 2011); moves that take their length as in Yakovlev and
 * Andreychuk, "Any-angle pathfinding for multiple agents based on SIPP" (2017), but straight between middles of cells.
 */
import type { CellPath } from '../trajectory.js';
import { createHeuristic } from './heuristic.js';
import { COST_PER_CELL } from './moves.js';
import { OpenList } from './open-list.js';
import type { Reservations } from './reservations.js';
import type { GridSpace } from './space.js';

export interface SippOptions {
  /** Taken nodes after which the search ends. */
  readonly expansions?: number;
  /** When the agent is in its start, default 0. */
  readonly startTime?: number;
  /** Lower bound of the time from a cell to the goal; consistent. Default: the way through an empty grid. */
  readonly heuristic?: (cell: number) => number;
  /** Asked every 1024 expansions; true ends the search. */
  stop?(expansions: number): boolean;
}

export type SippResult =
  | { readonly status: 'solved'; readonly path: CellPath; readonly cost: number; readonly expansions: number }
  | { readonly status: 'unreachable' | 'budget'; readonly expansions: number };

/** Slack of comparisons of times that were added in different orders. */
const EPSILON = 1e-9;

/** One searcher per grid, used again and again; reservations may change between searches. */
export class Sipp {
  private readonly open = new OpenList(1024);
  /** Per node: its cell, its interval's end, the node it came from and the moment it left that one. */
  private readonly cells: number[] = [];
  private readonly untils: number[] = [];
  private readonly parents: number[] = [];
  private readonly arrivals: number[] = [];
  private readonly closed: boolean[] = [];
  /** First node of a cell, valid where the stamp is that of the present search. */
  private readonly first: Int32Array;
  private readonly stamps: Int32Array;
  private searches = 0;

  constructor(readonly space: GridSpace) {
    this.first = new Int32Array(space.numCells);
    this.stamps = new Int32Array(space.numCells);
  }

  /** From `start` to `goal`, cells of the space; both free. The name goes into the path. */
  run(robot: string, start: number, goal: number, reservations: Reservations, options: SippOptions = {}): SippResult {
    const { open } = this;
    const { expansions: most = Number.POSITIVE_INFINITY, startTime = 0, stop } = options;
    const steps = reservations.timing === 'steps';
    const heuristic = options.heuristic ?? this.freeWay(goal, steps);
    this.cells.length = this.untils.length = this.parents.length = this.arrivals.length = this.closed.length = 0;
    open.clear();
    this.searches++;
    let expansions = 0;
    const first = this.nodesOf(start, reservations);
    const safe = reservations.safeIntervals(start);
    for (let k = 0; k < safe.length; k += 2)
      if (safe[k] <= startTime && (steps ? startTime < safe[k + 1] : startTime <= safe[k + 1]))
        this.reach(first + k / 2, startTime, -1, heuristic(start));
    while (open.size > 0) {
      if (expansions >= most || (stop !== undefined && (expansions & 1023) === 1023 && stop(expansions)))
        return { status: 'budget', expansions };
      open.pop();
      const node = open.id;
      this.closed[node] = true;
      if (this.cells[node] === goal && this.untils[node] === Number.POSITIVE_INFINITY)
        return { status: 'solved', path: this.pathTo(node, robot), cost: this.arrivals[node], expansions };
      expansions++;
      this.expand(node, reservations, heuristic, steps);
    }
    return { status: 'unreachable', expansions };
  }

  private expand(node: number, reservations: Reservations, heuristic: (cell: number) => number, steps: boolean): void {
    const { space } = this;
    const cell = this.cells[node];
    const arrival = this.arrivals[node];
    const until = this.untils[node];
    for (let mask = space.openMoves(cell); mask !== 0; mask &= mask - 1) {
      const move = 31 - Math.clz32(mask & -mask);
      const next = cell + space.deltas[move];
      const length = steps ? 1 : space.table.length[move];
      const safe = reservations.safeIntervals(next);
      const unsafe = reservations.unsafeStarts(cell, move);
      const firstNext = this.nodesOf(next, reservations);
      for (let k = 0; k < safe.length; k += 2) {
        const nextNode = firstNext + k / 2;
        if (this.closed[nextNode]) continue;
        let leave = Math.max(arrival, safe[k] - length);
        for (let j = 0; j < unsafe.length; j += 2)
          if (steps ? leave >= unsafe[j] && leave < unsafe[j + 1] : leave > unsafe[j] && leave < unsafe[j + 1]) leave = unsafe[j + 1];
        // In steps the agent is still in its cell at the moment it leaves. Later intervals ask it to stay longer still.
        if (steps ? leave >= until : leave > until) break;
        const at = leave + length;
        if (steps ? at >= safe[k + 1] : at > safe[k + 1]) continue;
        if (at < this.arrivals[nextNode] - EPSILON) this.reach(nextNode, at, node, heuristic(next));
      }
    }
  }

  private reach(node: number, at: number, parent: number, rest: number): void {
    const known = this.arrivals[node] !== Number.POSITIVE_INFINITY;
    this.arrivals[node] = at;
    this.parents[node] = parent;
    if (known) this.open.decrease(node, at);
    else this.open.push(node, at + rest, at);
  }

  /** First of the nodes of a cell, made where this search has not seen it. */
  private nodesOf(cell: number, reservations: Reservations): number {
    if (this.stamps[cell] === this.searches) return this.first[cell];
    const safe = reservations.safeIntervals(cell);
    const first = this.cells.length;
    for (let k = 0; k < safe.length; k += 2) {
      this.cells.push(cell);
      this.untils.push(safe[k + 1]);
      this.parents.push(-1);
      this.arrivals.push(Number.POSITIVE_INFINITY);
      this.closed.push(false);
    }
    this.open.reserve(this.cells.length);
    this.stamps[cell] = this.searches;
    this.first[cell] = first;
    return first;
  }

  private freeWay(goal: number, steps: boolean): (cell: number) => number {
    const { space } = this;
    const way = createHeuristic(space.table.moves, steps ? 'steps' : 'lengths');
    const unit = steps ? 1 : 1 / COST_PER_CELL;
    const [x, y, z] = [space.xOf(goal), space.yOf(goal), space.zOf(goal)];
    return (cell) => way(x - space.xOf(cell), y - space.yOf(cell), z - space.zOf(cell)) * unit;
  }

  private pathTo(node: number, robot: string): CellPath {
    const nodes: number[] = [];
    for (let at = node; at >= 0; at = this.parents[at]) nodes.push(at);
    nodes.reverse();
    const { space } = this;
    return {
      kind: 'cells',
      robot,
      cells: Int32Array.from(nodes.flatMap((at) => [space.xOf(this.cells[at]), space.yOf(this.cells[at]), space.zOf(this.cells[at])])),
      times: Float64Array.from(nodes, (at) => this.arrivals[at]),
      tail: 'hold',
    };
  }
}
