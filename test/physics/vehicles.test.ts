/** Vehicles move as textbooks say, push and are pushed, and say what they touch. Tolerances are stated where they are asked for. */
import { createImages, createRayCamera, type Engine, FIRST_BODY_ID, PROP_GRAVITY, renderAgentInto } from '@kinovox/physics';
import { AGENT_FLAG, EVENT, EVENT_WORDS, PROP_WORDS, VEHICLE_WORD } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { cpuEngine, crateAt, EAST_DEG, rigidEngine, walkerAt } from './rigid-worlds.js';
import { type BodyInput, CAR, COPTER, drive, driver, FULL, field, LEFT, motionOf, ROVER, wordsOf } from './vehicle-worlds.js';

async function run<T>(scenario: Parameters<typeof rigidEngine>[0], play: (engine: Engine) => T): Promise<T> {
  const engine = await rigidEngine(scenario);
  try {
    return play(engine);
  } finally {
    engine.dispose();
  }
}

function near(value: number, expected: number, tolerance: number): void {
  expect(value).toBeGreaterThan(expected - tolerance);
  expect(value).toBeLessThan(expected + tolerance);
}

/** Touches of the last tick, as pairs of slots. */
function touches({ buffers }: Engine): string[] {
  const found = [];
  for (let k = 0; k < buffers.eventCount[0]; k++) {
    const [kind, agent, other] = buffers.events.subarray(k * EVENT_WORDS, k * EVENT_WORDS + 3);
    if (kind === EVENT.touched) found.push(`${agent}-${other}`);
  }
  return found;
}

describe('a car', () => {
  it('stands at rest on its springs at the height that their rate gives', async () => {
    await run(field([driver(CAR)]), (engine) => {
      drive(engine, 60);
      const { y, vy, speed } = motionOf(engine);
      // Radius, and the suspension less what a quarter of the weight presses it together: g / (4 k). Within 2 mm: what f32 and the words round.
      near(y - 4, 0.3 + 0.25 - PROP_GRAVITY / (4 * 30), 0.002);
      expect(Math.abs(vy) + speed).toBeLessThan(0.005);
      expect(wordsOf(engine)[VEHICLE_WORD.contacts]).toBe(15);
      expect(engine.state.flags[0] & AGENT_FLAG.onGround).toBe(AGENT_FLAG.onGround);
    });
  });

  it.each([0.3, 0.8])('brakes over v^2 / (2 mu g) with tyres of grip %f', async (grip) => {
    const body = { ...(CAR as object), grip, brakeForce: 100000 } as BodyInput;
    await run(field([driver(body, [32, 4, 60])]), (engine) => {
      drive(engine, 110, { forward: FULL });
      const { z, speed } = motionOf(engine);
      expect(speed).toBeGreaterThan(5);
      drive(engine, 120, { sneak: 1 });
      const after = motionOf(engine);
      expect(after.speed).toBeLessThan(0.01);
      // Within 5 %: the brakes bite from the next tick on, and the wheels' loads shift while the nose dips.
      near((z - after.z) / (speed ** 2 / (2 * grip * PROP_GRAVITY)), 1, 0.05);
    });
  });

  it('accelerates by force over mass up to its top speed, and reverses at half of it', async () => {
    await run(field([driver(CAR, [32, 4, 60])]), (engine) => {
      drive(engine, 20);
      drive(engine, 20, { forward: FULL });
      // 1600 N on 400 kg for one second: 4 m/s, within 2 %.
      near(motionOf(engine).speed / 4, 1, 0.02);
      drive(engine, 70, { forward: FULL });
      expect(motionOf(engine).speed).toBeLessThan(10.01);
      expect(motionOf(engine).speed).toBeGreaterThan(9.8);
    });
    await run(field([driver(CAR, [32, 4, 30])]), (engine) => {
      drive(engine, 80, { forward: -FULL });
      expect(motionOf(engine).vz).toBeGreaterThan(4.8);
      expect(motionOf(engine).vz).toBeLessThan(5.01);
    });
  });

  it('turns on the circle of its steering angle at walking pace', async () => {
    await run(field([driver(CAR, [32, 4, 32])]), (engine) => {
      drive(engine, 60, { forward: 600, turn: LEFT });
      const before = motionOf(engine);
      drive(engine, 20, { forward: 0, turn: LEFT });
      const after = motionOf(engine);
      const turned = after.yaw - before.yaw;
      const way = Math.hypot(after.x - before.x, after.z - before.z);
      expect(turned).toBeGreaterThan(0);
      // Circle of the middle of the car: wheelbase / tan(32 deg) at the rear axle, half the wheelbase before it. Tyres slip: a tenth wider, at most 0.15.
      const radius = Math.hypot(1.5 / Math.tan((32 * Math.PI) / 180), 0.75);
      near(way / (2 * Math.sin(turned / 2)) / radius, 1.07, 0.08);
    });
  });

  it('lies as it falls when it is turned over, and its wheels do nothing', async () => {
    const ledge: Parameters<typeof field>[1] = {
      world: {
        size: [64, 16, 64],
        terrain: { generator: 'flat', ground: 4 },
        edits: [{ fill: 'stone', from: [28, 4, 20], to: [31, 9, 40] }],
      },
    };
    await run(field([driver(CAR, [30.5, 10, 30], EAST_DEG)], ledge), (engine) => {
      drive(engine, 100, { forward: FULL });
      const { y } = motionOf(engine);
      expect(y).toBeLessThan(5.5);
      const pose = engine.state.prop.subarray(0, PROP_WORDS);
      // Upright part of the car's own upright: 1 - 2 (qx^2 + qz^2).
      const up = 1 - 2 * ((pose[3] / 16384) ** 2 + (pose[5] / 16384) ** 2);
      if (up < 0) expect(wordsOf(engine)[VEHICLE_WORD.contacts]).toBe(0);
      expect(Number.isInteger(engine.state.yaw[0])).toBe(true);
    });
  });
});

describe('a rover', () => {
  it('drives the circle of its two wheel speeds', async () => {
    await run(field([driver(ROVER, [32, 4, 32])]), (engine) => {
      // Half of 2.5 m/s ahead, half of 120 degrees/s to the left.
      const stick = { forward: FULL / 2, turn: Math.round(LEFT / 2) };
      drive(engine, 40, stick);
      const before = motionOf(engine);
      drive(engine, 10, stick);
      const after = motionOf(engine);
      const turned = after.yaw - before.yaw;
      const way = Math.hypot(after.x - before.x, after.z - before.z);
      // R = track / 2 * (right + left) / (right - left) = v / omega, within 2 %; omega within 3 %: the motors hold speeds against scrub.
      near(way / (2 * Math.sin(turned / 2)) / (1.25 / (Math.PI / 3)), 1, 0.02);
      near(turned / 0.5 / (Math.PI / 3), 1, 0.03);
    });
  });

  it('turns on the spot, and stops when its motors hold', async () => {
    await run(field([driver(ROVER, [32.5, 4, 32.5])]), (engine) => {
      drive(engine, 40, { turn: LEFT });
      const { x, z } = motionOf(engine);
      expect(Math.hypot(x - 32.5, z - 32.5)).toBeLessThan(0.05);
      drive(engine, 40);
      const { yaw } = motionOf(engine);
      drive(engine, 20);
      expect(Math.abs(motionOf(engine).yaw - yaw)).toBeLessThan(0.001);
    });
  });

  it('climbs no block', async () => {
    const wall: Parameters<typeof field>[1] = {
      world: {
        size: [64, 16, 64],
        terrain: { generator: 'flat', ground: 4 },
        edits: [{ fill: 'stone', from: [0, 4, 20], to: [63, 4, 20] }],
      },
    };
    await run(field([driver(ROVER, [32, 4, 24])], wall), (engine) => {
      drive(engine, 100, { forward: FULL });
      expect(motionOf(engine).z).toBeGreaterThan(21);
      expect(motionOf(engine).y).toBeLessThan(5);
    });
  });
});

describe('a quadcopter', () => {
  it('keeps its height on thrust that equals its weight, and falls as a stone once its motors stop', async () => {
    const rate = { ...(COPTER as object), assist: 'rate', drag: 0 } as BodyInput;
    await run(field([driver(rate, [32, 10, 32])]), (engine) => {
      const { y } = motionOf(engine);
      drive(engine, 200);
      // The words hold thrust to 1 / 65536 of the motors' largest: over 10 s that is at most 1/2 (4 * 7.5 / 65536 / 1.5 / 2) 100 = 8 mm.
      expect(Math.abs(motionOf(engine).y - y)).toBeLessThan(0.01);
      drive(engine, 20, { sneak: 1 });
      // Thrust dies with a lag of 0.04 s, then free fall: g (1 - lag) after a second, within 3 %.
      near(motionOf(engine).vy / (-PROP_GRAVITY * 0.96), 1, 0.03);
    });
  });

  it('climbs by what its largest thrust leaves over its weight', async () => {
    const rate = { ...(COPTER as object), assist: 'rate', drag: 0, motorLag: 0 } as BodyInput;
    await run(field([driver(rate, [32, 6, 32])]), (engine) => {
      drive(engine, 10, { jump: 1 });
      // (4 * 7.5 N) / 1.5 kg - g for half a second, within 1 %.
      near(motionOf(engine).vy / ((20 - PROP_GRAVITY) / 2), 1, 0.01);
    });
  });

  it('levels, holds its height and stands in the air without a hand on the stick', async () => {
    await run(field([driver(COPTER, [32, 4, 32])]), (engine) => {
      drive(engine, 40, { jump: 1 });
      drive(engine, 30, { forward: FULL, strafe: -2048 });
      expect(motionOf(engine).vz).toBeLessThan(-3);
      expect(motionOf(engine).vx).toBeLessThan(-1);
      drive(engine, 60);
      const { y } = motionOf(engine);
      near(engine.state.pitch[0] / 2 ** 32, 0, 0.001);
      drive(engine, 40);
      near(motionOf(engine).y, y, 0.05);
    });
  });

  it('turns by yaw alone without losing height', async () => {
    await run(field([driver(COPTER, [32, 9, 32])]), (engine) => {
      drive(engine, 20);
      const before = motionOf(engine);
      drive(engine, 20, { turn: LEFT });
      const after = motionOf(engine);
      // 120 degrees/s, less the time to get there: between 90 and 120 degrees in a second.
      expect(((after.yaw - before.yaw) * 180) / Math.PI).toBeGreaterThan(85);
      expect(((after.yaw - before.yaw) * 180) / Math.PI).toBeLessThan(121);
      near(after.y, before.y, 0.05);
    });
  });
});

describe('vehicles among others', () => {
  it('push crates and each other, and tell whom they touch once', async () => {
    const crowd = field([driver(CAR, [32, 4, 50]), driver(ROVER, [32, 4, 44], 0, 'bob')], {
      props: [crateAt(32, 4.5, 40)],
    });
    await run(crowd, (engine) => {
      const seen: string[] = [];
      for (let k = 0; k < 60; k++) {
        // The rover stands; only the first slot drives.
        engine.buffers.actionWords.fill(0);
        engine.buffers.actionWords[0] = FULL;
        engine.step();
        seen.push(...touches(engine));
      }
      expect(seen).toContain('0-1');
      expect(seen).toContain('1-0');
      expect(motionOf(engine, 1).z).toBeLessThan(42);
      expect(engine.state.prop[2] / 65536).toBeLessThan(39.5);
    });
  });

  it('are seen as their chassis, and as no walker', async () => {
    await run(field([walkerAt(30, 32), walkerAt(34, 34, 0, 'bob'), driver(ROVER, [34, 4, 32], 0, 'rover')]), (engine) => {
      drive(engine, 5);
      const camera = createRayCamera(engine.program, engine.state, { width: 60, height: 60, fovDeg: 90, farM: 48, channels: ['body'] });
      const out = createImages(['body'], camera.size);
      renderAgentInto(camera, out, 0, 0, 0);
      const seen = new Set(out.body);
      expect([seen.has(FIRST_BODY_ID.prop), seen.has(FIRST_BODY_ID.agent + 1), seen.has(FIRST_BODY_ID.agent + 2)]).toEqual([
        true,
        true,
        false,
      ]);
    });
  });

  it('stop walkers, are pushed by them, and run into them', async () => {
    await run(field([walkerAt(30, 32), driver(ROVER, [32, 4, 32], 0, 'rover')]), (engine) => {
      const seen: string[] = [];
      for (let k = 0; k < 40; k++) {
        engine.buffers.actionWords.fill(0);
        engine.buffers.actionWords[0] = FULL;
        engine.step();
        seen.push(...touches(engine));
      }
      expect(seen).toContain('0-1');
      expect(motionOf(engine, 1).x).toBeGreaterThan(32.05);
      expect(motionOf(engine, 0).x).toBeLessThan(motionOf(engine, 1).x - 0.3);
    });
    await run(field([walkerAt(32, 40), driver(CAR, [32, 4, 46], 0, 'car')]), (engine) => {
      const seen: string[] = [];
      for (let k = 0; k < 60; k++) {
        engine.buffers.actionWords.fill(0);
        engine.buffers.actionWords[engine.buffers.actionWords.length / 2] = FULL;
        engine.step();
        seen.push(...touches(engine));
      }
      expect(seen).toContain('0-1');
      expect(motionOf(engine, 0).z).toBeLessThan(39.9);
    });
  });

  it('stay where they are when their agent has left', async () => {
    await run(field([driver(CAR, [32, 4, 50]), walkerAt(10, 10, 0, 'bob')]), (engine) => {
      drive(engine, 30, { forward: FULL });
      expect(motionOf(engine).speed).toBeGreaterThan(3);
      engine.state.flags[0] &= ~AGENT_FLAG.alive;
      drive(engine, 60, { forward: FULL });
      expect(motionOf(engine).speed).toBeLessThan(0.01);
    });
  });

  it('are refused at given places that overlap, as they are turned', async () => {
    const beside = (x: number, yawDeg: number) => field([driver(CAR), driver(CAR, [x, 4, 16], yawDeg, 'bob')]);
    // 1.2 m wide, 2.2 m long: centres are apart by 1.2 m side by side, by 1.7 m when one is turned.
    await expect(rigidEngine(beside(17.1, 0))).rejects.toThrow(
      /agents\[1\]\.spawn must keep "bob" out of other agents; got the place of "ada"/,
    );
    await expect(rigidEngine(beside(17.5, 90))).rejects.toThrow(/the place of "ada"/);
    (await rigidEngine(beside(17.5, 0))).dispose();
    await expect(rigidEngine(field([driver(CAR), walkerAt(16.8, 16, 0, 'bob')]))).rejects.toThrow(/must keep "bob" out of other agents/);
    (await rigidEngine(field([driver(CAR), walkerAt(17, 16, 0, 'bob')]))).dispose();
    const box = (z: number) => field([driver(CAR)], { props: [crateAt(16, 4.5, z)] });
    await expect(rigidEngine(box(17.5))).rejects.toThrow(/props\[0\]\.spawn must keep "crate" out of agents/);
    (await rigidEngine(box(17.7))).dispose();
  });

  it('are not drawn into a prop that is given its place, nor into a region that holds too few', async () => {
    const region = [
      [12, 4, 12],
      [18, 4, 18],
    ] as never;
    const fleet = (count: number) => [{ id: 'ada', body: CAR, count, spawn: { region } }];
    const engine = await rigidEngine(field(fleet(1), { props: [crateAt(0, 0, 0, { spawn: { at: [15, 4, 15] } })] }), 32);
    for (let w = 0; w < 32; w++) {
      const { x, z } = motionOf(engine, w);
      expect(Math.max(Math.abs(x - 15.5) / 1.1, Math.abs(z - 15.5) / 1.6)).toBeGreaterThanOrEqual(1);
    }
    engine.dispose();
    await expect(rigidEngine(field(fleet(20)))).rejects.toThrow(
      /agents\[\d+\]\.spawn\.region must have a place for "ada-\d+" in every draw/,
    );
  });

  it('are refused on the batch tier', () => {
    expect(() => cpuEngine(field([driver(CAR)]))).toThrow(/rigid/);
  });
});
