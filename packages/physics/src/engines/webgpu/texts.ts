/**
 * WGSL of the kernels of a program, from the translated rules and the program's numbers. Two forms of the same rules:
 * - specialised: numbers are constants and what the program never does is left out, so that a GPU's driver can fold them;
 * - shared: numbers are read from a table at the start, so that all programs have the very same text and a driver that compiles slowly does so once.
 * Drivers that compute on the CPU compile in the square of a kernel's length, so the shared form also observes one group per kernel.
 */
import { ACTION_FIELDS, ACTION_WORD, ACTION_WORDS, INTERACT, invariant } from '@kinovox/world';
import { MONITOR_OP } from '../../monitor/program.js';
import { BODY_WORD, BODY_WORDS } from '../../program.js';
import { KERNEL } from './kernel.generated.js';
import { PRELUDE, WORLD_FUNCTIONS } from './prelude.js';
import { type KernelFunction, type Known, NEVER, parseFunctions, pruneFunctions } from './prune.js';

export interface KernelSource {
  /** `decode`, the pieces of the stages (`moveMobs/notice`), `close`, `begin`, `observe` or `observe/self` and so on, `hash`. */
  name: string;
  code: string;
}

export interface TextInput {
  /** Every name of `NUMBER_NAMES`. */
  numbers: ReadonlyMap<string, number | boolean>;
  /** Arrays of a thread's own, and their elements. */
  scratch: ReadonlyMap<string, number>;
  /** Names of monitor operations that the task does not use. */
  idle: readonly string[];
  /** Groups of the observation, `crop` among them. */
  observed: readonly string[];
  specialise: boolean;
  workgroup: number;
}

const OBSERVERS = new Map(
  Object.entries(KERNEL.entries).flatMap(([entry, name]) => {
    const group = /^observe(\w)(\w*):vector$/.exec(entry);
    if (entry === 'observeCrops:crop') return [['crop', name] as const];
    return group === null ? [] : [[group[1].toLowerCase() + group[2], name] as const];
  }),
);

/** What the translator calls a function of the rules that is no stage. */
function translated(name: string): string {
  const found = new RegExp(`fn (${name}_\\d+)\\(`).exec(KERNEL.functions)?.[1];
  invariant(found !== undefined, `The kernel has no function ${name}.`);
  return found;
}

const AROUND = WORLD_FUNCTIONS.replaceAll('START(w)', `${KERNEL.entries.startEpisode}(w)`)
  .replaceAll('DRAW(', `${translated('drawVariant')}(`)
  .replaceAll('SEED(', `${translated('episodeSeedWord')}(`)
  .replaceAll('HASH0', KERNEL.entries.hashWord0)
  .replaceAll('HASH1', KERNEL.entries.hashWord1);

/** Numbers that are the same in every program. */
const FIXED = new Map<string, number>([
  ['ACTION_FIELDS', ACTION_FIELDS],
  ['ACTION_WORDS', ACTION_WORDS],
  ['WORD_INTERACT', ACTION_WORD.interact],
  ['INTERACT_USE', INTERACT.use],
  ['BODY_WORDS', BODY_WORDS],
  ['BODY_CAN_DIG', BODY_WORD.canDig],
  ...Object.entries(MONITOR_OP).map(([name, op]) => [`OP_${name}`, op] as const),
]);

/** Numbers of a program by name, in the order of the table that a shared text reads. */
export const NUMBER_NAMES: readonly string[] = [
  ...new Set([
    ...(`${KERNEL.functions}${PRELUDE}${AROUND}`.match(/\b(?:[KHTBLN]_\w+|NUM_\w+|VOXEL_\w+|ROW_WORDS|AUTORESET)\b/g) ?? []),
    ...[...OBSERVERS.keys()].map((group) => `O_${group}`),
    'B_c_state_variant',
    'B_halt',
    'NUM_WORLDS',
  ]),
].sort();

const BINDINGS = [
  '@group(0) @binding(0) var<storage, read_write> data: array<i32>;',
  '@group(0) @binding(1) var<storage, read_write> voxels: array<u32>;',
  '@group(0) @binding(2) var<storage, read> tables: array<i32>;',
  '@group(0) @binding(3) var<storage, read> levels: array<i32>;',
  '@group(0) @binding(4) var<storage, read> actions: array<u32>;',
  '@group(0) @binding(5) var<uniform> mode: vec4<u32>;',
];
const OWN = ['LEVEL', 'WORLD', 'OUT_VECTOR', 'OUT_CROP'];

/** Kernels that the program needs, in the order of a tick. */
export function kernelTexts(input: TextInput): KernelSource[] {
  const { observed, specialise } = input;
  const observers = specialise ? [['observe', observed] as const] : observed.map((group) => [`observe/${group}`, [group]] as const);
  const around = observers.map(([name, groups]) => observer(functionOf(name), groups)).join('\n');
  const functions = parseFunctions([PRELUDE, KERNEL.functions, AROUND, around].join('\n'));
  const known = new Map<string, Known>([...input.numbers, ...FIXED]);
  for (const name of input.idle) known.set(name, NEVER);
  const write = specialise ? specialised : shared;
  const kernel = (name: string, entry: string, call = `${entry}(w)`): KernelSource[] => {
    const body = pruneFunctions(functions, known, [entry, 'enter_level']);
    return isEmpty(body, entry) ? [] : [{ name, code: write(input, functions, body, entry, call) }];
  };
  return [
    ...kernel('decode', 'decode_world'),
    ...KERNEL.stages.flatMap((stage) => kernel(stage, KERNEL.entries[stage], `${KERNEL.entries[stage]}(w, w + 1)`)),
    ...kernel('close', 'close_world'),
    ...kernel('begin', 'begin_world'),
    ...observers.flatMap(([name]) => kernel(name, functionOf(name))),
    ...kernel('hash', 'keep_hash'),
  ];
}

/** Kernels that run in a batch that halted, too: they bring it on, or only look. */
const HALTING = /^(begin_world|keep_hash)\(/;

const functionOf = (kernel: string) => `${kernel.replace('/', '_')}_group`;

function observer(name: string, groups: readonly string[]): string {
  const calls = groups.map((group) => {
    const entry = OBSERVERS.get(group);
    invariant(entry !== undefined, `No kernel observes the group ${group}.`);
    return `  ${entry}(w, w + 1, O_${group});`;
  });
  return [`fn ${name}(w: i32) {`, '  if (!aim_observation(w)) {', '    return;', '  }', ...calls, '}'].join('\n');
}

/** Whether a function of the program does nothing: a stage that it never enters. */
function isEmpty(body: string, entry: string): boolean {
  return new RegExp(`fn ${entry}\\([^{]*\\{(?:[{}\\s]|return;)*(?:\\nfn |$)`).test(body);
}

function specialised(input: TextInput, _functions: readonly KernelFunction[], body: string, _entry: string, call: string): string {
  const used = namesIn(`${body} ${call} NUM_WORLDS B_c_state_variant B_halt`);
  const header = [...input.numbers, ...FIXED].flatMap(([name, value]) => (used.has(name) ? [constant(name, value)] : []));
  return [...BINDINGS, ...privates(input, used, 4), ...header, body, entryPoint(call, input.workgroup)].join('\n');
}

/** What no program of this engine has, and what few have: monitors that cast rays, which are the longest text of all. */
const NO_PROPS = [
  'OP_nearProps',
  'OP_seesProps',
  'OP_touchedProps',
  'OP_propIn',
  'OP_moved',
  'OP_stacked',
  'OP_insideRegion',
  'OP_upright',
  'OP_speedBelowProps',
  'OP_insideProp',
];
const SIGHT = ['OP_seesPlace', 'OP_seesAgents'];

/** Room of a thread's arrays in a shared text: enough for most programs, so that the others alone have a text of their own. */
const SHARED_ROOM = 64;

function shared(input: TextInput, functions: readonly KernelFunction[], _body: string, entry: string, call: string): string {
  const rays = SIGHT.every((name) => input.idle.includes(name)) ? SIGHT : [];
  const known = new Map<string, Known>([['K_c_program_numProps', 0], ...[...NO_PROPS, ...rays].map((name) => [name, NEVER] as const)]);
  const body = pruneFunctions(functions, known, [entry, 'enter_level']);
  const used = namesIn(`${body} ${call} NUM_WORLDS B_c_state_variant B_halt`);
  const read = NUMBER_NAMES.flatMap((name, k) => {
    if (!used.has(name)) return [];
    const isTruth = typeof input.numbers.get(name) === 'boolean';
    return [{ declared: `var<private> ${name}: ${isTruth ? 'bool' : 'i32'};`, line: `  ${name} = tables[${k}]${isTruth ? ' != 0' : ''};` }];
  });
  const fixed = [...FIXED].flatMap(([name, value]) => (used.has(name) ? [constant(name, value)] : []));
  return [
    ...BINDINGS,
    ...privates(input, used, SHARED_ROOM),
    ...fixed,
    ...read.map(({ declared }) => declared),
    body,
    entryPoint(
      call,
      input.workgroup,
      read.map(({ line }) => line),
    ),
  ].join('\n');
}

function namesIn(text: string): Set<string> {
  return new Set(text.match(/\b[A-Z]\w*/g));
}

function privates({ scratch }: TextInput, used: ReadonlySet<string>, least: number): string[] {
  return [
    ...OWN.map((name) => `var<private> ${name}: i32;`),
    ...[...scratch].flatMap(([name, length]) => (used.has(name) ? [`var<private> ${name}: array<i32, ${roundUp(length, least)}>;`] : [])),
  ];
}

function entryPoint(call: string, workgroup: number, read: readonly string[] = []): string {
  return `@compute @workgroup_size(${workgroup}) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
${read.join('\n')}
  let w = i32(id.x);
  if (w >= NUM_WORLDS) { return; }
  ${HALTING.test(call) ? '' : 'if (data[B_halt] != 0) { return; }'}
  WORLD = w;
  enter_level(data[B_c_state_variant + w]);
  ${call};
}`;
}

/** Sizes in few steps. */
function roundUp(length: number, least: number): number {
  let size = least;
  while (size < length) size *= 2;
  return size;
}

function constant(name: string, value: number | boolean): string {
  if (typeof value === 'boolean') return `const ${name}: bool = ${value};`;
  invariant(Number.isInteger(value), `A number of the kernel must be an integer; got ${value} for ${name}.`);
  const word = value | 0;
  return `const ${name}: i32 = ${word === -2147483648 ? 'i32(-2147483648)' : word};`;
}
