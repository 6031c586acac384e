/** Planning for walkers elsewhere than in the thread that steps their world, and where a walker is when such a plan begins. */
import type { CompiledScenario } from '@kinovox/env';
import { type VoxelPlan, type VoxelQuery, WALKER_WORDS, type WalkerEngine, type WalkerLevel } from '@kinovox/planning';
import { ACTION_FIELDS } from '@kinovox/world';

/** A planner for one walker in one level. */
export interface WalkPlanner {
  /** Must give what a `VoxelPlanner` gives that was updated and asked in the same order. @param voxels as they are now; borrowed until the call returns. */
  plan(voxels: Uint8Array, query: VoxelQuery): Promise<VoxelPlan>;
  /** It is not asked again. */
  close(): void;
}

/** Makes planners that work elsewhere, in a thread, say. @param level its voxels are borrowed. */
export type WalkPlanning = (program: CompiledScenario['program'], slot: number, level: WalkerLevel) => WalkPlanner;

/** Ticks within which a walker that does nothing must stand. */
const MOST_TICKS = 60;

/** The words of a walker that does nothing until no word changes any more, and how many ticks that takes; undefined where it is not soon. */
export function comesToRest(engine: WalkerEngine, words: Int32Array, voxels: Uint8Array): { words: Int32Array; ticks: number } | undefined {
  const idle = new Float32Array(ACTION_FIELDS);
  let before = words.slice();
  engine.begin(before, voxels);
  for (let ticks = 0; ticks < MOST_TICKS; ticks++) {
    const after = new Int32Array(WALKER_WORDS);
    engine.step(idle);
    engine.readInto(after);
    if (after.every((word, k) => word === before[k])) return { words: before, ticks };
    before = after;
  }
  return undefined;
}
