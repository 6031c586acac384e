/**
 * Brings the memory that a pass of worlds is about to need into cache. Where bodies stand is known to no prefetcher, and a tick that meets one missing line
 * after another waits for each; read in a loop that does nothing else, they are fetched side by side. Results do not depend on it.
 */
import { INVENTORY_SLOTS } from '@kinovox/world';
import type { TickContext } from '../stages/context.js';
import { type LevelIndex, MAX_LISTED } from '../stages/survival/level-index.js';

/** What was read ends up here, or the compiler would leave the reads out. */
const seen = new Int32Array(1);
/** Layers that a body of the tick needs: under its feet, beside it, and above, where view rays start. */
const LAYERS = 4;
/** Entries of a list in one line of memory. */
const LINE_ENTRIES = 16;

/** Reads what the stages will of every agent in worlds [w0, w1). */
export function fetchAhead(c: TickContext, w0: number, w1: number): void {
  if (c.sizeY < LAYERS) return;
  let sum = fetchRows(c, w0, w1);
  if (c.hasLiquid || c.hasGround) sum ^= fetchVoxels(c, w0, w1);
  if (c.index !== undefined) sum ^= fetchIndex(c, c.index, w0, w1);
  seen[0] = sum;
}

/** Rows around the body, the block being dug, the stack in hand. */
function fetchRows(c: TickContext, w0: number, w1: number): number {
  const { numAgents, sizeY, sizeZ, rowWords } = c;
  const { posX, posY, posZ, rows, rowsPerWorld, digCell, heldSlot, inventoryCount, voxels, cellsPerWorld } = c.state;
  const layer = sizeZ * rowWords;
  let sum = 0;
  for (let w = w0, i = w0 * numAgents; w < w1; w++) {
    for (const end = i + numAgents; i < end; i++) {
      // posX >> 21: 32 cells of 2^16.
      const at = w * rowsPerWorld + Math.imul(lowestLayer(posY[i], sizeY), layer) + Math.imul(posZ[i] >> 16, rowWords) + (posX[i] >> 21);
      sum ^= rows[at] ^ rows[at + layer] ^ rows[at + 2 * layer] ^ rows[at + 3 * layer];
      sum ^= inventoryCount[i * INVENTORY_SLOTS + heldSlot[i]];
      if (digCell[i] !== 0) sum ^= voxels[w * cellsPerWorld + digCell[i] - 1];
    }
  }
  return sum;
}

/** Cells around the body, where liquids, kinds of ground or blocks that are not solid have to be looked up. */
function fetchVoxels(c: TickContext, w0: number, w1: number): number {
  const { numAgents, sizeX, sizeY, sizeZ } = c;
  const { posX, posY, posZ, voxels, cellsPerWorld } = c.state;
  const layer = sizeZ * sizeX;
  let sum = 0;
  for (let w = w0, i = w0 * numAgents; w < w1; w++) {
    for (const end = i + numAgents; i < end; i++) {
      const at = w * cellsPerWorld + Math.imul(lowestLayer(posY[i], sizeY), layer) + Math.imul(posZ[i] >> 16, sizeX) + (posX[i] >> 16);
      sum ^= voxels[at] ^ voxels[at + layer] ^ voxels[at + 2 * layer] ^ voxels[at + 3 * layer];
    }
  }
  return sum;
}

/** The roof over each agent, and where the lists of stations and lamps begin. */
function fetchIndex(c: TickContext, index: LevelIndex, w0: number, w1: number): number {
  const { numAgents, sizeX, sizeZ } = c;
  const { posX, posZ } = c.state;
  const { roof, stations, lamps } = index;
  let sum = 0;
  for (let w = w0, i = w0 * numAgents; w < w1; w++) {
    const list = w * MAX_LISTED;
    sum ^= stations.places[list] ^ stations.places[list + LINE_ENTRIES] ^ lamps.places[list];
    for (const end = i + numAgents; i < end; i++) sum ^= roof[Math.imul(w * sizeZ + (posZ[i] >> 16), sizeX) + (posX[i] >> 16)];
  }
  return sum;
}

/** The layer under the feet, or the nearest from which LAYERS layers lie in the world. */
function lowestLayer(posY: number, sizeY: number): number {
  const under = (posY >> 16) - 1;
  const highest = sizeY - LAYERS;
  return under < 0 ? 0 : under > highest ? highest : under;
}
