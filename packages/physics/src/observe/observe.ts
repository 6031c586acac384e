/**
 * Writes observations: SI floats from the integer state. Every value is one integer times one constant, rounded to f32 once, so all engines agree.
 * An agent that has left gets zeros.
 */
import { AGENT_FLAG, cosQ14, INVENTORY_SLOTS, isqrt, MESSAGE_RING, MESSAGE_WORDS, PROP_WORDS, sinQ14, TICKS_PER_SECOND } from '@kinovox/world';
import { NODE_STATUS, nodeProgress, nodeStatus } from '../monitor/program.js';
import { BODY_WORD, BODY_WORDS } from '../program.js';
import { ALIVE, type TickContext } from '../stages/context.js';
import { cellAt } from '../stages/solidity.js';
import { GOAL_FIELDS, MESSAGE_FIELDS, NEAR_FIELDS, type ObservationBuffers, observationGroups, observationSize, SELF_FIELDS, SLOT_FIELDS } from './observation.js';

const METRE = 1 / 65536;
const METRE_PER_SECOND = TICKS_PER_SECOND / 65536;
const RADIAN = (2 * Math.PI) / 4294967296;
const UNIT_Q14 = 1 / 16384;
/** Block id reported by the crop outside the world: bedrock at the sides and below, air above. */
const OUTSIDE_SOLID = 1;

export function createObservationBuffers(program: TickContext['program'], numWorlds: number): ObservationBuffers {
  const groups = observationGroups(program.observation);
  const size = observationSize(groups);
  const rows = numWorlds * program.numAgents;
  const crop = rows * program.observation.crop ** 3;
  return { groups, size, vector: new Float32Array(rows * size), finalVector: new Float32Array(rows * size), crop: new Uint16Array(crop), finalCrop: new Uint16Array(crop) };
}

/** Observations of world w into the vectors and crops given. */
export function observeWorld(c: TickContext, w: number, vector: Float32Array, crop: Uint16Array): void {
  const { numAgents, program, state, observations } = c;
  const { size } = observations;
  const edge = program.observation.crop;
  for (let a = 0; a < numAgents; a++) {
    const i = w * numAgents + a;
    const at = i * size;
    if ((state.flags[i] & ALIVE) === 0) {
      vector.fill(0, at, at + size);
      if (edge > 0) crop.fill(0, i * edge ** 3, (i + 1) * edge ** 3);
      continue;
    }
    let next = observeSelf(c, w, i, vector, at);
    if (program.observation.nearestAgents > 0) next = observeAgents(c, w, a, i, vector, next);
    if (program.observation.goals > 0) next = observeGoals(c, w, a, i, vector, next);
    if (program.observation.inventory) next = observeInventory(c, i, vector, next);
    if (program.observation.messages > 0) observeMessages(c, w, i, vector, next);
    if (edge > 0) observeCrop(c, w, i, crop, i * edge ** 3, edge);
  }
}

function observeSelf(c: TickContext, w: number, i: number, out: Float32Array, at: number): number {
  const { state, program } = c;
  const flags = state.flags[i];
  const yaw = state.yaw[i];
  const slot = i * INVENTORY_SLOTS + state.heldSlot[i];
  const digging = state.digCell[i];
  out[at] = state.posX[i] * METRE;
  out[at + 1] = state.posY[i] * METRE;
  out[at + 2] = state.posZ[i] * METRE;
  out[at + 3] = state.velX[i] * METRE_PER_SECOND;
  out[at + 4] = state.velY[i] * METRE_PER_SECOND;
  out[at + 5] = state.velZ[i] * METRE_PER_SECOND;
  out[at + 6] = sinQ14(yaw) * UNIT_Q14;
  out[at + 7] = cosQ14(yaw) * UNIT_Q14;
  out[at + 8] = state.pitch[i] * RADIAN;
  out[at + 9] = (flags & AGENT_FLAG.onGround) !== 0 ? 1 : 0;
  out[at + 10] = (flags & AGENT_FLAG.inWater) !== 0 ? 1 : 0;
  out[at + 11] = (flags & AGENT_FLAG.onLadder) !== 0 ? 1 : 0;
  out[at + 12] = (flags & AGENT_FLAG.collidedHorizontally) !== 0 ? 1 : 0;
  out[at + 13] = (flags & AGENT_FLAG.sneaking) !== 0 ? 1 : 0;
  out[at + 14] = state.health[i] / 20;
  out[at + 15] = digging === 0 ? 0 : Math.min(1, state.digProgress[i] / Math.max(1, program.blocks.digTicks[state.voxels[w * state.cellsPerWorld + digging - 1]]));
  out[at + 16] = state.inventoryItem[slot];
  out[at + 17] = state.inventoryCount[slot];
  out[at + 18] = (program.maxTicks - state.tick[w]) / program.maxTicks;
  out[at + 19] = 1;
  return at + SELF_FIELDS.length;
}

/** The nearest living others by squared distance, ties to the lower slot. */
function observeAgents(c: TickContext, w: number, a: number, i: number, out: Float32Array, at: number): number {
  const { state, program, numAgents } = c;
  const rows = program.observation.nearestAgents;
  const contactWords = state.layout.width.contacts;
  let lastDistance = -1;
  let lastSlot = -1;
  for (let k = 0; k < rows; k++, at += NEAR_FIELDS.length) {
    // The k-th nearest is the least (distance, slot) above the one before: no sorting, no scratch.
    let best = -1;
    let bestDistance = 0;
    for (let b = 0; b < numAgents; b++) {
      const j = w * numAgents + b;
      if (b === a || (state.flags[j] & ALIVE) === 0) continue;
      const dx = (state.posX[j] - state.posX[i]) >> 10;
      const dy = (state.posY[j] - state.posY[i]) >> 10;
      const dz = (state.posZ[j] - state.posZ[i]) >> 10;
      const distance = Math.imul(dx, dx) + Math.imul(dy, dy) + Math.imul(dz, dz);
      if (distance < lastDistance || (distance === lastDistance && b <= lastSlot)) continue;
      if (best < 0 || distance < bestDistance) {
        best = b;
        bestDistance = distance;
      }
    }
    if (best < 0) {
      out.fill(0, at, at + NEAR_FIELDS.length);
      continue;
    }
    lastDistance = bestDistance;
    lastSlot = best;
    const j = w * numAgents + best;
    out[at] = 1;
    out[at + 1] = best;
    out[at + 2] = program.bodies[a * BODY_WORDS + BODY_WORD.team] === program.bodies[best * BODY_WORDS + BODY_WORD.team] ? 1 : 0;
    out[at + 3] = (state.posX[j] - state.posX[i]) * METRE;
    out[at + 4] = (state.posY[j] - state.posY[i]) * METRE;
    out[at + 5] = (state.posZ[j] - state.posZ[i]) * METRE;
    out[at + 6] = (state.velX[j] - state.velX[i]) * METRE_PER_SECOND;
    out[at + 7] = (state.velY[j] - state.velY[i]) * METRE_PER_SECOND;
    out[at + 8] = (state.velZ[j] - state.velZ[i]) * METRE_PER_SECOND;
    out[at + 9] = (state.contacts[i * contactWords + (best >> 5)] & (1 << (best & 31))) !== 0 ? 1 : 0;
  }
  return at;
}

function observeGoals(c: TickContext, w: number, a: number, i: number, out: Float32Array, at: number): number {
  const { state, program, numAgents } = c;
  const entries = program.goals[a];
  const constants = state.variants[w].constants;
  for (let k = 0; k < program.observation.goals; k++, at += GOAL_FIELDS.length) {
    const goal = k < entries.length ? entries[k] : undefined;
    if (goal === undefined) {
      out.fill(0, at, at + GOAL_FIELDS.length);
      continue;
    }
    let x: number;
    let y: number;
    let z: number;
    if (goal.kind === 'place') {
      x = constants[goal.index];
      y = constants[goal.index + 1];
      z = constants[goal.index + 2];
    } else if (goal.kind === 'agent') {
      const j = w * numAgents + goal.index;
      x = state.posX[j];
      y = state.posY[j];
      z = state.posZ[j];
    } else {
      const p = (w * program.numProps + goal.index) * PROP_WORDS;
      x = state.prop[p];
      y = state.prop[p + 1];
      z = state.prop[p + 2];
    }
    const dx = x - state.posX[i];
    const dy = y - state.posY[i];
    const dz = z - state.posZ[i];
    out[at] = goal.id;
    out[at + 1] = dx * METRE;
    out[at + 2] = dy * METRE;
    out[at + 3] = dz * METRE;
    // 1/64 block: the three squares sum below 2^30.
    out[at + 4] = isqrt(Math.imul(dx >> 10, dx >> 10) + Math.imul(dy >> 10, dy >> 10) + Math.imul(dz >> 10, dz >> 10)) / 64;
    out[at + 5] = goal.priority;
    out[at + 6] = Math.max(0, constants[goal.deadline] - state.tick[w]) / TICKS_PER_SECOND;
    out[at + 7] = nodeProgress(state, program.monitor, w, goal.node) * UNIT_Q14;
    out[at + 8] = nodeStatus(state, program.monitor, w, goal.node) === NODE_STATUS.satisfied ? 1 : 0;
  }
  return at;
}

function observeInventory(c: TickContext, i: number, out: Float32Array, at: number): number {
  const { state } = c;
  for (let k = 0; k < INVENTORY_SLOTS; k++, at += SLOT_FIELDS.length) {
    out[at] = state.inventoryItem[i * INVENTORY_SLOTS + k];
    out[at + 1] = state.inventoryCount[i * INVENTORY_SLOTS + k];
  }
  return at;
}

/** The newest readable messages; one still on its way is skipped. */
function observeMessages(c: TickContext, w: number, i: number, out: Float32Array, at: number): void {
  const { state, program } = c;
  const tick = state.tick[w];
  const count = state.messageCount[i];
  const end = at + program.observation.messages * MESSAGE_FIELDS.length;
  for (let k = 1; k <= Math.min(count, MESSAGE_RING) && at < end; k++) {
    const ring = (i * MESSAGE_RING + ((count - k) % MESSAGE_RING)) * MESSAGE_WORDS;
    const readable = state.messageRing[ring + 1];
    if (readable > tick) continue;
    out[at] = 1;
    out[at + 1] = state.messageRing[ring] - 1;
    out[at + 2] = state.messageRing[ring + 2];
    out[at + 3] = (tick - readable) / TICKS_PER_SECOND;
    out[at + 4] = state.messageRing[ring + 3];
    at += MESSAGE_FIELDS.length;
  }
  out.fill(0, at, end);
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
