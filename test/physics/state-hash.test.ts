/** The state hash sees everything: each word of each field, each voxel, each register; and the voxel lanes kept per edit stay true. */

import { createLayout, hashVoxelsInto, hashWorld } from '@kinovox/physics';
import { EVENT_WORDS, VOXEL_FIELD_ID } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { createTickContext } from '../../packages/physics/src/stages/context.js';
import { setCell } from '../../packages/physics/src/stages/voxel-edits.js';
import { actionStreams, busyActions, createBusyWorld } from './busy-world.js';
import { randomWords } from './fixture.js';

/** Two worlds in mid-episode, with props, survival with mobs and spare registers, so that every field has words. */
function livelyWorlds() {
  const ground = createBusyWorld({
    numWorlds: 2,
    seed: 7,
    numProps: 2,
    carrying: { maxMassKg: 25, reachMetres: 3, throwImpulse: 60 },
    vehicles: { agents: Int32Array.of(3), ofAgent: Int32Array.of(-1, -1, -1, 0), firstProp: 1, bodies: [] },
    spareRegisters: 5,
    survival: { mobs: [{ kind: 'zombie', count: 2 }, { kind: 'villager' }] },
  });
  const streams = actionStreams(2, (w) => w);
  for (let tick = 0; tick < 40; tick++) {
    for (let w = 0; w < 2; w++) busyActions(ground.engine, w, streams[w]);
    ground.engine.step();
  }
  return ground;
}

describe('the state hash', () => {
  it('changes with any single bit of any word of any field, and only in its own world', () => {
    const { engine } = livelyWorlds();
    const { state } = engine;
    const [own, other] = [hashWorld(state, 0), hashWorld(state, 1)];
    const next = randomWords(3);
    let words = 0;
    for (const field of state.layout.fields) {
      expect(field.wordsPerWorld, `${field.name} must have words for this test`).toBeGreaterThan(0);
      for (let k = 0; k < field.wordsPerWorld; k++) {
        const at = field.base + k;
        const before = state.arena[at];
        for (const bit of [next() & 31, next() & 31]) {
          state.arena[at] = before ^ (1 << bit);
          if (hashWorld(state, 0) === own) expect.fail(`bit ${bit} of word ${k} of ${field.name} must change the hash`);
          if (hashWorld(state, 1) !== other) expect.fail(`word ${k} of ${field.name} of world 0 must leave world 1 alone`);
          state.arena[at] = before;
        }
        words++;
      }
    }
    expect(words).toBeGreaterThan(400);
    expect(state.layout.width.register).toBe(6);
    expect(hashWorld(state, 0)).toBe(own);
  });

  it('changes with every one of the 32 bits of a word', () => {
    const { state } = livelyWorlds().engine;
    const seen = new Set([hashWorld(state, 0)]);
    for (const word of [state.posX, state.register, state.messageRing]) {
      for (let bit = 0; bit < 32; bit++) {
        word[0] ^= 1 << bit;
        seen.add(hashWorld(state, 0));
        word[0] ^= 1 << bit;
      }
    }
    expect(seen.size).toBe(1 + 3 * 32);
  });

  it('changes when a cell of any palette entry becomes any other', () => {
    const { engine, program } = livelyWorlds();
    const { state } = engine;
    const lanes = new Uint32Array(2);
    const next = randomWords(4);
    const size = program.blocks.registryId.length;
    for (let from = 0; from < size; from++) {
      const cell = next() % state.cellsPerWorld;
      const before = state.voxels[cell];
      const seen = new Set<string>();
      for (let to = 0; to < size; to++) {
        state.voxels[cell] = to;
        hashVoxelsInto(lanes, state, program, 0);
        seen.add(lanes.join());
      }
      expect(seen.size).toBe(size);
      state.voxels[cell] = before;
    }
  });

  it('adds nothing for words at their default', () => {
    const { state } = livelyWorlds().engine;
    for (const field of state.layout.fields) state.arena.fill(field.defaultValue, field.base, field.base + 2 * field.wordsPerWorld);
    const empty = hashWorld(state, 0);
    expect(empty).toBe(state.voxelHash[1].toString(16).padStart(8, '0') + state.voxelHash[0].toString(16).padStart(8, '0'));
    state.health[0] = 19;
    expect(hashWorld(state, 0)).not.toBe(empty);
  });

  it('has a field id for every plane, none used twice', () => {
    const { fields } = createLayout(1, {
      numAgents: 1,
      numMechanisms: 1,
      numRegisters: 1,
      numProps: 1,
      numPiles: 1,
      numMobs: 1,
      numHands: 1,
    });
    const ids = [VOXEL_FIELD_ID, ...fields.map(({ id }) => id)];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('differs by tick 64 in at least 99 of 100 rows under other actions, and in all rows under another seed', () => {
    const run = (seed: number, actionSeed: number) => {
      const { engine } = createBusyWorld({ numWorlds: 100, seed });
      const streams = actionStreams(100, (w) => actionSeed + w);
      for (let tick = 0; tick < 64; tick++) {
        for (let w = 0; w < 100; w++) busyActions(engine, w, streams[w]);
        engine.step();
      }
      return Array.from({ length: 100 }, (_, w) => hashWorld(engine.state, w));
    };
    const first = run(1, 1);
    const differing = (other: string[]) => other.filter((hash, w) => hash !== first[w]).length;
    expect(differing(run(1, 5000))).toBeGreaterThanOrEqual(99);
    expect(differing(run(500, 1))).toBe(100);
    expect(differing(run(1, 1))).toBe(0);
  });
});

describe('voxel lanes', () => {
  it('kept per edit equal those recomputed, and the solidity bits the cells, after 10,000 random edits', () => {
    const { engine, program } = createBusyWorld({ numWorlds: 2, seed: 3 });
    const { state, buffers, outputs, observations } = engine;
    const c = createTickContext({ program, variants: { get: () => state.variants[0] }, state, buffers, outputs, observations });
    const next = randomWords(12);
    const lanes = new Uint32Array(2);
    const kept = () => [state.voxelHash[2], state.voxelHash[3]];
    const recomputed = () => {
      hashVoxelsInto(lanes, state, program, 1);
      return Array.from(lanes);
    };
    const untouched = hashWorld(state, 0);
    for (let edit = 1; edit <= 10_000; edit++) {
      setCell(c, 1, next() % state.cellsPerWorld, next() % program.blocks.registryId.length);
      if (edit % 1000 === 0) expect(kept()).toEqual(recomputed());
    }
    expect(hashWorld(state, 0)).toBe(untouched);
    const [sizeX] = program.size;
    for (let cell = 0; cell < state.cellsPerWorld; cell++) {
      const bit =
        (state.rows[state.rowsPerWorld + Math.floor(cell / sizeX) * program.rowWords + ((cell % sizeX) >> 5)] >>> ((cell % sizeX) & 31)) &
        1;
      if (bit !== program.blocks.solid[state.voxels[state.cellsPerWorld + cell]])
        expect.fail(`solidity of cell ${cell} must follow its block`);
    }
    // Written past setCell, the lanes no longer hold.
    state.voxels[state.cellsPerWorld + 5] ^= 1;
    expect(kept()).not.toEqual(recomputed());
  });
});

it('agents of the busy world do use its rules', () => {
  const { engine } = createBusyWorld({ numWorlds: 16, seed: 9 });
  const streams = actionStreams(16, (w) => w);
  const kinds = new Set<number>();
  for (let tick = 0; tick < 300; tick++) {
    for (let w = 0; w < 16; w++) busyActions(engine, w, streams[w]);
    engine.step();
    for (let w = 0; w < 16; w++)
      for (let k = 0; k < engine.buffers.eventCount[w]; k++) kinds.add(engine.buffers.events[(w * 64 + k) * EVENT_WORDS]);
  }
  // reset, dug, gained, placed, used, touched, said, heard, pressed, released, switched, outOfTime
  for (const kind of [1, 2, 3, 4, 5, 7, 11, 12, 13, 14, 15, 20]) expect(kinds, `event ${kind}`).toContain(kind);
});
