/**
 * All state of a batch: the i32 arena of `layout.ts` with a typed view per field, the voxel planes, the solidity bitboards and the variants in use.
 * Buffers are shared when the host allows it, so that watchers and workers can read them.
 */
import {
  ACTION_WORDS,
  EVENT_WORDS,
  formatHash,
  hashWord0,
  hashWord1,
  MAX_EVENTS_PER_TICK,
  MAX_PILES,
  type StateFieldName,
  VOXEL_FIELD_ID,
} from '@kinovox/world';
import { createLayout, type Layout } from './layout.js';
import { DEED_WORDS, readsDeeds } from './monitor/deeds.js';
import type { ScenarioProgram, VariantData } from './program.js';

export interface BatchState extends Record<StateFieldName, Int32Array> {
  layout: Layout;
  arena: Int32Array;
  /** `[B, Y, Z, X]` palette indices. */
  voxels: Uint8Array;
  /** `[B, Y, Z, rowWords]` solidity bits. */
  rows: Uint32Array;
  /** `[B, 2]` hash lanes of the voxel planes, kept per edit. */
  voxelHash: Uint32Array;
  /** `[B]` the level each world plays. */
  variants: VariantData[];
  cellsPerWorld: number;
  rowsPerWorld: number;
}

/** What a tick reads and writes besides state. Shapes: B worlds, A agents. */
export interface TickBuffers {
  /** `[B, A, ACTION_WORDS]` decoded actions. */
  actionWords: Int32Array;
  /** `[B, MAX_EVENTS_PER_TICK, EVENT_WORDS]` and how many of each world are filled. */
  events: Int32Array;
  eventCount: Int32Array;
  /** What the task monitors ask of a tick; unlike the event list, which may overflow, it holds all. `[B, A, DEED_WORDS]`, empty where no task asks. */
  deeds: Int32Array;
  /** `[B, M]` slot + 1 of the agent that killed each mob, 0 none; empty where no task asks. */
  mobKillers: Int32Array;
  /** `[B, A, ceil(N / 32)]` bits of the props that each agent pushed. */
  pushedProps: Int32Array;
  /** Per world and tick: voxel edits as pairs (cell, palette index) and how many. */
  edits: Int32Array;
  editCount: Int32Array;
}

/** Most voxel edits a world reports per tick; a tick that makes more marks `editCount` as -1 and watchers take a fresh level. */
export const MAX_EDITS_PER_TICK = 256;

export function createBatchState(program: ScenarioProgram, numWorlds: number): BatchState {
  const layout = createLayout(numWorlds, {
    numAgents: program.numAgents,
    numMechanisms: program.mechanisms.numMechanisms,
    numRegisters: program.monitor.numRegisters,
    numProps: program.numProps,
    numVehicles: program.vehicles?.agents.length ?? 0,
    numPiles: program.survival === undefined ? 0 : MAX_PILES,
    numMobs: program.survival?.mobs?.numMobs ?? 0,
    numHands: program.carrying === undefined ? 0 : 1,
  });
  const arena = new Int32Array(sharedBuffer(layout.length * 4));
  const views = {} as Record<StateFieldName, Int32Array>;
  for (const field of layout.fields) views[field.name] = arena.subarray(field.base, field.base + field.wordsPerWorld * numWorlds);
  const [sizeX, sizeY, sizeZ] = program.size;
  const cellsPerWorld = sizeX * sizeY * sizeZ;
  const rowsPerWorld = sizeY * sizeZ * program.rowWords;
  return {
    ...views,
    layout,
    arena,
    voxels: new Uint8Array(sharedBuffer(cellsPerWorld * numWorlds)),
    rows: new Uint32Array(sharedBuffer(rowsPerWorld * numWorlds * 4)),
    voxelHash: new Uint32Array(numWorlds * 2),
    variants: [],
    cellsPerWorld,
    rowsPerWorld,
  };
}

export function createTickBuffers(
  numWorlds: number,
  program: Pick<ScenarioProgram, 'numAgents' | 'numProps' | 'monitor' | 'survival'>,
): TickBuffers {
  const { numAgents, numProps } = program;
  const numRead = readsDeeds(program.monitor) ? numWorlds : 0;
  return {
    actionWords: new Int32Array(numWorlds * numAgents * ACTION_WORDS),
    events: new Int32Array(numWorlds * MAX_EVENTS_PER_TICK * EVENT_WORDS),
    eventCount: new Int32Array(numWorlds),
    deeds: new Int32Array(numRead * numAgents * DEED_WORDS),
    mobKillers: new Int32Array(numRead * (program.survival?.mobs?.numMobs ?? 0)),
    pushedProps: new Int32Array(numWorlds * numAgents * ((numProps + 31) >> 5)),
    edits: new Int32Array(numWorlds * MAX_EDITS_PER_TICK * 2),
    editCount: new Int32Array(numWorlds),
  };
}

/** Hash lanes of world w into `out[0..1]`: every state word that differs from its default, plus the voxel plane. */
export function hashWorldInto(out: Uint32Array, state: BatchState, w: number): void {
  let lane0 = state.voxelHash[2 * w];
  let lane1 = state.voxelHash[2 * w + 1];
  const { fields } = state.layout;
  for (let f = 0; f < fields.length; f++) {
    const field = fields[f];
    const start = field.base + w * field.wordsPerWorld;
    for (let i = 0; i < field.wordsPerWorld; i++) {
      const value = state.arena[start + i];
      if (value === field.defaultValue) continue;
      lane0 = (lane0 + hashWord0(field.id, i, value)) >>> 0;
      lane1 = (lane1 + hashWord1(field.id, i, value)) >>> 0;
    }
  }
  out[0] = lane0;
  out[1] = lane1;
}

/** Hash of one world as 16 hexadecimal digits. */
export function hashWorld(state: BatchState, w: number): string {
  const out = new Uint32Array(2);
  hashWorldInto(out, state, w);
  return formatHash(out[0], out[1]);
}

/** Hash of the batch: the wrapping sum over rows of mix(row, row hash). */
export function hashBatch(state: BatchState): string {
  const out = new Uint32Array(2);
  let lane0 = 0;
  let lane1 = 0;
  for (let w = 0; w < state.layout.numWorlds; w++) {
    hashWorldInto(out, state, w);
    lane0 = (lane0 + hashWord0(2, w, out[0] ^ Math.imul(out[1], 31))) >>> 0;
    lane1 = (lane1 + hashWord1(2, w, out[1] ^ Math.imul(out[0], 31))) >>> 0;
  }
  return formatHash(lane0, lane1);
}

/** Voxel hash lanes of world w into `out[0..1]`, recomputed from its cells; they equal the lanes kept per edit. */
export function hashVoxelsInto(out: Uint32Array, state: BatchState, program: ScenarioProgram, w: number): void {
  const { registryId } = program.blocks;
  out[0] = 0;
  out[1] = 0;
  const base = w * state.cellsPerWorld;
  for (let cell = 0; cell < state.cellsPerWorld; cell++) {
    const id = registryId[state.voxels[base + cell]];
    if (id === 0) continue;
    out[0] += hashWord0(VOXEL_FIELD_ID, cell, id);
    out[1] += hashWord1(VOXEL_FIELD_ID, cell, id);
  }
}

function sharedBuffer(bytes: number): ArrayBuffer {
  // Typed as ArrayBuffer: views over both behave alike, and no one transfers this memory.
  return (typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes)) as ArrayBuffer;
}
