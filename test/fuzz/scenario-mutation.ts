/**
 * Mutated scenarios for fuzzing: a valid scenario and one or two changes to its JSON tree, most of them mild, so that many results are still valid.
 * Data flow: `mutatedScenario(bases)` (fast-check arbitrary) -> `reachedStage(text, stages)` -> the name of the last stage it passed.
 */
import {
  BLOCKS,
  buildLevel,
  type Level,
  levelSeed,
  loadScenarioText,
  type ReadFile,
  type ResolvedScenario,
  resolveScenario,
  type Scenario,
  ScenarioError,
  SPLITS,
  variantCount,
} from '@kinovox/world';
import fc from 'fast-check';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Container = Json[] | { [key: string]: Json };

/** One place in a tree. */
interface Place {
  parent: Container;
  key: string | number;
}

/** Random words that one mutation consumes. */
interface Draw {
  kind: number;
  place: number;
  other: number;
  amount: number;
}

const draw: fc.Arbitrary<Draw> = fc.record({ kind: fc.nat(99), place: fc.nat(1 << 20), other: fc.nat(1 << 20), amount: fc.nat(1 << 16) });

/** JSON text of a base scenario with one or two mutations. */
export function mutatedScenario(bases: readonly object[]): fc.Arbitrary<string> {
  return fc.tuple(fc.nat(bases.length - 1), fc.array(draw, { minLength: 1, maxLength: 2 })).map(([base, draws]) => {
    const root: { [key: string]: Json } = JSON.parse(JSON.stringify(bases[base]));
    for (const one of draws) mutate(root, one);
    return JSON.stringify(root);
  });
}

/** What is done with a scenario that was built; throw anything but ScenarioError to report a crash. */
export type Step = (resolved: ResolvedScenario, level: Level, scenario: Scenario) => void;

export interface Stages {
  readFile: ReadFile;
  /** Runs the built level; absent where no engine is at hand. */
  step?: Step;
}

export const STAGES = ['refused', 'parsed', 'resolved', 'built', 'stepped'] as const;
export type Stage = (typeof STAGES)[number];

/** The last stage that a scenario passes. Errors other than ScenarioError are not caught. */
export function reachedStage(text: string, variant: number, { readFile, step }: Stages): Stage {
  let reached: Stage = 'refused';
  try {
    const scenario = loadScenarioText(text, 'mutated.scenario.json');
    reached = 'parsed';
    const resolved = resolveScenario(scenario, SPLITS[variant % 3], variant % variantCount(scenario), { readFile });
    reached = 'resolved';
    const level = buildLevel(resolved, levelSeed(resolved), readFile);
    reached = 'built';
    if (step === undefined) return reached;
    step(resolved, level, scenario);
    return 'stepped';
  } catch (error) {
    if (error instanceof ScenarioError) return reached;
    throw error;
  }
}

function mutate(root: { [key: string]: Json }, { kind, place: placeWord, other, amount }: Draw): void {
  const places = placesOf(root);
  const pick = (accept: (value: Json, place: Place) => boolean, word = placeWord): Place | undefined => {
    const fitting = places.filter((place) => accept(valueAt(place), place));
    return fitting.length === 0 ? undefined : fitting[word % fitting.length];
  };
  const isNumber = (value: Json) => typeof value === 'number';
  if (kind < 35) edit(pick(isNumber), (value) => (value as number) + (amount % 2 === 0 ? 1 : -1));
  else if (kind < 45) edit(pick(isBlock), () => BLOCKS[other % BLOCKS.length].name);
  else if (kind < 52)
    edit(
      pick((value) => typeof value === 'boolean'),
      (value) => !value,
    );
  else if (kind < 60) duplicate(pick((_, place) => Array.isArray(place.parent) && place.parent.length < 64));
  else if (kind < 68) remove(pick((_, place) => Array.isArray(place.parent) && place.parent.length > 1));
  else if (kind < 74) remove(pick((_, place) => !Array.isArray(place.parent)));
  else if (kind < 80) exchange(pick(isSimple), pick(isSimple, other));
  else if (kind < 84) edit(pick(isNumber), () => EDGE_NUMBERS[amount % EDGE_NUMBERS.length]);
  else if (kind < 88)
    edit(
      pick((value) => typeof value === 'string'),
      (value) => misspell(value as string, amount),
    );
  else if (kind < 92)
    edit(
      pick(() => true),
      () => OTHER_VALUES[amount % OTHER_VALUES.length],
    );
  else if (kind < 96)
    addKey(
      pick((value) => isObject(value)),
      amount,
    );
  else graft(pick(isContainer), pick(isContainer, other));
}

const EDGE_NUMBERS = [0, -1, 0.5, 255, 256, 65535, 2147483647, -2147483648, 4294967296, 1e308, -0];
const OTHER_VALUES: Json[] = [
  null,
  true,
  '',
  'all',
  0,
  [],
  {},
  [[]],
  { param: 'gapWidth' },
  { param: 'none' },
  'a'.repeat(300),
  '__proto__',
  { constructor: 1 },
];
const ODD_KEYS = ['__proto__', 'constructor', 'toString', 'count', 'team', 'param', '', '\u0000', 'name'];

function placesOf(root: Container): Place[] {
  const places: Place[] = [];
  const visit = (parent: Container) => {
    const keys: (string | number)[] = Array.isArray(parent) ? [...parent.keys()] : Object.keys(parent);
    for (const key of keys) {
      const place = { parent, key };
      places.push(place);
      const value = valueAt(place);
      if (isContainer(value)) visit(value);
    }
  };
  visit(root);
  return places;
}

function valueAt({ parent, key }: Place): Json {
  return (parent as Record<string | number, Json>)[key];
}

function isContainer(value: Json): value is Container {
  return typeof value === 'object' && value !== null;
}

function isObject(value: Json): boolean {
  return isContainer(value) && !Array.isArray(value);
}

function isSimple(value: Json): boolean {
  return !isContainer(value);
}

const BLOCK_NAMES = new Set(BLOCKS.map((block) => block.name));
function isBlock(value: Json): boolean {
  return typeof value === 'string' && BLOCK_NAMES.has(value);
}

/** defineProperty, so that a key named `__proto__` is a key. */
function write({ parent, key }: Place, value: Json): void {
  Object.defineProperty(parent, key, { value, writable: true, enumerable: true, configurable: true });
}

function edit(place: Place | undefined, change: (value: Json) => Json): void {
  if (place !== undefined) write(place, change(valueAt(place)));
}

function duplicate(place: Place | undefined): void {
  if (place !== undefined) (place.parent as Json[]).splice(place.key as number, 0, structuredClone(valueAt(place)));
}

function remove(place: Place | undefined): void {
  if (place === undefined) return;
  if (Array.isArray(place.parent)) place.parent.splice(place.key as number, 1);
  else delete place.parent[place.key];
}

function exchange(a: Place | undefined, b: Place | undefined): void {
  if (a === undefined || b === undefined) return;
  const value = valueAt(a);
  write(a, valueAt(b));
  write(b, value);
}

function addKey(place: Place | undefined, amount: number): void {
  if (place !== undefined)
    write(
      { parent: valueAt(place) as Container, key: ODD_KEYS[amount % ODD_KEYS.length] },
      OTHER_VALUES[(amount >> 4) % OTHER_VALUES.length],
    );
}

/** Puts a copy of one part in the place of another. */
function graft(target: Place | undefined, source: Place | undefined): void {
  if (target !== undefined && source !== undefined) write(target, structuredClone(valueAt(source)));
}

function misspell(text: string, amount: number): string {
  const at = text.length === 0 ? 0 : amount % text.length;
  return amount % 3 === 0
    ? text.slice(0, at) + text.slice(at + 1)
    : amount % 3 === 1
      ? `${text.slice(0, at)}x${text.slice(at)}`
      : text.toUpperCase();
}
