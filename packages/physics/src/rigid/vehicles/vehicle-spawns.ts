/** Where vehicles start: at their agent's spawn, apart from agents of earlier slots, with the wheels on its floor. */
import { cosQ14, PURPOSE, randomU32, sinQ14, type Vehicle } from '@kinovox/world';
import type { VehicleTables } from '../../program.js';
import type { TickContext } from '../../stages/context.js';
import { standAtSpawn } from '../../stages/spawn-point.js';
import { startHeight } from './fleet.js';

/** Attempts at a place; the draws after those that spawns of all bodies take. */
const FIRST_DRAW = 16;
const DRAWS = 32;
/** Half of a walker's width and its height, Q16, with room to spare. */
const WALKER_ROOM_Q16 = 32768;
const WALKER_HEIGHT_Q16 = 131072;

/**
 * Draws the places of vehicles of row w again that would stand in a body of an earlier slot; as spawned, `pos` are the feet. After so many draws it is the
 * first free place there is; where there is none it stays, and bodies are pushed apart.
 * @param crowded told of each agent for whom there is none.
 */
export function placeVehicles(c: TickContext, { ofAgent, bodies }: VehicleTables, w: number, crowded?: (agent: number) => void): void {
  const { state, numAgents } = c;
  const meets = (a: number) => meetsEarlier(c, ofAgent, bodies, w, a);
  for (let a = 0; a < numAgents; a++) {
    if (!anyVehicle(ofAgent, a)) continue;
    for (let draw = 0; draw < DRAWS && meets(a); draw++)
      standAtSpawn(c, w, a, randomU32(state.seedLow[w], state.seedHigh[w], 0, a, PURPOSE.spawn, FIRST_DRAW + draw));
    if (meets(a) && !standAtFree(c, w, a, meets)) crowded?.(a);
  }
}

/** @returns false, with the agent where it was, when no place is free. */
function standAtFree({ state, numAgents }: TickContext, w: number, a: number, meets: (a: number) => boolean): boolean {
  const { spawnFirst, spawnPoints } = state.variants[w];
  const i = w * numAgents + a;
  const stand = (x: number, y: number, z: number) => {
    state.posX[i] = x;
    state.posY[i] = y;
    state.posZ[i] = z;
  };
  const before = [state.posX[i], state.posY[i], state.posZ[i]] as const;
  for (let at = 3 * spawnFirst[a]; at < 3 * spawnFirst[a + 1]; at += 3) {
    stand(spawnPoints[at], spawnPoints[at + 1], spawnPoints[at + 2]);
    if (!meets(a)) return true;
  }
  stand(...before);
  return false;
}

/** Writes the Q16 centres of chassis, x y z triples by prop. @returns the spawns of all props, those of chassis with their agents' headings. */
export function chassisSpawns<T extends { yaw: number }>(
  { state, numAgents }: TickContext,
  { agents, firstProp, bodies }: VehicleTables,
  w: number,
  centres: Int32Array,
  spawns: readonly T[],
): T[] {
  return spawns.map((spawn, p) => {
    const v = p - firstProp;
    if (v < 0) return spawn;
    const i = w * numAgents + agents[v];
    centres[3 * p] = state.posX[i];
    centres[3 * p + 1] = state.posY[i] + Math.floor(startHeight(bodies[v]) * 65536 + 0.5);
    centres[3 * p + 2] = state.posZ[i];
    return { ...spawn, yaw: state.yaw[i] };
  });
}

/** Half of the room that agent a takes on the ground whichever way it looks, and its height, Q16. */
export function roomOf(ofAgent: Int32Array | undefined, bodies: readonly Vehicle[], a: number): { half: number; height: number } {
  const v = ofAgent?.[a] ?? -1;
  if (v < 0) return { half: WALKER_ROOM_Q16, height: WALKER_HEIGHT_Q16 };
  const [x, y, z] = bodies[v].size;
  return {
    half: Math.ceil((Math.sqrt(x * x + z * z) / 2) * 65536),
    height: Math.ceil((startHeight(bodies[v]) + y / 2) * 65536),
  };
}

/** A walker of an earlier slot counts for a vehicle, and a vehicle of an earlier slot for both. */
function anyVehicle(ofAgent: Int32Array, a: number): boolean {
  for (let b = 0; b <= a; b++) if (ofAgent[b] >= 0) return true;
  return false;
}

function meetsEarlier({ state, numAgents }: TickContext, ofAgent: Int32Array, bodies: readonly Vehicle[], w: number, a: number): boolean {
  const i = w * numAgents + a;
  const own = roomOf(ofAgent, bodies, a);
  for (let b = 0, j = w * numAgents; b < a; b++, j++) {
    const other = roomOf(ofAgent, bodies, b);
    const apart = own.half + other.half;
    const dy = state.posY[i] - state.posY[j];
    if (
      Math.abs(state.posX[i] - state.posX[j]) < apart &&
      Math.abs(state.posZ[i] - state.posZ[j]) < apart &&
      dy < other.height &&
      -dy < own.height
    ) {
      return true;
    }
  }
  return false;
}

/** The box around the chassis of a vehicle that starts with its feet at (x, y, z) and this heading: Q16 corners, low then high. */
export function vehicleRoom(body: Vehicle, x: number, y: number, z: number, yaw: number): readonly number[] {
  const [width, height, length] = body.size;
  const sin = Math.abs(sinQ14(yaw)) / 16384;
  const cos = Math.abs(cosQ14(yaw)) / 16384;
  const halfX = Math.ceil(((width * cos + length * sin) / 2) * 65536);
  const halfZ = Math.ceil(((width * sin + length * cos) / 2) * 65536);
  const centre = y + Math.floor(startHeight(body) * 65536);
  const half = Math.floor((height / 2) * 65536);
  return [x - halfX, centre - half, z - halfZ, x + halfX, centre + half, z + halfZ];
}
