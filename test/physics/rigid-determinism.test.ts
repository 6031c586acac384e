/** The rigid tier gives the same hashes in repeated runs, in every row, after a restore; far props change nothing. */
import { createCpuEngine, createRigidEngine, type Engine, hashWorld, NO_PROPS } from '@kinovox/physics';
import { INTERACT, ShapeError } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { cellsOfBits, type SolidRows, shellInto } from '../../packages/physics/src/rigid/terrain-shell.js';
import { setAction } from './fixture.js';
import { arena, crateAt, optionsFor, patternActions, poseOf, rigidEngine, stepAll, walkerAt, walkHashes } from './rigid-worlds.js';

/** Crates to tumble, a ball and two walkers among them, all where the seed puts them. */
function crowd() {
  const region: [[number, number, number], [number, number, number]] = [
    [10, 4, 10],
    [20, 4, 20],
  ];
  return arena(
    [
      { id: 'crate', count: 6, shape: { box: [0.8, 0.8, 0.8] }, massKg: 12, spawn: { region, yawDeg: 30 } },
      { id: 'ball', shape: { ball: 0.4 }, massKg: 3, restitution: 0.7, spawn: { atMetres: [15, 10, 15] } },
      { id: 'post', shape: { capsule: { radius: 0.3, height: 1.4 } }, massKg: 8, spawn: { region } },
    ],
    [
      { id: 'ada', body: 'walker', spawn: { region } },
      { id: 'bob', body: 'walker', spawn: { region } },
    ],
  );
}

describe('the rigid tier', () => {
  it('gives the same hashes again, and others for another seed', async () => {
    const runs = [];
    for (const seed of [3, 3, 4]) {
      const engine = await rigidEngine(crowd(), 1, seed);
      runs.push(walkHashes(engine, 150));
      engine.dispose();
    }
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2].at(-1)).not.toBe(runs[0].at(-1));
  });

  it('gives every row what a single world with its seed gets', async () => {
    const rows = await rigidEngine(crowd(), 5, 20);
    walkHashes(rows, 120);
    for (const w of [0, 3, 4]) {
      const alone = await rigidEngine(crowd(), 1, 20 + w);
      expect(walkHashes(alone, 120).at(-1)).toBe(hashWorld(rows.state, w));
      alone.dispose();
    }
    rows.dispose();
  });

  it('continues a restored snapshot exactly, in any row, and a reset episode as a first one', async () => {
    const engine = await rigidEngine(crowd(), 1, 11);
    walkHashes(engine, 60);
    const snapshot = engine.snapshot(0);
    const straight = walkHashes(engine, 120);
    engine.restore(0, snapshot);
    expect(walkHashes(engine, 120)).toEqual(straight);
    const other = await rigidEngine(crowd(), 3, 99);
    walkHashes(other, 17);
    other.restore(2, snapshot);
    expect(walkHashes(other, 120, 2)).toEqual(straight);
    engine.reset(undefined, [11]);
    walkHashes(engine, 60);
    expect(walkHashes(engine, 120)).toEqual(straight);
    engine.dispose();
    other.dispose();
  });

  it('restores terrain that was edited', async () => {
    const dig = async (restoreAt: number) => {
      const engine = await rigidEngine(arena([crateAt(8.5, 4.3, 17.5, { shape: { box: [0.6, 0.6, 0.6] } })], [walkerAt(8.5, 16.5, 180)]));
      const hashes: string[] = [];
      for (let k = 0; k < 60; k++) {
        setAction(engine, 0, { look: k === 0 ? -66650 : 0, interact: 1 });
        engine.step();
        if (k === restoreAt) {
          const snapshot = engine.snapshot(0);
          stepAll(engine, 9, true);
          engine.restore(0, snapshot);
        }
        hashes.push(hashWorld(engine.state, 0));
      }
      const { y } = poseOf(engine);
      engine.dispose();
      return { hashes, y };
    };
    const straight = await dig(-1);
    expect(straight.y).toBeLessThan(3.5);
    for (const tick of [5, 20, 40]) expect((await dig(tick)).hashes).toEqual(straight.hashes);
  });

  it('refuses a snapshot without rigid bodies, of others, or damaged', async () => {
    const engine = await rigidEngine(crowd());
    const snapshot = engine.snapshot(0);
    const { rigid: _, ...bare } = snapshot;
    expect(() => engine.restore(0, bare)).toThrow(/must hold the state of its 8 props; got none/);
    const other = await rigidEngine(arena([crateAt(12.5, 4.5, 16.5)]));
    expect(() => engine.restore(0, { ...snapshot, rigid: other.snapshot(0).rigid! })).toThrow(ShapeError);
    expect(() => engine.restore(0, { ...snapshot, rigid: snapshot.rigid!.slice(0, 100) })).toThrow(ShapeError);
    engine.restore(0, snapshot);
    stepAll(engine, 2);
    engine.dispose();
    other.dispose();
  });

  it('leaves a row as it was where the bodies of a snapshot are refused', async () => {
    const [engine, twin] = [await rigidEngine(crowd()), await rigidEngine(crowd())];
    const early = engine.snapshot(0);
    for (const one of [engine, twin]) stepAll(one, 12, true);
    expect(() => engine.restore(0, { ...early, rigid: early.rigid!.slice(0, 100) })).toThrow(ShapeError);
    expect(hashWorld(engine.state, 0)).toBe(hashWorld(twin.state, 0));
    expect(walkHashes(engine, 20)).toEqual(walkHashes(twin, 20));
    engine.restore(0, early);
    expect(hashWorld(engine.state, 0)).not.toBe(hashWorld(twin.state, 0));
    for (const one of [engine, twin]) one.dispose();
  });

  it('moves agents and voxels as the batch tier does while props are out of reach', async () => {
    const agents = [
      { ...walkerAt(8.5, 16.5), inventory: { stone: 30 } },
      { ...walkerAt(10.5, 14.5, 45, 'bob'), inventory: { stone: 30 } },
    ];
    const world = { size: [32, 16, 32] as [number, number, number], terrain: { generator: 'hills' as const, base: 4, amplitude: 2 } };
    const far = {
      id: 'far',
      shape: { ball: 0.3 },
      spawn: {
        region: [
          [29, 3, 29],
          [30, 9, 30],
        ] as [[number, number, number], [number, number, number]],
      },
    };
    const region = {
      region: [
        [4, 3, 4],
        [14, 9, 14],
      ] as [[number, number, number], [number, number, number]],
    };
    const placed = agents.map((agent) => ({ ...agent, spawn: region }));
    const options = optionsFor(arena([far], placed, { world }));
    const rigid = await createRigidEngine(options);
    const batch = createCpuEngine({ ...options, program: { ...options.program, numProps: 0, props: NO_PROPS } });
    let numEdits = 0;
    for (let tick = 0; tick < 500; tick++) {
      for (const engine of [rigid, batch]) {
        patternActions(engine, tick);
        // Half of the time they stand, look at the ground before them, and place and dig.
        for (let i = 0; i < 2 && tick % 100 < 50; i++) {
          const interact = tick % 100 < 20 ? INTERACT.place : INTERACT.dig;
          setAction(engine, i, { look: tick === 0 ? -66650 : 0, interact });
        }
        engine.step();
      }
      numEdits += batch.buffers.editCount[0];
      expect(agentWords(rigid)).toEqual(agentWords(batch));
      expect(Array.from(rigid.state.voxelHash)).toEqual(Array.from(batch.state.voxelHash));
    }
    expect(numEdits).toBeGreaterThan(3);
    rigid.dispose();
  });
});

describe('the terrain shell', () => {
  const size = { sizeX: 40, sizeY: 9, sizeZ: 11, rowWords: 2 };
  const solidAt = (rows: Uint32Array, x: number, y: number, z: number) => {
    if (y >= size.sizeY) return false;
    if (x < 0 || y < 0 || z < 0 || x >= size.sizeX || z >= size.sizeZ) return true;
    return ((rows[(y * size.sizeZ + z) * size.rowWords + (x >> 5)] >>> (x & 31)) & 1) === 1;
  };

  it('holds the solid cells within two of a free one, and no others', () => {
    const rows = new Uint32Array(size.sizeY * size.sizeZ * size.rowWords).fill(0xffffffff);
    for (let k = 1; k < rows.length; k += 2) rows[k] = 0xff;
    // A cave across the word boundary and a shaft.
    for (const [x, y, z] of [
      [31, 3, 5],
      [32, 3, 5],
      [5, 8, 2],
      [5, 7, 2],
      [39, 2, 10],
    ])
      rows[(y * size.sizeZ + z) * size.rowWords + (x >> 5)] &= ~(1 << (x & 31));
    const solid: SolidRows = { rows, base: 0, ...size };
    const shell = new Uint32Array(rows.length);
    shellInto(shell, solid);
    const cells = cellsOfBits(shell, solid);
    const held = new Set<string>();
    for (let k = 0; k < cells.length; k += 3) held.add(`${cells[k]},${cells[k + 1]},${cells[k + 2]}`);
    let numDeep = 0;
    for (let y = 0; y < size.sizeY; y++) {
      for (let z = 0; z < size.sizeZ; z++) {
        for (let x = 0; x < size.sizeX; x++) {
          let near = false;
          for (let dy = -2; dy <= 2; dy++)
            for (let dz = -2; dz <= 2; dz++) for (let dx = -2; dx <= 2; dx++) near ||= !solidAt(rows, x + dx, y + dy, z + dz);
          const wanted = solidAt(rows, x, y, z) && near;
          if (solidAt(rows, x, y, z) && !near) numDeep++;
          expect(held.has(`${x},${y},${z}`)).toBe(wanted);
        }
      }
    }
    expect(numDeep).toBeGreaterThan(500);
  });
});

/** Every word of every agent field of world 0. */
function agentWords(engine: Engine): Int32Array[] {
  return engine.state.layout.fields
    .filter(({ scope }) => scope === 'agent')
    .map(({ base, wordsPerWorld }) => engine.state.arena.slice(base, base + wordsPerWorld));
}
