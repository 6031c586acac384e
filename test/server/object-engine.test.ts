/** The object version that the benchmark compares with plays the same rules: its walkers go where the engine's go, and as much happens. */
import { compileScenario } from '@kinovox/env';
import { createCpuEngine } from '@kinovox/physics';
import { ACTION_FIELDS, fromAngle, fromQ16, parseScenario } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { createActivityMeter, objectActivity } from '../../packages/server/src/bench/activity-meter.js';
import { benchScenario } from '../../packages/server/src/bench/bench-scenario.js';
import { ObjectBatch, ObjectWorld } from '../../packages/server/src/bench/object-engine.js';
import { Vec3 } from '../../packages/server/src/bench/object-shapes.js';
import { randomActionRing } from '../../packages/server/src/bench/random-actions.js';

const compiled = compileScenario(parseScenario(benchScenario(2), 'bench-hills-v1'));
const { program } = compiled;
const GOAL = { min: new Vec3(28, 3, 12), max: new Vec3(31, 15, 20) };
const WORLDS = 40;
const TICKS = 100;

/** Largest distance in blocks between the two versions of each world after `TICKS` ticks, ascending. */
function finalDistances(change?: (actions: Float32Array) => void): number[] {
  const engine = createCpuEngine({ program, variants: compiled.variantSource('train'), numWorlds: WORLDS, seed: 1 });
  const { state } = engine;
  const ring = randomActionRing(WORLDS * 2, 64, 7);
  const worlds = Array.from({ length: WORLDS }, (_, w) => {
    const world = new ObjectWorld(program, compiled.variantSource('train'), GOAL, state.variant[w]);
    for (const player of world.players) {
      const i = 2 * w + player.slot;
      player.position = new Vec3(fromQ16(state.posX[i]), fromQ16(state.posY[i]), fromQ16(state.posZ[i]));
      player.yaw = fromAngle(state.yaw[i]);
    }
    return world;
  });
  for (let tick = 0; tick < TICKS; tick++) {
    const actions = ring[tick & 63];
    engine.decode(actions);
    engine.step();
    const own = actions.slice();
    change?.(own);
    for (const [w, world] of worlds.entries()) world.step(world.keysOf(own, w));
  }
  return worlds
    .map((world, w) =>
      Math.max(
        ...world.players.map(({ position, slot }) => {
          const i = 2 * w + slot;
          return position.minus(new Vec3(fromQ16(state.posX[i]), fromQ16(state.posY[i]), fromQ16(state.posZ[i]))).norm();
        }),
      ),
    )
    .sort((a, b) => a - b);
}

describe('the object version of the benchmark', () => {
  it(`keeps most worlds within a hundredth of a block of the engine's over ${TICKS} ticks of running, jumping, digging and placing`, () => {
    const distances = finalDistances();
    expect(distances[WORLDS / 2]).toBeLessThan(0.01);
    expect(distances[Math.floor(0.75 * WORLDS)]).toBeLessThan(0.02);
  });

  it('leaves the engine when it may not sprint', () => {
    const walked = finalDistances((actions) => {
      for (let at = 3; at < actions.length; at += ACTION_FIELDS) actions[at] = 0;
    });
    expect(walked[WORLDS / 2]).toBeGreaterThan(0.2);
  });

  it('is as busy as the engine: moves, edits, resets', () => {
    const variants = compiled.variantSource('train');
    const numWorlds = 128;
    const ticks = 2 * program.maxTicks;
    const ring = randomActionRing(numWorlds * 2, 64, 7);
    const engine = createCpuEngine({ program, variants, numWorlds, seed: 1, observe: false });
    const meter = createActivityMeter(engine);
    for (let tick = 0; tick < ticks; tick++) {
      meter.before();
      engine.decode(ring[tick & 63]);
      engine.step();
      meter.after();
    }
    const batch = new ObjectBatch(program, variants, GOAL, numWorlds);
    let tick = 0;
    const own = objectActivity(batch, () => batch.step(ring[tick++ & 63]), ticks);
    const wanted = meter.activity();
    for (const name of ['movingShare', 'collisionsPer1000', 'editsPer1000', 'resetsPer1000'] as const) {
      expect(wanted[name], name).toBeGreaterThan(0);
      expect(own[name] / wanted[name], name).toBeGreaterThan(0.67);
      expect(own[name] / wanted[name], name).toBeLessThan(1.5);
    }
  });
});
