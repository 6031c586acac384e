/**
 * A level: the voxels of one variant and where its agents and props may start.
 * Data flow: terrain -> structures -> edits -> mechanisms at rest -> checks of switches -> permission bits -> spawns.
 * Pure: the same (resolved scenario, seed, structure files) gives the same level everywhere.
 */
import { BLOCK_BY_ID, BLOCK_BY_NAME } from '../blocks/registry.js';
import { placeStructure } from '../structure/structure.js';
import { generateTerrain } from '../terrain/generate.js';
import { scatter } from '../terrain/scatter.js';
import { type Cell, VoxelGrid } from '../voxels/grid.js';
import { createPalette } from '../voxels/palette.js';
import type { ReadFile } from './files.js';
import { refuseLevel } from './refusal.js';
import type { ResolvedScenario } from './schema.js';
import { assertPropsApart, clearOfProps } from './spawn-room.js';
import { agentSpawns, type LevelSpawn, propSpawns } from './spawns.js';
import { readStructure } from './structures.js';

/** Bits of `Level.protect`. */
export const PROTECT_DIG = 1;
export const PROTECT_PLACE = 2;

export interface Level {
  readonly grid: VoxelGrid;
  /** By agent slot. */
  readonly spawns: readonly LevelSpawn[];
  /** By prop index. */
  readonly propSpawns: readonly LevelSpawn[];
  /** Per cell, bits PROTECT_DIG and PROTECT_PLACE; null when nothing is protected. Layout of the grid. */
  readonly protect: Uint8Array | null;
  /** Per palette index: 1 when the scenario lets agents dig it. */
  readonly diggable: Uint8Array;
  /** What was simplified in structures. */
  readonly notes: readonly string[];
}

type Region = readonly [Cell, Cell];

/**
 * Builds the level of a resolved scenario.
 * @param seed of the terrain: `levelSeed(resolved)`.
 * @param readFile reads structure files by their path relative to the scenario's folder.
 * @throws ScenarioError when a structure cannot be read or leaves the world, a switch is missing, or an agent or prop has no place to start.
 */
export function buildLevel(resolved: ResolvedScenario, seed: { seedLow: number; seedHigh: number }, readFile?: ReadFile): Level {
  const { world } = resolved;
  const grid = new VoxelGrid(world.size[0], world.size[1], world.size[2], createPalette(resolved.resolved.palette));
  if (world.terrain.generator !== 'empty') generateTerrain(grid, world.terrain, seed.seedLow, seed.seedHigh);
  const notes = placeStructures(grid, resolved, readFile);
  for (const [i, edit] of world.edits.entries()) applyEdit(grid, edit, i, seed);
  for (const mechanism of resolved.mechanisms) {
    for (const effect of mechanism.effects) grid.fill(effect.region[0], effect.region[1], grid.palette.indexOfName(effect.off));
  }
  assertSwitches(grid, resolved);
  const agents = agentSpawns(grid, resolved);
  const props = propSpawns(grid, resolved);
  assertPropsApart(resolved, agents, props);
  return {
    grid,
    spawns: clearOfProps(resolved, agents, props),
    propSpawns: props,
    protect: createProtection(grid, world),
    diggable: createDiggable(grid, world.diggable),
    notes,
  };
}

function placeStructures(grid: VoxelGrid, resolved: ResolvedScenario, readFile: ReadFile | undefined): string[] {
  const notes: string[] = [];
  for (const [i, source] of resolved.world.structures.entries()) {
    const path = `world.structures[${i}]`;
    const structure = readStructure(source, readFile, path);
    placeStructure(grid, structure, source.at, { keepTerrain: source.keepTerrain, path });
    for (const note of structure.notes) notes.push(`${path}: ${note}`);
  }
  return notes;
}

function applyEdit(
  grid: VoxelGrid,
  edit: ResolvedScenario['world']['edits'][number],
  number: number,
  { seedLow, seedHigh }: { seedLow: number; seedHigh: number },
): void {
  const index = (name: string) => grid.palette.indexOfName(name);
  if ('scatter' in edit) {
    const { scatter: block, in: into, on, from, to, count, cluster } = edit;
    scatter(grid, { block, into, on, from, to, count, cluster }, number, seedLow, seedHigh);
    return;
  }
  if ('set' in edit) {
    const cells = 'cells' in edit ? edit.cells : [edit.at];
    for (const [x, y, z] of cells) grid.set(x, y, z, index(edit.set));
    return;
  }
  const low = edit.from;
  const high: Cell = 'to' in edit ? edit.to : [low[0] + edit.size[0] - 1, low[1] + edit.size[1] - 1, low[2] + edit.size[2] - 1];
  // `fill` takes corners in either order, so an empty box must not reach it.
  if (low.some((value, axis) => value > high[axis])) return;
  if ('fill' in edit) {
    grid.fill(low, high, index(edit.fill));
    return;
  }
  const wall = index(edit.hollow);
  const inside = edit.inside === undefined ? undefined : index(edit.inside);
  if (inside !== undefined) grid.fill(low, high, inside);
  for (let axis = 0; axis < 3; axis++) {
    const at = (value: number, corner: Cell): Cell => [
      axis === 0 ? value : corner[0],
      axis === 1 ? value : corner[1],
      axis === 2 ? value : corner[2],
    ];
    grid.fill(low, at(low[axis], high), wall);
    grid.fill(at(high[axis], low), high, wall);
  }
}

/** A trigger without its plate or lever could never fire. */
function assertSwitches(grid: VoxelGrid, resolved: ResolvedScenario): void {
  for (const [i, mechanism] of resolved.mechanisms.entries()) {
    const key = 'all' in mechanism.when ? 'all' : 'any';
    const triggers = 'all' in mechanism.when ? mechanism.when.all : mechanism.when.any;
    for (const [j, trigger] of triggers.entries()) {
      const path = `mechanisms[${i}].when.${key}[${j}]`;
      if ('plate' in trigger) assertBlock(grid, trigger.plate, 'stone_pressure_plate', `${path}.plate`, resolved);
      else if ('lever' in trigger) assertBlock(grid, trigger.lever, 'lever', `${path}.lever`, resolved);
      else if ('plates' in trigger && !hasPlate(grid, trigger.plates)) {
        refuseLevel('no-switch', `${path}.plates`, 'must contain a stone_pressure_plate', 'none', resolved, 'Set one with an edit.');
      }
    }
  }
}

function assertBlock(grid: VoxelGrid, cell: Cell, base: string, path: string, resolved: ResolvedScenario): void {
  const name = grid.nameAt(cell[0], cell[1], cell[2]);
  if (name === base || BLOCK_BY_NAME.get(name)?.variantOf === base) return;
  refuseLevel(
    'no-switch',
    path,
    `must be the cell of a ${base}`,
    `${name} in [${cell.join(', ')}]`,
    resolved,
    `Add {"set": "${base}", "at": [${cell.join(', ')}]} to world.edits.`,
  );
}

function hasPlate(grid: VoxelGrid, region: Region): boolean {
  for (let y = region[0][1]; y <= region[1][1]; y++) {
    for (let z = region[0][2]; z <= region[1][2]; z++) {
      for (let x = region[0][0]; x <= region[1][0]; x++) if (grid.nameAt(x, y, z).startsWith('stone_pressure_plate')) return true;
    }
  }
  return false;
}

function createProtection(grid: VoxelGrid, world: ResolvedScenario['world']): Uint8Array | null {
  if (world.protect.length === 0 && world.buildable === undefined) return null;
  const bits = new Uint8Array(grid.voxels.length);
  if (world.buildable !== undefined) {
    bits.fill(PROTECT_PLACE);
    for (const region of world.buildable) visitCells(grid, region, (cell) => (bits[cell] = 0));
  }
  for (const region of world.protect) visitCells(grid, region, (cell) => (bits[cell] = PROTECT_DIG | PROTECT_PLACE));
  return bits;
}

function visitCells(grid: VoxelGrid, region: Region, visit: (cell: number) => void): void {
  for (let y = region[0][1]; y <= region[1][1]; y++) {
    for (let z = region[0][2]; z <= region[1][2]; z++) {
      for (let x = region[0][0]; x <= region[1][0]; x++) visit(grid.cellIndex(x, y, z));
    }
  }
}

/** Unbreakable blocks and air are never diggable; a state of a listed block is. */
function createDiggable(grid: VoxelGrid, diggable: ResolvedScenario['world']['diggable']): Uint8Array {
  return Uint8Array.from(grid.palette.registryIds, (id) => {
    const block = BLOCK_BY_ID.get(id)!;
    if (id === 0 || block.digTicks < 0 || diggable === 'none') return 0;
    if (diggable === 'all') return 1;
    return diggable.includes(block.name) || (block.variantOf !== undefined && diggable.includes(block.variantOf)) ? 1 : 0;
  });
}
