/**
 * Where a walker can be: questions about the cells of a world as an agent sees them, with cells to keep out of and blocks assumed otherwise.
 * A walker is two cells high; feet cells are what paths are made of. Cell index = (y * sizeZ + z) * sizeX + x.
 */
import { forbids, type KeepOut } from '@kinovox/planning';
import type { AgentView } from '../agent-view.js';
import { digTicksByBlock } from '../skills/tools.js';

export { type Box, type CellTest, isIn, type KeepOut } from '@kinovox/planning';

const LAVA = 2;
const WATER = 1;
/** Answers about a cell that a search keeps: it asks for each dozens of times, and nothing changes meanwhile. */
const ROOM = 1;
const KEPT_OUT = 2;
const PLACE = 4;
const FOOTING = 8;

export class Ground {
  readonly view: AgentView;
  keepOut: KeepOut = [];
  /** Cells whose block is assumed to be another: cell -> 1 solid, 0 free. */
  assumed: ReadonlyMap<number, number> | undefined;
  readonly #solid: Uint8Array;
  readonly #liquid: Uint8Array;
  readonly #climbable: Uint8Array;
  /** Ticks to dig each palette entry with the best tool carried; -1 never. */
  #digTicks: ArrayLike<number>;
  /** Answers of the search that runs, per cell: its number above 8 bits. Undefined outside searches. */
  #known: Int32Array | undefined;
  #search = 0;

  constructor(view: AgentView) {
    this.view = view;
    this.#solid = view.blocks.solid;
    this.#liquid = view.blocks.liquid;
    this.#climbable = view.blocks.climbable;
    this.#digTicks = view.blocks.digTicks;
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

  /** Keeps answers in `known` until `endSearch`; blocks, assumptions and forbidden cells must not change meanwhile. */
  beginSearch(known: Int32Array, search: number): void {
    if (this.view.survival !== undefined) this.#digTicks = digTicksByBlock(this.view, this.view.survival);
    this.#known = known;
    this.#search = search << 8;
  }

  endSearch(): void {
    this.#known = undefined;
  }

  /** Room for feet and head. */
  isRoom(x: number, y: number, z: number): boolean {
    if (this.#known === undefined || !this.isInside(x, y, z)) return this.isFree(x, y, z) && this.isFree(x, y + 1, z);
    return (this.#answers(x, y, z) & ROOM) !== 0;
  }

  /** Whether the task forbids to be there. */
  isKeptOut(x: number, y: number, z: number): boolean {
    if (this.keepOut.length === 0) return false;
    if (this.#known === undefined || !this.isInside(x, y, z)) return forbids(this.keepOut, x, y, z);
    return (this.#answers(x, y, z) & KEPT_OUT) !== 0;
  }

  /** Room, and something that holds the body up: ground, a ladder or water. */
  isPlace(x: number, y: number, z: number): boolean {
    return this.isInside(x, y, z) && (this.#answers(x, y, z) & PLACE) !== 0;
  }

  /** Room on solid ground. */
  isFooting(x: number, y: number, z: number): boolean {
    return this.isInside(x, y, z) && (this.#answers(x, y, z) & FOOTING) !== 0;
  }

  /** All answers about a cell inside the world, from memory where this search has asked before. */
  #answers(x: number, y: number, z: number): number {
    const cell = this.cell(x, y, z);
    const known = this.#known;
    if (known !== undefined && known[cell] >> 8 === this.#search >> 8) return known[cell] & 255;
    let answers = 0;
    if (forbids(this.keepOut, x, y, z)) answers |= KEPT_OUT;
    if (this.isFree(x, y, z) && this.isFree(x, y + 1, z)) {
      answers |= ROOM;
      if ((answers & KEPT_OUT) === 0) {
        if (this.isSolid(x, y - 1, z)) answers |= PLACE | FOOTING;
        else if (this.isClimbable(x, y, z) || this.isWater(x, y, z)) answers |= PLACE;
      }
    }
    if (known !== undefined) known[cell] = this.#search | answers;
    return answers;
  }

  /** Ticks to dig the cell free; 0 when it is free, -1 when it cannot be. */
  digTicks(x: number, y: number, z: number): number {
    if (!this.isSolid(x, y, z)) return this.isLava(x, y, z) ? -1 : 0;
    if (!this.isInside(x, y, z) || !this.view.mayDigAt(x, y, z)) return -1;
    const ticks = this.#digTicks[this.view.blockAt(x, y, z)];
    return ticks < 0 ? -1 : Math.max(1, ticks);
  }

  /** Whether a block can be placed in the cell, as far as the cell decides. */
  isPlaceable(x: number, y: number, z: number): boolean {
    return this.isInside(x, y, z) && this.view.blocks.replaceable[this.view.blockAt(x, y, z)] === 1 && this.view.mayPlaceAt(x, y, z);
  }
}
