/**
 * What agents did in a tick, as the task language asks for it: written where events arise, so that nothing is missing when the event list is full,
 * and added at the end of the tick to the registers of the predicates that count.
 */
import { AGENT_FLAG, EVENT } from '@kinovox/world';
import type { BatchState, TickBuffers } from '../batch-state.js';
import type { ScenarioProgram } from '../program.js';
import { MONITOR_OP, type MonitorProgram, NODE_COLUMN, NODE_COLUMNS } from './program.js';

/** Words of `TickBuffers.deeds`. An agent does each of these at most once in a tick; 0 is not at all. */
export const DEED = {
  /** Symbol + 1 that it said. */
  saidSymbol: 0,
  /** Registry ids of the blocks that it dug and placed. */
  dugBlock: 1,
  placedBlock: 2,
  /** Item that it made, by hand or in a furnace, and how many. */
  craftedItem: 3,
  craftedCount: 4,
  /** 1 = it woke at the end of a night that it slept through. */
  rested: 5,
  /** It died: slot + 1 of the agent that killed it. */
  killer: 6,
  /** Item that it received from a trader. */
  tradedItem: 7,
  /** Slot + 1 of the agent that it gave an item to, and the item. */
  gaveTo: 8,
  gaveItem: 9,
  /** Item that it ate. */
  ateItem: 10,
} as const;
export const DEED_WORDS = 11;

/** Bits of the constant `source` of `traded`. */
export const TRADE_SOURCE = { traders: 1, agents: 2, any: 3 } as const;

/** Whether an operator keeps a count per agent in its registers; the count that it asks for is its first constant. */
export function countsDeeds(op: number): boolean {
  return op === MONITOR_OP.dug || (op >= MONITOR_OP.crafted && op <= MONITOR_OP.placed);
}

/** Whether a monitor asks for anything that `TickBuffers.deeds` or `mobKillers` hold. */
export function readsDeeds(monitor: Pick<MonitorProgram, 'nodes' | 'numNodes'>): boolean {
  for (let row = 0; row < monitor.numNodes * NODE_COLUMNS; row += NODE_COLUMNS) {
    const op = monitor.nodes[row];
    if (op === MONITOR_OP.said || (countsDeeds(op) && op !== MONITOR_OP.survived)) return true;
  }
  return false;
}

/** Notes an event of this tick of world w for the monitors. @param agent slot, or -1. */
export function noteDeed(
  state: BatchState,
  buffers: TickBuffers,
  w: number,
  kind: number,
  agent: number,
  data0: number,
  data1: number,
): void {
  const { deeds } = buffers;
  if (deeds.length === 0 || agent < 0) return;
  const at = (w * state.layout.numAgents + agent) * DEED_WORDS;
  switch (kind) {
    case EVENT.said:
      deeds[at + DEED.saidSymbol] = data0 + 1;
      return;
    case EVENT.dug:
      deeds[at + DEED.dugBlock] = data1;
      return;
    case EVENT.placed:
      deeds[at + DEED.placedBlock] = data1;
      return;
    case EVENT.crafted:
    case EVENT.smelted:
      deeds[at + DEED.craftedItem] = data0;
      deeds[at + DEED.craftedCount] = data1;
      return;
    case EVENT.woke:
      if (data0 === 1) deeds[at + DEED.rested] = 1;
      return;
    case EVENT.died:
      deeds[at + DEED.killer] = data1;
      return;
    case EVENT.slain:
      buffers.mobKillers[w * state.layout.width.mobFlags + data0] = agent + 1;
      return;
    case EVENT.traded:
      deeds[at + DEED.tradedItem] = data1;
      return;
    case EVENT.gave:
      deeds[at + DEED.gaveTo] = data0 + 1;
      deeds[at + DEED.gaveItem] = data1;
      return;
    case EVENT.ate:
      deeds[at + DEED.ateItem] = data0;
      return;
  }
}

/** Adds the deeds of this tick to the counts of the agents in the list of the node in row `row`, whose registers begin at `memory`. */
export function countDeeds(
  state: BatchState,
  buffers: TickBuffers,
  program: ScenarioProgram,
  w: number,
  row: number,
  memory: number,
  constants: Int32Array,
  at: number,
): void {
  const { nodes, lists } = program.monitor;
  const { numAgents } = program;
  const { deeds, mobKillers } = buffers;
  const op = nodes[row];
  const need = constants[at];
  const wanted = op === MONITOR_OP.slept || op === MONITOR_OP.killed || op === MONITOR_OP.survived ? 0 : constants[at + 1];
  const first = w * numAgents;
  switch (op) {
    case MONITOR_OP.survived:
      countLife(state, program, w, row, memory, need);
      return;
    case MONITOR_OP.killed:
      for (let b = 0; b < numAgents; b++) {
        const killer = deeds[(first + b) * DEED_WORDS + DEED.killer];
        if (killer !== 0) credit(state, program, row, memory, need, killer - 1);
      }
      return;
    case MONITOR_OP.killedMobs: {
      const mobs = program.survival?.mobs;
      if (mobs === undefined) return;
      for (let m = 0; m < mobs.numMobs; m++) {
        const killer = mobKillers[w * mobs.numMobs + m];
        if (killer !== 0 && mobs.kindOf[m] === wanted) credit(state, program, row, memory, need, killer - 1);
      }
      return;
    }
    case MONITOR_OP.traded:
      for (let b = 0, deed = first * DEED_WORDS; b < numAgents; b++, deed += DEED_WORDS) {
        const source = constants[at + 2];
        const traded = deeds[deed + DEED.tradedItem];
        if ((source & TRADE_SOURCE.traders) !== 0 && isMeant(traded, wanted)) credit(state, program, row, memory, need, b);
        const given = deeds[deed + DEED.gaveItem];
        if ((source & TRADE_SOURCE.agents) !== 0 && isMeant(given, wanted))
          credit(state, program, row, memory, need, deeds[deed + DEED.gaveTo] - 1);
      }
      return;
  }
  const list = nodes[row + NODE_COLUMN.list];
  const size = nodes[row + NODE_COLUMN.size];
  for (let i = 0; i < size; i++) {
    const amount = amountOf(buffers, op, first + lists[list + i], wanted);
    if (amount > 0) state.register[memory + i] = Math.min(state.register[memory + i] + amount, need);
  }
}

/** How much of `wanted` an agent did by itself in this tick. */
function amountOf({ deeds }: TickBuffers, op: number, agent: number, wanted: number): number {
  const deed = agent * DEED_WORDS;
  switch (op) {
    case MONITOR_OP.dug:
      return deeds[deed + DEED.dugBlock] === wanted ? 1 : 0;
    case MONITOR_OP.placed:
      return deeds[deed + DEED.placedBlock] === wanted ? 1 : 0;
    case MONITOR_OP.crafted:
      return deeds[deed + DEED.craftedItem] === wanted ? deeds[deed + DEED.craftedCount] : 0;
    case MONITOR_OP.ate:
      return isMeant(deeds[deed + DEED.ateItem], wanted) ? 1 : 0;
    default:
      return deeds[deed + DEED.rested];
  }
}

/** Whether an item is the one wanted; 0 wants any. */
function isMeant(item: number, wanted: number): boolean {
  return item !== 0 && (wanted === 0 || item === wanted);
}

/** One more for the agent in `slot`, if the node's list has it. */
function credit(state: BatchState, program: ScenarioProgram, row: number, memory: number, need: number, slot: number): void {
  const { nodes, lists } = program.monitor;
  const list = nodes[row + NODE_COLUMN.list];
  const size = nodes[row + NODE_COLUMN.size];
  for (let i = 0; i < size; i++) {
    if (lists[list + i] === slot && state.register[memory + i] < need) state.register[memory + i]++;
  }
}

/** Ticks of the life that lasts; a death begins it anew. */
function countLife(state: BatchState, program: ScenarioProgram, w: number, row: number, memory: number, need: number): void {
  const { nodes, lists } = program.monitor;
  const list = nodes[row + NODE_COLUMN.list];
  const size = nodes[row + NODE_COLUMN.size];
  for (let i = 0; i < size; i++) {
    const flags = state.flags[w * program.numAgents + lists[list + i]];
    // The agent of a decided task leaves alive and keeps what it reached.
    if ((flags & AGENT_FLAG.done) !== 0) continue;
    state.register[memory + i] = (flags & AGENT_FLAG.alive) === 0 ? 0 : Math.min(state.register[memory + i] + 1, need);
  }
}
