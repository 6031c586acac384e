/**
 * Writes observations: SI floats from the integer state. Every value is one integer times one constant, rounded to f32 once, so all engines agree.
 * An agent that has left gets zeros, from the tick after the one it left in: `acted` still counts it as present in that tick,
 * because its last observation is what learners bootstrap from.
 */
import { cosQ14, INVENTORY_SLOTS, MESSAGE_RING, MESSAGE_WORDS, PROP_WORDS, sinQ14, TICKS_PER_SECOND } from '@kinovox/world';
import { NODE_STATUS, nodeProgress, nodeStatus } from '../monitor/program.js';
import { BODY_WORD, BODY_WORDS } from '../program.js';
import { observeProps } from '../rigid/observe-props.js';
import { observeVehicles } from '../rigid/vehicles/observe-vehicles.js';
import { ALIVE, type TickContext } from '../stages/context.js';
import { digTicksOf } from '../stages/interact.js';
import { GOAL_COLUMN, GOAL_COLUMNS, GOAL_KIND } from '../stages/program-tables.js';
import { cellAt } from '../stages/solidity.js';
import {
  GOAL_FIELDS,
  MESSAGE_FIELDS,
  NEAR_FIELDS,
  type ObservationBuffers,
  observationGroups,
  observationSize,
  SELF_FIELDS,
} from './observation.js';
import { observeGuidance } from './observe-guidance.js';
import { observeMechanisms } from './observe-mechanisms.js';
import { observeMobs } from './observe-mobs.js';
import { observeRivalGuidance } from './observe-rivals.js';
import { observeStations } from './observe-stations.js';
import { observeCraftable, observeVitals } from './observe-survival.js';
import { createPictureBuffers } from './pictures.js';

const METRE = 1 / 65536;
const METRE_PER_SECOND = TICKS_PER_SECOND / 65536;
const RADIAN = (2 * Math.PI) / 4294967296;
const UNIT_Q14 = 1 / 16384;
const SIXTY_FOURTH = 1 / 64;
const SECOND = 1 / TICKS_PER_SECOND;
/** Full health is 20 half hearts. */
const HEALTH_SHARE = 1 / 20;
/** Block id reported by the crop outside the world: bedrock at the sides and below, air above. */
const OUTSIDE_SOLID = 1;

/** @param autoreset whether rows go on to their next episode in the step that ends one: then there are final pictures. */
export function createObservationBuffers(program: TickContext['program'], numWorlds: number, autoreset = true): ObservationBuffers {
  const groups = observationGroups(program.observation);
  const size = observationSize(groups);
  const rows = numWorlds * program.numAgents;
  const crop = rows * program.observation.crop ** 3;
  return {
    groups,
    size,
    vector: new Float32Array(rows * size),
    finalVector: new Float32Array(rows * size),
    crop: new Uint16Array(crop),
    finalCrop: new Uint16Array(crop),
    pictures: createPictureBuffers(program, numWorlds),
    finalPictures: createPictureBuffers(program, autoreset ? numWorlds : 0),
  };
}

/** Observations of worlds [w0, w1) into the vectors and crops given: group after group, so that each loop keeps few arrays at hand. */
export function observeWorlds(c: TickContext, w0: number, w1: number, vector: Float32Array, crop: Uint16Array): void {
  const { program, observations } = c;
  for (let g = 0; g < observations.groups.length; g++) {
    const group = observations.groups[g];
    if (group.name === 'self') observeSelf(c, w0, w1, vector, group.offset);
    else if (group.name === 'agents') observeAgents(c, w0, w1, vector, group.offset);
    else if (group.name === 'goals') observeGoals(c, w0, w1, vector, group.offset);
    else if (group.name === 'inventory') observeInventory(c, w0, w1, vector, group.offset);
    else if (group.name === 'vitals') observeVitals(c, w0, w1, vector, group.offset);
    else if (group.name === 'craftable') observeCraftable(c, w0, w1, vector, group.offset);
    else if (group.name === 'mobs') observeMobs(c, w0, w1, vector, group.offset);
    else if (group.name === 'stations') observeStations(c, w0, w1, vector, group.offset);
    else if (group.name === 'mechanisms') observeMechanisms(c, w0, w1, vector, group.offset);
    else if (group.name === 'props') observeProps(c, w0, w1, vector, group.offset);
    else if (group.name === 'guidance') observeGuidance(c, w0, w1, vector, group.offset);
    else if (group.name === 'rivalGuidance') observeRivalGuidance(c, w0, w1, vector, group.offset);
    else if (group.name === 'vehicle') observeVehicles(c, w0, w1, vector, group.offset);
    else if (group.name === 'messages') observeMessages(c, w0, w1, vector, group.offset);
  }
  if (program.observation.crop > 0) observeCrops(c, w0, w1, crop, program.observation.crop);
}

function observeSelf(c: TickContext, w0: number, w1: number, out: Float32Array, offset: number): void {
  const { numAgents, program, observations, acted } = c;
  const {
    posX,
    posY,
    posZ,
    velX,
    velY,
    velZ,
    yaw,
    pitch,
    flags,
    health,
    digCell,
    digProgress,
    heldSlot,
    inventoryItem,
    inventoryCount,
    tick,
    voxels,
    cellsPerWorld,
  } = c.state;
  const { digTicks } = program.blocks;
  const { size } = observations;
  const { maxTicks, survival } = program;
  for (let w = w0, i = w0 * numAgents, at = i * size + offset; w < w1; w++) {
    const timeLeft = (maxTicks - tick[w]) / maxTicks;
    for (const end = i + numAgents; i < end; i++, at += size) {
      const flag = flags[i];
      if (((flag | acted[i]) & ALIVE) === 0) {
        for (let k = 0; k < SELF_FIELDS.length; k++) out[at + k] = 0;
        continue;
      }
      const angle = yaw[i];
      const slot = i * INVENTORY_SLOTS + heldSlot[i];
      const digging = digCell[i];
      out[at] = posX[i] * METRE;
      out[at + 1] = posY[i] * METRE;
      out[at + 2] = posZ[i] * METRE;
      out[at + 3] = velX[i] * METRE_PER_SECOND;
      out[at + 4] = velY[i] * METRE_PER_SECOND;
      out[at + 5] = velZ[i] * METRE_PER_SECOND;
      out[at + 6] = sinQ14(angle) * UNIT_Q14;
      out[at + 7] = cosQ14(angle) * UNIT_Q14;
      out[at + 8] = pitch[i] * RADIAN;
      out[at + 9] = (flag >> 1) & 1;
      out[at + 10] = (flag >> 4) & 1;
      out[at + 11] = (flag >> 5) & 1;
      out[at + 12] = (flag >> 2) & 1;
      out[at + 13] = (flag >> 6) & 1;
      out[at + 14] = health[i] * HEALTH_SHARE;
      // Written here, not returned: a fraction that leaves a function is an object on the heap.
      const block = digging === 0 ? 0 : voxels[w * cellsPerWorld + digging - 1];
      const ticks = digging === 0 ? 0 : survival === undefined ? digTicks[block] : digTicksOf(c, i, block);
      const dug = digProgress[i];
      out[at + 15] = digging === 0 ? 0 : dug >= ticks ? 1 : dug / ticks;
      out[at + 16] = inventoryItem[slot];
      out[at + 17] = inventoryCount[slot];
      out[at + 18] = timeLeft;
      out[at + 19] = health[i] > 0 ? 1 : 0;
    }
  }
}

/** The nearest living others by squared distance in 1/64 block, ties to the lower slot. */
function observeAgents(c: TickContext, w0: number, w1: number, out: Float32Array, offset: number): void {
  const { numAgents, program, observations, acted } = c;
  const { posX, posY, posZ, velX, velY, velZ, flags, contacts } = c.state;
  const { bodies } = program;
  const { size } = observations;
  const rows = program.observation.nearestAgents;
  const contactWords = c.state.layout.width.contacts;
  for (let w = w0; w < w1; w++) {
    const first = w * numAgents;
    for (let a = 0; a < numAgents; a++) {
      const i = first + a;
      const present = ((flags[i] | acted[i]) & ALIVE) !== 0;
      let at = i * size + offset;
      let lastDistance = -1;
      let lastSlot = -1;
      for (let k = 0; k < rows; k++, at += NEAR_FIELDS.length) {
        // The k-th nearest is the least (distance, slot) above the one before: no sorting, no scratch.
        let best = -1;
        let bestDistance = 0;
        if (present) {
          for (let b = 0; b < numAgents; b++) {
            const j = first + b;
            if (b === a || ((flags[j] | acted[j]) & ALIVE) === 0) continue;
            const distance = squaredDistance((posX[j] - posX[i]) >> 10, (posY[j] - posY[i]) >> 10, (posZ[j] - posZ[i]) >> 10);
            if (distance < lastDistance || (distance === lastDistance && b <= lastSlot)) continue;
            if (best < 0 || distance < bestDistance) {
              best = b;
              bestDistance = distance;
            }
          }
        }
        if (best < 0) {
          for (let n = 0; n < NEAR_FIELDS.length; n++) out[at + n] = 0;
          continue;
        }
        lastDistance = bestDistance;
        lastSlot = best;
        const j = first + best;
        out[at] = 1;
        out[at + 1] = best;
        out[at + 2] = bodies[a * BODY_WORDS + BODY_WORD.team] === bodies[best * BODY_WORDS + BODY_WORD.team] ? 1 : 0;
        out[at + 3] = (posX[j] - posX[i]) * METRE;
        out[at + 4] = (posY[j] - posY[i]) * METRE;
        out[at + 5] = (posZ[j] - posZ[i]) * METRE;
        out[at + 6] = (velX[j] - velX[i]) * METRE_PER_SECOND;
        out[at + 7] = (velY[j] - velY[i]) * METRE_PER_SECOND;
        out[at + 8] = (velZ[j] - velZ[i]) * METRE_PER_SECOND;
        out[at + 9] = (contacts[i * contactWords + (best >> 5)] >>> (best & 31)) & 1;
      }
    }
  }
}

/** Components are below 2^14 (256 blocks in 1/64), so the sum of three squares is below 2^30. */
function squaredDistance(dx: number, dy: number, dz: number): number {
  return (Math.imul(dx, dx) + Math.imul(dy, dy) + Math.imul(dz, dz)) | 0;
}

function observeGoals(c: TickContext, w0: number, w1: number, out: Float32Array, offset: number): void {
  const { numAgents, program, observations, state, acted } = c;
  const { posX, posY, posZ, flags, tick, prop, variants } = state;
  const { monitor, numProps } = program;
  const { goals, numGoals } = c.tables;
  const { size } = observations;
  const rows = program.observation.goals;
  for (let a = 0; a < numAgents; a++) {
    const shown = numGoals[a];
    for (let w = w0; w < w1; w++) {
      const i = w * numAgents + a;
      let at = i * size + offset;
      const count = ((flags[i] | acted[i]) & ALIVE) !== 0 ? shown : 0;
      for (let k = 0; k < count; k++, at += GOAL_FIELDS.length) {
        const goal = (a * rows + k) * GOAL_COLUMNS;
        const { constants } = variants[w];
        const index = goals[goal + GOAL_COLUMN.index];
        const node = goals[goal + GOAL_COLUMN.node];
        const kind = goals[goal + GOAL_COLUMN.kind];
        let dx = -posX[i];
        let dy = -posY[i];
        let dz = -posZ[i];
        if (kind === GOAL_KIND.place) {
          dx += constants[index];
          dy += constants[index + 1];
          dz += constants[index + 2];
        } else if (kind === GOAL_KIND.agent) {
          const j = w * numAgents + index;
          dx += posX[j];
          dy += posY[j];
          dz += posZ[j];
        } else {
          const p = (w * numProps + index) * PROP_WORDS;
          dx += prop[p];
          dy += prop[p + 1];
          dz += prop[p + 2];
        }
        out[at] = goals[goal + GOAL_COLUMN.id];
        out[at + 1] = dx * METRE;
        out[at + 2] = dy * METRE;
        out[at + 3] = dz * METRE;
        // The root of an integer below 2^30 is correctly rounded on every host; the floor makes it an integer again.
        out[at + 4] = Math.floor(Math.sqrt(squaredDistance(dx >> 10, dy >> 10, dz >> 10))) * SIXTY_FOURTH;
        out[at + 5] = goals[goal + GOAL_COLUMN.priority];
        const left = constants[goals[goal + GOAL_COLUMN.deadline]] - tick[w];
        out[at + 6] = left > 0 ? left * SECOND : 0;
        out[at + 7] = nodeProgress(state, monitor, w, node) * UNIT_Q14;
        out[at + 8] = nodeStatus(state, monitor, w, node) === NODE_STATUS.satisfied ? 1 : 0;
      }
      for (const end = i * size + offset + rows * GOAL_FIELDS.length; at < end; at++) out[at] = 0;
    }
  }
}

function observeInventory(c: TickContext, w0: number, w1: number, out: Float32Array, offset: number): void {
  const { acted } = c;
  const { inventoryItem, inventoryCount, flags } = c.state;
  const { size } = c.observations;
  for (let i = w0 * c.numAgents; i < w1 * c.numAgents; i++) {
    const at = i * size + offset;
    const present = (flags[i] | acted[i]) & ALIVE;
    for (let k = 0; k < INVENTORY_SLOTS; k++) {
      out[at + 2 * k] = present !== 0 ? inventoryItem[i * INVENTORY_SLOTS + k] : 0;
      out[at + 2 * k + 1] = present !== 0 ? inventoryCount[i * INVENTORY_SLOTS + k] : 0;
    }
  }
}

/** The newest readable messages; one still on its way is skipped. */
function observeMessages(c: TickContext, w0: number, w1: number, out: Float32Array, offset: number): void {
  const { numAgents, program, state, acted } = c;
  const { size } = c.observations;
  for (let i = w0 * numAgents; i < w1 * numAgents; i++) {
    const now = state.tick[Math.trunc(i / numAgents)];
    const count = ((state.flags[i] | acted[i]) & ALIVE) !== 0 ? state.messageCount[i] : 0;
    let at = i * size + offset;
    const end = at + program.observation.messages * MESSAGE_FIELDS.length;
    for (let k = 1; k <= count && k <= MESSAGE_RING && at < end; k++) {
      const ring = (i * MESSAGE_RING + ((count - k) % MESSAGE_RING)) * MESSAGE_WORDS;
      const readable = state.messageRing[ring + 1];
      if (readable > now) continue;
      out[at] = 1;
      out[at + 1] = state.messageRing[ring] - 1;
      out[at + 2] = state.messageRing[ring + 2];
      out[at + 3] = (now - readable) * SECOND;
      out[at + 4] = state.messageRing[ring + 3];
      at += MESSAGE_FIELDS.length;
    }
    for (; at < end; at++) out[at] = 0;
  }
}

function observeCrops(c: TickContext, w0: number, w1: number, out: Uint16Array, edge: number): void {
  const { numAgents, state, acted } = c;
  const cells = edge * edge * edge;
  for (let w = w0, i = w0 * numAgents; w < w1; w++) {
    for (const end = i + numAgents; i < end; i++) {
      if (((state.flags[i] | acted[i]) & ALIVE) === 0) out.fill(0, i * cells, (i + 1) * cells);
      else observeCrop(c, w, i, out, i * cells, edge);
    }
  }
}

function observeCrop(c: TickContext, w: number, i: number, out: Uint16Array, at: number, edge: number): void {
  const { state } = c;
  const { registryId } = c.program.blocks;
  const half = edge >> 1;
  const x0 = (state.posX[i] >> 16) - half;
  const y0 = (state.posY[i] >> 16) - half;
  const z0 = (state.posZ[i] >> 16) - half;
  const inside = x0 >= 0 && y0 >= 0 && z0 >= 0 && x0 + edge <= c.sizeX && y0 + edge <= c.sizeY && z0 + edge <= c.sizeZ;
  if (inside) {
    const { voxels } = state;
    for (let y = y0; y < y0 + edge; y++) {
      for (let z = z0; z < z0 + edge; z++) {
        const row = w * state.cellsPerWorld + (y * c.sizeZ + z) * c.sizeX + x0;
        for (let x = 0; x < edge; x++) out[at++] = registryId[voxels[row + x]];
      }
    }
    return;
  }
  for (let y = y0; y < y0 + edge; y++) {
    for (let z = z0; z < z0 + edge; z++) {
      for (let x = x0; x < x0 + edge; x++) {
        const block = cellAt(c, w, x, y, z);
        out[at++] = block >= 0 ? registryId[block] : y >= c.sizeY ? 0 : OUTSIDE_SOLID;
      }
    }
  }
}
