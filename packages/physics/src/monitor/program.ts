/**
 * A compiled task: a table of formula nodes in evaluation order (children before parents) and the roots that engines read.
 * Semantics are in `docs/tasks.md`; the interpreter is `run-monitor.ts`. Everything that differs between level variants is in
 * `VariantData.constants`; nodes hold indices into it. Shape letters: N nodes, C columns.
 */
import type { BatchState } from '../batch-state.js';

export interface MonitorProgram {
  /** `[N, NODE_COLUMNS]` node table. */
  nodes: Int32Array;
  numNodes: number;
  /** Child lists, agent lists and prop lists that nodes point into. */
  lists: Int32Array;
  /** Register words per world; word n is the word of node n. */
  numRegisters: number;
  /** Node index of every root; task roots first, then reward formulas. */
  roots: Int32Array;
  numTasks: number;
  /** `[G]` nodes of the achievements: named parts of tasks that count as reached once they were satisfied. */
  achievements: Int32Array;
  /** Per node: name or English sentence, for events, HUD and explanations. */
  names: string[];
  /** `[P]` 1 = a cell of this palette entry hides what is behind it. */
  opaque: Uint8Array;
}

/** Status of a node or root at a tick. */
export const NODE_STATUS = { pending: 0, satisfied: 1, violated: 2 } as const;

/** Progress of a satisfied node, Q14. */
export const PROGRESS_ONE = 16384;

/** Columns of the node table. */
export const NODE_COLUMN = {
  /** MONITOR_OP. */
  op: 0,
  /** Index of the node's first constant; see MONITOR_OP. */
  constants: 1,
  /** How many targets follow the subjects in the list. */
  numTargets: 2,
  /** First word of the node's list: children, agent slots or props. */
  list: 3,
  /** Children, agents or props in the list; cells of a pattern. */
  size: 4,
  /** NODE_FLAG bits. */
  flags: 5,
  /** First of two registers, tick of the violation and slot + 1 of who caused it; -1 when the node cannot be violated. */
  violation: 6,
  /** First of the node's own registers; -1 for none. */
  memory: 7,
} as const;
export const NODE_COLUMNS = 8;

export const NODE_FLAG = {
  /** One agent of the list is enough; otherwise all are needed. */
  any: 1,
  /** An invariant: pending while it holds, satisfied only at the horizon. */
  invariant: 2,
  /** reach: an agent that was inside once counts for ever. */
  each: 4,
  /** A part of a task that people follow: its gains are `progressed` events. */
  report: 8,
  /** Its progress runs with time, so only its completion is reported. */
  timed: 16,
  /** stacked: in the order of their heights, not of the list. */
  anyOrder: 32,
} as const;

/** Registers of `moved` per prop, and of `speedBelow` per agent. */
export const START_WORDS = 3;
export const PACE_WORDS = 4;

/** Operators with their constants and their own registers. Predicates come first; from `sequence` on, satisfied is for ever. */
export const MONITOR_OP = {
  /** Region (6 block coordinates, inclusive). With `each`: one bit per agent of the list. */
  reach: 1,
  /** Squared distance in 1/64 block, then x y z in Q16. */
  nearPlace: 2,
  /** Squared distance in 1/64 block. */
  nearAgents: 3,
  nearProps: 4,
  /** Item, count. */
  holds: 5,
  /** Height in Q16. */
  below: 6,
  /** Region (6), palette index, count. Register: blocks found + 1, 0 = not counted yet. */
  builtRegion: 7,
  /** Per cell of the pattern: x, y, z, palette index. Register as above. */
  builtPattern: 8,
  /** Mechanism. */
  triggered: 9,
  /** Squared range in 1/64 block, then x y z in Q16. */
  seesPlace: 10,
  /** Squared range in 1/64 block. */
  seesAgents: 11,
  seesProps: 12,
  touchedAgents: 13,
  touchedProps: 14,
  alive: 15,
  /** Health. */
  healthBelow: 16,
  /** Symbol. */
  said: 17,
  /** Count, registry id. Registers: blocks dug, per agent of the list; this and those from `crafted` on count deeds. */
  dug: 18,
  /** Region (6). */
  propIn: 19,
  /** Ticks. */
  elapsed: 20,
  /** Count, item. Registers: items made by hand, at a table or in a furnace, per agent of the list. */
  crafted: 21,
  /** Count. Registers: nights slept through, per agent. */
  slept: 22,
  /** Count. Registers: agents killed, per agent. */
  killed: 23,
  /** Ticks. Registers: ticks alive since the last death, per agent. */
  survived: 24,
  /** Count, kind of mob. Registers: mobs killed, per agent. */
  killedMobs: 25,
  /** Count, item or 0 for any, TRADE_SOURCE. Registers: times that each agent received something. */
  traded: 26,
  /** Count, item or 0 for any. Registers: items eaten, per agent. */
  ate: 27,
  /** Count, registry id. Registers: blocks placed, per agent. */
  placed: 28,
  /** Distance in 1/64 block. Registers: x y z in Q16 where each prop of the list started. This and those up to `insideProp` are about props. */
  moved: 29,
  /** List: props, the lowest first. */
  stacked: 30,
  /** Region (6). */
  insideRegion: 31,
  /** Sine and cosine of the angle, Q14. */
  upright: 32,
  /** Speed in Q16 block/tick. */
  speedBelowProps: 33,
  /** List: props, then the container as target. */
  insideProp: 34,
  /** Square of a speed in Q12 block/tick. Registers, per agent of the list: x y z in Q16 at the last tick, 1 where it was slow. */
  speedBelowAgents: 35,
  not: 64,
  all: 65,
  any: 66,
  never: 67,
  /** Register: steps completed. */
  sequence: 68,
  /** List: hold, goal. */
  until: 69,
  /** List: first, then. */
  before: 70,
  /** Ticks. List: goal. */
  within: 71,
  /** Count. Registers: times so far, then one bit per part that was satisfied at the last tick. */
  count: 72,
} as const;

/** Operators below this are predicates. */
export const FIRST_COMBINATOR = MONITOR_OP.not;
/** From this operator on, satisfied is for ever. */
export const FIRST_LATCHED = MONITOR_OP.sequence;

/** Status of a node of world w after the last tick. */
export function nodeStatus(state: BatchState, program: MonitorProgram, w: number, node: number): number {
  return state.register[w * program.numRegisters + node] & 3;
}

/** Progress of a node of world w after the last tick, Q14. */
export function nodeProgress(state: BatchState, program: MonitorProgram, w: number, node: number): number {
  return state.register[w * program.numRegisters + node] >> 2;
}

/** Tick at which a node of world w was violated; 0 when it was not. */
export function violationTick(state: BatchState, program: MonitorProgram, w: number, node: number): number {
  const register = program.nodes[node * NODE_COLUMNS + NODE_COLUMN.violation];
  return register < 0 ? 0 : state.register[w * program.numRegisters + register];
}
