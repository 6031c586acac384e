/** Where the agents and props of a level may start: cells to draw from, or an exact position, held against the finished voxels. */
import { toQ16 } from '../numbers/fixed-point.js';
import type { Cell, VoxelGrid } from '../voxels/grid.js';
import { isBoxFree, isRoomAt, standingCells, WALKER_HALF_WIDTH_Q16, WALKER_HEIGHT_Q16 } from './footing.js';
import { propExtent } from './prop-shape.js';
import { refuseLevel } from './refusal.js';
import type { ResolvedScenario } from './schema.js';
import { turnedBoxFits } from './spawn-room.js';

/** Where an agent or prop may start. Exactly one of `cells` and `positionQ16` is not null. */
export interface LevelSpawn {
  /** x, y, z triples of cells to draw from: the feet (agents) or lowest point (props) rest on the floor centre of the cell. Shared by those with the same region. */
  readonly cells: Int32Array | null;
  /** Exact position of the feet (agents) or centre (props), Q16 blocks. */
  readonly positionQ16: Int32Array | null;
  /** Heading, i32, 2^32 per turn, 0 to -z, counter-clockwise. */
  readonly yaw: number;
}

type Region = readonly [Cell, Cell];

/** By agent slot. @throws ScenarioError naming the agent that has no place to start. */
export function agentSpawns(grid: VoxelGrid, resolved: ResolvedScenario): LevelSpawn[] {
  const regions = new RegionCells((region) => standingCells(grid, region));
  const spawns = resolved.agents.map((agent, slot): LevelSpawn => {
    const path = `agents[${slot}].spawn`;
    const { spawn } = agent;
    const yaw = angleOfDegrees(spawn.yawDeg);
    if ('region' in spawn) {
      const cells = regions.take(spawn.region);
      if (cells.length === 0) {
        refuseLevel(
          'no-spawn',
          `${path}.region`,
          `must have a cell in which ${agent.id} can stand: two free cells above ground`,
          'none',
          resolved,
          'Move or enlarge the region.',
        );
      }
      return { cells, positionQ16: null, yaw };
    }
    if ('at' in spawn) {
      const [x, y, z] = spawn.at;
      if (!isRoomAt(grid, x, y, z)) {
        refuseLevel(
          'no-spawn',
          `${path}.at`,
          `must leave ${agent.id} two free cells, for feet and head`,
          `${grid.nameAt(x, y, z)} under ${grid.nameAt(x, y + 1, z)}`,
          resolved,
          'Move it up or clear the cells.',
        );
      }
      return { cells: Int32Array.of(x, y, z), positionQ16: null, yaw };
    }
    const positionQ16 = Int32Array.from(spawn.atMetres, toQ16);
    const [x, y, z] = positionQ16;
    const low = [x - WALKER_HALF_WIDTH_Q16, y, z - WALKER_HALF_WIDTH_Q16];
    const high = [x + WALKER_HALF_WIDTH_Q16, y + WALKER_HEIGHT_Q16, z + WALKER_HALF_WIDTH_Q16];
    if (!isBoxFree(grid, low, high)) {
      refuseLevel(
        'no-spawn',
        `${path}.atMetres`,
        `must leave ${agent.id} room: 0.6 m wide, 1.8 m high`,
        `[${spawn.atMetres.join(', ')}]`,
        resolved,
        'Move it away from solid blocks.',
      );
    }
    return { cells: null, positionQ16, yaw };
  });
  regions.assertRoomForAll((numCells, numTakers, region) =>
    refuseLevel(
      'crowded-spawn',
      'agents',
      `must find a cell each in ${JSON.stringify(region)}, ${numTakers} of them`,
      `${numCells} cells`,
      resolved,
      'Enlarge the region or lower the count.',
    ),
  );
  return spawns;
}

/** By prop index. @throws ScenarioError naming the prop that does not fit. */
export function propSpawns(grid: VoxelGrid, resolved: ResolvedScenario): LevelSpawn[] {
  const crowds = new Map<string, { numTakers: number; cells: Set<string> }>();
  const spawns = resolved.props.map((prop, index): LevelSpawn => {
    const path = `props[${index}].spawn`;
    const { spawn } = prop;
    const yaw = angleOfDegrees(spawn.yawDeg);
    const [width, height, depth] = extentQ16(prop.shape);
    const [alongX, alongZ] = Math.abs(spawn.yawDeg % 180) === 90 ? [depth, width] : [width, depth];
    const fits = (x: number, lowest: number, z: number) =>
      isBoxFree(grid, [x - alongX / 2, lowest, z - alongZ / 2], [x + alongX / 2, lowest + height, z + alongZ / 2]) &&
      (spawn.yawDeg % 90 === 0 || turnedBoxFits(grid, prop, [x / 65536, (lowest + height / 2) / 65536, z / 65536]));
    const fitsCell = (x: number, y: number, z: number) => fits(toQ16(x + 0.5), toQ16(y), toQ16(z + 0.5));
    if ('region' in spawn) {
      const cells = filterTriples(standingCells(grid, spawn.region), fitsCell);
      if (cells.length === 0)
        refuseLevel(
          'no-spawn',
          `${path}.region`,
          `must have a cell in which ${prop.id} fits on the ground`,
          'none',
          resolved,
          'Move or enlarge the region.',
        );
      const key = JSON.stringify(spawn.region);
      const crowd = crowds.get(key) ?? { numTakers: 0, cells: new Set() };
      crowds.set(key, crowd);
      crowd.numTakers++;
      for (let k = 0; k < cells.length; k += 3) crowd.cells.add(cells.subarray(k, k + 3).join());
      return { cells, positionQ16: null, yaw };
    }
    if ('at' in spawn) {
      const [x, y, z] = spawn.at;
      if (!fitsCell(x, y, z))
        refuseLevel(
          'no-spawn',
          `${path}.at`,
          `must leave room for ${prop.id}`,
          `[${spawn.at.join(', ')}]`,
          resolved,
          'Move it away from solid blocks.',
        );
      return { cells: Int32Array.of(x, y, z), positionQ16: null, yaw };
    }
    const positionQ16 = Int32Array.from(spawn.atMetres, toQ16);
    if (!fits(positionQ16[0], positionQ16[1] - height / 2, positionQ16[2])) {
      refuseLevel(
        'no-spawn',
        `${path}.atMetres`,
        `must leave room for ${prop.id}, which is centred there`,
        `[${spawn.atMetres.join(', ')}]`,
        resolved,
        'Move it away from solid blocks.',
      );
    }
    return { cells: null, positionQ16, yaw };
  });
  for (const [region, { numTakers, cells }] of crowds)
    if (cells.size < numTakers)
      refuseLevel(
        'crowded-spawn',
        'props',
        `must find a cell each in ${region}, ${numTakers} of them`,
        `${cells.size} cells`,
        resolved,
        'Enlarge the region or lower the count.',
      );
  return spawns;
}

/** Extent of a shape along x, y, z, in Q16 blocks, before it is turned. */
function extentQ16(shape: ResolvedScenario['props'][number]['shape']): number[] {
  return propExtent(shape).map(toQ16);
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
    for (const { region, cells, numTakers } of this.#byRegion.values())
      if (cells.length / 3 < numTakers) fail(cells.length / 3, numTakers, region);
  }
}

type ResolvedRegion = ResolvedScenario['world']['protect'][number];

/** i32 angle, 2^32 per turn; exact for the multiples of 90 degrees. */
function angleOfDegrees(degrees: number): number {
  const turns = degrees / 360;
  return Math.round((turns - Math.floor(turns)) * 4294967296) | 0;
}
