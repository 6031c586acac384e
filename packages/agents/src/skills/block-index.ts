/** How many of each block there are, and where those stand that were asked for: counted anew when the world has changed, in one pass. */
import type { AgentView } from '../agent-view.js';

export class BlockIndex {
  readonly #view: AgentView;
  readonly #counts: Int32Array;
  /** Cells of the palette entries that were asked for, in ascending order. */
  readonly #cells: (number[] | undefined)[] = [];
  #isFresh = false;
  #map = 0;

  constructor(view: AgentView) {
    this.#view = view;
    this.#counts = new Int32Array(view.palette.names.length);
  }

  /** Forgets the world: the next question counts. */
  reset(): void {
    this.#isFresh = false;
  }

  /** Blocks of a palette entry in the world. */
  count(block: number): number {
    this.#refresh();
    return this.#counts[block];
  }

  /** Cells of a palette entry, ascending. Asked of rare blocks: it keeps a list. */
  cells(block: number): readonly number[] {
    if (this.#cells[block] === undefined) {
      this.#cells[block] = [];
      this.#isFresh = false;
    }
    this.#refresh();
    return this.#cells[block]!;
  }

  #refresh(): void {
    const { voxels, mapVersion } = this.#view;
    if (this.#isFresh && mapVersion === this.#map) return;
    this.#isFresh = true;
    this.#map = mapVersion;
    const counts = this.#counts.fill(0);
    for (const list of this.#cells) if (list !== undefined) list.length = 0;
    for (let cell = 0; cell < voxels.length; cell++) {
      const block = voxels[cell];
      counts[block]++;
      this.#cells[block]?.push(cell);
    }
  }
}
