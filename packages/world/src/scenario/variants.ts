/**
 * Variants: which levels a scenario has, and the random keys they are drawn from.
 * Variant v of a split is a pure function of (scenario hash, split, v); the split is part of every key, so splits never share a stream.
 */
import { ScenarioError } from '../errors.js';
import { PURPOSE, randomBelow, randomU32 } from '../numbers/random.js';
import { hashText } from '../numbers/state-hash.js';
import { type Scenario, SPLITS, type Split } from './schema.js';

/** Number of variants of an unbounded scenario: all that a state word names without a sign. */
export const UNBOUNDED_VARIANTS = 2147483648;

/** Fields that tell people something and change no level. */
const PRESENTATION = new Set(['$schema', 'title', 'description', 'tags', 'credits', 'resolved']);

/** Levels per split, 1..65536, or 2^31 when unbounded. */
export function variantCount(scenario: { episode: Scenario['episode'] }): number {
  return scenario.episode.variants === 'unbounded' ? UNBOUNDED_VARIANTS : scenario.episode.variants;
}

/** The variant that an episode seed names. */
export function variantOfSeed(scenario: { episode: Scenario['episode'] }, seedLow: number, seedHigh: number): number {
  return drawVariant(variantCount(scenario), seedLow, seedHigh);
}

/** The same for a count of variants: 1..65536, or UNBOUNDED_VARIANTS. */
export function drawVariant(numVariants: number, seedLow: number, seedHigh: number): number {
  const word = randomU32(seedLow, seedHigh, 0, 0, PURPOSE.variant, 0);
  return numVariants === UNBOUNDED_VARIANTS ? word >>> 1 : randomBelow(word, numVariants);
}

/** Hash of the content of a scenario, 16 hexadecimal digits; titles, credits and key order do not matter, the bytes of structure files are not in it. */
export function scenarioHash(scenario: object): string {
  const content = Object.fromEntries(Object.entries(scenario).filter(([key]) => !PRESENTATION.has(key)));
  return hashText(canonicalJson(content));
}

/** Two u32 words of a 16-digit hash. */
export function hashLanesOf(hash: string): { low: number; high: number } {
  return { low: Number.parseInt(hash.slice(8), 16), high: Number.parseInt(hash.slice(0, 8), 16) };
}

/** Number of a split in random keys: 0 train, 1 validation, 2 test. */
export function splitIndex(split: Split): number {
  return SPLITS.indexOf(split);
}

/** Seed of a variant's terrain. */
export function levelSeed(resolved: { resolved: { scenarioHash: string; split: Split; variant: number } }): {
  seedLow: number;
  seedHigh: number;
} {
  const { scenarioHash: hash, split, variant } = resolved.resolved;
  const { low, high } = hashLanesOf(hash);
  const word = (draw: number) => randomU32(low, high, variant, splitIndex(split), PURPOSE.terrain, draw);
  return { seedLow: word(0), seedHigh: word(1) };
}

/** @throws ScenarioError when the split is unknown or the variant is not one of the scenario's. */
export function assertVariant(scenario: { id: string; episode: Scenario['episode'] }, split: Split, variant: number): void {
  if (splitIndex(split) < 0)
    throw new ScenarioError(
      'unknown-split',
      `A split must be one of ${SPLITS.join(', ')}; got ${JSON.stringify(split)} for ${scenario.id}.`,
    );
  const count = variantCount(scenario);
  if (!Number.isInteger(variant) || variant < 0 || variant >= count) {
    throw new ScenarioError(
      'no-such-variant',
      `A variant of ${scenario.id} must be an integer in 0..${count - 1}; got ${variant}. "episode.variants" sets their number.`,
    );
  }
}

/** JSON with sorted keys and no undefined values. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}
