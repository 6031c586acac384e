/** Blueprints of a scenario: what can be built by name. Read as structures are; their air says nothing. */
import { AIR_ID, BLOCK_BY_NAME } from '../blocks/registry.js';
import { ScenarioError } from '../errors.js';
import type { Cell } from '../voxels/grid.js';
import type { ReadFile } from './files.js';
import type { Scenario } from './schema.js';
import { readStructure } from './structures.js';

/** Most blocks of a blueprint. */
export const MAX_BLUEPRINT_BLOCKS = 1024;

export interface Blueprint {
  /** [x, y, z], cells. */
  readonly size: Cell;
  /** Cell of the lowest corner; undefined: whoever builds it says where. */
  readonly at: Cell | undefined;
  /** Blocks from the lowest corner, layer by layer, then by z, then by x; registry names. */
  readonly blocks: readonly { readonly x: number; readonly y: number; readonly z: number; readonly block: string }[];
}

/** By name, in the order of the scenario. @throws ScenarioError for a file that cannot be read, or more or fewer blocks than a blueprint may have. */
export function readBlueprints({ world }: Scenario, readFile?: ReadFile | undefined): ReadonlyMap<string, Blueprint> {
  const blueprints = new Map<string, Blueprint>();
  for (const [name, entry] of Object.entries(world.blueprints ?? {})) {
    const path = `world.blueprints.${name}`;
    const { size, palette, cells } = readStructure({ ...entry, at: [0, 0, 0], keepTerrain: true }, readFile, path);
    const isAir = palette.map((block) => BLOCK_BY_NAME.get(block)!.id === AIR_ID);
    const blocks: Blueprint['blocks'][number][] = [];
    for (const [cell, index] of cells.entries()) {
      if (isAir[index]) continue;
      const line = Math.floor(cell / size[0]);
      blocks.push({ x: cell % size[0], y: Math.floor(line / size[2]), z: line % size[2], block: palette[index] });
    }
    if (blocks.length === 0 || blocks.length > MAX_BLUEPRINT_BLOCKS) {
      const message = `A blueprint must have 1..${MAX_BLUEPRINT_BLOCKS} blocks other than air; got ${blocks.length} at ${path}. Cut it into several.`;
      throw new ScenarioError('blueprint-size', message, [{ code: 'blueprint-size', path, message }]);
    }
    blueprints.set(name, { size, at: entry.at, blocks });
  }
  return blueprints;
}
