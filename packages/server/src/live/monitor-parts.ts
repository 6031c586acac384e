/** The parts of a combinator of a compiled task. */
import { FIRST_COMBINATOR, MONITOR_OP, type MonitorProgram, NODE_COLUMN, NODE_COLUMNS } from '@kinovox/physics';

/** Nodes of the parts. None under `never` and `not`: what stands there is hoped against, and a bar of its progress would mislead. */
export function partsOf(monitor: MonitorProgram, node: number): Int32Array {
  const at = node * NODE_COLUMNS;
  const op = monitor.nodes[at + NODE_COLUMN.op];
  if (op < FIRST_COMBINATOR || op === MONITOR_OP.not || op === MONITOR_OP.never) return new Int32Array(0);
  const list = monitor.nodes[at + NODE_COLUMN.list];
  return monitor.lists.subarray(list, list + monitor.nodes[at + NODE_COLUMN.size]);
}
