/** From an agent's window onto its world to the planner `voxel`: the words of its walker, its level, and the way that it is sent. */
import { FIRST_ITEM, type VoxelQuery, WALKER_FIELDS, type WalkerLevel } from '@kinovox/planning';
import { INVENTORY_SLOTS } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import type { Job, Orders } from '../task/job.js';

export type GoJob = Extract<Job, { kind: 'go' }>;

/** Why ways in this scenario are not walked by one's own power, past nothing that others must open; undefined where they are. */
export function barsPlans({ rules, survival }: AgentView): string | undefined {
  if (survival !== undefined) return 'survival';
  if (rules.mechanisms.length > 0) return 'mechanisms';
  return rules.props.length > 0 ? 'props' : undefined;
}

/** @param out `[WALKER_WORDS]` */
export function readWalkerWords(out: Int32Array, view: AgentView): void {
  for (let k = 0; k < WALKER_FIELDS.length; k++) out[k] = view.ownWord(WALKER_FIELDS[k]);
  for (let k = 0; k < INVENTORY_SLOTS; k++) {
    out[FIRST_ITEM + k] = view.ownWord('inventoryItem', k);
    out[FIRST_ITEM + INVENTORY_SLOTS + k] = view.ownWord('inventoryCount', k);
  }
}

/** The level as it is; its voxels are the engine's own. */
export function walkerLevel({ program, voxels, protectedCells, unbuildableCells }: AgentView): WalkerLevel {
  return { size: program.size, voxels, protectedCells, unbuildableCells };
}

/** @param words of the walker, borrowed. */
export function walkerQuery(view: AgentView, { box, near }: GoJob, { keepOut }: Orders, words: Int32Array): VoxelQuery {
  const { can } = view.roster[view.slot];
  return {
    words,
    box,
    near,
    keepOut,
    // Who digs and builds in a team is agreed by the scripted policy.
    mayDig: view.numAgents === 1 && can.dig && view.rules.world.diggable !== 'none',
    mayPlace: view.numAgents === 1 && can.place,
  };
}
