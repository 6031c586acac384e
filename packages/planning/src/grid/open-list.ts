/**
 * The open list of best-first searches: a heap of whole-number ids with four children to a node, in typed arrays. Order: least f, then largest g (the
 * node nearer to the goal), then least id, so that a search takes the same nodes on every machine. Ids are 0 to `numIds` - 1, each at most
 * once in it.
 */
export class OpenList {
  size = 0;
  /** Id, f and g of the node that `pop` took. */
  id = -1;
  f = 0;
  g = 0;
  private ids: Int32Array;
  private fs: Float64Array;
  private gs: Float64Array;
  /** Place of an id in the heap; only meaningful for ids that are in it. */
  private places: Int32Array;

  constructor(numIds: number, capacity = 1024) {
    this.places = new Int32Array(numIds);
    this.ids = new Int32Array(capacity);
    this.fs = new Float64Array(capacity);
    this.gs = new Float64Array(capacity);
  }

  clear(): void {
    this.size = 0;
  }

  /** Makes room for ids below `numIds`. */
  reserve(numIds: number): void {
    if (numIds <= this.places.length) return;
    const places = new Int32Array(Math.max(numIds, 2 * this.places.length));
    places.set(this.places);
    this.places = places;
  }

  /** Adds an id that is not in the list. */
  push(id: number, f: number, g: number): void {
    if (this.size === this.ids.length) this.grow();
    this.rise(this.size++, id, f, g);
  }

  /** Gives an id that is in the list a smaller g; its h stays. */
  decrease(id: number, g: number): void {
    const place = this.places[id];
    this.rise(place, id, this.fs[place] - this.gs[place] + g, g);
  }

  /** Takes the first: sets `id`, `f`, `g`. False when the list is empty. */
  pop(): boolean {
    if (this.size === 0) return false;
    const { ids, fs, gs } = this;
    this.id = ids[0];
    this.f = fs[0];
    this.g = gs[0];
    const last = --this.size;
    if (last > 0) this.sink(ids[last], fs[last], gs[last]);
    return true;
  }

  /** f of the first. Infinite when the list is empty. */
  get least(): number {
    return this.size === 0 ? Number.POSITIVE_INFINITY : this.fs[0];
  }

  private rise(from: number, id: number, f: number, g: number): void {
    const { ids, fs, gs, places } = this;
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 2;
      const parentF = fs[parent];
      if (parentF < f) break;
      if (parentF === f) {
        const parentG = gs[parent];
        if (parentG > g || (parentG === g && ids[parent] <= id)) break;
      }
      ids[place] = ids[parent];
      fs[place] = parentF;
      gs[place] = gs[parent];
      places[ids[place]] = place;
      place = parent;
    }
    ids[place] = id;
    fs[place] = f;
    gs[place] = g;
    places[id] = place;
  }

  /** Places a node from the root down. */
  private sink(id: number, f: number, g: number): void {
    const { ids, fs, gs, places, size } = this;
    let place = 0;
    for (;;) {
      const first = (place << 2) + 1;
      if (first >= size) break;
      const end = first + 4 < size ? first + 4 : size;
      let best = first;
      let bestF = fs[first];
      for (let child = first + 1; child < end; child++) {
        const childF = fs[child];
        if (childF < bestF || (childF === bestF && (gs[child] > gs[best] || (gs[child] === gs[best] && ids[child] < ids[best])))) {
          best = child;
          bestF = childF;
        }
      }
      if (bestF > f || (bestF === f && (gs[best] < g || (gs[best] === g && ids[best] > id)))) break;
      ids[place] = ids[best];
      fs[place] = bestF;
      gs[place] = gs[best];
      places[ids[place]] = place;
      place = best;
    }
    ids[place] = id;
    fs[place] = f;
    gs[place] = g;
    places[id] = place;
  }

  private grow(): void {
    const capacity = this.ids.length * 2;
    const enlarge = <T extends Int32Array | Float64Array>(from: T, to: T) => {
      to.set(from);
      return to;
    };
    this.ids = enlarge(this.ids, new Int32Array(capacity));
    this.fs = enlarge(this.fs, new Float64Array(capacity));
    this.gs = enlarge(this.gs, new Float64Array(capacity));
  }
}
