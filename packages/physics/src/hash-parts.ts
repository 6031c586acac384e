/**
 * The state hash of a world in parts, so that a difference can be told by what differs: the lanes of all parts sum to those of `hashWorld`.
 * Data flow: words of each field, by the part that the field belongs to; the voxel plane's lanes are those kept per edit.
 */
import { hashWord0, hashWord1, STATE_SPEC, type StateFieldName } from '@kinovox/world';
import type { BatchState } from './batch-state.js';

/**
 * `agents`: every word of agents. `voxels`: every cell. `monitors`: registers of the task and the status. `props`: rigid bodies.
 * `rest`: seeds, ticks, mechanisms, items that lie about, mobs, the count of events.
 */
export const HASH_PARTS = ['agents', 'voxels', 'monitors', 'props', 'rest'] as const;
export type HashPart = (typeof HASH_PARTS)[number];

/** Lanes of each part of world w into `out`, `[HASH_PARTS.length, 2]`. */
export function hashPartsInto(out: Uint32Array, state: BatchState, w: number): void {
  out.fill(0);
  out[2 * VOXELS] = state.voxelHash[2 * w];
  out[2 * VOXELS + 1] = state.voxelHash[2 * w + 1];
  for (const field of state.layout.fields) {
    const part = 2 * PART_OF_FIELD[field.name];
    const start = field.base + w * field.wordsPerWorld;
    for (let i = 0; i < field.wordsPerWorld; i++) {
      const value = state.arena[start + i];
      if (value === field.defaultValue) continue;
      out[part] += hashWord0(field.id, i, value);
      out[part + 1] += hashWord1(field.id, i, value);
    }
  }
}

const MONITOR_FIELDS: readonly StateFieldName[] = ['register', 'status'];
const VOXELS = HASH_PARTS.indexOf('voxels');
const PART_OF_FIELD = Object.fromEntries(
  STATE_SPEC.map(({ name, scope, width }): [StateFieldName, number] => {
    if (scope === 'agent') return [name, HASH_PARTS.indexOf('agents')];
    if (MONITOR_FIELDS.includes(name)) return [name, HASH_PARTS.indexOf('monitors')];
    return [name, HASH_PARTS.indexOf(width === 'props' ? 'props' : 'rest')];
  }),
) as Readonly<Record<StateFieldName, number>>;
