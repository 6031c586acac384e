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
  for (let i = list; i < list + size; i++) {
    if ((state.register[w * numRegisters + lists[i]] & 3) !== NODE_STATUS.violated) continue;
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

/** Depth of a formula, and one for what a `not` negates. */
const MAX_DEPTH = 16;
/** The way from the broken part down to the predicate that is looked at: per level its node, how far its list is read, and what is looked for (1 satisfied). */
const wayNode = new Int32Array(MAX_DEPTH);
const wayNext = new Int32Array(MAX_DEPTH);
const wayWanted = new Int32Array(MAX_DEPTH);

/** First agent for which the deciding predicate below `node` is true (`satisfied`) or false, or -1. Depth first, parts in their order. */
function agentBehind(
  state: BatchState,
  buffers: TickBuffers,
  program: ScenarioProgram,
  w: number,
  node: number,
  satisfied: boolean,
): number {
  const { nodes, lists, numRegisters } = program.monitor;
  let depth = 0;
  wayNode[0] = node;
  wayNext[0] = 0;
  wayWanted[0] = satisfied ? 1 : 0;
  while (depth >= 0) {
    const at = wayNode[depth];
    const row = at * NODE_COLUMNS;
    const op = nodes[row];
    if (op < FIRST_COMBINATOR) {
      const slot = agentOfPredicate(state, buffers, program, w, row, wayWanted[depth]);
      if (slot >= 0) return slot;
      depth--;
      continue;
    }
    const k = wayNext[depth];
    if (k >= (op === MONITOR_OP.not ? 1 : nodes[row + NODE_COLUMN.size])) {
      depth--;
      continue;
    }
    wayNext[depth] = k + 1;
    const part = lists[nodes[row + NODE_COLUMN.list] + k];
    const wanted = wayWanted[depth];
    const isSatisfied = (state.register[w * numRegisters + part] & 3) === NODE_STATUS.satisfied ? 1 : 0;
    if (op !== MONITOR_OP.not && isSatisfied !== wanted) continue;
    depth++;
    wayNode[depth] = part;
    wayNext[depth] = 0;
    wayWanted[depth] = op === MONITOR_OP.not ? 1 - wanted : wanted;
  }
  return -1;
}

/** First agent of a predicate's list for which it is true (`wanted` 1) or false, or -1. */
function agentOfPredicate(
  state: BatchState,
  buffers: TickBuffers,
  program: ScenarioProgram,
  w: number,
  row: number,
  wanted: number,
): number {
  const { nodes, lists } = program.monitor;
  if (!isAboutAgents(nodes[row])) return -1;
  for (let i = 0; i < nodes[row + NODE_COLUMN.size]; i++) {
    const reached = agentProgress(state, buffers, program, w, row, i) === PROGRESS_ONE ? 1 : 0;
    if (reached === wanted) return lists[nodes[row + NODE_COLUMN.list] + i];
  }
  return -1;
}

function isAboutAgents(op: number): boolean {
  return (
    op !== MONITOR_OP.builtRegion &&
    op !== MONITOR_OP.builtPattern &&
    op !== MONITOR_OP.triggered &&
    op !== MONITOR_OP.propIn &&
    (op < MONITOR_OP.moved || op > MONITOR_OP.insideProp) &&
    op !== MONITOR_OP.elapsed
  );
}
