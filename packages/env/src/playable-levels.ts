/**
 * Levels as episodes play them. A variant whose level cannot be built (no room at a spawn on drawn terrain) plays the level of the next variant
 * of its split that can, so that a run never ends in its thousandth episode. Still a pure function of (scenario hash, split, variant): batches of any
 * size, replays and forks play the same. What was replaced is kept, with its reason.
 * Limits: variants whose tables differ are a mistake of the scenario, not of a level, and stay an error; so does a level without room for idle props, since
 * another one in its place would be compared with it.
 */
import type { VariantData, VariantSource } from '@kinovox/physics';
import { ScenarioError, type Split } from '@kinovox/world';
import type { VariantPool } from './variant-pool.js';

/** Following variants that are tried in place of one. */
export const MAX_REPLACEMENT_TRIES = 64;

/** Replaced variants that are remembered; an unbounded scenario may meet more, which are then found again. */
const MAX_REMEMBERED = 65_536;

/** Errors of a level that are never got around by playing another. */
const NEVER_REPLACED: readonly string[] = ['variant-structure', 'no-idle-place'];

/** A variant that plays the level of another. */
export interface ReplacedLevel {
  split: Split;
  variant: number;
  /** The variant whose level it plays. */
  played: number;
  /** Why its own could not be built. */
  reason: string;
}

export class PlayableLevels implements VariantSource {
  readonly #pool: VariantPool;
  readonly #split: Split;
  readonly #numVariants: number;
  readonly #replaced = new Map<number, ReplacedLevel>();

  /** @param pool builds a variant's own level, or throws. */
  constructor(pool: VariantPool, split: Split, numVariants: number) {
    this.#pool = pool;
    this.#split = split;
    this.#numVariants = numVariants;
  }

  /** Variants that were replaced so far, the latest 65,536 of them. */
  get replaced(): readonly ReplacedLevel[] {
    return [...this.#replaced.values()];
  }

  /** @throws ScenarioError when neither the variant nor those after it can be built. */
  get(variant: number): VariantData {
    const replaced = this.#replaced.get(variant);
    if (replaced !== undefined) return this.#pool.get(replaced.played);
    try {
      return this.#pool.get(variant);
    } catch (error) {
      return this.#replace(variant, faultOfLevel(error));
    }
  }

  /** The variant whose level `variant` plays: nearly always itself. Builds the level where nobody has yet. */
  played(variant: number): number {
    this.get(variant);
    return this.#replaced.get(variant)?.played ?? variant;
  }

  #replace(variant: number, fault: ScenarioError): VariantData {
    const tries = Math.min(this.#numVariants, MAX_REPLACEMENT_TRIES);
    for (let k = 1; k < tries; k++) {
      const played = (variant + k) % this.#numVariants;
      try {
        const level = this.#pool.get(played);
        this.#replaced.set(variant, { split: this.#split, variant, played, reason: fault.message });
        for (const oldest of this.#replaced.keys()) {
          if (this.#replaced.size <= MAX_REMEMBERED) break;
          this.#replaced.delete(oldest);
        }
        return level;
      } catch (error) {
        faultOfLevel(error);
      }
    }
    throw new ScenarioError(
      'no-playable-level',
      `A scenario must have levels that can be built; got none among ${tries} variants of ${this.#split} from variant ${variant} on. The first: ${fault.message}`,
      fault.issues,
      { cause: fault },
    );
  }
}

/** The error itself when it is about one level; anything else is thrown on. */
function faultOfLevel(error: unknown): ScenarioError {
  if (error instanceof ScenarioError && !NEVER_REPLACED.includes(error.code)) return error;
  throw error;
}
