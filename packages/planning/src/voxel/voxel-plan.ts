/** What the planner `voxel` is asked and answers: plain data, both can be sent to a thread. */
import { ACTION_FIELDS } from '@kinovox/world';
import type { TouchZone } from './bodies.js';
import type { GoalOptions } from './goal-distance.js';
import type { Primitive } from './primitives.js';
import { WALKER_WORDS, type WalkerEngine } from './walker-engine.js';

export interface VoxelQuery extends GoalOptions {
  /** Of the walker now, as `WalkerEngine` has them. */
  readonly words: Int32Array;
  /** Of bodies that stand in the level: no tick of a move may end in one. Default none. The distances to the goal do not know of them. */
  readonly bodies?: readonly TouchZone[] | undefined;
  /** Nodes that may be expanded; default no limit. Cells of the distances to the goal do not count: they are at most those of the level, once. */
  readonly expansions?: number | undefined;
  /** Milliseconds after which the search ends, distances included; what it finds then depends on the machine. Default no limit. */
  readonly ms?: number | undefined;
}

export interface PlannedMove {
  readonly primitive: Primitive;
  /** Feet cell where it begins. */
  readonly cell: readonly [number, number, number];
  /** First tick of its digging, and of itself. */
  readonly digTick: number;
  readonly tick: number;
}

export interface VoxelPlan {
  readonly status: 'solved' | 'partial' | 'infeasible' | 'timeout';
  /** Why there is no plan, or why it ends short. */
  readonly reason?: string;
  /** `[N, ACTION_FIELDS]` */
  readonly actions: Float32Array;
  /** `[N + 1, WALKER_WORDS]`: the walker before each tick, and after the last. */
  readonly states: Int32Array;
  readonly moves: readonly PlannedMove[];
  /** Nodes of the search, and cells of the distances to the goal that it asked for. */
  readonly expansions: number;
  readonly goalExpansions: number;
  /** Ticks of the moves as they were foreseen, without getting to the first cell's middle. */
  readonly foreseen: number;
}

/** Whether what is left of a plan from a tick on comes about as foreseen in a level as it is now. @param engine of the plan's walker. */
export function planHolds(engine: WalkerEngine, { actions, states }: VoxelPlan, fromTick: number, voxels: Uint8Array): boolean {
  const words = states.slice(fromTick * WALKER_WORDS, (fromTick + 1) * WALKER_WORDS);
  engine.begin(words, voxels);
  for (let tick = fromTick; tick < actions.length / ACTION_FIELDS; tick++) {
    engine.step(actions.subarray(tick * ACTION_FIELDS, (tick + 1) * ACTION_FIELDS));
    engine.readInto(words);
    for (let k = 0; k < WALKER_WORDS; k++) if (words[k] !== states[(tick + 1) * WALKER_WORDS + k]) return false;
  }
  return true;
}
