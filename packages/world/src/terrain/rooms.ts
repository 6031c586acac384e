/** Rooms in a grid with walls 1 block thick and doorways at random places of shared walls; the last row and column take what is left over. */
import { PURPOSE, randomBelow, randomU32 } from '../numbers/random.js';
import type { VoxelGrid } from '../voxels/grid.js';
import { AIR_INDEX } from '../voxels/palette.js';
import { createPassages } from './passages.js';
import type { RoomsTerrain } from './schema.js';

/** Stream of the doorways' places. */
const STREAM_DOORS = 24;
/** Doorways are this high, under a lintel when the wall is higher. */
const DOOR_HEIGHT = 2;

export function generateRooms(grid: VoxelGrid, spec: RoomsTerrain, seedLow: number, seedHigh: number): void {
  const { ground } = spec;
  const highest = ground + spec.height - 1;
  const wall = grid.palette.indexOfName(spec.wall);
  const [lastX, lastZ] = [grid.sizeX - 1, grid.sizeZ - 1];
  grid.fill([0, 0, 0], [lastX, ground - 1, lastZ], grid.palette.indexOfName(spec.floor));
  const wallsX = wallPlaces(grid.sizeX, spec.roomSize);
  const wallsZ = wallPlaces(grid.sizeZ, spec.roomSize);
  for (const x of wallsX) grid.fill([x, ground, 0], [x, highest, lastZ], wall);
  for (const z of wallsZ) grid.fill([0, ground, z], [lastX, highest, z], wall);

  const passages = createPassages(wallsX.length - 1, wallsZ.length - 1, spec.loops, seedLow, seedHigh);
  const doorTop = ground + DOOR_HEIGHT - 1;
  for (let roomZ = 0; roomZ < passages.numZ; roomZ++) {
    for (let roomX = 0; roomX < passages.numX; roomX++) {
      const room = roomZ * passages.numX + roomX;
      const [x0, x1] = [wallsX[roomX] + 1, wallsX[roomX + 1]];
      const [z0, z1] = [wallsZ[roomZ] + 1, wallsZ[roomZ + 1]];
      const place = (side: number, length: number) =>
        randomBelow(randomU32(seedLow, seedHigh, STREAM_DOORS, side, PURPOSE.terrain, room), length - spec.doorWidth + 1);
      if (passages.east[room] === 1) {
        const z = z0 + place(0, z1 - z0);
        grid.fill([x1, ground, z], [x1, doorTop, z + spec.doorWidth - 1], AIR_INDEX);
      }
      if (passages.south[room] === 1) {
        const x = x0 + place(1, x1 - x0);
        grid.fill([x, ground, z1], [x + spec.doorWidth - 1, doorTop, z1], AIR_INDEX);
      }
    }
  }
}

/** Coordinates of the walls along one axis: 0, every roomSize + 1 while a whole room still fits behind, and the far side. */
function wallPlaces(size: number, roomSize: number): number[] {
  const numRooms = Math.floor((size - 1) / (roomSize + 1));
  const places = Array.from({ length: numRooms }, (_, i) => i * (roomSize + 1));
  return [...places, size - 1];
}
