/** Places to put things: the free cell on solid ground nearest to the feet, kept until it is no longer one. */
import type { AgentView } from '../agent-view.js';
import type { Cell } from '../skills/hands.js';

/** How far around the feet a place is looked for, blocks. */
const RADIUS = 4;

/** Cells that turned out to be out of reach. */
export class RejectedSites {
  readonly #cells = new Set<string>();

  clear(): void {
    this.#cells.clear();
  }

  add(x: number, y: number, z: number): void {
    this.#cells.add(`${x},${y},${z}`);
  }

  has(x: number, y: number, z: number): boolean {
    return this.#cells.size > 0 && this.#cells.has(`${x},${y},${z}`);
  }
}

/** Free, with room above, on solid ground, where the level lets one build. */
export function isSite(view: AgentView, x: number, y: number, z: number): boolean {
  return isFree(view, x, y, z) && isFree(view, x, y + 1, z) && view.solidAt(x, y - 1, z) && view.mayPlaceAt(x, y, z);
}

/** The nearest cell about the feet, but not under them, that passes; nearer and higher ones first. */
export function nearestSite(view: AgentView, accept: (x: number, y: number, z: number) => boolean): Cell | undefined {
  const [px, py, pz] = view.cellOf();
  for (let r = 1; r <= RADIUS; r++) {
    for (let dy = 1; dy >= -2; dy--) {
      for (let dz = -r; dz <= r; dz++) {
        for (let dx = -r; dx <= r; dx++) {
          if (Math.max(Math.abs(dx), Math.abs(dz)) === r && accept(px + dx, py + dy, pz + dz)) return [px + dx, py + dy, pz + dz];
        }
      }
    }
  }
  return undefined;
}

/** Room around a sapling for the tree that it becomes. */
export function hasRoomToGrow(view: AgentView, tree: Int32Array, x: number, y: number, z: number): boolean {
  for (let at = 0; at < tree.length; at += 4) {
    const [cx, cy, cz] = [x + tree[at], y + tree[at + 1], z + tree[at + 2]];
    if (cx < 0 || cz < 0 || cx >= view.sizeX || cz >= view.sizeZ || cy >= view.sizeY) return false;
    if ((cx !== x || cy !== y || cz !== z) && view.blocks.replaceable[view.blockAt(cx, cy, cz)] === 0) return false;
  }
  return true;
}

function isFree(view: AgentView, x: number, y: number, z: number): boolean {
  const block = view.blockAt(x, y, z);
  return view.blocks.replaceable[block] === 1 && view.blocks.liquid[block] === 0;
}
