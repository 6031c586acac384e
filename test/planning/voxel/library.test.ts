/** Moves of the walker: exact ends wherever their cells are free and ground, whatever else the world holds, and nowhere else. */
import { loadScenario } from '@kinovox/env';
import { SPRINT_ACCELERATION_Q18 } from '@kinovox/physics';
import {
  closeAxis,
  createKeyTable,
  createLibrary,
  isOrdinary,
  type Library,
  misses,
  type Primitive,
  standingWords,
  WALKER_WORDS,
  WalkerEngine,
} from '@kinovox/planning';
import { ACTION_FIELDS, INVENTORY_SLOTS } from '@kinovox/world';
import { beforeAll, describe, expect, it } from 'vitest';

const SIDE = 15;
const HEIGHT = 12;
const ORIGIN = [7, 6, 7] as const;
const { program } = loadScenario(new URL('../../../scenarios/parkour-v1.scenario.json', import.meta.url).pathname);

describe('the library of a walker', () => {
  let library: Library;
  let engine: WalkerEngine;
  const solid = program.blocks.solid.findIndex((_, entry) => isOrdinary(program, entry));
  const item = program.placedByItem.findIndex((entry) => entry > 0 && isOrdinary(program, entry));
  const cellAt = (x: number, y: number, z: number) => ((ORIGIN[1] + y) * SIDE + ORIGIN[2] + z) * SIDE + ORIGIN[0] + x;

  beforeAll(() => {
    const made = createLibrary(program, 0);
    if (made === undefined) throw new Error('no library');
    library = made;
    engine = new WalkerEngine(program, 0, { size: [SIDE, HEIGHT, SIDE], voxels: new Uint8Array(SIDE * HEIGHT * SIDE) });
  });

  /** A world of solid rock but for the cells that the move sweeps. */
  const rock = (primitive: Primitive) => {
    const voxels = new Uint8Array(SIDE * HEIGHT * SIDE).fill(solid);
    for (let k = 0; k < primitive.free.length; k += 3) voxels[cellAt(primitive.free[k], primitive.free[k + 1], primitive.free[k + 2])] = 0;
    const placed = primitive.solid.subarray(-3);
    if (primitive.placeTick >= 0) voxels[cellAt(placed[0], placed[1], placed[2])] = 0;
    return voxels;
  };
  const outcome = ({ from, to, dx, dy, dz, actions, placeTick }: Primitive, voxels: Uint8Array) => {
    const words = standingWords(new Int32Array(WALKER_WORDS), ...ORIGIN, library.speeds[from]);
    if (placeTick >= 0) {
      words[WALKER_WORDS - 2 * INVENTORY_SLOTS] = item;
      words[WALKER_WORDS - INVENTORY_SLOTS] = 1;
    }
    engine.begin(words, voxels);
    for (let at = 0; at < actions.length; at += ACTION_FIELDS) engine.step(actions.subarray(at, at + ACTION_FIELDS));
    return misses(engine, ORIGIN[0] + dx, ORIGIN[1] + dy, ORIGIN[2] + dz, library.speeds[to]);
  };

  it('walks, runs, turns, stops, steps up, drops one to three and jumps gaps of one to three', () => {
    const has = (kind: string, far: number, dy: number) =>
      library.primitives.filter((one) => one.kind === kind && Math.abs(one.dx) + Math.abs(one.dz) === far && one.dy === dy).length;
    for (const kind of ['walk', 'start', 'run', 'stop']) expect([kind, has(kind, 1, 0), has(kind, 2, 0)]).toEqual([kind, 4, 4]);
    expect(has('turn', 1, 0)).toBeGreaterThanOrEqual(8);
    expect(has('step-up', 1, 1)).toBeGreaterThanOrEqual(4);
    for (const depth of [1, 2, 3]) expect(has('drop', 1, -depth)).toBeGreaterThanOrEqual(4);
    for (const gap of [1, 2, 3]) expect(has('jump', gap + 1, 0)).toBeGreaterThanOrEqual(4);
  });

  it('holds in solid rock around the cells that a move sweeps', () => {
    for (const primitive of library.primitives)
      expect([primitive.kind, primitive.dx, primitive.dz, outcome(primitive, rock(primitive))]).toEqual([
        primitive.kind,
        primitive.dx,
        primitive.dz,
        undefined,
      ]);
  });

  it('fails where the last cell is blocked or the ground at the end is missing', () => {
    let blocked = 0;
    let missing = 0;
    for (const primitive of library.primitives) {
      const { dx, dy, dz } = primitive;
      const closed = rock(primitive);
      closed[cellAt(dx, dy, dz)] = solid;
      if (outcome(primitive, closed) !== undefined) blocked++;
      const hollow = new Uint8Array(SIDE * HEIGHT * SIDE);
      hollow[cellAt(0, -1, 0)] = solid;
      if (outcome(primitive, hollow) !== undefined) missing++;
    }
    expect(blocked).toBe(library.primitives.length);
    // Running over an edge a body is not yet below it when the move ends, and a builder lays its own ground.
    expect(missing).toBeGreaterThan(library.primitives.length * 0.8);
  });

  it('needs the speed at the beginning that a move names', () => {
    const runs = library.primitives.filter(({ kind }) => kind === 'run' || kind === 'turn' || kind === 'stop');
    expect(runs.length).toBeGreaterThanOrEqual(40);
    for (const primitive of runs) expect(outcome({ ...primitive, from: 0 }, rock(primitive))).toBeDefined();
  });

  it('settles from anywhere in a cell at any walking speed, to the last bit', () => {
    const voxels = new Uint8Array(SIDE * HEIGHT * SIDE);
    voxels.fill(solid, 0, SIDE * SIDE * ORIGIN[1]);
    let state = 12345;
    const draw = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return (state >> 8) % below;
    };
    for (let k = 0; k < 60; k++) {
      const words = standingWords(new Int32Array(WALKER_WORDS), ...ORIGIN, [draw(16000) - 8000, draw(16000) - 8000]);
      const offsets = [draw(40000) - 20000, draw(40000) - 20000];
      words[0] += offsets[0];
      words[2] += offsets[1];
      const actions = library.settle(offsets[0], offsets[1], words[3], words[5]);
      if (actions === undefined) throw new Error('no controls');
      engine.begin(words, voxels);
      for (let at = 0; at < actions.length; at += ACTION_FIELDS) engine.step(actions.subarray(at, at + ACTION_FIELDS));
      expect(misses(engine, ...ORIGIN, [0, 0])).toBeUndefined();
    }
  });
});

describe('closing an axis', () => {
  it('finds nothing where the keys are too weak for the time', () => {
    const table = createKeyTable(SPRINT_ACCELERATION_Q18, 4096);
    expect(closeAxis(table, 65536, 0, 0, 4)).toBeUndefined();
    expect(closeAxis(table, 65536, 0, 0, 7)).toBeDefined();
    expect(closeAxis(table, 0, 0, 8946, 1)).toBeUndefined();
  });
});
