/**
 * A level: the voxels of one variant and where its agents and props may start.
 * Data flow: terrain -> structures -> edits -> mechanisms at rest -> checks of switches -> permission bits -> spawns.
 * Pure: the same (resolved scenario, seed, structure files) gives the same level everywhere.
 */
import { BLOCK_BY_ID, BLOCK_BY_NAME } from '../blocks/registry.js';
import { ScenarioError } from '../errors.js';
import { toQ16 } from '../numbers/fixed-point.js';
import { placeStructure } from '../structure/structure.js';
import { generateTerrain } from '../terrain/generate.js';
import { type Cell, VoxelGrid } from '../voxels/grid.js';
import { createPalette } from '../voxels/palette.js';
import type { ReadFile } from './files.js';
import { isBoxFree, isRoomAt, standingCells, WALKER_HALF_WIDTH_Q16, WALKER_HEIGHT_Q16 } from './footing.js';
import type { ResolvedScenario } from './schema.js';
import { readStructure } from './structures.js';

/** Bits of `Level.protect`. */
export const PROTECT_DIG = 1;
export const PROTECT_PLACE = 2;

/** Where an agent or prop may start. Exactly one of `cells` and `positionQ16` is not null. */
export interface LevelSpawn {
  /** x, y, z triples of cells to draw from: the feet (agents) or lowest point (props) rest on the floor centre of the cell. Shared by those with the same region. */
  readonly cells: Int32Array | null;
  /** Exact position of the feet (agents) or centre (props), Q16 blocks. */
  readonly positionQ16: Int32Array | null;
  /** Heading, i32, 2^32 per turn, 0 to -z, counter-clockwise. */
  readonly yaw: number;
}

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
  for (const edit of world.edits) applyEdit(grid, edit);
  for (const mechanism of resolved.mechanisms) {
    for (const effect of mechanism.effects) grid.fill(effect.region[0], effect.region[1], grid.palette.indexOfName(effect.off));
  }
  assertSwitches(grid, resolved);
  return {
    grid,
    spawns: agentSpawns(grid, resolved),
    propSpawns: propSpawns(grid, resolved),
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

function applyEdit(grid: VoxelGrid, edit: ResolvedScenario['world']['edits'][number]): void {
  const index = (name: string) => grid.palette.indexOfName(name);
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
    const at = (value: number, corner: Cell): Cell => [axis === 0 ? value : corner[0], axis === 1 ? value : corner[1], axis === 2 ? value : corner[2]];
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
        refuse('no-switch', `${path}.plates`, 'must contain a stone_pressure_plate', 'none', resolved, 'Set one with an edit.');
      }
    }
  }
}

function assertBlock(grid: VoxelGrid, cell: Cell, base: string, path: string, resolved: ResolvedScenario): void {
  const name = grid.nameAt(cell[0], cell[1], cell[2]);
  if (name === base || BLOCK_BY_NAME.get(name)?.variantOf === base) return;
  refuse('no-switch', path, `must be the cell of a ${base}`, `${name} in [${cell.join(', ')}]`, resolved, `Add {"set": "${base}", "at": [${cell.join(', ')}]} to world.edits.`);
}

function hasPlate(grid: VoxelGrid, region: Region): boolean {
  for (let y = region[0][1]; y <= region[1][1]; y++) {
    for (let z = region[0][2]; z <= region[1][2]; z++) {
      for (let x = region[0][0]; x <= region[1][0]; x++) if (grid.nameAt(x, y, z).startsWith('stone_pressure_plate')) return true;
    }
  }
  return false;
}

function agentSpawns(grid: VoxelGrid, resolved: ResolvedScenario): LevelSpawn[] {
  const regions = new RegionCells((region) => standingCells(grid, region));
  const spawns = resolved.agents.map((agent, slot): LevelSpawn => {
    const path = `agents[${slot}].spawn`;
    const { spawn } = agent;
    const yaw = angleOfDegrees(spawn.yawDeg);
    if ('region' in spawn) {
      const cells = regions.take(spawn.region);
      if (cells.length === 0) {
        refuse('no-spawn', `${path}.region`, `must have a cell in which ${agent.id} can stand: two free cells above ground`, 'none', resolved, 'Move or enlarge the region.');
      }
      return { cells, positionQ16: null, yaw };
    }
    if ('at' in spawn) {
      const [x, y, z] = spawn.at;
      if (!isRoomAt(grid, x, y, z)) {
        refuse('no-spawn', `${path}.at`, `must leave ${agent.id} two free cells, for feet and head`, `${grid.nameAt(x, y, z)} under ${grid.nameAt(x, y + 1, z)}`, resolved, 'Move it up or clear the cells.');
      }
      return { cells: Int32Array.of(x, y, z), positionQ16: null, yaw };
    }
    const positionQ16 = Int32Array.from(spawn.atMetres, toQ16);
    const [x, y, z] = positionQ16;
    const low = [x - WALKER_HALF_WIDTH_Q16, y, z - WALKER_HALF_WIDTH_Q16];
    const high = [x + WALKER_HALF_WIDTH_Q16, y + WALKER_HEIGHT_Q16, z + WALKER_HALF_WIDTH_Q16];
    if (!isBoxFree(grid, low, high)) {
      refuse('no-spawn', `${path}.atMetres`, `must leave ${agent.id} room: 0.6 m wide, 1.8 m high`, `[${spawn.atMetres.join(', ')}]`, resolved, 'Move it away from solid blocks.');
    }
    return { cells: null, positionQ16, yaw };
  });
  regions.assertRoomForAll((numCells, numTakers, region) =>
    refuse('crowded-spawn', 'agents', `must find a cell each in ${JSON.stringify(region)}, ${numTakers} of them`, `${numCells} cells`, resolved, 'Enlarge the region or lower the count.'),
  );
  return spawns;
}

function propSpawns(grid: VoxelGrid, resolved: ResolvedScenario): LevelSpawn[] {
  return resolved.props.map((prop, index): LevelSpawn => {
    const path = `props[${index}].spawn`;
    const { spawn } = prop;
    const yaw = angleOfDegrees(spawn.yawDeg);
    const [width, height, depth] = extentQ16(prop.shape);
    const fits = (x: number, lowest: number, z: number) =>
      isBoxFree(grid, [x - width / 2, lowest, z - depth / 2], [x + width / 2, lowest + height, z + depth / 2]);
    const fitsCell = (x: number, y: number, z: number) => fits(toQ16(x + 0.5), toQ16(y), toQ16(z + 0.5));
    if ('region' in spawn) {
      const cells = filterTriples(standingCells(grid, spawn.region), fitsCell);
      if (cells.length === 0) refuse('no-spawn', `${path}.region`, `must have a cell in which ${prop.id} fits on the ground`, 'none', resolved, 'Move or enlarge the region.');
      return { cells, positionQ16: null, yaw };
    }
    if ('at' in spawn) {
      const [x, y, z] = spawn.at;
      if (!fitsCell(x, y, z)) refuse('no-spawn', `${path}.at`, `must leave room for ${prop.id}`, `[${spawn.at.join(', ')}]`, resolved, 'Move it away from solid blocks.');
      return { cells: Int32Array.of(x, y, z), positionQ16: null, yaw };
    }
    const positionQ16 = Int32Array.from(spawn.atMetres, toQ16);
    if (!fits(positionQ16[0], positionQ16[1] - height / 2, positionQ16[2])) {
      refuse('no-spawn', `${path}.atMetres`, `must leave room for ${prop.id}, which is centred there`, `[${spawn.atMetres.join(', ')}]`, resolved, 'Move it away from solid blocks.');
    }
    return { cells: null, positionQ16, yaw };
  });
}

/** Extent of a shape along x, y, z, in Q16 blocks, before it is turned. */
function extentQ16(shape: ResolvedScenario['props'][number]['shape']): [number, number, number] {
  if ('box' in shape) return [toQ16(shape.box[0]), toQ16(shape.box[1]), toQ16(shape.box[2])];
  if ('ramp' in shape) return [toQ16(shape.ramp[0]), toQ16(shape.ramp[1]), toQ16(shape.ramp[2])];
  if ('ball' in shape) return [toQ16(2 * shape.ball), toQ16(2 * shape.ball), toQ16(2 * shape.ball)];
  return [toQ16(2 * shape.capsule.radius), toQ16(shape.capsule.height), toQ16(2 * shape.capsule.radius)];
}

function filterTriples(cells: Int32Array, keep: (x: number, y: number, z: number) => boolean): Int32Array {
  const kept: number[] = [];
  for (let i = 0; i < cells.length; i += 3) if (keep(cells[i], cells[i + 1], cells[i + 2])) kept.push(cells[i], cells[i + 1], cells[i + 2]);
  return Int32Array.from(kept);
}

/** The cells of each region once, and how many agents draw from it. */
class RegionCells {
  readonly #byRegion = new Map<string, { region: Region; cells: Int32Array; numTakers: number }>();
  readonly #find: (region: ResolvedRegion) => Int32Array;

  constructor(find: (region: ResolvedRegion) => Int32Array) {
    this.#find = find;
  }

  take(region: ResolvedRegion): Int32Array {
    const key = JSON.stringify(region);
    let entry = this.#byRegion.get(key);
    if (entry === undefined) this.#byRegion.set(key, (entry = { region, cells: this.#find(region), numTakers: 0 }));
    entry.numTakers++;
    return entry.cells;
  }

  assertRoomForAll(fail: (numCells: number, numTakers: number, region: Region) => void): void {
    for (const { region, cells, numTakers } of this.#byRegion.values()) if (cells.length / 3 < numTakers) fail(cells.length / 3, numTakers, region);
  }
}

type ResolvedRegion = ResolvedScenario['world']['protect'][number];

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

/** i32 angle, 2^32 per turn; exact for the multiples of 90 degrees. */
function angleOfDegrees(degrees: number): number {
  const turns = degrees / 360;
  return Math.round((turns - Math.floor(turns)) * 4294967296) | 0;
}

function refuse(code: string, path: string, requirement: string, got: string, resolved: ResolvedScenario, next: string): never {
  const { split, variant } = resolved.resolved;
  const message = `${path} ${requirement}; got ${got} at ${resolved.id} (${split} variant ${variant}). ${next}`;
  throw new ScenarioError(code, message, [{ code, path, message }]);
}
