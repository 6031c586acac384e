/**
 * Where a walker can be: questions about the cells of a world as an agent sees them, with cells to keep out of and blocks assumed otherwise.
 * A walker is two cells high; feet cells are what paths are made of. Cell index = (y * sizeZ + z) * sizeX + x.
 */
import type { AgentView } from '../agent-view.js';

/** Inclusive block corners x0 y0 z0 x1 y1 z1. */
export type Box = readonly [number, number, number, number, number, number];

/** A test of a feet cell: in or outside an inclusive box, or below a height. */
export type CellTest = { readonly box: Box; readonly inside: boolean } | { readonly below: number };

/** Feet cells that must not be entered: those for which every test of one of the clauses holds. */
export type KeepOut = readonly (readonly CellTest[])[];

const LAVA = 2;
const WATER = 1;

export class Ground {
  readonly view: AgentView;
  keepOut: KeepOut = [];
  /** Cells whose block is assumed to be another: cell -> 1 solid, 0 free. */
  assumed: ReadonlyMap<number, number> | undefined;
  readonly #solid: Uint8Array;
  readonly #liquid: Uint8Array;
  readonly #climbable: Uint8Array;

  constructor(view: AgentView) {
    this.view = view;
    this.#solid = view.blocks.solid;
    this.#liquid = view.blocks.liquid;
    this.#climbable = view.blocks.climbable;
  }

  cell(x: number, y: number, z: number): number {
    return (y * this.view.sizeZ + z) * this.view.sizeX + x;
  }

  isSolid(x: number, y: number, z: number): boolean {
    if (this.assumed !== undefined && this.isInside(x, y, z)) {
      const state = this.assumed.get(this.cell(x, y, z));
      if (state !== undefined) return state === 1;
    }
    return this.#solid[this.view.blockAt(x, y, z)] === 1;
  }

  isInside(x: number, y: number, z: number): boolean {
    const { sizeX, sizeY, sizeZ } = this.view;
    return x >= 0 && z >= 0 && y >= 0 && x < sizeX && z < sizeZ && y < sizeY;
  }

  /** Neither solid nor lava. */
  isFree(x: number, y: number, z: number): boolean {
    return !this.isSolid(x, y, z) && this.#liquid[this.view.blockAt(x, y, z)] !== LAVA;
  }

  isWater(x: number, y: number, z: number): boolean {
    return this.#liquid[this.view.blockAt(x, y, z)] === WATER;
  }

  isLava(x: number, y: number, z: number): boolean {
    return this.#liquid[this.view.blockAt(x, y, z)] === LAVA;
  }

  isClimbable(x: number, y: number, z: number): boolean {
    return this.#climbable[this.view.blockAt(x, y, z)] === 1;
  }

  /** Room for feet and head. */
  isRoom(x: number, y: number, z: number): boolean {
    return this.isFree(x, y, z) && this.isFree(x, y + 1, z);
  }

  /** Whether the task forbids to be there. */
  isKeptOut(x: number, y: number, z: number): boolean {
    for (const clause of this.keepOut) if (clause.every((test) => ('below' in test ? y < test.below : isIn(test.box, x, y, z) === test.inside))) return true;
    return false;
  }

  /** Room, and something that holds the body up: ground, a ladder or water. */
  isPlace(x: number, y: number, z: number): boolean {
    if (!this.isInside(x, y, z) || !this.isRoom(x, y, z)) return false;
    return (this.isSolid(x, y - 1, z) || this.isClimbable(x, y, z) || this.isWater(x, y, z)) && !this.isKeptOut(x, y, z);
  }

  /** Room on solid ground. */
  isFooting(x: number, y: number, z: number): boolean {
    return this.isInside(x, y, z) && this.isRoom(x, y, z) && this.isSolid(x, y - 1, z) && !this.isKeptOut(x, y, z);
  }

  /** Ticks to dig the cell free; 0 when it is free, -1 when it cannot be. */
  digTicks(x: number, y: number, z: number): number {
    if (!this.isSolid(x, y, z)) return this.isLava(x, y, z) ? -1 : 0;
    if (!this.isInside(x, y, z) || !this.view.mayDigAt(x, y, z)) return -1;
    const ticks = this.view.blocks.digTicks[this.view.blockAt(x, y, z)];
    return ticks < 0 ? -1 : Math.max(1, ticks);
  }

  /** Whether a block can be placed in the cell, as far as the cell decides. */
  isPlaceable(x: number, y: number, z: number): boolean {
    return this.isInside(x, y, z) && this.view.blocks.replaceable[this.view.blockAt(x, y, z)] === 1 && this.view.mayPlaceAt(x, y, z);
  }
}

export function isIn(box: Box, x: number, y: number, z: number): boolean {
  return x >= box[0] && y >= box[1] && z >= box[2] && x <= box[3] && y <= box[4] && z <= box[5];
}
