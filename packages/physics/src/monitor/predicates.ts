/**
 * Predicates of the task language, asked of the state at the end of a tick: each gives its progress, Q14, which is PROGRESS_ONE exactly when it is true.
 * Reads typed arrays only and allocates nothing. Dead agents satisfy nothing but `below` and `healthBelow` (their body stays where it fell),
 * and what they had done before (`reach` with `each`, `dug`, `crafted` and the like).
 * Distances: differences in 1/64 block, each at most 26754 (418 blocks, more than any world), so that the sum of three squares stays below 2^31.
 */
import { AGENT_FLAG, INVENTORY_SLOTS, MECHANISM_WORDS, PROP_WORDS } from '@kinovox/world';
import type { BatchState, TickBuffers } from '../batch-state.js';
import type { ScenarioProgram } from '../program.js';
import { countDeeds, countsDeeds, DEED, DEED_WORDS } from './deeds.js';
import { MONITOR_OP, NODE_COLUMN, NODE_FLAG, PACE_WORDS, PROGRESS_ONE } from './program.js';
import { evaluateProps } from './prop-predicates.js';
import { seesPoint, TARGET_HEIGHT_Q16 } from './view-cone.js';

const LONGEST_Q6 = 26754;

/**
 * Progress of the predicate in row `row` of the node table (node number times NODE_COLUMNS) for world w.
 * Also updates the node's own registers: agents that arrived, blocks counted, deeds done.
 * @param constants the variant's that world w plays.
 */
export function evaluatePredicate(
  state: BatchState,
  buffers: TickBuffers,
  program: ScenarioProgram,
  w: number,
  row: number,
  constants: Int32Array,
): number {
  const { nodes } = program.monitor;
  const op = nodes[row];
  if (op === MONITOR_OP.reach && (nodes[row + NODE_COLUMN.flags] & (NODE_FLAG.each | NODE_FLAG.any)) === 0)
    return reachTogether(state, program, w, row, constants);
  const at = nodes[row + NODE_COLUMN.constants];
  switch (op) {
    case MONITOR_OP.builtRegion:
    case MONITOR_OP.builtPattern:
      return built(state, buffers, program, w, row);
    case MONITOR_OP.triggered:
      return state.mechanism[(w * program.mechanisms.numMechanisms + constants[at]) * MECHANISM_WORDS] & 1 ? PROGRESS_ONE : 0;
    case MONITOR_OP.elapsed:
      return share(state.tick[w], constants[at]);
    case MONITOR_OP.propIn:
      return propsIn(state, program, w, row, constants, at);
    case MONITOR_OP.moved:
    case MONITOR_OP.stacked:
    case MONITOR_OP.insideRegion:
    case MONITOR_OP.upright:
    case MONITOR_OP.speedBelowProps:
    case MONITOR_OP.insideProp:
      return evaluateProps(state, program, w, row, constants);
    default:
      return overAgents(state, buffers, program, w, row, constants, at);
  }
}

/** Progress of a predicate about agents for the i-th agent of its list. */
export function agentProgress(
  state: BatchState,
  buffers: TickBuffers,
  program: ScenarioProgram,
  w: number,
  row: number,
  i: number,
): number {
  const { nodes, lists, numRegisters } = program.monitor;
  const slot = lists[nodes[row + NODE_COLUMN.list] + i];
  const memory = w * numRegisters + nodes[row + NODE_COLUMN.memory];
  const constants = state.variants[w].constants;
  return progressOf(state, buffers, program, w, row, i, slot, memory, constants, nodes[row + NODE_COLUMN.constants]);
}

/** As `agentProgress`, with what a loop over agents has at hand: the slot, the node's own registers, and its constants from `at` on. */
function progressOf(
  state: BatchState,
  buffers: TickBuffers,
  program: ScenarioProgram,
  w: number,
  row: number,
  i: number,
  slot: number,
  memory: number,
  constants: Int32Array,
  at: number,
): number {
  const { nodes } = program.monitor;
  const agent = w * program.numAgents + slot;
  const op = nodes[row];
  if (op === MONITOR_OP.below) return state.posY[agent] < constants[at] ? PROGRESS_ONE : 0;
  if (op === MONITOR_OP.healthBelow) return state.health[agent] < constants[at] ? PROGRESS_ONE : 0;
  if (countsDeeds(op)) return share(state.register[memory + i], constants[at]);
  const alive = (state.flags[agent] & AGENT_FLAG.alive) !== 0;
  if (op === MONITOR_OP.reach) {
    const arrived = nodes[row + NODE_COLUMN.flags] & NODE_FLAG.each ? (state.register[memory + (i >> 5)] >>> (i & 31)) & 1 : 0;
    return arrived === 1 || (alive && inRegion(constants, at, state.posX[agent], state.posY[agent], state.posZ[agent])) ? PROGRESS_ONE : 0;
  }
  if (op === MONITOR_OP.said) return buffers.deeds[agent * DEED_WORDS + DEED.saidSymbol] === constants[at] + 1 ? PROGRESS_ONE : 0;
  if (!alive) return 0;
  switch (op) {
    case MONITOR_OP.alive:
      return PROGRESS_ONE;
    case MONITOR_OP.speedBelowAgents:
      return state.register[memory + PACE_WORDS * i + 3] === 1 ? PROGRESS_ONE : 0;
    case MONITOR_OP.holds:
      return share(countItems(state, agent, constants[at]), constants[at + 1]);
    case MONITOR_OP.nearPlace:
      return within(state, agent, constants[at + 1], constants[at + 2], constants[at + 3], constants[at]) ? PROGRESS_ONE : 0;
    case MONITOR_OP.seesPlace:
      return seesPoint(state, program, w, agent, constants[at + 1], constants[at + 2], constants[at + 3], constants[at]) ? PROGRESS_ONE : 0;
    default:
      return meetsTarget(state, buffers, program, w, row, slot) ? PROGRESS_ONE : 0;
  }
}

/** `min(have, need) / need` in Q14; need 0 is fulfilled. Bound: need <= 131071, so that have * 2^14 stays below 2^31. */
function share(have: number, need: number): number {
  return have >= need ? PROGRESS_ONE : ((have * PROGRESS_ONE) / need) | 0;
}

function inRegion(constants: Int32Array, at: number, xQ16: number, yQ16: number, zQ16: number): boolean {
  const x = xQ16 >> 16;
  const y = yQ16 >> 16;
  const z = zQ16 >> 16;
  return (
    x >= constants[at] &&
    x <= constants[at + 3] &&
    y >= constants[at + 1] &&
    y <= constants[at + 4] &&
    z >= constants[at + 2] &&
    z <= constants[at + 5]
  );
}

/** The common case, kept free of calls: all agents of the list inside at this tick. */
function reachTogether(state: BatchState, program: ScenarioProgram, w: number, row: number, constants: Int32Array): number {
  const { nodes, lists } = program.monitor;
  const at = nodes[row + NODE_COLUMN.constants];
  const first = nodes[row + NODE_COLUMN.list];
  const size = nodes[row + NODE_COLUMN.size];
  const base = w * program.numAgents;
  let inside = 0;
  for (let i = 0; i < size; i++) {
    const agent = base + lists[first + i];
    if ((state.flags[agent] & AGENT_FLAG.alive) !== 0 && inRegion(constants, at, state.posX[agent], state.posY[agent], state.posZ[agent]))
      inside++;
  }
  return inside === size ? PROGRESS_ONE : inside === 0 ? 0 : ((inside * PROGRESS_ONE) / size) | 0;
}

/** The mean over the agents (256 at most, so the sum stays below 2^23), or the best of them with `any`. */
function overAgents(
  state: BatchState,
  buffers: TickBuffers,
  program: ScenarioProgram,
  w: number,
  row: number,
  constants: Int32Array,
  at: number,
): number {
  const { nodes, lists, numRegisters } = program.monitor;
  const first = nodes[row + NODE_COLUMN.list];
  const size = nodes[row + NODE_COLUMN.size];
  const flags = nodes[row + NODE_COLUMN.flags];
  const memory = w * numRegisters + nodes[row + NODE_COLUMN.memory];
  if (countsDeeds(nodes[row])) countDeeds(state, buffers, program, w, row, memory, constants, at);
  if (nodes[row] === MONITOR_OP.speedBelowAgents) notePaces(state, program, w, row, memory, constants[at]);
  let sum = 0;
  let best = 0;
  for (let i = 0; i < size; i++) {
    const progress = progressOf(state, buffers, program, w, row, i, lists[first + i], memory, constants, at);
    if (progress === 0) continue;
    sum += progress;
    if (progress > best) best = progress;
    if ((flags & NODE_FLAG.each) !== 0) state.register[memory + (i >> 5)] |= 1 << (i & 31);
  }
  return (flags & NODE_FLAG.any) !== 0 ? best : sum === 0 ? 0 : (sum / size) | 0;
}

/** Which agents of the list covered less in this tick than the limit, a square in Q12 block/tick. At the first tick nobody is known to be slow. */
function notePaces(state: BatchState, program: ScenarioProgram, w: number, row: number, memory: number, limit: number): void {
  const { nodes, lists } = program.monitor;
  const { posX, posY, posZ, register } = state;
  for (let i = 0; i < nodes[row + NODE_COLUMN.size]; i++) {
    const agent = w * program.numAgents + lists[nodes[row + NODE_COLUMN.list] + i];
    const at = memory + PACE_WORDS * i;
    const dx = lengthQ12(posX[agent] - register[at]);
    const dy = lengthQ12(posY[agent] - register[at + 1]);
    const dz = lengthQ12(posZ[agent] - register[at + 2]);
    register[at] = posX[agent];
    register[at + 1] = posY[agent];
    register[at + 2] = posZ[agent];
    register[at + 3] = state.tick[w] > 1 && dx * dx + dy * dy + dz * dz < limit ? 1 : 0;
  }
}

/** |d| in 1/4096 block, held to what may be squared; Q16 differences of places in a world are below 2^25. */
function lengthQ12(d: number): number {
  return Math.min((d < 0 ? 0 - d : d) >> 4, LONGEST_Q6);
}

/** near, sees and touched with a list of targets, of which one is enough. An agent is never its own target. */
function meetsTarget(state: BatchState, buffers: TickBuffers, program: ScenarioProgram, w: number, row: number, slot: number): boolean {
  const { nodes, lists } = program.monitor;
  const limit = state.variants[w].constants[nodes[row + NODE_COLUMN.constants]];
  const first = nodes[row + NODE_COLUMN.list] + nodes[row + NODE_COLUMN.size];
  const end = first + nodes[row + NODE_COLUMN.numTargets];
  const agent = w * program.numAgents + slot;
  for (let i = first; i < end; i++) {
    const target = lists[i];
    switch (nodes[row]) {
      case MONITOR_OP.nearAgents:
      case MONITOR_OP.seesAgents: {
        const other = w * program.numAgents + target;
        if (target === slot || (state.flags[other] & AGENT_FLAG.alive) === 0) break;
        const x = state.posX[other];
        const y = state.posY[other];
        const z = state.posZ[other];
        if (nodes[row] === MONITOR_OP.nearAgents) {
          if (within(state, agent, x, y, z, limit)) return true;
        } else if (nodes[row] === MONITOR_OP.seesAgents && seesPoint(state, program, w, agent, x, y + TARGET_HEIGHT_Q16, z, limit))
          return true;
        break;
      }
      case MONITOR_OP.nearProps:
      case MONITOR_OP.seesProps: {
        const pose = (w * program.numProps + target) * PROP_WORDS;
        const x = state.prop[pose];
        const y = state.prop[pose + 1];
        const z = state.prop[pose + 2];
        if (nodes[row] === MONITOR_OP.nearProps) {
          if (within(state, agent, x, y, z, limit)) return true;
        } else if (nodes[row] === MONITOR_OP.seesProps && seesPoint(state, program, w, agent, x, y, z, limit)) return true;
        break;
      }
      case MONITOR_OP.touchedAgents: {
        const width = state.layout.width.contacts;
        if (target !== slot && (state.contacts[agent * width + (target >> 5)] >>> (target & 31)) & 1) return true;
        break;
      }
      case MONITOR_OP.touchedProps:
        if ((buffers.pushedProps[agent * ((program.numProps + 31) >> 5) + (target >> 5)] >>> (target & 31)) & 1) return true;
        break;
    }
  }
  return false;
}

function within(state: BatchState, agent: number, x: number, y: number, z: number, limit: number): boolean {
  const dx = lengthQ6(state.posX[agent] - x);
  const dy = lengthQ6(state.posY[agent] - y);
  const dz = lengthQ6(state.posZ[agent] - z);
  return dx * dx + dy * dy + dz * dz <= limit;
}

/** |d| in 1/64 block. */
function lengthQ6(d: number): number {
  const length = (d < 0 ? -d : d) >> 10;
  return Math.min(length, LONGEST_Q6);
}

function countItems(state: BatchState, agent: number, item: number): number {
  let count = 0;
  const first = agent * INVENTORY_SLOTS;
  for (let i = first; i < first + INVENTORY_SLOTS; i++) if (state.inventoryItem[i] === item) count += state.inventoryCount[i];
  return count;
}

function propsIn(state: BatchState, program: ScenarioProgram, w: number, row: number, constants: Int32Array, at: number): number {
  const { nodes, lists } = program.monitor;
  const first = nodes[row + NODE_COLUMN.list];
  const size = nodes[row + NODE_COLUMN.size];
  let inside = 0;
  for (let i = first; i < first + size; i++) {
    const pose = (w * program.numProps + lists[i]) * PROP_WORDS;
    if (inRegion(constants, at, state.prop[pose], state.prop[pose + 1], state.prop[pose + 2])) inside++;
  }
  return share(inside, size);
}

/** Blocks are counted at the first tick and after ticks with edits; between them the count stays in the node's register. */
function built(state: BatchState, buffers: TickBuffers, program: ScenarioProgram, w: number, row: number): number {
  const { nodes, numRegisters } = program.monitor;
  const { constants } = state.variants[w];
  const at = nodes[row + NODE_COLUMN.constants];
  const memory = w * numRegisters + nodes[row + NODE_COLUMN.memory];
  const pattern = nodes[row] === MONITOR_OP.builtPattern;
  if (state.register[memory] === 0 || buffers.editCount[w] !== 0) {
    const found = pattern
      ? countPattern(state, program, w, constants, at, nodes[row + NODE_COLUMN.size])
      : countRegion(state, program, w, constants, at);
    state.register[memory] = found + 1;
  }
  return share(state.register[memory] - 1, pattern ? nodes[row + NODE_COLUMN.size] : constants[at + 7]);
}

function countRegion(state: BatchState, program: ScenarioProgram, w: number, constants: Int32Array, at: number): number {
  const [sizeX, , sizeZ] = program.size;
  const block = constants[at + 6];
  let found = 0;
  for (let y = constants[at + 1]; y <= constants[at + 4]; y++) {
    for (let z = constants[at + 2]; z <= constants[at + 5]; z++) {
      const line = w * state.cellsPerWorld + (y * sizeZ + z) * sizeX;
      for (let x = constants[at]; x <= constants[at + 3]; x++) if (state.voxels[line + x] === block) found++;
    }
  }
  return found;
}

function countPattern(state: BatchState, program: ScenarioProgram, w: number, constants: Int32Array, at: number, size: number): number {
  const [sizeX, , sizeZ] = program.size;
  let found = 0;
  for (let i = 0; i < size; i++) {
    const cell = at + 4 * i;
    const index = (constants[cell + 1] * sizeZ + constants[cell + 2]) * sizeX + constants[cell];
    if (state.voxels[w * state.cellsPerWorld + index] === constants[cell + 3]) found++;
  }
  return found;
}
