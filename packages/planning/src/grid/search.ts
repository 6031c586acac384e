/**
 * A* for one agent on a grid without time (Hart, Nilsson, Raphael 1968), with typed arrays that live as long as the searcher: a search clears nothing, since
 * each cell carries the number of the search that last wrote it.
 * Pruning (timing `lengths`, 8 and 26 moves) takes one of many equally long ways: a cell with nothing blocked around it, reached by a move d, passes on
 * only the moves whose components are those of d or 0, so diagonals come before straights (Harabor and Grastien, AAAI 2011, section "Neighbour pruning
 * rules"; Sturtevant and Rabin, IJCAI 2016, "Canonical orderings on grids"). Differs: a cell that is reached at equal cost by several moves passes on what
 * any of them allows, at whatever time they come, so no best way is lost to the order of expansion.
 */
import { createHeuristic, type Heuristic } from './heuristic.js';
import { COST_PER_CELL, LengthCounts } from './moves.js';
import { OpenList } from './open-list.js';
import type { GridSpace } from './space.js';

export interface SearchLimits {
  /** Cells taken from the open list. */
  readonly expansions?: number;
  /** Asked every 1024 expansions; true ends the search. */
  stop?(expansions: number): boolean;
}

export type SearchOutcome = 'solved' | 'unreachable' | 'budget';

export interface SearchOptions {
  readonly timing?: 'steps' | 'lengths';
  /** Leave out moves that only give further ways of equal length. Default true. */
  readonly pruning?: boolean;
}

export class GridSearch {
  /** Of the last search. */
  expansions = 0;
  private readonly open: OpenList;
  private readonly heuristic: Heuristic;
  private readonly costs: Float64Array;
  private readonly g: Float64Array;
  /** 2 * number of the search, + 1 once the cell is closed. */
  private readonly marks: Int32Array;
  private readonly cameBy: Uint8Array;
  /** Moves that may go on from a cell, and those that went. */
  private readonly offered: Int32Array;
  private readonly taken: Int32Array;
  /** `[M]` moves that go on straight from each move; all of them where nothing is pruned. */
  private readonly natural: Int32Array;
  private readonly pruning: boolean;
  private searches = 0;
  private goal = -1;

  constructor(
    readonly space: GridSpace,
    options: SearchOptions = {},
  ) {
    const { timing = 'lengths', pruning = true } = options;
    const { table, numCells } = space;
    this.open = new OpenList(numCells);
    this.heuristic = createHeuristic(table.moves, timing);
    this.costs = timing === 'lengths' ? table.cost : new Float64Array(table.count).fill(1);
    this.g = new Float64Array(numCells);
    this.marks = new Int32Array(numCells);
    this.cameBy = new Uint8Array(numCells);
    this.pruning = pruning && timing === 'lengths' && (table.moves === 8 || table.moves === 26);
    this.offered = new Int32Array(this.pruning ? numCells : 0);
    this.taken = new Int32Array(this.pruning ? numCells : 0);
    this.natural = Int32Array.from({ length: table.count }, (_, move) => (this.pruning ? naturalMoves(space, move) : space.allMoves));
  }

  /** Searches from one free cell to another, as `space.cellOf` numbers them. */
  run(start: number, goal: number, limits: SearchLimits = {}): SearchOutcome {
    const { space, open, g, marks, pruning, offered, taken } = this;
    const { expansions: most = Number.POSITIVE_INFINITY, stop } = limits;
    if (this.searches === 0x3ffffffe) {
      marks.fill(0);
      this.searches = 0;
    }
    const seen = ++this.searches * 2;
    const goalX = space.xOf(goal);
    const goalY = space.yOf(goal);
    const goalZ = space.zOf(goal);
    this.goal = goal;
    this.expansions = 0;
    open.clear();
    g[start] = 0;
    marks[start] = seen;
    this.cameBy[start] = 255;
    if (pruning) {
      offered[start] = space.allMoves;
      taken[start] = 0;
    }
    open.push(start, this.heuristic(goalX - space.xOf(start), goalY - space.yOf(start), goalZ - space.zOf(start)), 0);
    while (open.size > 0) {
      // The goal need not be expanded: the heuristic is consistent, so its g is final when it comes first.
      if (this.expansions >= most) return 'budget';
      if (stop !== undefined && (this.expansions & 1023) === 1023 && stop(this.expansions)) return 'budget';
      open.pop();
      if (open.id === goal) return 'solved';
      this.expansions++;
      this.expand(open.id, open.g, seen, goalX, goalY, goalZ);
    }
    return 'unreachable';
  }

  /** Cost of the way that was found, in cells of length, to the last bit; whole steps with timing `steps`. */
  cost(): number {
    const { table } = this.space;
    if (this.costs !== table.cost) return this.g[this.goal];
    const counts = new LengthCounts();
    for (const move of this.moves()) counts.add(table.dx[move], table.dy[move], table.dz[move]);
    return counts.total();
  }

  /** Moves of the way that was found, first to last. */
  moves(): number[] {
    const moves: number[] = [];
    for (let cell = this.goal; this.cameBy[cell] !== 255; cell -= this.space.deltas[this.cameBy[cell]]) moves.push(this.cameBy[cell]);
    return moves.reverse();
  }

  private expand(cell: number, gCell: number, seen: number, goalX: number, goalY: number, goalZ: number): void {
    const { space, open, g, marks, cameBy, costs, natural, pruning, offered, taken, heuristic } = this;
    const { deltas, allMoves } = space;
    const { dx, dy, dz } = space.table;
    const x = goalX - space.xOf(cell);
    const y = goalY - space.yOf(cell);
    const z = goalZ - space.zOf(cell);
    marks[cell] = seen + 1;
    let mask = space.openMoves(cell);
    if (pruning) {
      if (mask === allMoves) mask = offered[cell];
      mask &= ~taken[cell];
      taken[cell] |= mask;
    }
    while (mask !== 0) {
      const move = 31 - Math.clz32(mask & -mask);
      mask &= mask - 1;
      const next = cell + deltas[move];
      const gNext = gCell + costs[move];
      const mark = marks[next];
      if (mark < seen) {
        marks[next] = seen;
        g[next] = gNext;
        cameBy[next] = move;
        if (pruning) {
          offered[next] = natural[move];
          taken[next] = 0;
        }
        open.push(next, gNext + heuristic(x - dx[move], y - dy[move], z - dz[move]), gNext);
      } else if (gNext < g[next]) {
        // Closed cells have their least g, the heuristic being consistent: this one is open.
        g[next] = gNext;
        cameBy[next] = move;
        if (pruning) offered[next] = natural[move];
        open.decrease(next, gNext);
      } else if (pruning && gNext === g[next] && (natural[move] & ~offered[next]) !== 0) {
        offered[next] |= natural[move];
        if (mark === seen + 1 && space.openMoves(next) === allMoves) {
          marks[next] = seen;
          open.push(next, gNext + heuristic(x - dx[move], y - dy[move], z - dz[move]), gNext);
        }
      }
    }
  }
}

/** Moves whose components are each 0 or that of `move`. */
function naturalMoves(space: GridSpace, move: number): number {
  const { count, dx, dy, dz } = space.table;
  const within = (part: number, whole: number) => part === 0 || part === whole;
  let mask = 0;
  for (let other = 0; other < count; other++)
    if (within(dx[other], dx[move]) && within(dy[other], dy[move]) && within(dz[other], dz[move])) mask |= 1 << other;
  return mask;
}

/** Cells from the units in which searches add. */
export function cellsOfCost(cost: number): number {
  return cost / COST_PER_CELL;
}
