/**
 * Walks a plan of cells with real bodies: tells each agent, tick by tick, which point to walk to, and keeps the order of visits. Progress is measured,
 * never assumed: who is late makes those wait that come after it, and nobody else.
 * Metres, in the plane; agents are walkers (0.6 m wide) on cells of 1 m.
 */
import type { VisitOrder } from './order-of-visits.js';

/** How near to the middle of a cell an agent must come to have reached it, metres. */
const REACHED = 0.12;
/** How far it must be from the middle of a cell for one that comes from the side to set out for it: wider than a body, with room for both to err. */
const CLEARED = 0.72;
/** How far on its way out it must be for one that comes from behind, metres: what it takes to walk at full speed. */
const UNDER_WAY = 0.25;
/** Cells that may be walked in one line without slowing down. */
const LINE = 3;
/** Ticks without progress, though the way is free, after which an agent is stuck. */
const STUCK_TICKS = 60;

export interface Waypoint {
  /** Middle of the cell to walk to now. */
  x: number;
  z: number;
  /** Whether that is where the agent stands or is to stand: nothing more to do, or it must wait for somebody. */
  holds: boolean;
}

export class TeamMarch {
  readonly #order: VisitOrder;
  /** Per agent the visit that it has reached, and the one it is permitted to walk to. */
  readonly #reached: Int32Array;
  readonly #permitted: Int32Array;
  readonly #still: Int32Array;
  readonly #x: Float64Array;
  readonly #z: Float64Array;

  constructor(order: VisitOrder) {
    this.#order = order;
    const n = order.cells.length;
    this.#reached = new Int32Array(n);
    this.#permitted = new Int32Array(n);
    this.#still = new Int32Array(n);
    this.#x = new Float64Array(n);
    this.#z = new Float64Array(n);
  }

  /** Where everybody is now. Call once a tick, before `waypoint`. @param positions `[N, 2]` x, z. */
  update(positions: Float64Array): void {
    const { cells } = this.#order;
    for (let i = 0; i < cells.length; i++) {
      this.#x[i] = positions[2 * i];
      this.#z[i] = positions[2 * i + 1];
    }
    for (let i = 0; i < cells.length; i++) {
      const before = this.#reached[i];
      while (this.#reached[i] < this.#permitted[i] && this.#hasPassed(i, this.#reached[i] + 1)) this.#reached[i]++;
      const isWaiting = this.#reached[i] === this.#permitted[i];
      this.#still[i] = this.#reached[i] > before || isWaiting ? 0 : this.#still[i] + 1;
    }
    // In turns, since a permission for one may free the way for another; there are never more than a few.
    for (let changed = true; changed; ) {
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
    out.z = this.#middle(i, to, 2);
    out.holds = to === from;
  }

  isDone(i: number): boolean {
    return this.#reached[i] === this.#last(i);
  }

  /** Whether an agent has come no further for three seconds, though nobody is in its way. */
  isStuck(i: number): boolean {
    return this.#still[i] >= STUCK_TICKS;
  }

  /** Visit that an agent has reached, 0 at the start. */
  progress(i: number): number {
    return this.#reached[i];
  }

  #last(i: number): number {
    return this.#order.cells[i].length / 3 - 1;
  }

  #middle(i: number, visit: number, axis: 0 | 2): number {
    return this.#order.cells[i][3 * visit + axis] + 0.5;
  }

  /** In the middle of the cell, or beyond it on a way that leads straight on. */
  #hasPassed(i: number, visit: number): boolean {
    const dx = this.#middle(i, visit, 0) - this.#x[i];
    const dz = this.#middle(i, visit, 2) - this.#z[i];
    if (dx * dx + dz * dz <= REACHED * REACHED) return true;
    if (visit >= this.#permitted[i] || !this.#isStraight(i, visit)) return false;
    const [ux, uz] = this.#direction(i, visit);
    return dx * ux + dz * uz <= 0;
  }

  /** Whether the move to a visit and the one after it go the same way. */
  #isStraight(i: number, visit: number): boolean {
    if (visit < 1 || visit >= this.#last(i)) return false;
    const [ux, uz] = this.#direction(i, visit);
    const [vx, vz] = this.#direction(i, visit + 1);
    return ux === vx && uz === vz;
  }

  /** Of the move that leads to a visit. */
  #direction(i: number, visit: number): readonly [number, number] {
    const cells = this.#order.cells[i];
    return [cells[3 * visit] - cells[3 * visit - 3], cells[3 * visit + 2] - cells[3 * visit - 1]];
  }

  #mayEnter(i: number, visit: number): boolean {
    const other = this.#order.before[i][visit];
    if (other < 0) return true;
    const their = this.#order.beforeVisit[i][visit];
    if (this.#reached[other] > their) return true;
    // Not yet on its way out.
    if (this.#permitted[other] <= their || this.#reached[other] < their) return false;
    const [ux, uz] = this.#direction(i, visit);
    const [vx, vz] = this.#direction(other, their + 1);
    const dx = this.#x[other] - this.#middle(i, visit, 0);
    const dz = this.#z[other] - this.#middle(i, visit, 2);
    // One behind the other, a cell apart, both as fast: enough when the first has got under way.
    if (ux === vx && uz === vz && this.#permitted[i] === this.#reached[i]) return dx * vx + dz * vz >= UNDER_WAY;
    return Math.max(Math.abs(dx), Math.abs(dz)) >= CLEARED;
  }
}
