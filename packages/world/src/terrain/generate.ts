/**
 * Terrain from a spec and a seed: a pure function to voxels, in integers only, the same on every host.
 * Data flow: spec + seed -> one generator -> grid (cleared first). Random words are keyed by place, not drawn in sequence.
 */
import { ScenarioError } from '../errors.js';
import type { VoxelGrid } from '../voxels/grid.js';
import { AIR_INDEX } from '../voxels/palette.js';
import { generateFlat } from './flat.js';
import { generateHills, hillsBlocks } from './hills.js';
import { generateMaze } from './maze.js';
import { generateRooms } from './rooms.js';
import type { TerrainSpec } from './schema.js';

/**
 * Clears the grid and builds the terrain in it.
 * @throws ScenarioError `terrain-size` when the terrain does not fit the world, naming the field; `not-in-palette` when the palette lacks `terrainBlocks(spec)`.
 */
export function generateTerrain(grid: VoxelGrid, spec: TerrainSpec, seedLow: number, seedHigh: number): void {
  assertTerrainFits(spec, grid.sizeX, grid.sizeY, grid.sizeZ);
  grid.fill([0, 0, 0], [grid.sizeX - 1, grid.sizeY - 1, grid.sizeZ - 1], AIR_INDEX);
  switch (spec.generator) {
    case 'flat':
      generateFlat(grid, spec);
      break;
    case 'hills':
      generateHills(grid, spec, seedLow, seedHigh);
      break;
    case 'rooms':
      generateRooms(grid, spec, seedLow, seedHigh);
      break;
    case 'maze':
      generateMaze(grid, spec, seedLow, seedHigh);
      break;
  }
}

/** Names of the blocks that the generator may write, air apart. */
export function terrainBlocks(spec: TerrainSpec): string[] {
  switch (spec.generator) {
    case 'flat':
      return [spec.top, spec.body];
    case 'hills':
      return hillsBlocks(spec);
    default:
      return [spec.wall, spec.floor];
  }
}

/** @throws ScenarioError `terrain-size` as `generateTerrain` does. */
export function assertTerrainFits(spec: TerrainSpec, sizeX: number, sizeY: number, sizeZ: number): void {
  const refuse = (field: string, must: string, got: number | string): never => {
    const path = `world.terrain.${field}`;
    const message = `${must}; got ${got} at ${path}. Change it or the size of the world.`;
    throw new ScenarioError('terrain-size', message, [{ code: 'terrain-size', path, message }]);
  };
  const narrow = Math.min(sizeX, sizeZ);
  switch (spec.generator) {
    case 'flat':
      if (spec.ground > sizeY) refuse('ground', `The ground must be at most the world's height, ${sizeY}`, spec.ground);
      return;
    case 'hills': {
      if (spec.amplitude >= spec.base)
        refuse('amplitude', `The amplitude of hills must be less than their base, ${spec.base}`, spec.amplitude);
      if (spec.soil !== undefined && spec.rock === undefined) refuse('soil', 'Soil needs a "rock" below it', spec.soil);
      if (spec.shore !== undefined && spec.water === undefined) refuse('shore', 'A shore needs "water"', spec.shore);
      if (spec.water !== undefined && spec.water > sizeY)
        refuse('water', `The water must be at most the world's height, ${sizeY}`, spec.water);
      const room = sizeY - spec.amplitude - (spec.trees > 0 ? 8 : 0);
      if (spec.base > room)
        refuse(
          'base',
          `Base and amplitude of hills${spec.trees > 0 ? ' and 8 blocks for trees' : ''} must stay below y = ${sizeY}: base at most ${room}`,
          spec.base,
        );
      return;
    }
    case 'rooms':
    case 'maze': {
      const [field, width] = spec.generator === 'rooms' ? ['roomSize', spec.roomSize] : ['cellSize', spec.cellSize];
      if (spec.ground + spec.height > sizeY)
        refuse('height', `Floor and walls must stay below y = ${sizeY}: height at most ${sizeY - spec.ground}`, spec.height);
      if (width + 2 > narrow)
        refuse(
          field,
          `One ${spec.generator === 'rooms' ? 'room' : 'corridor'} and its walls must fit the world: at most ${narrow - 2}`,
          width,
        );
      if (spec.generator === 'rooms' && spec.doorWidth > spec.roomSize)
        refuse('doorWidth', `A doorway must be at most as wide as a room, ${spec.roomSize}`, spec.doorWidth);
    }
  }
}
