/** The arithmetic of the engine `gpujs`: equal to the integers of the stages, and exact in f32 in every sub-expression. */
import { isqrt, radiansQ16ToAngle, SINE_Q14 } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { EXACT_FUNCTIONS, functionsOf, half } from '../../../packages/physics/src/engines/gpujs/exact.js';
import { levelFloats, type MotionShape, readsCells } from '../../../packages/physics/src/engines/gpujs/level-text.js';
import { motionKernel } from '../../../packages/physics/src/engines/gpujs/motion-kernel.js';
import {
  AGENT,
  AGENT_COLUMNS,
  BLOCK_COLUMNS,
  BODY_COLUMNS,
  CELLS_PER_FLOAT,
  numQuads,
  SINE_ENTRIES,
  TABLE,
  WORLD_COLUMNS,
} from '../../../packages/physics/src/engines/gpujs/pack.js';
import { roundShift } from '../../../packages/physics/src/stages/rounding.js';
import { randomWords } from '../fixture.js';
import { createRecorder, type Recorder } from './recorder.js';

/** What each helper equals, in big integers or by the function of the rules. */
const REFERENCE: Record<string, (...args: number[]) => number> = {
  quotient: (n, d) => Number(BigInt(n) / BigInt(d)),
  scale14: (v, k) => roundedShift(BigInt(v) * BigInt(k), 14n),
  scale16: (k, d) => roundedShift(BigInt(k) * BigInt(d), 16n),
  turned: (s, c, f, d) => roundedShift(BigInt(s) * BigInt(c) - BigInt(f) * BigInt(d), 12n),
  lengthOf: (f, s) => isqrt(f * f + s * s),
  rootOf: (far) => isqrt(far << 14) << 1,
  pushAlong: (push, d, root) => Number((BigInt(push) * BigInt(d)) / BigInt(root)),
  angleHigh: (m) => radiansQ16ToAngle(m) >> 16,
  angleLow: (m) => radiansQ16ToAngle(m) & 65535,
  wrapHigh: (h) => (h << 16) >> 16,
  between: (a, rise, fraction) => a + ((rise * fraction + 2048) >> 12),
  bitOf: (word, weight) => (word >>> (31 - Math.clz32(1 / weight))) & 1,
  clampTo: (v, limit) => (v > limit ? limit : v < -limit ? -limit : v),
  wordOf: (x) => Math.floor(x / CELLS_PER_FLOAT),
  squareHigh: (x, z) => Math.floor(squared(x, z) / 16384),
  squareLow: (x, z) => squared(x, z) % 16384,
};

describe('the arithmetic of the engine gpujs', () => {
  it.each(EXACT_FUNCTIONS.map(({ name }) => name))('gives with %s what integers give, in numbers that f32 holds', (name) => {
    const { bounds } = EXACT_FUNCTIONS.find((f) => f.name === name)!;
    const recorder = createRecorder(EXACT_FUNCTIONS.map(({ source }) => source));
    let tried = 0;
    // A division that is off by its last bits, either way, changes nothing.
    for (const error of [0, 2 ** -21, -(2 ** -21)]) {
      recorder.divisionError = error;
      for (const args of argumentsWithin(name, bounds)) {
        const got = recorder.call(name, ...args);
        if (got !== REFERENCE[name](...args))
          throw new Error(`${name}(${args.join(', ')}) must be ${REFERENCE[name](...args)}; got ${got}`);
        tried++;
      }
    }
    expect(tried).toBeGreaterThan(500);
    expect(recorder.faults).toEqual([]);
  });

  it('divides in one place alone', () => {
    const texts = [...EXACT_FUNCTIONS.map(({ source }) => source), motionKernel(SHAPE).source];
    const code = texts.map((text) => text.replace(/\/\/.*$/gm, ''));
    expect(code.flatMap((text) => text.match(/\//g) ?? [])).toHaveLength(1);
  });

  it('rises by at most 26 between entries of the sine table, as `between` takes it', () => {
    const rises = Array.from({ length: SINE_ENTRIES - 2 }, (_, k) => SINE_Q14[k + 1] - SINE_Q14[k]);
    expect([Math.min(...rises), Math.max(...rises)]).toEqual([0, 26]);
  });

  it('writes powers of two without rounding', () => {
    for (let n = 0; n < 30; n++) expect(Number(half(n))).toBe(2 ** -n);
  });
});

/** The largest world, everything that blocks can do, and more agents than one quad of contacts holds. */
const SHAPE: MotionShape = { numAgents: 70, sizeX: 240, sizeY: 240, sizeZ: 240, hasLiquid: true, hasClimbable: true, hasGround: true };

describe('the motion kernel of the engine gpujs', () => {
  it('stays exact in every sub-expression, at the extremes of state and action, and runs through them all', () => {
    const recorder = recordMotion(motionKernel(SHAPE).source, SHAPE, 10_000, 1);
    expect(recorder.faults).toEqual([]);
    expect(recorder.sites.filter(({ runs }) => runs === 0).map(({ text }) => text)).toEqual([]);
    // The bound is used: state fills it.
    expect(Math.max(...recorder.sites.map(({ greatest }) => greatest))).toBeGreaterThan(2 ** 23);
  });

  it('is caught when an expression leaves the exact range', () => {
    const { source } = motionKernel(SHAPE);
    const careless = [
      // A product that is not split, a position twice its size, a scale that is no power of two, a read beyond the array.
      source.replace('scale14(acceleration, grip)', 'Math.floor(acceleration * grip * 0.00006103515625)'),
      source.replace('const startX = x;', 'const startX = x * 2 - x;'),
      source.replace('* 0.0000152587890625', '* 0.00001525'),
      source.replace(`tables[${TABLE.halves} + sx`, `tables[${TABLE.halves + 1000} + sx`),
    ];
    for (const text of careless) {
      expect(text).not.toBe(source);
      expect(recordMotion(text, SHAPE, 1500, 1).faults).not.toEqual([]);
    }
  });
});

/** Slots in each part of the first quad of contacts. */
const ALIVE = [3, 20, 40, 60];

/** Bodies in all sorts of places, speeds and moods, in a world of noise; every thread of each. */
function recordMotion(source: string, shape: MotionShape, rounds: number, seed: number): Recorder {
  const recorder = createRecorder(functionsOf(source), source);
  const next = randomWords(seed);
  const unit = () => (next() >>> 0) / 2 ** 32;
  const int = (low: number, high: number) => Math.floor(low + unit() * (high - low + 1));
  const pick = (...values: number[]) => values[int(0, values.length - 1)];
  const { numAgents, sizeX, sizeY, sizeZ } = shape;
  const { solid, cells } = noiseLevel(shape);
  const blocks = [
    [0, 0, 8946, 16384, 0],
    [0, 0, 8946, 16384, 0],
    [0, 0, 14611, 3769, 0],
    [0, 0, 11928, 6912, 1],
    [1, 0, 8946, 16384, 0],
    [2, 0, 8946, 16384, 0],
    [0, 1, 8946, 16384, 0],
  ];
  const tables = new Float32Array(TABLE.bodies + numAgents * BODY_COLUMNS + blocks.length * BLOCK_COLUMNS);
  tables.set(SINE_Q14.subarray(0, SINE_ENTRIES));
  for (let n = 0; n < CELLS_PER_FLOAT; n++) tables[TABLE.halves + n] = 2 ** -n;
  for (let a = 0; a < numAgents; a++) tables.set([52428, 68158, 10486, 13632, a & 1, 8192], TABLE.bodies + a * BODY_COLUMNS);
  tables.set(blocks.flat(), TABLE.bodies + numAgents * BODY_COLUMNS);
  const agents = new Float32Array(numAgents * AGENT_COLUMNS);
  const worlds = new Float32Array(WORLD_COLUMNS);
  const somewhere = (size: number) =>
    Math.min(size * 65536 - 19661, Math.max(19661, pick(int(0, size * 65536), int(0, size) * 65536, int(0, 1) * size * 65536)));
  const speed = () => pick(0, int(-262144, 262144), pick(-262144, 262144), int(-20000, 20000), int(-300, 300));
  for (let round = 0; round < rounds; round++) {
    const place = [somewhere(sizeX), pick(0, 0, sizeY * 65536 + 100000, int(0, sizeY) * 65536, int(0, sizeY * 65536)), somewhere(sizeZ)];
    worlds[1] = int(0, 1);
    // All others are dead.
    for (const a of ALIVE) {
      const apart = () => (a === ALIVE[0] ? 0 : pick(0, int(-45000, 45000), int(-300, 300)));
      const at = a * AGENT_COLUMNS;
      agents.set([place[0] + apart(), Math.max(0, place[1] + apart()), place[2] + apart(), speed(), speed(), speed()], at);
      agents.set(
        [
          pick(-32768, 32767, -1, 0, int(-32768, 32767)),
          pick(0, 65535, int(0, 65535)),
          pick(-16384, 16383, int(-16384, 16383)),
          pick(0, int(0, 65535)),
        ],
        at + AGENT.yawHigh,
      );
      if (agents[at + AGENT.pitchHigh] === 16384) agents[at + AGENT.pitchLow] = 0;
      agents.set([int(0, 511) | (unit() < 0.9 ? 1 : 0), pick(0, 1, 300000, int(0, 244 << 16)), int(0, 10), int(1, 20)], at + AGENT.flags);
      const word = (limit: number) => pick(0, -limit, limit, int(-limit, limit));
      agents.set([word(4096), word(4096), int(0, 1), int(0, 1), int(0, 1), word(205887), word(205887)], at + AGENT.action);
    }
    recorder.divisionError = pick(0, 2 ** -21, -(2 ** -21));
    recorder.run({ x: pick(...ALIVE), y: 0, z: round % numQuads(numAgents) }, agents, worlds, tables, solid, cells);
  }
  return recorder;
}

const levels = new Map<MotionShape, { solid: Float32Array; cells: Float32Array }>();

/** Palette: air, stone, ice, slime, water, lava, ladder; in layers of different density. Made once: the largest world has 14 million cells. */
function noiseLevel(shape: MotionShape): { solid: Float32Array; cells: Float32Array } {
  const known = levels.get(shape);
  if (known !== undefined) return known;
  const { sizeX, sizeY, sizeZ } = shape;
  const floats = levelFloats(shape);
  const level = { solid: new Float32Array(floats.solid), cells: new Float32Array(readsCells(shape) ? floats.cells : 0) };
  const next = randomWords(77);
  // Of a length that no side divides.
  const noise = Uint16Array.from({ length: 65521 }, () => next() & 0xffff);
  const rowFloats = Math.ceil(sizeX / CELLS_PER_FLOAT);
  for (let y = 0, cell = 0; y < sizeY; y++) {
    const dense = [1300, 13000, 39000, 0][(y >> 2) & 3];
    for (let line = y * sizeZ; line < (y + 1) * sizeZ; line++) {
      for (let x = 0; x < sizeX; x++, cell++) {
        const word = noise[cell % 65521];
        const block = word < dense ? 1 + (word % 3) : word > 49000 ? 4 + (word % 3) : 0;
        if (block >= 1 && block <= 3) level.solid[line * rowFloats + Math.floor(x / CELLS_PER_FLOAT)] += 2 ** (x % CELLS_PER_FLOAT);
        level.cells[cell >> 1] += block * (cell & 1 ? 256 : 1);
      }
    }
  }
  levels.set(shape, level);
  return level;
}

/** Corners of the bounds, numbers near powers of two, and a thousand drawn ones; only those that callers can give. */
function argumentsWithin(name: string, bounds: readonly (readonly [number, number])[]): number[][] {
  const next = randomWords(bounds.length);
  const weights = name === 'bitOf' ? Array.from({ length: 24 }, (_, n) => 2 ** -n) : undefined;
  const special = bounds.map(([low, high], p) =>
    p === 1 && weights !== undefined
      ? weights
      : [
          ...new Set([
            low,
            high,
            0,
            1,
            -1,
            ...[5, 6, 7, 8, 9, 13, 14, 15, 16].flatMap((n) => [2 ** n - 1, 2 ** n, -(2 ** n), 1 - 2 ** n]),
            low + 1,
            high - 1,
          ]),
        ].filter((v) => v >= low && v <= high),
  );
  const corners =
    bounds.length > 3 ? [] : special.reduce<number[][]>((all, values) => all.flatMap((args) => values.map((v) => [...args, v])), [[]]);
  const drawn = Array.from({ length: 1000 }, () =>
    bounds.map(([low, high], p) => {
      const u = (next() >>> 0) / 2 ** 32;
      const list = special[p];
      if (weights !== undefined && p === 1) return weights[Math.floor(u * weights.length)];
      return u < 0.3 ? list[Math.floor((u / 0.3) * list.length)] : Math.floor(low + ((u - 0.3) / 0.7) * (high - low + 1));
    }),
  );
  return [...corners, ...drawn].filter((args) => isPossible(name, args));
}

/** What callers keep to beyond the bounds of each argument. */
function isPossible(name: string, args: number[]): boolean {
  // Quotients stay below 2^21; who is pushed is no further than the root says.
  if (name === 'quotient') return args[0] / args[1] < 2 ** 21;
  if (name === 'pushAlong') return Math.abs(args[1]) >= 655 || args[2] >= 6550;
  return true;
}

function roundedShift(p: bigint, n: bigint): number {
  const m = p < 0n ? -p : p;
  const r = Number((m + (1n << (n - 1n))) >> n);
  if (m < 1n << 30n && r !== Math.abs(roundShift(Number(p), Number(n)))) throw new Error('the reference is off');
  return p < 0n ? 0 - r : r;
}

function squared(x: number, z: number): number {
  return (Math.abs(x) >> 4) ** 2 + (Math.abs(z) >> 4) ** 2;
}
