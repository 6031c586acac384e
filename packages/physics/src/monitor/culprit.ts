/**
 * Who broke a part of a task: asked once per violation, at its tick.
 * Descends from the part to the predicate that decided, and takes the first agent of its list for which it went the wrong way.
 */
import type { BatchState, TickBuffers } from '../batch-state.js';
import type { ScenarioProgram } from '../program.js';
import { agentProgress } from './predicates.js';
import { FIRST_COMBINATOR, MONITOR_OP, NODE_COLUMN, NODE_COLUMNS, NODE_STATUS, PROGRESS_ONE } from './program.js';

/** Slot of the agent that caused the violation of `node` in this tick, or -1 when no agent did (time ran out, a mechanism moved). */
export function culpritOfViolation(state: BatchState, buffers: TickBuffers, program: ScenarioProgram, w: number, node: number): number {
  const { nodes, lists, numRegisters } = program.monitor;
  const row = node * NODE_COLUMNS;
  const list = nodes[row + NODE_COLUMN.list];
  const size = nodes[row + NODE_COLUMN.size];
  const statusOf = (part: number) => state.register[w * numRegisters + part] & 3;
  for (let i = list; i < list + size; i++) {
    if (statusOf(lists[i]) !== NODE_STATUS.violated) continue;
    const violation = nodes[lists[i] * NODE_COLUMNS + NODE_COLUMN.violation];
    return state.register[w * numRegisters + violation + 1] - 1;
  }
  switch (nodes[row]) {
    case MONITOR_OP.never:
      return agentBehind(state, buffers, program, w, lists[list], true);
    case MONITOR_OP.until:
      return agentBehind(state, buffers, program, w, lists[list], false);
    case MONITOR_OP.before:
      return agentBehind(state, buffers, program, w, lists[list + 1], true);
    default:
      return -1;
  }
}

/** First agent for which the deciding predicate below `node` is true (`satisfied`) or false, or -1. */
function agentBehind(
  state: BatchState,
  buffers: TickBuffers,
  program: ScenarioProgram,
  w: number,
  node: number,
  satisfied: boolean,
): number {
  const { nodes, lists, numRegisters } = program.monitor;
  const row = node * NODE_COLUMNS;
  const list = nodes[row + NODE_COLUMN.list];
  const size = nodes[row + NODE_COLUMN.size];
  const op = nodes[row];
  if (op < FIRST_COMBINATOR) {
    if (!isAboutAgents(op)) return -1;
    for (let i = 0; i < size; i++) {
      if ((agentProgress(state, buffers, program, w, row, i) === PROGRESS_ONE) === satisfied) return lists[list + i];
    }
    return -1;
  }
  if (op === MONITOR_OP.not) return agentBehind(state, buffers, program, w, lists[list], !satisfied);
  for (let i = list; i < list + size; i++) {
    const isSatisfied = (state.register[w * numRegisters + lists[i]] & 3) === NODE_STATUS.satisfied;
    if (isSatisfied !== satisfied) continue;
    const slot = agentBehind(state, buffers, program, w, lists[i], satisfied);
    if (slot >= 0) return slot;
  }
  return -1;
}

function isAboutAgents(op: number): boolean {
  return (
    op !== MONITOR_OP.builtRegion &&
    op !== MONITOR_OP.builtPattern &&
    op !== MONITOR_OP.triggered &&
    op !== MONITOR_OP.propIn &&
    op !== MONITOR_OP.elapsed
  );
}
