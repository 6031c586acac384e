/**
 * One program as C: its numbers as constants, its arrays where the CPU engine has them, and the bytes that it starts from.
 * Arrays are read off the very context that the CPU engine would run: one C array per host buffer, with the host's type, and a name per path into it.
 */

import { createOutputs } from '../../../packages/physics/dist/engines/outputs.js';
import {
  BODY_WORD,
  BODY_WORDS,
  createBatchState,
  createObservationBuffers,
  createTickBuffers,
  MONITOR_OP,
  WORLDS_PER_PASS,
} from '../../../packages/physics/dist/index.js';
import { createTickContext } from '../../../packages/physics/dist/stages/context.js';
import { ACTION_FIELDS, ACTION_SPEC, ACTION_WORD, ACTION_WORDS, INTERACT, splitSeed } from '../../../packages/world/dist/index.js';
import { id } from './c-target.js';

/** Levels that a twin holds at most: it draws from all of them. */
export const MAX_LEVELS = 1024;

/** What the C around the rules names, besides what the rules name. */
const ALSO = [
  ...['arena', 'voxels', 'rows', 'voxelHash', 'variant', 'rowSeedLow', 'rowSeedHigh', 'episode', 'status', 'tick'].map(
    (name) => `c.state.${name}`,
  ),
  ...['ended', 'endStatus', 'endTicks', 'endProgress', 'endHash', 'rootProgress', 'rewards', 'terminated', 'truncated'].map(
    (name) => `c.outputs.${name}`,
  ),
  ...['vector', 'finalVector', 'crop', 'finalCrop'].map((name) => `c.observations.${name}`),
  'c.buffers.actionWords',
  'c.program.bodies',
  'c.ending',
];
/** What starts at zero: an episode's start writes it, or a tick before it reads. All else is tables and scratch, taken from the host. */
const STARTS_EMPTY = /^c\.(mobs\.)?(state|buffers|outputs|observations)\./;
const OBSERVERS = {
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
const C_TYPES = {
  Int32Array: 'int32_t',
  // Words of rows and hashes: the rules read and write them as 32 bits.
  Uint32Array: 'int32_t',
  Uint8Array: 'uint8_t',
  Uint16Array: 'uint16_t',
  Int16Array: 'int16_t',
  Float32Array: 'float',
};

/**
 * @param input program, variants, numWorlds, seed, and ring: the actions of some ticks, played round, each `[B, A, F]` f32
 * @returns text: definitions to stand before the rules, and functions that stand after them; data: what the twin loads, in order
 */
export function programText(translation, { program, variants, numWorlds, seed, ring }) {
  const c = createTickContext({
    program,
    variants,
    state: createBatchState(program, numWorlds),
    buffers: createTickBuffers(numWorlds, program),
    outputs: createOutputs(program, numWorlds),
    observations: createObservationBuffers(program, numWorlds),
  });
  const levels = Array.from({ length: program.numVariants }, (_, v) => variants.get(v));
  const longest = longestOf(levels);
  const at = (path) =>
    lookUp({ c, level: longest, $: Object.fromEntries([...translation.moduleArrays].map(([key, host]) => [key.slice(2), host])) }, path);

  const defines = [];
  const arrays = [];
  const loads = [];
  const data = [];
  const define = (name, value) => defines.push(`#define ${name} ${value}`);
  const load = (name, host) => {
    loads.push(`read_into(${name}, sizeof ${name});`);
    data.push(bytesOf(host));
  };

  for (const [path, kind] of translation.scalars) {
    const value = at(path.replace(/^\?/, ''));
    const name = translation.target.scalar(path);
    if (kind === 'present') define(name, value !== undefined);
    else if (kind === 'boolean') define(name, value === true);
    else define(name, translation.target.int(typeof value === 'number' ? value : 0));
  }
  if (!translation.scalars.has('?c.program.survival')) define('H_c_program_survival', program.survival !== undefined);
  for (const [name, op] of Object.entries(MONITOR_OP)) define(`OP_${name}`, op);

  /** C arrays by host buffer. */
  const placed = new Map();
  for (const path of new Set([...ALSO, ...translation.arrays.keys()])) {
    const host = at(path);
    const name = id(path);
    if (path.startsWith('level.')) {
      const stride = host?.length ?? 0;
      const type = typeOf(host);
      arrays.push(`static ${type} LV_${name}[${Math.max(1, stride * levels.length)}];`);
      define(`A_${name}`, `(LV_${name} + LEVEL * ${stride})`);
      define(`N_${name}`, stride);
      if (stride > 0)
        load(
          `LV_${name}`,
          joined(
            levels.map((level) => level[path.slice('level.'.length)]),
            host,
            stride,
          ),
        );
      continue;
    }
    define(`N_${name}`, host?.length ?? 0);
    if (host === undefined || host.buffer.byteLength === 0) {
      define(`A_${name}`, `((${typeOf(host)} *)nothing)`);
      continue;
    }
    let array = placed.get(host.buffer);
    if (array === undefined) {
      array = { name: `M_${name}`, type: typeOf(host) };
      placed.set(host.buffer, array);
      arrays.push(`static ${array.type} ${array.name}[${host.buffer.byteLength / host.BYTES_PER_ELEMENT}] __attribute__((aligned(64)));`);
      if (!STARTS_EMPTY.test(path)) load(array.name, new Uint8Array(host.buffer));
    }
    if (array.type !== typeOf(host))
      throw new Error(`Arrays on one buffer must have one type; ${path} is ${typeOf(host)} on ${array.name}.`);
    const offset = host.byteOffset / host.BYTES_PER_ELEMENT;
    define(`A_${name}`, offset === 0 ? array.name : `(${array.name} + ${offset})`);
  }
  const { cellsPerWorld, rowsPerWorld } = c.state;
  for (const [name, type, length, of] of [
    ['LV_cells', 'uint8_t', cellsPerWorld, (level) => level.voxels],
    ['LV_rows', 'int32_t', rowsPerWorld, (level) => level.rows],
    ['LV_hash', 'int32_t', 2, (level) => Uint32Array.of(level.hash0, level.hash1)],
  ]) {
    arrays.push(`static ${type} ${name}[${length * levels.length}];`);
    load(name, joined(levels.map(of), of(longest), length));
  }
  const actionsPerTick = numWorlds * program.numAgents * ACTION_FIELDS;
  arrays.push(`static float ACTIONS[${ring.length * actionsPerTick}];`);
  load('ACTIONS', joined(ring, ring[0], actionsPerTick));

  const { low, high } = splitSeed(seed);
  if (splitSeed(seed + numWorlds).high !== high)
    throw new Error(`The seeds of a twin must share their upper word; got ${seed} for ${numWorlds} worlds.`);
  const constants = {
    NUM_WORLDS: numWorlds,
    NUM_AGENTS: program.numAgents,
    NUM_ROOTS: program.monitor.roots.length,
    HAS_SURVIVAL: program.survival === undefined ? 0 : 1,
    CELLS_PER_WORLD: cellsPerWorld,
    ROWS_PER_WORLD: rowsPerWorld,
    WORLDS_PER_PASS,
    RING_TICKS: ring.length,
    SEED_LOW: `${low}u`,
    SEED_HIGH: `${high}u`,
    ACTION_FIELDS,
    ACTION_WORDS,
    WORD_INTERACT: ACTION_WORD.interact,
    WORD_TEXT_LENGTH: ACTION_WORD.textLength,
    WORD_TEXT_HASH: ACTION_WORD.textHash,
    INTERACT_USE: INTERACT.use,
    INTERACT_NONE: INTERACT.none,
    BODY_WORDS,
    BODY_CAN_DIG: BODY_WORD.canDig,
    NUM_VECTOR: c.observations.vector.length,
    NUM_CROP: c.observations.crop.length,
    START_EPISODE: translation.entries.startEpisode,
    HASH_WORD0: translation.entries.hashWord0,
    HASH_WORD1: translation.entries.hashWord1,
  };
  for (const [name, value] of Object.entries(constants)) define(name, value);
  const column = (of) => ACTION_SPEC.map((field) => String(of(field))).join(', ');
  const { fields } = c.state.layout;
  const used = fields.filter((field) => field.wordsPerWorld > 0);
  const observers = (suffix, crop) => [
    ...c.observations.groups.map(({ name, offset }) => `  ${translation.entries[`${OBSERVERS[name]}:${suffix}`]}(w0, w1, ${offset});`),
    ...(program.observation.crop > 0 ? [`  ${translation.entries[`observeCrops:${crop}`]}(w0, w1, ${program.observation.crop});`] : []),
  ];
  const before = [
    ...defines,
    ...arrays,
    'static int32_t nothing[16];',
    `static const double ACTION_LOW[] = {${column((field) => field.min)}};`,
    `static const double ACTION_HIGH[] = {${column((field) => field.max)}};`,
    `static const double ACTION_SCALE[] = {${column((field) => 2 ** field.bits)}};`,
    `static const struct field FIELDS[] = {${used.map((f) => `{${f.base}, ${f.wordsPerWorld}, ${translation.target.int(f.defaultValue)}, ${f.id}}`).join(', ')}};`,
    `#define NUM_FIELDS ${used.length}`,
  ].join('\n');
  const after = [
    'static void run_stages(int32_t w0, int32_t w1) {',
    ...translation.stages.map((stage) => `  ${translation.entries[stage]}(w0, w1);`),
    '}',
    'static void observe(int32_t w0, int32_t w1) {',
    ...observers('vector', 'crop'),
    '}',
    'static void observe_final(int32_t w0, int32_t w1) {',
    ...observers('finalVector', 'finalCrop'),
    '}',
    'static void load_data(void) {',
    ...loads.map((line) => `  ${line}`),
    '}',
  ].join('\n');
  return { before, functions: translation.functions, after, data };
}

function typeOf(host) {
  return host === undefined ? 'int32_t' : C_TYPES[host.constructor.name];
}

function bytesOf(host) {
  return new Uint8Array(host.buffer, host.byteOffset, host.byteLength);
}

/** Arrays one after another, `stride` elements each; what an array lacks is 0. */
function joined(parts, like, stride) {
  const all = new like.constructor(stride * parts.length);
  parts.forEach((part, k) => {
    if (part !== undefined) all.set(part, k * stride);
  });
  return all;
}

/** A level whose arrays have the most elements of each kind that any level has. */
function longestOf(levels) {
  const longest = { ...levels[0] };
  for (const level of levels)
    for (const [key, value] of Object.entries(level))
      if (ArrayBuffer.isView(value) && (longest[key] === undefined || longest[key].length < value.length)) longest[key] = value;
  return longest;
}

function lookUp(roots, path) {
  return path.split('.').reduce((value, key) => value?.[key], roots);
}
