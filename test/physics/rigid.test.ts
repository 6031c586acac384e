/** The rigid tier: how props fall, are pushed, stand in the way and carry walkers; what voxels and mechanisms make of them. */
import type { RigidBody } from '@dimforge/rapier3d';
import { createCpuEngine, type Engine, UNSTABLE, WALKER_MASS_KG } from '@kinovox/physics';
import { AGENT_FLAG, EVENT, EVENT_WORDS, INTERACT, KinovoxError, WORLD_STATUS } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { setAction } from './fixture.js';
import {
  arena,
  cpuEngine,
  crateAt,
  METRES,
  optionsFor,
  poseOf,
  pushes,
  rigidEngine,
  stepAll,
  stepUntilPush,
  walkerAt,
} from './rigid-worlds.js';

const at = (engine: Engine, i = 0) => ({
  x: engine.state.posX[i] * METRES,
  y: engine.state.posY[i] * METRES,
  z: engine.state.posZ[i] * METRES,
});
const rootStatus = (engine: Engine) => engine.outputs.rootStatus[0];

describe('a prop', () => {
  it('falls by standard gravity and rests on the ground', async () => {
    const engine = await rigidEngine(arena([crateAt(20.5, 9, 16.5)]));
    stepAll(engine, 10);
    // Half a second of free fall: 9 - 9.80665 / 8, less what 30 steps of 1/60 s fall short of it.
    expect(poseOf(engine).y).toBeGreaterThan(9 - 1.27);
    expect(poseOf(engine).y).toBeLessThan(9 - 1.2);
    stepAll(engine, 90);
    const rest = poseOf(engine);
    expect(Math.abs(rest.y - 4.5)).toBeLessThan(0.005);
    expect(Math.hypot(rest.vx, rest.vy, rest.vz)).toBe(0);
    expect(rest.asleep).toBe(true);
    engine.dispose();
  });

  it.each([
    ['ball', { ball: 0.4 }, 0.4],
    ['capsule', { capsule: { radius: 0.3, height: 1.2 } }, 0.6],
    ['ramp', { ramp: [2, 1, 1] }, 0.5],
  ] as const)('of shape %s rests at its own height', async (_, shape, height) => {
    const engine = await rigidEngine(arena([crateAt(20.5, 6, 16.5, { shape: shape as never })]));
    stepAll(engine, 60);
    expect(Math.abs(poseOf(engine).y - 4 - height)).toBeLessThan(0.01);
    engine.dispose();
  });

  it('bounces by its restitution and slides by its friction', async () => {
    const bouncy = (restitution: number) =>
      rigidEngine(arena([{ id: 'ball', shape: { ball: 0.4 }, restitution, spawn: { atMetres: [20.5, 8, 16.5] } }]));
    const highest = async (restitution: number) => {
      const engine = await bouncy(restitution);
      stepAll(engine, 20);
      let top = 0;
      for (let k = 0; k < 40; k++) {
        stepAll(engine, 1);
        top = Math.max(top, poseOf(engine).y);
      }
      engine.dispose();
      return top;
    };
    expect(await highest(0)).toBeLessThan(4.45);
    expect(await highest(0.8)).toBeGreaterThan(5.5);
    const slide = async (friction: number) => {
      const engine = await rigidEngine(arena([crateAt(11, 4.5, 16.5, { friction })]));
      await stepUntilPush(engine);
      stepAll(engine, 40);
      const { x } = poseOf(engine);
      engine.dispose();
      return x;
    };
    expect(await slide(0.1)).toBeGreaterThan((await slide(1)) + 1);
  });

  it('stays inside the world', async () => {
    const engine = await rigidEngine(arena([crateAt(29.5, 4.5, 16.5, { friction: 0 })], [walkerAt(26.5, 16.5)]));
    stepAll(engine, 100, true);
    expect(poseOf(engine).x).toBeLessThan(31.52);
    expect(poseOf(engine).x).toBeGreaterThan(31.4);
    engine.dispose();
  });

  it('drops when the block under it is dug', async () => {
    const engine = await rigidEngine(arena([crateAt(8.5, 4.3, 17.5, { shape: { box: [0.6, 0.6, 0.6] } })], [walkerAt(8.5, 16.5, 180)]));
    stepAll(engine, 30);
    expect(poseOf(engine).asleep).toBe(true);
    const height = poseOf(engine).y;
    for (let k = 0; k < 400 && engine.buffers.editCount[0] === 0; k++) {
      // 58 degrees down, at the ground under the crate.
      setAction(engine, 0, { look: k === 0 ? -66650 : 0, interact: INTERACT.dig });
      engine.step();
      if (engine.buffers.editCount[0] === 0) expect(poseOf(engine).y).toBe(height);
    }
    stepAll(engine, 30);
    expect(Math.abs(poseOf(engine).y - 3.3)).toBeLessThan(0.01);
    engine.dispose();
  });

  it('keeps blocks from being placed in it', async () => {
    const builder = { ...walkerAt(8.5, 16.5), inventory: { stone: 4 } };
    const left = async (crateX: number) => {
      const engine = await rigidEngine(arena([crateAt(crateX, 4.5, 16.5)], [builder]));
      stepAll(engine, 10);
      for (let k = 0; k < 3; k++) {
        // 39 degrees down, at the ground of cell (10, 3, 16).
        setAction(engine, 0, { look: k === 0 ? -44600 : 0, interact: INTERACT.place });
        engine.step();
      }
      const count = engine.state.inventoryCount[0];
      engine.dispose();
      return count;
    };
    expect(await left(10.5)).toBe(4);
    expect(await left(20.5)).toBe(3);
  });
});

describe('a walker', () => {
  it('pushes a crate the way it goes, and is slowed by it', async () => {
    const engine = await rigidEngine(arena([crateAt(12.5, 4.5, 16.5)]));
    const free = cpuEngine(arena([]));
    stepAll(engine, 80, true);
    stepAll(free, 80, true);
    const crate = poseOf(engine);
    expect(crate.x).toBeGreaterThan(16);
    expect(Math.abs(crate.z - 16.5)).toBeLessThan(0.1);
    expect(at(engine).x).toBeLessThan(at(free).x - 1);
    expect(at(engine).x).toBeLessThanOrEqual(crate.x - 0.8 + 0.02);
    engine.dispose();
  });

  it.each([6, 60, 600])('and a crate of %i kg share momentum', async (massKg) => {
    const scenario = arena([crateAt(12.5, 4.5, 16.5, { massKg, friction: 0 })]);
    const engine = await rigidEngine(scenario);
    const free = cpuEngine(arena([]));
    let [push] = pushes(engine);
    let x = 0;
    for (let k = 0; k < 60 && push === undefined; k++) {
      x = at(free).x;
      stepAll(free, 1, true);
      stepAll(engine, 1, true);
      [push] = pushes(engine);
    }
    // Where the free twin goes in this tick is the speed that the walker meets the crate with.
    const speed = (at(free).x - x) * 20;
    const shared = (WALKER_MASS_KG * speed) / (WALKER_MASS_KG + massKg);
    expect(speed).toBeGreaterThan(4);
    expect(Math.abs(poseOf(engine).vx / shared - 1)).toBeLessThan(0.01);
    expect(Math.abs(push.impulse / (massKg * shared) - 1)).toBeLessThan(0.01);
    // What is left to the walker, after the ground took its part of it.
    expect(Math.abs((engine.state.velX[0] * METRES * 20) / 0.546 / shared - 1)).toBeLessThan(0.01);
    engine.dispose();
  });

  it('stands beside another and both push like one of twice the mass', async () => {
    const wide = crateAt(12.5, 4.5, 16.5, { shape: { box: [1, 1, 2] }, massKg: 60, friction: 0 });
    const engine = await rigidEngine(arena([wide], [walkerAt(8.5, 16), walkerAt(8.5, 17, -90, 'bob')]));
    const met = stepUntilPush(engine);
    expect(met.map(({ agent }) => agent)).toEqual([0, 1]);
    const { vx, qy } = poseOf(engine);
    expect(Math.abs(vx / ((2 / 3) * 4.31) - 1)).toBeLessThan(0.01);
    expect(Math.abs(qy)).toBeLessThan(0.001);
    engine.dispose();
  });

  it('turns a crate that it pushes off its middle', async () => {
    const engine = await rigidEngine(arena([crateAt(12.5, 4.5, 17, { friction: 0.1 })]));
    stepUntilPush(engine);
    stepAll(engine, 5);
    // Pushed east at its northern end: clockwise seen from above.
    expect(poseOf(engine).qy).toBeLessThan(-0.05);
    engine.dispose();
  });

  it('cannot push a crate through a wall, nor enter it', async () => {
    const scenario = arena([crateAt(12.5, 4.5, 16.5)], undefined, {
      world: {
        size: [32, 16, 32],
        terrain: { generator: 'flat', ground: 4 },
        edits: [{ fill: 'stone', from: [13, 4, 10], size: [1, 3, 12] }],
      },
    });
    const engine = await rigidEngine(scenario);
    stepAll(engine, 200, true);
    expect(poseOf(engine).x).toBeLessThan(12.51);
    expect(at(engine).x).toBeLessThan(11.71);
    expect(at(engine).x).toBeGreaterThan(11.65);
    engine.dispose();
  });

  it('does not meet a crate behind a wall', async () => {
    const scenario = arena([crateAt(10.5, 4.5, 16.5)], [walkerAt(8.69, 16.5)], {
      world: {
        size: [32, 16, 32],
        terrain: { generator: 'flat', ground: 4 },
        edits: [{ fill: 'stone', from: [9, 4, 10], size: [1, 3, 12] }],
      },
    });
    const engine = await rigidEngine(scenario);
    expect(stepUntilPush(engine, 40)).toEqual([]);
    expect(poseOf(engine).x).toBe(10.5);
    engine.dispose();
  });

  it('stands on a crate, jumps from it and falls off its edge', async () => {
    const high = { ...walkerAt(8.5, 16.5), spawn: { atMetres: [8.5, 7, 16.5] as [number, number, number], yawDeg: -90 } };
    const engine = await rigidEngine(arena([crateAt(8.5, 4.5, 16.5)], [high]));
    stepAll(engine, 40);
    expect(Math.abs(at(engine).y - 5)).toBeLessThan(0.02);
    expect(engine.state.flags[0] & AGENT_FLAG.onGround).not.toBe(0);
    expect(engine.state.fallDistance[0]).toBe(0);
    setAction(engine, 0, { jump: 1 });
    engine.step();
    stepAll(engine, 5);
    expect(at(engine).y).toBeGreaterThan(6);
    stepAll(engine, 20);
    expect(Math.abs(at(engine).y - 5)).toBeLessThan(0.02);
    stepAll(engine, 30, true);
    expect(at(engine).y).toBe(4);
    engine.dispose();
  });

  it('is pushed by a ball that runs into it, and keeps a crate that falls on it off', async () => {
    const ramp = crateAt(20.5, 4.5, 16.5);
    const engine = await rigidEngine(arena([ramp, crateAt(12.5, 8, 16.5, { id: 'weight', massKg: 5 })], [walkerAt(12.5, 16.5)]));
    stepAll(engine, 15);
    expect(poseOf(engine, 1).y).toBeGreaterThan(5.8 + 0.45);
    engine.dispose();
    const rolled = await rigidEngine(
      arena(
        [{ id: 'ball', shape: { ball: 0.5 }, massKg: 600, spawn: { atMetres: [10, 4.5, 16.5] } }],
        [walkerAt(8.5, 16.5), walkerAt(13, 16.5, 90, 'bob')],
      ),
    );
    for (let k = 0; k < 120; k++) {
      setAction(rolled, 0, { forward: 4096, sprint: 1 });
      setAction(rolled, 1, {});
      rolled.step();
    }
    expect(at(rolled, 1).x).toBeGreaterThan(13.05);
    expect(at(rolled, 1).z).toBeCloseTo(16.5, 1);
    rolled.dispose();
  });
});

describe('the task', () => {
  const bring = {
    propIn: {
      prop: 'crate',
      region: [
        [15, 4, 14],
        [20, 6, 19],
      ] as [[number, number, number], [number, number, number]],
    },
  };

  it('sees a prop in a region', async () => {
    const engine = await rigidEngine(arena([crateAt(12.5, 4.5, 16.5)], undefined, { task: bring }));
    let ticks = 0;
    for (; ticks < 200 && engine.outputs.ended[0] === 0; ticks++) {
      if (ticks > 0) expect(rootStatus(engine)).toBe(0);
      stepAll(engine, 1, true);
    }
    expect(engine.outputs.endStatus[0]).toBe(WORLD_STATUS.succeeded);
    expect(ticks).toBeGreaterThan(20);
    // Autoreset put the crate back.
    expect(poseOf(engine).x).toBe(12.5);
    engine.dispose();
  });

  it('is not done by a walker that misses the crate', async () => {
    const engine = await rigidEngine(arena([crateAt(12.5, 4.5, 20.5)], undefined, { task: bring, episode: { maxTicks: 150 } }));
    for (let k = 0; k < 150; k++) stepAll(engine, 1, true);
    expect(engine.outputs.endStatus[0]).toBe(WORLD_STATUS.outOfTime);
    engine.dispose();
  });

  it('has plates pressed by props', async () => {
    const scenario = arena([crateAt(12.5, 7, 16.5)], undefined, {
      world: { size: [32, 16, 32], terrain: { generator: 'flat', ground: 4 }, edits: [{ set: 'stone_pressure_plate', at: [12, 4, 16] }] },
      mechanisms: [
        {
          id: 'gate',
          when: { all: [{ plate: [12, 4, 16] }] },
          effects: [
            {
              region: [
                [2, 4, 2],
                [2, 4, 2],
              ],
              on: 'stone',
              off: 'air',
            },
          ],
        },
      ],
      task: { triggered: { mechanism: 'gate' } },
    });
    const engine = await rigidEngine(scenario);
    stepAll(engine, 4);
    expect(engine.outputs.endStatus[0]).toBe(0);
    let ticks = 0;
    for (; ticks < 60 && engine.outputs.ended[0] === 0; ticks++) stepAll(engine, 1);
    expect(engine.outputs.endStatus[0]).toBe(WORLD_STATUS.succeeded);
    engine.dispose();
  });
});

describe('what cannot be simulated', () => {
  it('is refused: props on the batch tier', () => {
    expect(() => createCpuEngine(optionsFor(arena([crateAt(12.5, 4.5, 16.5)])))).toThrow(
      /Props need the rigid tier; got 1 in rigid-arena-v1.*"rigid" or "auto"/,
    );
  });

  it('is refused: props outside the world', async () => {
    const inside = optionsFor(arena([crateAt(12.5, 4.5, 16.5)]));
    const level = inside.variants.get(0);
    const moved = {
      ...inside,
      variants: { get: () => ({ ...level, propSpawns: [{ cells: new Int32Array(0), exact: [40 << 16, 5 << 16, 0] as const, yaw: 0 }] }) },
    };
    const { createRigidEngine } = await import('@kinovox/physics');
    await expect(createRigidEngine(moved)).rejects.toThrow(
      /prop "crate" must be inside the world of 32 x 16 x 32 blocks; got \[40, 5, 0\]/,
    );
    expect(() => optionsFor(arena([crateAt(40, 5, 16.5)])).variants.get(0)).toThrow(KinovoxError);
  });

  it('is refused when a level is built: a region whose cells are all taken in one of its draws', async () => {
    const region = [
      [12, 4, 16],
      [13, 4, 16],
    ] as never;
    const wide = { id: 'wide', count: 2, shape: { box: [1.8, 1, 1] as [number, number, number] }, spawn: { region } };
    await expect(rigidEngine(arena([wide]))).rejects.toThrow(
      /props\[1\]\.spawn\.region must have a place for "wide-1" in every draw that no other agent and no other prop takes; got none in that of seed 0/,
    );
    const engine = await rigidEngine(arena([{ ...wide, shape: { box: [1, 1, 1] } }]));
    expect(Math.abs(poseOf(engine, 0).x - poseOf(engine, 1).x)).toBe(1);
    engine.dispose();
  });

  it('is no start of an episode: with every cell taken, a prop starts where it meets the fewest, and is pushed out', async () => {
    const wide = (id: string, x: number) => crateAt(x, 4.5, 16.5, { id, shape: { box: [1.8, 1, 1] } });
    const inside = optionsFor(arena([wide('one', 12.5), wide('two', 16.5)]), 8);
    const level = inside.variants.get(0);
    const spawn = { cells: Int32Array.of(12, 4, 16, 13, 4, 16), yaw: 0, exact: undefined };
    const { createRigidEngine } = await import('@kinovox/physics');
    const engine = await createRigidEngine({ ...inside, variants: { get: () => ({ ...level, propSpawns: [spawn, spawn] }) } });
    expect(Math.abs(poseOf(engine, 0).x - poseOf(engine, 1).x)).toBeLessThan(1.8);
    stepAll(engine, 60);
    for (let w = 0; w < 8; w++) {
      const [one, two] = [poseOf(engine, 0, w), poseOf(engine, 1, w)];
      expect(Math.max(Math.abs(one.x - two.x) / 1.8, Math.abs(one.y - two.y), Math.abs(one.z - two.z))).toBeGreaterThan(0.95);
    }
    expect(engine.takeCrashes()).toEqual([]);
    engine.dispose();
  });

  it('is held against agents by the same measure when it is built and when it is drawn', async () => {
    const box = (edge: number) => arena([crateAt(0, 0, 0, { shape: { box: [edge, 1, edge] }, spawn: { at: [9, 4, 16] } })]);
    // The walker ends at 8.8; 5 cm are left.
    const engine = await rigidEngine(box(1.3));
    expect(poseOf(engine)).toMatchObject({ x: 9.5, y: 4.5, z: 16.5 });
    engine.dispose();
    await expect(rigidEngine(box(1.5))).rejects.toThrow(/props\[0\]\.spawn must keep "crate" out of agents; got the place of "ada"/);
  });

  it.each([
    ['faster than any rule makes it', UNSTABLE.tooFast, (body: RigidBody) => body.setLinvel({ x: 0, y: 2000, z: 0 }, true)],
    ['nowhere', UNSTABLE.notFinite, (body: RigidBody) => body.setTranslation({ x: 10, y: Number.NaN, z: 10 }, true)],
    ['outside the world', UNSTABLE.outside, (body: RigidBody) => body.setTranslation({ x: -20, y: 6, z: 10 }, true)],
    ['fast', UNSTABLE.no, (body: RigidBody) => body.setLinvel({ x: 0, y: 300, z: 0 }, true)],
  ])('ends the episode: a prop that is %s', async (_, reason, spoil) => {
    const rapier = await import('@dimforge/rapier3d');
    const engine = await rigidEngine(arena([crateAt(12.5, 4.5, 16.5)]));
    stepAll(engine, 3);
    const snapshot = engine.snapshot(0);
    const world = rapier.World.restoreSnapshot(snapshot.rigid!);
    world.forEachRigidBody((body) => {
      if (body.isDynamic()) spoil(body);
    });
    engine.restore(0, { ...snapshot, rigid: world.takeSnapshot() });
    world.free();
    stepAll(engine, 1);
    const ends = reason === UNSTABLE.no ? 0 : 1;
    expect([engine.outputs.ended[0], engine.outputs.truncated[0], engine.outputs.terminated[0]]).toEqual([ends, ends, 0]);
    const kinds = Array.from({ length: engine.buffers.eventCount[0] }, (_, k) =>
      Array.from(engine.buffers.events.subarray(k * EVENT_WORDS, k * EVENT_WORDS + 4)),
    );
    const told = kinds.filter(([kind]) => kind === EVENT.unstable);
    expect(told).toEqual(ends === 1 ? [[EVENT.unstable, -1, 0, reason]] : []);
    if (ends === 1) {
      // The next episode begins with a fresh world.
      expect(poseOf(engine)).toMatchObject({ x: 12.5, vx: 0, vy: 0 });
      stepAll(engine, 5);
      expect(engine.outputs.ended[0]).toBe(0);
    }
    engine.dispose();
  });
});
