/**
 * Spaces as plain data, in the terms of Gymnasium: what an agent may send and what it is given, with shapes and bounds.
 * Derived from the action profile and the observation groups, so they cannot disagree with the kernels.
 */
import { isOneRow, type ObservationGroup, type ObservationTables, observationGroups } from '@kinovox/physics';
import type { ActionCodec } from './actions/profile.js';
import { pictureSpaces } from './image-observation.js';

export interface BoxSpace {
  kind: 'box';
  dtype: 'float32' | 'uint8' | 'uint16' | 'int32';
  shape: number[];
  /** Row-major bounds of every component; one number stands for all. */
  low: number | number[];
  high: number | number[];
  /** Names of the components of the last axis, and their units. */
  names?: string[];
  units?: string[];
}

export interface DiscreteSpace {
  kind: 'discrete';
  n: number;
  names: string[];
}

export interface DictSpace {
  kind: 'dict';
  spaces: Record<string, Space>;
}

export type Space = BoxSpace | DiscreteSpace | DictSpace;

export interface Spaces {
  /** One agent's action as `Env.step` takes it; see `ACTION_PROFILES`. */
  action: BoxSpace | DiscreteSpace | DictSpace;
  /** One agent's row of a batch's actions: the same, but for the profile minerl, whose dictionary becomes a row of columns. */
  actionRow: BoxSpace | DiscreteSpace;
  /** One agent's structured observation: a box per group, the crop, and the pictures. */
  observation: DictSpace;
  /** The same observation as one vector of D components, without the crop. */
  vector: BoxSpace;
}

/** Registry ids are u16. */
const MAX_BLOCK_ID = 65535;

/** The name of every component of a vector of these groups: `self.x`, `goals.0.dx`. */
export function componentNames(groups: readonly ObservationGroup[]): string[] {
  return groups.flatMap(({ name, rows, fields }) =>
    Array.from({ length: rows }, (_, row) =>
      fields.map((field) => (isOneRow(name) ? `${name}.${field.name}` : `${name}.${row}.${field.name}`)),
    ).flat(),
  );
}

/** The same of a program's whole observation vector. */
export function vectorNames(tables: ObservationTables): string[] {
  return componentNames(observationGroups(tables));
}

/** Spaces of one agent; every agent of a scenario has the same. */
export function createSpaces({ space, row }: Pick<ActionCodec, 'space' | 'row'>, tables: ObservationTables): Spaces {
  const spaces: Record<string, Space> = {};
  const low: number[] = [];
  const high: number[] = [];
  const units: string[] = [];
  const groups = observationGroups(tables);
  const names = componentNames(groups);
  for (const group of groups) {
    const rowLow = group.fields.map((field) => field.low);
    const rowHigh = group.fields.map((field) => field.high);
    const oneRow = isOneRow(group.name);
    spaces[group.name] = {
      kind: 'box',
      dtype: 'float32',
      shape: oneRow ? [group.fields.length] : [group.rows, group.fields.length],
      low: repeat(rowLow, group.rows),
      high: repeat(rowHigh, group.rows),
      names: group.fields.map((field) => field.name),
      units: group.fields.map((field) => field.unit),
    };
    for (let row = 0; row < group.rows; row++) {
      low.push(...rowLow);
      high.push(...rowHigh);
      units.push(...group.fields.map((field) => field.unit));
    }
  }
  if (tables.crop > 0)
    spaces.crop = { kind: 'box', dtype: 'uint16', shape: [tables.crop, tables.crop, tables.crop], low: 0, high: MAX_BLOCK_ID };
  for (const { name, dtype, shape, high } of pictureSpaces(tables.camera, tables.lidar))
    spaces[name] = { kind: 'box', dtype, shape, low: 0, high };
  return {
    action: space,
    actionRow: row,
    observation: { kind: 'dict', spaces },
    vector: { kind: 'box', dtype: 'float32', shape: [low.length], low, high, names, units },
  };
}

/** Whether a value lies in a space: arrays by length and bounds, choices by range, dictionaries by exactly their keys. */
export function spaceContains(space: Space, value: unknown): boolean {
  if (space.kind === 'discrete') return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < space.n;
  if (space.kind === 'dict') {
    if (typeof value !== 'object' || value === null) return false;
    const keys = Object.keys(value);
    return (
      keys.length === Object.keys(space.spaces).length &&
      keys.every((key) => key in space.spaces && spaceContains(space.spaces[key], value[key as never]))
    );
  }
  const values = flatNumbers(value);
  if (values === undefined || values.length !== space.shape.reduce((a, b) => a * b, 1)) return false;
  for (let i = 0; i < values.length; i++) {
    const low = typeof space.low === 'number' ? space.low : space.low[i];
    const high = typeof space.high === 'number' ? space.high : space.high[i];
    // NaN fails both comparisons and must fail the check.
    if (!(values[i] >= low && values[i] <= high)) return false;
  }
  return true;
}

/** A table of a space for documentation: one row per component. */
export function renderSpace(space: BoxSpace | DiscreteSpace): string {
  if (space.kind === 'discrete')
    return ['| action | name |', '| --- | --- |', ...space.names.map((name, i) => `| ${i} | ${name} |`)].join('\n');
  const rows = (space.names ?? []).map(
    (name, i) => `| ${i} | ${name} | ${space.units?.[i] ?? ''} | ${boundAt(space.low, i)} | ${boundAt(space.high, i)} |`,
  );
  return ['| index | name | unit | low | high |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

function boundAt(bound: number | number[], i: number): string {
  return String(Number((typeof bound === 'number' ? bound : bound[i]).toFixed(4)));
}

function repeat(row: readonly number[], times: number): number[] {
  return Array.from({ length: times }, () => row).flat();
}

/** Numbers of an array, a typed array, or rows of those. */
function flatNumbers(value: unknown): ArrayLike<number> | undefined {
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return value as unknown as ArrayLike<number>;
  if (!Array.isArray(value)) return undefined;
  if (value.length === 0 || typeof value[0] === 'number') return value as number[];
  const rows = value.map(flatNumbers);
  return rows.includes(undefined) ? undefined : rows.flatMap((row) => Array.from(row!));
}
