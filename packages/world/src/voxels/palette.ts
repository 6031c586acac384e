/**
 * Palette: the blocks that one world may hold, so that a voxel is a u8 index.
 * Sorted by registry id, hence the same for the same set of names in any order; air (0) and bedrock (1, what lies outside the grid) are always there.
 */
import { AIR_ID, BEDROCK_ID, BLOCK_BY_ID, BLOCK_BY_NAME, blockByName } from '../blocks/registry.js';
import { didYouMean, ScenarioError } from '../errors.js';

/** Palette index of air in every palette. */
export const AIR_INDEX = 0;
/** Palette index of bedrock in every palette; reading outside the grid gives it. */
export const BEDROCK_INDEX = 1;
export const MAX_PALETTE_SIZE = 256;

export interface Palette {
  /** Registry id by palette index, strictly ascending. */
  readonly registryIds: Uint16Array;
  /** Block name by palette index. */
  readonly names: readonly string[];
  /** @throws ScenarioError `not-in-palette`, or `unknown-block` when no registry block has the name. */
  indexOfName(name: string): number;
  /** -1 when the palette lacks the id. */
  indexOfId(id: number): number;
}

/**
 * The palette of those blocks, and air and bedrock.
 * @throws ScenarioError when a name is unknown or there are more than 256 blocks.
 */
export function createPalette(names: Iterable<string>): Palette {
  const ids = new Set<number>([AIR_ID, BEDROCK_ID]);
  for (const name of names) ids.add(blockByName(name).id);
  const registryIds = Uint16Array.from(ids).sort();
  if (registryIds.length > MAX_PALETTE_SIZE) {
    throw new ScenarioError(
      'palette-too-large',
      `A world may hold at most ${MAX_PALETTE_SIZE} kinds of block; got ${registryIds.length}. Replace rare blocks by common ones.`,
    );
  }
  const sortedNames = Array.from(registryIds, (id) => BLOCK_BY_ID.get(id)!.name);
  const indexByName = new Map(sortedNames.map((name, i) => [name, i]));
  const indexById = new Map(Array.from(registryIds, (id, i) => [id, i]));
  return {
    registryIds,
    names: sortedNames,
    indexOfName(name) {
      const index = indexByName.get(name);
      if (index !== undefined) return index;
      if (!BLOCK_BY_NAME.has(name)) blockByName(name);
      const hint = didYouMean(name, sortedNames) || ' Add the block to the scenario.';
      throw new ScenarioError('not-in-palette', `A voxel must be a block of the world's palette; got "${name}".${hint}`);
    },
    indexOfId: (id) => indexById.get(id) ?? -1,
  };
}
