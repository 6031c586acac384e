/**
 * Level variants, built when first asked for and kept while they fit: a cache bounded by bytes that drops the least recently used.
 * `get` is a pure function of the variant's number, so dropping and building again changes nothing. Worlds in play hold their own reference.
 */
import type { VariantData, VariantSource } from '@kinovox/physics';

/** Bytes of levels kept by default: 256 MiB. */
export const DEFAULT_POOL_BYTES = 256 * 1024 * 1024;

export class VariantPool implements VariantSource {
  /** Levels built so far, those built again included. */
  numBuilt = 0;
  readonly #build: (variant: number) => VariantData;
  readonly #maxBytes: number;
  /** In order of use, the latest last: a Map keeps insertion order. */
  readonly #levels = new Map<number, VariantData>();
  #bytes = 0;

  /** @param maxBytes at least one level is kept, whatever its size. */
  constructor(build: (variant: number) => VariantData, maxBytes = DEFAULT_POOL_BYTES) {
    this.#build = build;
    this.#maxBytes = maxBytes;
  }

  /** Bytes of the levels held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Number of levels held now. */
  get size(): number {
    return this.#levels.size;
  }

  get(variant: number): VariantData {
    const held = this.#levels.get(variant);
    if (held !== undefined) {
      if (this.#levels.size > 1) {
        this.#levels.delete(variant);
        this.#levels.set(variant, held);
      }
      return held;
    }
    const level = this.#build(variant);
    this.numBuilt++;
    this.#levels.set(variant, level);
    this.#bytes += variantBytes(level);
    for (const [oldest, dropped] of this.#levels) {
      if (this.#bytes <= this.#maxBytes || this.#levels.size === 1) break;
      this.#levels.delete(oldest);
      this.#bytes -= variantBytes(dropped);
    }
    return level;
  }
}

/** Memory of a level's arrays. */
export function variantBytes(level: VariantData): number {
  let bytes =
    level.voxels.byteLength +
    level.rows.byteLength +
    level.constants.byteLength +
    level.spawnYaw.byteLength +
    level.spawnFirst.byteLength +
    level.spawnPoints.byteLength +
    (level.protectedCells?.byteLength ?? 0) +
    (level.unbuildableCells?.byteLength ?? 0) +
    (level.ways?.byteLength ?? 0) +
    (level.onward?.byteLength ?? 0) +
    (level.arrivals?.byteLength ?? 0) +
    (level.footing?.byteLength ?? 0);
  for (const { cells } of level.propSpawns) bytes += cells.byteLength;
  return bytes;
}
