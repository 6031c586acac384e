/**
 * Walks, drives or flies a plan of cells with real bodies: tells each agent, tick by tick, which point to go to, and keeps the order of visits. Progress
 * is measured, never assumed: who is late makes those wait that come after it, and nobody else. Metres.
 */
import type { Commitment, VisitOrder } from './order-of-visits.js';

/** Cells of a plan as places in the world, and how near bodies of one kind may come to each other on them. */
export interface Lattice {
  /** Edge of a cell, m: at least as wide as a body that turns in it. */
  readonly cell: number;
  /** How near to the middle of a cell an agent must come to have reached it, m. */
  readonly reached: number;
  /** How far it must be from the middle of a cell, along one axis, for one that comes from the side to set out for it, m. */
  readonly cleared: number;
  /** How far on its way out it must be for one that comes from behind, m: what it takes to be as fast. */
  readonly underWay: number;
  /** Ticks without progress, though the way is free, after which an agent is stuck. */
  readonly stuckTicks: number;
}

/** Walkers are 0.6 m wide: 0.72 m leaves room for both to err. */
export const WALKER_LATTICE: Lattice = Object.freeze({ cell: 1, reached: 0.12, cleared: 0.72, underWay: 0.25, stuckTicks: 60 });
/** Rovers and quadcopters of up to 1.2 m across, which take a second and a half to turn on the spot. */
export const VEHICLE_LATTICE: Lattice = Object.freeze({ cell: 2, reached: 0.3, cleared: 1.4, underWay: 0.5, stuckTicks: 160 });

/** Cells that may be passed in one line without slowing down. */
const LINE = 3;

export interface Waypoint {
  /** Middle of the cell to go to now, m. */
  x: number;
  y: number;
  z: number;
  /** Whether that is where the agent is to stay: it has arrived, or must wait for somebody. */
  holds: boolean;
}

export class TeamMarch {
  readonly #order: VisitOrder;
  /** Per agent the visit that it has reached, and the one it is permitted to walk to. */
  readonly #reached: Int32Array;
  readonly #permitted: Int32Array;
  readonly #still: Int32Array;
  readonly #at: Float64Array;
  /** Nobody leaves its level: heights are not looked at. */
  readonly #isFlat: boolean;
  readonly #lattice: Lattice;

  /** @param committed per agent, the visits with which its order begins and that it was permitted before; absent: all wait in their first cells. */
  constructor(order: VisitOrder, lattice: Lattice = WALKER_LATTICE, committed?: readonly Commitment[]) {
    this.#order = order;
    this.#lattice = lattice;
    const n = order.cells.length;
    this.#reached = new Int32Array(n);
    this.#permitted = new Int32Array(n);
    this.#still = new Int32Array(n);
    committed?.forEach(({ times, still }, i) => {
      this.#permitted[i] = times.length - 1;
      this.#still[i] = still;
    });
    this.#at = new Float64Array(3 * n);
    this.#isFlat = order.cells.every((own) => own.every((at, k) => k % 3 !== 1 || at === order.cells[0][1]));
  }

  /** Where everybody is now. Call once a tick, before `waypoint`. @param positions `[N, 3]` x, y, z; only cells apart along an axis are told apart along it.
   * @param grants whether agents may be permitted further cells; without, they go to the last that they are permitted. */
  update(positions: Float64Array, grants = true): void {
    const { cells } = this.#order;
    this.#at.set(positions);
    for (let i = 0; i < cells.length; i++) {
      const before = this.#reached[i];
      while (this.#reached[i] < this.#permitted[i] && this.#hasPassed(i, this.#reached[i] + 1)) this.#reached[i]++;
      const isWaiting = this.#reached[i] === this.#permitted[i];
      this.#still[i] = this.#reached[i] > before || isWaiting ? 0 : this.#still[i] + 1;
    }
    // In turns, since a permission for one may free the way for another; there are never more than a few.
    for (let changed = grants; changed; ) {
      changed = false;
      for (let i = 0; i < cells.length; i++)
        while (this.#permitted[i] < Math.min(this.#last(i), this.#reached[i] + LINE) && this.#mayEnter(i, this.#permitted[i] + 1)) {
          this.#permitted[i]++;
          changed = true;
        }
    }
  }

  waypoint(i: number, out: Waypoint): void {
    // As far as the way leads straight on.
    const from = this.#reached[i];
    let to = Math.min(from + 1, this.#permitted[i]);
    while (to < this.#permitted[i] && this.#isStraight(i, to)) to++;
    out.x = this.#middle(i, to, 0);
    out.y = this.#middle(i, to, 1);
    out.z = this.#middle(i, to, 2);
    out.holds = to === from;
  }

  /**
   * What everybody is committed to, for a plan that takes over without anybody stopping.
   * @param isOpen whether a cell can still be entered; commitments end before one that cannot.
   */
  commitments(isOpen: (x: number, y: number, z: number) => boolean): Commitment[] {
    return this.#order.cells.map((cells, i) => {
      const from = this.#reached[i];
      let to = from;
      while (to < this.#permitted[i] && isOpen(cells[3 * to + 3], cells[3 * to + 4], cells[3 * to + 5])) to++;
      return { cells: cells.slice(3 * from, 3 * to + 3), times: this.#order.times[i].slice(from, to + 1), still: this.#still[i] };
    });
  }

  isDone(i: number): boolean {
    return this.#reached[i] === this.#last(i);
  }

  /** Whether an agent has come no further for `stuckTicks`, though nobody is in its way. */
  isStuck(i: number): boolean {
    return this.#still[i] >= this.#lattice.stuckTicks;
  }

  /** Visit that an agent has reached, 0 at the start. */
  progress(i: number): number {
    return this.#reached[i];
  }

  /** The last visit that an agent may go to now: the cells up to it are its own. */
  permitted(i: number): number {
    return this.#permitted[i];
  }

  /** The agent that must clear the next cell before agent i may enter it; -1: it is under way, or has arrived. */
  waitsFor(i: number): number {
    const next = this.#reached[i] + 1;
    return this.#permitted[i] >= next || next > this.#last(i) ? -1 : this.#order.before[i][next];
  }

  #last(i: number): number {
    return this.#order.cells[i].length / 3 - 1;
  }

  #middle(i: number, visit: number, axis: number): number {
    return (this.#order.cells[i][3 * visit + axis] + 0.5) * this.#lattice.cell;
  }

  /** How far agent i is from the middle of a cell of `of`'s way along an axis that is walked on that way; heights of one level are all the same. */
  #offset(i: number, of: number, visit: number, axis: number): number {
    return this.#isFlat && axis === 1 ? 0 : this.#at[3 * i + axis] - this.#middle(of, visit, axis);
  }

  /** In the middle of the cell, or beyond it on a way that leads straight on. */
  #hasPassed(i: number, visit: number): boolean {
    let square = 0;
    let along = 0;
    for (let axis = 0; axis < 3; axis++) {
      const by = this.#offset(i, i, visit, axis);
      square += by * by;
      along += by * this.#direction(i, visit, axis);
    }
    if (square <= this.#lattice.reached * this.#lattice.reached) return true;
    return visit < this.#permitted[i] && this.#isStraight(i, visit) && along >= 0;
  }

  /** Whether the move to a visit and the one after it go the same way. */
  #isStraight(i: number, visit: number): boolean {
    if (visit < 1 || visit >= this.#last(i)) return false;
    return this.#goAlike(i, visit, i, visit + 1);
  }

  #goAlike(i: number, visit: number, other: number, their: number): boolean {
    for (let axis = 0; axis < 3; axis++) if (this.#direction(i, visit, axis) !== this.#direction(other, their, axis)) return false;
    return true;
  }

  /** Of the move that leads to a visit: -1, 0 or 1. */
  #direction(i: number, visit: number, axis: number): number {
    const cells = this.#order.cells[i];
    return cells[3 * visit + axis] - cells[3 * visit - 3 + axis];
  }

  #mayEnter(i: number, visit: number): boolean {
    const other = this.#order.before[i][visit];
    if (other < 0) return true;
    const their = this.#order.beforeVisit[i][visit];
    if (this.#reached[other] > their) return true;
    // Not yet on its way out.
    if (this.#permitted[other] <= their || this.#reached[other] < their) return false;
    let along = 0;
    let farthest = 0;
    for (let axis = 0; axis < 3; axis++) {
      const by = this.#offset(other, i, visit, axis);
      along += by * this.#direction(other, their + 1, axis);
      farthest = Math.max(farthest, Math.abs(by));
    }
    // One behind the other, a cell apart, both as fast: enough when the first has got under way.
    if (this.#permitted[i] === this.#reached[i] && this.#goAlike(i, visit, other, their + 1)) return along >= this.#lattice.underWay;
    return farthest >= this.#lattice.cleared;
  }
}
