/**
 * Interpreter of compiled tasks: evaluates every formula node of a world once per tick, after motion and mechanisms.
 * Data flow: state, events and edits of the tick -> one register per node (`progress << 2 | status`, so part of state and hash) -> roots.
 * A pure function of the state and the registers of the last tick; semantics in `docs/tasks.md`.
 */
import { EVENT } from '@kinovox/world';
import type { BatchState, TickBuffers } from '../batch-state.js';
import type { ScenarioProgram } from '../program.js';
import { pushEvent } from '../stages/events.js';
import { evaluateCombinator } from './combinators.js';
import { culpritOfViolation } from './culprit.js';
import { evaluatePredicate } from './predicates.js';
import { FIRST_COMBINATOR, FIRST_LATCHED, MONITOR_OP, NODE_COLUMN, NODE_COLUMNS, NODE_FLAG, NODE_STATUS, PROGRESS_ONE } from './program.js';

/** Where the roots' verdicts go; shapes `[B, numRoots]`. */
export interface MonitorOutputs {
  rootStatus: Int32Array;
  rootProgress: Int32Array;
}

const ALWAYS = (PROGRESS_ONE << 2) | NODE_STATUS.satisfied;

/**
 * Evaluates all nodes of world w for the tick in `state.tick[w]` (1 at the first tick) and writes status and Q14 progress of the roots.
 * Reports gains of followed parts as `progressed`, and what breaks as `violated` with the agent that broke it.
 * Relies on `buffers.editCount[w]` being non-zero after any tick in which a voxel of world w changed.
 */
export function runMonitors(state: BatchState, buffers: TickBuffers, program: ScenarioProgram, w: number, outputs: MonitorOutputs): void {
  const { monitor } = program;
  const { nodes, numNodes, numRegisters, roots } = monitor;
  const registers = state.register;
  const base = w * numRegisters;
  const { constants } = state.variants[w];
  for (let node = 0, row = 0; node < numNodes; node++, row += NODE_COLUMNS) {
    const before = registers[base + node];
    const op = nodes[row];
    let word: number;
    if (op < FIRST_COMBINATOR) {
      const progress = evaluatePredicate(state, buffers, program, w, row, constants);
      word = progress === PROGRESS_ONE ? ALWAYS : progress << 2;
    } else {
      if ((before & 3) === NODE_STATUS.violated || (op >= FIRST_LATCHED && before === ALWAYS)) continue;
      word = evaluateCombinator(registers, base, monitor, constants, row, before, state.tick[w], program.maxTicks);
    }
    if (word === before) continue;
    registers[base + node] = word;
    if ((word & 3) === NODE_STATUS.violated) noteViolation(state, buffers, program, w, node);
    else if ((nodes[row + NODE_COLUMN.flags] & NODE_FLAG.report) !== 0)
      noteGain(state, buffers, w, node, nodes[row + NODE_COLUMN.flags], before, word);
  }
  const numRoots = roots.length;
  for (let r = 0; r < numRoots; r++) {
    const word = registers[base + roots[r]];
    outputs.rootStatus[w * numRoots + r] = word & 3;
    outputs.rootProgress[w * numRoots + r] = word >> 2;
  }
}

/** Prepares world w for the first tick of an episode. */
export function resetMonitors(state: BatchState, program: ScenarioProgram, w: number): void {
  const { numRegisters } = program.monitor;
  state.register.fill(0, w * numRegisters, (w + 1) * numRegisters);
}

function noteViolation(state: BatchState, buffers: TickBuffers, program: ScenarioProgram, w: number, node: number): void {
  const { nodes, numRegisters } = program.monitor;
  const row = node * NODE_COLUMNS;
  const violation = w * numRegisters + nodes[row + NODE_COLUMN.violation];
  const culprit = culpritOfViolation(state, buffers, program, w, node);
  state.register[violation] = state.tick[w];
  state.register[violation + 1] = culprit + 1;
  // all, any and sequence only pass on what a part of theirs has reported already.
  if (nodes[row] === MONITOR_OP.all || nodes[row] === MONITOR_OP.any || nodes[row] === MONITOR_OP.sequence) return;
  pushEvent(state, buffers, w, EVENT.violated, culprit, node, 0, 0);
}

function noteGain(state: BatchState, buffers: TickBuffers, w: number, node: number, flags: number, before: number, word: number): void {
  const achieved = (word & 3) === NODE_STATUS.satisfied;
  if (achieved || ((flags & NODE_FLAG.timed) === 0 && word > before))
    pushEvent(state, buffers, w, EVENT.progressed, -1, node, word >> 2, 0);
}
