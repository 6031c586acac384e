/**
 * The kernel of one program: WGSL with its numbers, and where every array of the tick lies in the device's buffers.
 * Everything is read off the very context that the CPU engine would run: an array that a stage reads at `c.state.posX` is the array at that path.
 */
import { ACTION_SPEC, invariant, SINE_Q14 } from '@kinovox/world';
import { MONITOR_OP, NODE_COLUMN, NODE_COLUMNS } from '../../monitor/program.js';
import type { VariantData } from '../../program.js';
import type { TickContext } from '../../stages/context.js';
import { KERNEL } from './kernel.generated.js';
import { type KernelSource, kernelTexts, NUMBER_NAMES } from './texts.js';

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
  /** WGSL of each kernel of a tick in order, then of `hash`; what observes runs twice, see `Shard`; each has the entry point `main`, one thread per world. */
  kernels: KernelSource[];
  /** By path; state fields lie in the arena, from word 0 on. */
  regions: Map<string, Region>;
  dataWords: number;
  voxelWords: number;
  tables: Int32Array;
  /** The words of a level as the kernels read it; levels differ in length by their spawn points, which come last. */
  packLevel(level: VariantData): Int32Array<ArrayBuffer>;
  workgroup: number;
}

/** The part of a level that is as long as the level needs. */
const SPAWN_POINTS = 'level_spawnPoints';

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

/** @param sample any level of the program: all have arrays of the same lengths, but for spawn points and for bits of cells, which a level may lack. */
export function assembleKernel(c: TickContext, sample: VariantData, options: AssembleOptions): AssembledKernel {
  const { numWorlds } = c.state.layout;
  const noBits = new Uint32Array((c.state.cellsPerWorld + 31) >> 5);
  const likeAll: VariantData = {
    ...sample,
    protectedCells: sample.protectedCells ?? noBits,
    unbuildableCells: sample.unbuildableCells ?? noBits,
  };
  const regions = new Map<string, Region>();
  const numbers = new Map<string, number | boolean>();
  const scratch = new Map<string, number>();
  const constant = (name: string, value: number) => {
    if (!numbers.has(name)) numbers.set(name, value);
  };
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

  const own = (name: string, path: string, length: number) => {
    constant(name, dataWords);
    regions.set(path, { path, offset: dataWords, length, host: new Int32Array(length) });
    dataWords += length;
  };

  const numRoots = c.program.monitor.roots.length;
  const tables: number[][] = [];
  let tableWords = 0;
  const addTable = (name: string, values: ArrayLike<number>) => {
    constant(`T_${name}`, NUMBER_NAMES.length + tableWords);
    tables.push(Array.from(values));
    tableWords += values.length;
  };

  const levelParts: { name: string; length: number; words(level: VariantData): ArrayLike<number> }[] = [];
  let levelWords = 0;
  const addLevelPart = (name: string, length: number, words: (level: VariantData) => ArrayLike<number>) => {
    constant(`L_${name}`, levelWords);
    levelParts.push({ name, length, words });
    levelWords += length;
  };
  const cells = c.state.cellsPerWorld;
  const packed = cells % 4 === 0;
  const voxelWords = packed ? cells / 4 : cells;
  addLevelPart('level_hash', 2, (level) => [level.hash0 | 0, level.hash1 | 0]);
  addLevelPart('level_voxels', voxelWords, (level) => (packed ? new Int32Array(level.voxels.slice().buffer) : level.voxels));
  addLevelPart('level_rows', c.state.rowsPerWorld, (level) => new Int32Array(level.rows.slice().buffer));

  for (const { path, kind, name } of KERNEL.scalars) {
    const value = lookUp(c, likeAll, kind === 'present' ? path.slice(1) : path);
    if (kind === 'present') numbers.set(name, value !== undefined);
    else if (kind === 'boolean') numbers.set(name, value === true);
    else constant(name, typeof value === 'number' ? value : 0);
  }
  for (const { path, id, element, storage, length } of KERNEL.arrays) {
    const host = lookUp(c, likeAll, path) as Words | undefined;
    switch (storage) {
      case 'scratch':
        scratch.set(`S_${id}`, host?.length ?? length);
        if (host !== undefined) constant(`N_${id}`, host.length);
        break;
      case 'kept':
        // Scratch that one kernel leaves to the next: a part for each world.
        constant(`N_${id}`, host?.length ?? 0);
        own(`B_${id}`, path, numWorlds * (host?.length ?? 0));
        break;
      case 'level': {
        const key = path.slice('level.'.length) as keyof VariantData;
        if (id === 'level_voxels' || id === 'level_rows' || key === 'spawnPoints') break;
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
          // One that worlds share would be written by all of their threads at once, or never filled: it belongs among `scratch`, `kept` or `table`.
          invariant(
            host.length % numWorlds === 0,
            `Every world must have its part of ${path}; got ${host.length} words for ${numWorlds} worlds.`,
          );
          region(path, host);
          constant(`N_${id}`, host.length);
        }
    }
  }
  addLevelPart(SPAWN_POINTS, 0, ({ spawnPoints }) => spawnPoints);
  for (const path of [...ALWAYS, ...ALSO]) region(path, lookUp(c, likeAll, path) as Words);
  for (const name of ['rowSeedLow', 'rowSeedHigh', 'episode', 'variant', 'status', 'tick'])
    region(`c.state.${name}`, lookUp(c, likeAll, `c.state.${name}`) as Words);
  region('c.buffers.eventCount', c.buffers.eventCount);
  own('B_mask', 'mask', numWorlds);
  // Whether a row waits for its level, and the ticks that ran up to then.
  own('B_halt', 'halt', 2);
  own('B_hash', 'hash', 2 * numWorlds);
  own('B_invalid', 'invalid', numWorlds);

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
  constant('VOXEL_SHIFT', packed ? 2 : 0);
  constant('VOXEL_MASK', packed ? 3 : 0);
  constant('VOXEL_WORDS', voxelWords);
  constant('ROW_WORDS', c.state.rowsPerWorld);
  numbers.set('AUTORESET', options.autoreset);
  numbers.set('H_c_program_survival', c.program.survival !== undefined);
  constant('K_c_numAgents', c.numAgents);

  const unknown = NUMBER_NAMES.filter((name) => !numbers.has(name));
  invariant(
    unknown.every((name) => /^(N_|O_)/.test(name)),
    `The kernel lacks ${unknown.join(', ')}.`,
  );
  for (const name of unknown) numbers.set(name, 0);

  const observed: string[] = options.observe ? c.observations.groups.map(({ name }) => name) : [];
  if (options.observe && c.program.observation.crop > 0) observed.push('crop');
  // What no node of the task asks, no kernel needs to answer.
  const { nodes, numNodes } = c.program.monitor;
  const asked = new Set(Array.from({ length: numNodes }, (_, node) => nodes[node * NODE_COLUMNS + NODE_COLUMN.op]));
  const idle = Object.entries(MONITOR_OP).flatMap(([name, op]) => (asked.has(op) ? [] : [`OP_${name}`]));
  const kernels = kernelTexts({ numbers, scratch, idle, observed, specialise: options.specialise, workgroup: options.workgroup });

  return {
    kernels,
    regions,
    dataWords,
    voxelWords,
    tables: Int32Array.from([...NUMBER_NAMES.map((name) => Number(numbers.get(name))), ...tables.flat()]),
    packLevel(level) {
      const out = new Int32Array(levelWords + level.spawnPoints.length);
      let to = 0;
      for (const { name, length, words } of levelParts) {
        const part = words(level);
        invariant(
          part.length <= length || name === SPAWN_POINTS,
          `A level of ${c.program.id} has ${part.length} words of ${name} where others have ${length}.`,
        );
        out.set(part, to);
        to += length;
      }
      return out;
    },
    workgroup: options.workgroup,
  };
}

/** What hangs at a path: of the tick's context (`c.`), of a level (`level.`), or a table of the rules (`$.`). */
function lookUp(c: TickContext, level: VariantData, path: string): unknown {
  const [root, ...keys] = path.split('.');
  let value: unknown = root === 'c' ? c : root === 'level' ? level : RULE_TABLES;
  for (const key of keys) value = (value as Record<string, unknown> | undefined)?.[key];
  return value;
}

const RULE_TABLES = { SINE_Q14 };

function idOf(path: string): string {
  return path.replace(/[^A-Za-z0-9]/g, '_');
}
