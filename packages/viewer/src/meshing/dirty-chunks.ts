/**
 * Which chunks must be meshed: all of them after a level, and after an edit the chunk of the cell and those that see it across a border.
 * Nearest to the viewer first. A chunk that changes while it is being meshed is meshed again.
 */
import { CHUNK, chunkGrid } from './chunk.js';

export type ChunkPosition = readonly [number, number, number];

export class DirtyChunks {
  readonly #size: readonly [number, number, number];
  readonly #grid: readonly [number, number, number];
  readonly #dirty = new Set<number>();

  /** @param size blocks along x, y, z. */
  constructor(size: readonly [number, number, number]) {
    this.#size = size;
    this.#grid = chunkGrid(size);
  }

  /** Number of chunks of the world. */
  get numChunks(): number {
    return this.#grid[0] * this.#grid[1] * this.#grid[2];
  }

  get numDirty(): number {
    return this.#dirty.size;
  }

  markAll(): void {
    for (let i = 0; i < this.numChunks; i++) this.#dirty.add(i);
  }

  /** Marks what an edit of that cell changes: at a chunk's border the neighbours too, as culling and occlusion reach one cell. */
  markCell(cell: number): void {
    const [sizeX, , sizeZ] = this.#size;
    const x = cell % sizeX;
    const z = Math.floor(cell / sizeX) % sizeZ;
    const y = Math.floor(cell / (sizeX * sizeZ));
    for (const cy of reach(y, this.#grid[1]))
      for (const cz of reach(z, this.#grid[2])) for (const cx of reach(x, this.#grid[0])) this.#dirty.add(this.indexOf(cx, cy, cz));
  }

  /** Puts a chunk back, when its mesh could not be made. */
  mark(chunk: number): void {
    this.#dirty.add(chunk);
  }

  /** Takes the dirty chunk whose centre is nearest to a point in blocks, or -1. @param skip chunks that are being meshed already. */
  takeNearest(x: number, y: number, z: number, skip: ReadonlySet<number>): number {
    let best = -1;
    let bestDistance = Number.POSITIVE_INFINITY;
    for (const chunk of this.#dirty) {
      if (skip.has(chunk)) continue;
      const [cx, cy, cz] = this.positionOf(chunk);
      const distance = ((cx + 0.5) * CHUNK - x) ** 2 + ((cy + 0.5) * CHUNK - y) ** 2 + ((cz + 0.5) * CHUNK - z) ** 2;
      if (distance < bestDistance) {
        best = chunk;
        bestDistance = distance;
      }
    }
    this.#dirty.delete(best);
    return best;
  }

  indexOf(cx: number, cy: number, cz: number): number {
    return (cy * this.#grid[2] + cz) * this.#grid[0] + cx;
  }

  positionOf(chunk: number): ChunkPosition {
    const [nx, , nz] = this.#grid;
    return [chunk % nx, Math.floor(chunk / (nx * nz)), Math.floor(chunk / nx) % nz];
  }
}

/** Chunks along one axis that see a coordinate: its own, and a neighbour when it lies at the border. */
function reach(coordinate: number, numChunks: number): number[] {
  const own = Math.floor(coordinate / CHUNK);
  const chunks = [own];
  if (coordinate % CHUNK === 0 && own > 0) chunks.push(own - 1);
  if (coordinate % CHUNK === CHUNK - 1 && own < numChunks - 1) chunks.push(own + 1);
  return chunks;
}
