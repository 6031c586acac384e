/**
 * Reads dynobench's libraries of motion primitives (`motions/*.msgpack`): a MessagePack map `{ data: [{ actions: [[...]], states: [[...]] }, ...] }`. Of each the
 * first state and the actions are kept, and the states rolled out by our own dynamics; where they differ from those of the file, the file is for another body.
 * @source MessagePack specification (maps, arrays, strings, floats and integers; no binary and no extensions).
 */
import { UsageError } from '@kinovox/world';
import { z } from 'zod';
import { angleDifference } from '../dynamics/angles.js';
import { type Dynamics, numControls, numStates } from '../dynamics/dynamics.js';
import { type PrimitiveLibrary, rolledOut } from './primitives.js';

const ROWS = z.array(z.array(z.number()));
const FILE = z.object({ data: z.array(z.object({ actions: ROWS, states: ROWS })).min(1) });
/** Of a step, per component: the files keep some numbers in single precision, and those of the car hold to 1.2e-5. */
const RESIDUAL = 1e-4;

/**
 * @param where the file's name, for errors.
 * @throws UsageError where the bytes are no such library, or one of another body.
 */
export function parsePrimitives(bytes: Uint8Array, dynamics: Dynamics, where: string): PrimitiveLibrary {
  const refuse = (got: string): never => {
    throw new UsageError(
      'bad-primitives',
      `${where} must be a library of motion primitives of ${dynamics.name} as dynobench's .msgpack files are; got ${got}. Take the file from that robot's motions folder.`,
    );
  };
  let value: unknown;
  try {
    value = unpack(bytes);
  } catch (error) {
    return refuse((error as Error).message);
  }
  const parsed = FILE.safeParse(value);
  if (!parsed.success) return refuse(`${parsed.error.issues[0].message} at ${parsed.error.issues[0].path.join('.') || 'the top'}`);
  const nx = numStates(dynamics);
  const nu = numControls(dynamics);
  const motions = parsed.data.data.map(({ states, actions }, index) => {
    if (actions.length === 0 || states.length !== actions.length + 1)
      return refuse(`${states.length} states and ${actions.length} actions at data.${index}`);
    if (states.some((row) => row.length !== nx) || actions.some((row) => row.length !== nu))
      return refuse(`rows of another length than ${nx} (states) and ${nu} (actions) at data.${index}`);
    const start = Float64Array.from(states[0], (component, i) => (i < dynamics.space ? 0 : component));
    const controls = Float64Array.from(actions.flat(), (control, at) =>
      Math.max(dynamics.controlLow[at % nu], Math.min(dynamics.controlHigh[at % nu], control)),
    );
    const off = states.findIndex((row, k) => k > 0 && stepError(dynamics, states[k - 1], actions[k - 1], row) > RESIDUAL);
    if (off >= 0) return refuse(`a state that the dynamics do not reach at data.${index}.states.${off}`);
    return { states: rolledOut(dynamics, start, controls), controls };
  });
  return { motions };
}

function stepError(dynamics: Dynamics, from: readonly number[], control: readonly number[], to: readonly number[]): number {
  const next = new Float64Array(from.length);
  dynamics.stepInto(next, Float64Array.from(from), Float64Array.from(control));
  return next.reduce((most, value, i) => {
    const error = dynamics.angles.includes(i) ? angleDifference(value, to[i]) : value - to[i];
    return Math.max(most, Math.abs(error));
  }, 0);
}

function unpack(bytes: Uint8Array): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (length: number): number => {
    if (at + length > bytes.length) throw new Error(`an end after ${bytes.length} bytes where more must follow`);
    at += length;
    return at - length;
  };
  const text = (length: number): string => new TextDecoder().decode(bytes.subarray(take(length), at));
  const array = (length: number, depth: number): unknown[] => {
    // Each value takes a byte at least: a length beyond that is none.
    if (length > bytes.length - at) throw new Error(`an array of ${length} in ${bytes.length} bytes`);
    return Array.from({ length }, () => read(depth + 1));
  };
  const map = (length: number, depth: number): Record<string, unknown> => {
    if (length > bytes.length - at) throw new Error(`a map of ${length} in ${bytes.length} bytes`);
    return Object.fromEntries(Array.from({ length }, () => [String(read(depth + 1)), read(depth + 1)]));
  };
  const read = (depth: number): unknown => {
    if (depth > 8) throw new Error('values nested deeper than 8');
    const byte = view.getUint8(take(1));
    if (byte < 0x80) return byte;
    if (byte < 0x90) return map(byte & 15, depth);
    if (byte < 0xa0) return array(byte & 15, depth);
    if (byte < 0xc0) return text(byte & 31);
    if (byte >= 0xe0) return byte - 256;
    switch (byte) {
      case 0xca:
        return view.getFloat32(take(4));
      case 0xcb:
        return view.getFloat64(take(8));
      case 0xcc:
        return view.getUint8(take(1));
      case 0xcd:
        return view.getUint16(take(2));
      case 0xce:
        return view.getUint32(take(4));
      case 0xd0:
        return view.getInt8(take(1));
      case 0xd1:
        return view.getInt16(take(2));
      case 0xd2:
        return view.getInt32(take(4));
      case 0xd9:
        return text(view.getUint8(take(1)));
      case 0xdc:
        return array(view.getUint16(take(2)), depth);
      case 0xdd:
        return array(view.getUint32(take(4)), depth);
      case 0xde:
        return map(view.getUint16(take(2)), depth);
      default:
        throw new Error(`byte 0x${byte.toString(16)} at offset ${at - 1}, which is none of these kinds`);
    }
  };
  const value = read(0);
  if (at !== bytes.length) throw new Error(`${bytes.length - at} bytes after the end`);
  return value;
}
