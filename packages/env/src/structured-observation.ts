/**
 * One agent's observation: a view per group, of the vector that the engine wrote, and the crop. The same objects each step; copy what you keep.
 * `nameObservation` gives the same numbers under their names, for people and language models.
 */
import { isOneRow, type ObservationBuffers, type ObservationGroup } from '@kinovox/physics';
import { BLOCK_BY_ID } from '@kinovox/world';
import type { PictureViews } from './image-observation.js';

/** Groups that the scenario leaves out are absent. Rows of `agents`, `goals`, `inventory`, `messages`, `stations`, `mobs` follow each other; shapes are in the spaces. */
export interface Observation {
  self: Float32Array;
  agents?: Float32Array;
  goals?: Float32Array;
  inventory?: Float32Array;
  messages?: Float32Array;
  /** With survival only; `mobs` where the scenario has any. */
  vitals?: Float32Array;
  stations?: Float32Array;
  mobs?: Float32Array;
  craftable?: Float32Array;
  /** Where the observation has them. */
  mechanisms?: Float32Array;
  props?: Float32Array;
  guidance?: Float32Array;
  rivalGuidance?: Float32Array;
  vehicle?: Float32Array;
  /** Block ids, y-major then z then x, centred on the feet cell. */
  crop?: Uint16Array;
  /** Pictures, row by row from the top left, where the scenario has a camera: millimetres, block ids, faces, bodies, and `[H, W, 3]` colours. */
  cameraDepth?: Uint16Array;
  cameraBlock?: Uint16Array;
  cameraFace?: Uint8Array;
  cameraBody?: Uint16Array;
  cameraRgb?: Uint8Array;
  /** Millimetres, ring after ring, where the scenario has a lidar. */
  lidar?: Uint16Array;
}

/** A group row by component name. */
export type NamedRow = Record<string, number>;

/** An observation with every number under its name; empty rows are left out. */
export interface NamedObservation {
  self: NamedRow;
  agents?: NamedRow[];
  goals?: NamedRow[];
  inventory?: NamedRow[];
  messages?: NamedRow[];
  vitals?: NamedRow;
  stations?: NamedRow[];
  mobs?: NamedRow[];
  craftable?: NamedRow;
  mechanisms?: NamedRow[];
  props?: NamedRow[];
  guidance?: NamedRow;
  rivalGuidance?: NamedRow;
  vehicle?: NamedRow;
  /** Block names, `[y][z][x]`. */
  crop?: string[][][];
}

/** Views of agent `index` (row * A + slot). */
export function viewObservation(buffers: ObservationBuffers, index: number, cropEdge: number, pictures: PictureViews = {}): Observation {
  const first = index * buffers.size;
  const view: Partial<Observation> = {};
  for (const group of buffers.groups) {
    const from = first + group.offset;
    view[group.name] = buffers.vector.subarray(from, from + group.rows * group.fields.length);
  }
  const cells = cropEdge * cropEdge * cropEdge;
  if (cells > 0) view.crop = buffers.crop.subarray(index * cells, (index + 1) * cells);
  return Object.assign(view, pictures) as Observation;
}

/** A copy that later steps leave alone. */
export function copyObservation(observation: Observation): Observation {
  return Object.fromEntries(
    Object.entries(observation).map(([name, values]) => [name, (values as Float32Array).slice()]),
  ) as unknown as Observation;
}

export function nameObservation(observation: Observation, groups: readonly ObservationGroup[]): NamedObservation {
  const named = nameGroups(observation, groups);
  if (observation.crop !== undefined) named.crop = nameCrop(observation.crop);
  return named;
}

/** `nameObservation` without the crop, whose hundreds of names cost more than all the rest. */
export function nameGroups(observation: Observation, groups: readonly ObservationGroup[]): NamedObservation {
  const named: Partial<NamedObservation> = {};
  for (const group of groups) {
    const values = observation[group.name];
    if (values === undefined) continue;
    const width = group.fields.length;
    const rows: NamedRow[] = [];
    const single = isOneRow(group.name);
    for (let at = 0; at < group.rows * width; at += width) {
      // Most rows of most groups are empty: they are not made.
      if (!single && isZero(values, at, at + width)) continue;
      const row: NamedRow = {};
      for (let k = 0; k < width; k++) row[group.fields[k].name] = values[at + k];
      rows.push(row);
    }
    if (single) named[group.name as 'self'] = rows[0];
    else named[group.name as 'goals'] = rows;
  }
  return named as NamedObservation;
}

function isZero(values: Float32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (values[i] !== 0) return false;
  return true;
}

/** By block id. */
const BLOCK_NAMES: readonly (string | undefined)[] = Array.from(
  { length: Math.max(...BLOCK_BY_ID.keys()) + 1 },
  (_, id) => BLOCK_BY_ID.get(id)?.name,
);

function nameCrop(crop: Uint16Array): string[][][] {
  const edge = Math.round(Math.cbrt(crop.length));
  const layers: string[][][] = [];
  for (let y = 0, cell = 0; y < edge; y++) {
    const layer: string[][] = [];
    for (let z = 0; z < edge; z++) {
      const row: string[] = [];
      for (let x = 0; x < edge; x++, cell++) row.push(BLOCK_NAMES[crop[cell]] ?? 'unknown');
      layer.push(row);
    }
    layers.push(layer);
  }
  return layers;
}
