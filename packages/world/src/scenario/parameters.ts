/** Parameters of a scenario: drawing them, writing their values in, and the assignments that checks try. */
import { PURPOSE, randomBelow, randomU32 } from '../numbers/random.js';
import type { Scenario } from './schema.js';
import type { Literal, ParameterRef } from './values.js';

export type ParameterValue = number | string;
export type ParameterValues = Readonly<Record<string, ParameterValue>>;
type Parameters = Scenario['parameters'];

/** Values of a real parameter per unit. */
const REAL_STEPS = 4096;

/** Number of values a parameter can take. */
function cardinality(parameter: Parameters[string]): number {
  if ('real' in parameter) return Math.floor((parameter.real[1] - parameter.real[0]) * REAL_STEPS) + 1;
  return 'int' in parameter ? parameter.int[1] - parameter.int[0] + 1 : parameter.choice.length;
}

function valueAtIndex(parameter: Parameters[string], index: number): ParameterValue {
  if ('real' in parameter) return parameter.real[0] + index / REAL_STEPS;
  return 'int' in parameter ? parameter.int[0] + index : parameter.choice[index];
}

/** Draws every parameter for a key of three words; names are taken in sorted order, so the order in the file does not matter. */
export function drawParameters(
  parameters: Parameters,
  keyLow: number,
  keyHigh: number,
  split: number,
  variant: number,
): Record<string, ParameterValue> {
  const values: Record<string, ParameterValue> = {};
  const names = Object.keys(parameters).sort();
  names.forEach((name, draw) => {
    const word = randomU32(keyLow, keyHigh, variant, split, PURPOSE.parameter, draw);
    values[name] = valueAtIndex(parameters[name], randomBelow(word, cardinality(parameters[name])));
  });
  return values;
}

/** Most parameters whose lowest and highest values are tried in every combination. */
const MAX_CORNER_PARAMETERS = 5;

/**
 * Assignments at the extremes: all corners for up to 5 parameters (beyond, all low and all high), and each single value of every choice and each end of every range.
 * A number is linear in one parameter, so its own extremes are among them.
 */
export function extremeAssignments(parameters: Parameters): ParameterValues[] {
  const names = Object.keys(parameters).sort();
  if (names.length === 0) return [{}];
  const found = new Map<string, ParameterValues>();
  const add = (pick: (name: string, i: number) => number) => {
    const values: Record<string, ParameterValue> = {};
    names.forEach((name, i) => {
      values[name] = valueAtIndex(parameters[name], pick(name, i));
    });
    found.set(JSON.stringify(values), values);
  };
  const last = (name: string) => cardinality(parameters[name]) - 1;
  if (names.length <= MAX_CORNER_PARAMETERS)
    for (let corner = 0; corner < 1 << names.length; corner++) add((name, i) => ((corner >> i) & 1 ? last(name) : 0));
  add(() => 0);
  add(last);
  for (const varied of names) {
    const parameter = parameters[varied];
    const indices = 'choice' in parameter ? parameter.choice.map((_, i) => i) : [0, last(varied)];
    // Where both ends are whole, what lies between is not: a place that needs a whole number must not take it.
    if ('real' in parameter && last(varied) > 0) indices.push(1);
    for (const index of indices) add((name) => (name === varied ? index : 0));
  }
  return [...found.values()];
}

export function isParameterRef(value: unknown): value is ParameterRef {
  return typeof value === 'object' && value !== null && 'param' in value && typeof value.param === 'string';
}

/** Visits every parameter reference with its path. */
export function visitParameterRefs(
  value: unknown,
  path: (string | number)[],
  visit: (ref: ParameterRef, path: (string | number)[]) => void,
): void {
  if (isParameterRef(value)) visit(value, path);
  else if (Array.isArray(value)) for (const [i, entry] of value.entries()) visitParameterRefs(entry, [...path, i], visit);
  else if (typeof value === 'object' && value !== null)
    for (const [key, entry] of Object.entries(value)) visitParameterRefs(entry, [...path, key], visit);
}

/** A copy in which every reference is its value. References to unknown parameters become undefined; checks.ts reports them before. */
export function substitute<T>(value: T, values: ParameterValues): Literal<T> {
  return write(value, values, () => undefined) as Literal<T>;
}

/** A copy in which references to known parameters are their values, and all others stand as they are. */
export function substituteKnown<T>(value: T, known: ParameterValues): T {
  return write(value, known, (ref) => ref) as T;
}

/** The value that a reference stands for. */
export function valueOfRef({ times, plus }: Pick<ParameterRef, 'times' | 'plus'>, drawn: ParameterValue): ParameterValue {
  return typeof drawn === 'number' ? drawn * times + plus : drawn;
}

function write(value: unknown, values: ParameterValues, unknownRef: (ref: ParameterRef) => unknown): unknown {
  if (isParameterRef(value)) return Object.hasOwn(values, value.param) ? valueOfRef(value, values[value.param]) : unknownRef(value);
  if (Array.isArray(value)) return value.map((entry) => write(entry, values, unknownRef));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, write(entry, values, unknownRef)]));
  return value;
}
