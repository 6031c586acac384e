/** The native profile: ACTION_SPEC's columns by name, those left out neutral. */
import { ACTION_FIELDS, ACTION_SPEC, didYouMean, ShapeError } from '@kinovox/world';
import type { BoxSpace } from '../spaces.js';
import type { ActionCodec } from './profile.js';

/** Native action by column name; columns left out are neutral. */
export type NativeAction = Partial<Record<(typeof ACTION_SPEC)[number]['name'], number>>;

export const NATIVE_NAMES: readonly string[] = ACTION_SPEC.map((field) => field.name);
const NEUTRAL_ROW = Float32Array.from(ACTION_SPEC, (field) => field.neutral);

export function createNativeCodec(): ActionCodec {
  const space = nativeSpace();
  return {
    profile: 'native',
    width: ACTION_FIELDS,
    space,
    row: space,
    numInvalid: 0,
    expand: (actions) => actions,
    writeIdle(out) {
      for (let at = 0; at < out.length; at += ACTION_FIELDS) writeIdle(out, at);
    },
    write(out, index, action, agentId) {
      const { message, ...rest } = fieldsOf(action, 'native', 'ACTION_SPEC fields', '{ forward: 1 }', agentId);
      writeNative(out, index * ACTION_FIELDS, rest, agentId);
      return messageOf(message, agentId);
    },
  };
}

/** A Box over ACTION_SPEC's columns. */
export function nativeSpace(): BoxSpace {
  return {
    kind: 'box',
    dtype: 'float32',
    shape: [ACTION_SPEC.length],
    low: ACTION_SPEC.map((field) => Math.fround(field.min)),
    high: ACTION_SPEC.map((field) => Math.fround(field.max)),
    names: [...NATIVE_NAMES],
    units: ACTION_SPEC.map((field) => field.unit),
  };
}

/** Writes a neutral native row at `offset`. */
export function writeIdle(out: Float32Array, offset: number): void {
  out.set(NEUTRAL_ROW, offset);
}

/** Writes a named native row at `offset`. @throws ShapeError for a column that does not exist or a value that is not a number. */
export function writeNative(out: Float32Array, offset: number, action: Readonly<Record<string, unknown>>, agentId: string): void {
  out.set(NEUTRAL_ROW, offset);
  writeNamed(out, offset, NATIVE_NAMES, action, 'ACTION_SPEC', agentId);
}

/** Writes numbers by column name at `offset`; columns that are not named are left as they are. */
export function writeNamed(
  out: Float32Array,
  offset: number,
  names: readonly string[],
  action: Readonly<Record<string, unknown>>,
  what: string,
  agentId: string,
): void {
  for (const [name, value] of Object.entries(action)) {
    if (value === undefined) continue;
    const column = names.indexOf(name);
    if (column < 0) {
      throw new ShapeError(
        'unknown-action-field',
        `An action must have fields of ${what}; got "${name}" for agent "${agentId}".${didYouMean(name, names) || ` Fields: ${names.join(', ')}.`}`,
      );
    }
    if (typeof value !== 'number')
      throw new ShapeError(
        'action-value',
        `Action field "${name}" must be a number; got ${JSON.stringify(value)} for agent "${agentId}". Give 0 or 1 for buttons.`,
      );
    out[offset + column] = value;
  }
}

/** @throws ShapeError unless the action is an object of fields. */
export function fieldsOf(action: unknown, profile: string, what: string, example: string, agentId: string): Record<string, unknown> {
  if (typeof action === 'object' && action !== null && !Array.isArray(action) && !('action' in action))
    return action as Record<string, unknown>;
  throw new ShapeError(
    'action-profile',
    `An action of the ${profile} profile must be an object of ${what}; got ${JSON.stringify(action)} for agent "${agentId}". Give for example ${example}.`,
  );
}

/** @throws ShapeError unless a message is a symbol's number, its name, or text. */
export function messageOf(message: unknown, agentId: string): number | string | undefined {
  if (message === undefined || typeof message === 'number' || typeof message === 'string') return message;
  throw new ShapeError(
    'message-value',
    `A message must be a symbol's number, its name or a text; got ${JSON.stringify(message)} for agent "${agentId}". Leave it out to be silent.`,
  );
}
