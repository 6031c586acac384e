/**
 * Levels on the device: those that rows play, and as many of the others as were played before and still fit. A level is built and brought over when a row
 * is about to begin an episode on it; where no place is left, one that no row plays makes room, the one that was asked for longest ago.
 * Layout: a word per variant (where its level lies, 0 while it is not there), then places of one size.
 * Limits: the buffer stays within a binding; the engine gives a shard no more worlds than there are places.
 */
/// <reference types="@webgpu/types" />
import { UsageError } from '@kinovox/world';
import type { ScenarioProgram, VariantData, VariantSource } from '../../program.js';

/** Levels that are built before the host looks up: signals and progress get their turn. */
const BUILT_AT_ONCE = 8;
/** Room for spawn points beyond those of the first level, as a share of its words. */
const SPARE = 1 / 64;

export interface DeviceLevelsOptions {
  program: ScenarioProgram;
  variants: VariantSource;
  /** Words of a level as kernels read it. */
  pack(level: VariantData): Int32Array<ArrayBuffer>;
  /** Most bytes of the buffer. */
  limit: number;
  /** Worlds that play levels of it. */
  count: number;
}

export class DeviceLevels {
  readonly #device: GPUDevice;
  readonly #options: DeviceLevelsOptions;
  /** Place of each variant that is there; in order of use, the latest last. */
  readonly #places = new Map<number, number>();
  #free: number[] = [];
  #placeWords: number;
  #buffer: GPUBuffer;

  /** @throws UsageError where the levels of all rows cannot be there at once. */
  constructor(device: GPUDevice, options: DeviceLevelsOptions, sample: VariantData) {
    this.#device = device;
    this.#options = options;
    this.#placeWords = roomFor(options.pack(sample).length);
    this.#buffer = this.#allocate();
  }

  get buffer(): GPUBuffer {
    return this.#buffer;
  }

  /** Whether every level is there: then no row ever waits. */
  get complete(): boolean {
    return this.#places.size === this.#options.program.numVariants;
  }

  /** Levels that are there. */
  get size(): number {
    return this.#places.size;
  }

  /**
   * Brings levels over.
   * @param inPlay variants whose levels must stay, beside those needed.
   * @returns whether the buffer is another one than before: a level was larger than the places.
   */
  async ensure(needed: Iterable<number>, inPlay: Iterable<number>, onLevel?: (done: number, of: number) => void): Promise<boolean> {
    const missing = [...new Set(needed)].filter((variant) => !this.#touch(variant));
    if (missing.length === 0) return false;
    const kept = new Set([...inPlay, ...needed]);
    const before = this.#buffer;
    for (const [k, variant] of missing.entries()) {
      const words = this.#options.pack(this.#options.variants.get(variant));
      if (words.length > this.#placeWords) this.#enlarge(words.length, kept);
      this.#write(variant, this.#freePlace(kept), words);
      onLevel?.(k + 1, missing.length);
      if (k % BUILT_AT_ONCE === BUILT_AT_ONCE - 1) await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return before !== this.#buffer;
  }

  dispose(): void {
    this.#buffer.destroy();
  }

  #touch(variant: number): boolean {
    const place = this.#places.get(variant);
    if (place === undefined) return false;
    this.#places.delete(variant);
    this.#places.set(variant, place);
    return true;
  }

  #freePlace(kept: ReadonlySet<number>): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    for (const [variant, place] of this.#places) {
      if (kept.has(variant)) continue;
      this.#places.delete(variant);
      this.#device.queue.writeBuffer(this.#buffer, 4 * variant, new Int32Array(1));
      return place;
    }
    throw this.#tooLarge();
  }

  #write(variant: number, place: number, words: Int32Array<ArrayBuffer>): void {
    const at = this.#options.program.numVariants + place * this.#placeWords;
    this.#device.queue.writeBuffer(this.#buffer, 4 * at, words);
    this.#device.queue.writeBuffer(this.#buffer, 4 * variant, Int32Array.of(at));
    this.#places.set(variant, place);
  }

  /** Moves to a buffer with larger places, those first that must stay. */
  #enlarge(words: number, kept: ReadonlySet<number>): void {
    const there = [...this.#places.keys()];
    this.#buffer.destroy();
    this.#places.clear();
    this.#placeWords = roomFor(words);
    this.#buffer = this.#allocate();
    const staying = there.filter((variant) => kept.has(variant));
    const others = there.filter((variant) => !kept.has(variant));
    const room = Math.max(0, this.#free.length - staying.length);
    for (const variant of [...others.slice(Math.max(0, others.length - room)), ...staying])
      this.#write(variant, this.#freePlace(kept), this.#options.pack(this.#options.variants.get(variant)));
  }

  #allocate(): GPUBuffer {
    const { program, limit } = this.#options;
    const numPlaces = placesWithin(limit, program.numVariants, this.#placeWords);
    if (numPlaces < this.#least) throw this.#tooLarge();
    this.#free = Array.from({ length: numPlaces }, (_, k) => numPlaces - 1 - k);
    return this.#device.createBuffer({
      size: Math.max(16, 4 * (program.numVariants + numPlaces * this.#placeWords)),
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
    });
  }

  /** Levels that may be in play at once. */
  get #least(): number {
    return Math.min(this.#options.count, this.#options.program.numVariants);
  }

  #tooLarge(): UsageError {
    const { program, limit } = this.#options;
    return new UsageError(
      'gpu-memory',
      `The levels in play of the engine "webgpu" must fit in a binding of ${limit} bytes; got ${this.#least} of ${4 * this.#placeWords} bytes for ${program.id}. Use fewer worlds, smaller ones, or the engine "cpu".`,
    );
  }
}

/** Levels that can be there at once. */
export function placesWithin(limit: number, numVariants: number, placeWords: number): number {
  return Math.max(0, Math.min(numVariants, Math.floor((limit / 4 - numVariants) / placeWords)));
}

/** Words of a place for levels of about `words`. */
export function roomFor(words: number): number {
  return words + Math.ceil(words * SPARE);
}
