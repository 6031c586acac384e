/**
 * The edit log of one world: every voxel change as (tick, cell, before, after), from which the grid at any tick is rebuilt.
 * Columns of typed arrays that double when full; ticks never decrease.
 */
import { ProtocolError, ShapeError } from '../errors.js';
import type { VoxelGrid } from './grid.js';

/** One edit; `before` and `after` are palette indices. */
export interface VoxelEdit {
  readonly tick: number;
  readonly cell: number;
  readonly before: number;
  readonly after: number;
}

export class EditLog {
  #length = 0;
  #ticks = new Uint32Array(64);
  #cells = new Uint32Array(64);
  #befores = new Uint8Array(64);
  #afters = new Uint8Array(64);

  /** Number of edits. */
  get length(): number {
    return this.#length;
  }

  /** Adds an edit. @throws ShapeError when the tick is less than the last one's. */
  append(tick: number, cell: number, before: number, after: number): void {
    const last = this.#length === 0 ? 0 : this.#ticks[this.#length - 1];
    if (!(tick >= last)) {
      throw new ShapeError(
        'edit-order',
        `Edits must be appended in order of ticks; got tick ${tick} after ${last}. Append them as they happen.`,
      );
    }
    if (this.#length === this.#ticks.length) this.#grow();
    this.#ticks[this.#length] = tick;
    this.#cells[this.#length] = cell;
    this.#befores[this.#length] = before;
    this.#afters[this.#length] = after;
    this.#length++;
  }

  /** The edit at a position of the log. @throws ShapeError outside it. */
  at(index: number): VoxelEdit {
    if (!(index >= 0 && index < this.#length)) {
      throw new ShapeError(
        'edit-index',
        `An edit's position must be 0..${this.#length - 1}; got ${index}. Ask for the log's length first.`,
      );
    }
    return { tick: this.#ticks[index], cell: this.#cells[index], before: this.#befores[index], after: this.#afters[index] };
  }

  /** Every edit in order. */
  *[Symbol.iterator](): Generator<VoxelEdit> {
    for (let i = 0; i < this.#length; i++) yield this.at(i);
  }

  /**
   * Applies the edits with fromTick < tick <= toTick, in order: brings a grid as of the end of `fromTick` to the end of `toTick`.
   * Tick -1 is before every edit. Returns how many were applied.
   * @throws ProtocolError `edit-mismatch` at the first edit whose `before` is not what the grid holds; earlier edits stay applied.
   */
  replay(grid: VoxelGrid, toTick: number, fromTick = -1): number {
    const first = this.#firstAfter(fromTick);
    const end = this.#firstAfter(toTick);
    for (let i = first; i < end; i++) this.#change(grid, i, this.#befores[i], this.#afters[i]);
    return Math.max(0, end - first);
  }

  /** Takes back the edits with toTick < tick <= fromTick, last first: the reverse of `replay` between the same ticks. */
  undo(grid: VoxelGrid, toTick: number, fromTick = 0xffffffff): number {
    const first = this.#firstAfter(toTick);
    const end = this.#firstAfter(fromTick);
    for (let i = end - 1; i >= first; i--) this.#change(grid, i, this.#afters[i], this.#befores[i]);
    return Math.max(0, end - first);
  }

  /** Forgets the edits after a tick; for a world that was set back. */
  truncate(tick: number): void {
    this.#length = this.#firstAfter(tick);
  }

  #change(grid: VoxelGrid, i: number, expected: number, value: number): void {
    const cell = this.#cells[i];
    const got = grid.voxels[cell];
    if (got !== expected) {
      throw new ProtocolError(
        'edit-mismatch',
        `Edit ${i} (tick ${this.#ticks[i]}, cell ${cell}) must find palette index ${expected}; got ${got}. The grid is not the one of this log at that tick: start from its keyframe.`,
      );
    }
    grid.setCell(cell, value);
  }

  /** Position of the first edit later than `tick`; binary search. */
  #firstAfter(tick: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ticks[middle] <= tick) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #grow(): void {
    const capacity = this.#ticks.length * 2;
    this.#ticks = copyInto(new Uint32Array(capacity), this.#ticks);
    this.#cells = copyInto(new Uint32Array(capacity), this.#cells);
    this.#befores = copyInto(new Uint8Array(capacity), this.#befores);
    this.#afters = copyInto(new Uint8Array(capacity), this.#afters);
  }
}

function copyInto<T extends Uint8Array | Uint32Array>(target: T, source: T): T {
  target.set(source);
  return target;
}
