/**
 * A compiled task: a table of formula nodes in evaluation order (children before parents) and the roots that engines read.
 * Node columns, operators and registers are described in `docs/tasks.md`; the interpreter is `run-monitor.ts`.
 */

export interface MonitorProgram {
  /** `[N, NODE_COLUMNS]` node table. */
  nodes: Int32Array;
  numNodes: number;
  /** Child lists and agent lists that nodes point into. */
  lists: Int32Array;
  /** Register words per world. */
  numRegisters: number;
  /** Node index of every root; task roots first, then reward formulas. */
  roots: Int32Array;
  numTasks: number;
  /** Per node: name or English sentence, for events, HUD and explanations. */
  names: string[];
}

/** Status of a node or root at a tick. */
export const NODE_STATUS = { pending: 0, satisfied: 1, violated: 2 } as const;
