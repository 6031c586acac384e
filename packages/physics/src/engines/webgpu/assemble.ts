/**
 * The kernel of one program: WGSL with its numbers, and where every array of the tick lies in the device's buffers.
 * Everything is read off the very context that the CPU engine would run: an array that a stage reads at `c.state.posX` is the array at that path.
 */
import { ACTION_FIELDS, ACTION_SPEC, ACTION_WORD, ACTION_WORDS, INTERACT, invariant } from '@kinovox/world';
import { MONITOR_OP, NODE_COLUMN, NODE_COLUMNS } from '../../monitor/program.js';
import { BODY_WORD, BODY_WORDS, type VariantData } from '../../program.js';
import type { TickContext } from '../../stages/context.js';
import { KERNEL } from './kernel.generated.js';
import { PRELUDE, WORLD_FUNCTIONS } from './prelude.js';
import { type Known, NEVER, parseFunctions, pruneFunctions } from './prune.js';

type Words = Int32Array | Uint32Array | Uint8Array | Uint16Array | Int16Array | Float32Array;

/** An array of the tick in the data buffer, one word per element. */
export interface Region {
  path: string;
  /** First word. */
  offset: number;
  length: number;
  /** The host's array of the same content. */
  host: Words;
}

export interface AssembledKernel {
  /** WGSL of each kernel of a tick in order, then of `hash`; `observe` runs twice, see `Shard`; each has the entry point `main`, one thread per world. */
  kernels: { name: string; code: string }[];
  /** By path; state fields lie in the arena, from word 0 on. */
  regions: Map<string, Region>;
  dataWords: number;
  voxelWords: number;
  tables: Int32Array;
  /** Words per level, and the levels packed one after another. */
  levelStride: number;
  packLevel(level: VariantData, out: Int32Array, at: number): void;
  workgroup: number;
}

const OBSERVERS: Readonly<Record<string, string>> = {
  self: 'observeSelf',
  agents: 'observeAgents',
  goals: 'observeGoals',
  inventory: 'observeInventory',
  messages: 'observeMessages',
  vitals: 'observeVitals',
  craftable: 'observeCraftable',
  mobs: 'observeMobs',
  stations: 'observeStations',
};

/** Arrays that the host writes or reads though no stage names them. */
const ALWAYS = [
  ...['rewards', 'rewardTerms', 'terminated', 'truncated', 'ended', 'endStatus', 'endTicks', 'endProgress', 'endHash', 'rootStatus'],
  'rootProgress',
].map((name) => `c.outputs.${name}`);
const ALSO = [
  'c.ending',
  'c.acted',
  'c.state.voxelHash',
  'c.state.rows',
  'c.buffers.actionWords',
  'c.observations.vector',
  'c.observations.finalVector',
  'c.observations.crop',
  'c.observations.finalCrop',
];

export interface AssembleOptions {
  autoreset: boolean;
  observe: boolean;
  workgroup: number;
  /**
   * Write the program's numbers into the text (default), so that the driver can fold them; or read them from a table, so that programs share
   * their text and a driver that compiles slowly does so once.
   */
  specialise: boolean;
}

/** @param sample a level of the program; all levels have arrays of the same kinds, `longest` gives the most elements of each. */
export function assembleKernel(c: TickContext, longest: VariantData, options: AssembleOptions): AssembledKernel {
  const { numWorlds } = c.state.layout;
  const regions = new Map<string, Region>();
  const lines: string[] = [];
  const constant = (name: string, value: number) => lines.push(`const ${name}: i32 = ${literal(value)};`);
  let dataWords = c.state.layout.length;

  const region = (path: string, host: Words, length = host.length): Region => {
    const known = regions.get(path);
    if (known !== undefined) return known;
    const same = [...regions.values()].find((one) => one.host === host);
    if (same !== undefined) {
      // A population of mobs shares what belongs to the world.
      regions.set(path, same);
      constant(`B_${idOf(path)}`, same.offset);
      return same;
    }
    const inArena = host.buffer === c.state.arena.buffer && host instanceof Int32Array;
    const made = { path, offset: inArena ? host.byteOffset / 4 : dataWords, length, host };
    if (!inArena) dataWords += length;
    regions.set(path, made);
    constant(`B_${idOf(path)}`, made.offset);
    return made;
  };

  const { numRoots } = { numRoots: c.program.monitor.roots.length };
  const tables: number[][] = [];
  let tableWords = 0;
  const addTable = (name: string, values: ArrayLike<number>) => {
    constant(`T_${name}`, FIRST_TABLE + tableWords);
    tables.push(Array.from(values));
    tableWords += values.length;
  };

  const levelParts: { name: string; length: number; words(level: VariantData): ArrayLike<number> }[] = [];
  let levelStride = 0;
  const addLevelPart = (name: string, length: number, words: (level: VariantData) => ArrayLike<number>) => {
    constant(`L_${name}`, levelStride);
    levelParts.push({ name, length, words });
    levelStride += length;
  };
  const cells = c.state.cellsPerWorld;
  const packed = cells % 4 === 0;
  const voxelWords = packed ? cells / 4 : cells;
  addLevelPart('level_hash', 2, (level) => [level.hash0 | 0, level.hash1 | 0]);
  addLevelPart('level_voxels', voxelWords, (level) => (packed ? new Int32Array(level.voxels.slice().buffer) : level.voxels));
  addLevelPart('level_rows', c.state.rowsPerWorld, (level) => new Int32Array(level.rows.slice().buffer));

  for (const { path, kind, name } of KERNEL.scalars) {
    const value = lookUp(c, longest, kind === 'present' ? path.slice(1) : path);
    if (kind === 'present') lines.push(`const ${name}: bool = ${value !== undefined};`);
    else if (kind === 'boolean') lines.push(`const ${name}: bool = ${value === true};`);
    else constant(name, typeof value === 'number' ? value : 0);
  }
  for (const { path, id, element, storage, length } of KERNEL.arrays) {
    const host = lookUp(c, longest, path) as Words | undefined;
    switch (storage) {
      case 'scratch':
        lines.push(`var<private> S_${id}: array<i32, ${roundUp(host?.length ?? length)}>;`);
        if (host !== undefined) constant(`N_${id}`, host.length);
        break;
      case 'level': {
        const key = path.slice('level.'.length) as keyof VariantData;
        if (id === 'level_voxels' || id === 'level_rows') break;
        addLevelPart(id, host?.length ?? 0, (level) => {
          const words = level[key] as Words | undefined;
          return words === undefined ? [] : element === 'u32' ? new Int32Array((words as Uint32Array).slice().buffer) : words;
        });
        break;
      }
      case 'table':
        addTable(id, host ?? []);
        break;
      case 'voxels':
        break;
      default:
        if (host === undefined) constant(`B_${id}`, 0);
        else {
          region(path, host);
          constant(`N_${id}`, host.length);
        }
    }
  }
  for (const path of [...ALWAYS, ...ALSO]) region(path, lookUp(c, longest, path) as Words);
  for (const name of ['rowSeedLow', 'rowSeedHigh', 'episode', 'variant', 'status', 'tick'])
    region(`c.state.${name}`, lookUp(c, longest, `c.state.${name}`) as Words);
  region('c.buffers.eventCount', c.buffers.eventCount);
  const own = (name: string, length: number) => {
    constant(`B_${name}`, dataWords);
    regions.set(name, { path: name, offset: dataWords, length, host: new Int32Array(length) });
    dataWords += length;
  };
  own('mask', numWorlds);
  own('hash', 2 * numWorlds);
  own('invalid', numWorlds);

  addTable(
    'fields',
    c.state.layout.fields.flatMap((field) => [field.base, field.wordsPerWorld, field.defaultValue, field.id]),
  );
  addTable(
    'action_limits',
    new Int32Array(Float32Array.from(ACTION_SPEC.flatMap((field) => [field.min, field.max, 2 ** field.bits])).buffer),
  );
  for (const { name, offset } of c.observations.groups) constant(`O_${name}`, offset);
  constant('O_crop', c.program.observation.crop);
  constant('NUM_FIELDS', c.state.layout.fields.length);
  constant('NUM_WORLDS', numWorlds);
  constant('NUM_ROOTS', numRoots);
  constant('VOXEL_WORDS', voxelWords);
  constant('ROW_WORDS', c.state.rowsPerWorld);
  constant('LEVEL_STRIDE', levelStride);
  constant('ACTION_FIELDS', ACTION_FIELDS);
  constant('ACTION_WORDS', ACTION_WORDS);
  constant('WORD_INTERACT', ACTION_WORD.interact);
  constant('INTERACT_USE', INTERACT.use);
  constant('BODY_WORDS', BODY_WORDS);
  constant('BODY_CAN_DIG', BODY_WORD.canDig);
  for (const [name, op] of Object.entries(MONITOR_OP)) constant(`OP_${name}`, op);
  lines.push(`const AUTORESET: bool = ${options.autoreset};`);

  const declared = new Set(lines.map((line) => /^(?:const|var<private>) (\w+)/.exec(line)?.[1]));
  const once = lines.filter((line, i) => lines.findIndex((other) => other.split(':')[0] === line.split(':')[0]) === i);
  const needed = [...new Set(`${KERNEL.functions}${WORLD_FUNCTIONS}${PRELUDE}`.match(/\b[KHTBLN]_c?\w+\b|\bL_\w+\b/g))].filter(
    (name) => !declared.has(name),
  );
  invariant(
    needed.every((name) => /^(K_c_numAgents|H_c_program_survival|N_)/.test(name)),
    `The kernel lacks ${needed.join(', ')}.`,
  );
  const rest = needed.map((name) =>
    name === 'K_c_numAgents'
      ? `const ${name}: i32 = ${c.numAgents};`
      : name === 'H_c_program_survival'
        ? `const ${name}: bool = ${c.program.survival !== undefined};`
        : `const ${name}: i32 = 0;`,
  );

  const observers = options.observe
    ? c.observations.groups.map(({ name }) => {
        const entry = KERNEL.entries[`${OBSERVERS[name]}:vector`];
        invariant(entry !== undefined, `No kernel observes the group ${name}.`);
        return `${entry}(w, w + 1, O_${name});`;
      })
    : [];
  if (options.observe && c.program.observation.crop > 0) observers.push(`${KERNEL.entries['observeCrops:crop']}(w, w + 1, O_crop);`);
  const around = WORLD_FUNCTIONS.replaceAll('OBSERVE', observers.join('\n  '))
    .replaceAll('START(w)', `${KERNEL.entries.startEpisode}(w)`)
    .replaceAll('HASH0', KERNEL.entries.hashWord0)
    .replaceAll('HASH1', KERNEL.entries.hashWord1);
  const header = [...HEADER, ...once, ...rest];
  const known = knownOf(header);
  // What no node of the task asks, no kernel needs to answer.
  const { nodes, numNodes } = c.program.monitor;
  const asked = new Set(Array.from({ length: numNodes }, (_, node) => nodes[node * NODE_COLUMNS + NODE_COLUMN.op]));
  for (const [name, op] of Object.entries(MONITOR_OP)) if (!asked.has(op)) known.set(`OP_${name}`, NEVER);
  const functions = parseFunctions([packed ? PRELUDE : unpackedVoxels(PRELUDE), KERNEL.functions, around].join('\n'));
  // Numbers that a shared text reads at its start; tables begin with them.
  const numbers = options.specialise
    ? []
    : header.flatMap((line) => /^const (?!OP_)(\w+): i32 = (?:-?\d+|i32\(-2147483648\));$/.exec(line)?.[1] ?? []);
  const kernel = (name: string, call: string): { name: string; code: string } | undefined => {
    const entry = call.slice(0, call.indexOf('('));
    const body = pruneFunctions(functions, known, [entry, 'enter_level']);
    // A stage that this program never enters.
    if (new RegExp(`fn ${entry}\\([^{]*\\{\\s*(return;)?\\s*\\}`).test(body)) return undefined;
    if (options.specialise) return { name, code: [...header, body, entryPoint(call, options.workgroup)].join('\n') };
    const used = new Set(`${body} NUM_WORLDS B_c_state_variant ${call}`.match(/\b[A-Z]\w*/g));
    const read = numbers.flatMap((number, k) => (used.has(number) ? [`  ${number} = tables[${k}];`] : []));
    const own = header.flatMap((line) => {
      const number = /^const (\w+): i32/.exec(line)?.[1];
      if (number !== undefined && numbers.includes(number)) return used.has(number) ? [`var<private> ${number}: i32;`] : [];
      const name = /^(?:const|var<private>) (\w+)/.exec(line)?.[1];
      return name === undefined || used.has(name) ? [line] : [];
    });
    return { name, code: [...own, body, entryPoint(call, options.workgroup, read)].join('\n') };
  };
  const kernels = [
    kernel('decode', 'decode_world(w)'),
    ...KERNEL.stages.map((stage) => kernel(stage, `${KERNEL.entries[stage]}(w, w + 1)`)),
    kernel('close', 'close_world(w)'),
    kernel('begin', 'begin_world(w)'),
    kernel('observe', 'observe_world(w)'),
    kernel('hash', 'keep_hash(w)'),
  ].filter((one) => one !== undefined);

  return {
    kernels,
    regions,
    dataWords,
    voxelWords,
    tables: tablesAfter(header, numbers, tables.flat()),
    levelStride,
    packLevel(level, out, at) {
      let to = at;
      for (const part of levelParts) {
        out.set(part.words(level), to);
        to += part.length;
      }
    },
    workgroup: options.workgroup,
  };
}

/** Tables begin after the numbers of a shared text. */
const FIRST_TABLE = 2048;

function tablesAfter(header: readonly string[], numbers: readonly string[], tables: readonly number[]): Int32Array {
  invariant(numbers.length <= FIRST_TABLE, `A kernel may read ${FIRST_TABLE} numbers; got ${numbers.length}.`);
  const words = new Int32Array(FIRST_TABLE + tables.length);
  const values = new Map(
    header.flatMap((line) => {
      const [, name, value] = /^const (\w+): i32 = (?:i32\()?(-?\d+)\)?;$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, Number(value)] as const];
    }),
  );
  numbers.forEach((number, k) => {
    words[k] = values.get(number)!;
  });
  words.set(tables, FIRST_TABLE);
  return words;
}

const HEADER = [
  '@group(0) @binding(0) var<storage, read_write> data: array<i32>;',
  '@group(0) @binding(1) var<storage, read_write> voxels: array<u32>;',
  '@group(0) @binding(2) var<storage, read> tables: array<i32>;',
  '@group(0) @binding(3) var<storage, read> levels: array<i32>;',
  '@group(0) @binding(4) var<storage, read> actions: array<u32>;',
  '@group(0) @binding(5) var<uniform> mode: vec4<u32>;',
  'var<private> LEVEL: i32;',
  'var<private> OUT_VECTOR: i32;',
  'var<private> OUT_CROP: i32;',
];

function entryPoint(call: string, workgroup: number, read: readonly string[] = []): string {
  return `@compute @workgroup_size(${workgroup}) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
${read.join('\n')}
  let w = i32(id.x);
  if (w >= NUM_WORLDS) { return; }
  enter_level(data[B_c_state_variant + w]);
  ${call};
}`;
}

/** What the header says of each name. */
function knownOf(header: readonly string[]): Map<string, Known> {
  const known = new Map<string, Known>();
  for (const line of header) {
    const [, name, value] = /^const (\w+): \w+ = (true|false|-?\d+);$/.exec(line) ?? [];
    if (name !== undefined) known.set(name, value === 'true' ? true : value === 'false' ? false : Number(value));
  }
  return known;
}

/** Cells that do not fill whole words lie one to a word: two worlds never share one. */
function unpackedVoxels(prelude: string): string {
  const from = prelude.indexOf('fn voxel_at');
  const to = prelude.indexOf('fn enter_level');
  return `${prelude.slice(0, from)}fn voxel_at(i: i32) -> i32 { return i32(voxels[i]); }\nfn set_voxel(i: i32, v: i32) { voxels[i] = u32(v); }\n${prelude.slice(to)}`;
}

/** What hangs at a path: of the tick's context (`c.`), of a level (`level.`), or a table of the rules (`$.`). */
function lookUp(c: TickContext, level: VariantData, path: string): unknown {
  const [root, ...keys] = path.split('.');
  let value: unknown = root === 'c' ? c : root === 'level' ? level : RULE_TABLES;
  for (const key of keys) value = (value as Record<string, unknown> | undefined)?.[key];
  return value;
}

import { SINE_Q14 } from '@kinovox/world';

const RULE_TABLES = { SINE_Q14 };

/** Sizes of scratch in few steps, so that programs share their text. */
function roundUp(length: number): number {
  let size = 4;
  while (size < length) size *= 2;
  return size;
}

function idOf(path: string): string {
  return path.replace(/[^A-Za-z0-9]/g, '_');
}

function literal(value: number): string {
  invariant(Number.isInteger(value), `A number of the kernel must be an integer; got ${value}.`);
  const word = value | 0;
  return word === -2147483648 ? 'i32(-2147483648)' : String(word);
}
