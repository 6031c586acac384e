/**
 * Scratch memory of A* over the cells of a world: costs, parents and a binary heap, reused from search to search without clearing.
 * One per policy factory, since only one search runs at a time; it grows to the largest world seen.
 */

/** Highest number of a search. */
const LAST_SEARCH = (1 << 23) - 1;

export class SearchSpace {
  /** Number of the present search; a cell's entries are valid when its stamp equals it. */
  search = 0;
  stamp = new Int32Array(0);
  /** Cost from the start, in 1/10 walking steps. */
  cost = new Int32Array(0);
  parent = new Int32Array(0);
  /** How the cell was entered: MOVE. */
  move = new Uint8Array(0);
  /** Blocks placed on the way. */
  placed = new Uint8Array(0);
  /** 1 when the cell's best way is known. */
  closed = new Uint8Array(0);
  /** What `Ground` found out about cells in this search: the number of the search above 8 bits of answers. */
  known = new Int32Array(0);
  #heapKey = new Int32Array(1024);
  #heapCell = new Int32Array(1024);
  #size = 0;

  /** Begins a search in a world of that many cells. */
  begin(numCells: number): void {
    if (this.stamp.length < numCells) {
      this.stamp = new Int32Array(numCells);
      this.cost = new Int32Array(numCells);
      this.parent = new Int32Array(numCells);
      this.move = new Uint8Array(numCells);
      this.placed = new Uint8Array(numCells);
      this.closed = new Uint8Array(numCells);
      this.known = new Int32Array(numCells);
    }
    // Stamps share a word with 8 bits of answers: before they run out, start anew.
    if (this.search === LAST_SEARCH) {
      this.search = 0;
      this.stamp.fill(0);
      this.known.fill(0);
    }
    this.search++;
    this.#size = 0;
  }

  /** Whether the cell was reached in this search. */
  isReached(cell: number): boolean {
    return this.stamp[cell] === this.search;
  }

  /** Notes a better way to a cell and queues it. */
  enter(cell: number, cost: number, key: number, parent: number, move: number, placed: number): void {
    this.stamp[cell] = this.search;
    this.cost[cell] = cost;
    this.parent[cell] = parent;
    this.move[cell] = move;
    this.placed[cell] = placed;
    this.closed[cell] = 0;
    this.#push(key, cell);
  }

  /** The queued cell with the least key, of equals the least cell; -1 when the queue is empty. Cells already closed are skipped. */
  take(): number {
    while (this.#size > 0) {
      const cell = this.#pop();
      if (this.closed[cell] === 1) continue;
      this.closed[cell] = 1;
      return cell;
    }
    return -1;
  }

  #push(key: number, cell: number): void {
    if (this.#size === this.#heapKey.length) {
      const keys = new Int32Array(2 * this.#size);
      const cells = new Int32Array(2 * this.#size);
      keys.set(this.#heapKey);
      cells.set(this.#heapCell);
      this.#heapKey = keys;
      this.#heapCell = cells;
    }
    let at = this.#size++;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!precedes(key, cell, this.#heapKey[above], this.#heapCell[above])) break;
      this.#heapKey[at] = this.#heapKey[above];
      this.#heapCell[at] = this.#heapCell[above];
      at = above;
    }
    this.#heapKey[at] = key;
    this.#heapCell[at] = cell;
  }

  #pop(): number {
    const top = this.#heapCell[0];
    const last = --this.#size;
    const key = this.#heapKey[last];
    const cell = this.#heapCell[last];
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      if (child + 1 < last && precedes(this.#heapKey[child + 1], this.#heapCell[child + 1], this.#heapKey[child], this.#heapCell[child]))
        child++;
      if (!precedes(this.#heapKey[child], this.#heapCell[child], key, cell)) break;
      this.#heapKey[at] = this.#heapKey[child];
      this.#heapCell[at] = this.#heapCell[child];
      at = child;
    }
    this.#heapKey[at] = key;
    this.#heapCell[at] = cell;
    return top;
  }
}

function precedes(keyA: number, cellA: number, keyB: number, cellB: number): boolean {
  return keyA < keyB || (keyA === keyB && cellA < cellB);
}
