/**
 * Levels in the form that kernels read: solidity 24 cells of a row to a float, and palette indices two cells to a float where motion asks for them.
 * Worlds that play the same variant share a place; a place that no world plays any more is given to the next variant.
 */
import { UsageError } from '@kinovox/world';
import type { VariantData } from '../../program.js';
import { EXACT_LIMIT } from './exact.js';
import { levelFloats, type MotionShape, readsCells } from './level-text.js';
import { CELLS_PER_FLOAT } from './pack.js';

/** Places kept beside one for each world, so that a level that comes back need not be packed again. */
const SPARE_PLACES = 256;

export class LevelPool {
  /** `[places, sizeY, sizeZ, ceil(sizeX / 24)]` */
  readonly solid: Float32Array;
  /** `[places, ceil(cells / 2)]`; empty where motion asks only what is solid. */
  readonly cells: Float32Array;
  readonly #shape: MotionShape;
  readonly #solidTable: Uint8Array;
  readonly #floats: { solid: number; cells: number };
  readonly #placeOf = new Map<number, number>();
  /** Variant in each place, -1 none, and how many worlds play it. */
  readonly #variantAt: Int32Array;
  readonly #players: Int32Array;
  /** `[B]` place of each world, -1 before its first level. */
  readonly #placeOfWorld: Int32Array;

  /** @throws UsageError when the levels of all worlds are more floats than an exact index can tell apart. */
  constructor(shape: MotionShape, solidTable: Uint8Array, numWorlds: number, numVariants: number, id: string) {
    this.#shape = shape;
    this.#solidTable = solidTable;
    this.#floats = levelFloats(shape);
    const perLevel = readsCells(shape) ? Math.max(this.#floats.solid, this.#floats.cells) : this.#floats.solid;
    const most = Math.floor(EXACT_LIMIT / perLevel);
    const least = Math.min(numWorlds, numVariants);
    if (least > most)
      throw new UsageError(
        'gpujs-size',
        `The engine "gpujs" must hold the levels of all worlds in ${EXACT_LIMIT} floats, as indices are exact no further; got ${least} levels of ${perLevel} in ${id}. Use at most ${most} worlds, or the engine "cpu".`,
      );
    const places = Math.min(numVariants, most, Math.max(numWorlds, SPARE_PLACES));
    this.solid = new Float32Array(places * this.#floats.solid);
    this.cells = new Float32Array(readsCells(shape) ? places * this.#floats.cells : 0);
    this.#variantAt = new Int32Array(places).fill(-1);
    this.#players = new Int32Array(places);
    this.#placeOfWorld = new Int32Array(numWorlds).fill(-1);
  }

  /** Place of the level that world w plays now. */
  place(w: number, level: VariantData): number {
    const before = this.#placeOfWorld[w];
    if (before >= 0) {
      if (this.#variantAt[before] === level.variant) return before;
      this.#players[before]--;
    }
    const known = this.#placeOf.get(level.variant);
    const place = known ?? this.#takePlace(level);
    this.#players[place]++;
    this.#placeOfWorld[w] = place;
    return place;
  }

  #takePlace(level: VariantData): number {
    // There are as many places as worlds or variants, and this world gave its own back: one is free.
    let place = this.#variantAt.indexOf(-1);
    if (place < 0) place = this.#players.indexOf(0);
    this.#placeOf.delete(this.#variantAt[place]);
    this.#placeOf.set(level.variant, place);
    this.#variantAt[place] = level.variant;
    this.#pack(level.voxels, place);
    return place;
  }

  #pack(voxels: Uint8Array, place: number): void {
    const { sizeX, sizeY, sizeZ } = this.#shape;
    const rowFloats = Math.ceil(sizeX / CELLS_PER_FLOAT);
    for (let line = 0; line < sizeY * sizeZ; line++) {
      for (let k = 0; k < rowFloats; k++) {
        let bits = 0;
        for (let x = k * CELLS_PER_FLOAT; x < Math.min(sizeX, (k + 1) * CELLS_PER_FLOAT); x++)
          if (this.#solidTable[voxels[line * sizeX + x]] === 1) bits += 2 ** (x - k * CELLS_PER_FLOAT);
        this.solid[place * this.#floats.solid + line * rowFloats + k] = bits;
      }
    }
    if (this.cells.length === 0) return;
    for (let k = 0; k < this.#floats.cells; k++)
      this.cells[place * this.#floats.cells + k] = voxels[2 * k] + 256 * (voxels[2 * k + 1] ?? 0);
  }
}
