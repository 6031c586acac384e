/** Hinges, sliders and containers: what they allow and forbid, what a walker feels of them, and that they survive a snapshot. */
import type { Engine } from '@kinovox/physics';
import { hashWorld, WALKER_MASS_KG } from '@kinovox/physics';
import { INTERACT, PROP_WORDS, type ScenarioInput } from '@kinovox/world';
import { afterEach, describe, expect, it } from 'vitest';
import { setAction } from './fixture.js';
import { arena, crateAt, METRES, poseOf, pushes, rigidEngine, stepAll, stepUntilPush, walkerAt, walkHashes } from './rigid-worlds.js';

type PropInput = NonNullable<ScenarioInput['props']>[number];

const engines: Engine[] = [];
afterEach(() => {
  for (const engine of engines.splice(0)) engine.dispose();
});
async function play(props: PropInput[], agents = [walkerAt(2.5, 2.5)], rest: Partial<ScenarioInput> = {}): Promise<Engine> {
  const engine = await rigidEngine(arena(props, agents, rest));
  engines.push(engine);
  return engine;
}

/** A door of 1.5 m across the way along +x, on hinges at its north end; 5 cm above the floor. */
const DOOR: PropInput = {
  id: 'door',
  shape: { box: [0.1, 2, 1.5] },
  massKg: 20,
  joint: { hinge: { anchor: [0, 0, -0.75], limitsDeg: [-90, 90] } },
  spawn: { atMetres: [12.5, 5.05, 16.5] },
};
/** Angle about the upright axis, degrees. */
const angleOf = (engine: Engine, p = 0) => {
  const { qy } = poseOf(engine, p);
  return (2 * Math.asin(Math.max(-1, Math.min(1, qy))) * 180) / Math.PI;
};
/** Spin about the upright axis, rad/s. */
const spinOf = (engine: Engine, p = 0) => engine.state.prop[p * PROP_WORDS + 11] * METRES * 20;
/** How far the door's hinge is from where it was, metres. */
const hingeShift = (engine: Engine) => {
  const { x, y, z } = poseOf(engine);
  const a = (angleOf(engine) * Math.PI) / 180;
  return Math.hypot(x - 0.75 * Math.sin(a) - 12.5, y - 5.05, z - 0.75 * Math.cos(a) - 15.75);
};

describe('a hinged door', () => {
  it('hangs still, opens for a walker, and stays on its hinge and within its limits', async () => {
    const engine = await play([DOOR], [walkerAt(10.5, 16.9)]);
    stepAll(engine, 20);
    expect(Math.abs(angleOf(engine))).toBeLessThan(0.1);
    let widest = 0;
    for (let t = 0; t < 60; t++) {
      stepAll(engine, 1, true);
      widest = Math.max(widest, Math.abs(angleOf(engine)));
      expect(hingeShift(engine)).toBeLessThan(0.03);
    }
    expect(widest).toBeGreaterThan(60);
    expect(widest).toBeLessThan(93);
    expect(engine.state.posX[0] * METRES).toBeGreaterThan(13);
  });

  it('without a hinge is pushed off its place: what the test above sees', async () => {
    const { joint: _, ...loose } = DOOR;
    const engine = await play([loose], [walkerAt(10.5, 16.9)]);
    stepAll(engine, 60, true);
    expect(hingeShift(engine)).toBeGreaterThan(0.3);
  });

  it('takes from a walker the angular momentum that it gains about its hinge', async () => {
    const engine = await play([DOOR], [walkerAt(10.5, 16.9)]);
    const [push] = await stepUntilPush(engine);
    // I = m (w^2 + d^2) / 12 + m r^2 about the hinge, r = 0.75: https://en.wikipedia.org/wiki/Parallel_axis_theorem. The faces overlap from 16.6 to 17.2.
    const inertia = (20 * (1.5 * 1.5 + 0.1 * 0.1)) / 12 + 20 * 0.75 * 0.75;
    const lever = 16.9 - 15.75;
    const spin = (push.impulse * lever) / inertia;
    // 5 %: the substeps of the tick brake spin by 0.5 per second, and round the impulse to 1/65536 block/tick.
    expect(Math.abs(Math.abs(spinOf(engine)) / spin - 1)).toBeLessThan(0.05);
    // An inelastic push: both go on at the same speed at the point where they meet, so j = u / (1/M + lever^2 / I).
    const speed = push.impulse * (1 / WALKER_MASS_KG + (lever * lever) / inertia);
    expect(speed).toBeGreaterThan(2);
    expect(speed).toBeLessThan(5);
  });

  it('is pulled open by hands that grip it', async () => {
    const door: PropInput = {
      ...DOOR,
      shape: { box: [0.1, 1.5, 1] },
      massKg: 10,
      joint: { hinge: { anchor: [0, 0, -0.5] } },
      spawn: { atMetres: [10.3, 4.8, 16.9] },
    };
    const pulled = async (interact: number) => {
      const engine = await play([door], [walkerAt(8.5, 16.5)], { carrying: {} });
      for (let t = 0; t < 14; t++) {
        // 22 degrees down, at the door; then backwards.
        setAction(engine, 0, { look: t === 0 ? -25000 : 0, interact: t === 1 ? interact : 0, forward: t > 3 ? -4096 : 0 });
        engine.step();
      }
      return angleOf(engine);
    };
    expect(await pulled(INTERACT.use)).toBeLessThan(-30);
    expect(Math.abs(await pulled(INTERACT.none))).toBeLessThan(0.1);
  });

  it('is harder to push near its hinge', async () => {
    const spinAfter = async (z: number) => {
      const engine = await play([DOOR], [walkerAt(10.5, z)]);
      await stepUntilPush(engine);
      return Math.abs(pushes(engine)[0].impulse);
    };
    // Effective mass I / lever^2 at 0.3 m and at 1.2 m.
    expect(await spinAfter(16.05)).toBeGreaterThan(1.5 * (await spinAfter(16.95)));
  });

  it('comes to rest sooner with damping, and by friction', async () => {
    const swingOf = async (rest: object) => {
      const hinge = { anchor: [0, 0, -0.75] as [number, number, number], ...rest };
      const engine = await play([{ ...DOOR, joint: { hinge } }], [walkerAt(10.5, 16.9)]);
      await stepUntilPush(engine);
      const first = Math.abs(spinOf(engine));
      for (let t = 0; t < 15; t++) {
        setAction(engine, 0, { forward: -4096 });
        engine.step();
      }
      return Math.abs(spinOf(engine)) / first;
    };
    const free = await swingOf({});
    expect(free).toBeGreaterThan(0.6);
    expect(await swingOf({ damping: 30 })).toBeLessThan(free / 2);
    expect(await swingOf({ friction: 60 })).toBeLessThan(0.01);
  });
});

describe('a slider', () => {
  const drawer = (rest: object = {}): PropInput =>
    crateAt(12.5, 4.52, 16.5, { joint: { slider: { axis: [1, 0, 0], limitsMetres: [-0.5, 2], ...rest } } });

  it('moves along its axis up to its limit, and neither aside nor around', async () => {
    const engine = await play([drawer()], [walkerAt(10.5, 16.2)]);
    for (let t = 0; t < 80; t++) {
      stepAll(engine, 1, true);
      const { x, y, z } = poseOf(engine);
      expect(Math.abs(z - 16.5)).toBeLessThan(0.01);
      expect(Math.abs(y - 4.52)).toBeLessThan(0.01);
      expect(Math.abs(angleOf(engine))).toBeLessThan(0.5);
      expect(x).toBeLessThan(14.5 + 0.03);
    }
    expect(poseOf(engine).x).toBeGreaterThan(14.4);
  });

  it('does not yield to a push across its axis', async () => {
    const engine = await play([drawer({ axis: [0, 0, 1] })], [walkerAt(10.5, 16.5)]);
    stepAll(engine, 60, true);
    expect(Math.abs(poseOf(engine).x - 12.5)).toBeLessThan(0.02);
    expect(engine.state.posX[0] * METRES).toBeLessThan(11.72);
  });
});

describe('a joint between two props', () => {
  const chest: PropInput[] = [
    crateAt(14.5, 4.5, 16.5, { id: 'chest', massKg: 60 }),
    {
      id: 'arm',
      shape: { plank: { length: 1.5, width: 0.5 } },
      massKg: 6,
      joint: { hinge: { to: 'chest', anchor: [-0.75, 0, 0], axis: [0, 0, 1], limitsDeg: [-60, 60] } },
      spawn: { atMetres: [15.75, 5.2, 16.5] },
    },
  ];

  it('holds one at the other: the arm sinks to its limit, and both are pushed together', async () => {
    const engine = await play(chest, [walkerAt(12, 16.5)]);
    stepAll(engine, 60);
    const arm = () => poseOf(engine, 1);
    expect(arm().y).toBeLessThan(5);
    expect(arm().y).toBeGreaterThan(4.4);
    const gap = arm().x - poseOf(engine).x;
    stepAll(engine, 40, true);
    expect(poseOf(engine).x).toBeGreaterThan(14.7);
    expect(Math.abs(arm().x - poseOf(engine).x - gap)).toBeLessThan(0.1);
  });

  it('goes on from a snapshot as the straight run does, and so do doors and drawers', async () => {
    const props = [...chest, DOOR, crateAt(12.5, 4.52, 20.5, { joint: { slider: { limitsMetres: [-1, 1], damping: 5 } } })];
    const agents = [walkerAt(10.5, 16.9), walkerAt(10.5, 20.5, -90, 'bob')];
    const engine = await play(props, agents);
    const other = await play(props, agents);
    walkHashes(engine, 40);
    const snapshot = engine.snapshot(0);
    const straight = walkHashes(engine, 120);
    other.restore(0, snapshot);
    expect(hashWorld(other.state, 0)).not.toBe(straight[0]);
    expect(walkHashes(other, 120)).toEqual(straight);
  });
});

describe('a container', () => {
  const tub: PropInput = { id: 'tub', shape: { container: { size: [2, 1, 2], wall: 0.1 } }, massKg: 200, spawn: { at: [16, 4, 16] } };

  it('takes what falls into it and keeps it when it is pushed', async () => {
    const engine = await play(
      [tub, { id: 'ball', shape: { ball: 0.3 }, massKg: 2, spawn: { atMetres: [16.2, 7, 16.5] } }],
      [walkerAt(13, 16.5)],
      {
        task: { all: [{ inside: { prop: 'ball', container: 'tub' } }, { elapsed: { ticks: 4000 } }] },
      },
    );
    stepAll(engine, 40);
    expect(Math.abs(poseOf(engine, 1).y - 4.4)).toBeLessThan(0.02);
    expect(engine.outputs.rootProgress[0]).toBeGreaterThan(8191);
    stepAll(engine, 60, true);
    expect(poseOf(engine).x).toBeGreaterThan(17);
    expect(Math.abs(poseOf(engine, 1).x - poseOf(engine).x)).toBeLessThan(0.75);
    expect(engine.outputs.rootProgress[0]).toBeGreaterThan(8191);
  });

  it('is entered by a walker from above, who then stands on its floor between its walls', async () => {
    const fixed = { ...tub, massKg: 2000 };
    const engine = await play([fixed], [{ id: 'ada', body: 'walker', spawn: { atMetres: [16.5, 5.5, 16.5], yawDeg: -90 } }]);
    stepAll(engine, 30);
    expect(Math.abs(engine.state.posY[0] * METRES - 4.1)).toBeLessThan(0.02);
    stepAll(engine, 20, true);
    expect(engine.state.posX[0] * METRES).toBeLessThan(17.2 + poseOf(engine).x - 16.5);
  });
});
